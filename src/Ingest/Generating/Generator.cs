using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ExposureMonitor.Ingest;

/// <summary>What a generated book looks like.</summary>
public sealed record GeneratorOptions
{
    public ulong Seed { get; init; } = 1;

    /// <summary>From 1 to 100 million.</summary>
    public int Customers { get; init; } = 200;

    /// <summary>From 1 to 20,000.</summary>
    public int Days { get; init; } = 90;

    public DateOnly Start { get; init; } = new(2026, 1, 1);

    /// <summary>Orders of a customer per hundred days.</summary>
    public int OrdersPerHundredDays { get; init; } = 25;

    public string Currency { get; init; } = "EUR";

    /// <summary>How the ids of customers, and with them those of all documents, begin.</summary>
    public string Prefix { get; init; } = "C";

    /// <summary>False leaves out duplicates, late events and poison records: a clean book.</summary>
    public bool IsDirty { get; init; } = true;
}

/// <summary>One generated event: CloudEvents JSON and the moment at which it arrives.</summary>
public sealed record GeneratedEvent(string Json, DateTimeOffset At);

/// <summary>
/// A seeded simulator of a B2B book, in the order of arrival; equal options give equal events. Payment delays follow the
/// quantiles of <see cref="TradeCustomer.Delay"/>; some customers are chronically late, some turn bad, some order in
/// surges; payments come in parts or are returned; records come twice, late, or are poison.
/// </summary>
/// <remarks>
/// Implementation note: what becomes of an order follows from seed, customer and day. So one small record per open order
/// is all that is kept, in a bucket of the day of its next event; a million customers take no more than that.
/// </remarks>
public sealed class Generator(GeneratorOptions options)
{
    private const int DaySeconds = 86_400;

    private readonly List<Pending>?[] _buckets = new List<Pending>?[Math.Max(1, options.Days)];
    private readonly DateTimeOffset _start = new(options.Start.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    /// <summary>The next event of an order, or of the customer itself.</summary>
    /// <param name="At">Arrival in seconds after the first day.</param>
    /// <param name="Index">Number of the step in the life of the order.</param>
    /// <param name="Form">0 as it is, 1 a second time, 2 poisoned.</param>
    private readonly record struct Pending(long At, int Customer, int OrderDay, byte Index, byte Form);

    /// <summary>All events in the order of arrival, made as they are read.</summary>
    public IEnumerable<GeneratedEvent> Run()
    {
        Array.Clear(_buckets);
        for (var day = 0; day < options.Days; day++)
        {
            foreach (var (pending, at) in Today(day))
            {
                var json = Json(pending);
                yield return new GeneratedEvent(pending.Form == 2 ? Poison(pending, json) : json, at);
            }

            _buckets[day] = null;
        }
    }

    /// <summary>The events of a day, sorted. What follows on the same day is put in first.</summary>
    private List<(Pending, DateTimeOffset)> Today(int day)
    {
        var bucket = _buckets[day] ??= [];
        for (var number = 1; number <= options.Customers; number++)
        {
            if (day == 0)
            {
                bucket.Add(new Pending(6 * 3_600, number, -1, (byte)TradeStep.Opened, 0));
                bucket.Add(new Pending(6 * 3_600 + 1, number, -1, (byte)TradeStep.Limited, 0));
            }

            var customer = TradeCustomer.Of(options, number);
            if (customer.OrdersOn(options, number, day)) Push(number, day, 0, TradeOrder.Of(options, customer, number, day));
        }

        for (var i = 0; i < bucket.Count; i++)
        {
            var pending = bucket[i];
            if (pending.OrderDay < 0 || pending.Form != 0) continue;
            var order = TradeOrder.Of(options, TradeCustomer.Of(options, pending.Customer), pending.Customer, pending.OrderDay);
            if (pending.Index + 1 < order.Steps) Push(pending.Customer, pending.OrderDay, pending.Index + 1, order);
        }

        bucket.Sort((a, b) => (a.At, a.Customer, a.OrderDay, a.Index, a.Form).CompareTo((b.At, b.Customer, b.OrderDay, b.Index, b.Form)));
        return bucket.ConvertAll(p => (p, _start.AddSeconds(p.At)));
    }

    private void Push(int customer, int orderDay, int index, TradeOrder order)
    {
        var at = order[index].At;
        var dice = Dice.Of(options.Seed, customer, orderDay, 16 + index);
        if (!options.IsDirty)
        {
            Put(new Pending(at, customer, orderDay, (byte)index, 0));
            return;
        }

        // One event in a hundred arrives up to three days late; the next step does not wait for it, so they cross.
        var isLate = dice.Next(100) == 0;
        if (isLate)
        {
            Put(new Pending(at + 3_600 + dice.Next(3 * DaySeconds), customer, orderDay, (byte)index, 3));
            if (index + 1 < order.Steps) Push(customer, orderDay, index + 1, order);
        }
        else
        {
            Put(new Pending(at, customer, orderDay, (byte)index, 0));
        }

        if (dice.Next(200) == 0) Put(new Pending(at + 60, customer, orderDay, (byte)index, 1));
        if (dice.Next(1_000) == 0) Put(new Pending(at, customer, orderDay, (byte)index, 2));
    }

    private void Put(Pending pending)
    {
        var day = pending.At / DaySeconds;
        if (day < _buckets.Length) (_buckets[day] ??= []).Add(pending);
    }

    private string Json(Pending pending)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{options.Prefix}{pending.Customer:D6}");
        var customer = TradeCustomer.Of(options, pending.Customer);
        return pending.OrderDay < 0 ? Opening(id, customer, (TradeStep)pending.Index)
            : Step(id, string.Create(CultureInfo.InvariantCulture, $"{id}-{pending.OrderDay:D4}"), pending.OrderDay, TradeOrder.Of(options, customer, pending.Customer, pending.OrderDay), pending.Index);
    }

