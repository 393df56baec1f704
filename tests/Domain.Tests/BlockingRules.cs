using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>The rule set of a desk: scopes, exclusions and their order of evaluation.</summary>
public sealed class BlockingRules
{
    private readonly Desk _desk = new(limit: 100_000_000, day: "2026-03-02", riskFollows: false);

    private void Owe(string due = "2026-02-10", long amount = 5_000) => _desk.Invoice("late", amount, dueOn: due);

    private void Exclude(ExclusionKind kind, long value = 0, string order = "", string id = "x") => Assert.Equal(OutcomeKind.Applied, _desk.Tell(new SetExclusion
    {
        ExclusionId = id, Kind = kind, OrderId = order, Value = value, Owner = "ann", EndsOn = On("2026-03-05"), Reason = "agreed", Actor = "ann", ApprovedBy = "bob",
    }).Kind);

    [Fact]
    public void Grace_days_of_the_customer_come_on_top()
    {
        _desk.Rules(("rule.1", 3), ("rule.1.days", 10));
        Owe(due: "2026-02-15");
        _desk.Order("O1", 100);
        Assert.Equal(["R1"], _desk.Reasons("O1"));
        _desk.Tell(new CustomerChanged { Version = 1, Profile = new CustomerProfile { GraceDays = 5 } });
        _desk.Wait(61);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
    }

    [Fact]
    public void Rule_of_one_customer_beats_that_of_a_tier_and_that_of_everybody()
    {
        _desk.Tell(new CustomerChanged { Version = 1, Profile = new CustomerProfile { Tier = "GOLD" } });
        Owe(due: "2026-02-15");
        _desk.Rules(("rule.1", 3), ("rule.1.days", 5), ("group/GOLD/rule.1", 3), ("group/GOLD/rule.1.days", 20));
        _desk.Order("O1", 100);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        _desk.Rules(("rule.1", 3), ("rule.1.days", 5), ("group/GOLD/rule.1", 3), ("group/GOLD/rule.1.days", 20), ("customer/C-1/rule.1", 3), ("customer/C-1/rule.1.days", 7));
        _desk.Order("O2", 100);
        Assert.Equal(["R1"], _desk.Reasons("O2"));
    }

    [Fact]
    public void Risk_group_comes_from_the_grade_that_two_people_set()
    {
        Owe(due: "2026-02-15");
        _desk.Rules(("risk/D/rule.1", 3), ("risk/D/rule.1.days", 5));
        _desk.Order("O1", 100);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        Assert.Equal("SELF_APPROVAL", _desk.Tell(new RatingOverridden { Grade = "D", By = "ann", ApprovedBy = ["ann"] }).Reason);
        _desk.Tell(new RatingOverridden { Grade = "D", By = "ann", ApprovedBy = ["bob"], StaleAt = On("2026-03-04") });
        _desk.Order("O2", 100);
        Assert.Equal(["R1"], _desk.Reasons("O2"));
        _desk.Day("2026-03-04");
        _desk.Wait(61);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O2"));
    }

    [Fact]
    public void Exclusion_of_the_customer_beats_a_wider_rule_and_not_one_for_the_customer()
    {
        Owe(due: "2026-02-15");
        Exclude(ExclusionKind.DaysOverdue, 30);
        _desk.Rules(("rule.1", 3), ("rule.1.days", 5));
        _desk.Order("O1", 100);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        _desk.Rules(("customer/C-1/rule.1", 3), ("customer/C-1/rule.1.days", 5));
        _desk.Order("O2", 100);
        Assert.Equal(["R1"], _desk.Reasons("O2"));
        Exclude(ExclusionKind.DaysOverdue, 30, order: "O3", id: "y");
        _desk.Order("O3", 100);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O3"));
    }

    [Fact]
    public void Exclusion_affects_its_own_rule_with_its_own_kind_of_value()
    {
        Owe(due: "2026-02-15", amount: 5_000);
        _desk.Rules(("rule.1", 3), ("rule.1.days", 5), ("rule.6", 3), ("rule.6.amount", 50));
        Exclude(ExclusionKind.OverdueAmount, 4_999, id: "small");
        _desk.Order("O1", 100);
        Assert.Equal(["R1", "R6"], _desk.Reasons("O1"));
        Exclude(ExclusionKind.OverdueAmount, 5_000, id: "whole");
        Assert.Equal(["R6"], _desk.Reasons("O1"));
        Exclude(ExclusionKind.OrderAmount, 100, id: "order");
        _desk.Wait(61);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
    }

    [Fact]
    public void Exclusion_that_releases_ends_with_its_day_and_never_beats_a_forced_hold()
    {
        _desk.Limit(10);
        Exclude(ExclusionKind.ReleaseOrder);
        _desk.Order("O1", 100);
        Assert.Equal((OrderState.Accepted, "Exclusion"), (_desk.StateOf("O1"), _desk.Decision.Excuse));
        _desk.Tell(new ForceHold { OrderId = "O1", Reason = "odd", Actor = "ann" });
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O1"));
        _desk.Day("2026-03-06");
        _desk.Order("O2", 100);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O2"));
        _desk.Restart();
    }

