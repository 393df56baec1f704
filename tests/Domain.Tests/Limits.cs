using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>What serves as the limit: schedules and their end, temporary limits, tiers, eligible limits.</summary>
public sealed class Limits
{
    private readonly Desk _desk = new(limit: 1_000, riskFollows: false);

    private void Schedule(string to, long amount = 1_000, bool mandatory = false, long eligible = -1, LimitKind kind = LimitKind.Amount) => _desk.Tell(new LimitSet
    {
        Version = _desk.Detail.LimitVersion + 1, Currency = Eur, Mandatory = mandatory, EligibleMax = eligible,
        Steps = [new LimitStep { From = 1, To = to.Length == 0 ? 0 : On(to), Kind = kind, Amount = amount }],
    });

    [Theory]
    [InlineData(0, "2026-03-03", true, 1_000)]
    [InlineData(1, "2026-03-03", false, 0)]
    [InlineData(2, "2026-03-16", false, 1_000)]
    [InlineData(2, "2026-03-17", true, 1_000)]
    public void Schedule_that_ended_blocks_is_zero_or_serves_a_while(int policy, string today, bool expired, long limit)
    {
        _desk.Rules(("limitExpiry", policy));
        Schedule("2026-03-03");
        _desk.Day(today);
        Assert.Equal((expired, limit), (_desk.Figures.LimitExpired, _desk.Figures.Limit));
        _desk.Order("O1", 100, shipOn: today);
        Assert.Equal(expired, _desk.Reasons("O1").Contains("LIMIT_EXPIRED"));
        Assert.Equal(expired || limit == 0 ? OrderState.OnHold : OrderState.Accepted, _desk.StateOf("O1"));
    }

    [Fact]
    public void Eligible_limit_of_zero_is_not_the_absent_one()
    {
        Schedule("", eligible: 0);
        Assert.Equal(0, _desk.Figures.Limit);
        Schedule("", amount: 2_000);
        Assert.Equal(0, _desk.Figures.Limit);
        _desk.Tell(new ReviewCompleted { ReviewedOn = _desk.Book.Today, EligibleMax = 1_500 });
        Assert.Equal(1_500, _desk.Figures.Limit);
        _desk.Tell(new ReviewCompleted { ReviewedOn = _desk.Book.Today });
        Assert.Equal(1_500, _desk.Figures.Limit);
    }

    [Fact]
    public void Tier_caps_the_limit_and_gives_one_to_whom_nobody_decided()
    {
        _desk.Tell(new CustomerChanged { Version = 1, Profile = new CustomerProfile { Tier = "SMALL" } });
        _desk.Rules(("tier/SMALL/max", 700), ("tier/SMALL/limit", 300), ("segmentDefaultLimit", 200));
        Assert.Equal(700, _desk.Figures.Limit);
        _desk.Tell(new LimitRemoved { Version = 50 });
        Assert.Equal(300, _desk.Figures.Limit);
        _desk.Rules(("segmentDefaultLimit", 200));
        Assert.Equal(200, _desk.Figures.Limit);
        _desk.Rules();
        _desk.Order("O1", 1);
        Assert.Equal(["NO_LIMIT"], _desk.Reasons("O1"));
    }

    [Fact]
    public void Provisional_account_does_not_fall_through()
    {
        _desk.Rules(("segmentDefaultLimit", 200));
        _desk.Tell(new OrderPlaced { Customer = "new", OrderId = "N1", Amount = 1, Currency = Eur, OrderedOn = _desk.Book.Today, ShipOn = _desk.Book.Today });
        Assert.Equal("NO_LIMIT", _desk.Decision.Reasons.Single().Rule);
        _desk.Tell(new CustomerOpened { Customer = "new", Currency = Eur });
        Assert.Equal(OrderState.Accepted, _desk.Book.Detail(_desk.Book.FindSlot("new")).Orders.Single().State);
    }

    private void Temporary(string id, long amount, bool once = false, params string[] orders) => _desk.Tell(new TemporaryLimitGranted
    {
        TemporaryId = id, Amount = amount, Currency = Eur, From = _desk.Now, To = _desk.Now.Plus(10 * Instant.Day), Once = once, Orders = orders,
    });

