using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Domain.Tests.Groups;

/// <summary>Acceptance rows 19, 20, 22 and 23: what a group's limit means for its members, and who may be whose parent.</summary>
public sealed class TruthTable
{
    private readonly Conglomerate _firm = new();

    private void Group(long limit, params string[] members)
    {
        _firm.Open("P");
        _firm.Limit("P", limit);
        foreach (var member in members) _firm.Open(member, "P");
        _firm.PassAll();
    }

    [Theory]
    [InlineData(10_000_00, false, false, LimitKind.Amount, 10_000_00)]
    [InlineData(20_000_00, false, false, LimitKind.Amount, 15_000_00)]
    [InlineData(0, true, false, LimitKind.Amount, 0)]
    [InlineData(-1, false, true, LimitKind.Unlimited, 0)]
    [InlineData(-2, false, false, LimitKind.Amount, 15_000_00)]
    [InlineData(-1, false, false, LimitKind.Amount, 15_000_00)]
    public void Effective_limit_is_that_of_table_9_1(long own, bool mandatory, bool outside, LimitKind kind, long expected)
    {
        Group(15_000_00, "A");
        if (own != -2) _firm.Limit("A", own < 0 ? null : own, mandatory, outside);
        _firm.PassAll();
        var limit = _firm.BookOf("A").LimitDetail(_firm.BookOf("A").FindSlot("A"));
        Assert.Equal((kind, expected), (limit.Kind, limit.Effective));

        // And so a check says it.
        _firm.Check("A", "all", expected == 0 ? 1_00 : expected);
        _firm.PassAll();
        _firm.Wait(Instant.Second);
        Assert.Equal(kind == LimitKind.Unlimited || expected > 0, _firm.Decision("all")!.Decision is Verdict.Approved or Verdict.ApprovedWithWarnings);
        _firm.Check("A", "more", 1);
        _firm.PassAll();
        _firm.Wait(Instant.Second);
        Assert.Equal(kind == LimitKind.Unlimited, _firm.Decision("more")!.Decision is Verdict.Approved or Verdict.ApprovedWithWarnings);
    }

