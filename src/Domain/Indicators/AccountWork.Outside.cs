namespace ExposureMonitor.Domain;

/// <summary>What others say of the customer: EW-15 ratings, EW-16 filed statements, EW-22 statements of account, EW-42 news.</summary>
internal sealed partial class AccountWork
{
    private static readonly Ladder RatingSteps = Ladder.Levels(Severity.Medium), AltmanSteps = Ladder.Levels(Severity.Medium, Severity.High),
        StatementSteps = Ladder.Levels(Severity.Low, Severity.Medium), NewsSteps = Ladder.Levels(Severity.Medium, Severity.High, Severity.Critical);

    private OutsideHabit OutsideFor() => book.HabitsFor(Slot).Outside ??= new OutsideHabit();

    private void JudgeOutside(OutsideHabit outside)
    {
        foreach (var rating in outside.Ratings) JudgeRating(rating);
        if (outside.Filed.Count > 0) Tell("EW-16", "", AltmanSteps, AltmanStep(outside, Context.Today), MeasureOf(outside.Filed), "a statement in a better zone");
        if (outside.Statements.Count > 0) Tell("EW-22", "", StatementSteps, StatementStep(outside, Context.Today), MeasureOf(outside.Statements), "the customer agrees to a statement");
        for (var i = outside.News.Count - 1; i >= 0; i--) JudgeNews(outside, outside.News[i]);
    }

    private Outcome Rate(RatingReceived f)
    {
        var outside = OutsideFor();
        var known = outside.Ratings.Find(r => r.Agency == f.Agency);
        if (known is null) Few.Add(ref outside.Ratings, known = new RatingState { Agency = f.Agency });
        var rank = RatingRanks.Of(Policy, f.Value);
        if (f.RatedOn >= known.RatedOn)
        {
            if (f.RatedOn == known.RatedOn && known.Value == f.Value) return Outcome.Superseded;
            if (f.RatedOn > known.RatedOn) (known.BeforeRank, known.BeforeOn) = (known.Rank, known.RatedOn);
            (known.Rank, known.RatedOn, known.Value) = (rank, f.RatedOn, f.Value);
        }
        else if (f.RatedOn > known.BeforeOn)
        {
            (known.BeforeRank, known.BeforeOn) = (rank, f.RatedOn);
        }

        return Outcome.Applied;
    }

    /// <summary>EW-15: an agency rates lower than before, or has not rated for long.</summary>
    private void JudgeRating(RatingState rating)
    {
        var stale = Policy.Int(Parameter.Signal15StaleDays);
        var isDown = rating.Rank != 0 && rating.BeforeRank != 0 && rating.Rank < rating.BeforeRank;
        var age = Context.Today - rating.RatedOn;
        Tell("EW-15", rating.Agency.Length > 64 ? rating.Agency[..64] : rating.Agency, RatingSteps, isDown || age > stale ? 1 : 0,
            isDown ? new Measure(rating.Rank, rating.BeforeRank) : new Measure(age, stale), "a new rating that is not lower");
        WakeAhead(rating.RatedOn + stale + 1);
    }

    private Outcome File(FinancialStatementFiled f)
    {
        var outside = OutsideFor();
        var score = AltmanScore.Of(f, Context.Policy.IsEmerging(book.Names.Get(Account.Country)));
        var filed = new FiledState
        {
            PeriodEnd = f.PeriodEnd, FiledOn = f.Time.UtcDate.DayNumber, FiledAt = f.Time, Z = score.Thousandths, Model = score.Model, Zone = score.Zone,
            NetAssets = f.BookEquity, Currency = f.Currency, TotalAssets = f.TotalAssets, CurrentAssets = f.CurrentAssets, Inventory = f.Inventory, CurrentLiabilities = f.CurrentLiabilities,
            TotalLiabilities = f.TotalLiabilities, NetIncome = f.NetIncome, Sales = f.Sales,
        };
        var known = outside.Filed.Find(s => s.PeriodEnd == f.PeriodEnd);
        if (known is not null && known.FiledAt >= f.Time) return Outcome.Superseded;
        var list = new List<FiledState>(outside.Filed) { filed };
        if (known is not null) list.Remove(known);
        list.Sort(static (a, b) => a.PeriodEnd.CompareTo(b.PeriodEnd));
        outside.Filed = Few<FiledState>.None;
        for (var i = Math.Max(0, list.Count - 4); i < list.Count; i++) Few.Add(ref outside.Filed, list[i]);
        return Outcome.Applied;
    }

