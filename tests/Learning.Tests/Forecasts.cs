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