    [Theory]
    [InlineData(130_000_00, 130_000_00)]
    [InlineData(200_000_00, 145_000_00)]
    public void Row_20_season_and_cover_raise_up_to_what_the_review_supports(long eligible, long expected)
    {
        Group(500_000_00, "A");
        _firm.Tell("A", new LimitSet { Version = 1, Currency = Conglomerate.Eur, EligibleMax = eligible, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = 100_000_00 }] });
        _firm.Tell("A", new SeasonalLimitSet { SeasonId = "s", FromMonthDay = 101, ToMonthDay = 1231, UpliftBp = 2_000 });
        _firm.Tell("A", new CoverGranted
        {
            CoverId = "c", Kind = CoverKind.Insurance, Use = CoverUse.RaisesLimit, Amount = 50_000_00, Currency = Conglomerate.Eur, InsuredBp = 9_000, AddOnBp = 5_000,
            From = Desk.On("2026-01-01"), To = Desk.On("2027-01-01"), Provider = "ins",
        });
        Assert.Equal(expected, _firm.Figures("A").Limit);
    }

    /// <summary>Group 15,000; A and B hold 6,000 each and use nothing. A's 8,000 are approved; B's 8,000 are short by 1,000.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(40)]
    public void Row_22_what_one_member_took_the_other_cannot_have(int slack)
    {
        _firm.Slack(slack);
        Group(15_000_00, "A", "B");
        foreach (var member in new[] { "A", "B" })
        {
            _firm.Order(member, "first", 6_000_00);
            _firm.PassAll();
            _firm.Cancel(member, "first");
            _firm.PassAll();
        }

        Assert.True(_firm.Slice("A") >= 6_000_00 && _firm.Slice("B") >= 6_000_00);
        _firm.Order("A", "A-1", 8_000_00);
        _firm.PassAll();
        Assert.Equal(OrderState.Accepted, _firm.StateOf("A", "A-1"));

        _firm.Order("B", "B-1", 8_000_00);
        Assert.Equal("GROUP_HEADROOM_PENDING", Assert.Single(_firm.Reasons("B", "B-1")).Rule);
        _firm.PassAll();
        var reason = Assert.Single(_firm.Reasons("B", "B-1"));
        Assert.Equal(("GROUP_LIMIT", 1_000_00), (reason.Rule, reason.Excess));
        Assert.Equal(1_000_00, Assert.Single(_firm.Detail("B").Holds).Needs);
        Assert.Single(_firm.History.OfType<SignalChanged>(), s => s is { Indicator: "EW-19", About: "member", State: SignalChanged.Raised });

        // A gives 1,000 up, and B's order goes by itself.
        _firm.Tell("A", new OrderChanged { OrderId = "A-1", Version = 1, Amount = 7_000_00, Currency = Conglomerate.Eur, ShipOn = _firm.BookOf("A").Today + 3 });
        _firm.PassAll();
        Assert.Equal(OrderState.Accepted, _firm.StateOf("B", "B-1"));
        Assert.Equal((15_000_00, 0), (_firm.Group("P").Lent, _firm.Group("P").Pool));
    }

    [Fact]
    public void Row_23_a_cycle_is_refused()
    {
        _firm.Open("A");
        _firm.Open("B", "A");
        _firm.PassAll();
        _firm.Reparent("A", "B");
        _firm.PassAll();
        Assert.Equal("GROUP_CYCLE", Assert.Single(_firm.History.OfType<ParkedFactLapsed>()).Reason);
        Assert.Equal(("", "A"), (_firm.Group("A").Parent, _firm.Group("B").Parent));
    }

    [Fact]
    public void Row_23_two_changes_at_once_make_no_cycle()
    {
        _firm.Open("A");
        _firm.Open("B");
        _firm.Reparent("A", "B");
        _firm.Reparent("B", "A");
        _firm.PassAll();
        Assert.Equal("GROUP_CYCLE", Assert.Single(_firm.History.OfType<ParkedFactLapsed>()).Reason);
        Assert.Single(new[] { _firm.Group("A").Parent, _firm.Group("B").Parent }, p => p.Length > 0);
    }

    [Fact]
    public void Row_23_a_ninth_level_is_refused_from_above_and_from_below()
    {
        _firm.Open("L1");
        for (var level = 2; level <= 8; level++)
        {
            _firm.Open($"L{level}", $"L{level - 1}");
            _firm.PassAll();
        }

        _firm.Open("L9", "L8");
        _firm.Open("Top");
        _firm.Reparent("L1", "Top");
        _firm.PassAll();
        Assert.Equal(["GROUP_DEPTH", "GROUP_DEPTH"], _firm.History.OfType<ParkedFactLapsed>().Select(l => l.Reason));
        Assert.Equal(("L7", "", ""), (_firm.Group("L8").Parent, _firm.Group("L9").Parent, _firm.Group("L1").Parent));
        Assert.Equal("L7", _firm.House.ParentOf("L8"));
    }

    /// <summary>Two chains of four fit together, and then not one more on either end.</summary>
    [Fact]
    public void Depth_counts_what_hangs_below_the_customer_that_moves()
    {
        foreach (var chain in new[] { "A", "B" })
        {
            _firm.Open(chain + 1);
            for (var level = 2; level <= 4; level++) _firm.Open($"{chain}{level}", $"{chain}{level - 1}");
        }

        _firm.PassAll();
        _firm.Reparent("B1", "A4");
        _firm.Reparent("B2", "A4");
        _firm.Open("B5", "B4");
        _firm.PassAll();
        Assert.Empty(_firm.History.OfType<ParkedFactLapsed>());
        Assert.Equal(("A4", "A4"), (_firm.Group("B1").Parent, _firm.Group("B2").Parent));
        _firm.Reparent("B2", "B1");
        _firm.PassAll();
        Assert.Equal("GROUP_DEPTH", Assert.Single(_firm.History.OfType<ParkedFactLapsed>()).Reason);
    }
}
