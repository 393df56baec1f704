using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Domain.Tests.Groups;

/// <summary>Leases of headroom, step by step (credit.md 9.2, 9.4).</summary>
public sealed class Leases
{
    private readonly Conglomerate _firm = new();

    public Leases() => _firm.Rules(("group.slackDivisor", 0), ("step.020", 0));

    private void Group(long limit, params string[] members)
    {
        _firm.Open("P");
        _firm.Limit("P", limit);
        foreach (var member in members) _firm.Open(member, "P");
        _firm.PassAll();
    }

    [Fact]
    public void A_check_that_is_short_is_answered_by_the_grant()
    {
        Group(10_000_00, "A");
        _firm.Check("A", "k", 4_000_00);
        Assert.Null(_firm.Decision("k"));
        _firm.PassAll();
        var decided = _firm.Decision("k")!;
        Assert.Equal((Verdict.Approved, 4_000_00), (decided.Decision, _firm.Figures("A").Reserved));
        Assert.NotEqual("", decided.Asked);

        // Inside the slice there is nothing to ask.
        var delivered = _firm.Delivered;
        _firm.Tell("A", new EndReservation { ReservationId = decided.ReservationId, Actor = "svc" });
        _firm.Check("A", "k2", 3_000_00);
        Assert.Equal((Verdict.Approved, delivered), (_firm.Decision("k2")!.Decision, _firm.Delivered));
    }

    [Fact]
    public void A_check_whose_parent_is_silent_is_answered_after_half_a_second()
    {
        Group(10_000_00, "A");
        _firm.Check("A", "k", 4_000_00);
        _firm.Wait(499_000);
        Assert.Null(_firm.Decision("k"));
        _firm.Wait(2_000);
        var decided = _firm.Decision("k")!;
        Assert.Equal((Verdict.Held, "GROUP_HEADROOM_PENDING"), (decided.Decision, Assert.Single(decided.Reasons).Rule));
        // It stopped wanting: what comes now is nobody's, and can be had by all.
        _firm.PassAll();
        Assert.Equal((0, 0), (_firm.Group("A").Slices[0].Want, _firm.Figures("A").Reserved));
        _firm.Check("A", "k3", 10_000_00);
        _firm.PassAll();
        Assert.Equal(Verdict.ApprovedWithWarnings, _firm.Decision("k3")!.Decision);
    }

    [Fact]
    public void The_same_check_again_is_answered_once()
    {
        Group(10_000_00, "A");
        _firm.Check("A", "k", 4_000_00);
        _firm.Check("A", "k", 4_000_00);
        Assert.Equal(Verdict.Held, _firm.Decision("k")!.Decision);
        _firm.PassAll();
        _firm.Wait(Instant.Second);
        Assert.Single(_firm.History.OfType<CheckDecided>(), d => d.Key == "k");
        Assert.Equal(0, _firm.Figures("A").Reserved);
    }

    [Fact]
    public void Orders_of_siblings_go_in_release_order_when_one_of_them_pays()
    {
        Group(10_000_00, "A", "B", "C");
        _firm.Order("A", "A-1", 10_000_00);
        _firm.PassAll();
        _firm.Order("B", "late", 6_000_00, priority: 3);
        _firm.Order("C", "first", 5_000_00, priority: 1);
        _firm.Order("B", "second", 2_000_00, priority: 2);
        _firm.PassAll();
        Assert.All(new[] { ("B", "late"), ("C", "first"), ("B", "second") }, o => Assert.Equal(OrderState.OnHold, _firm.StateOf(o.Item1, o.Item2)));

        _firm.Pay("A", "p1", 5_000_00);
        _firm.PassAll();
        Assert.Equal((OrderState.Accepted, OrderState.OnHold, OrderState.OnHold), (_firm.StateOf("C", "first"), _firm.StateOf("B", "second"), _firm.StateOf("B", "late")));
        _firm.Pay("A", "p2", 3_000_00);
        _firm.PassAll();
        Assert.Equal((OrderState.Accepted, OrderState.OnHold), (_firm.StateOf("B", "second"), _firm.StateOf("B", "late")));
        _firm.Pay("A", "p3", 2_000_00);
        _firm.Cancel("C", "first");
        _firm.PassAll();
        Assert.Equal(OrderState.Accepted, _firm.StateOf("B", "late"));
        Assert.Equal(8_000_00, _firm.Group("P").Lent);
    }

