using Xunit;

namespace ExposureMonitor.Learning.Tests;

/// <summary>What the shares of signals that lateness follows are held against.</summary>
public sealed class SignalShares
{
    /// <summary>Counted by hand: days between first and last invoice, from the first judged one on, whose time is over.</summary>
    [Fact]
    public void Any_day_is_counted_while_a_customer_is_in_business()
    {
        Case[] cases = [Of("A", 1_000, 1_010, 1_040), Of("A", 1_100, 1_110, 1_105), Of("B", 1_050, 1_060, 0)];
        // A is late on 1026 and B on 1076. In 30 days: 1010 to 1089 of A, of which 1010 to 1025 are followed, and the one day of B.
        var any = OrdinaryPath.AnyDay(cases, from: 1_010, until: 1_200, asOf: 1_120);
        Assert.Equal(17 / 81.0, any.Followed30, 9);
        // In 90 days: 1010 to 1029 of A; the day of B is too young.
        Assert.Equal(16 / 20.0, any.Followed90, 9);
        // What begins after the judged time does not count.
        Assert.Equal(16 / 30.0, OrdinaryPath.AnyDay(cases, 1_010, 1_040, 1_120).Followed30, 9);
        Assert.True(double.IsNaN(OrdinaryPath.AnyDay(cases, 1_010, 1_040, 1_030).Followed90));
    }

    private static Case Of(string customer, int issued, int due, int settled) => new()
    {
        Customer = customer, Document = $"{customer}{issued}", IssuedOn = issued, DueOn = due, Amount = 100, SettledOn = settled, Factors = [], History = default, Usual = default, PlainShare = default,
    };
}
