using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ExposureMonitor.Chaos.Alerting;

/// <summary>
/// What happens at the customers, and what has to follow from it. Every event is told until it is answered, so that all
/// that is intended is certain.
/// </summary>
internal sealed class AlertLoad(AlertService service, int seed, int burst, double rate) : IDisposable
{
    private const int Batch = 1_000, Limit = 1_000_000;

    private static readonly (int Amount, string Severity)[] Climbs = [(920_000, "MED"), (1_020_000, "HIGH"), (1_150_000, "CRIT")];

    private readonly Random _dice = new(seed);
    private readonly Envelope _envelope = new();
    private readonly HttpClient _http = service.Client("service");
    private readonly Queue<(string Customer, string Order, int Version, DateTime Placed)> _held = new();
    private readonly Queue<(string Customer, string Invoice, DateTime Posted)> _climbed = new();
    private long _number;

    /// <summary>Orders that have to be on hold: each has an alert of its own.</summary>
    internal ConcurrentDictionary<string, string> Holds { get; } = new(StringComparer.Ordinal);

    /// <summary>Customers who have climbed once, with the severity of the step that they have reached.</summary>
    internal ConcurrentDictionary<string, string> Climbed { get; } = new(StringComparer.Ordinal);

    /// <summary>Moves of the rate that took everybody over a step.</summary>
    internal int Ups { get; private set; }

    /// <summary>Events that were answered.</summary>
    internal long Told { get; private set; }

    internal static string BurstCustomer(int n) => string.Create(CultureInfo.InvariantCulture, $"B{n:D6}");

    /// <summary>Gives everybody of the burst a limit and an invoice in another currency, a little below a step: with the margin of 5 % for the currency, 88.2 %.</summary>
    internal async Task PrepareAsync(CancellationToken cancel)
    {
        await RateAsync("1", cancel);
        var events = new List<byte[]>(Batch);
        for (var n = 0; n < burst; n++)
        {
            _envelope.Tick();
            events.AddRange(Customer(BurstCustomer(n), 840_000, "USD"));
            if (events.Count < Batch - 2 && n < burst - 1) continue;
            await TellAsync(events, cancel);
            events.Clear();
        }
    }

    /// <summary>One currency moves: all of them cross at once.</summary>
    internal async Task UpAsync(CancellationToken cancel)
    {
        await RateAsync("1.03", cancel);
        Ups++;
    }

    /// <summary>And back.</summary>
    internal Task DownAsync(CancellationToken cancel) => RateAsync("0.95", cancel);

    /// <summary>A few things a second, until it ends.</summary>
    internal async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(-Math.Log(1 - _dice.NextDouble()) / rate), cancel);
                _envelope.Tick();
                // What has begun is told to its end: a request that is given up may have been taken in.
                await StepAsync(CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            // It ends.
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task StepAsync(CancellationToken cancel)
    {
        var dice = _dice.Next(100);
        if (dice < 45)
        {
            // A customer without a limit: every order is held.
            var (customer, order) = ($"H{_dice.Next(300)}", $"O-{++_number}");
            await TellAsync([Event("credit.order.placed.v1", "p-" + order, customer, $"\"orderId\":\"{order}\",\"amount\":\"125000\",\"currency\":\"EUR\",\"orderedOn\":\"{_envelope.Day(0)}\",\"shipOn\":\"{_envelope.Day(10)}\"")], cancel);
            Holds[order] = customer;
            _held.Enqueue((customer, order, 2, DateTime.UtcNow));
            // Some end before anybody was told.
            if (_dice.Next(6) == 0) await CancelAsync(_held.Dequeue(), cancel);
        }
        else if (dice < 70 && _held.Count > 20) await CancelAsync(_held.Dequeue(), cancel);
        else if (dice < 88)
        {
            var (amount, severity) = Climbs[_dice.Next(Climbs.Length)];
            var customer = $"W{++_number}";
            await TellAsync(Customer(customer, amount, "EUR"), cancel);
            Climbed[customer] = severity;
            _climbed.Enqueue((customer, "I-" + customer, DateTime.UtcNow));
        }
        else if (_climbed.TryPeek(out var oldest) && DateTime.UtcNow - oldest.Posted > TimeSpan.FromSeconds(20))
        {
            _climbed.Dequeue();
            await TellAsync([Event("credit.invoice.cancelled.v1", "c-" + oldest.Invoice, oldest.Customer, $"\"invoiceId\":\"{oldest.Invoice}\",\"restores\":\"Nothing\"")], cancel);
        }
    }

    private Task CancelAsync((string Customer, string Order, int Version, DateTime Placed) held, CancellationToken cancel) =>
        TellAsync([Event("credit.order.cancelled.v1", "x-" + held.Order, held.Customer, $"\"orderId\":\"{held.Order}\",\"version\":{held.Version},\"reason\":\"not wanted\"")], cancel);

    private byte[][] Customer(string customer, int amount, string currency) =>
    [
        Event("credit.customer.opened.v1", "o-" + customer, customer, $"\"currency\":\"EUR\",\"name\":\"华东 <!channel> {customer} & Söhne\""),
        Event("credit.limit.set.v1", "l-" + customer, customer, $"\"version\":1,\"currency\":\"EUR\",\"steps\":[{{\"from\":\"{_envelope.Day(-30)}\",\"kind\":\"Amount\",\"amount\":\"{Limit}\"}}]"),
        Event("credit.invoice.posted.v1", "i-" + customer, customer, $"\"invoiceId\":\"I-{customer}\",\"amount\":\"{amount}\",\"currency\":\"{currency}\",\"issuedOn\":\"{_envelope.Day(0)}\",\"dueOn\":\"{_envelope.Day(60)}\""),
    ];

    private Task RateAsync(string rate, CancellationToken cancel)
    {
        _envelope.Tick();
        return TellAsync([Event("credit.fx-rate.published.v1", $"r-{++_number}", "", $"\"from\":\"USD\",\"to\":\"EUR\",\"rate\":\"{rate}\",\"asOf\":\"{_envelope.At(0)}\"")], cancel);
    }

    private byte[] Event(string type, string id, string customer, string data) => _envelope.Write(type, id, customer, _envelope.At(0), data);

    /// <summary>Tells until it is answered: the same events again change nothing.</summary>
    private async Task TellAsync(IReadOnlyList<byte[]> events, CancellationToken cancel)
    {
        var body = "[" + string.Join(',', events.Select(Encoding.UTF8.GetString)) + "]";
        for (var limit = Clock.Now + 600_000; ;)
        {
            try
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/json");
                using var reply = await _http.PostAsync("events", content, cancel);
                var told = await reply.Content.ReadAsStringAsync(cancel);
                if (reply.IsSuccessStatusCode)
                {
                    using var json = JsonDocument.Parse(told);
                    foreach (var result in json.RootElement.GetProperty("results").EnumerateArray())
                        if (result.GetProperty("outcome").GetString() is not ("Applied" or "Duplicate")) throw new RigException($"An event of the rig was not applied: {result}");
                    Told += events.Count;
                    return;
                }

                if ((int)reply.StatusCode is >= 400 and < 500) throw new RigException($"{(int)reply.StatusCode}: {told}");
            }
            catch (Exception gone) when (gone is HttpRequestException or IOException or JsonException || (gone is TaskCanceledException && !cancel.IsCancellationRequested))
            {
                if (Clock.Now > limit) throw new ViolationException("liveness: an event is not answered within ten minutes.");
            }

            await Task.Delay(100, cancel);
        }
    }
}
