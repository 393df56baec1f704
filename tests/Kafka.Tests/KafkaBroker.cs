using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using ExposureMonitor.Ingest;
using Xunit;

namespace ExposureMonitor.Kafka.Tests;

/// <summary>
/// A broker for tests: the one that <c>EXPOSURE_KAFKA</c> names, else a real Apache Kafka from the folder <c>KAFKA_HOME</c> (or
/// <c>../shared/kafka</c> beside the repository), else the one that is built into librdkafka, which speaks the protocol and is
/// no Kafka. Tests say which it was.
/// </summary>
public sealed class KafkaBroker : IAsyncLifetime
{
    private string? _folder, _home;
    private IConsumer<byte[], byte[]>? _built;

    /// <summary>Addresses of the broker.</summary>
    public string Bootstrap { get; private set; } = "";

    /// <summary>True for Apache Kafka; false for the broker built into the client.</summary>
    public bool IsReal { get; private set; } = true;

    /// <summary>True for a broker that was started for these tests, and may be killed by them.</summary>
    public bool IsOurs => _folder is not null;

    /// <summary>Whether a real one can be had here.</summary>
    public static bool HasReal => Told is not null || FindHome() is not null;

    /// <summary>The broker that somebody names; <c>builtin</c> asks for the one in the client.</summary>
    private static string? Told => Environment.GetEnvironmentVariable("EXPOSURE_KAFKA") is { Length: > 0 } told and not "builtin" ? told : null;

    public async Task InitializeAsync()
    {
        if (Told is { } told) Bootstrap = told;
        else if ((_home = FindHome()) is not null)
        {
            _folder = Directory.CreateTempSubdirectory("exposure-kafka-").FullName;
            Bootstrap = (await ToolAsync("start", _folder)).Trim().Split('\n')[^1].Trim();
        }
        else
        {
            IsReal = false;
            RuntimeHelpers.RunClassConstructor(typeof(KafkaOptions).TypeHandle);
            var config = new ConsumerConfig { GroupId = "mock" };
            config.Set("test.mock.num.brokers", "1");
            config.Set("bootstrap.servers", "ignored");
            _built = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).Build();
            using var admin = new DependentAdminClientBuilder(_built.Handle).Build();
            var metadata = admin.GetMetadata(TimeSpan.FromSeconds(10));
            Bootstrap = string.Join(',', metadata.Brokers.Select(b => $"{b.Host}:{b.Port}"));
        }

        Console.WriteLine(IsReal ? $"Kafka at {Bootstrap}" : $"the broker built into librdkafka at {Bootstrap}: it is not Kafka");
    }

    public async Task DisposeAsync()
    {
        _built?.Dispose();
        if (_folder is null) return;
        await ToolAsync("stop", _folder);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Options with topics of their own, which exist.</summary>
    public async Task<KafkaOptions> TopicsAsync(int partitions)
    {
        var options = OptionsFor("t" + Guid.NewGuid().ToString("N")[..8]);
        if (IsReal) await KafkaTopics.CreateAsync(options, partitions, replication: 1);
        else foreach (var topic in options.Read.Concat(options.Written)) BuiltInBroker.Create(_built!.Handle, topic, topic == options.Global ? 1 : partitions);
        return options;
    }

    public KafkaOptions OptionsFor(string prefix) => OptionsFor(Bootstrap, prefix) with { IsBuiltIn = !IsReal };

    /// <summary>Topics under a prefix, on a broker.</summary>
    internal static KafkaOptions OptionsFor(string bootstrap, string prefix) => new()
    {
        Bootstrap = bootstrap, Orders = prefix + ".orders", Receivables = prefix + ".receivables", Reference = prefix + ".reference", Global = prefix + ".global",
        Decisions = prefix + ".decisions", Signals = prefix + ".signals", DeadLetters = prefix + ".dead-letters",
    };

    public IAdminClient Admin() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Bootstrap }).Build();

    /// <summary>Deletes a topic and waits until the broker has forgotten it.</summary>
    public async Task DeleteAsync(string topic)
    {
        using var admin = Admin();
        await admin.DeleteTopicsAsync([topic]);
        while (admin.GetMetadata(TimeSpan.FromSeconds(5)).Topics.Exists(t => t.Topic == topic)) await Task.Yield();
    }

    /// <summary>What retention does: records before an offset are gone.</summary>
    public async Task DeleteRecordsAsync(string topic, int partition, long before)
    {
        using var admin = Admin();
        await admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, partition, before)]);
    }

    /// <summary>Waits until the broker knows a topic that was just made.</summary>
    public async Task KnownAsync(string topic)
    {
        using var admin = Admin();
        while (admin.GetMetadata(topic, TimeSpan.FromSeconds(5)).Topics is not [{ Error.IsError: false } found] || found.Partitions.Exists(p => p.Leader < 0)) await Task.Yield();
    }

    /// <summary>By partition, the offset behind the newest record.</summary>
    public IReadOnlyList<long> Ends(string topic, int partitions)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = Bootstrap, GroupId = "ends" }).Build();
        return [.. Enumerable.Range(0, partitions).Select(p => consumer.QueryWatermarkOffsets(new TopicPartition(topic, p), TimeSpan.FromSeconds(10)).High.Value)];
    }

    /// <summary>Kills the broker as kill -9 does.</summary>
    public Task KillAsync() => ToolAsync("kill", _folder!, "1");

    /// <summary>Starts it on its old data, and waits until it answers.</summary>
    public async Task StartAgainAsync()
    {
        await ToolAsync("start-node", _folder!, "1");
        using var admin = Admin();
        while (true)
        {
            try
            {
                if (admin.GetMetadata(TimeSpan.FromSeconds(5)).Brokers.Count > 0) return;
            }
            catch (KafkaException)
            {
                // Not yet.
            }
        }
    }

    private async Task<string> ToolAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(_home!, "broker"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"broker {arguments[0]}: {await error}");
    }

    private static string? FindHome()
    {
        if (Environment.GetEnvironmentVariable("EXPOSURE_KAFKA") == "builtin") return null;
        if (Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } told && File.Exists(Path.Combine(told, "broker"))) return told;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "shared", "kafka", "broker"))) return Path.Combine(folder.FullName, "shared", "kafka");
        return null;
    }
}

/// <summary>The broker in the client makes topics by a call of the native library only, which the .NET client does not offer.</summary>
internal static unsafe class BuiltInBroker
{
    internal static void Create(Handle handle, string topic, int partitions)
    {
        // The client chose among several builds of the library: the one that it loaded.
        var loaded = File.ReadLines("/proc/self/maps").First(l => l.Contains("librdkafka", StringComparison.Ordinal));
        var library = NativeLibrary.Load(loaded[loaded.IndexOf('/', StringComparison.Ordinal)..]);
        var client = (SafeHandle)typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(handle)!;
        var cluster = ((delegate* unmanaged<IntPtr, IntPtr>)NativeLibrary.GetExport(library, "rd_kafka_handle_mock_cluster"))(client.DangerousGetHandle());
        var create = (delegate* unmanaged<IntPtr, byte*, int, int, int>)NativeLibrary.GetExport(library, "rd_kafka_mock_topic_create");
        fixed (byte* name = Encoding.ASCII.GetBytes(topic + '\0'))
            if (create(cluster, name, partitions, 1) is var failed and not 0) throw new InvalidOperationException($"{topic} could not be made: {(ErrorCode)failed}");
    }
}

[CollectionDefinition(nameof(KafkaBroker))]
public sealed class KafkaCollection : ICollectionFixture<KafkaBroker>;