    [Fact]
    public void Temporary_limit_replaces_the_base_also_lower_with_a_note_and_ends_by_itself()
    {
        Temporary("T1", 600);
        Assert.Equal(600, _desk.Figures.Limit);
        Assert.Contains(_desk.History.OfType<AuditNoted>(), n => n.Act == "limit.temporary-lower");
        _desk.Wait(11 * 86_400);
        Assert.Equal(1_000, _desk.Figures.Limit);
    }

    [Fact]
    public void Bound_temporary_limit_serves_its_orders_only_once_and_never_the_utilisation()
    {
        Temporary("T1", 5_000, once: true, "O1", "O2");
        Assert.Equal(1_000, _desk.Figures.Limit);
        _desk.Order("other", 1_001);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("other"));
        _desk.Order("O1", 500);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        _desk.Order("O2", 3_000);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O2"));
        _desk.Tell(new OrderCancelled { OrderId = "O2", Version = 1 });
        _desk.Order("O3", 501);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O3"));
        Assert.True(_desk.Book.LimitDetail(0).Temporary.Single().Consumed);
    }

    [Fact]
    public void Season_lifts_no_limit_of_zero_and_a_mandatory_zero_is_lifted_by_nothing()
    {
        _desk.Tell(new SeasonalLimitSet { SeasonId = "S", FromMonthDay = 1101, ToMonthDay = 331, UpliftBp = 2_000 });
        Assert.Equal(1_200, _desk.Figures.Limit);
        Schedule("", amount: 0, mandatory: true);
        Temporary("T1", 500);
        Assert.Equal(0, _desk.Figures.Limit);
        Schedule("", amount: 1_000);
        Assert.Equal(500, _desk.Figures.Limit);
        _desk.Tell(new TemporaryLimitEnded { TemporaryId = "T1" });
        Assert.Equal(1_200, _desk.Figures.Limit);
        _desk.Day("2026-04-01");
        Assert.Equal(1_000, _desk.Figures.Limit);
    }

    [Fact]
    public void Outside_is_told_when_what_serves_as_the_limit_changes()
    {
        var before = _desk.History.OfType<LimitChanged>().Count(c => c.GoesOut);
        Schedule("2026-03-04", amount: 1_000);
        Assert.Equal(before, _desk.History.OfType<LimitChanged>().Count(c => c.GoesOut));
        _desk.Tell(new LimitSet
        {
            Version = 77, Currency = Eur,
            Steps = [new LimitStep { From = 1, To = On("2026-03-04"), Kind = LimitKind.Amount, Amount = 1_000 }, new LimitStep { From = On("2026-03-04"), Kind = LimitKind.Amount, Amount = 400 }],
        });
        _desk.Day("2026-03-04");
        var told = _desk.History.OfType<LimitChanged>().Last(c => c.GoesOut);
        Assert.Equal((1_000, 400), (told.Before, told.After));
        Assert.Equal("BAD_PERIOD", _desk.Tell(new LimitSet { Version = 78, Currency = Eur, Steps = [new LimitStep { From = 9, To = 9, Kind = LimitKind.Unlimited }] }).Reason);
    }

    [Fact]
    public void Temporary_limit_serves_whom_nobody_decided_a_limit_replaces_no_ceiling_and_an_ended_schedule()
    {
        _desk.Tell(new LimitRemoved { Version = 50 });
        Temporary("T1", 600);
        Assert.Equal((LimitKind.Amount, 600), (_desk.Figures.LimitKind, _desk.Figures.Limit));
        _desk.Order("O1", 100);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        Schedule("", kind: LimitKind.Unlimited);
        Assert.Equal((LimitKind.Amount, 600), (_desk.Figures.LimitKind, _desk.Figures.Limit));
        Schedule("2026-03-03");
        _desk.Day("2026-03-03");
        _desk.Wait(9 * 86_400);
        Assert.Equal((false, 600), (_desk.Figures.LimitExpired, _desk.Figures.Limit));
        _desk.Wait(2 * 86_400);
        _desk.Days("2026-03-13", "2026-03-17");
        Assert.Equal((true, 1_000), (_desk.Figures.LimitExpired, _desk.Figures.Limit));
    }

    [Fact]
    public void Default_of_the_segment_is_raised_by_covers_and_capped_by_what_is_eligible()
    {
        _desk.Rules(("segmentDefaultLimit", 200));
        _desk.Tell(new LimitRemoved { Version = 50 });
        _desk.Tell(new CoverGranted { CoverId = "V", Version = 1, Kind = CoverKind.Insurance, Amount = 1_000, Currency = Eur, From = On("2026-01-01"), Use = CoverUse.RaisesLimit, AddOnBp = 1_000 });
        Assert.Equal(300, _desk.Figures.Limit);
        _desk.Tell(new ReviewCompleted { ReviewedOn = _desk.Book.Today, EligibleMax = 250 });
        Assert.Equal(250, _desk.Figures.Limit);
    }

    [Fact]
    public void Season_that_begins_and_ends_is_told_and_signals_follow_on_that_day()
    {
        _desk.Tell(new SeasonalLimitSet { SeasonId = "S", FromMonthDay = 310, ToMonthDay = 320, UpliftBp = 5_000 });
        _desk.Tell(new ExternalExposureReported { System = "erp", Amount = 950, Currency = Eur, AsOn = _desk.Book.Today });
        Assert.Equal(3, _desk.Signals("EW-01").Single().Step);
        _desk.Days("2026-03-03", "2026-03-10");
        Assert.Equal((1_000, 1_500), (Told.Before, Told.After));
        _desk.Wait(61);
        Assert.Single(_desk.Signals("EW-01", SignalChanged.Resolved));
        _desk.Restart();
        _desk.Days("2026-03-11", "2026-03-20");
        Assert.Equal(1_500, _desk.Figures.Limit);
        _desk.Day("2026-03-21");
        Assert.Equal((1_500, 1_000), (Told.Before, Told.After));
        Assert.Equal(2, _desk.Signals("EW-01").Count());
    }

    private LimitChanged Told => _desk.History.OfType<LimitChanged>().Last(c => c.GoesOut);

    [Theory]
    [InlineData(CoverBasis.Claim)]
    [InlineData(CoverBasis.Delivery)]
    public void Insurance_raises_the_limit_until_its_last_day_or_until_the_insurer_stops_the_buyer(CoverBasis basis)
    {
        void Insure(string id) => _desk.Tell(new CoverGranted { CoverId = id, Version = 1, Kind = CoverKind.Insurance, Amount = 1_000, Currency = Eur, From = On("2026-01-01"), To = On("2026-03-04"), Use = CoverUse.RaisesLimit, AddOnBp = 5_000, Basis = basis });
        Insure("V");
        Insure("W");
        Assert.Equal(2_000, _desk.Figures.Limit);
        _desk.Tell(new CoverStopped { CoverId = "W", Version = 1, StoppedOn = On("2026-03-03") });
        Assert.Equal(2_000, _desk.Figures.Limit);
        _desk.Day("2026-03-03");
        Assert.Equal(1_500, Told.After);
        _desk.Day("2026-03-04");
        Assert.Equal(1_500, _desk.Figures.Limit);
        _desk.Day("2026-03-05");
        Assert.Equal(1_000, Told.After);
    }

    [Fact]
    public void Grade_that_is_stale_gives_no_risk_group_from_its_day_on_however_often_the_account_was_looked_at()
    {
        _desk.Rules(("risk/D/rule.6", 3), ("rule.6.amount", 50));
        _desk.Tell(new RatingOverridden { Grade = "D", By = "ann", ApprovedBy = ["bob"], StaleAt = On("2026-03-20") });
        _desk.Invoice("I1", 100, dueOn: "2026-03-05");
        _desk.Days("2026-03-03", "2026-03-19");
        Assert.Equal(On("2026-03-20"), _desk.Book.Account(0).WakeOn);
    }
}
