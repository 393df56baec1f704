using ExposureMonitor.Domain;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests.Laws;

/// <summary>A customer's life at a desk: the narrator's facts, and what people and time do in between.</summary>
internal sealed class Life
{
    /// <summary>Kinds of deeds of a whole life.</summary>
    internal const int Kinds = Narrator.Facts + 15;

    private readonly Narrator _narrator;
    private int _number;

    internal Life(long? limit = Narrator.Limit)
    {
        Desk = new Desk(limit, day: "2026-03-02");
        Desk.Rules(("signal.flaps", 100), ("oldestMinimum", 300));
        _narrator = new Narrator(Desk.Book.Today);
    }

    internal Desk Desk { get; }

    internal int Slot => Desk.Book.FindSlot(Customer);

    /// <summary>What was told before each entry is applied, and after it with its effects.</summary>
    internal Action<Fact>? Before { get; init; }

    internal Action<Fact, Outcome, IReadOnlyList<Effect>>? After { get; init; }

    internal void Do(Deed deed)
    {
        _number++;
        if (deed.Kind == Narrator.Facts)
        {
            for (var days = 1 + deed.Which * 4; days > 0; days--) Day();
            return;
        }

        if (deed.Kind == Narrator.Facts + 1)
        {
            Wait(1 + deed.Choice * 20);
            return;
        }

        if (FactOf(deed) is { } fact) Tell(fact);
    }

    private void Day()
    {
        var book = Desk.Book;
        _narrator.Today = book.Today + 1;
        Tell(new DayStarted { Day = book.Today + 1, Time = Instant.From(DateOnly.FromDayNumber(book.Today + 1)) });
        while (book.SweepPending) Tell(new SweepDue { FromSlot = book.SweepFrom, Time = Desk.Now });
        if (Instant.From(DateOnly.FromDayNumber(book.Today)) is var start && start > Desk.Now) Wait((start.Micros - Desk.Now.Micros) / Instant.Second);
    }

    private void Wait(long seconds)
    {
        var until = Desk.Now.Plus(seconds * Instant.Second);
        while (Desk.Book.NextDeadline <= until) Tell(new TimerDue { DueAt = Desk.Book.NextDeadline, Time = Desk.Book.NextDeadline });
        Desk.Wait(seconds);
    }

    private void Tell(Fact fact)
    {
        Before?.Invoke(fact);
        var outcome = Desk.Tell(fact);
        After?.Invoke(fact, outcome, Desk.Effects.Effects);
    }

    private Fact? FactOf(Deed d) => (d.Kind - Narrator.Facts) switch
    {
        < 0 => _narrator.FactOf(d),
        2 or 3 => new CheckCredit { Amount = 100 + d.Amount * 50, Currency = Eur, Actor = "svc", Key = "k" + _number, ShipOn = d.Choice < 3 ? Desk.Book.Today + 70 : 0 },
        4 when Held(d) is { } order => new RequestRelease { OrderId = order, Reason = "r", Actor = "ann" },
        5 when Held(d) is { } order => new ApproveRelease { OrderId = order, Actor = "bob", Authority = -1 },
        6 when d.Choice < 3 && Desk.Detail.Orders is { Count: > 0 } orders => new ForceHold { OrderId = orders[d.Which % orders.Count].OrderId, Reason = "r", Actor = "ann" },
        7 when Held(d) is { } order => new LiftForcedHold { OrderId = order, Reason = "r", Actor = "ann", ApprovedBy = "bob", Authority = -1 },
        8 or 12 => new LimitSet { Version = Desk.Detail.LimitVersion + 1, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = d.Choice == 0 ? LimitKind.Unlimited : LimitKind.Amount, Amount = 400 + d.Amount * 200 }] },
        9 when Desk.Detail.Reservations is { Count: > 0 } kept => new OrderPlaced
        {
            OrderId = "Q" + _number, Amount = Math.Max(1, kept[0].Amount + (d.Choice - 6) * 20), Currency = Eur, OrderedOn = Desk.Book.Today, ShipOn = Desk.Book.Today, ReservationId = kept[0].ReservationId,
        },
        10 when Desk.Detail.Orders is { Count: > 0 } orders => new CheckCredit { OrderId = orders[d.Which % orders.Count].OrderId, Amount = 1, Currency = Eur, Actor = "wms", Key = "s" + _number, Checkpoint = Checkpoint.Ship },
        11 => new TemporaryLimitGranted
        {
            TemporaryId = "T" + _number, Amount = 500 + d.Amount * 200, Currency = Eur, From = Desk.Now, To = Desk.Now.Plus((1 + d.Which) * Instant.Day), Once = d.Choice < 4,
        },
        13 => _narrator.FactOf(d with { Kind = 16, Choice = d.Choice < 4 ? 6 : 0 }),
        14 => _narrator.Bounced(d),
        _ => null,
    };

    private string? Held(Deed d) => Desk.Detail.Holds is { Count: > 0 } holds ? holds[d.Which % holds.Count].OrderId : null;
}
