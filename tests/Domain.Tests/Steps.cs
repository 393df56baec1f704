using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>The steps of the credit check: prepaid, reservations, ceilings, disputes, pauses, rates, components.</summary>
public sealed class Steps
{
    private readonly Desk _desk = new(limit: 1_000, day: "2026-03-02", riskFollows: false);

    private void PayFor(string id, string order, long amount, bool cleared = true) => _desk.Tell(new PaymentReceived
    {
        PaymentId = id, Amount = amount, Currency = Eur, ValueOn = _desk.Book.Today, Cleared = cleared, OrderId = order,
    });

    private void External(long amount) => _desk.Tell(new ExternalExposureReported { System = "erp", Amount = amount, Currency = Eur, AsOn = _desk.Book.Today, Time = _desk.Now.Plus(1) });

    [Fact]
    public void Prepaid_order_skips_all_steps_but_forced_hold_and_stop()
    {
        _desk.Invoice("late", 900_000, dueOn: "2025-12-01");
        PayFor("P1", "O1", 5_000);
        _desk.Order("O1", 5_000);
        Assert.Equal((OrderState.Accepted, "Prepaid"), (_desk.StateOf("O1"), _desk.Decision.Excuse));
        PayFor("P2", "O2", 4_999);
        _desk.Order("O2", 5_000);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O2"));
        PayFor("P3", "O3", 5_000, cleared: false);
        _desk.Order("O3", 5_000);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O3"));
    }

    [Fact]
    public void Prepaid_cash_that_goes_elsewhere_judges_the_order_again()
    {
        _desk.Limit(10);
        _desk.Invoice("I1", 500, dueOn: "2026-06-01");
        PayFor("P1", "O1", 500);
        _desk.Order("O1", 500);
        _desk.Allocate("A1", "P1", "I1", 100);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O1"));
    }

    [Fact]
    public void Own_invoice_is_not_elsewhere()
    {
        _desk.Limit(10);
        PayFor("P1", "O1", 500);
        _desk.Order("O1", 500);
        _desk.Deliver("D1", "O1", 300);
        _desk.Invoice("I1", 300, links: OfDelivery("D1", 300));
        _desk.Allocate("A1", "P1", "I1", 300);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        _desk.Tell(new PaymentRefunded { RefundId = "F", FromId = "P1", Amount = 100, Currency = Eur });
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O1"));
    }

