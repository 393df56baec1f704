using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>A book that is written down and read back at any moment goes on exactly like one that never stopped.</summary>
public sealed class Replays
{
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Restart_at_any_moment_changes_no_effect_and_no_byte(int seed)
    {
        var (straight, bytes) = Live(seed, restartEvery: 0);
        foreach (var every in (int[])[1, 7])
        {
            var (restarted, same) = Live(seed, every);
            for (var i = 0; i < Math.Min(straight.Count, restarted.Count); i++) Assert.Equal(straight[i], restarted[i]);
            Assert.Equal(straight.Count, restarted.Count);
            Assert.Equal(bytes, same);
        }
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    private static (List<string> Effects, byte[] State) Live(int seed, int restartEvery)
    {
        var desk = new Desk(limit: 20_000, day: "2026-03-02");
        var dice = new Sequence((ulong)seed);
        var day = On("2026-03-02");
        for (var i = 0; i < 160; i++)
        {
            Step(desk, dice, i, ref day);
            Assert.Null(desk.Book.Unbalanced(0));
            if (restartEvery > 0 && i % restartEvery == 0) desk.Restart();
        }

        var effects = desk.History.Select(e => e.Kind + " " + Text(e)).ToList();
        var buffer = new ByteBuffer();
        desk.Book.WriteAccount(0, buffer);
        return (effects, buffer.Written.ToArray());
    }

    internal static string Text(Effect effect)
    {
        var buffer = new ByteBuffer();
        new BinaryFieldWriter(buffer).Write(effect);
        return Convert.ToHexString(buffer.Written);
    }

    internal static void Step(Desk desk, Sequence dice, int i, ref int day)
    {
        string Id(string kind) => kind + dice.Below(12);
        var today = desk.Book.Today;
        long Amount() => 100 + dice.Below(9_000);
        switch (dice.Below(30))
        {
            case < 5:
                desk.Tell(new OrderPlaced
                {
                    OrderId = Id("O"), Amount = Amount(), Currency = dice.Below(6) == 0 ? Currency.Parse("USD") : Eur, OrderedOn = today, ShipOn = today + dice.Below(80),
                    Priority = 1 + dice.Below(9), ReservationId = dice.Below(3) == 0 ? desk.Detail.Reservations.FirstOrDefault()?.ReservationId ?? "" : "",
                });
                break;
            case < 7: desk.Tell(new OrderChanged { OrderId = Id("O"), Version = i, Amount = Amount(), Currency = Eur, ShipOn = today + dice.Below(20) }); break;
            case 7: desk.Tell(dice.Below(2) == 0 ? new OrderCancelled { OrderId = Id("O"), Version = i } : new OrderClosed { OrderId = Id("O"), Version = i }); break;
            case 8: desk.Tell(new OrderReopened { OrderId = Id("O"), Version = i, Amount = Amount(), Currency = Eur, ShipOn = today }); break;
            case < 11: desk.Deliver(Id("D"), Id("O"), Amount(), final: dice.Below(6) == 0); break;
            case < 14: desk.Tell(new InvoicePosted { InvoiceId = Id("I"), Amount = Amount(), Currency = Eur, IssuedOn = today, DueOn = today - 40 + dice.Below(60), Links = dice.Below(2) == 0 ? [] : [OfDelivery(Id("D"), Amount())] }); break;
            case < 17: desk.Tell(new PaymentReceived { PaymentId = Id("P"), Amount = Amount(), Currency = Eur, ValueOn = today - dice.Below(5), Cleared = dice.Below(2) == 0, OrderId = dice.Below(4) == 0 ? Id("O") : "" }); break;
            case 17: desk.Tell(new PaymentAllocated { AllocationId = Id("A"), FromId = Id("P"), AllocatedOn = today - dice.Below(5), Items = [new AllocationItem { ItemId = Id("I"), Amount = Amount() }] }); break;
            case 18: desk.Tell(dice.Below(2) == 0 ? new PaymentCleared { PaymentId = Id("P"), ClearedOn = today } : new PaymentReturned { PaymentId = Id("P"), ReturnedOn = today }); break;
            case 19: desk.Tell(new CheckCredit { Amount = Amount(), Currency = Eur, Actor = "svc", OrderId = dice.Below(3) == 0 ? Id("O") : "", Checkpoint = dice.Below(3) == 0 ? Checkpoint.Ship : Checkpoint.Accept }); break;
            case 20: desk.Tell(new RequestRelease { OrderId = Id("O"), Reason = "r", Actor = "ann" }); break;
            case 21: desk.Tell(new ApproveRelease { OrderId = Id("O"), Actor = "bob", Authority = -1 }); break;
            case 22: desk.Tell(new DisputeOpened { DisputeId = Id("X"), ItemId = Id("I"), Amount = 50, Currency = Eur, OpenedOn = today - 55 }); break;
            case 23: desk.Tell(new ExternalExposureReported { System = "erp", Amount = dice.Below(20_000), Currency = Eur, AsOn = today }); break;
            case 24 when i % 9 == 0: desk.Tell(new StopCustomer { Reason = "r", Actor = "ann" }); break;
            case 24 when i % 7 == 0: desk.Tell(new LiftStop { Reason = "r", Actor = "bob", ApprovedBy = "cid", Authority = -1 }); break;
            case 24: desk.Rate("USD", dice.Below(2) == 0 ? "0.9" : "0.95", "2026-03-01", approvedBy: "bob"); break;
            case 25: desk.Rules(("horizonDays", 20 + dice.Below(60)), ("signal.01.step1", 5_000 + dice.Below(2_000)), ("recheckOnCut", dice.Below(2))); break;
            case 26: desk.Limit(5_000 + dice.Below(30_000)); break;
            case 27: desk.Wait(1 + dice.Below(200_000)); break;
            case 28:
                desk.Tell(dice.Below(2) == 0 ? new FeedStale { Feed = "f", Since = desk.Now } : new FeedCurrent { Feed = "f" });
                break;
            default:
                day += 1 + dice.Below(9);
                desk.Day(DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    }

    /// <summary>SplitMix64, so that a seed is the same history everywhere.</summary>
    internal sealed class Sequence(ulong seed)
    {
        private ulong _state = seed;

        internal int Below(int limit)
        {
            unchecked
            {
                var z = _state += 0x9E3779B97F4A7C15;
                z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
                z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
                return (int)((z ^ (z >> 31)) % (ulong)limit);
            }
        }
    }
}
