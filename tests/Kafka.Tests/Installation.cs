using Confluent.Kafka;
using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Kafka.Tests;

/// <summary>A database with its topics: writes records as producers do, starts and ends the service as often as a test likes.</summary>
internal sealed class Installation : IAsyncDisposable
{
    internal const int Partitions = 4;

    private readonly string? _folder;
    private readonly string _database;
    private readonly IProducer<string?, byte[]?> _producer;
    private long _number;

    private Installation(KafkaOptions options, string? database)
    {
        Options = options;
        _folder = database is null ? Directory.CreateTempSubdirectory("exposure-feed-").FullName : null;
        _database = database ?? "sqlite:" + Path.Combine(_folder!, "book.db");
        var config = new ProducerConfig { BootstrapServers = options.Bootstrap, Partitioner = Partitioner.Murmur2Random, LingerMs = 1, EnableIdempotence = true };
        _producer = new ProducerBuilder<string?, byte[]?>(config).SetKeySerializer(new Keys()).SetValueSerializer(new Values()).Build();
    }

    internal KafkaOptions Options { get; set; }

    /// <summary>Address of the database.</summary>
    internal string Database => _database;

    /// <summary>The journal under the engine: where the cursors stand.</summary>
    internal IStoredJournal Journal { get; private set; } = null!;

    internal ExposureEngine Engine { get; private set; } = null!;

    internal KafkaFeed Feed { get; private set; } = null!;

    internal List<string> Said { get; } = [];

    internal static async Task<Installation> CreateAsync(KafkaBroker broker, string? database = null, string clock = "wall", int topicPartitions = Partitions)
    {
        var installation = new Installation(await broker.TopicsAsync(topicPartitions), database);
        await JournalFactory.CreateAsync(installation._database, new DatabaseInfo("env" + Guid.NewGuid().ToString("N")[..8], "EUR", Partitions, clock, "UTC", false));
        return installation;
    }

    internal async Task StartAsync(params string[] accepted)
    {
        await OpenAsync();
        try
        {
            Feed = await KafkaFeed.StartAsync(Engine, new EventDecoder(), Options, accepted.ToHashSet(), Said.Add);
        }
        catch
        {
            await Engine.DisposeAsync();
            throw;
        }
    }

    internal async Task OpenAsync()
    {
        Journal = await JournalFactory.OpenServiceAsync(_database);
        Engine = new ExposureEngine(Journal);
        await Engine.StartAsync();
    }

    internal async Task StopAsync()
    {
        await Feed.DisposeAsync();
        await Engine.DisposeAsync();
    }

    /// <summary>Writes a fact as its producer does: keyed by its customer.</summary>
    internal Task<long> TellAsync(string topic, Fact fact)
    {
        if (fact.EventId.Length == 0) fact.EventId = $"e{++_number}";
        if (fact.Source.Length == 0) fact.Source = "erp";
        if (fact.Time.Micros == 0) fact.Time = Instant.From(DateTimeOffset.UtcNow);
        return WriteAsync(topic, fact is HouseFact ? null : fact.Customer, CloudEventWriter.Write(fact));
    }

    internal async Task<long> WriteAsync(string topic, string? key, byte[]? value, int? partition = null)
    {
        var message = new Message<string?, byte[]?> { Key = key, Value = value };
        var report = partition is { } told ? await _producer.ProduceAsync(new TopicPartition(topic, told), message) : await _producer.ProduceAsync(topic, message);
        return report.Offset.Value;
    }

    /// <summary>Waits until everything that was written has its place in the journal.</summary>
    internal async Task DrainAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        await Feed.CaughtUpAsync(limit.Token);
    }

    /// <summary>Begins to send what goes out.</summary>
    internal async Task<OutboxPump> PumpAsync() => await OutboxPump.StartAsync(new JournalOutbox(Engine.Reader, Engine.Tail.Begin()), await Engine.Reader.HeadsAsync(CancellationToken.None), Journal,
        await KafkaOutbox.OpenAsync(Options, Engine.Database.EnvironmentId), Engine.Bell);

    /// <summary>Waits until all that is committed stands in its topic.</summary>
    internal async Task SentAsync(OutboxPump pump)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        await pump.CaughtUpAsync(limit.Token);
    }

    /// <summary>Orders that do not come through Kafka.</summary>
    internal async Task SubmitAsync(int customers, int orders, int first)
    {
        for (var n = first; n < first + orders; n++)
        {
            List<Fact> facts = [.. Enumerable.Range(1, customers).Select(c => Feeds.Order($"C{c}", $"O{n}", 100 + n))];
            foreach (var fact in facts) (fact.EventId, fact.Source, fact.Time) = ($"s{++_number}", "erp", Instant.From(DateTimeOffset.UtcNow));
            await Engine.SubmitBatchAsync(facts);
        }
    }

    internal AccountFigures Figures(string customer) => Engine.TryGetRow(customer, out var row) ? row.Figures : default;

    internal ValueTask<IReadOnlyList<JournalRow>> DeadLettersAsync() =>
        Engine.Reader.RowsAsync(new RowQuery { Table = RowTable.DeadLetter, NewestFirst = false, Limit = 1_000 }, CancellationToken.None);

    /// <summary>What a proof over the whole journal says.</summary>
    internal async Task<string?> VerifyAsync()
    {
        await using var journal = await JournalFactory.OpenReaderAsync(_database);
        return (await JournalVerifier.RunAsync(journal, journal.Database, CancellationToken.None)).Violation;
    }

    public ValueTask DisposeAsync()
    {
        _producer.Dispose();
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private sealed class Keys : ISerializer<string?>
    {
        public byte[] Serialize(string? data, SerializationContext context) => data is null ? null! : System.Text.Encoding.UTF8.GetBytes(data);
    }

    private sealed class Values : ISerializer<byte[]?>
    {
        public byte[] Serialize(byte[]? data, SerializationContext context) => data!;
    }
}
