namespace ExposureMonitor.Domain;

/// <summary>EW-17, the loss of a cover, and EW-18, a review that is overdue.</summary>
internal sealed partial class AccountWork
{
    private static readonly Ladder CoverSteps = Ladder.Levels(Severity.High), ReviewSteps = Ladder.Levels(Severity.Low, Severity.Medium);

    /// <summary>An insurer that halves its cover and gives it back has done both: what it was worth before stands beside.</summary>
    private void NoteCut(CoverState cover, CoverTermsFact f)
    {
        if (cover.Version == 0 && cover.Amount == 0) return;
        if (f.Amount < cover.Amount && cover.Currency == f.Currency) (cover.CutFrom, cover.CutOn) = (Math.Max(cover.CutFrom, cover.Amount), f.Time.UtcDate.DayNumber);
        if (f.Amount >= cover.CutFrom) (cover.CutFrom, cover.CutOn) = (0, 0);
    }

    private void JudgeCovers()
    {
        if (book.RareOf(Slot) is not { Covers.Count: > 0 } rare) return;
        var longest = LongestPastDue();
        foreach (var cover in rare.Covers)
        {
            var step = IsLost(rare, cover, Context.Today, longest) ? 1 : 0;
            Tell("EW-17", cover.Id, CoverSteps, step, new Measure(cover.To == 0 ? 0 : cover.To - Context.Today, Policy[Parameter.Signal17Days]), "the cover is back, or another one of its kind");
            if (cover.To != 0) WakeAhead(cover.To - Policy.Int(Parameter.Signal17Days));
            if (cover is { Kind: CoverKind.Insurance, MepDays: > 0 } && longest >= 0) WakeAhead(Context.Today + Math.Max(1, (int)(cover.MepDays - Policy[Parameter.Signal17MepDays] - longest)));
        }
    }

    /// <summary>It ends soon or has ended, was stopped or cut, or the longest extension period is nearly over; unless another of its kind lasts.</summary>
    private bool IsLost(Rare rare, CoverState cover, int day, long longestPastDue)
    {
        if (cover.From > day) return false;
        var days = Policy.Int(Parameter.Signal17Days);
        var ends = Ends(cover);
        var isCut = cover.CutOn != 0 && cover.CutOn <= day;
        var isNear = cover is { Kind: CoverKind.Insurance, MepDays: > 0 } && longestPastDue >= cover.MepDays - Policy[Parameter.Signal17MepDays] && longestPastDue > 0;
        if (!ends && !isCut && !isNear) return false;
        foreach (var other in rare.Covers)
            if (other != cover && other.Kind == cover.Kind && other.From <= day && !Ends(other) && other.CutOn == 0 && !isNear) return false;
        return true;

        bool Ends(CoverState c) => (c.To != 0 && c.To - day <= days) || (c.StoppedOn != 0 && c.StoppedOn <= day) || (c.EndedOn != 0 && c.EndedOn <= day)
            || CutByNews(day) && c.Kind == CoverKind.Insurance;
    }

    /// <summary>An insurer's cut that is told as news stands until a person closes it.</summary>
    private bool CutByNews(int day)
    {
        foreach (var news in book.HabitsOf(Slot)?.Outside?.News ?? Few<NewsState>.None)
            if (news is { Kind: ExternalSignalKind.InsurerCut, Closed: false } && news.HappenedOn <= day) return true;
        return false;
    }

    private void JudgeReview()
    {
        if (book.RareOf(Slot) is not { NextReviewOn: > 0 } rare) return;
        var late = Context.Today - rare.NextReviewOn;
        Tell("EW-18", "", ReviewSteps, ReviewStep(rare, Context.Today), new Measure(late, Policy[Parameter.Signal18Days]), "the review is done");
        WakeAhead(rare.NextReviewOn + Policy.Int(Parameter.Signal18Days) + 1);
        WakeAhead(rare.NextReviewOn + Policy.Int(Parameter.Signal18High) + 1);
    }

    /// <summary>A review that is told late counts from its own date; before it the date of the review before stands.</summary>
    private int ReviewStep(Rare rare, int day)
    {
        return StepOfReview(rare.ReviewedOn <= day ? rare.NextReviewOn : rare.ReviewBefore, day);
    }

    private int StepOfReview(int next, int day)
    {
        if (next == 0) return 0;
        return day - next > Policy[Parameter.Signal18High] ? 2 : day - next > Policy[Parameter.Signal18Days] ? 1 : 0;
    }
}
