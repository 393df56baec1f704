using System.Globalization;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace ExposureMonitor.Ingest;

/// <summary>Where the feed comes from and where decisions go. Everything but the address has a default.</summary>
public sealed record KafkaOptions
{
    /// <summary>
    /// Everything about Kafka begins with options: a native library beside the program is the one to load, as where it was built from source. One that
    /// does not load (that of the package for Debian wants a libsasl2 which images lack) leaves the choice to the client, which then takes its others.
    /// </summary>
    static KafkaOptions()
    {
        var beside = Path.Combine(AppContext.BaseDirectory, "librdkafka.so");
        if (File.Exists(beside))
            NativeLibrary.SetDllImportResolver(typeof(Library).Assembly, (name, _, _) => name.Contains("librdkafka", StringComparison.Ordinal) && NativeLibrary.TryLoad(beside, out var library) ? library : IntPtr.Zero);
    }

    /// <summary>Addresses of brokers to begin with: <c>host:port</c>, several with commas.</summary>
    public required string Bootstrap { get; init; }

    /// <summary>Topic of orders and deliveries; key = customer id, as many partitions as the database.</summary>
    public string Orders { get; init; } = "credit.orders";

    /// <summary>Topic of invoices, payments and what follows; keyed and partitioned likewise.</summary>
    public string Receivables { get; init; } = "credit.receivables";

    /// <summary>Topic of customers, limits, terms and covers; keyed and partitioned likewise.</summary>
    public string Reference { get; init; } = "credit.reference";

    /// <summary>Topic of what concerns everybody (rates, calendars, policies); one partition.</summary>
    public string Global { get; init; } = "credit.reference.global";

    /// <summary>Topic to which decisions, holds and releases go.</summary>
    public string Decisions { get; init; } = "credit.decisions";

    /// <summary>Topic to which early-warning signals go.</summary>
    public string Signals { get; init; } = "credit.signals";

    /// <summary>Topic to which dead letters go.</summary>
    public string DeadLetters { get; init; } = "credit.dead-letters";

    /// <summary>
    /// Whose right counts for events that carry authority (limits, covers, rates, policies): the subject of a key with that
    /// right, granted by two people. Without it such events wait as proposals.
    /// </summary>
    public string Subject { get; init; } = "kafka";

    /// <summary>Topics that the re-keying stage writes: the origin in the headers of a record is its identity there, and nowhere else.</summary>
    public IReadOnlySet<string> Rekeyed { get; init; } = new HashSet<string>();

