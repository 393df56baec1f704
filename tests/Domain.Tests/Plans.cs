using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Payment plans: kept they protect their items, missed they break by the day alone, settled or renewed they end.</summary>
public sealed class Plans
{
    private readonly Desk _desk = new(limit: 10_000_000, day: "2026-03-02", riskFollows: false);

    public Plans()
    {
        _desk.Invoice("I1", 60_000, dueOn: "2025-12-01");
        _desk.Invoice("I2", 40_000, dueOn: "2025-12-15");
    }

    private Outcome Agree(string plan = "K", bool crossDefault = false, string[]? items = null, params (string On, long Amount)[] parts) => _desk.Tell(new PlanAgreed
    {
        PlanId = plan, Items = items ?? ["I1", "I2"], Currency = Eur, CrossDefault = crossDefault,
        Instalments = [.. (parts.Length > 0 ? parts : [("2026-03-10", 50_000), ("2026-04-10", 50_000)]).Select(p => new Instalment { DueOn = On(p.Item1), Amount = p.Item2 })],
    });

    private void PayOn(string id, string item, long amount, string on)
    {
        _desk.Tell(new PaymentReceived { PaymentId = id, Amount = amount, Currency = Eur, ValueOn = On(on), Cleared = true });
        _desk.Tell(new PaymentAllocated { AllocationId = "A" + id, FromId = id, AllocatedOn = On(on), Items = [new AllocationItem { ItemId = item, Amount = amount }] });
    }

    private IEnumerable<string> Told => _desk.History.OfType<AuditNoted>().Where(n => n.Act.StartsWith("plan.", StringComparison.Ordinal)).Select(n => $"{n.About} {n.Act[5..]}");

    private OrderState Ask(string order)
    {
        _desk.Order(order, 100, shipOn: "2026-04-30");
        return _desk.StateOf(order);
    }

    [Fact]
    public void Kept_plan_stands_for_the_due_dates_of_its_items_while_ageing_and_provision_stay_on_the_original_ones()
    {
        Agree();
        Assert.Equal(OrderState.Accepted, Ask("O1"));
        Assert.Equal((100_000, 0), (_desk.Figures.Overdue, _desk.Figures.OldestDays));
        Assert.Single(_desk.Signals("EW-10"));
    }

    [Theory]
    [InlineData("2026-03-12", true)]
    [InlineData("2026-03-13", false)]
    public void Instalment_that_is_missed_by_more_than_two_days_breaks_the_plan_by_the_day_alone(string today, bool kept)
    {
        Agree();
        _desk.Days("2026-03-03", today);
        Assert.Equal(kept ? [] : ["K broken"], Told);
        _desk.Restart();
        Assert.Equal(kept ? OrderState.Accepted : OrderState.OnHold, Ask("O1"));
        Assert.Equal(kept ? [] : ["110", "PLAN_BROKEN"], _desk.Reasons("O1").Order(StringComparer.Ordinal).Where(r => r is "110" or "PLAN_BROKEN"));
        if (!kept) Assert.Equal((3, 2), (_desk.Detail.Holds.Single().Reasons.Single(r => r.Rule == "PLAN_BROKEN").Observed, _desk.Detail.Holds.Single().Reasons.Single(r => r.Rule == "PLAN_BROKEN").Threshold));
        _desk.Tell(new CheckCredit { Amount = 1, Currency = Eur, Actor = "svc" });
        Assert.Equal(!kept, _desk.Decision.Reasons.Any(r => r.Rule == "PLAN_BROKEN"));
    }

    [Fact]
    public void Instalments_that_are_paid_in_time_keep_the_plan_and_ninety_five_percent_are_enough()
    {
        Agree();
        PayOn("P1", "I1", 47_500, "2026-03-09");
        _desk.Days("2026-03-03", "2026-04-12");
        Assert.Empty(Told);
        PayOn("P2", "I1", 12_500, "2026-04-12");
        PayOn("P3", "I2", 34_999, "2026-04-12");
        _desk.Day("2026-04-13");
        Assert.Equal(["K broken"], Told);
    }

    [Fact]
    public void Payment_that_is_told_late_counts_from_its_own_date_and_one_that_came_late_does_not()
    {
        Agree();
        _desk.Days("2026-03-03", "2026-03-16");
        Ask("O1");
        PayOn("P1", "I1", 50_000, "2026-03-15");
        Assert.Equal(["K broken"], Told);
        PayOn("P2", "I2", 40_000, "2026-03-12");
        PayOn("P3", "I1", 10_000, "2026-03-11");
        Assert.Equal(["K broken", "K kept"], Told);
        _desk.Restart();
        _desk.Wait(61);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        // The bank takes it back: the instalment was never paid.
        _desk.Tell(new PaymentReturned { PaymentId = "P2", ReturnedOn = _desk.Book.Today });
        Assert.Equal("K broken", Told.Last());
    }

    [Fact]
    public void Broken_plan_ends_with_settled_items_and_not_with_its_cancellation()
    {
        Agree();
        _desk.Days("2026-03-03", "2026-03-13");
        Ask("O1");
        Assert.Contains("PLAN_BROKEN", _desk.Reasons("O1"));
        _desk.Tell(new PlanEnded { PlanId = "K", Outcome = PlanOutcome.Cancelled });
        _desk.Pay("cash", 100_000);
        Assert.Equal(["PLAN_BROKEN"], _desk.Reasons("O1"));
        _desk.Allocate("A", "cash", "I1", 60_000);
        Assert.Equal(["PLAN_BROKEN"], _desk.Reasons("O1"));
        _desk.Tell(new PaymentAllocated { AllocationId = "B", FromId = "cash", AllocatedOn = _desk.Book.Today, Items = [new AllocationItem { ItemId = "I2", Amount = 40_000 }] });
        Assert.Empty(_desk.Reasons("O1"));
        _desk.Wait(61);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
    }

