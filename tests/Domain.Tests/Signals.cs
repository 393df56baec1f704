using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>The trigger machine: edges, dwells, flaps, retraction, stale feeds, new rules; and the indicators in scope.</summary>
public sealed class Signals
{
    private readonly Desk _desk = new(limit: 10_000, day: "2026-03-02");

    private void Use(long amount) => _desk.Tell(new ExternalExposureReported { System = "erp", Amount = amount, Currency = Eur, AsOn = _desk.Book.Today });

    private void Owe(string id, string due, long amount = 50_000, string issued = "2026-02-01") =>
        _desk.Tell(new InvoicePosted { InvoiceId = id, Amount = amount, Currency = Eur, IssuedOn = On(issued), DueOn = On(due) });

    private void PayOn(string item, long amount, string on)
    {
        _desk.Tell(new PaymentReceived { PaymentId = "P" + item, Amount = amount, Currency = Eur, ValueOn = On(on), Cleared = true });
        _desk.Tell(new PaymentAllocated { AllocationId = "A" + item, FromId = "P" + item, AllocatedOn = On(on), Items = [new AllocationItem { ItemId = item, Amount = amount }] });
    }

    [Fact]
    public void An_order_that_fails_at_day_start_is_told_of_its_own_customer_only()
    {
        var desk = new Desk(limit: 1_000);
        desk.Order("O1", 2_000, "2026-05-02");
        // Another customer who also has something to do that day.
        desk.Tell(new CustomerOpened { Customer = "C-2", Currency = Desk.Eur });
        desk.Tell(new OrderPlaced { Customer = "C-2", OrderId = "O2", Amount = 100, Currency = Desk.Eur, OrderedOn = desk.Book.Today, ShipOn = Desk.On("2026-05-02") });
        desk.Day("2026-03-03");
        Assert.Equal([("C-1", "O1"), ("C-2", "O2")], desk.Signals("EW-03").Select(s => (s.Customer, s.About)));
    }

    [Fact]
    public void Signal_says_what_whose_version_why_and_what_would_clear_it()
    {
        Use(9_200);
        var told = _desk.Signals("EW-01").Single();
        Assert.Equal((3, 9_200, 9_000, Severity.Medium, 1), (told.Step, told.Value, told.Threshold, told.Severity, told.Version));
        Assert.Equal((_desk.LastEntry.ToString(), _desk.LastEntry.ToString()), (told.FirstPosition, told.LastPosition));
        Assert.Single(told.EventIds);
        Assert.NotEqual("", told.Clears);
        Assert.Equal("C-1/EW-01//3/1", told.SignalId);
    }

    [Fact]
    public void Each_step_is_armed_again_by_itself()
    {
        Use(7_500);
        Use(8_500);
        Use(7_400);
        _desk.Wait(61);
        Assert.Equal(2, _desk.Signals("EW-01", SignalChanged.Resolved).Single().Step);
        Use(8_100);
        Assert.Equal([1, 2, 2], _desk.Signals("EW-01").Select(s => s.Step));
        Assert.Equal(3, _desk.Signals("EW-01").Select(s => s.SignalId).Distinct().Count());
    }

    [Fact]
    public void Signal_clears_after_its_dwell_by_a_journaled_timer()
    {
        Use(7_500);
        Use(1_000);
        _desk.Wait(30);
        Assert.Empty(_desk.Signals("EW-01", SignalChanged.Resolved));
        _desk.Restart();
        Use(7_200);
        Use(1_000);
        _desk.Wait(59);
        Assert.Empty(_desk.Signals("EW-01", SignalChanged.Resolved));
        _desk.Wait(1);
        Assert.Single(_desk.Signals("EW-01", SignalChanged.Resolved));
    }

    [Fact]
    public void Signal_that_flaps_is_told_once_a_day_until_it_is_calm()
    {
        for (var i = 0; i < 6; i++)
        {
            Use(7_500);
            Use(1_000);
            _desk.Wait(61);
        }

        var raised = _desk.Signals("EW-01").ToList();
        Assert.Equal(3, raised.Count);
        Assert.True(raised[2].Flapping);
        Assert.Equal(4, raised[2].Transitions);
        Assert.Single(_desk.Signals("EW-01", SignalChanged.Resolved));
        _desk.Restart();
        _desk.Wait(86_400 * 2);
        Assert.Equal(raised[2].SignalId, _desk.Signals("EW-01", SignalChanged.Resolved).Last().SignalId);
        Use(7_500);
        Assert.False(_desk.Signals("EW-01").Last().Flapping);
    }

