using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>A pass over held orders that is left out would have changed nothing: with and without it all is the same.</summary>
public sealed class HoldPasses
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    /// <summary>Every kind of fact, over few orders.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Any_history_ends_the_same(int seed) => Compare(seed, 200, new Desk(limit: 20_000, riskFollows: false), new Desk(limit: 20_000, riskFollows: false), Replays.Step);

    /// <summary>Many orders that stay held, under no limit, an amount, and no bound, with few facts that reach them all.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Many_held_orders_end_the_same(int seed)
    {
        long? limit = seed % 3 == 0 ? 3_000 : null;
        Compare(seed, 400, Begun(), Begun(), Busy);

        Desk Begun()
        {
            var desk = new Desk(limit, riskFollows: false);
            // Overdue steps hold, and rules look, from the first cent.
            desk.Rules(("oldestMinimum", 0), ("oldestDays", 10), ("step.OV", 3), ("step.120", 3), ("overdueShareBp", 500), ("paymentIndexFloor", 7_900),
                ("rule.1", seed % 2 * 3), ("rule.1.days", 20), ("rule.5", seed % 5 == 0 ? 3 : 0), ("rule.6", 3), ("rule.6.amount", 800), ("step.020", 3));
            if (seed % 3 == 1) desk.Tell(new LimitRemoved { Version = 50 });
            return desk;
        }
    }

    [Fact]
    public void A_pass_is_left_out_while_nothing_that_it_reads_has_changed()
    {
        var desk = new Desk(riskFollows: false);
        desk.Tell(new LimitRemoved { Version = 50 });
        for (var i = 0; i < 20; i++) desk.Order($"O{i}", 100 + i);
        Assert.NotNull(desk.Book.RareOf(0)!.Quiet);
        var before = desk.Book.RareOf(0)!.Quiet;
        desk.Invoice("I1", 500, dueOn: "2026-04-01");
        desk.Pay("P1", 200);
        desk.Deliver("D1", "O3", 50);
        desk.Deliver("D2", "O4", 104, final: true);
        Assert.Same(before, desk.Book.RareOf(0)!.Quiet);
        Assert.Equal(19, desk.Detail.Holds.Count);
        desk.Limit(1_000_000);
        Assert.Empty(desk.Detail.Holds);
    }

    private static void Busy(Desk desk, Replays.Sequence dice, int i, ref int day)
    {
        string Id(string kind) => kind + dice.Below(80);
        var today = desk.Book.Today;
        long Amount() => 10 + dice.Below(900);
        switch (dice.Below(40))
        {
            case < 14: desk.Order(Id("O"), Amount(), priority: 1 + dice.Below(9)); break;
            case < 16: desk.Tell(new OrderChanged { OrderId = Id("O"), Version = i, Amount = Amount(), Currency = Eur, ShipOn = today + dice.Below(90), Priority = 1 + dice.Below(9) }); break;
            case < 18: desk.Tell(dice.Below(2) == 0 ? new OrderCancelled { OrderId = Id("O"), Version = i } : new OrderClosed { OrderId = Id("O"), Version = i }); break;
            case < 24: desk.Deliver(Id("D"), Id("O"), Amount(), final: dice.Below(3) == 0); break;
            case < 29: desk.Tell(new InvoicePosted { InvoiceId = Id("I"), Amount = Amount(), Currency = Eur, IssuedOn = today, DueOn = today - 60 + dice.Below(100), Links = dice.Below(2) == 0 ? [] : [OfDelivery(Id("D"), Amount())] }); break;
            case < 34: desk.Pay(Id("P"), Amount(), cleared: dice.Below(3) > 0); break;
            case < 36: desk.Tell(new PaymentAllocated { AllocationId = Id("A"), FromId = Id("P"), AllocatedOn = today, Items = [new AllocationItem { ItemId = Id("I"), Amount = Amount() }] }); break;
            case 36: Rare(desk, dice, i); break;
            case 37: desk.Wait(1 + dice.Below(40_000)); break;
            case 38: desk.Rules(("dwellSeconds", dice.Below(3) * 900), ("barrierDays", dice.Below(3)), ("releaseStrict", dice.Below(2)), ("releaseOrder", dice.Below(4)), ("oldestDays", dice.Below(40))); break;
            default:
                day += 1 + dice.Below(4);
                desk.Day(DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    }

    private static void Rare(Desk desk, Replays.Sequence dice, int i)
    {
        switch (dice.Below(7))
        {
            case 0: desk.Limit(500 + dice.Below(9_000)); break;
            case 1: desk.Unlimited(); break;
            case 2: desk.Tell(new LimitRemoved { Version = 100_000 + i }); break;
            case 3: desk.Tell(new RequestRelease { OrderId = "O" + dice.Below(80), Reason = "r", Actor = "ann" }); break;
            case 4: desk.Tell(new ForceHold { OrderId = "O" + dice.Below(80), Reason = "r", Actor = "ann" }); break;
            case 5: desk.Tell(new SetExclusion { ExclusionId = $"X{i}", Kind = ExclusionKind.ReleaseOrder, OrderId = "O" + dice.Below(80), Owner = "a", Reason = "r", EndsOn = desk.Book.Today + dice.Below(4), Actor = "ann", ApprovedBy = "bob" }); break;
            default: desk.Tell(new PaymentReturned { PaymentId = "P" + dice.Below(80), ReturnedOn = desk.Book.Today }); break;
        }
    }

    private delegate void Steps(Desk desk, Replays.Sequence dice, int i, ref int day);

    private static void Compare(int seed, int facts, Desk every, Desk some, Steps step)
    {
        every.Book.JudgesEveryHold = true;
        var (first, second) = (new Replays.Sequence((ulong)seed), new Replays.Sequence((ulong)seed));
        var (dayA, dayB) = (On("2026-03-02"), On("2026-03-02"));
        for (var i = 0; i < facts; i++)
        {
            step(every, first, i, ref dayA);
            step(some, second, i, ref dayB);
            Assert.Equal(every.History.Count, some.History.Count);
            Assert.Equal(State(every), State(some));
        }

        for (var i = 0; i < every.History.Count; i++) Assert.Equal(every.History[i].Kind + Replays.Text(every.History[i]), some.History[i].Kind + Replays.Text(some.History[i]));
    }

    private static string State(Desk desk)
    {
        var buffer = new ByteBuffer();
        desk.Book.WriteAccount(0, buffer);
        return Convert.ToHexString(buffer.Written) + desk.Book.DeadlineAt(0);
    }
}
