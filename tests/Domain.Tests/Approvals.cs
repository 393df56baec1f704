using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Two people decide, up to their authority, about what was shown.</summary>
public sealed class Approvals
{
    private readonly Desk _desk = new(limit: 1_000);

    private void Ask(string order = "O1") => Assert.Equal(OutcomeKind.Applied, _desk.Tell(new RequestRelease { OrderId = order, Reason = "good customer", Actor = "ann" }).Kind);

    private Outcome Approve(string by = "bob", long authority = -1, params string[] reasons) =>
        _desk.Tell(new ApproveRelease { OrderId = "O1", Actor = by, Authority = authority, Reasons = reasons });

    [Fact]
    public void Approval_binds_the_reasons_that_were_shown()
    {
        _desk.Order("O1", 5_000);
        Ask();
        _desk.Invoice("late", 50_000, dueOn: "2025-12-01");
        Assert.Equal("VERSION_CONFLICT", Approve().Reason);
        Assert.Equal("VERSION_CONFLICT", Approve("bob", -1, "030").Reason);
        Assert.Equal(OutcomeKind.Applied, Approve("bob", -1, "110", "030").Kind);
        Assert.Equal("PersonWithAuthority", _desk.History.OfType<HoldChanged>().Last().Excuse);
    }

    [Fact]
    public void Approval_binds_order_and_limit_version()
    {
        _desk.Order("O1", 5_000);
        Ask();
        _desk.Tell(new OrderChanged { OrderId = "O1", Version = 1, Amount = 5_100, Currency = Eur, ShipOn = On("2026-03-10") });
        Assert.Equal("VERSION_CONFLICT", Approve().Reason);
        _desk.Tell(new RejectRelease { OrderId = "O1", Actor = "bob" });
        Ask();
        _desk.Limit(1_001);
        Assert.Equal("VERSION_CONFLICT", Approve().Reason);
    }

    [Fact]
    public void Request_lapses_after_three_business_days()
    {
        _desk.Tell(new CalendarPublished { CalendarId = "de", Weekend = ["Saturday", "Sunday"], Holidays = ["2026-03-04"] });
        _desk.Order("O1", 5_000);
        Ask();
        // Monday the 2nd, with a holiday on Wednesday: until Friday.
        _desk.Wait(4 * 86_400 - 60);
        Assert.Equal(OrderState.PendingApproval, _desk.StateOf("O1"));
        _desk.Wait(120);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O1"));
        Assert.Contains(_desk.History.OfType<HoldChanged>(), h => h.Step == HoldChanged.Lapsed);
        Assert.Equal("NO_REQUEST", Approve().Reason);
        _desk.Restart();
    }

    [Fact]
    public void Weekend_is_no_business_day_and_a_calendar_must_make_sense()
    {
        var desk = new Desk(limit: 10, day: "2026-03-06");
        desk.Order("O1", 5_000);
        desk.Tell(new RequestRelease { OrderId = "O1", Reason = "r", Actor = "ann" });
        desk.Wait(5 * 86_400 - 60);
        Assert.Equal(OrderState.PendingApproval, desk.StateOf("O1"));
        desk.Wait(120);
        Assert.Equal(OrderState.OnHold, desk.StateOf("O1"));
        Assert.Equal("BAD_CALENDAR", desk.Tell(new CalendarPublished { CalendarId = "x", Holidays = ["tomorrow"] }).Reason);
        Assert.Equal("BAD_CALENDAR", desk.Tell(new CalendarPublished { CalendarId = "x", Weekend = ["Caturday"] }).Reason);
    }

    [Fact]
    public void Above_an_amount_two_people_approve()
    {
        _desk.Rules(("twoApproversAbove", 4_000));
        _desk.Order("O1", 5_000);
        Ask();
        Approve("bob");
        Assert.Equal(OrderState.PendingApproval, _desk.StateOf("O1"));
        Assert.Equal("SELF_APPROVAL", Approve("bob").Reason);
        Approve("cid");
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        Assert.Equal("bob,cid", _desk.History.OfType<HoldChanged>().Last(h => h.Step == HoldChanged.Released).Approver);
    }

    [Fact]
    public void Authority_may_be_measured_on_the_exposure_after_the_release()
    {
        _desk.Rules(("authorityOn", 1));
        _desk.Invoice("I1", 900, dueOn: "2026-06-01");
        _desk.Order("O1", 500);
        Ask();
        Assert.Equal("AUTHORITY", Approve("bob", 1_399).Reason);
        Assert.Equal(OutcomeKind.Applied, Approve("bob", 1_400).Kind);
    }

    [Fact]
    public void Who_raised_the_limit_may_not_approve_the_release()
    {
        _desk.Rules(("conflictOfDutyHours", 24));
        _desk.Tell(new RequestLimit { Kind = LimitKind.Amount, Amount = 2_000, Version = 1, Reason = "grows", Actor = "bob", Authority = -1 });
        _desk.Order("O1", 5_000);
        Ask();
        Assert.Equal("CONFLICT_OF_DUTY", Approve("bob").Reason);
        Assert.Equal(OutcomeKind.Applied, Approve("cid").Kind);
    }

