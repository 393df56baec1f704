namespace ExposureMonitor.Domain;

/// <summary>Why a customer is to be reviewed before the cycle of the grade is over (credit.md 14).</summary>
public enum ReviewCause : byte
{
    /// <summary>A signal of severity HIGH or above stands.</summary>
    Signal = 1,

    /// <summary>The limit was used above 90 % at each of the last fifteen day-ends.</summary>
    LimitUse,

    /// <summary>The grade is another than before.</summary>
    GradeChanged,

    /// <summary>The newest financial statement is of more than twelve months ago.</summary>
    StatementOld,

    /// <summary>The limit ends within thirty days.</summary>
    LimitEnds,

    /// <summary>A cover ends within thirty days.</summary>
    CoverEnds,
}

/// <summary>One cause.</summary>
/// <param name="About">The indicator with its subject, or the cover; "" where it speaks of the customer.</param>
/// <param name="On">Day number since when it is one.</param>
public sealed record ReviewReason(ReviewCause Cause, string About, int On);

/// <summary>When a customer is to be reviewed, and why. What a review has seen is no cause of the next one: causes count that came behind its day.</summary>
/// <param name="LastOn">Day of the last review; 0 before the first.</param>
/// <param name="ByCycle">The last review and the cycle of the grade; 0 without either.</param>
/// <param name="DueOn">The earlier of that and of the first cause; 0 while nothing asks for one.</param>
/// <param name="Reasons">The causes, the oldest first.</param>
public sealed record CreditReview(int LastOn, int ByCycle, int DueOn, IReadOnlyList<ReviewReason> Reasons)
{
    /// <summary>Days before the end of a limit or a cover.</summary>
    public const int EndsWithin = 30;

    /// <summary>Utilisation above which a limit is nearly used up, basis points.</summary>
    public const int UsedBp = 9_000;

    /// <summary>From the last review, the cycle of the grade (0 months without one) and all that may be a cause.</summary>
    public static CreditReview Of(int lastOn, int cycleMonths, IEnumerable<ReviewReason> causes)
    {
        ArgumentNullException.ThrowIfNull(causes);
        ReviewReason[] reasons = [.. causes.Where(c => c.On > lastOn).OrderBy(c => c.On).ThenBy(c => c.Cause).ThenBy(c => c.About, StringComparer.Ordinal)];
        var byCycle = lastOn == 0 || cycleMonths == 0 ? 0 : DateOnly.FromDayNumber(lastOn).AddMonths(cycleMonths).DayNumber;
        var due = reasons.Length == 0 ? byCycle : byCycle == 0 ? reasons[0].On : Math.Min(byCycle, reasons[0].On);
        return new CreditReview(lastOn, byCycle, due, reasons);
    }
}

/// <summary>What asks for a review of the account now.</summary>
internal sealed partial class AccountWork
{
    private List<ReviewReason> ReviewCauses(Habits? habits, int lastOn)
    {
        var causes = new List<ReviewReason>();
        var (rare, today) = (book.RareOf(Slot), Context.Today);
        foreach (var signal in rare?.Signals ?? Few<SignalState>.None)
            if (signal.Firing && signal.Severity >= Severity.High) causes.Add(new ReviewReason(ReviewCause.Signal, signal.Subject.Length == 0 ? signal.Indicator : $"{signal.Indicator} {signal.Subject}", signal.RaisedOn));
        if (IsNearlyUsedUp(habits, lastOn)) causes.Add(new ReviewReason(ReviewCause.LimitUse, "", today));
        if (habits?.Scores?.RankChangedBehind(lastOn) is int changed and > 0) causes.Add(new ReviewReason(ReviewCause.GradeChanged, "", changed));
        if (Newest(habits?.Outside) is { } filed && DateOnly.FromDayNumber(filed.PeriodEnd).AddMonths(12).DayNumber is var old && old < today) causes.Add(new ReviewReason(ReviewCause.StatementOld, "", old + 1));
        if (book.EndOfLimit(Slot) is not 0 and var end && end - CreditReview.EndsWithin <= today) causes.Add(new ReviewReason(ReviewCause.LimitEnds, "", end - CreditReview.EndsWithin));
        foreach (var cover in rare?.Covers ?? Few<CoverState>.None)
            if (cover.EndedOn == 0 && Covers.InForce(cover, today) && Covers.LastDay(cover) is not 0 and var last && last - CreditReview.EndsWithin <= today)
                causes.Add(new ReviewReason(ReviewCause.CoverEnds, cover.Id, last - CreditReview.EndsWithin));
        return causes;
    }

    /// <summary>Above 90 % at all day-ends that are kept, all of them behind the last review.</summary>
    private bool IsNearlyUsedUp(Habits? habits, int lastOn)
    {
        var from = Context.Today - UseHabit.DayEnds;
        if (habits is not { HasUse: true } || from <= lastOn || EffectiveLimit.Of(book, Slot, Context, Now).Kind != LimitKind.Amount || habits.Use.UsedBefore(Context.Today) < 0) return false;
        for (var day = from; day < Context.Today; day++)
            if ((day >= habits.Use.Day ? habits.Use.UsedNow : habits.Use.UsedAt(day)) <= CreditReview.UsedBp) return false;
        return true;
    }
}
