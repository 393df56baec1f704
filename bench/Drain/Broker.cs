using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using ExposureMonitor.Bench;
using ExposureMonitor.Domain;
using ExposureMonitor.Ingest;

/// <summary>A broker with preloaded topics: one that is named, or an Apache Kafka of our own that ends with the suite.</summary>
internal sealed class Broker : IDisposable
{
    private string? _folder, _home;

    internal string Bootstrap { get; private set; } = "";

    /// <summary>What it is, for every report.</summary>
    internal string About { get; private set; } = "";

    /// <summary>Processes of a broker of our own; nobody knows those of a named one.</summary>
    internal double CpuSeconds => _folder is null ? 0 : Directory.GetDirectories(_folder, "node-*").Sum(node => ProcessTree.CpuSeconds(int.Parse(File.ReadAllText(Path.Combine(node, "pid")), CultureInfo.InvariantCulture)));

    internal bool IsOurs => _folder is not null;

    internal static Broker Open(string named)
    {
        if (named.Length > 0) return new Broker { Bootstrap = named, About = $"the broker at {named}, as it is set up" };
        var home = Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } told ? told : Beside()
            ?? throw new InvalidOperationException("No broker: name one with --broker host:port, or set KAFKA_HOME to a folder with an Apache Kafka and its script `broker`.");
        var broker = new Broker { _home = home, _folder = Directory.CreateTempSubdirectory("exposure-drain-kafka-").FullName };
        broker.Bootstrap = broker.Tool("start", broker._folder, "--heap", "1g").Trim().Split('\n')[^1].Trim();
        var jar = Directory.GetFiles(Path.Combine(home, "libs"), "kafka-clients-*.jar").Select(Path.GetFileNameWithoutExtension).FirstOrDefault() ?? "";
        broker.About = $"Apache Kafka {jar.Replace("kafka-clients-", "", StringComparison.Ordinal)}, one node, its defaults, 1 GB of heap, on this machine";
        return broker;
    }

    /// <summary>Makes the topics and writes every event, in the order of the list, each to the topic of its type.</summary>
    internal async Task<KafkaOptions> PreloadAsync(string prefix, IEnumerable<Event> events, bool isProtobuf, int partitions, string compression)
    {
        var options = OptionsOf(Bootstrap, prefix);
        await KafkaTopics.CreateAsync(options, partitions, replication: 1);
        var config = new ProducerConfig
        {
            BootstrapServers = Bootstrap, EnableIdempotence = true, Partitioner = Partitioner.Murmur2Random, LingerMs = 20, BatchSize = 512 * 1024, QueueBufferingMaxMessages = 2_000_000,
            QueueBufferingMaxKbytes = 512 * 1024, CompressionType = Enum.Parse<CompressionType>(compression, ignoreCase: true), DeliveryReportFields = "none",
        };
        string? failed = null;
        using var producer = new ProducerBuilder<byte[], byte[]>(config).SetErrorHandler((_, error) => failed ??= error.IsFatal ? error.Reason : null).Build();
        var writer = new ProtobufEventWriter();
        foreach (var e in events)
        {
            var fact = Workload.FactOf(e);
            var message = new Message<byte[], byte[]> { Key = System.Text.Encoding.ASCII.GetBytes(fact.Customer), Value = isProtobuf ? writer.Write(fact).ToArray() : CloudEventWriter.Write(fact) };
            while (true)
            {
                try
                {
                    producer.Produce(e.Kind < 2 ? options.Orders : options.Receivables, message, report => failed ??= report.Error.IsError ? report.Error.Reason : null);
                    break;
                }
                catch (ProduceException<byte[], byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(20));
                }
            }
        }

        producer.Flush();
        return failed is null ? options : throw new InvalidOperationException($"The topics could not be filled: {failed}");
    }

    internal static KafkaOptions OptionsOf(string bootstrap, string prefix) => new()
    {
        Bootstrap = bootstrap, Orders = prefix + ".orders", Receivables = prefix + ".receivables", Reference = prefix + ".reference", Global = prefix + ".global",
        Decisions = prefix + ".decisions", Signals = prefix + ".signals", DeadLetters = prefix + ".dead-letters",
    };

    public void Dispose()
    {
        // An interruption may come while the suite ends by itself.
        if (Interlocked.Exchange(ref _folder, null) is not { } folder) return;
        Tool("stop", folder);
        Directory.Delete(folder, recursive: true);
    }

    private string Tool(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(_home!, "broker"), arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"broker {arguments[0]} ended with {process.ExitCode}.");
    }

    private static string? Beside()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "shared", "kafka", "broker"))) return Path.Combine(folder.FullName, "shared", "kafka");
        return null;
    }
}
