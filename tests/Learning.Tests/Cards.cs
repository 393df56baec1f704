using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Learning.Tests;

/// <summary>What a learned card is: exact, the same each time, and better than the floor on what it has not seen.</summary>
public sealed class Cards
{
    private static readonly LedgerWalk Walked = Books.Walk(Books.Facts(Books.Small(7)));
    private static readonly LateModel Model = LateModel.Fit(Walked.Cases, 5, Walked.Today + 1, null, new Growing { TreesMost = 80 })!;

    [Fact]
    public void Parts_of_an_explanation_sum_to_the_score()
    {
        var shares = new int[PaymentFactors.Count];
        foreach (var card in (Scorecard[])[Model.Card, Model.OnsetCard])
        {
            foreach (var told in Walked.Cases)
            {
                Assert.Equal(card.Score(told.Factors), card.Explain(told.Factors, shares));
                Assert.Equal(card.Score(told.Factors), card.Base + shares.Sum());
            }
        }

        Assert.True(Model.Card.Trees.Count > 10);
    }

    [Fact]
    public void Same_book_gives_the_same_bytes()
    {
        var again = LateModel.Fit(Books.Walk(Books.Facts(Books.Small(7))).Cases, 5, Walked.Today + 1, null, new Growing { TreesMost = 80 })!;
        Assert.Equal(ScorecardText.Write(Model.Card), ScorecardText.Write(again.Card));
    }

    [Fact]
    public void Text_comes_back_as_the_same_card()
    {
        var text = ScorecardText.Write(Model.Card);
        var read = ScorecardText.Read(text);
        Assert.Equal(text, ScorecardText.Write(read));
        Assert.All(Walked.Cases, c => Assert.Equal(Model.Card.Score(c.Factors), read.Score(c.Factors)));
    }

    [Theory]
    [InlineData("exposure-scorecard 1", "exposure-scorecard 2", "Line 1")]
    [InlineData("history.count", "history.counts", "factors are not those")]
    [InlineData("base ", "bass ", "no known line")]
    [InlineData("\ntree ", "\ntree 1 ", "6 numbers")]
    public void Damaged_text_is_refused_with_its_line(string part, string by, string expected)
    {
        var text = ScorecardText.Write(Model.Card);
        var at = text.IndexOf(part, StringComparison.Ordinal);
        var wrong = Assert.Throws<FormatException>(() => ScorecardText.Read(text[..at] + by + text[(at + part.Length)..]));
        Assert.Contains(expected, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Node_that_leads_backwards_is_refused() =>
        Assert.Throws<ArgumentException>(() => new ScoreTree([new ScoreNode(0, 5, false, 0, 1, 0), new ScoreNode(-1, 0, false, 0, 0, 7)]));

    /// <summary>600 points at 50:1 and 20 to double the odds: 25, 50 and 100 to 1 at 580, 600 and 620 points.</summary>
    [Theory]
    [InlineData(58_000, 25, 38_462)]
    [InlineData(60_000, 50, 19_608)]
    [InlineData(62_000, 100, 9_901)]
    public void Row_35_chance_follows_the_scale_of_log_odds(int points, int odds, int ppm)
    {
        Assert.Equal(odds, Math.Exp(-CardMaker.OddsOf(points)), 6);
        Assert.Equal(ppm, Model.Card.Chance(points));
        Assert.Equal(points, CardMaker.PointsOf(-Math.Log(odds)));
    }

    [Fact]
    public void Row_35_factor_and_offset_of_the_scale()
    {
        var factor = 10_000 / (CardMaker.OddsOf(0) - CardMaker.OddsOf(1_000_000));
        Assert.Equal(28.8539, factor, 4);
        Assert.Equal(487.123, factor * CardMaker.OddsOf(0), 3);
        Assert.Equal(48_712, CardMaker.PointsOf(0));
    }

    [Fact]
    public void Learned_score_beats_the_shrunk_share_on_what_it_has_not_seen()
    {
        var large = Books.Walk(Books.Facts(new Score.TradeBook { Seed = 9, Customers = 250, Invoices = 12_000, Skew = 0.9 }.Csv()));
        var (cases, late, orders, _) = new Judging(large.Cases, large.Today + 1, new JudgingPlan()).Judge(5);
        double Auc(string name) => orders.Single(o => o.Name == name) is var order ? Measures.Auc(order.Risk, late, Measures.Rank(order.Risk)) : 0;
        Assert.True(cases.Count > 400 && late.Count(l => l) > 100);
        Assert.True(Auc("learned") > Auc("shrunk share") + 0.005, $"learned {Auc("learned"):0.000}, shrunk {Auc("shrunk share"):0.000}");
    }

    [Fact]
    public void Too_little_history_is_said_and_the_shrunk_share_serves()
    {
        var few = Books.Walk(Books.Facts(string.Join('\n', Books.Small(8).Split('\n').Take(150))));
        var report = Evaluation.Of(few, new JudgingPlan { Draws = 20 }, []);
        Assert.Contains(report.Remarks, r => r.Contains("the shrunk share was used", StringComparison.Ordinal));
        var scores = report.Targets[0].Scores;
        Assert.Equal(scores.Single(s => s.Name == "shrunk share").Auc.Value, scores.Single(s => s.Name == "learned").Auc.Value);
    }

    [Fact]
    public void Interval_of_the_day_of_payment_holds_what_it_claims()
    {
        var dates = PaymentDates.Judge(new Judging(Walked.Cases, Walked.Today + 1, new JudgingPlan()))!;
        Assert.InRange(dates.Covered, 0.72, 0.93);
        Assert.True(dates.MeanError <= dates.UsualMeanError * 1.02, $"{dates.MeanError} against {dates.UsualMeanError}");
    }
}