    [Fact]
    public void A_large_order_that_was_refused_blocks_no_small_one_of_the_same_customer()
    {
        Group(10_000_00, "A", "B");
        _firm.Order("B", "B-1", 4_000_00);
        _firm.Order("A", "huge", 50_000_00, priority: 1);
        _firm.Order("A", "small", 5_000_00, priority: 2);
        _firm.PassAll();
        Assert.Equal("030", _firm.Reasons("A", "huge")[0].Rule);
        _firm.Order("A", "large", 2_000_00, priority: 1);
        _firm.Order("A", "tiny", 500_00, priority: 9);
        _firm.PassAll();
        Assert.Equal((OrderState.Accepted, OrderState.OnHold, OrderState.Accepted), (_firm.StateOf("A", "small"), _firm.StateOf("A", "large"), _firm.StateOf("A", "tiny")));
        Assert.Equal("GROUP_LIMIT", _firm.Reasons("A", "large")[0].Rule);
    }

    [Fact]
    public void The_parents_own_orders_take_their_turn()
    {
        Group(10_000_00, "A");
        _firm.Order("A", "A-1", 7_000_00);
        _firm.PassAll();
        _firm.Order("P", "P-1", 3_000_00);
        Assert.Equal(OrderState.Accepted, _firm.StateOf("P", "P-1"));
        _firm.Order("P", "P-2", 1_000_00);
        _firm.PassAll();
        Assert.Equal("GROUP_LIMIT", Assert.Single(_firm.Reasons("P", "P-2")).Rule);
        _firm.Pay("A", "pay", 1_000_00);
        _firm.PassAll();
        Assert.Equal(OrderState.Accepted, _firm.StateOf("P", "P-2"));
        Assert.Equal((4_000_00, 6_000_00, 0), (_firm.Figures("P").Gross, _firm.Slice("A"), _firm.Group("P").Pool));
    }

    [Fact]
    public void A_refusal_counts_what_the_parents_own_order_takes_at_the_same_moment()
    {
        Group(10_000_00, "A", "B", "C");
        _firm.Order("A", "A-1", 6_500_00);
        _firm.Order("A", "A-2", 3_500_00);
        _firm.PassAll();
        _firm.Cancel("A", "A-2");
        // While A is asked to give back, everybody waits behind the first order, which then cannot be had.
        _firm.Order("B", "B-1", 9_000_00, priority: 1);
        _firm.Order("P", "P-1", 3_000_00, priority: 2);
        _firm.Order("C", "C-1", 2_500_00, priority: 3);
        _firm.Order("C", "C-2", 500_00, priority: 4);
        _firm.PassAll();
        // The parent's own order leaves 500.00. C hears that no more can be had, and asks for what fits.
        Assert.Equal("GROUP_LIMIT", Assert.Single(_firm.Reasons("B", "B-1")).Rule);
        Assert.Equal(OrderState.Accepted, _firm.StateOf("P", "P-1"));
        Assert.Equal("GROUP_LIMIT", Assert.Single(_firm.Reasons("C", "C-1")).Rule);
        Assert.Equal((OrderState.Accepted, 0), (_firm.StateOf("C", "C-2"), _firm.Group("P").Pool));
    }

    [Fact]
    public void Unused_headroom_of_a_sibling_is_collected_for_the_parents_own_order()
    {
        Group(10_000_00, "A");
        _firm.Order("A", "A-1", 7_000_00);
        _firm.PassAll();
        _firm.Cancel("A", "A-1");
        Assert.Equal(7_000_00, _firm.Slice("A"));
        _firm.Order("P", "P-1", 8_000_00);
        Assert.Equal("GROUP_HEADROOM_PENDING", Assert.Single(_firm.Reasons("P", "P-1")).Rule);
        _firm.PassAll();
        Assert.Equal((OrderState.Accepted, 0), (_firm.StateOf("P", "P-1"), _firm.Slice("A")));
    }