    [Fact]
    public void Cash_that_names_an_order_frees_no_headroom_for_another()
    {
        PayFor("P1", "later", 5_000);
        _desk.Order("O1", 1_001);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O1"));
        PayFor("P2", "later", 100);
        _desk.Order("later", 200);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("later"));
        // Two payments back the same order once: 200 of its own, and no more.
        _desk.Order("O2", 1_000);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O2"));
        _desk.Order("O3", 1);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O3"));
    }

    [Fact]
    public void Named_cash_is_not_set_off_against_overdue_items()
    {
        _desk.Limit(1_000_000);
        _desk.Invoice("late", 50_000, dueOn: "2025-12-01");
        PayFor("P1", "later", 50_000);
        _desk.Order("O1", 100);
        Assert.Contains("110", _desk.Reasons("O1"));
    }

    [Fact]
    public void Excess_over_a_reservation_is_judged_on_top_and_unused_value_returns()
    {
        var kept = Reserve(800);
        Place("O1", 900, kept);
        Assert.Equal((OrderState.Accepted, 0, 900), (_desk.StateOf("O1"), _desk.Figures.Reserved, _desk.Figures.OrdersInside));
        kept = Reserve(100);
        Place("O2", 60, kept);
        Assert.Equal(("Reserved", 0, 960), (_desk.Decision.Excuse, _desk.Figures.Reserved, _desk.Figures.Gross));
    }

    [Fact]
    public void Held_order_keeps_its_reservation_until_it_ends_and_is_judged_with_it()
    {
        var kept = Reserve(800);
        Place("O1", 1_300, kept);
        Assert.Equal((OrderState.OnHold, 800), (_desk.StateOf("O1"), _desk.Figures.Reserved));
        _desk.Restart();
        External(300);
        Place("other", 100, kept);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("other"));
        _desk.Limit(1_600);
        Assert.Equal((OrderState.Accepted, 0), (_desk.StateOf("O1"), _desk.Figures.Reserved));
    }

    [Fact]
    public void Check_for_an_order_is_consumed_by_it_without_being_named()
    {
        _desk.Tell(new CheckCredit { OrderId = "O1", Amount = 900, Currency = Eur, Actor = "svc" });
        _desk.Order("O1", 900);
        Assert.Equal((0, 900), (_desk.Figures.Reserved, _desk.Figures.Gross));
        _desk.Tell(new CheckCredit { OrderId = "O2", Amount = 100, Currency = Eur, Actor = "svc", LiveMinutes = 1 });
        _desk.Wait(61);
        _desk.Order("O2", 101);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O2"));
    }

    [Fact]
    public void Reservation_of_an_order_that_was_delivered_before_it_was_told_is_free_again()
    {
        var kept = Reserve(800);
        _desk.Deliver("D1", "O1", 300, final: true);
        Place("O1", 800, kept);
        // 300 stand in D; what was kept for the order is not kept beside it.
        Assert.Equal((300, 0), (_desk.Figures.Delivered, _desk.Figures.Reserved));
        Assert.Equal("nothing left to deliver", Assert.Single(_desk.History.OfType<ReservationEnded>()).Reason);
    }

    [Fact]
    public void Reservation_of_an_order_that_was_cancelled_and_reopened_before_it_was_told_serves_it()
    {
        var kept = Reserve(800);
        _desk.Tell(new OrderCancelled { OrderId = "O1", Version = 1 });
        _desk.Tell(new OrderReopened { OrderId = "O1", Version = 2, Amount = 800, Currency = Eur, ShipOn = _desk.Book.Today });
        Place("O1", 800, kept);
        Assert.Equal((OrderState.Accepted, 0, 800, "Reserved"), (_desk.StateOf("O1"), _desk.Figures.Reserved, _desk.Figures.OrdersInside, _desk.Decision.Excuse));
    }

    private string Reserve(long amount)
    {
        _desk.Tell(new CheckCredit { Amount = amount, Currency = Eur, Actor = "svc" });
        return _desk.Decision.ReservationId;
    }

    private void Place(string id, long amount, string reservation) => _desk.Tell(new OrderPlaced
    {
        OrderId = id, Amount = amount, Currency = Eur, OrderedOn = _desk.Book.Today, ShipOn = _desk.Book.Today, ReservationId = reservation,
    });

    [Theory]
    [InlineData(1_100, Verdict.ApprovedWithWarnings)]
    [InlineData(1_101, Verdict.Held)]
    [InlineData(999, Verdict.Approved)]
    public void Band_of_tolerance_warns(long amount, Verdict expected)
    {
        _desk.Rules(("ceilingBp", 11_000), ("step.020", 0));
        _desk.Tell(new CheckCredit { Amount = amount, Currency = Eur, Actor = "svc" });
        Assert.Equal(expected, _desk.Decision.Decision);
    }

    [Fact]
    public void Largest_document_as_a_share_or_as_an_amount()
    {
        _desk.Rules(("maxDocumentBp", 0), ("maxDocumentAmount", 500), ("step.020", 3));
        _desk.Order("O1", 500);
        _desk.Order("O2", 501);
        Assert.Equal((OrderState.Accepted, OrderState.OnHold), (_desk.StateOf("O1"), _desk.StateOf("O2")));
        Assert.Equal(500, _desk.Detail.Holds.Single().Reasons.Single(r => r.Rule == "020").Threshold);
    }

    [Fact]
    public void Disputed_part_leaves_the_overdue_steps_for_sixty_days_at_most()
    {
        _desk.Limit(10_000_000);
        _desk.Invoice("late", 50_000, dueOn: "2026-01-20");
        _desk.Tell(new DisputeOpened { DisputeId = "X", ItemId = "late", Amount = 50_000, Currency = Eur, OpenedOn = On("2026-02-01") });
        _desk.Order("O1", 100);
        Assert.Equal((OrderState.Accepted, 50_000), (_desk.StateOf("O1"), _desk.Figures.Overdue));
        _desk.Restart();
        _desk.Day("2026-04-02");
        _desk.Order("O2", 100, shipOn: "2026-04-02");
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O2"));
        _desk.Day("2026-04-03");
        _desk.Order("O3", 100, shipOn: "2026-04-03");
        Assert.Contains("110", _desk.Reasons("O3"));
        _desk.Tell(new DisputeClosed { DisputeId = "X", Outcome = DisputeOutcome.Invalid, ClosedOn = _desk.Book.Today });
        Assert.Equal(0, _desk.Detail.Items.Single().Disputed);
    }

    [Fact]
    public void Items_of_a_plan_wait_for_its_end()
    {
        _desk.Limit(10_000_000);
        _desk.Invoice("late", 50_000, dueOn: "2025-12-01");
        Assert.Equal(OutcomeKind.Parked, _desk.Tell(new PlanEnded { PlanId = "L", Outcome = PlanOutcome.Broken }).Kind);
        _desk.Tell(new PlanAgreed { PlanId = "K", Items = ["late"], Currency = Eur, Instalments = [new Instalment { DueOn = On("2026-05-01"), Amount = 50_000 }] });
        _desk.Order("O1", 100);
        Assert.Equal((OrderState.Accepted, 50_000), (_desk.StateOf("O1"), _desk.Figures.Overdue));
        _desk.Restart();
        _desk.Tell(new PlanEnded { PlanId = "K", Outcome = PlanOutcome.Broken });
        _desk.Order("O2", 100);
        Assert.Contains("110", _desk.Reasons("O2"));
        Assert.Equal(OutcomeKind.Superseded, _desk.Tell(new PlanEnded { PlanId = "K", Outcome = PlanOutcome.Cancelled }).Kind);
    }

    [Fact]
    public void Pause_stops_the_count_for_holds_also_back_dated()
    {
        _desk.Limit(10_000_000);
        _desk.Invoice("late", 50_000, dueOn: "2026-01-29");
        _desk.Order("O1", 100);
        Assert.Contains("110", _desk.Reasons("O1"));
        _desk.Tell(new MoratoriumSet { From = On("2026-02-01"), To = On("2026-02-10"), Time = _desk.Now.Plus(5) });
        Assert.Equal(50_000, _desk.Figures.Late60);
        _desk.Wait(61);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        Assert.Equal(OutcomeKind.Superseded, _desk.Tell(new MoratoriumSet { From = On("2026-02-01"), To = On("2026-03-30"), Time = new Instant(1) }).Kind);
        _desk.Days("2026-03-03", "2026-03-10");
        _desk.Order("O2", 100);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O2"));
        _desk.Day("2026-03-11");
        _desk.Order("O3", 100, shipOn: "2026-03-12");
        Assert.Contains("110", _desk.Reasons("O3"));
    }

    [Fact]
    public void Dead_rate_holds_new_orders_only()
    {
        _desk.Limit(1_000_000);
        _desk.Rules(("step.020", 0));
        _desk.Rate("PLN", "0.25", "2026-03-01");
        var pln = Currency.Parse("PLN");
        _desk.Order("O1", 100, currency: pln);
        _desk.Day("2026-03-12");
        _desk.Order("O2", 100, "2026-03-20", currency: pln);
        Assert.Equal(["FX_STALE"], _desk.Reasons("O2"));
        _desk.Tell(new OrderChanged { OrderId = "O1", Version = 1, Amount = 200, Currency = pln, ShipOn = On("2026-03-10") });
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        _desk.Rate("PLN", "0.25", "2026-03-11");
        while (_desk.Book.SweepPending) _desk.Tell(new SweepDue { FromSlot = _desk.Book.SweepFrom });
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O2"));
    }

    [Theory]
    [InlineData("2026-03-01", 26_250)]
    [InlineData("2026-02-20", 27_500)]
    public void Exposure_in_another_currency_counts_with_a_haircut_that_doubles_when_the_rate_is_stale(string asOf, long figure)
    {
        _desk.Limit(100_000);
        _desk.Rate("PLN", "0.25", asOf);
        _desk.Tell(new InvoicePosted { InvoiceId = "I1", Amount = 100_000, Currency = Currency.Parse("PLN"), IssuedOn = _desk.Book.Today, DueOn = _desk.Book.Today + 30 });
        Assert.Equal((25_000, 100_000 - figure), (_desk.Figures.Gross, _desk.Figures.Available));
        _desk.Tell(new CheckCredit { Amount = 1, Currency = Eur, Actor = "svc" });
        Assert.Equal((25_000, figure), (_desk.Decision.Figures!.Gross, _desk.Decision.Figures.GrossWithHaircut));
    }

    [Theory]
    [InlineData(2_100, OrderState.Accepted)]
    [InlineData(2_099, OrderState.OnHold)]
    public void Haircut_of_a_currency_is_rounded_up_once_with_the_order_in_it(long limit, OrderState state)
    {
        // 1,001 owed and 999 ordered: 2,000 count as 2,100. Rounded up apart they would count as 1,052 + 1,049 = 2,101.
        var pln = Currency.Parse("PLN");
        _desk.Limit(limit);
        _desk.Rate("PLN", "1", "2026-03-01");
        _desk.Tell(new InvoicePosted { InvoiceId = "I1", Amount = 1_001, Currency = pln, IssuedOn = _desk.Book.Today, DueOn = _desk.Book.Today + 30 });
        _desk.Order("O1", 999, currency: pln);
        Assert.Equal(state, _desk.StateOf("O1"));

        // Changed to more and back: without its own value the rest counts 1,052, not 2,100 less 1,049.
        _desk.Tell(new OrderChanged { OrderId = "O1", Version = 1, Amount = 1_000, Currency = pln, ShipOn = On("2026-03-10") });
        _desk.Tell(new OrderChanged { OrderId = "O1", Version = 2, Amount = 999, Currency = pln, ShipOn = On("2026-03-10") });
        Assert.Equal(limit == 2_100 ? 2_100 : 1_052, limit - _desk.Figures.Available);
    }

    [Fact]
    public void Component_is_counted_statistical_or_off_by_segment()
    {
        External(900);
        _desk.Order("O1", 200);
        Assert.Equal((900, OrderState.OnHold), (_desk.Figures.Gross, _desk.StateOf("O1")));
        _desk.Rules(("segment/RETAIL/component.X", 1), ("component.H", 0));
        Assert.Equal(1_100, _desk.Figures.Gross);
        _desk.Tell(new CustomerChanged { Version = 1, Profile = new CustomerProfile { Segment = "RETAIL" } });
        Assert.Equal((200, 900), (_desk.Figures.Gross, _desk.Figures.External));
        _desk.Rules(("component.X", 2));
        Assert.Equal(0, _desk.Figures.External);
    }

    [Fact]
    public void Cap_on_unapplied_money_binds_only_what_no_money_at_risk_backs()
    {
        _desk.Invoice("I1", 1_000, dueOn: "2026-06-01");
        _desk.Rules(("unappliedCap", 100));
        _desk.Pay("P1", 300);
        Assert.Equal(900, _desk.Figures.Gross);
        _desk.Pay("P2", 400, cleared: false);
        Assert.Equal(900, _desk.Figures.Gross);
        _desk.Tell(new PaymentCleared { PaymentId = "P2", ClearedOn = _desk.Book.Today });
        Assert.Equal(900, _desk.Figures.Gross);
    }

    [Fact]
    public void Customer_in_a_segment_of_a_longer_horizon_is_judged_by_it()
    {
        _desk.Order("far", 5_000, shipOn: "2026-06-01");
        Assert.Equal(OrderState.Accepted, _desk.StateOf("far"));
        _desk.Rules(("segment/BUILD/horizonDays", 200));
        _desk.Tell(new CustomerChanged { Version = 1, Profile = new CustomerProfile { Segment = "BUILD" } });
        Assert.Equal(["HORIZON", "030"], _desk.Reasons("far"));
    }

    [Fact]
    public void Schedule_enters_the_horizon_line_by_line_and_a_failing_line_holds_the_whole_remainder()
    {
        _desk.Tell(new OrderPlaced
        {
            OrderId = "C", Amount = 1_500, Currency = Eur, OrderedOn = _desk.Book.Today, ShipOn = On("2026-03-10"),
            Schedule = [new ScheduleLine { ShipOn = On("2026-03-10"), Amount = 900 }, new ScheduleLine { ShipOn = On("2026-05-02"), Amount = 600 }],
        });
        Assert.Equal((OrderState.Accepted, 900, 600), (_desk.StateOf("C"), _desk.Figures.OrdersInside, _desk.Figures.OrdersOutside));
        _desk.Day("2026-03-03");
        Assert.Equal((OrderState.OnHold, 1_500), (_desk.StateOf("C"), _desk.Figures.Held));
    }

    [Fact]
    public void Due_date_on_a_free_day_moves_to_the_next_business_day_if_the_policy_says_so()
    {
        _desk.Invoice("I1", 100, dueOn: "2026-03-07");
        _desk.Rules(("rollDueDates", 1));
        _desk.Invoice("I2", 100, dueOn: "2026-03-07");
        Assert.Equal([On("2026-03-07"), On("2026-03-09")], _desk.Detail.Items.Select(i => i.DueOn));
    }

    [Fact]
    public void Answer_says_what_stands_after_it_without_counting_reserved_headroom_twice()
    {
        _desk.Tell(new CheckCredit { OrderId = "O1", Amount = 300, Currency = Eur, Actor = "svc" });
        Assert.Equal((0, 300), (_desk.Decision.Figures!.Gross, _desk.Decision.Figures.AfterThis));
        _desk.Order("O1", 400);
        Assert.Equal(400, _desk.Decision.Figures.AfterThis);
        _desk.Order("far", 500, shipOn: "2026-07-01");
        Assert.Equal((400, 400), (_desk.Decision.Figures.AfterThis, _desk.Figures.Gross));
    }

    [Fact]
    public void Named_cash_that_does_not_lower_the_exposure_is_not_added_to_it_either()
    {
        _desk.Rules(("component.U", 1));
        PayFor("P1", "later", 5_000);
        _desk.Order("O1", 1_000);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
    }

    [Fact]
    public void Rates_of_the_documents_date_cannot_be_chosen() => Assert.Equal("BAD_POLICY", _desk.Tell(new PolicyActivated
    {
        PolicyId = "p", Version = 9, Parameters = [new PolicyParameter { Name = "lockedRates", Value = "1" }],
    }).Reason);
}