    [Fact]
    public void Time_over_the_limit_fires_after_a_day_without_a_break()
    {
        Use(10_001);
        _desk.Wait(86_000);
        Assert.Empty(_desk.Signals("EW-02"));
        Use(10_000);
        Use(10_001);
        _desk.Wait(86_399);
        Assert.Empty(_desk.Signals("EW-02"));
        _desk.Wait(1);
        Assert.Single(_desk.Signals("EW-02"));
        Use(9_600);
        _desk.Wait(100);
        Assert.Empty(_desk.Signals("EW-02", SignalChanged.Resolved));
        Use(9_500);
        _desk.Wait(61);
        Assert.Single(_desk.Signals("EW-02", SignalChanged.Resolved));
    }

    [Fact]
    public void Order_that_breaches_and_one_that_is_too_large()
    {
        _desk.Order("O1", 11_000);
        Assert.Equal((Severity.High, "O1"), (_desk.Signals("EW-03").Single().Severity, _desk.Signals("EW-03").Single().About));
        Assert.Equal(Severity.Medium, _desk.Signals("EW-04").Single().Severity);
        _desk.Tell(new OrderChanged { OrderId = "O1", Version = 1, Amount = 9_000, Currency = Eur, ShipOn = On("2026-03-10") });
        Assert.Single(_desk.Signals("EW-03", SignalChanged.Resolved));
        Assert.Empty(_desk.Signals("EW-04", SignalChanged.Resolved));
        _desk.Tell(new OrderCancelled { OrderId = "O1", Version = 1 });
        Assert.Single(_desk.Signals("EW-04", SignalChanged.Resolved));
    }

    [Fact]
    public void Oldest_item_fires_by_the_day_alone_on_the_day_it_is_more_than_fifteen_late()
    {
        Owe("I1", "2026-03-02");
        _desk.Days("2026-03-03", "2026-03-17");
        Assert.Empty(_desk.Signals("EW-05"));
        _desk.Day("2026-03-18");
        Assert.Equal((Severity.Medium, 16), (_desk.Signals("EW-05").Single().Severity, _desk.Signals("EW-05").Single().Value));
        _desk.Days("2026-03-19", "2026-04-02");
        Assert.Equal(Severity.High, _desk.Signals("EW-05").Last().Severity);
        Assert.Single(_desk.Signals("EW-10"));
        _desk.Days("2026-04-03", "2026-06-01");
        Assert.Equal(Severity.Critical, _desk.Signals("EW-10").Last().Severity);
    }

    [Fact]
    public void Share_overdue_fires_by_the_day_alone()
    {
        _desk.Limit(10_000_000);
        Owe("I1", "2026-03-02", 20_000);
        Owe("I2", "2026-05-02", 80_000);
        _desk.Days("2026-03-03", "2026-03-12");
        Assert.Empty(_desk.Signals("EW-06"));
        _desk.Day("2026-03-13");
        Assert.Equal(2_000, _desk.Signals("EW-06").Single().Value);
    }

    [Fact]
    public void Overdue_and_used()
    {
        Owe("I1", "2026-02-27", 1_001);
        Use(5_999);
        Assert.Empty(_desk.Signals("EW-07"));
        Use(6_100);
        Assert.Single(_desk.Signals("EW-07"));
        Use(4_700);
        _desk.Wait(61);
        Assert.Empty(_desk.Signals("EW-07", SignalChanged.Resolved));
        Use(4_500);
        _desk.Wait(61);
        Assert.Single(_desk.Signals("EW-07", SignalChanged.Resolved));
    }

    [Fact]
    public void Thirty_days_past_due_looks_at_original_dates_without_set_off()
    {
        _desk.Limit(10_000_000);
        Owe("I1", "2026-01-20");
        Assert.Single(_desk.Signals("EW-10"));
        Owe("I2", "2026-01-20");
        _desk.Tell(new InvoiceDueDateChanged { InvoiceId = "I1", DueOn = On("2026-06-01"), Kind = DueDateKind.Extension });
        _desk.Tell(new DisputeOpened { DisputeId = "X", ItemId = "I2", Amount = 50_000, Currency = Eur, OpenedOn = _desk.Book.Today });
        _desk.Pay("cash", 1_000_000);
        _desk.Wait(61);
        Assert.Empty(_desk.Signals("EW-10", SignalChanged.Resolved));
        _desk.Tell(new InvoiceDueDateChanged { InvoiceId = "I1", DueOn = On("2026-06-01"), Kind = DueDateKind.Correction });
        _desk.Allocate("A", "cash", "I2", 50_000);
        _desk.Wait(61);
        Assert.Single(_desk.Signals("EW-10", SignalChanged.Resolved));
    }