    [Fact]
    public void New_plan_over_the_same_items_ends_the_reason()
    {
        Agree();
        _desk.Days("2026-03-03", "2026-03-13");
        Ask("O1");
        Agree("L", items: ["I1"], parts: [("2026-05-01", 60_000)]);
        Assert.Contains("PLAN_BROKEN", _desk.Reasons("O1"));
        Agree("M", items: ["I2"], parts: [("2026-05-01", 40_000)]);
        Assert.Empty(_desk.Reasons("O1"));
        _desk.Restart();
        _desk.Wait(61);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
    }

    [Fact]
    public void Plan_that_the_desk_ends_as_broken_is_broken_and_one_that_ends_well_is_not()
    {
        Agree(items: ["I1"]);
        Agree("L", items: ["I2"]);
        _desk.Tell(new PlanEnded { PlanId = "L", Outcome = PlanOutcome.Fulfilled });
        Assert.Empty(Told);
        _desk.Tell(new PlanEnded { PlanId = "K", Outcome = PlanOutcome.Broken });
        Assert.Equal(["K broken"], Told);
        Assert.Equal(OutcomeKind.Superseded, _desk.Tell(new PlanEnded { PlanId = "K", Outcome = PlanOutcome.Fulfilled }).Kind);
        Ask("O1");
        Assert.Contains("PLAN_BROKEN", _desk.Reasons("O1"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Breach_carries_over_to_other_plans_only_by_the_clause(bool crossDefault)
    {
        Agree(crossDefault: crossDefault, items: ["I1"]);
        Agree("L", items: ["I2"], parts: [("2026-06-01", 40_000)]);
        _desk.Days("2026-03-03", "2026-03-13");
        Assert.Equal(crossDefault ? ["K broken", "L broken"] : ["K broken"], Told);
        _desk.Restart();
        PayOn("P1", "I1", 60_000, "2026-03-10");
        Assert.Equal(crossDefault ? ["L kept"] : [], Told.Where(t => t == "L kept"));
    }

    [Fact]
    public void Plan_waits_for_its_items_and_its_end_for_the_plan_and_both_end_as_if_in_order()
    {
        var desk = new Desk(limit: 10_000_000, day: "2026-03-02", riskFollows: false);
        var agreed = desk.Now;
        desk.Day("2026-03-20");
        Assert.Equal(OutcomeKind.Parked, desk.Tell(new PlanEnded { PlanId = "K", Outcome = PlanOutcome.Cancelled, Time = desk.Now.Plus(2) }).Kind);
        Assert.Equal(OutcomeKind.Parked, desk.Tell(new PlanAgreed { PlanId = "K", Items = ["late"], Currency = Eur, Instalments = [new Instalment { DueOn = On("2026-03-10"), Amount = 50_000 }], Time = agreed }).Kind);
        desk.Invoice("late", 50_000, dueOn: "2025-12-01");
        Assert.Empty(desk.Detail.Parked);
        desk.Order("O1", 100);
        // It was missed before it was cancelled, whatever came first.
        Assert.Contains("PLAN_BROKEN", desk.Reasons("O1"));
    }

    [Fact]
    public void Silent_feed_breaks_no_plan()
    {
        Agree();
        _desk.Tell(new FeedStale { Feed = "bank", Since = _desk.Now });
        while (_desk.Book.SweepPending) _desk.Tell(new SweepDue { FromSlot = _desk.Book.SweepFrom });
        _desk.Days("2026-03-03", "2026-03-20");
        _desk.Pay("any", 1);
        Assert.Empty(Told);
        _desk.Tell(new FeedCurrent { Feed = "bank" });
        while (_desk.Book.SweepPending) _desk.Tell(new SweepDue { FromSlot = _desk.Book.SweepFrom });
        Assert.Equal(["K broken"], Told);
    }

    [Fact]
    public void Days_of_grace_share_and_reaction_are_the_policys()
    {
        _desk.Rules(("plan.graceDays", 5), ("plan.keptBp", 5_000), ("plan.broken", 1), ("step.110", 0));
        Agree();
        PayOn("P1", "I1", 24_999, "2026-03-10");
        _desk.Days("2026-03-03", "2026-03-15");
        Assert.Empty(Told);
        _desk.Day("2026-03-16");
        Assert.Equal(["K broken"], Told);
        Assert.Equal(OrderState.Accepted, Ask("O1"));
    }

    [Fact]
    public void Paid_items_of_a_running_plan_stay_in_memory_and_leave_together_with_it()
    {
        _desk.Rules(("closedKeepDays", 1));
        Agree(parts: [("2026-03-10", 60_000), ("2026-06-10", 40_000)]);
        PayOn("P1", "I1", 60_000, "2026-03-09");
        PayOn("P2", "I2", 40_000, "2026-06-09");
        _desk.Days("2026-03-03", "2026-06-10");
        Assert.Empty(Told);
        Assert.DoesNotContain(_desk.History, e => e is DocumentClosed);
        Assert.Equal(OutcomeKind.ConflictingDuplicate, Agree(parts: [("2026-09-10", 1)]).Kind);
        _desk.Days("2026-06-11", "2026-07-15");
        Assert.Empty(Told);
        Assert.Contains(_desk.History, e => e is DocumentClosed);
        _desk.Restart();
    }

    [Fact]
    public void Plan_in_another_currency_than_its_items_is_refused() =>
        Assert.Equal("CURRENCY_MISMATCH", _desk.Tell(new PlanAgreed { PlanId = "K", Items = ["I1"], Currency = Currency.Parse("USD"), Instalments = [new Instalment { DueOn = On("2026-03-10"), Amount = 1 }] }).Reason);
}
