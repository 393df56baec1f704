using System.Text.Json;

namespace ExposureMonitor.Chaos;

/// <summary>Everything that runs: the servers, the product's processes, and who feeds and asks them.</summary>
internal sealed class Stage : IAsyncDisposable
{
    /// <summary>As long as the time to lag 0: on a busy machine a start that reads hundreds of megabytes takes tens of seconds.</summary>
    private const int StartMsMax = 120_000;

    private readonly Options _options;
    private readonly string _executable;
    private int _started, _disposed;

    private Stage(Options options, string folder, string executable, PostgreSqlServer postgres, KafkaServer kafka, SiloNetwork? network)
    {
        (_options, Folder, _executable, Postgres, Kafka, Network) = (options, folder, executable, postgres, kafka, network);
        (Truth, Places, Calls) = (new TruthLog(folder, "truth"), new TruthLog(folder, "places"), new TruthLog(folder, "calls"));
    }

    internal string Folder { get; }

    internal PostgreSqlServer Postgres { get; }

    internal KafkaServer Kafka { get; }

    /// <summary>The networks of the silos; <c>null</c> where they share that of the machine.</summary>
    internal SiloNetwork? Network { get; }

    internal TruthLog Truth { get; }

    internal TruthLog Places { get; }

    internal TruthLog Calls { get; }

    internal Feeder Feeder { get; private set; } = null!;

    internal Callers Callers { get; private set; } = null!;

    /// <summary>The process that is meant to own the database; of a cluster one of its silos.</summary>
    internal ServiceProcess Service { get; set; } = null!;

    /// <summary>The silos of the cluster edition; <c>null</c> for the standalone edition.</summary>
    internal Silos? Silos { get; private set; }

    internal string AnalystKey { get; private set; } = "";

    /// <summary>Of somebody who may read everything.</summary>
    internal string AuditorKey { get; private set; } = "";

    /// <summary>What goes out.</summary>
    internal TopicReader Told { get; private set; } = null!;

    /// <summary>Wires that ended while the server owed an answer, of processes that are gone.</summary>
    internal int Doubtful { get; set; }

    internal static async Task<Stage> BuildAsync(Options options, string folder, string executable)
    {
        if (!File.Exists(executable)) throw new RigException($"The product is not at {executable}: build it, or name it with --executable.");
        var postgres = await PostgreSqlServer.StartAsync(folder, options.Silos > 0 ? options.Databases : 1);
        // A broker that is not ours may not be reached from inside.
        var network = options.Silos > 0 && KafkaServer.WouldBeOurs ? await SiloNetwork.TryBuildAsync(options.Silos) : null;
        KafkaServer kafka;
        try
        {
            kafka = await KafkaServer.StartAsync(folder, network?.Outside);
        }
        catch
        {
            await postgres.DisposeAsync();
            if (network is not null) await network.DisposeAsync();
            throw;
        }

        var stage = new Stage(options, folder, executable, postgres, kafka, network);
        try
        {
            await stage.FurnishAsync();
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    private async Task FurnishAsync()
    {
        foreach (var log in (ReadOnlySpan<TruthLog>)[Truth, Places, Calls]) log.Turn();
        await ProductAsync("kafka", "topics", "--kafka", Kafka.Bootstrap, "--create", "--partitions", $"{_options.Partitions}", "--replication", "1");
        Told = new TopicReader(Kafka.Bootstrap, Outgoing.Decisions, Outgoing.Signals, Outgoing.DeadLetters);
        Service = Start();
        var keys = await Service.Serves ?? throw new RigException($"The product does not serve; see {Folder}/service.log.");
        AnalystKey = keys.GetProperty("analyst").GetString()!;
        AuditorKey = keys.GetProperty("admin").GetString()!;
        await Service.EndAsync(TimeSpan.FromSeconds(30));
        // Limits from the topic take effect when the topic has the right to carry authority (docs/kafka.md).
        await ProductAsync("keys", "create", "kafka", "--role", "service", "--may-carry-authority", "--offline", "--db", Postgres.Direct, "--json");
        if (_options.Silos > 0)
        {
            Silos = new Silos(this, _options, Folder);
            await Silos.StartAllAsync();
        }
        else await ServeAsync();

        Feeder = new Feeder(Kafka.Bootstrap, Truth, Places, _options.Seed, _options.Customers, _options.Partitions, _options.Rate);
        Callers = new Callers(Calls, _options.Seed, _options.Callers, keys.GetProperty("service").GetString()!);
        if (Silos is { } silos) silos.Tell();
        else Callers.Ask(Service.Url);
    }

    /// <summary>Runs a command of the product.</summary>
    internal Task<string> ProductAsync(params string[] arguments) => Shell.RunAsync(_executable, arguments);

    internal Task<(int Code, string Output, string Errors)> TryProductAsync(params string[] arguments) => Shell.TryAsync(_executable, arguments);

    /// <summary>Starts a process without waiting for it.</summary>
    internal ServiceProcess Start() => ServiceProcess.Start(_executable, Folder, $"service{++_started}", Postgres.Port, Kafka.Bootstrap, _options.Seed + _started, _options.Bug, Postgres.Databases);

    /// <summary>Starts the service and waits until it serves; one that gives up, because something is away, is started again as its keeper would.</summary>
    internal async Task ServeAsync()
    {
        Service = await ServingAsync();
        Callers?.Ask(Service.Url);
    }

    internal async Task<ServiceProcess> ServingAsync()
    {
        var limit = Clock.Now + StartMsMax;
        while (true)
        {
            var service = Start();
            if (!await Clock.EndsAsync(service.Serves, StartMsMax))
            {
                await service.KillAsync();
                throw new ViolationException($"liveness: {service.Name} does not serve within two minutes; see {Folder}/service.log.");
            }

            if (await service.Serves is not null) return service;
            Retire(service);
            if (Clock.Now > limit) throw new ViolationException($"liveness: the service does not start, two minutes long; see {Folder}/service.log.");
            await Task.Delay(500);
        }
    }

    /// <summary>Forgets a process that has ended.</summary>
    internal void Retire(ServiceProcess service)
    {
        Doubtful += service.Proxy.Doubtful;
        service.Dispose();
    }

    internal Answers Ask() => new(Service.Url, AnalystKey);

    internal Answers AskAsAuditor() => new(Service.Url, AuditorKey);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        Callers?.Dispose();
        Feeder?.Dispose();
        Silos?.Dispose();
        Service?.Dispose();
        Told?.Dispose();
        await Kafka.DisposeAsync();
        await Postgres.DisposeAsync();
        if (Network is not null) await Network.DisposeAsync();
        Truth.Dispose();
        Places.Dispose();
        Calls.Dispose();
    }
}
