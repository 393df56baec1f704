using System.Text.Json;
using ExposureMonitor.Alerts;
using ExposureMonitor.Api;
using ExposureMonitor.Engine;
using ExposureMonitor.Grains;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Silo;

/// <summary>
/// What goes out, run by the silo that holds the grain of it: one pump to Kafka, and one house of alerts with its channels, for all partitions of the cluster.
/// Which rows are committed the engine sees in the database, whoever committed them. What a channel remembers (its rate, what it groups) stands
/// with the deliveries under the epoch of the channel, so that a silo that was replaced writes nothing more there.
/// </summary>
internal sealed class SiloChannels(ExposureEngine engine, IStoredJournal journal, KafkaOptions? kafka, string? channels, Desk desk, GrainOwners owners) : IChannelHost
{
    internal const string Kafka = "kafka", Alerts = "alerts";

    private static readonly TimeSpan AnswerMost = TimeSpan.FromSeconds(4);

    private readonly ChannelsAtDesk? _atDesk = channels is null ? null : new ChannelsAtDesk(secrets => ChannelsFile.Read(channels, secrets),
        file => _ = file.Faults.Count == 0 ? true : throw new InvalidOperationException($"Channels:File: {string.Join("\nChannels:File: ", file.Faults)}"), journal, desk.SealingKey, TimeProvider.System);

    private string _told = "";

    /// <summary>Those that somebody has to carry.</summary>
    internal IReadOnlyList<string> Names => [.. kafka is null ? (string[])[] : [Kafka], .. _atDesk is null ? (string[])[] : [Alerts]];

    public async Task<IRunningChannel> StartAsync(string channel, CancellationToken cancel)
    {
        try
        {
            return channel switch
            {
                Kafka when kafka is not null => new Running(await PumpAsync(await KafkaOutbox.OpenAsync(kafka, engine.Database.EnvironmentId), null, cancel), desk),
                Alerts when _atDesk is not null => await AlertsAsync(_atDesk, cancel),
                _ => throw new InvalidOperationException($"This silo knows no channel '{channel}'."),
            };
        }
        catch (Exception refused) when (refused is KafkaRefusedException or InvalidOperationException)
        {
            // Asked for again every second: said once.
            if (_told != refused.Message) await Console.Error.WriteLineAsync("exposure-silo: " + (_told = refused.Message));
            throw;
        }
    }

    private async Task<IRunningChannel> AlertsAsync(ChannelsAtDesk atDesk, CancellationToken cancel)
    {
        var file = await atDesk.ReadAsync(cancel);
        var house = await AlertHouse.StartAsync(file.Plan(), journal, new ClusterCards(engine), await engine.Reader.HeadsAsync(cancel), cancel: cancel);
        try
        {
            // The pump owns the house from here on, and ends it.
            var running = new Running(await PumpAsync(house, new OutboxPumpOptions { Pause = TimeSpan.FromMilliseconds(10) }, cancel), desk, house, ChannelsAtDesk.Shown(house, file));
            atDesk.Begin(desk, house, file, LookAsync);
            return running;
        }
        catch
        {
            await house.DisposeAsync();
            throw;
        }
    }

    /// <summary>What runs beside the engine of each silo: a feed may be silent for the partitions of one of them alone.</summary>
    /// <exception cref="JournalUnavailableException">A silo does not say: whether its feeds are silent is not known now.</exception>
    private async ValueTask<IReadOnlyList<ServiceState>> LookAsync(CancellationToken cancel)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(AnswerMost);
        try
        {
            var others = await Task.WhenAll(owners.OthersAsync(new Call("GET", "/health", [], []), late.Token));
            return [.. desk.Services.Select(s => s.Look()), .. others.Where(r => r.Answered == Answered.Yes && r.Status == 200).SelectMany(r => ServicesOf(r.Body))];
        }
        catch (Exception silent) when (silent is EngineUnavailableException or OrleansException or TimeoutException || (silent is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new JournalUnavailableException("Another silo does not say how its feeds do.", silent);
        }
    }