    [Fact]
    public void Lifting_a_forced_hold_needs_two_people_and_authority_and_lets_the_rules_decide()
    {
        _desk.Limit(100_000);
        _desk.Order("O1", 5_000);
        _desk.Tell(new ForceHold { OrderId = "O1", Reason = "odd", Actor = "ann" });
        Assert.Equal("SELF_APPROVAL", Lift("ann", "ann").Reason);
        Assert.Equal("AUTHORITY", Lift("ann", "bob", 4_999).Reason);
        Assert.Equal(OutcomeKind.Applied, Lift("ann", "bob").Kind);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        Assert.Equal("NOT_ON_HOLD", Lift("ann", "bob").Reason);

        Outcome Lift(string by, string approver, long authority = 5_000) =>
            _desk.Tell(new LiftForcedHold { OrderId = "O1", Reason = "cleared up", Actor = by, ApprovedBy = approver, Authority = authority });
    }

    [Fact]
    public void Stop_holds_all_that_is_undelivered_and_its_end_judges_again()
    {
        _desk.Limit(100_000);
        _desk.Order("O1", 5_000);
        _desk.Order("O2", 2_000);
        _desk.Deliver("D2", "O2", 2_000);
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(new StopCustomer { Reason = "insolvent", Actor = "ann" }).Kind);
        Assert.Equal((OrderState.OnHold, RiskState.Stopped), (_desk.StateOf("O1"), _desk.Figures.RiskState));
        Assert.True(_desk.Detail.Holds.Single().Forced);
        _desk.Order("O3", 10);
        _desk.Pay("P", 10);
        _desk.Restart();
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O3"));
        Assert.Equal("SELF_APPROVAL", _desk.Tell(new LiftStop { Reason = "r", Actor = "bob", ApprovedBy = "ann", Authority = -1 }).Reason);
        Assert.Equal("AUTHORITY", _desk.Tell(new LiftStop { Reason = "r", Actor = "ann", ApprovedBy = "bob", Authority = 5_009 }).Reason);
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(new LiftStop { Reason = "r", Actor = "ann", ApprovedBy = "bob", Authority = 5_010 }).Kind);
        Assert.Equal((OrderState.Accepted, OrderState.Accepted, RiskState.Normal), (_desk.StateOf("O1"), _desk.StateOf("O3"), _desk.Figures.RiskState));
    }

    [Fact]
    public void Limit_is_set_alone_within_authority_factor_and_cap()
    {
        _desk.Rules(("limitAbsoluteCap", 2_500));
        Assert.Equal(1_500, Asked(1_500, 1_500));
        Assert.Equal(1_000, Asked(1_501, 1_500));
        Assert.Equal(1_000, Asked(3_001, -1));
        Assert.Equal(1_000, Asked(2_501, -1));
        Assert.Equal(2_500, Asked(2_500, -1));
        Assert.Equal(1, Asked(1, 0));
        _desk.Rules(("directLimit", 0));
        Assert.Equal(1, Asked(2, -1));

        long Asked(long amount, long authority)
        {
            if (_desk.Figures.Limit > 1_000) _desk.Limit(1_000);
            _desk.Tell(new RequestLimit { Kind = LimitKind.Amount, Amount = amount, Version = _desk.Detail.LimitVersion, Reason = "r", Actor = "ann", Authority = authority });
            return _desk.Figures.Limit;
        }
    }

    [Fact]
    public void Limit_is_changed_by_amount_by_share_and_for_a_while()
    {
        Change(new RequestLimit { Change = LimitChange.ByAmount, Amount = 777, RoundTo = 100 });
        Assert.Equal(1_700, _desk.Figures.Limit);
        Change(new RequestLimit { Change = LimitChange.ByShare, ShareBp = -5_000 });
        Assert.Equal(850, _desk.Figures.Limit);
        Change(new RequestLimit { Amount = 900, From = On("2026-03-04"), Days = 2 });
        Assert.Equal(850, _desk.Figures.Limit);
        _desk.Days("2026-03-03", "2026-03-04");
        Assert.Equal(900, _desk.Figures.Limit);
        _desk.Days("2026-03-05", "2026-03-06");
        Assert.Equal(850, _desk.Figures.Limit);
        Assert.Equal("VERSION_CONFLICT", _desk.Tell(new RequestLimit { Kind = LimitKind.Amount, Amount = 1, Version = 1, Actor = "ann" }).Reason);

        void Change(RequestLimit request)
        {
            (request.Kind, request.Version, request.Actor, request.Authority, request.Reason) = (LimitKind.Amount, _desk.Detail.LimitVersion, "ann", -1, "r");
            Assert.Equal(OutcomeKind.Applied, _desk.Tell(request).Kind);
        }
    }

    [Fact]
    public void Rate_far_from_the_last_needs_a_second_person()
    {
        Assert.Equal(OutcomeKind.Applied, _desk.Rate("PLN", "0.25", "2026-03-01").Kind);
        Assert.Equal("ODD_RATE", _desk.Rate("PLN", "0.31", "2026-03-02").Reason);
        Assert.Equal(OutcomeKind.Applied, _desk.Rate("PLN", "0.30", "2026-03-02").Kind);
        Assert.Equal(OutcomeKind.Applied, _desk.Rate("PLN", "0.10", "2026-03-03", approvedBy: "bob").Kind);
    }
}