    [Fact]
    public void Limit_that_ends_warns_thirty_seven_and_no_days_ahead_and_after()
    {
        _desk.Tell(new LimitSet { Version = 9, Currency = Eur, Steps = [new LimitStep { From = 1, To = On("2026-04-05"), Kind = LimitKind.Amount, Amount = 10_000 }] });
        Assert.Empty(_desk.Signals("EW-11"));
        _desk.Days("2026-03-03", "2026-04-06");
        Assert.Equal([On("2026-03-06"), On("2026-03-29"), On("2026-04-05"), On("2026-04-06")], _desk.Signals("EW-11").Select(s => (int)s.Value + On("2026-04-05")));
        Assert.Equal([Severity.Low, Severity.Medium, Severity.High, Severity.Critical], _desk.Signals("EW-11").Select(s => s.Severity));
        _desk.Limit(10_000);
        _desk.Wait(61);
        Assert.Equal(4, _desk.Signals("EW-11", SignalChanged.Resolved).Count());
    }

    [Fact]
    public void Temporary_limit_that_ends_in_use()
    {
        Use(12_000);
        _desk.Tell(new TemporaryLimitGranted { TemporaryId = "T1", Amount = 20_000, Currency = Eur, From = _desk.Now, To = _desk.Now.Plus(10 * Instant.Day) });
        _desk.Wait(7 * 86_400 - 60);
        Assert.Empty(_desk.Signals("EW-12"));
        _desk.Wait(120);
        Assert.Equal(("T1", Severity.High), (_desk.Signals("EW-12").Single().About, _desk.Signals("EW-12").Single().Severity));
        Use(9_000);
        Assert.Single(_desk.Signals("EW-12", SignalChanged.Resolved));
    }

    [Fact]
    public void Order_behind_the_horizon_that_would_breach_is_seen_seven_days_ahead()
    {
        Use(9_500);
        _desk.Order("far", 600, shipOn: "2026-05-10");
        Assert.Empty(_desk.Signals("EW-13"));
        _desk.Day("2026-03-03");
        Assert.Empty(_desk.Signals("EW-13"));
        _desk.Day("2026-03-04");
        Assert.Single(_desk.Signals("EW-13"));
    }

    [Fact]
    public void Late_payment_takes_back_a_firing_that_was_false_on_its_own_dates()
    {
        _desk.Limit(10_000_000);
        Owe("I1", "2026-03-02");
        _desk.Days("2026-03-03", "2026-03-19");
        Assert.Single(_desk.Signals("EW-05"));
        PayOn("I1", 50_000, "2026-03-16");
        var back = _desk.Signals("EW-05", SignalChanged.Retracted).Single();
        Assert.Equal(_desk.Signals("EW-05").Single().SignalId, back.SignalId);
        _desk.Tell(new PaymentReceived { PaymentId = "more", Amount = 1, Currency = Eur, ValueOn = On("2026-03-16"), Cleared = true });
        _desk.Wait(61);
        Assert.Single(_desk.Signals("EW-05", SignalChanged.Retracted));
        Assert.Empty(_desk.Signals("EW-05", SignalChanged.Resolved));
    }

    [Fact]
    public void Firing_that_was_true_on_its_own_dates_is_resolved_and_not_taken_back()
    {
        _desk.Limit(10_000_000);
        Owe("I1", "2026-03-02");
        _desk.Days("2026-03-03", "2026-03-20");
        PayOn("I1", 50_000, "2026-03-19");
        _desk.Wait(61);
        Assert.Empty(_desk.Signals("EW-05", SignalChanged.Retracted));
        Assert.Single(_desk.Signals("EW-05", SignalChanged.Resolved));
    }

    [Fact]
    public void Missed_firing_is_noted_once_and_not_sent()
    {
        _desk.Limit(10_000_000);
        _desk.Tell(new PaymentReceived { PaymentId = "cash", Amount = 90_000, Currency = Eur, ValueOn = On("2026-03-01"), Cleared = true });
        Owe("I1", "2026-02-10");
        var note = _desk.Signals("EW-10", SignalChanged.LateCorrection).ToList();
        Assert.Empty(note);
        Assert.Empty(_desk.Signals("EW-05"));
        Assert.Equal("EW-05", Assert.Single(_desk.History.OfType<SignalChanged>(), s => s.State == SignalChanged.LateCorrection && s.Indicator == "EW-05").Indicator);
        Assert.False(_desk.History.OfType<SignalChanged>().Last(s => s.State == SignalChanged.LateCorrection).GoesOut);
    }

