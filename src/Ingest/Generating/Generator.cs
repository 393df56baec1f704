using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ExposureMonitor.Ingest;

/// <summary>What a generated book looks like.</summary>
public sealed record GeneratorOptions
{
    public ulong Seed { get; init; } = 1;

    public int Customers { get; init; } = 200;

    public int Days { get; init; } = 90;

    public DateOnly Start { get; init; } = new(2026, 1, 1);

    /// <summary>Orders of a customer per hundred days.</summary>
    public int OrdersPerHundredDays { get; init; } = 25;

    public string Currency { get; init; } = "EUR";
}

/// <summary>One generated event: CloudEvents JSON and the moment at which it arrives.</summary>
public sealed record GeneratedEvent(string Json, DateTimeOffset At);

/// <summary>
/// A seeded simulator of a B2B book. Payment delays follow the quantiles −19/−7/−3/0/2/10/50 days at 1/5/25/50/75/95/99 %;
/// some customers are chronically late, some turn bad, some send twice, and some records are poison.
/// </summary>
public sealed class Generator(GeneratorOptions options)
{
    private static readonly (int Permille, int Days)[] Delays =
        [(0, -30), (10, -19), (50, -7), (250, -3), (500, 0), (750, 2), (950, 10), (990, 50), (1000, 120)];

    private ulong _state = options.Seed;

    /// <summary>All events in the order of arrival; equal options give equal events.</summary>
    public IReadOnlyList<GeneratedEvent> Run()
    {
        var events = new List<(DateTimeOffset At, int Number, string Json)>();
        for (var number = 1; number <= options.Customers; number++) Customer(events, string.Create(CultureInfo.InvariantCulture, $"C{number:D6}"));
        events.Sort((a, b) => a.At != b.At ? a.At.CompareTo(b.At) : a.Number.CompareTo(b.Number));
        return [.. events.Select(e => new GeneratedEvent(e.Json, e.At))];
    }

    /// <summary>Days late of one payment, by the quantiles of the book.</summary>
    public int Delay(bool chronicallyLate)
    {
        var point = Next(1_000);
        for (var i = 1; i < Delays.Length; i++)
        {
            if (point >= Delays[i].Permille) continue;
            var (from, days) = Delays[i - 1];
            var delay = days + (Delays[i].Days - days) * (point - from) / (Delays[i].Permille - from);
            return chronicallyLate ? delay + 12 : delay;
        }

        return Delays[^1].Days;
    }

