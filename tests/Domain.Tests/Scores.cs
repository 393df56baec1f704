using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Acceptance numbers of sections 12 to 16, and the figures that a payment score is made of.</summary>
public sealed class Scores
{
    [Fact]
    public void Row_27_to_28_dso_and_days_delinquent()
    {
        Assert.Equal(12_167, PortfolioMeasures.Dso(50_000, 150_000, 365));
        Assert.Equal(1_460, PortfolioMeasures.Dso(438, 3_650, 365) - PortfolioMeasures.Dso(292, 3_650, 365));
        Assert.Null(PortfolioMeasures.Dso(50_000, 0, 365));
    }

    [Fact]
    public void Row_29_count_back() => Assert.Equal(5_480, PortfolioMeasures.CountBackDso(500_000, [(300_000, 30), (250_000, 31)]));

    [Fact]
    public void Row_30_collection_effectiveness() => Assert.Equal(8_947, PortfolioMeasures.Cei(400_000, 900_000, 450_000, 350_000));

    [Fact]
    public void Row_31_weighted_days_late()
    {
        var sums = new WeightedLateness();
        foreach (var (amount, late) in ((long, int)[])[(10_000, 5), (50_000, -2), (20_000, 30)]) sums.Count(amount, 1_000, 1_030, 1_030 + late, +1);
        Assert.Equal((688, 813), (sums.DaysLate, sums.DaysLateClipped));
        Assert.Equal(3_000, sums.Terms);
        sums.Count(20_000, 1_000, 1_030, 1_060, -1);
        Assert.Equal(-83, sums.DaysLate);
    }

    [Fact]
    public void Row_36_weighted_score()
    {
        var (points, weights) = ((int?[])[8_000, 6_000, null, 7_000, 5_000, 4_000], (int[])[35, 20, 20, 10, 10, 5]);
        var score = CreditScore.Of([.. points.Select((p, i) => new CreditFactor("f" + i, weights[i], p, "", 0))]);
        Assert.Equal((6_750, "C", 8_000), (score.Score, score.Grade, score.ConfidenceBp));
        Assert.Equal(score.Score, score.Parts.Sum());
        Assert.Null(CreditScore.Of([new CreditFactor("f", 20, null, "", 0)]).Score);
    }

    [Fact]
    public void Grades_fall_at_once_and_rise_by_one()
    {
        Assert.Equal("E", CreditGrade.Moved("A", 3_000).Name);
        Assert.Equal("D", CreditGrade.Moved("E", 9_000).Name);
        Assert.Equal("A", CreditGrade.Moved("", 9_000).Name);
        Assert.Equal(["A", "B", "B", "C", "D", "E"], ((int[])[8_500, 8_499, 7_000, 5_500, 5_499, 3_999]).Select(s => CreditGrade.Of(s).Name));
        Assert.Equal(1_200, CreditGrade.Of(6_000).EligibleLimit(12_000));
    }

    [Theory]
    [InlineData(0, 0, 76_000)]
    [InlineData(2, 2, 445_600)]
    [InlineData(40, 2, 51_814)]
    [InlineData(100, 30, 293_476)]
    public void Row_38_late_share(int count, int late, int expected) => Assert.Equal(expected, LateTally.Shrunk(late, count, PaymentFactors.PriorWeight, 76_000));

    [Fact]
    public void Row_39_to_41_provision_and_expected_loss()
    {
        (long Gross, int Ppm, long Loss)[] published = [(1_500_000, 5_000, 7_500), (750_000, 22_000, 16_500), (400_000, 27_000, 10_800), (250_000, 45_000, 11_250),
            (15_000_000, 3_000, 45_000), (7_500_000, 16_000, 120_000), (4_000_000, 36_000, 144_000), (2_500_000, 66_000, 165_000), (1_000_000, 106_000, 106_000)];
        Assert.Equal(published.Select(p => p.Loss), published.Select(p => (long)ExpectedLoss.Provision([p.Gross], [p.Ppm])));
        Assert.Equal(46_050, ExpectedLoss.Provision([1_500_000, 750_000, 400_000, 250_000], [5_000, 22_000, 27_000, 45_000]));
        Assert.Equal(580_000, ExpectedLoss.Provision([15_000_000, 7_500_000, 4_000_000, 2_500_000, 1_000_000], [3_000, 16_000, 36_000, 66_000, 106_000]));
        Assert.Equal((1_200, 600), (ExpectedLoss.Of(20_000, ExpectedLoss.UnsecuredLgdBp, 100_000), ExpectedLoss.Of(20_000, ExpectedLoss.UnsecuredLgdBp, 50_000)));
        Assert.True(ExpectedLoss.SuggestsRelease(20_000, ExpectedLoss.UnsecuredLgdBp, 50_000, 2_500));
        Assert.False(ExpectedLoss.SuggestsRelease(20_000, ExpectedLoss.UnsecuredLgdBp, 50_000, 500));
        Assert.Equal(1, ExpectedLoss.Of(1, 1, 1));
    }

