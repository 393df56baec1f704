using ExposureMonitor.Domain;

namespace ExposureMonitor.Bench;

/// <summary>One event of the trade, plain: what every peer gets.</summary>
/// <param name="Kind">0 order, 1 delivery of an order, 2 invoice of a delivery, 3 payment.</param>
/// <param name="Of">Number of the event that it follows; −1 for none.</param>
internal readonly record struct Event(int Number, int Customer, int Kind, int Of, long Amount);

/// <summary>Which customers the events are for.</summary>
internal enum Spread
{
    /// <summary>Every tenth event is for one customer, the others are for all alike.</summary>
    Hot,

    /// <summary>For all alike.</summary>
    Uniform,

    /// <summary>By Zipf's law with the exponent 0.99, as benchmarks of stores have it.</summary>
    Zipf,
}

/// <summary>
/// A stream of 60 % orders, 25 % deliveries and invoices, 15 % payments over many customers; seeded, the same for all peers. Its oracle adds up gross exposures one event after the other.
/// </summary>
internal static class Workload
{
    internal const long Limit = 1_000_000_000_000;
    internal static readonly Currency Eur = Currency.Parse("EUR");
    internal static readonly int Day = DateOnly.FromDateTime(DateTime.UtcNow).DayNumber;

    internal static Event[] Make(int count, int customers, uint seed, Spread spread = Spread.Hot)
    {
        var zipf = spread == Spread.Zipf ? Zipf(customers) : [];
        var events = new Event[count];
        var (orders, deliveries) = (new Queue<int>[customers], new Queue<int>[customers]);
        for (var c = 0; c < customers; c++) (orders[c], deliveries[c]) = (new Queue<int>(), new Queue<int>());
        for (var i = 0; i < count; i++)
        {
            seed = unchecked(seed * 1_664_525 + 1_013_904_223);
            var customer = spread switch
            {
                Spread.Hot when i % 10 == 0 => 0,
                Spread.Zipf => Math.Min(customers - 1, ~Array.BinarySearch(zipf, (seed >> 8) / (double)(1 << 24)) is var rank && rank < 0 ? ~rank : rank),
                _ => (int)((seed >> 8) % (uint)customers),
            };
            var amount = 100 + (seed >> 20) % 900;
            events[i] = (i % 20) switch
            {
                12 or 14 or 18 when orders[customer].TryDequeue(out var order) => new(i, customer, 1, order, events[order].Amount),
                13 or 17 when deliveries[customer].TryDequeue(out var delivery) => new(i, customer, 2, delivery, events[delivery].Amount),
                15 or 16 or 19 => new(i, customer, 3, -1, amount / 2),
                _ => new(i, customer, 0, -1, amount),
            };
            if (events[i].Kind == 0) orders[customer].Enqueue(i);
            if (events[i].Kind == 1) deliveries[customer].Enqueue(i);
        }

        return events;
    }

    /// <summary>By rank, the share of events of that rank and those before it.</summary>
    private static double[] Zipf(int customers)
    {
        var shares = new double[customers];
        for (var (rank, sum) = (1, 0.0); rank <= customers; rank++) shares[rank - 1] = sum += Math.Pow(rank, -0.99);
        var total = shares[^1];
        for (var rank = 0; rank < customers; rank++) shares[rank] /= total;
        return shares;
    }

    /// <summary>Gross exposure of every customer, one event after the other.</summary>
    internal static long[] Oracle(IReadOnlyList<Event> events, int customers)
    {
        var gross = new long[customers];
        // An order adds, a payment takes off; a delivery and its invoice only move value.
        foreach (var e in events) gross[e.Customer] += e.Kind switch { 0 => e.Amount, 3 => -e.Amount, _ => 0 };
        for (var c = 0; c < customers; c++) gross[c] = Math.Max(0, gross[c]);
        return gross;
    }

    internal static string CustomerOf(int customer) => $"C{customer}";

    internal static IEnumerable<Fact> Openings(int customers)
    {
        for (var c = 0; c < customers; c++)
            yield return Named(new LimitSet { Version = 1, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = Limit }] }, c, "limit");
    }

    internal static Fact FactOf(Event e)
    {
        Fact fact = e.Kind switch
        {
            0 => new OrderPlaced { OrderId = $"O{e.Number}", Amount = e.Amount, Currency = Eur, OrderedOn = Day, ShipOn = Day + 3 },
            1 => new DeliveryPosted { DeliveryId = $"D{e.Number}", OrderId = $"O{e.Of}", Amount = e.Amount, Currency = Eur, ShippedOn = Day },
            2 => new InvoicePosted { InvoiceId = $"I{e.Number}", Amount = e.Amount, Currency = Eur, IssuedOn = Day, DueOn = Day + 30, Links = [new InvoiceLink { DeliveryId = $"D{e.Of}", Amount = e.Amount }] },
            _ => new PaymentReceived { PaymentId = $"P{e.Number}", Amount = e.Amount, Currency = Eur, ValueOn = Day, Cleared = true },
        };
        return Named(fact, e.Customer, $"e{e.Number}");
    }

    private static Fact Named(Fact fact, int customer, string id)
    {
        (fact.Customer, fact.Source, fact.EventId) = (CustomerOf(customer), "bench", $"{customer}-{id}");
        fact.Time = Instant.From(DateOnly.FromDayNumber(Day));
        return fact;
    }
}