    private string Opening(string id, TradeCustomer customer, TradeStep step) => step == TradeStep.Opened
        ? Event("credit.customer.opened.v1", "k-" + id, id, 6 * 3_600, json =>
        {
            json.WriteString("name", "Customer " + id[options.Prefix.Length..]);
            json.WriteString("segment", customer.Segment);
            json.WriteString("country", customer.Country);
            json.WriteString("controller", "desk-" + customer.Controller.ToString(CultureInfo.InvariantCulture));
            json.WriteString("currency", options.Currency);
        })
        : Event("credit.limit.set.v1", "l-" + id, id, 6 * 3_600 + 1, json =>
        {
            json.WriteNumber("version", 1);
            json.WriteString("currency", options.Currency);
            json.WriteStartArray("steps");
            json.WriteStartObject();
            json.WriteString("from", "2020-01-01");
            json.WriteString("kind", "Amount");
            json.WriteString("amount", Digits(customer.Limit));
            json.WriteEndObject();
            json.WriteEndArray();
        });

    private string Step(string customer, string name, int placedOn, TradeOrder order, int index)
    {
        var (at, step) = order[index];
        var day = (int)(at / DaySeconds);
        return step switch
        {
            TradeStep.Placed => Event("credit.order.placed.v1", "o-" + name, customer, at, json =>
            {
                json.WriteString("orderId", name);
                Value(json, order.Amount);
                json.WriteString("orderedOn", Day(placedOn));
                json.WriteString("shipOn", Day(order.ShipOn));
                json.WriteNumber("priority", order.Priority);
            }),
            TradeStep.Delivered => Event("credit.delivery.posted.v1", "d-" + name, customer, at, json =>
            {
                json.WriteString("deliveryId", "D-" + name);
                json.WriteString("orderId", name);
                Value(json, order.Amount);
                json.WriteString("shippedOn", Day(order.ShipOn));
                json.WriteBoolean("final", true);
            }),
            TradeStep.Invoiced => Event("credit.invoice.posted.v1", "i-" + name, customer, at, json =>
            {
                json.WriteString("invoiceId", "I-" + name);
                Value(json, order.Amount);
                json.WriteString("issuedOn", Day(order.IssuedOn));
                json.WriteString("dueOn", Day(order.DueOn));
                json.WriteStartArray("links");
                json.WriteStartObject();
                json.WriteString("deliveryId", "D-" + name);
                json.WriteString("amount", Digits(order.Amount));
                json.WriteEndObject();
                json.WriteEndArray();
            }),
            TradeStep.Paid => Payment("P-", order.FirstPart, order.IsCleared),
            TradeStep.PaidRest => Payment("PR-", order.Amount - order.FirstPart, true),
            TradeStep.Allocated => Allocation("A-", "P-", order.FirstPart),
            TradeStep.AllocatedRest => Allocation("AR-", "PR-", order.Amount - order.FirstPart),
            TradeStep.Returned => Event("credit.payment.returned.v1", "r-" + name, customer, at, json =>
            {
                json.WriteString("paymentId", "P-" + name);
                json.WriteString("returnedOn", Day(day));
                json.WriteString("reason", "no funds");
            }),
            _ => Event("credit.payment.cleared.v1", "c-" + name, customer, at, json =>
            {
                json.WriteString("paymentId", "P-" + name);
                json.WriteString("clearedOn", Day(day));
            }),
        };

        string Payment(string prefix, long amount, bool cleared) => Event("credit.payment.received.v1", prefix.ToLowerInvariant() + name, customer, at, json =>
        {
            json.WriteString("paymentId", prefix + name);
            Value(json, amount);
            json.WriteString("valueOn", Day(day));
            json.WriteString("method", "Transfer");
            json.WriteBoolean("cleared", cleared);
        });

        string Allocation(string prefix, string from, long amount) => Event("credit.payment.allocated.v1", prefix.ToLowerInvariant() + name, customer, at, json =>
        {
            json.WriteString("allocationId", prefix + name);
            json.WriteString("fromId", from + name);
            json.WriteString("allocatedOn", Day(day));
            json.WriteStartArray("items");
            json.WriteStartObject();
            json.WriteString("itemId", "I-" + name);
            json.WriteString("amount", Digits(amount));
            json.WriteEndObject();
            json.WriteEndArray();
        });
    }