    /// <summary>Services as <c>/health</c> shows them.</summary>
    internal static IEnumerable<ServiceState> ServicesOf(byte[] health)
    {
        using var document = JsonDocument.Parse(health);
        return [.. document.RootElement.GetProperty("services").EnumerateArray().Select(s => new ServiceState(Text(s, "name"), ServiceHealth.Running, Text(s, "reason"), [.. s.GetProperty("parts").EnumerateArray().Select(ItemOf)], []))];

        static ServiceItem ItemOf(JsonElement part) => new(Text(part, "name"), ServiceHealth.Running, Text(part, "reason"),
            [.. part.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Number).Select(p => new ServiceNumber(p.Name, p.Value.GetInt64(), ""))]);

        static string Text(JsonElement of, string name) => of.TryGetProperty(name, out var told) ? told.GetString() ?? "" : "";
    }

    private async Task<OutboxPump> PumpAsync(IOutboxSink sink, OutboxPumpOptions? options, CancellationToken cancel) =>
        await OutboxPump.StartAsync(new JournalOutbox(engine.Reader), await engine.Reader.HeadsAsync(cancel), journal, sink, engine.Bell, options, cancel: cancel);

    private sealed class Running : IRunningChannel
    {
        private readonly OutboxPump _pump;
        private readonly Desk _desk;
        private readonly AlertHouse? _house;
        private readonly List<Leaving> _shown;

        internal Running(OutboxPump pump, Desk desk, AlertHouse? house = null, IReadOnlyList<IServiceState>? channels = null)
        {
            (_pump, _desk, _house) = (pump, desk, house);
            _shown = [new Leaving(pump), .. (channels ?? []).Select(c => new Leaving(c))];
            _shown.ForEach(desk.Services.Enqueue);
        }

        public string Trouble => _pump.Status.Trouble;

        public async ValueTask DisposeAsync()
        {
            if (_house is not null && _desk.Alerts == _house) (_desk.Alerts, _desk.StoredPlaces, _desk.RenewChannel, _desk.TryCredential) = (null, null, null, null);
            _shown.ForEach(s => s.Leave());
            await _pump.DisposeAsync();
        }
    }

    /// <summary>Services of a desk are never taken out: one that has left says so.</summary>
    private sealed class Leaving(IServiceState service) : IServiceState
    {
        private volatile bool _hasLeft;

        internal void Leave() => _hasLeft = true;

        public ServiceState Look() => _hasLeft ? new ServiceState(service.Look().Name + " at another silo", ServiceHealth.Running, "", [], []) : service.Look();
    }

    /// <summary>Customers of all owners: those of others are copied first.</summary>
    private sealed class ClusterCards(ExposureEngine engine) : ICustomerCards
    {
        private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

        public async ValueTask<IReadOnlyDictionary<string, CustomerCard>> CardsAsync(IReadOnlyCollection<string> customers, CancellationToken cancel)
        {
            var cards = new Dictionary<string, CustomerCard>(StringComparer.Ordinal);
            if (customers.Count == 0) return cards;
            try
            {
                if (customers.Any(c => !engine.Owns(engine.PartitionOf(c)))) await engine.MirrorAsync(Fresh, cancel);
                var names = await engine.Reader.PartyNamesAsync(customers, cancel);
                foreach (var customer in customers)
                {
                    var known = engine.TryGetRow(customer, out var row);
                    cards[customer] = new CustomerCard(names.GetValueOrDefault(customer, ""), customer, known ? row.Segment : "", known ? row.Country : "", known ? row.Controller : "");
                }

                return cards;
            }
            catch (EngineUnavailableException moving)
            {
                // A partition is on its way: the pump sends the same rows again in a moment.
                throw new JournalUnavailableException(moving.Message, moving);
            }
        }
    }
}