    [Fact]
    public void Figures_do_not_depend_on_the_order_in_which_payments_are_told()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var dice = new Random(seed);
            var items = Enumerable.Range(0, 120).Select(_ => new SettledItem(737_000 + dice.Next(300), 737_040 + dice.Next(300), 737_030 + dice.Next(400), dice.Next(300))).ToArray();
            // Which six terms are told apart is the one thing that the first ones decide: here there are few.
            items = [.. items.Select(i => i with { DueOn = i.IssuedOn + 30 * (1 + i.Size % 3) })];
            Assert.Equal(BytesOf(items), BytesOf([.. items.OrderBy(_ => dice.Next())]));
        }

        static byte[] BytesOf(SettledItem[] items)
        {
            var figures = new PaymentFigures();
            foreach (var item in items) figures.Issue(item.IssuedOn);
            foreach (var item in items) figures.Settle(item);
            var ordered = new ByteBuffer();
            // Terms stand in the order in which they came first: sorted for the comparison.
            foreach (var days in (int[])[30, 60, 90]) Assert.True(figures.Under(days).Count > 0);
            figures.StreamWithoutTerms(new StateStream(ordered));
            return ordered.Written.ToArray();
        }
    }

    [Fact]
    public void Figures_come_back_from_their_bytes()
    {
        var figures = new PaymentFigures();
        for (var i = 0; i < 90; i++)
        {
            figures.Issue(737_000 + i);
            figures.Settle(new SettledItem(737_000 + i, 737_030 + i, 737_030 + i + i % 23, i));
        }

        var bytes = new ByteBuffer();
        figures.Stream(new StateStream(bytes));
        var read = new PaymentFigures();
        read.Stream(new StateStream(bytes.Written.ToArray()));
        var again = new ByteBuffer();
        read.Stream(new StateStream(again));
        Assert.Equal(bytes.Written.ToArray(), again.Written.ToArray());
        Assert.Equal(figures.Ring.ToArray(), read.Ring.ToArray());
        // The memory of a customer is as large after 90 items as after any number.
        Assert.True(bytes.Written.Length < 2_500, $"{bytes.Written.Length} bytes");
    }

    [Fact]
    public void Unsettled_item_leaves_the_sums_as_they_were()
    {
        var (figures, other) = (new PaymentFigures(), new PaymentFigures());
        var kept = new SettledItem(737_000, 737_030, 737_040, 50);
        var gone = new SettledItem(737_005, 737_035, 737_090, 70);
        figures.Settle(kept);
        figures.Settle(gone);
        figures.Unsettle(gone);
        other.Settle(kept);
        Assert.Equal(other.All, figures.All);
        Assert.Equal(other.Ring.ToArray(), figures.Ring.ToArray());
        Assert.Equal((other.LastSettledOn, other.LastAbove5On, other.Sizes), (figures.LastSettledOn, figures.LastAbove5On, figures.Sizes));
    }

    [Fact]
    public void Size_grows_by_sixteen_when_the_amount_doubles()
    {
        foreach (var amount in (long[])[1_000, 12_345, 999_999, 7_654_321_000]) Assert.Equal(16, SettledItem.SizeOf(amount * 2) - SettledItem.SizeOf(amount));
        Assert.True(SettledItem.SizeOf(1_100) > SettledItem.SizeOf(1_000));
        Assert.Equal(0, SettledItem.SizeOf(0));
    }
}
