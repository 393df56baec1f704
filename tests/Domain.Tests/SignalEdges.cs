using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Thresholds of indicators are compared to the cent, and on the day on which they are crossed.</summary>
public sealed class SignalEdges
{
    private readonly Desk _desk = new(limit: 1_000_000_000);

    private void Use(long amount) => _desk.Tell(new ExternalExposureReported { System = "erp", Amount = amount, Currency = Eur, AsOn = _desk.Book.Today });

    [Theory]
    [InlineData(650_000_000, 1)]
    [InlineData(650_000_001, 0)]
    public void Step_is_armed_again_at_its_re_arm_and_not_a_cent_above(long calm, int resolved)
    {
        Use(700_000_000);
        Use(calm);
        _desk.Wait(61);
        Assert.Equal(resolved, _desk.Signals("EW-01", SignalChanged.Resolved).Count());
    }

    [Theory]
    [InlineData(1_000_000_000, 0)]
    [InlineData(1_000_000_001, 1)]
    public void One_cent_above_the_limit_is_time_above_the_limit(long used, int raised)
    {
        Use(used);
        _desk.Wait(86_401);
        Assert.Equal(raised, _desk.Signals("EW-02").Count());
        Use(950_000_001);
        _desk.Wait(61);
        Assert.Empty(_desk.Signals("EW-02", SignalChanged.Resolved));
    }

    [Theory]
    [InlineData(100_000_000, 700_000_001, 0)]
    [InlineData(100_000_001, 700_000_000, 0)]
    [InlineData(100_000_001, 700_000_001, 1)]
    public void Overdue_and_used_must_both_be_above_their_thresholds(long overdue, long used, int raised)
    {
        Use(used - overdue);
        _desk.Tell(new InvoicePosted { InvoiceId = "I1", Amount = overdue, Currency = Eur, IssuedOn = On("2026-02-01"), DueOn = On("2026-03-01") });
        Assert.Equal(raised, _desk.Signals("EW-07").Count());
    }

    [Theory]
    [InlineData(900_000, 1)]
    [InlineData(899_999, 0)]
    public void Share_overdue_is_armed_again_at_its_re_arm_and_not_above(long notDue, int resolved)
    {
        _desk.Tell(new InvoicePosted { InvoiceId = "late", Amount = 100_000, Currency = Eur, IssuedOn = On("2026-01-01"), DueOn = On("2026-02-01") });
        Assert.Single(_desk.Signals("EW-06"));
        _desk.Tell(new InvoicePosted { InvoiceId = "new", Amount = notDue, Currency = Eur, IssuedOn = _desk.Book.Today, DueOn = On("2026-06-01") });
        _desk.Wait(61);
        Assert.Equal(resolved, _desk.Signals("EW-06", SignalChanged.Resolved).Count());
    }

    [Fact]
    public void Days_past_due_of_the_policy_fire_on_their_own_day()
    {
        _desk.Rules(("signal.10.days", 45));
        _desk.Invoice("I1", 50_000, dueOn: "2026-03-02");
        _desk.Days("2026-03-03", "2026-04-16");
        Assert.Empty(_desk.Signals("EW-10"));
        _desk.Day("2026-04-17");
        Assert.Equal(46, _desk.Signals("EW-10").Single().Value);
    }

    [Fact]
    public void Line_of_a_call_off_order_that_will_breach_is_seen_seven_days_ahead()
    {
        Use(950_000_000);
        _desk.Tell(new OrderPlaced
        {
            OrderId = "C", Amount = 90_000_000, Currency = Eur, OrderedOn = _desk.Book.Today, ShipOn = On("2026-03-10"),
            Schedule = [new ScheduleLine { ShipOn = On("2026-03-10"), Amount = 10_000_000 }, new ScheduleLine { ShipOn = On("2026-05-11"), Amount = 80_000_000 }],
        });
        _desk.Days("2026-03-03", "2026-03-04");
        Assert.Empty(_desk.Signals("EW-13"));
        _desk.Day("2026-03-05");
        Assert.Single(_desk.Signals("EW-13"));
    }

    [Fact]
    public void Reminder_before_the_due_date_is_no_dunning_level()
    {
        _desk.Invoice("I1", 50_000, dueOn: "2026-04-01");
        foreach (var level in (int[])[-1, 0, 2])
            _desk.Tell(new DunningSent { DunningId = "M" + level, Items = ["I1"], Level = level, SentOn = _desk.Book.Today });
        _desk.Order("O1", 100);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        _desk.Tell(new DunningSent { DunningId = "M3", Items = ["I1"], Level = 3, SentOn = _desk.Book.Today });
        _desk.Order("O2", 100);
        Assert.Equal(["100"], _desk.Reasons("O2"));
        Assert.Equal((3, 2), (_desk.Decision.Reasons.Single().Observed, _desk.Decision.Reasons.Single().Threshold));
    }
}