    [Fact]
    public void Use_above_the_slice_is_booked_and_nothing_is_granted_until_it_is_gone()
    {
        Group(10_000_00, "A", "B");
        _firm.Tell("A", new InvoicePosted { InvoiceId = "I", Amount = 12_000_00, Currency = Conglomerate.Eur, IssuedOn = _firm.BookOf("A").Today, DueOn = _firm.BookOf("A").Today + 30 });
        _firm.PassAll();
        Assert.Equal((12_000_00, -2_000_00), (_firm.Slice("A"), _firm.Group("P").Pool));
        Assert.Equal(12_000_00, Assert.Single(_firm.Group("P").Members, m => m.Customer == "A").Forced);
        Assert.Contains(_firm.History.OfType<SignalChanged>(), s => s is { Indicator: "EW-19", Customer: "P", State: SignalChanged.Raised, Severity: Severity.High });
        _firm.Order("B", "B-1", 1_000_00);
        _firm.PassAll();
        Assert.Equal("GROUP_LIMIT", Assert.Single(_firm.Reasons("B", "B-1")).Rule);
        _firm.Pay("A", "p1", 2_999_99);
        _firm.PassAll();
        Assert.Equal(OrderState.OnHold, _firm.StateOf("B", "B-1"));
        _firm.Pay("A", "p2", 1);
        _firm.PassAll();
        Assert.Equal(OrderState.Accepted, _firm.StateOf("B", "B-1"));
    }

    [Fact]
    public void A_cut_touches_no_accepted_order_and_lets_nobody_else_in()
    {
        Group(10_000_00, "A", "B");
        _firm.Order("A", "A-1", 6_000_00);
        _firm.PassAll();
        _firm.Limit("P", 5_000_00);
        _firm.PassAll();
        Assert.Equal((OrderState.Accepted, 5_000_00, -1_000_00), (_firm.StateOf("A", "A-1"), _firm.Figures("B").Limit, _firm.Group("P").Pool));
        _firm.Order("B", "B-1", 1_00);
        _firm.PassAll();
        Assert.Equal("GROUP_LIMIT", Assert.Single(_firm.Reasons("B", "B-1")).Rule);
        _firm.Limit("P", 20_000_00);
        _firm.PassAll();
        Assert.Equal(OrderState.Accepted, _firm.StateOf("B", "B-1"));
    }

    [Fact]
    public void A_member_outside_the_group_counts_and_is_not_bound()
    {
        Group(10_000_00, "A", "B");
        _firm.Limit("A", null, outside: true);
        _firm.Order("A", "A-1", 30_000_00);
        _firm.PassAll();
        Assert.Equal((OrderState.Accepted, -20_000_00), (_firm.StateOf("A", "A-1"), _firm.Group("P").Pool));
        _firm.Cancel("A", "A-1");
        _firm.PassAll();
        Assert.Equal((0, 10_000_00), (_firm.Slice("A"), _firm.Group("P").Pool));
    }

    [Fact]
    public void A_share_counts_in_the_group_and_is_rounded_up()
    {
        _firm.Open("P");
        _firm.Limit("P", 10_000_00);
        _firm.Open("J", "P", share: 3_333);
        _firm.PassAll();
        _firm.Order("J", "J-1", 9_000_01);
        _firm.PassAll();
        Assert.Equal((OrderState.Accepted, 2_999_71), (_firm.StateOf("J", "J-1"), _firm.Slice("J")));
    }

    [Fact]
    public void A_group_counts_in_its_own_currency_with_the_haircut()
    {
        FxRate.TryParse("0.9", out var rate);
        _firm.Everywhere(() => new FxRatePublished { From = Currency.Parse("USD"), To = Conglomerate.Eur, Rate = rate, AsOf = _firm.Now });
        _firm.Open("P", currency: Currency.Parse("USD"));
        _firm.Limit("P", 10_000_00, currency: Currency.Parse("USD"));
        _firm.Open("A", "P");
        _firm.PassAll();
        Assert.Equal(9_000_00, _firm.Figures("A").Limit);
        // 900 EUR are 1,000 USD, 1,050 with the haircut.
        _firm.Order("A", "A-1", 900_00);
        _firm.PassAll();
        Assert.Equal((OrderState.Accepted, 1_050_00), (_firm.StateOf("A", "A-1"), _firm.Slice("A")));
    }

    [Fact]
    public void Surplus_goes_back_after_an_hour()
    {
        Group(10_000_00, "A");
        _firm.Order("A", "A-1", 6_000_00);
        _firm.PassAll();
        _firm.Tell("A", new OrderChanged { OrderId = "A-1", Version = 1, Amount = 1_000_00, Currency = Conglomerate.Eur, ShipOn = _firm.BookOf("A").Today + 3 });
        _firm.Wait(3_599 * Instant.Second);
        _firm.PassAll();
        Assert.Equal(6_000_00, _firm.Slice("A"));
        _firm.Wait(2 * Instant.Second);
        _firm.PassAll();
        Assert.Equal((2_000_00, 8_000_00), (_firm.Slice("A"), _firm.Group("P").Pool));
    }