    /// <summary>EW-16: 2 when a statement is the first in distress, 1 when it left the safe zone or Z fell by more than the policy allows in a year.</summary>
    private int AltmanStep(OutsideHabit outside, int day)
    {
        var fall = Policy[Parameter.Signal16Fall];
        FiledState? before = null, last = null;
        foreach (var filed in outside.Filed)
            if (filed.FiledOn <= day && filed.Model != AltmanModel.None) (before, last) = (last, filed);
        if (before is null || last is null) return 0;
        if (last.Zone == AltmanZone.Distress && before.Zone != AltmanZone.Distress) return 2;
        var isFall = last.Model == before.Model && before.Z - last.Z > fall && last.PeriodEnd - before.PeriodEnd <= 366;
        // A company in distress that stays there stays told.
        if (last.Zone == AltmanZone.Distress) return StepBefore(outside, last, day) is 2 ? 2 : isFall ? 1 : 0;
        return last.Zone < before.Zone || isFall ? 1 : 0;
    }

    /// <summary>2 while the last statements are an unbroken run in distress that a better one went before.</summary>
    private static int StepBefore(OutsideHabit outside, FiledState last, int day)
    {
        for (var i = outside.Filed.Count - 1; i >= 0; i--)
        {
            var filed = outside.Filed[i];
            if (filed.FiledOn > day || filed.Model == AltmanModel.None || filed == last) continue;
            if (filed.Zone != AltmanZone.Distress) return 2;
        }

        return 0;
    }

    private static Measure MeasureOf(Few<FiledState> filed) => new(filed[^1].Z, filed.Count > 1 ? filed[^2].Z : 0, filed.Count);

    private Outcome SendStatement(StatementSent f)
    {
        var outcome = Record(f);
        if (outcome.Kind != OutcomeKind.Applied) return outcome;
        var state = StatementFor(f.StatementId);
        (state.SentOn, state.Closing) = (f.Time.UtcDate.DayNumber, f.Closing);
        SortStatements(OutsideFor());
        return outcome;
    }

    private Outcome AnswerStatement(StatementAnswered f)
    {
        var state = StatementFor(f.StatementId);
        var on = f.Time.UtcDate.DayNumber;
        if (on < state.AnsweredOn) return Outcome.Superseded;
        Int128 sum = 0;
        foreach (var difference in f.Differences) sum += Int128.Abs((Int128)difference.Ours - difference.Theirs);
        (state.AnsweredOn, state.Differences, state.Agreed) = (on, Rounding.Pin(sum), f.Answer == StatementAnswer.Agreed);
        SortStatements(OutsideFor());
        return Outcome.Applied;
    }

    private StatementState StatementFor(string id)
    {
        var outside = OutsideFor();
        var known = outside.Statements.Find(s => s.Id == id);
        if (known is null) Few.Add(ref outside.Statements, known = new StatementState { Id = id });
        return known;
    }

    private static void SortStatements(OutsideHabit outside)
    {
        var list = new List<StatementState>(outside.Statements);
        list.Sort(static (a, b) => a.SentOn != b.SentOn ? a.SentOn.CompareTo(b.SentOn) : string.CompareOrdinal(a.Id, b.Id));
        outside.Statements = Few<StatementState>.None;
        for (var i = Math.Max(0, list.Count - 4); i < list.Count; i++) Few.Add(ref outside.Statements, list[i]);
    }

    /// <summary>EW-22: 2 when the last answer differs by more than the policy allows, 1 when two statements in a row have no answer a cycle later.</summary>
    private int StatementStep(OutsideHabit outside, int day)
    {
        StatementState? before = null, last = null, answered = null;
        foreach (var statement in outside.Statements)
        {
            if (statement.SentOn == 0 || statement.SentOn > day) continue;
            (before, last) = (last, statement);
            if (statement.AnsweredOn != 0 && statement.AnsweredOn <= day) answered = statement;
        }

        if (answered is { Agreed: false } && (Int128)answered.Differences * 10_000 > (Int128)answered.Closing * Policy[Parameter.Signal22DifferenceBp]) return 2;
        if (before is null || last is null || IsAnswered(before) || IsAnswered(last)) return 0;
        var silentOn = last.SentOn + Math.Max(1, last.SentOn - before.SentOn);
        WakeAhead(silentOn);
        return day >= silentOn ? 1 : 0;

        bool IsAnswered(StatementState statement) => statement.AnsweredOn != 0 && statement.AnsweredOn <= day;
    }