    [Fact]
    public void Exclusion_needs_a_second_person_and_one_ends_it()
    {
        var alone = new SetExclusion { ExclusionId = "x", Kind = ExclusionKind.ReleaseOrder, Owner = "ann", EndsOn = On("2026-03-05"), Reason = "r", Actor = "ann", ApprovedBy = "ann" };
        Assert.Equal("SELF_APPROVAL", _desk.Tell(alone).Reason);
        _desk.Limit(10);
        Exclude(ExclusionKind.ReleaseOrder);
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(new EndExclusion { ExclusionId = "x", Actor = "eve" }).Kind);
        Assert.Equal("NO_EXCLUSION", _desk.Tell(new EndExclusion { ExclusionId = "x", Actor = "eve" }).Reason);
        _desk.Order("O1", 100);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O1"));
    }

    [Fact]
    public void Expired_limit_blocks_after_its_days_and_without_a_date_if_the_policy_says_so()
    {
        _desk.Tell(new LimitSet { Version = 9, Currency = Eur, Steps = [new LimitStep { From = 1, To = On("2026-03-01"), Kind = LimitKind.Amount, Amount = 100_000 }] });
        _desk.Rules(("rule.4", 3), ("rule.4.days", 1));
        _desk.Order("O1", 100);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        _desk.Day("2026-03-03");
        _desk.Order("O2", 100);
        Assert.Equal(["R4"], _desk.Reasons("O2"));
        _desk.Limit(100_000);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O2"));
        _desk.Rules(("rule.4", 3), ("rule.4.noDate", 1));
        _desk.Order("O3", 100);
        Assert.Equal(["R4"], _desk.Reasons("O3"));
    }

    [Fact]
    public void Ranks_of_terms_come_from_the_policys_table()
    {
        _desk.Tell(new TermsAssigned { Terms = "N30", NetDays = 30, Rank = 3 });
        _desk.Rules(("rule.8", 3), ("terms/N30/rank", 3), ("terms/EOM/rank", 2), ("terms/N90/rank", 9));
        Assert.Equal(OrderState.Accepted, Placed("O1", "EOM"));
        Assert.Equal(OrderState.OnHold, Placed("O2", "N90"));
        Assert.Equal(OrderState.OnHold, Placed("O3", "NEVER-HEARD"));
        Assert.Equal(OrderState.Accepted, Placed("O4", "N30"));
    }

    private OrderState Placed(string id, string terms)
    {
        _desk.Tell(new OrderPlaced { OrderId = id, Amount = 100, Currency = Eur, OrderedOn = _desk.Book.Today, ShipOn = _desk.Book.Today, Terms = terms });
        return _desk.StateOf(id);
    }

    [Fact]
    public void Refuse_on_the_stream_holds_and_is_advised()
    {
        _desk.Rules(("step.030", 4));
        _desk.Limit(100);
        _desk.Order("O1", 101);
        var held = _desk.History.OfType<HoldChanged>().Last(h => h.Step == HoldChanged.Held);
        Assert.True(held.RefuseAdvised && _desk.Decision.RefuseAdvised);
        Assert.Equal(Verdict.Held, _desk.Decision.Decision);
        _desk.Tell(new CheckCredit { Amount = 101, Currency = Eur, Actor = "svc" });
        Assert.Equal(Verdict.Refused, _desk.Decision.Decision);
    }

    [Fact]
    public void Both_overdue_amount_and_use_must_be_exceeded()
    {
        _desk.Rules(("rule.5", 3), ("rule.5.amount", 1_000), ("rule.5.shareBp", 5_000));
        _desk.Limit(20_000);
        Owe(due: "2026-02-27", amount: 5_000);
        _desk.Order("O1", 100);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        _desk.Tell(new ExternalExposureReported { System = "erp", Amount = 6_000, Currency = Eur, AsOn = _desk.Book.Today });
        _desk.Order("O2", 100);
        Assert.Equal(["R5"], _desk.Reasons("O2"));
    }

    [Fact]
    public void Blocked_status_and_prepaid_terms_may_be_ruled_for_one_customer_too()
    {
        _desk.Tell(new CustomerChanged { Version = 1, Profile = new CustomerProfile { Status = "Blocked", PrepayOnly = YesNo.Yes } });
        _desk.Order("O1", 100);
        Assert.Equal(["R2", "R3"], _desk.Reasons("O1"));
        _desk.Rules(("customer/C-1/rule.2", 0), ("customer/C-1/rule.3", 2));
        while (_desk.Book.SweepPending) _desk.Tell(new SweepDue { FromSlot = _desk.Book.SweepFrom });
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
    }

    [Fact]
    public void Terms_that_ask_for_the_money_first_hold_the_order_that_did_not_pay()
    {
        _desk.Rules(("terms/PIA/prepay", 1));
        Assert.Equal(OrderState.OnHold, Placed("O1", "PIA"));
        Assert.Equal(["R3"], _desk.Reasons("O1"));
        Assert.Equal(OrderState.Accepted, Placed("O2", "N30"));
        _desk.Tell(new PaymentReceived { PaymentId = "P", Amount = 100, Currency = Eur, ValueOn = _desk.Book.Today, Cleared = true, OrderId = "O1" });
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
    }
}
