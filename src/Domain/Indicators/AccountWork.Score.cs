namespace ExposureMonitor.Domain;

/// <summary>EW-14: the score or the grade fell (credit.md 19.2). A person's grade counts instead of the computed one until it is stale.</summary>
internal sealed partial class AccountWork
{
    private static readonly Ladder ScoreSteps = Ladder.Levels(Severity.Medium, Severity.High);

    private void JudgeScore()
    {
        var habits = book.HabitsOf(Slot);
        if (habits?.Scores is null && book.RareOf(Slot) is not { Grade.Length: > 0 }) return;
        var scores = (habits ?? book.HabitsFor(Slot)).Scores ??= new ScoreHabit();
        var grade = GradeOf();
        // A person tells a grade and no score.
        if (grade.Length > 0) scores.See(Context.Today, ScoreHabit.None, CreditGrades.RankOf(grade));
        else scores.See(Context.Today, scores.Computed, CreditGrades.RankOf(scores.ComputedGrade));

        var days = Policy.Int(Parameter.Signal14Days);
        var (now, best) = (scores.Now, scores.BestFrom(Context.Today - days));
        scores.CutBefore(Context.Today - days);
        var isLow = now.Score != ScoreHabit.None ? now.Score < Policy[Parameter.Signal14Critical] : now.Rank != 0 && CreditGrades.EndOf(now.Rank) <= Policy[Parameter.Signal14Critical];
        if (scores.IsLow && !isLow) scores.RoseOn = Context.Today;
        scores.IsLow = isLow;
        var (fell, notches) = (now.Score == ScoreHabit.None ? 0 : best.Score - now.Score, now.Rank == 0 ? 0 : best.Rank - now.Rank);
        var step = isLow ? 2 : fell >= Policy[Parameter.Signal14Fall] || notches >= Policy[Parameter.Signal14Notches] ? 1 : 0;

        // It stays for so many days without a fall, and as high as it is for so many above the critical score.
        var standing = StepOf("EW-14", "");
        if (standing == 2 && step < 2 && Context.Today - scores.RoseOn < days) step = 2;
        else if (standing >= 1 && step == 0 && Context.Today - scores.FellOn < days) step = 1;
        if (step == 0 && StateOf("EW-14", "") is null) return;
        if (scores.FellOn != 0) WakeAhead(scores.FellOn + days);
        if (scores.RoseOn != 0) WakeAhead(scores.RoseOn + days);
        var measure = isLow ? new Measure(now.Score != ScoreHabit.None ? now.Score : CreditGrades.EndOf(now.Rank), Policy[Parameter.Signal14Critical])
            : fell >= Policy[Parameter.Signal14Fall] ? new Measure(fell, Policy[Parameter.Signal14Fall])
            : new Measure(notches, Policy[Parameter.Signal14Notches]);
        Tell("EW-14", "", ScoreSteps, step, measure, "no further fall of score or grade, and a score above the critical one");
    }
}

/// <summary>Ranks of our own grades: 5 is A, 1 is E; 0 what is none of them and cannot be compared.</summary>
internal static class CreditGrades
{
    internal static byte RankOf(string grade)
    {
        for (var i = 0; i < CreditGrade.All.Count; i++)
            if (CreditGrade.All[i].Name == grade) return (byte)(CreditGrade.All.Count - i);
        return 0;
    }

    /// <summary>The score from which the next better grade is reached, hundredths of a point.</summary>
    internal static int EndOf(byte rank) => rank >= CreditGrade.All.Count ? 10_000 : CreditGrade.All[CreditGrade.All.Count - rank - 1].From;
}

/// <summary>Computed scores of accounts.</summary>
public sealed partial class Book
{
    /// <summary>The rank of the grade that serves, as far as it is kept; see <see cref="AccountFigures.Grade"/>.</summary>
    private byte GradeRankOf(int slot) => CreditGrades.RankOf(GradeOf(slot, Today)) is > 0 and var told ? told : CreditGrades.RankOf(HabitsOf(slot)?.Scores?.ComputedGrade ?? "");

    /// <summary>
    /// Keeps the computed score of a customer: once a day, before the signals of that day are judged. Its grade falls at once and
    /// rises by one a day. EW-14 follows it; without it, the grades of persons alone.
    /// </summary>
    /// <param name="slot">The account.</param>
    /// <param name="hundredths">0 to 10,000 hundredths of a point.</param>
    internal void KeepScore(int slot, int hundredths)
    {
        TakeScore(slot, hundredths, confidenceBp: 10_000);
        Wake(slot, Today);
    }
}
