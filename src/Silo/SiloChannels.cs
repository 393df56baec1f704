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
internal sealed class SiloChannels(ExposureEngine engine, IStoredJournal journal, KafkaOptions? kafka, string? channels, Desk desk) : IChannelHost
{
    internal const string Kafka = "kafka", Alerts = "alerts";

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
        var house = await AlertHouse.StartAsync(file.Plan(), journal, new EngineCards(engine), await engine.Reader.HeadsAsync(cancel), cancel: cancel);
        try
        {
            house.Watch(engine);
            // The pump owns the house from here on, and ends it.
            var running = new Running(await PumpAsync(house, new OutboxPumpOptions { Pause = TimeSpan.FromMilliseconds(10) }, cancel), desk, house, ChannelsAtDesk.Shown(house, file));
            atDesk.Begin(desk, house, file);
            return running;
        }
        catch
        {
            await house.DisposeAsync();
            throw;
        }
    }

    private async Task<OutboxPump> PumpAsync(IOutboxSink sink, OutboxPumpOptions? options, CancellationToken cancel) =>
        await OutboxPump.StartAsync(new JournalOutbox(engine.Reader, engine.Tail.Begin()), await engine.Reader.HeadsAsync(cancel), journal, sink, engine.Bell, options, cancel: cancel);

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
}
