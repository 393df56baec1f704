using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Learning.Tests;

/// <summary>The day of payment and its interval.</summary>
public sealed class Forecasts
{
    private const int Day = 739_000, Terms = 30;

    /// <summary>Customers change their ways at once: the errors of the latest cases all lie on one side of the forecast.</summary>
    [Theory]
    [InlineData(12)]
    [InlineData(-12)]
    public void An_interval_holds_its_own_forecast_also_when_the_latest_were_all_off_in_one_direction(int late)
    {
        const int all = 400, changed = 340;
        var cases = Enumerable.Range(0, all).Select(i => Of(i, i < changed ? 0 : late)).ToList();
        var fit = PaymentDates.Fit(cases, Day + all + Terms + 60)!;
        var (days, low, high) = fit.Of(Of(all, 0));
        Assert.True(low <= days && days <= high, $"{days} days late are expected, {low} to {high} claimed");
    }

    /// <summary>The forecasts of a morning, and both ends, are the same whatever happens from that day on.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_forecast_and_no_end_knows_what_comes_on_its_day_or_later(bool isPaidAtOnce)
    {
        var facts = Books.Facts(Books.Small(5));
        var whole = Books.Walk(facts);
        var plan = new JudgingPlan { JudgedShare = 0.4 };
        var judging = new Judging(whole.Cases, whole.Today + 1, plan);
        // In the middle of a month, so that fits, forecasts of the months before and ends of the days before all come into it.
        var cut = judging.Starts[2] + 12;
        var other = Books.Walk(facts.Where(f => f.Time.UtcDate.DayNumber < cut || f is InvoicePosted or CustomerOpened));
        if (isPaidAtOnce) foreach (var told in other.Cases) if (told.SettledOn == 0) told.SettledOn = Math.Max(cut, told.IssuedOn);
        var changed = new Judging(other.Cases, whole.Today + 1, plan);
        Assert.Equal(judging.Starts, changed.Starts);
        static List<(string, int, int, int)> Told(Judging judging, int until) => [.. PaymentDates.Foretell(judging).TakeWhile(f => f.Told.IssuedOn <= until).Select(f => (f.Told.Document, f.Days, f.Low, f.High))];
        var before = Told(judging, cut);
        Assert.True(before.Count > 300, $"{before.Count}");
        Assert.Equal(before, Told(changed, cut));
        // What was paid on the last days does change those that come after; or the lines above compare nothing.
        Assert.NotEqual(Told(judging, cut + 10), Told(changed, cut + 10));
    }

    /// <summary>Small books whose customers change their ways during the judged months.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void An_interval_holds_what_it_claims_on_a_book_that_drifts(int seed)
    {
        var walk = Books.Walk(Books.Facts(new Score.TradeBook { Seed = seed, Customers = 300, Invoices = 6_000, Days = 700, Skew = 0.8 }.Csv()));
        var dates = PaymentDates.Judge(new Judging(walk.Cases, walk.Today + 1, new JudgingPlan()))!;
        Assert.InRange(dates.Covered, 0.75, 0.88);
        Assert.InRange(dates.Width, 10, 40);
    }

    /// <summary>The same of the days that take the place of those that are over: they and their ends are the same whatever happens from that morning on.</summary>
    [Fact]
    public void A_renewed_forecast_holds_what_it_claims_and_knows_nothing_of_later_days()
    {
        var facts = Books.Facts(new Score.TradeBook { Seed = 4, Customers = 300, Invoices = 6_000, Days = 700, Skew = 0.8 }.Csv());
        var whole = Books.Walk(facts);
        var plan = new JudgingPlan();
        var judging = new Judging(whole.Cases, whole.Today + 1, plan);
        var report = PaymentDates.Judge(judging)!.Renewed!;
        Assert.True(report.Open > 300 && report.Told == report.Open, $"{report.Told} of {report.Open}");
        Assert.InRange(report.Covered, 0.75, 0.88);
        var cut = judging.Starts[2] + 12;
        var changed = new Judging(Books.Walk(facts.Where(f => f.Time.UtcDate.DayNumber < cut || f is InvoicePosted or CustomerOpened)).Cases, whole.Today + 1, plan);
        Assert.Equal(judging.Starts, changed.Starts);
        static List<(string, int, (int, int, int)?)> Told(Judging judging, int until)
        {
            List<(string, int, (int, int, int)?)> told = [];
            foreach (var _ in PaymentDates.Foretell(judging, (of, on, forecast) => told.Add((of.Document, on, forecast)))) { }
            return told.FindAll(t => t.Item2 <= until);
        }

        var before = Told(judging, cut);
        Assert.True(before.Count > 60, $"{before.Count}");
        Assert.Equal(before, Told(changed, cut));
        Assert.NotEqual(Told(judging, cut + 10), Told(changed, cut + 10));
    }

    /// <summary>Most pay on their day, the others 20 days later and more: whoever has not paid on the day is expected with the others, and whoever is later than all cannot be told.</summary>
    [Fact]
    public void Who_has_waited_is_expected_as_those_were_who_waited_as_long()
    {
        const int all = 400;
        var ends = new ForecastEnds(0.8);
        for (var i = 0; i < all; i++) ends.Add(new DayForecast(Of(i, i % 3 > 0 ? 0 : 20 + i % 5), 0, 1));
        var on = Day + all + Terms + 60;
        Assert.Equal((0, 0), (Math.Round(ends.After(on, -0.5)!.Value.Low), Math.Round(ends.After(on, -0.5)!.Value.Middle)));
        var rest = ends.After(on, 0.5)!.Value;
        Assert.Equal((20, 22, 24), (rest.Low, rest.Middle, rest.High));
        Assert.Equal(24, rest.HighAtOnce);
        Assert.Null(ends.After(on, 24.5));
    }

    private static Case Of(int n, int late)
    {
        // Something that differs and says nothing.
        var factors = new int[PaymentFactors.Count];
        (factors[0], factors[1]) = (n * 7_919 % 97, n * 31 % 89);
        return new()
        {
            Customer = "C" + n % 20, Document = $"I{n:0000}", IssuedOn = Day + n, DueOn = Day + n + Terms, Amount = 100, SettledOn = Day + n + Terms + late,
            Factors = factors, History = (20, 0, 0, 0), Usual = (0, 100), PlainShare = (0, 0),
        };
    }
}