    private static Measure MeasureOf(Few<StatementState> statements) => new(statements[^1].Differences, statements[^1].Closing, statements.Count);

    private Outcome HearNews(ExternalSignalReceived f)
    {
        var outcome = Record(f);
        if (outcome.Kind != OutcomeKind.Applied) return outcome;
        if (f.Kind == ExternalSignalKind.TermsRequest) AskForTime(f.HappenedOn);
        if (f.Kind is ExternalSignalKind.None or ExternalSignalKind.Press or ExternalSignalKind.TermsRequest) return outcome;
        var outside = OutsideFor();
        Few.Add(ref outside.News, new NewsState
        {
            Id = f.SignalId, Kind = f.Kind, Severity = f.Severity, HappenedOn = f.HappenedOn, Amount = f.Amount, Currency = f.Currency,
        });
        return outcome;
    }

    private void JudgeNews(OutsideHabit outside, NewsState news)
    {
        if (news.Kind == ExternalSignalKind.InsurerCut) return;
        Tell("EW-42", news.Id, NewsSteps, news.Closed ? 0 : NewsStep(outside, news, Context.Today), new Measure(news.Amount, 0), "a person closes the signal");
        if (!news.Closed) return;
        var state = StateOf("EW-42", news.Id);
        if (state is { Firing: true } or { Flapping: true }) return;
        outside.News.Remove(news);
    }

    /// <summary>EW-42: insolvency is critical; a lawsuit counts above a share of the net assets, as far as a statement tells them.</summary>
    private int NewsStep(OutsideHabit outside, NewsState news, int day)
    {
        if (news.HappenedOn > day) return 0;
        if (news.Kind == ExternalSignalKind.Insolvency) return 3;
        if (news.Kind == ExternalSignalKind.Lawsuit && news.Amount > 0)
        {
            FiledState? last = null;
            foreach (var filed in outside.Filed)
                if (filed.FiledOn <= day) last = filed;
            var amount = last is null ? null : Context.Convert(news.Amount, news.Currency, last.Currency);
            if (last is not null && amount is { } here && here * 10_000 <= (Int128)Math.Max(0, last.NetAssets) * Policy[Parameter.Signal42LawsuitBp]) return 0;
        }

        return news.Severity switch
        {
            Severity.Critical => 3,
            Severity.High => 2,
            _ => 1,
        };
    }
}

/// <summary>Ranks of agencies' ratings, higher is better.</summary>
internal static class RatingRanks
{
    private static readonly string[] Letters =
        ["AAA", "AA+", "AA", "AA-", "A+", "A", "A-", "BBB+", "BBB", "BBB-", "BB+", "BB", "BB-", "B+", "B", "B-", "CCC+", "CCC", "CCC-", "CC", "C", "SD", "D"];

    private static readonly string[] Moodys =
        ["Aaa", "Aa1", "Aa2", "Aa3", "A1", "A2", "A3", "Baa1", "Baa2", "Baa3", "Ba1", "Ba2", "Ba3", "B1", "B2", "B3", "Caa1", "Caa2", "Caa3", "Ca", "C"];

    /// <summary>Rank on the letter scales, 100 for the best; 0 for a value of none of them.</summary>
    internal static int OfLetters(string value)
    {
        var at = Array.IndexOf(Letters, value);
        if (at < 0) at = Array.IndexOf(Moodys, value);
        return at < 0 ? 0 : 100 - at;
    }

    /// <summary>
    /// Rank of a value: the policy's own table first, then the two letter scales that most agencies use, then a whole number, of
    /// which the higher is taken as the better; 0 when it cannot be compared.
    /// </summary>
    internal static int Of(Policy policy, string value)
    {
        if (policy.RankOfRating(value) is { } told) return told;
        if (OfLetters(value) is > 0 and var rank) return rank;
        return int.TryParse(value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