    [Fact]
    public void Use_inside_the_slice_is_told_within_ten_seconds()
    {
        Group(10_000_00, "A");
        _firm.Order("A", "A-1", 6_000_00);
        _firm.PassAll();
        _firm.Wait(11 * Instant.Second);
        _firm.PassAll();
        _firm.Pay("A", "p", 1_000_00);
        _firm.Wait(9 * Instant.Second);
        _firm.PassAll();
        Assert.Equal(6_000_00, _firm.Group("P").Use);
        _firm.Wait(2 * Instant.Second);
        _firm.PassAll();
        Assert.Equal(5_000_00, _firm.Group("P").Use);
        Assert.True(_firm.Group("P").Members[0].AsOfSeq > 0);
    }

    [Fact]
    public void A_sibling_that_does_not_answer_counts_as_having_nothing_after_five_seconds()
    {
        Group(10_000_00, "A", "B");
        _firm.Order("A", "A-1", 8_000_00);
        _firm.PassAll();
        _firm.Cancel("A", "A-1");
        _firm.Order("B", "B-1", 5_000_00);
        var silent = Ids.PartitionOf("A", _firm.Partitions);
        Assert.NotEqual(silent, Ids.PartitionOf("B", _firm.Partitions));
        _firm.PassAllBut(silent);
        Assert.Equal("GROUP_HEADROOM_PENDING", Assert.Single(_firm.Reasons("B", "B-1")).Rule);
        _firm.Wait(5 * Instant.Second + 1_000);
        _firm.PassAllBut(silent);
        Assert.Equal("GROUP_LIMIT", Assert.Single(_firm.Reasons("B", "B-1")).Rule);
        // Back again, it gives what it has, and the order goes by itself.
        _firm.PassAll();
        Assert.Equal(OrderState.Accepted, _firm.StateOf("B", "B-1"));
    }

    [Fact]
    public void A_move_counts_twice_for_a_moment_and_never_not_at_all()
    {
        Group(10_000_00, "A");
        _firm.Open("Q");
        _firm.Limit("Q", 5_000_00);
        _firm.Order("A", "A-1", 6_000_00);
        _firm.PassAll();
        _firm.Reparent("A", "Q");
        while (_firm.Waiting.Any())
        {
            _firm.Pass(_firm.Waiting.First());
            Assert.True(_firm.Group("P").Lent + _firm.Group("Q").Lent + InFlight() >= 6_000_00);
        }

        Assert.Equal((0, 6_000_00, -1_000_00), (_firm.Group("P").Lent, _firm.Group("Q").Lent, _firm.Group("Q").Pool));
        Assert.Equal((5_000_00, "Q"), (_firm.Figures("A").Limit, _firm.Group("A").Parent));
        _firm.Order("A", "A-2", 1_00);
        _firm.PassAll();
        Assert.Equal(OrderState.OnHold, _firm.StateOf("A", "A-2"));

        // And back again, and out of every group: held orders of both are judged again.
        _firm.Reparent("A", "P");
        _firm.PassAll();
        Assert.Equal((OrderState.Accepted, 6_001_00, 0), (_firm.StateOf("A", "A-2"), _firm.Group("P").Lent, _firm.Group("Q").Lent));
        _firm.Limit("A", 50_000_00);
        _firm.Reparent("A", "");
        _firm.PassAll();
        Assert.Equal((0, 50_000_00), (_firm.Group("P").Lent, _firm.Figures("A").Limit));

        long InFlight() => _firm.Group("A").Slices.Where(s => s.Parent == "Q").Sum(s => s.Slice);
    }

    [Fact]
    public void Leases_chain_through_a_group_that_is_a_member_itself()
    {
        _firm.Open("Top");
        _firm.Limit("Top", 20_000_00);
        _firm.Open("Mid", "Top");
        _firm.Limit("Mid", 12_000_00);
        _firm.Open("Leaf", "Mid");
        _firm.Open("Other", "Top");
        _firm.PassAll();
        Assert.Equal(12_000_00, _firm.Figures("Leaf").Limit);
        _firm.Order("Other", "O-1", 12_000_00);
        _firm.Order("Leaf", "L-1", 8_000_00);
        _firm.PassAll();
        Assert.Equal((OrderState.Accepted, OrderState.Accepted), (_firm.StateOf("Other", "O-1"), _firm.StateOf("Leaf", "L-1")));
        Assert.Equal((20_000_00, 8_000_00, 8_000_00), (_firm.Group("Top").Lent, _firm.Group("Mid").Lent, _firm.Slice("Mid")));

        // The next one is short at the top, not at the middle.
        _firm.Order("Leaf", "L-2", 1_000_00);
        _firm.PassAll();
        Assert.Equal("GROUP_LIMIT", Assert.Single(_firm.Reasons("Leaf", "L-2")).Rule);
        _firm.Pay("Other", "p", 1_000_00);
        _firm.PassAll();
        Assert.Equal(OrderState.Accepted, _firm.StateOf("Leaf", "L-2"));

        // What the leaf frees reaches the other side of the tree.
        _firm.Cancel("Leaf", "L-1");
        _firm.Order("Other", "O-2", 8_000_00);
        _firm.PassAll();
        Assert.Equal(OrderState.Accepted, _firm.StateOf("Other", "O-2"));
        Assert.Equal((20_000_00, 0), (_firm.Group("Top").Lent, _firm.Group("Top").Pool));
    }