    /// <summary>A feed is stale when its newest record was not read for so long, or its broker has not answered for so long.</summary>
    public TimeSpan LagBudget { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the topics that are read are looked at: a topic that was deleted gives no sign by itself.</summary>
    internal TimeSpan TopicsEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The broker is the one built into the client, for tests: it has no controller, and so tells no topic ids.</summary>
    internal bool IsBuiltIn { get; init; }

    /// <summary>Further properties of the client (librdkafka), such as <c>security.protocol</c>, <c>sasl.username</c>, <c>ssl.ca.location</c>.</summary>
    public IReadOnlyDictionary<string, string> Client { get; init; } = new Dictionary<string, string>();

    /// <summary>Properties that the feed depends on: another value would let records be skipped or doubled.</summary>
    private static readonly HashSet<string> Ours = new(StringComparer.Ordinal)
    {
        "bootstrap.servers", "group.id", "auto.offset.reset", "isolation.level", "enable.auto.commit", "enable.auto.offset.store", "partitioner",
        "enable.idempotence", "acks", "statistics.interval.ms", "enable.partition.eof", "message.timeout.ms", "delivery.timeout.ms", "enable.gapless.guarantee",
        "max.in.flight", "max.in.flight.requests.per.connection",
    };

    /// <summary>The topics that are read, the one of the house last.</summary>
    public IReadOnlyList<string> Read => [Orders, Receivables, Reference, Global];

    /// <summary>The topics that are written.</summary>
    public IReadOnlyList<string> Written => [Decisions, Signals, DeadLetters];

    /// <summary>Reads options from a properties file: <c>topic.orders</c>, <c>lag.budget.seconds</c>, and any property of the client.</summary>
    /// <exception cref="ArgumentException">A line cannot be read; the message says which, and what was expected.</exception>
    public static KafkaOptions Parse(string bootstrap, IEnumerable<string> lines)
    {
        var options = new KafkaOptions { Bootstrap = bootstrap };
        var client = new Dictionary<string, string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var raw in lines)
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] is '#' or '!') continue;
            var split = line.IndexOf('=', StringComparison.Ordinal);
            if (split <= 0) throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"line {number}: '{line}': expected name=value."));
            var (name, value) = (line[..split].Trim(), line[(split + 1)..].Trim());
            switch (name)
            {
                case "topic.orders": options = options with { Orders = value }; break;
                case "topic.receivables": options = options with { Receivables = value }; break;
                case "topic.reference": options = options with { Reference = value }; break;
                case "topic.reference.global": options = options with { Global = value }; break;
                case "topic.decisions": options = options with { Decisions = value }; break;
                case "topic.signals": options = options with { Signals = value }; break;
                case "topic.dead-letters": options = options with { DeadLetters = value }; break;
                case "rekeyed": options = options with { Rekeyed = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal) }; break;
                case "authority.subject": options = options with { Subject = value }; break;
                case "lag.budget.seconds":
                    if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds < 1)
                        throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"line {number}: lag.budget.seconds: '{value}': expected a whole number of seconds from 1."));
                    options = options with { LagBudget = TimeSpan.FromSeconds(seconds) };
                    break;
                default:
                    if (Ours.Contains(name))
                        throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"line {number}: {name}: the feed sets this itself; another value would let records be skipped or counted twice."));
                    client[name] = value;
                    break;
            }
        }

        return options with { Client = client };
    }

    internal AdminClientConfig Admin() => With(new AdminClientConfig { BootstrapServers = Bootstrap, SocketTimeoutMs = 10_000 });

    /// <param name="environment">Id of the installation: the group whose committed offsets lag tools read.</param>
    /// <param name="topic">Of a topic that the re-keying stage writes the headers are read.</param>
    internal ConsumerConfig Consumer(string environment, string topic = "") => With(new ConsumerConfig
    {
        BootstrapServers = Bootstrap,
        GroupId = "exposure-" + environment,
        // Positions live in the journal; what is committed here is advice for lag tools.
        EnableAutoCommit = true,
        AutoCommitIntervalMs = 10_000,
        EnableAutoOffsetStore = false,
        AutoOffsetReset = AutoOffsetReset.Error,
        IsolationLevel = IsolationLevel.ReadCommitted,
        // The default of a second starves a reader whose queue was full.
        FetchQueueBackoffMs = 5,
        // Of each partition, since each has a queue of its own.
        QueuedMinMessages = 10_000,
        QueuedMaxMessagesKbytes = 2 * 1024,
        MaxPartitionFetchBytes = 1 << 20,
        StatisticsIntervalMs = 5_000,
        // One consumer for each topic: a record then needs no name of its topic, no headers.
        ConsumeResultFields = Rekeyed.Contains(topic) ? "timestamp,headers" : "timestamp",
    });

    /// <summary>The consumer that reads, after an unclean end, what may have been in the hands of the last process: it commits nothing.</summary>
    internal ConsumerConfig Careful(string environment)
    {
        var config = Consumer(environment);
        (config.EnableAutoCommit, config.EnablePartitionEof, config.ConsumeResultFields) = (false, true, "timestamp,headers");
        return config;
    }

    internal ProducerConfig Producer() => With(new ProducerConfig
    {
        BootstrapServers = Bootstrap,
        EnableIdempotence = true,
        Acks = Acks.All,
        // As Kafka's own clients partition; librdkafka's default hash is another.
        Partitioner = Partitioner.Murmur2Random,
        LingerMs = 5,
        CompressionType = CompressionType.Lz4,
        MessageTimeoutMs = 30_000,
    });

    /// <summary>
    /// The producer of what goes out. A record never fails for having waited, and whatever else fails one ends the producer
    /// with all records behind it: so none overtakes another of its customer.
    /// </summary>
    internal ProducerConfig Outbox()
    {
        var config = Producer();
        config.MessageTimeoutMs = 0;
        config.EnableGaplessGuarantee = true;
        // Whether a record arrived is all that is asked of its report, and an error always stands in it.
        config.DeliveryReportFields = "none";
        return config;
    }

    private T With<T>(T config) where T : ClientConfig
    {
        foreach (var (name, value) in Client) config.Set(name, value);
        return config;
    }
}
