using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Hold and release: what holds again, what cures, in which order, and what the records say.</summary>
public sealed class Holds
{
    private readonly Desk _desk = new(limit: 1_000, riskFollows: false);

    private void Change(string order, long amount, long version = 1, string shipOn = "2026-03-10", string terms = "") => _desk.Tell(new OrderChanged
    {
        OrderId = order, Version = version, Amount = amount, Currency = Eur, ShipOn = On(shipOn), Terms = terms,
    });

    private HoldChanged Last(string step) => _desk.History.OfType<HoldChanged>().Last(h => h.Step == step);

    private void ReleaseByHand(string order)
    {
        _desk.Tell(new RequestRelease { OrderId = order, Reason = "r", Actor = "ann" });
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(new ApproveRelease { OrderId = order, Actor = "bob", Authority = -1 }).Kind);
    }

    [Fact]
    public void Hold_record_has_every_field()
    {
        _desk.Order("O1", 1_500);
        var held = Last(HoldChanged.Held);
        var reason = Assert.Single(held.Reasons);
        Assert.Equal(("030", 1_500, 1_000, 500, "EUR", 2, true), (reason.Rule, reason.Observed, reason.Threshold, reason.Excess, reason.Currency, reason.RuleVersion, reason.StillValid));
        Assert.Equal(("Accept", _desk.LastEntry.ToString(), false), (held.Checkpoint, reason.Position, held.Forced));
        Assert.Equal(_desk.Now, held.CreatedAt);
    }

    [Fact]
    public void Release_names_all_payments_that_the_fit_needed_newest_first()
    {
        _desk.Invoice("I1", 1_000, dueOn: "2026-06-01");
        _desk.Order("O1", 500);
        _desk.Pay("P1", 100);
        var first = _desk.LastEntry.ToString();
        _desk.Pay("P2", 150);
        var second = _desk.LastEntry.ToString();
        _desk.Pay("P3", 300);
        var released = Last(HoldChanged.Released);
        Assert.Equal([_desk.LastEntry.ToString(), second, first], released.Causes);
        Assert.Equal((550, 5), (released.ValueCap, released.ReviewOn - _desk.Book.Today));
        Assert.Equal(_desk.Now.Plus(5 * Instant.Day), released.ValidUntil);
        Assert.NotEqual("", released.ReleaseId);
        _desk.Restart();
        _desk.Tell(new PaymentReturned { PaymentId = "P2", ReturnedOn = _desk.Book.Today });
        Assert.Contains("PAYMENT_RETURNED", _desk.Reasons("O1"));
        _desk.Pay("P4", 1_000);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O1"));
        ReleaseByHand("O1");
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
    }

    [Fact]
    public void Payment_that_the_fit_did_not_need_is_no_cause()
    {
        _desk.Invoice("I1", 1_000, dueOn: "2026-06-01");
        _desk.Order("O1", 500);
        _desk.Pay("P1", 100);
        _desk.Pay("P2", 500);
        Assert.Equal([_desk.LastEntry.ToString()], Last(HoldChanged.Released).Causes);
        _desk.Tell(new PaymentReturned { PaymentId = "P1", ReturnedOn = _desk.Book.Today });
        Assert.DoesNotContain("PAYMENT_RETURNED", _desk.Reasons("O1"));
    }

    [Fact]
    public void Released_order_is_held_again_only_for_a_reason_of_a_new_class()
    {
        _desk.Order("O1", 1_500);
        ReleaseByHand("O1");
        Change("O1", 1_600);
        Assert.Equal((OrderState.Accepted, "Grace"), (_desk.StateOf("O1"), _desk.Decision.Excuse));
        _desk.Invoice("late", 50_000, dueOn: "2025-12-01");
        Change("O1", 1_610, version: 2);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O1"));
    }

    [Fact]
    public void Order_is_looked_at_again_when_its_grace_is_over()
    {
        _desk.Order("O1", 1_500);
        ReleaseByHand("O1");
        _desk.Wait(5 * 86_400 - 60);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        _desk.Restart();
        _desk.Wait(120);
        Assert.Equal((OrderState.OnHold, "Grace"), (_desk.StateOf("O1"), Last(HoldChanged.Held).Checkpoint));
    }

    [Fact]
    public void Checkpoint_looks_again_unless_a_passed_check_serves_it()
    {
        _desk.Order("O1", 400);
        _desk.Tell(new ExternalExposureReported { System = "erp", Amount = 900, Currency = Eur, AsOn = _desk.Book.Today });
        Assert.Equal((Verdict.Approved, OrderState.Accepted), (Ask(Checkpoint.Ship), _desk.StateOf("O1")));
        Assert.Equal("Grace", _desk.Decision.Excuse);
        _desk.Wait(6 * 86_400);
        Assert.Equal((Verdict.Approved, OrderState.Accepted), (Ask(Checkpoint.Pick), _desk.StateOf("O1")));
        Assert.Equal((Verdict.Held, OrderState.OnHold), (Ask(Checkpoint.Ship), _desk.StateOf("O1")));
        Assert.Equal("Ship", Last(HoldChanged.Held).Checkpoint);
    }

    [Fact]
    public void Without_grace_every_checkpoint_looks_again()
    {
        _desk.Rules(("graceDays", 0));
        _desk.Order("O1", 400);
        _desk.Tell(new ExternalExposureReported { System = "erp", Amount = 900, Currency = Eur, AsOn = _desk.Book.Today });
        Assert.Equal(Verdict.Held, Ask(Checkpoint.Ship));
    }

    private Verdict Ask(Checkpoint checkpoint)
    {
        _desk.Tell(new CheckCredit { OrderId = "O1", Amount = 1, Currency = Eur, Checkpoint = checkpoint, Actor = "wms" });
        return _desk.Decision.Decision;
    }

    [Fact]
    public void Shipment_on_hold_stands_is_told_with_urgency_and_the_rest_stays_on_hold()
    {
        _desk.Order("O1", 1_500);
        _desk.Deliver("D1", "O1", 500);
        Assert.Equal((1_000, 500, OrderState.OnHold), (_desk.Figures.Held, _desk.Figures.Delivered, _desk.StateOf("O1")));
        Assert.Equal(Severity.High, _desk.Signals("OVERTAKEN").Single().Severity);
        _desk.Deliver("D2", "O1", 1_000);
        Assert.Equal("Overtaken", Last(HoldChanged.Ended).Reason);
        Assert.Single(_desk.Signals("OVERTAKEN", SignalChanged.Resolved));
    }

    [Fact]
    public void Invoice_of_an_order_on_hold_is_never_held()
    {
        _desk.Order("O1", 1_500);
        _desk.Invoice("I1", 1_500, links: new InvoiceLink { OrderId = "O1", Amount = 1_500 });
        Assert.Equal((0, 1_500), (_desk.Figures.Held, _desk.Figures.Receivables));
        Assert.Equal("Overtaken", Last(HoldChanged.Ended).Reason);
    }

    [Fact]
    public void Overdue_reason_dwells_and_a_reversal_within_it_keeps_the_hold()
    {
        _desk.Limit(1_000_000);
        _desk.Invoice("late", 50_000, dueOn: "2025-12-01");
        _desk.Order("O1", 100);
        _desk.Pay("P1", 50_000);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O1"));
        _desk.Wait(30);
        _desk.Tell(new PaymentReturned { PaymentId = "P1", ReturnedOn = _desk.Book.Today });
        _desk.Wait(60);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O1"));
        _desk.Pay("P2", 50_000);
        _desk.Wait(61);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
    }

    [Fact]
    public void Strict_stops_at_the_first_that_does_not_fit()
    {
        _desk.Rules(("releaseStrict", 1));
        Queue();
        _desk.Pay("P1", 500);
        // B is cured and waits for its turn.
        Assert.Equal((OrderState.OnHold, OrderState.ReadyToRelease), (_desk.StateOf("A"), _desk.StateOf("B")));
    }

    [Fact]
    public void Order_that_was_passed_over_becomes_a_barrier()
    {
        _desk.Rules(("barrierDays", 5));
        Queue();
        _desk.Pay("P1", 200);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("B"));
        _desk.Days("2026-03-03", "2026-03-09");
        _desk.Order("C", 100, "2026-03-20", priority: 3);
        _desk.Pay("P2", 100);
        Assert.Equal(OrderState.ReadyToRelease, _desk.StateOf("C"));
        Assert.Equal(600, _desk.Detail.Holds.Find(h => h.OrderId == "A")!.Needs);
    }

    [Theory]
    [InlineData(1, "B")]
    [InlineData(2, "B")]
    [InlineData(3, "A")]
    public void Other_strategies_choose_who_is_first(int strategy, string first)
    {
        _desk.Rules(("releaseOrder", strategy), ("releaseStrict", 1));
        Queue();
        _desk.Pay("P1", 700);
        Assert.Equal(first, _desk.History.OfType<HoldChanged>().First(h => h.Step == HoldChanged.Released).OrderId);
    }

    private void Queue()
    {
        _desk.Invoice("I1", 1_000, dueOn: "2026-06-01");
        _desk.Order("A", 700, "2026-03-10", priority: 1);
        _desk.Order("B", 200, "2026-03-05", priority: 2);
    }

    [Fact]
    public void Global_hold_stops_releases_refuses_checks_and_its_end_runs_the_pass()
    {
        _desk.Order("O1", 1_500);
        _desk.Tell(new SwitchGlobalHold { On = true, Reason = "fraud", Actor = "ann" });
        _desk.Limit(10_000);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O1"));
        _desk.Order("O2", 10);
        Assert.Equal(["GLOBAL_HOLD"], _desk.Reasons("O2"));
        _desk.Tell(new CheckCredit { Amount = 1, Currency = Eur, Actor = "svc" });
        Assert.Equal(Verdict.Refused, _desk.Decision.Decision);
        _desk.Tell(new SwitchGlobalHold { On = false, Reason = "over", Actor = "ann", ApprovedBy = "bob" });
        while (_desk.Book.SweepPending) _desk.Tell(new SweepDue { FromSlot = _desk.Book.SweepFrom });
        Assert.Equal((OrderState.Accepted, OrderState.Accepted), (_desk.StateOf("O1"), _desk.StateOf("O2")));
    }

    [Fact]
    public void What_was_reserved_beyond_a_released_order_lets_the_one_through_whose_turn_was_before_it()
    {
        _desk.Tell(new CheckCredit { OrderId = "B", Amount = 600, Currency = Eur, Actor = "svc", ShipOn = On("2026-03-20") });
        _desk.Tell(new SwitchGlobalHold { On = true, Reason = "fraud", Actor = "ann" });
        _desk.Order("B", 300, "2026-03-20");
        _desk.Order("A", 600, "2026-03-10");
        Assert.Equal(["GLOBAL_HOLD", "030"], _desk.Reasons("A"));
        _desk.Tell(new SwitchGlobalHold { On = false, Reason = "over", Actor = "ann", ApprovedBy = "bob" });
        while (_desk.Book.SweepPending) _desk.Tell(new SweepDue { FromSlot = _desk.Book.SweepFrom });
        // A comes first and does not fit beside the 600 of B; B takes 300 of them, and A fits into what is left.
        Assert.Equal(["B", "A"], _desk.History.OfType<HoldChanged>().Where(h => h.Step == HoldChanged.Released).Select(h => h.OrderId));
        Assert.Equal((900, 0), (_desk.Figures.Gross, _desk.Figures.Reserved));
    }

    [Fact]
    public void Cut_limit_honours_accepted_orders_unless_the_policy_looks_again()
    {
        _desk.Order("O1", 900);
        _desk.Limit(500);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        _desk.Rules(("recheckOnCut", 1));
        _desk.Limit(400);
        Assert.Equal((OrderState.OnHold, "LimitCut"), (_desk.StateOf("O1"), Last(HoldChanged.Held).Checkpoint));
    }

    [Fact]
    public void Order_that_enters_the_horizon_and_does_not_fit_is_held_for_it()
    {
        _desk.Order("far", 800, shipOn: "2026-05-02");
        _desk.Order("near", 500);
        Assert.Equal((OrderState.Accepted, OrderState.Accepted), (_desk.StateOf("far"), _desk.StateOf("near")));
        _desk.Day("2026-03-03");
        Assert.Equal(["HORIZON", "030"], _desk.Reasons("far"));
        _desk.Tell(new OrderCancelled { OrderId = "near", Version = 1 });
        Assert.Equal(OrderState.Accepted, _desk.StateOf("far"));
    }

    [Fact]
    public void Reduction_of_a_held_order_can_cure_it_and_never_holds_an_accepted_one()
    {
        _desk.Order("O1", 1_500);
        Change("O1", 1_000);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        _desk.Limit(10);
        Change("O1", 900, version: 2, shipOn: "2026-03-11");
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
    }

    [Fact]
    public void Unacknowledged_hold_escalates_and_a_rejected_order_counts_no_more()
    {
        _desk.Order("O1", 1_500);
        _desk.Wait(301);
        Assert.True(_desk.Detail.Holds.Single().Escalated);
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(new RejectOrder { OrderId = "O1", Reason = "no", Actor = "ann" }).Kind);
        Assert.Equal((0, -1_500), (_desk.Figures.Held, _desk.Residue(Residue.Cancelled)));
    }

    [Fact]
    public void Many_released_orders_leave_nothing_behind_once_they_are_delivered()
    {
        for (var i = 0; i < 50; i++)
        {
            _desk.Order("O" + i, 1_500);
            ReleaseByHand("O" + i);
            _desk.Deliver("D" + i, "O" + i, 1_500);
            _desk.Pay("P" + i, 1_500);
        }

        Assert.True(StateBytes() < 30_000, $"{StateBytes()} bytes");

        int StateBytes()
        {
            var buffer = new ByteBuffer();
            _desk.Book.WriteAccount(0, buffer);
            return buffer.Length;
        }
    }
}
