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
internal sealed class SiloChannels(ExposureEngine engine, IStoredJournal journal, KafkaOptions? kafka, ChannelsFile? channels, string path, Desk desk) : IChannelHost
{
    internal const string Kafka = "kafka", Alerts = "alerts";

    private static readonly TimeSpan ResumeEvery = TimeSpan.FromSeconds(3);

    private string _told = "";

    /// <summary>Those that somebody has to carry.</summary>
    internal IReadOnlyList<string> Names => [.. kafka is null ? (string[])[] : [Kafka], .. channels is null ? (string[])[] : [Alerts]];

    public async Task<IRunningChannel> StartAsync(string channel, CancellationToken cancel)
    {
        try
        {
            return channel switch
            {
                Kafka when kafka is not null => new Running(await PumpAsync(await KafkaOutbox.OpenAsync(kafka, engine.Database.EnvironmentId), null, cancel), desk),
                Alerts when channels is not null => await AlertsAsync(channels, cancel),
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

    private async Task<IRunningChannel> AlertsAsync(ChannelsFile file, CancellationToken cancel)
    {
        // What was set over the API meanwhile stands in the database, and the file is read with it.
        var stored = path.Length > 0 ? new StoredChannels(path, journal) : null;
        if (stored is not null) file = await stored.ReadAsync(cancel);
        var house = await AlertHouse.StartAsync(file.Plan(), journal, new EngineCards(engine), await engine.Reader.HeadsAsync(cancel), cancel: cancel);
        try
        {
            house.Watch(engine);
            // The pump owns the house from here on, and ends it.
            var running = new Running(await PumpAsync(house, new OutboxPumpOptions { Pause = TimeSpan.FromMilliseconds(10) }, cancel), desk, house);
            if (stored is not null) (desk.StoredPlaces, desk.RenewChannel, desk.TryCredential) = (file.StoredPlaces, (channel, stop) => stored.RenewAsync(house, channel, stop), stored.Try);
            return running;
        }
        catch
        {
            await house.DisposeAsync();
            throw;
        }
    }

    private async Task<OutboxPump> PumpAsync(IOutboxSink sink, OutboxPumpOptions? options, CancellationToken cancel) =>
        await OutboxPump.StartAsync(new JournalOutbox(engine.Reader), await engine.Reader.HeadsAsync(cancel), journal, sink, engine.Bell, options, cancel: cancel);

    private sealed class Running : IRunningChannel
    {
        private readonly OutboxPump _pump;
        private readonly Desk _desk;
        private readonly AlertHouse? _house;
        private readonly List<Leaving> _shown;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _resuming = Task.CompletedTask;

        internal Running(OutboxPump pump, Desk desk, AlertHouse? house = null)
        {
            (_pump, _desk, _house) = (pump, desk, house);
            _shown = [new Leaving(pump), .. (house?.Channels.Values ?? []).Select(c => new Leaving(c))];
            _shown.ForEach(desk.Services.Enqueue);
            if (house is null) return;
            desk.Alerts = house;
            _resuming = Task.Run(ResumeAsync);
        }

        /// <summary>Letters and credentials are approved where the house is, and leave from here.</summary>
        private async Task ResumeAsync()
        {
            try
            {
                while (true)
                {
                    try
                    {
                        await _desk.ResumeBesideAsync(_stop.Token);
                    }
                    catch (Exception away) when (away is EngineUnavailableException or JournalUnavailableException)
                    {
                        // The next look tries again.
                    }

                    await Task.Delay(ResumeEvery, _stop.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // Another silo goes on.
            }
        }

        public string Trouble => _pump.Status.Trouble;

        public async ValueTask DisposeAsync()
        {
            if (_house is not null && _desk.Alerts == _house) _desk.Alerts = null;
            await _stop.CancelAsync();
            await _resuming;
            _stop.Dispose();
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
