using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Reviews that something asks for before the cycle of the grade is over.</summary>
public sealed class CreditReviews
{
    private static readonly int Start = On("2026-03-02");

    private static CreditReview Of(Desk desk) => desk.Book.CreditOf(desk.Book.FindSlot(Customer)).Review;

    private static void Reviewed(Desk desk, int on) => desk.Tell(new ReviewCompleted { ReviewedOn = on, By = "ann", Outcome = "as it was" });

    private static void Graded(Desk desk, string grade) => desk.Tell(new RatingOverridden { Grade = grade, Reason = "seen", By = "ann", ApprovedBy = ["bob"] });

    [Fact]
    public void Without_a_cause_the_cycle_of_the_grade_decides_and_without_a_review_nothing_does()
    {
        var desk = new Desk(limit: 1_000_000);
        Graded(desk, "B");
        Assert.Equal((0, 0, 0), (Of(desk).LastOn, Of(desk).ByCycle, Of(desk).DueOn));
        Reviewed(desk, Start);
        Assert.Equal((Start, On("2026-09-02"), On("2026-09-02")), (Of(desk).LastOn, Of(desk).ByCycle, Of(desk).DueOn));
        Assert.Empty(Of(desk).Reasons);
    }

    [Fact]
    public void A_high_signal_asks_for_a_review_since_its_day_until_one_is_done_or_it_is_over()
    {
        var desk = new Desk(limit: 1_000_000);
        Reviewed(desk, Start);
        desk.Day("2026-03-03");
        desk.Tell(new ExternalSignalReceived { SignalId = "N1", Kind = ExternalSignalKind.Management, Severity = Severity.Medium, HappenedOn = Start + 1 });
        Assert.Empty(Of(desk).Reasons);
        desk.Tell(new ExternalSignalReceived { SignalId = "N2", Kind = ExternalSignalKind.Management, Severity = Severity.High, HappenedOn = Start + 1 });
        desk.Days("2026-03-04", "2026-03-05");
        Assert.Equal([new ReviewReason(ReviewCause.Signal, "EW-42 N2", Start + 1)], Of(desk).Reasons);
        Assert.Equal(Start + 1, Of(desk).DueOn);
        Reviewed(desk, Start + 2);
        Assert.Empty(Of(desk).Reasons);
        desk.Day("2026-03-06");
        desk.Tell(new ExternalSignalReceived { SignalId = "N3", Kind = ExternalSignalKind.Management, Severity = Severity.High, HappenedOn = Start + 4 });
        Assert.Single(Of(desk).Reasons);
        desk.Tell(new CloseSignal { Indicator = "EW-42", About = "N3", Reason = "known", Actor = "kim" });
        Assert.Empty(Of(desk).Reasons);
    }

    [Fact]
    public void Limits_and_covers_that_end_within_thirty_days_ask_and_those_that_end_later_or_have_ended_do_not()
    {
        var desk = new Desk(limit: 0);
        desk.Tell(new LimitSet { Version = 2, Currency = Eur, Steps = [new LimitStep { From = 1, To = Start + 31, Kind = LimitKind.Amount, Amount = 1_000 }] });
        foreach (var (id, to) in new[] { ("SOON", Start + 31), ("LATER", Start + 40), ("GONE", Start - 1) })
            desk.Tell(new CoverGranted { CoverId = id, Version = 1, Kind = CoverKind.Insurance, Use = CoverUse.ReducesRisk, Amount = 500, Currency = Eur, InsuredBp = 9_000, From = Start - 100, To = to });
        Reviewed(desk, Start);
        Assert.DoesNotContain(Of(desk).Reasons, r => r.Cause is ReviewCause.LimitEnds or ReviewCause.CoverEnds);
        desk.Day("2026-03-03");
        Assert.Equal([new ReviewReason(ReviewCause.LimitEnds, "", Start + 1), new ReviewReason(ReviewCause.CoverEnds, "SOON", Start + 1)], Of(desk).Reasons.Where(r => r.Cause != ReviewCause.Signal));
    }

    [Fact]
    public void A_statement_of_more_than_twelve_months_ago_asks_from_the_day_behind_them()
    {
        var desk = new Desk(limit: 1_000_000);
        Reviewed(desk, Start - 1);
        desk.Tell(new FinancialStatementFiled { PeriodEnd = On("2025-03-02"), Currency = Eur, TotalAssets = 2_000, TotalLiabilities = 1_200 });
        Assert.DoesNotContain(Of(desk).Reasons, r => r.Cause == ReviewCause.StatementOld);
        desk.Day("2026-03-03");
        Assert.Contains(new ReviewReason(ReviewCause.StatementOld, "", Start + 1), Of(desk).Reasons);
        desk.Tell(new FinancialStatementFiled { PeriodEnd = On("2025-12-31"), Currency = Eur, TotalAssets = 2_000, TotalLiabilities = 1_200 });
        Assert.DoesNotContain(Of(desk).Reasons, r => r.Cause == ReviewCause.StatementOld);
    }

    [Fact]
    public void Another_grade_asks_and_the_first_one_does_not()
    {
        var desk = new Desk(limit: 1_000_000);
        Reviewed(desk, Start - 1);
        Graded(desk, "A");
        Assert.Empty(Of(desk).Reasons);
        desk.Day("2026-03-03");
        Graded(desk, "B");
        Assert.Contains(new ReviewReason(ReviewCause.GradeChanged, "", Start + 1), Of(desk).Reasons);
        Reviewed(desk, Start + 1);
        Assert.DoesNotContain(Of(desk).Reasons, r => r.Cause == ReviewCause.GradeChanged);
    }

    [Theory]
    [InlineData(9_001, true)]
    [InlineData(9_000, false)]
    public void A_limit_that_is_used_above_nine_tenths_at_fifteen_day_ends_asks(long owed, bool asks)
    {
        var desk = new Desk(limit: 10_000);
        Reviewed(desk, Start - 1);
        desk.Invoice("I", owed, "2026-09-01");
        desk.Days("2026-03-03", "2026-03-16");
        Assert.DoesNotContain(Of(desk).Reasons, r => r.Cause == ReviewCause.LimitUse);
        desk.Day("2026-03-17");
        Assert.Equal(asks, Of(desk).Reasons.Any(r => r.Cause == ReviewCause.LimitUse && r.On == Start + 15));
        // Fifteen day-ends behind the next review are to come.
        Reviewed(desk, Start + 10);
        Assert.DoesNotContain(Of(desk).Reasons, r => r.Cause == ReviewCause.LimitUse);
    }
}
