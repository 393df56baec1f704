using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>The pass over held orders and those that enter the horizon: who joins, who is passed over, what still stands.</summary>
public sealed class Passes
{
    private readonly Desk _desk = new(limit: 1_000, riskFollows: false);

    private HoldChanged Last(string step) => _desk.History.OfType<HoldChanged>().Last(h => h.Step == step);

    private void ReleaseByHand(string order)
    {
        _desk.Tell(new RequestRelease { OrderId = order, Reason = "r", Actor = "ann" });
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(new ApproveRelease { OrderId = order, Actor = "bob", Authority = -1 }).Kind);
    }

    private void External(long amount) => _desk.Tell(new ExternalExposureReported { System = "erp", Amount = amount, Currency = Eur, AsOn = _desk.Book.Today, Time = _desk.Now.Plus(1) });

    private Verdict Ask(string order, Checkpoint checkpoint = Checkpoint.Ship)
    {
        _desk.Tell(new CheckCredit { OrderId = order, Amount = 1, Currency = Eur, Checkpoint = checkpoint, Actor = "wms" });
        return _desk.Decision.Decision;
    }

    [Fact]
    public void Released_order_that_enters_the_horizon_stands_by_its_release()
    {
        External(1_001);
        _desk.Order("far", 500, shipOn: "2026-05-02");
        Assert.Equal(OrderState.OnHold, _desk.StateOf("far"));
        ReleaseByHand("far");
        _desk.Day("2026-03-03");
        Assert.Equal((OrderState.Accepted, "Grace"), (_desk.StateOf("far"), _desk.Decision.Excuse));
        _desk.Restart();
        _desk.Wait(6 * 86_400);
        Assert.Equal((OrderState.OnHold, "Grace"), (_desk.StateOf("far"), Last(HoldChanged.Held).Checkpoint));
    }

    [Fact]
    public void Order_that_a_rule_released_because_it_shipped_far_ahead_is_judged_like_a_new_one_when_it_enters()
    {
        _desk.Rules(("step.020", 0));
        External(1_001);
        _desk.Order("far", 500, shipOn: "2026-05-02");
        External(900);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("far"));
        _desk.Day("2026-03-03");
        Assert.Equal(["HORIZON", "030"], _desk.Reasons("far"));
    }

    [Fact]
    public void Released_order_that_enters_the_horizon_is_held_for_a_reason_of_a_new_class()
    {
        External(1_001);
        _desk.Order("far", 500, shipOn: "2026-05-02");
        ReleaseByHand("far");
        _desk.Invoice("late", 50_000, dueOn: "2025-12-01");
        _desk.Day("2026-03-03");
        Assert.Contains("110", _desk.Reasons("far"));
    }

    [Fact]
    public void Every_order_that_enters_the_horizon_is_decided_and_the_decision_told()
    {
        _desk.Order("far", 500, shipOn: "2026-05-02");
        var before = _desk.History.OfType<CheckDecided>().Count();
        _desk.Day("2026-03-03");
        Assert.Equal((before + 1, Verdict.ApprovedWithWarnings, 500), (_desk.History.OfType<CheckDecided>().Count(), _desk.Decision.Decision, _desk.Decision.Figures!.AfterThis));
    }

    [Fact]
    public void Checkpoint_looks_at_a_released_order_for_reasons_of_a_new_class_only()
    {
        _desk.Order("O1", 1_500);
        ReleaseByHand("O1");
        Assert.Equal((Verdict.Approved, "Grace"), (Ask("O1"), _desk.Decision.Excuse));
        _desk.Invoice("late", 50_000, dueOn: "2025-12-01");
        Assert.Equal((Verdict.Held, OrderState.OnHold), (Ask("O1"), _desk.StateOf("O1")));
        Assert.Contains("110", _desk.Reasons("O1"));
    }

    [Fact]
    public void Checkpoint_that_is_off_has_no_reasons_and_no_excuse()
    {
        _desk.Order("O1", 400);
        External(900);
        Assert.Equal((Verdict.Approved, "", 0), (Ask("O1", Checkpoint.Pick), _desk.Decision.Excuse, _desk.Decision.Reasons.Count));
    }

    [Fact]
    public void Checkpoint_lets_nothing_go_of_an_order_that_was_rejected_or_delivered()
    {
        Outcome Asked(string order) => _desk.Tell(new CheckCredit { OrderId = order, Amount = 1, Currency = Eur, Checkpoint = Checkpoint.Ship, Actor = "wms" });
        _desk.Order("O1", 1_500);
        _desk.Tell(new RejectOrder { OrderId = "O1", Reason = "no", Actor = "ann" });
        Assert.Equal("NOTHING_OPEN", Asked("O1").Reason);
        _desk.Order("O2", 400);
        Assert.Equal(OutcomeKind.Applied, Asked("O2").Kind);
        _desk.Deliver("D2", "O2", 400);
        Assert.Equal("NOTHING_OPEN", Asked("O2").Reason);
        Assert.Equal("UNKNOWN_ORDER", Asked("O3").Reason);
    }

    [Fact]
    public void Limit_that_is_good_once_is_used_up_by_the_order_that_enters_the_horizon_with_it()
    {
        External(900);
        _desk.Tell(new TemporaryLimitGranted { TemporaryId = "T1", Amount = 2_000, Currency = Eur, From = _desk.Now, To = _desk.Now.Plus(20 * Instant.Day), Once = true });
        _desk.Order("far", 500, shipOn: "2026-05-02");
        Assert.False(_desk.Book.LimitDetail(0).Temporary.Single().Consumed);
        _desk.Day("2026-03-03");
        Assert.Equal((OrderState.Accepted, true), (_desk.StateOf("far"), _desk.Book.LimitDetail(0).Temporary.Single().Consumed));
        _desk.Order("next", 50);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("next"));
    }

    [Fact]
    public void Limit_that_is_good_once_is_used_up_at_the_checkpoint_that_fails_without_it()
    {
        _desk.Rules(("graceDays", 0));
        _desk.Order("O1", 500);
        External(900);
        _desk.Tell(new TemporaryLimitGranted { TemporaryId = "T1", Amount = 2_000, Currency = Eur, From = _desk.Now, To = _desk.Now.Plus(20 * Instant.Day), Once = true });
        Assert.NotEqual(Verdict.Held, Ask("O1"));
        Assert.Equal(Verdict.Held, Ask("O1"));
    }

    [Fact]
    public void Held_order_says_what_it_needs_as_at_the_end_of_the_pass_also_when_others_joined()
    {
        _desk.Rules(("step.020", 0));
        _desk.Order("first", 1_200, priority: 1);
        Assert.Equal(200, _desk.Detail.Holds.Single().Needs);
        _desk.Order("far", 300, shipOn: "2026-05-02", priority: 9);
        _desk.Day("2026-03-03");
        Assert.Equal(OrderState.Accepted, _desk.StateOf("far"));
        Assert.Equal((500, 500), (_desk.Detail.Holds.Single().Needs, Last(HoldChanged.Judged).Needs));
    }

    [Fact]
    public void Strict_judges_the_marks_of_those_behind_and_strands_nobody_who_enters()
    {
        _desk.Rules(("releaseStrict", 1), ("step.020", 0), ("dwellSeconds", 0));
        _desk.Limit(60_000);
        _desk.Invoice("late", 50_000, dueOn: "2025-12-01");
        _desk.Order("first", 70_000, priority: 1);
        _desk.Order("behind", 100, priority: 2);
        _desk.Order("far", 300, shipOn: "2026-05-02", priority: 3);
        Assert.Equal(["110"], _desk.Reasons("behind"));
        _desk.Tell(new PaymentReceived { PaymentId = "P", Amount = 50_000, Currency = Eur, ValueOn = _desk.Book.Today, Cleared = true });
        Assert.Equal(["030"], _desk.Reasons("first"));
        Assert.Equal((0, OrderState.ReadyToRelease), (_desk.Reasons("behind").Count(), _desk.StateOf("behind")));
        _desk.Day("2026-03-03");
        Assert.Equal(_desk.Detail.Orders.Count(o => o.State != OrderState.Accepted), _desk.Detail.Holds.Count);
        _desk.Limit(80_000);
        Assert.Equal((OrderState.Accepted, OrderState.Accepted), (_desk.StateOf("first"), _desk.StateOf("behind")));
    }

    [Fact]
    public void Order_that_waits_for_the_receipt_of_its_new_payer_enters_the_horizon_unjudged()
    {
        _desk.Order("far", 500, shipOn: "2026-05-02");
        _desk.Tell(new OrderPayerChanged { OrderId = "far", NewPayer = "C-2", Version = 1 });
        External(1_001);
        _desk.Day("2026-03-03");
        Assert.Equal((OrderState.Accepted, 500, 0), (_desk.StateOf("far"), _desk.Figures.OrdersInside, _desk.Detail.Holds.Count));
    }

    [Fact]
    public void While_a_feed_is_silent_the_day_holds_who_enters_and_releases_nobody()
    {
        _desk.Rules(("step.020", 0));
        _desk.Tell(new TemporaryLimitGranted { TemporaryId = "T", Amount = 400, Currency = Eur, From = _desk.Now.Plus(-Instant.Day), To = _desk.Now.Plus(Instant.Day / 2) });
        _desk.Order("held", 500);
        _desk.Order("far", 600, shipOn: "2026-05-02");
        Assert.Equal((OrderState.OnHold, OrderState.Accepted), (_desk.StateOf("held"), _desk.StateOf("far")));
        _desk.Tell(new FeedStale { Feed = "bank", Since = _desk.Now });
        while (_desk.Book.SweepPending) _desk.Tell(new SweepDue { FromSlot = _desk.Book.SweepFrom });
        _desk.Wait(86_400);
        _desk.Day("2026-03-03");
        Assert.Equal(OrderState.OnHold, _desk.StateOf("held"));
    }

    [Fact]
    public void Barrier_counts_only_from_the_day_on_which_somebody_behind_was_let_through()
    {
        _desk.Rules(("barrierDays", 5), ("step.020", 0));
        _desk.Invoice("I1", 1_000, dueOn: "2026-06-01");
        _desk.Order("A", 700, "2026-03-10", priority: 1);
        _desk.Order("B", 200, "2026-03-05", priority: 2);
        _desk.Order("C", 900, "2026-03-05", priority: 3);
        _desk.Pay("P1", 200);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("B"));
        // C stands behind B: nobody passed it over.
        Assert.Equal([_desk.Book.Today, 0], [.. _desk.Book.RareOf(0)!.Holds.Select(h => h.PassedOverOn)]);
    }

    [Fact]
    public void Bounced_acceptance_takes_back_what_it_released()
    {
        _desk.Limit(1_000_000);
        _desk.Rules(("dwellSeconds", 0));
        _desk.Invoice("late", 50_000, dueOn: "2025-12-01");
        _desk.Order("O1", 100);
        _desk.Tell(new AcceptanceReceived { AcceptanceId = "N", Amount = 50_000, Currency = Eur, Kind = AcceptanceKind.BankAcceptance, ReceivedOn = _desk.Book.Today, MaturesOn = _desk.Book.Today + 90 });
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        _desk.Tell(new AcceptanceDishonoured { AcceptanceId = "N", On = _desk.Book.Today });
        Assert.Contains("PAYMENT_RETURNED", _desk.Reasons("O1"));
    }

    [Fact]
    public void Payment_that_bounces_takes_back_no_release_of_a_person()
    {
        _desk.Rules(("step.020", 0));
        _desk.Order("O1", 5_000);
        _desk.Invoice("I1", 400, dueOn: "2026-06-01");
        _desk.Pay("P1", 400);
        ReleaseByHand("O1");
        _desk.Tell(new PaymentReturned { PaymentId = "P1", ReturnedOn = _desk.Book.Today });
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
    }

    [Fact]
    public void Restricted_holds_new_orders_and_leaves_accepted_ones_alone()
    {
        _desk.Rules(("graceDays", 0));
        _desk.Order("O1", 100);
        _desk.Order("O3", 100);
        _desk.Book.Account(0).RiskState = RiskState.Restricted;
        Assert.Equal(Verdict.Approved, Ask("O1"));
        // To grow is to be new.
        _desk.Tell(new OrderChanged { OrderId = "O3", Version = 1, Amount = 101, Currency = Eur, ShipOn = On("2026-03-10") });
        Assert.Equal(["RISK_STATE"], _desk.Reasons("O3"));
        _desk.Order("O2", 100);
        Assert.Equal(["RISK_STATE"], _desk.Reasons("O2"));
        _desk.Tell(new CheckCredit { Amount = 1, Currency = Eur, Actor = "svc" });
        Assert.Equal("RISK_STATE", _desk.Decision.Reasons.Single().Rule);
    }

    [Fact]
    public void Order_that_an_invoice_gives_back_is_checked_before_it_counts_again()
    {
        _desk.Rules(("step.020", 0));
        _desk.Order("O1", 900);
        _desk.Invoice("I1", 900, links: new InvoiceLink { OrderId = "O1", Amount = 900 });
        _desk.Tell(new WriteOffPosted { WriteOffId = "W", Items = [new WriteOffItem { ItemId = "I1", Amount = 900 }] });
        _desk.Order("O2", 900);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O2"));
        _desk.Tell(new InvoiceCancelled { InvoiceId = "I1", Restores = Restores.Delivery });
        Assert.Equal((OrderState.OnHold, 900, 900), (_desk.StateOf("O1"), _desk.Figures.Held, _desk.Figures.Gross));
    }

    [Fact]
    public void Order_that_a_posting_gives_back_is_checked_before_it_counts_again()
    {
        _desk.Rules(("step.020", 0));
        _desk.Order("O1", 900);
        _desk.Tell(new InvoiceBilled { InvoiceId = "I1", Amount = 900, Currency = Eur, Links = [new InvoiceLink { OrderId = "O1", Amount = 900 }] });
        _desk.Invoice("I1", 500, links: new InvoiceLink { OrderId = "O1", Amount = 300 });
        Assert.Equal((OrderState.OnHold, 600, 500), (_desk.StateOf("O1"), _desk.Figures.Held, _desk.Figures.Receivables));
    }
}
