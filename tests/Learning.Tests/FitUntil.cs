using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Learning.Tests;

/// <summary>A day that separates fitting from judging.</summary>
public sealed class FitUntil
{
    private static readonly List<Fact> Facts = Books.Facts(Books.Small(21));
    private static readonly LedgerWalk Walked = Books.Walk(Facts);
    private static readonly int Day = Walked.Cases[Walked.Cases.Count * 7 / 10].IssuedOn;

    [Fact]
    public void One_fit_on_that_day_and_everything_from_it_on_is_judged()
    {
        var report = Evaluation.Of(Walked, new JudgingPlan { FitUntil = Day, Draws = 20 }, []);
        Assert.Equal([Day], report.FittedOn.Select(d => d.DayNumber));
        Assert.Equal(Day, report.JudgedFrom.DayNumber);
        Assert.Equal(Walked.Cases.Count(c => c.IssuedOn >= Day && c.Late(5, report.AsOf.DayNumber) is not null), report.Targets[0].Cases);
        Assert.True(report.Targets[0].Scores[0].Auc.Value > 0.6);
    }

    /// <summary>What happens after the day changes outcomes, but not a card.</summary>
    [Fact]
    public void Nothing_after_that_day_reaches_the_card()
    {
        var other = Books.Walk(Facts.Where(f => f.Time.UtcDate.DayNumber < Day || f is not PaymentAllocated));
        var how = new Growing { TreesMost = 40 };
        foreach (var days in (int[])[5, 15])
        {
            var (one, two) = (LateModel.Fit(Walked.Cases, days, Day, null, how)!, LateModel.Fit(other.Cases, days, Day, null, how)!);
            Assert.Equal(ScorecardText.Write(one.Card), ScorecardText.Write(two.Card));
            Assert.Equal(ScorecardText.Write(one.OnsetCard), ScorecardText.Write(two.OnsetCard));
            Assert.True(one.Card.Trees.Count > 5);
        }
    }

    [Theory]
    [InlineData(-10_000, "before")]
    [InlineData(+10_000, "after")]
    public void A_day_outside_of_the_ledger_is_refused_with_its_days(int off, string expected)
    {
        var wrong = Assert.Throws<InvalidDataException>(() => Evaluation.Of(Walked, new JudgingPlan { FitUntil = Day + off, Draws = 20 }, []));
        Assert.Contains(expected, wrong.Message, StringComparison.Ordinal);
    }
}
