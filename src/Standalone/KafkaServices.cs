using ExposureMonitor.Alerts;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Standalone;

/// <summary>Both directions of Kafka beside an engine: the feed in, the pump out.</summary>
internal sealed class KafkaServices : IAsyncDisposable
{
    private KafkaFeed? _feed;
    private OutboxPump? _pump;

    /// <param name="add">Hears what can be asked how it does.</param>
    /// <exception cref="KafkaRefusedException">The topics are not as they have to be; the message says what to do.</exception>
    internal static async Task<KafkaServices> StartAsync(ExposureEngine engine, IStoredJournal journal, KafkaOptions options, IReadOnlySet<string> accepted, Action<IServiceState> add, CancellationToken cancel)
    {
        var services = new KafkaServices();
        try
        {
            // The way out first: what the feed brings may leave at once, and topics that lack stop the start before anything is read.
            services._pump = await OutboxPump.StartAsync(new JournalOutbox(engine.Reader, engine.Tail.Begin()), await engine.Reader.HeadsAsync(cancel), journal,
                await KafkaOutbox.OpenAsync(options, engine.Database.EnvironmentId), engine.Bell, cancel: cancel);
            add(services._pump);
            services._feed = await KafkaFeed.StartAsync(engine, new EventDecoder(), options, accepted, line => Console.Error.WriteLine("exposure: " + line), marks: journal);
            add(services._feed);
            return services;
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_feed is not null) await _feed.DisposeAsync();
        if (_pump is not null) await _pump.DisposeAsync();
    }
}
