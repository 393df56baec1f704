using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Learning.Tests;

/// <summary>Ends of intervals, on forecasts whose answer can be worked out by hand.</summary>
public sealed class Ends
{
    private const int Day = 739_000, Terms = 30, Old = Day + 100;

    [Fact]
    public void Ends_are_the_distances_beyond_which_a_tenth_lies_with_the_new_invoice_beyond_all()
    {
        var ends = new ForecastEnds(0.8);
        // 199 that are 90 days old weigh an eighth each. With the new one there are 25.875, of which 2.5875 may lie beyond an end: the new one and 12.
        for (var late = -59; late <= 59; late++) ends.Add(Paid(Day, late));
        for (var i = 0; i < 80; i++) ends.Add(Paid(Day, 0));
        // Those up to −48 lie beyond; the end may be half a day nearer than −47, since days are rounded.
        Assert.Equal((-46.5, 46.5), ends.At(Day + 90)!.Value);
    }

    [Fact]
    public void Older_forecasts_weigh_less()
    {
        var ends = new ForecastEnds(0.8);
        for (var i = 0; i < 400; i++) ends.Add(Paid(Day - 300, i % 2 == 0 ? -50 : 50));
        for (var i = 0; i < 400; i++) ends.Add(Paid(Day, i % 2 == 0 ? -5 : 5));
        Assert.Equal((-4.5, 4.5), ends.At(Old)!.Value);
    }

    /// <summary>Of those that fell due yesterday a fifth was paid ten days early and the others are open: they say how many pay early, and nothing of how late the others will be.</summary>
    [Fact]
    public void Unpaid_ones_count_as_not_paid_so_far()
    {
        var ends = new ForecastEnds(0.8);
        for (var i = 0; i < 200; i++) ends.Add(Paid(Day, 20));
        var without = ends.At(Old)!.Value;
        for (var i = 0; i < 600; i++) ends.Add(new DayForecast(Of(Old - Terms - 1, i % 5 == 0 ? -10 : null), 0, 1));
        var (low, high) = ends.At(Old)!.Value;
        Assert.Equal((0, 19.5), without);
        Assert.Equal((-9.5, 19.5), (low, high));
    }

    [Fact]
    public void The_lower_end_goes_further_out_while_too_many_are_paid_before_it_and_comes_back()
    {
        var ends = new ForecastEnds(0.8);
        for (var i = 0; i < 600; i++) ends.Add(Paid(Day, -(i % 20)));
        List<double> lows = [];
        for (var day = Old; day < Old + 90; day++)
        {
            lows.Add(ends.At(day)!.Value.Low);
            // Of the first month a third was paid before its end, of the time after that nothing.
            for (var i = 0; i < 12; i++) ends.Give(Of(day - Terms - 30, day < Old + 30 && i % 3 == 0 ? -40 : 0), -30);
        }

        Assert.True(lows[30] < lows[0], $"{lows[0]} at first, {lows[30]} after a month");
        Assert.True(lows[89] > lows[30], $"{lows[30]} after a month, {lows[89]} at last");
    }

    /// <summary>The end of who has waited a day already: beyond all that were ever seen while a third pays behind it, and nearer again when nobody does.</summary>
    [Fact]
    public void The_end_of_a_renewed_forecast_goes_beyond_all_that_was_seen_while_too_many_pay_behind_it_and_comes_back()
    {
        var ends = new ForecastEnds(0.8);
        for (var i = 0; i < 600; i++) ends.Add(Paid(Day, i % 20));
        List<int> highs = [];
        for (var day = Old; day < Old + 90; day++)
        {
            ends.LearnRests(day);
            highs.Add(ends.Renew(new DayForecast(Of(day - Terms - 1, null), 0, 1), day)!.Value.High);
            // What was told of others forty days ago, up to the twentieth day: of the first month a third was paid behind it.
            for (var i = 0; i < 12; i++) ends.Give(Of(day - Terms - 40, day < Old + 30 && i % 3 == 0 ? 60 : 10), new ForecastEnds.Rest(5, 1, 20, IsAtOnce: true));
        }

        Assert.True(highs[0] < 20 && highs[30] > 20, $"{highs[0]} at first, {highs[30]} after a month");
        Assert.True(highs[89] < highs[0], $"{highs[0]} at first, {highs[89]} at last");
    }

    /// <summary>Half a year late is half a year late, and not as late as what counts most when forecasts are fitted.</summary>
    [Fact]
    public void Very_late_payments_count_as_late_as_they_were()
    {
        var ends = new ForecastEnds(0.8);
        for (var i = 0; i < 400; i++) ends.Add(Paid(Day, i % 2 == 0 ? 0 : 180));
        Assert.Equal(179.5, ends.At(Day + Terms + 200)!.Value.High);
    }

    [Fact]
    public void Few_forecasts_have_no_ends()
    {
        var ends = new ForecastEnds(0.8);
        for (var i = 0; i < 20; i++) ends.Add(Paid(Day, i));
        Assert.Null(ends.At(Old));
    }

    private static DayForecast Paid(int issued, int late) => new(Of(issued, late), 0, 1);

    private static Case Of(int issued, int? late) => new()
    {
        Customer = "C", Document = "I", IssuedOn = issued, DueOn = issued + Terms, Amount = 100, SettledOn = late is { } days ? issued + Terms + days : 0,
        Factors = new int[PaymentFactors.Count], History = (20, 0, 0, 0), Usual = (0, 100), PlainShare = (0, 0),
    };
}
