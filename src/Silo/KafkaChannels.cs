using ExposureMonitor.Alerts;
using ExposureMonitor.Api;
using ExposureMonitor.Engine;
using ExposureMonitor.Grains;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Silo;

/// <summary>
/// The way out to Kafka, run by the silo that holds its grain: one pump for all partitions of the cluster. Which rows are committed the engine
/// sees in the database, whoever committed them.
/// </summary>
internal sealed class KafkaChannels(ExposureEngine engine, IStoredJournal journal, KafkaOptions? options, Desk desk) : IChannelHost
{
    internal const string Name = "kafka";

    private string _told = "";

    public async Task<IRunningChannel> StartAsync(string channel, CancellationToken cancel)
    {
        if (options is null || channel != Name) throw new InvalidOperationException($"This silo knows no channel '{channel}'.");
        try
        {
            var pump = await OutboxPump.StartAsync(new JournalOutbox(engine.Reader), await engine.Reader.HeadsAsync(cancel), journal,
                await KafkaOutbox.OpenAsync(options, engine.Database.EnvironmentId), engine.Bell, cancel: cancel);
            return new Running(pump, desk);
        }
        catch (Exception refused) when (refused is KafkaRefusedException or InvalidOperationException)
        {
            // Asked for again every second: said once.
            if (_told != refused.Message) await Console.Error.WriteLineAsync("exposure-silo: " + (_told = refused.Message));
            throw;
        }
    }

    private sealed class Running : IRunningChannel, IServiceState
    {
        private readonly OutboxPump _pump;
        private volatile bool _ended;

        internal Running(OutboxPump pump, Desk desk)
        {
            _pump = pump;
            desk.Services.Enqueue(this);
        }

        public string Trouble => _pump.Status.Trouble;

        // Services of a desk are never taken out: one that has left says so.
        public ServiceState Look() => _ended ? new ServiceState("outbox of another silo", ServiceHealth.Running, "", [], []) : _pump.Look();

        public async ValueTask DisposeAsync()
        {
            _ended = true;
            await _pump.DisposeAsync();
        }
    }
}