    [Fact]
    public void A_parent_that_nobody_opened_yet_binds_nobody_and_does_so_once_it_has_a_limit()
    {
        _firm.Open("A", "P");
        _firm.Limit("A", 10_000_00);
        _firm.Order("A", "A-1", 7_000_00);
        Assert.Equal("GROUP_HEADROOM_PENDING", Assert.Single(_firm.Reasons("A", "A-1")).Rule);
        _firm.PassAll();
        Assert.Equal(OrderState.Accepted, _firm.StateOf("A", "A-1"));
        Assert.True(_firm.Figures("P").Provisional);
        _firm.Open("P");
        _firm.Limit("P", 5_000_00);
        _firm.PassAll();
        Assert.Equal((5_000_00, 7_000_00, -2_000_00), (_firm.Figures("A").Limit, _firm.Group("P").Lent, _firm.Group("P").Pool));
    }

    [Fact]
    public void A_credit_balance_lifts_no_sibling()
    {
        Group(10_000_00, "A", "B");
        _firm.Pay("A", "p", 5_000_00);
        _firm.Order("B", "B-1", 10_000_01);
        _firm.PassAll();
        Assert.Equal(OrderState.OnHold, _firm.StateOf("B", "B-1"));
    }

    [Fact]
    public void A_parent_from_a_later_day_waits_for_it()
    {
        Group(10_000_00, "A");
        _firm.Open("Q");
        _firm.Limit("Q", 3_000_00);
        _firm.Tell("A", new CustomerReparented { Version = 9, ParentId = "Q", EffectiveOn = Desk.On("2026-03-04") });
        _firm.PassAll();
        Assert.Equal("P", _firm.Group("A").Parent);
        _firm.Day("2026-03-03");
        _firm.PassAll();
        Assert.Equal("P", _firm.Group("A").Parent);
        _firm.Day("2026-03-04");
        _firm.PassAll();
        Assert.Equal(("Q", 3_000_00), (_firm.Group("A").Parent, _firm.Figures("A").Limit));
    }

    [Fact]
    public void Everything_is_the_same_after_a_restart_between_any_two_messages()
    {
        Group(10_000_00, "A", "B");
        _firm.Order("A", "A-1", 6_000_00);
        while (_firm.Waiting.Any())
        {
            _firm.Restart();
            _firm.Pass(_firm.Waiting.First());
        }

        _firm.Order("B", "B-1", 5_000_00);
        _firm.Check("B", "k", 1_000_00);
        while (_firm.Waiting.Any())
        {
            _firm.Restart();
            _firm.Pass(_firm.Waiting.First());
        }

        Assert.Equal(("GROUP_LIMIT", Verdict.Approved), (Assert.Single(_firm.Reasons("B", "B-1")).Rule, _firm.Decision("k")!.Decision));
        _firm.Cancel("A", "A-1");
        _firm.Restart();
        _firm.PassAll();
        Assert.Equal(OrderState.Accepted, _firm.StateOf("B", "B-1"));
    }

    [Fact]
    public void A_customer_without_a_group_has_the_same_bytes_as_before()
    {
        var desk = new Desk(limit: 1_000_00);
        desk.Order("O", 10_00);
        desk.Tell(new LimitSet { Version = 5, Currency = Desk.Eur, OutsideGroup = true, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = 5 }] });
        var buffer = new ByteBuffer();
        desk.Book.WriteAccount(0, buffer);
        var bytes = buffer.Written.ToArray();
        _ = new Book(0, Desk.Eur, eventClock: true).ReadAccount(bytes);
        Assert.Null(desk.Book.GroupOf(0));
    }
}