    /// <summary>Four kinds of bad records: a negative or fractional amount, an unknown type, and JSON that breaks off.</summary>
    private string Poison(Pending pending, string json)
    {
        json = json.Replace("\"id\":\"", "\"id\":\"x", StringComparison.Ordinal);
        return Dice.Of(options.Seed, pending.Customer, pending.OrderDay, 40 + pending.Index).Next(4) switch
        {
            0 when json.Contains("\"amount\":\"", StringComparison.Ordinal) => json.Replace("\"amount\":\"", "\"amount\":\"-", StringComparison.Ordinal),
            1 when json.Contains("\"amount\":\"", StringComparison.Ordinal) => json.Replace("\"amount\":\"", "\"amount\":\"0.", StringComparison.Ordinal),
            2 => json[..(json.Length * 2 / 3)],
            _ => json.Replace(".v1\"", ".v9\"", StringComparison.Ordinal),
        };
    }

    private void Value(Utf8JsonWriter json, long amount)
    {
        json.WriteString("amount", Digits(amount));
        json.WriteString("currency", options.Currency);
    }

    private static string Digits(long amount) => amount.ToString(CultureInfo.InvariantCulture);

    private string Day(int day) => options.Start.AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private string Event(string type, string id, string customer, long at, Action<Utf8JsonWriter> data)
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
            json.WriteString("time", _start.AddSeconds(at).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteStartObject("data");
            data(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
