using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Domain.Tests.Groups;

/// <summary>EW-19 in the words of the trade: the group's use reaches its steps, or a member would fit and the group does not let it.</summary>
public sealed class GroupSignals
{
    private Conglomerate _firm = new();

    private IEnumerable<SignalChanged> Told(string state, string about = "") => _firm.History.OfType<SignalChanged>().Where(s => s.Indicator == "EW-19" && s.About == about && s.State == state);

    private void Group()
    {
        _firm.Open("P");
        _firm.Limit("P", 10_000_00);
        _firm.Open("A", "P");
        _firm.Limit("A", 9_500_00);
        _firm.PassAll();
    }

    private void Owe(long amount, string id)
    {
        _firm.Tell("A", new InvoicePosted { InvoiceId = id, Amount = amount, Currency = Conglomerate.Eur, IssuedOn = _firm.BookOf("A").Today, DueOn = _firm.BookOf("A").Today + 30 });
        _firm.PassAll();
        _firm.Wait(61 * Instant.Second);
        _firm.PassAll();
    }

    private void Pay(long amount, string id)
    {
        _firm.Pay("A", id, amount);
        _firm.PassAll();
        // What a member does not use any more it gives back after a while.
        _firm.Wait(2 * 3600 * Instant.Second);
        _firm.PassAll();
        _firm.Wait(2 * 3600 * Instant.Second);
        _firm.PassAll();
    }

    [Theory]
    [InlineData(8_499_99, 0)]
    [InlineData(8_500_00, 1)]
    public void Group_is_told_from_eighty_five_percent_of_its_limit(long used, int raised)
    {
        Group();
        Owe(used, "I1");
        Assert.Equal(raised, Told(SignalChanged.Raised).Count(s => s is { Customer: "P", Severity: Severity.Medium, Threshold: 8_500 }));
    }

    [Fact]
    public void It_fires_once_and_again_only_after_five_points_less()
    {
        Group();
        Owe(8_700_00, "I1");
        Owe(100, "I2");
        var first = Assert.Single(Told(SignalChanged.Raised));
        Pay(699_00, "P1");
        Assert.Empty(Told(SignalChanged.Resolved));
        Pay(1_00, "P2");
        Pay(2_00, "P3");
        Assert.Equal(first.SignalId, Assert.Single(Told(SignalChanged.Resolved)).SignalId);
        Owe(700_00, "I3");
        Assert.Equal(2, Told(SignalChanged.Raised).Select(s => s.SignalId).Distinct().Count());
        Assert.Empty(Told(SignalChanged.Retracted));
    }

    [Fact]
    public void Member_that_fits_and_is_stopped_by_the_group_is_told_until_no_order_waits()
    {
        Group();
        _firm.Tell("P", new InvoicePosted { InvoiceId = "own", Amount = 5_000_00, Currency = Conglomerate.Eur, IssuedOn = _firm.BookOf("P").Today, DueOn = _firm.BookOf("P").Today + 30 });
        _firm.PassAll();
        _firm.Order("A", "A-1", 6_000_00);
        _firm.PassAll();
        Assert.Equal(Severity.High, Assert.Single(Told(SignalChanged.Raised, "member")).Severity);
        _firm.Cancel("A", "A-1");
        _firm.PassAll();
        _firm.Wait(61 * Instant.Second);
        Assert.Single(Told(SignalChanged.Resolved, "member"));
    }

    [Fact]
    public void Books_that_are_read_back_tell_the_same_signals_under_the_same_ids()
    {
        var expected = Run(restart: false);
        Assert.Contains(expected, t => t.Contains("EW-19", StringComparison.Ordinal));
        Assert.Equal(expected, Run(restart: true));
    }

    private string[] Run(bool restart)
    {
        _firm = new Conglomerate();
        Group();
        foreach (var (amount, n) in new[] { 8_700_00L, 900_00, 500_00 }.Select((a, n) => (a, n)))
        {
            Owe(amount, "I" + n);
            if (restart) _firm.Restart();
            Pay(amount / 2, "P" + n);
            if (restart) _firm.Restart();
        }

        return [.. _firm.History.OfType<SignalChanged>().Select(s => $"{s.State} {s.SignalId} {s.Severity} {s.Value} {s.Threshold}")];
    }
}