    [Fact]
    public void Stale_feed_makes_what_time_alone_brings_wait_and_a_fact_cures_at_once()
    {
        _desk.Limit(10_000_000);
        Owe("I1", "2026-02-28");
        Owe("old", "2025-12-01", 20_000);
        _desk.Order("O1", 100);
        _desk.Pay("P1", 20_000);
        Feed(new FeedStale { Feed = "erp", Since = _desk.Now });
        _desk.Wait(120);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O1"));
        var before = _desk.Signals("EW-05").Count();
        _desk.Days("2026-03-03", "2026-03-30");
        Assert.Equal(before, _desk.Signals("EW-05").Count());
        _desk.Tell(new CheckCredit { Amount = 1, Currency = Eur, Actor = "svc" });
        Assert.NotEqual(default, _desk.Decision.Figures!.StaleSince);
        _desk.Restart();
        Feed(new FeedCurrent { Feed = "erp" });
        Assert.Equal(OutcomeKind.Superseded, _desk.Tell(new FeedCurrent { Feed = "erp" }).Kind);
        Assert.True(_desk.Signals("EW-10").Any());
        _desk.Rules(("closeChecksWhenStale", 1));
        Feed(new FeedStale { Feed = "erp", Since = _desk.Now });
        _desk.Tell(new CheckCredit { Amount = 1, Currency = Eur, Actor = "svc" });
        Assert.Equal((Verdict.Refused, "FEED_STALE"), (_desk.Decision.Decision, _desk.Decision.Reasons[0].Rule));
    }

    private void Feed(Fact fact)
    {
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(fact).Kind);
        while (_desk.Book.SweepPending) _desk.Tell(new SweepDue { FromSlot = _desk.Book.SweepFrom });
    }

    [Fact]
    public void What_is_true_already_under_new_rules_is_one_digest()
    {
        _desk.Limit(100_000);
        Owe("I1", "2026-02-27", 30_000);
        Use(25_000);
        var before = _desk.History.OfType<SignalChanged>().Count();
        _desk.Rules(("signal.01.step1", 5_000), ("signal.05.days", 1), ("signal.06.days", 1));
        while (_desk.Book.SweepPending) _desk.Tell(new SweepDue { FromSlot = _desk.Book.SweepFrom });
        var digest = Assert.Single(_desk.History.OfType<SignalChanged>().Skip(before));
        Assert.Equal(("RULES", 3, "rule changed"), (digest.Indicator, digest.Value, digest.Clears));
        Assert.Equal(3, digest.EventIds.Count);
    }

    [Fact]
    public void Row_50_any_permitted_order_of_arrival_leaves_the_same_date_based_signals()
    {
        var expected = Standing(0);
        Assert.Equal(["EW-05 1"], expected);
        for (var late = 1; late <= 6; late++) Assert.Equal(expected, Standing(late));
    }

    /// <summary>One history: I1 stays unpaid, I2 is paid before it matters; its payment arrives some days late.</summary>
    private static List<string> Standing(int late)
    {
        var desk = new Desk(limit: 10_000_000, day: "2026-03-02");
        void Owe(string id, string due) => desk.Tell(new InvoicePosted { InvoiceId = id, Amount = 50_000, Currency = Eur, IssuedOn = On("2026-03-02"), DueOn = On(due) });
        Owe("I2", "2026-03-03");
        var paid = On("2026-03-18");
        for (var day = On("2026-03-03"); day <= On("2026-04-20"); day++)
        {
            desk.Day(DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
            if (day == On("2026-03-20")) Owe("I1", "2026-04-03");
            if (day != paid + late) continue;
            desk.Tell(new PaymentReceived { PaymentId = "P", Amount = 50_000, Currency = Eur, ValueOn = paid, Cleared = true });
            desk.Tell(new PaymentAllocated { AllocationId = "A", FromId = "P", AllocatedOn = paid, Items = [new AllocationItem { ItemId = "I2", Amount = 50_000 }] });
        }

        string[] dated = ["EW-05", "EW-10", "EW-11"];
        var back = desk.History.OfType<SignalChanged>().Where(s => s.State == SignalChanged.Retracted).Select(s => s.SignalId).ToHashSet();
        return [.. desk.History.OfType<SignalChanged>()
            .Where(s => s.State == SignalChanged.Raised && dated.Contains(s.Indicator) && !back.Contains(s.SignalId))
            .Select(s => $"{s.Indicator} {s.Step}").Order(StringComparer.Ordinal)];
    }
}
