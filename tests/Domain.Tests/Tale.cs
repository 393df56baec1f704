using System.Globalization;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Domain.Tests;

/// <summary>
/// A history of one customer by its own dates, told in order or as it might arrive: every fact up to six days late, those of
/// one day in any order.
/// </summary>
internal sealed class Tale
{
    private readonly List<(int Day, Func<Fact> Make)> _facts = [];
    private readonly List<(int Day, int Own, Func<Fact> Make)> _late = [];
    private int _number;

    internal static readonly int Start = Desk.On("2026-03-02");

    /// <summary>Last day of the tale.</summary>
    internal int End { get; private set; } = Start;

    internal long Limit { get; init; } = 1_000_000_000;

    /// <summary>First day as a customer, when it is told.</summary>
    internal int Since { get; init; }

    internal (string, long)[] Rules { get; init; } = [];

    /// <summary>A fact of a day, counted from the start.</summary>
    internal void On(int day, Func<Fact> make)
    {
        _facts.Add((Start + day, make));
        End = Math.Max(End, Start + day);
    }

    /// <summary>The same, but it is known only days after: what it takes back was told by then.</summary>
    internal void Late(int day, int arrives, Func<Fact> make)
    {
        _late.Add((Start + arrives, Start + day, () =>
        {
            var fact = make();
            fact.Time = Noon(Start + day);
            return fact;
        }));
    }

    /// <summary>The day on which the last late fact is known, counted from the start.</summary>
    internal int LateOn => _late[^1].Day - Start;

    internal void Order(int day, long amount)
    {
        var id = "O" + ++_number;
        On(day, () => new OrderPlaced { OrderId = id, Amount = amount, Currency = Desk.Eur, OrderedOn = Start + day, ShipOn = Start + day + 5 });
        // What is delivered and invoiced elsewhere does not crowd the limit.
        On(day, () => new OrderCancelled { OrderId = id, Version = 1 });
    }

    internal string Invoice(int day, int due, long amount = 50_000, int discountBp = 0)
    {
        var id = "I" + ++_number;
        On(day, () => new InvoicePosted { InvoiceId = id, Amount = amount, Currency = Desk.Eur, IssuedOn = Start + day, DueOn = Start + due, DiscountBp = discountBp, DiscountOn = discountBp == 0 ? 0 : Start + day + 10 });
        return id;
    }

    /// <summary>A payment that is allocated on its day; known only later where a day of that is told.</summary>
    internal void Pay(string invoice, int day, long amount = 50_000, long discount = 0, int isLate = 0)
    {
        var id = invoice + "." + ++_number;
        Known(() => new PaymentReceived { PaymentId = "P" + id, Amount = amount, Currency = Desk.Eur, ValueOn = Start + day, Cleared = true });
        Known(() => new PaymentAllocated { AllocationId = "A" + id, FromId = "P" + id, AllocatedOn = Start + day, Items = [new AllocationItem { ItemId = invoice, Amount = amount, DiscountTaken = discount }] });
        void Known(Func<Fact> make)
        {
            if (isLate == 0) On(day, make);
            else Late(day, isLate, make);
        }

        LastAllocation = "A" + id;
    }

    internal string LastAllocation { get; private set; } = "";

    /// <summary>An invoice that is paid so many days late, on a day.</summary>
    internal void Settled(int paid, int late, int terms = 30) => Pay(Invoice(paid - late - terms, paid - late), paid);

    /// <summary>Tells it in the order of its dates, or shuffled, and goes on for days.</summary>
    internal Desk Told(int? seed = null, int days = 9, bool withLate = false, bool restart = false, bool inTime = false)
    {
        var dice = seed is { } number ? new Random(number) : null;
        var arrivals = _facts.Select((f, i) => (Day: f.Day + (dice?.Next(7) ?? 0), Key: dice?.Next() ?? 0, Own: f.Day, Number: i, f.Make)).ToList();
        if (withLate) arrivals.AddRange(_late.Select((f, i) => (inTime ? f.Own : f.Day, int.MaxValue, 0, 100_000 + i, f.Make)));
        arrivals.Sort((a, b) => a.Day != b.Day ? a.Day.CompareTo(b.Day) : a.Key != b.Key ? a.Key.CompareTo(b.Key) : a.Number.CompareTo(b.Number));
        var first = arrivals.Min(a => a.Day);
        var desk = new Desk(limit: Limit, day: Text(first), since: Since);
        if (Rules.Length > 0) desk.Rules(Rules);
        var next = 0;
        for (var day = first; day <= Math.Max(End + days, withLate ? arrivals[^1].Day + 1 : 0); day++)
        {
            desk.Day(Text(day));
            for (; next < arrivals.Count && arrivals[next].Day == day; next++)
            {
                var fact = arrivals[next].Make();
                if (fact.Time.Micros == 0 && arrivals[next].Own != 0) fact.Time = Noon(arrivals[next].Own).Plus(arrivals[next].Number);
                desk.Tell(fact);
            }

            desk.Wait(120);
            if (restart && day % 5 == 0) desk.Restart();
        }

        return desk;
    }

    internal static string[] Standing(Desk desk, Func<string, bool> judged) =>
        [.. desk.Detail.Signals.Where(s => judged(s.Indicator)).Select(s => $"{s.Indicator} {s.About} {s.Step}").Order(StringComparer.Ordinal)];

    internal static string Text(int day) => DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static Instant Noon(int day) => Instant.From(DateOnly.FromDayNumber(day)).Plus(43_200 * Instant.Second);
}
