using System.Collections.Concurrent;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace ExposureMonitor.Grains.Tests;

/// <summary>
/// A test cluster of Orleans with our grains: membership, reminders and grain state in memory, an engine for each silo on one PostgreSQL.
/// A silo that is killed takes its engine with it as a process would: it is not asked, and commits nothing more by itself.
/// </summary>
internal sealed class GrainCluster : IAsyncDisposable
{
    internal const int Partitions = 6;

    private static readonly ConcurrentDictionary<string, GrainCluster> ByName = new();

    private readonly string _name = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<string, SiloEngine> _engines = new();
    private readonly ConcurrentDictionary<string, int> _started = new();

    private GrainCluster(string connection) => Connection = connection;

    internal string Connection { get; }

    internal TestCluster Cluster { get; private set; } = null!;

    /// <summary>Channels that were started, by name.</summary>
    internal IReadOnlyDictionary<string, int> Started => _started;

    internal static async Task<GrainCluster> StartAsync(string connection, short silos, bool creates = true)
    {
        if (creates) await JournalFactory.CreateAsync(connection, new DatabaseInfo("test", "EUR", Partitions, "wall", "UTC", false));
        var cluster = new GrainCluster(connection);
        ByName[cluster._name] = cluster;
        var builder = new TestClusterBuilder(silos);
        builder.Properties["exposure"] = cluster._name;
        builder.AddSiloBuilderConfigurator<Configurator>();
        cluster.Cluster = builder.Build();
        await cluster.Cluster.DeployAsync();
        cluster.Begin();
        await cluster.SettledAsync();
        return cluster;
    }

    internal async Task<SiloHandle> AddAsync()
    {
        var silo = await Cluster.StartAdditionalSiloAsync();
        Begin();
        return silo;
    }

    /// <summary>Starts the keepers that were not started, as the host of a silo does once it is a member.</summary>
    private void Begin()
    {
        foreach (var silo in Cluster.Silos.OfType<InProcessSiloHandle>())
        {
            var services = silo.SiloHost.Services;
            if (!_begun.TryAdd(silo.Name, true)) continue;
            services.GetRequiredService<GrainOwners>().Begin(services.GetRequiredService<IGrainFactory>(), services.GetRequiredService<ClusterMap>(), services.GetRequiredService<SiloEngine>());
            services.GetRequiredService<PartitionKeeper>().Begin();
        }
    }

    private readonly ConcurrentDictionary<string, bool> _begun = new();

    internal SiloEngine EngineOf(SiloHandle silo) => ((InProcessSiloHandle)silo).SiloHost.Services.GetRequiredService<SiloEngine>();

    internal IGrainFactory GrainsOf(SiloHandle silo) => ((InProcessSiloHandle)silo).SiloHost.Services.GetRequiredService<IGrainFactory>();

    internal GrainOwners OwnersOf(SiloHandle silo) => ((InProcessSiloHandle)silo).SiloHost.Services.GetRequiredService<GrainOwners>();

    internal List<SiloHandle> Alive => [.. Cluster.Silos.Where(s => s.IsActive)];

    internal SiloHandle OwnerOf(int partition) => Alive.Single(s => EngineOf(s).Engine.Owns(partition));

    internal Task SettledAsync() => UntilAsync(() =>
        Alive.All(s => ((InProcessSiloHandle)s).SiloHost.Services.GetRequiredService<PartitionKeeper>().IsSettled)
        && Enumerable.Range(Book.House, Partitions + 1).All(p => Alive.Count(s => EngineOf(s).Engine.Owns(p)) == 1), "every partition has one owner");

    internal async Task<string?> VerifyAsync()
    {
        await using var reader = await JournalFactory.OpenReaderAsync(Connection);
        return (await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None)).Violation;
    }

    /// <summary>Waits for real silos that do it in their own time.</summary>
    internal static async Task UntilAsync(Func<bool> reached, string what)
    {
        for (var begun = TimeProvider.System.GetTimestamp(); !reached() && TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMinutes(2);) await Task.Delay(20);
        Xunit.Assert.True(reached(), what);
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.StopAllSilosAsync();
        await Cluster.DisposeAsync();
        foreach (var silo in _engines.Values) await silo.Engine.DisposeAsync();
        ByName.TryRemove(_name, out _);
    }

    private sealed class Configurator : ISiloConfigurator
    {
        public void Configure(ISiloBuilder builder)
        {
            var cluster = ByName[builder.Configuration["exposure"]!];
            var owners = new GrainOwners { Patience = TimeSpan.FromSeconds(20) };
            // Builders of silos are not asynchronous.
            var engine = new ExposureEngine(JournalFactory.OpenServiceAsync(cluster.Connection, shared: true).GetAwaiter().GetResult(), others: owners);
            engine.StartAsync().GetAwaiter().GetResult();
            var silo = new SiloEngine { Engine = engine };
            cluster._engines[Guid.NewGuid().ToString()] = silo;
            builder.UseInMemoryReminderService();
            builder.AddMemoryGrainStorage("exposure");
            builder.Configure<Orleans.Configuration.ClusterMembershipOptions>(o => (o.ProbeTimeout, o.NumMissedProbesLimit, o.NumVotesForDeathDeclaration) = (TimeSpan.FromMilliseconds(500), 2, 1));
            builder.AddExposureGrains(silo, owners, new Channels(cluster), ["test"]);
        }
    }

    private sealed class Channels(GrainCluster cluster) : IChannelHost
    {
        public Task<IRunningChannel> StartAsync(string channel, CancellationToken cancel)
        {
            cluster._started.AddOrUpdate(channel, 1, (_, n) => n + 1);
            return Task.FromResult<IRunningChannel>(new Running());
        }

        private sealed class Running : IRunningChannel
        {
            public string Trouble => "";

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