    private void Customer(List<(DateTimeOffset, int, string)> events, string id)
    {
        var late = Next(100) < 8;
        var badFrom = Next(100) < 5 ? Next(options.Days) : int.MaxValue;
        var size = 50_000L * (1 + Next(40));
        var segment = new[] { "RETAIL", "INDUSTRY", "TRADE" }[Next(3)];
        var country = new[] { "DE", "FR", "PL", "CN" }[Next(4)];
        var start = new DateTimeOffset(options.Start.ToDateTime(new TimeOnly(6, 0)), TimeSpan.Zero);
        Add(start, "credit.customer.opened.v1", $"k-{id}", json =>
        {
            json.WriteString("name", $"Customer {id[1..]}");
            json.WriteString("segment", segment);
            json.WriteString("country", country);
            json.WriteString("controller", "desk-" + (1 + Next(3)));
            json.WriteString("currency", options.Currency);
        });
        Add(start.AddSeconds(1), "credit.limit.set.v1", $"l-{id}", json =>
        {
            json.WriteNumber("version", 1);
            json.WriteString("currency", options.Currency);
            json.WriteStartArray("steps");
            json.WriteStartObject();
            json.WriteString("from", "2020-01-01");
            json.WriteString("kind", "Amount");
            json.WriteString("amount", (size * 5).ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteEndArray();
        });
        var surge = Next(100) < 6 ? Next(options.Days) : -100;
        for (var day = 0; day < options.Days; day++)
        {
            var chance = options.OrdersPerHundredDays * (Math.Abs(day - surge) < 5 ? 4 : 1);
            if (Next(100) < chance) Order(events, id, $"{id}-{day:D4}", start.AddDays(day), size / 2 + Next((int)Math.Min(size, int.MaxValue)), late || day >= badFrom, day >= badFrom);
        }

        void Add(DateTimeOffset at, string type, string eventId, Action<Utf8JsonWriter> data) => events.Add((at, events.Count, Event(type, eventId, id, at, data)));
    }

    private void Order(List<(DateTimeOffset At, int, string)> events, string customer, string order, DateTimeOffset placed, long amount, bool late, bool bad)
    {
        placed = placed.AddMinutes(Next(600));
        var ship = placed.AddDays(1 + Next(10));
        var issued = ship.AddDays(Next(3));
        var due = issued.AddDays(30);
        Add(placed, "credit.order.placed.v1", "o-" + order, json =>
        {
            json.WriteString("orderId", order);
            Value(json, amount);
            json.WriteString("orderedOn", Day(placed));
            json.WriteString("shipOn", Day(ship));
            json.WriteNumber("priority", 1 + Next(9));
        });
        Add(ship, "credit.delivery.posted.v1", "d-" + order, json =>
        {
            json.WriteString("deliveryId", "D-" + order);
            json.WriteString("orderId", order);
            Value(json, amount);
            json.WriteString("shippedOn", Day(ship));
            json.WriteBoolean("final", true);
        });
        // One invoice in fifty overtakes its delivery.
        Add(Next(50) == 0 ? ship.AddHours(-2) : issued, "credit.invoice.posted.v1", "i-" + order, json =>
        {
            json.WriteString("invoiceId", "I-" + order);
            Value(json, amount);
            json.WriteString("issuedOn", Day(issued));
            json.WriteString("dueOn", Day(due));
            json.WriteStartArray("links");
            json.WriteStartObject();
            json.WriteString("deliveryId", "D-" + order);
            json.WriteString("amount", amount.ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteEndArray();
        });
        if (bad && Next(3) > 0) return;
        var paid = due.AddDays(Delay(late));
        if (paid < issued) paid = issued.AddHours(1);
        var part = Next(20) == 0 ? amount / 2 + 1 : amount;
        Add(paid, "credit.payment.received.v1", "p-" + order, json =>
        {
            json.WriteString("paymentId", "P-" + order);
            Value(json, part);
            json.WriteString("valueOn", Day(paid));
            json.WriteString("method", "Transfer");
            json.WriteBoolean("cleared", Next(10) > 0);
        });
        Add(paid.AddMinutes(5), "credit.payment.allocated.v1", "a-" + order, json =>
        {
            json.WriteString("allocationId", "A-" + order);
            json.WriteString("fromId", "P-" + order);
            json.WriteString("allocatedOn", Day(paid));
            json.WriteStartArray("items");
            json.WriteStartObject();
            json.WriteString("itemId", "I-" + order);
            json.WriteString("amount", part.ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteEndArray();
        });
        if (Next(100) == 0)
            Add(paid.AddDays(3), "credit.payment.returned.v1", "r-" + order, json =>
            {
                json.WriteString("paymentId", "P-" + order);
                json.WriteString("returnedOn", Day(paid.AddDays(3)));
                json.WriteString("reason", "no funds");
            });
        else
            Add(paid.AddDays(2), "credit.payment.cleared.v1", "c-" + order, json =>
            {
                json.WriteString("paymentId", "P-" + order);
                json.WriteString("clearedOn", Day(paid.AddDays(2)));
            });

        void Add(DateTimeOffset at, string type, string eventId, Action<Utf8JsonWriter> data)
        {
            if ((at.Date - options.Start.ToDateTime(TimeOnly.MinValue)).TotalDays >= options.Days) return;
            var json = Event(type, eventId, customer, at, data);
            events.Add((at, events.Count, json));
            if (Next(200) == 0) events.Add((at.AddMinutes(1), events.Count, json));
            if (Next(1_000) == 0) events.Add((at, events.Count, json.Replace("\"amount\":\"", "\"amount\":\"-", StringComparison.Ordinal).Replace(eventId, "x" + eventId, StringComparison.Ordinal)));
        }
    }

    private void Value(Utf8JsonWriter json, long amount)
    {
        json.WriteString("amount", amount.ToString(CultureInfo.InvariantCulture));
        json.WriteString("currency", options.Currency);
    }

    private static string Day(DateTimeOffset at) => at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Event(string type, string id, string customer, DateTimeOffset at, Action<Utf8JsonWriter> data)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("specversion", "1.0");
            json.WriteString("id", id);
            json.WriteString("type", type);
            json.WriteString("source", "generator");
            json.WriteString("subject", customer);
            json.WriteString("time", at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteStartObject("data");
            data(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>SplitMix64: the same numbers on every machine and in every version.</summary>
    private int Next(int below)
    {
        unchecked
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)((z ^ (z >> 31)) % (ulong)below);
        }
    }
}
