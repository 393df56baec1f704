using System.Net;
using ExposureMonitor.Api;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Grains;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace ExposureMonitor.Silo;

/// <summary>
/// One silo: the engine with the partitions that the membership places here, the API over all of them, and what feeds it. It starts the engine
/// first and joins last; it stops the feed first, lets its partitions go while it leaves, and closes the database last.
/// </summary>
public sealed class SiloHost : IAsyncDisposable
{
    private static readonly TimeSpan SettledMax = TimeSpan.FromSeconds(60), RefreshAway = TimeSpan.FromSeconds(1), LiveEvery = TimeSpan.FromMilliseconds(250), AliveEvery = TimeSpan.FromSeconds(1);

    private const int AliveMissed = 3;

    private readonly SiloOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Func<ValueTask>> _closing = [];
    private IStoredJournal _journal = null!;
    private Task _keys = Task.CompletedTask, _live = Task.CompletedTask, _resuming = Task.CompletedTask;
    private WebApplication _app = null!;
    private SiloChannels _channels = null!;
    private Forwarding _forwarding = null!;

    private SiloHost(SiloOptions options) => _options = options;

    public string Name => _options.SiloName;

    /// <summary>Where the API of this silo listens.</summary>
    public string Url => _app.Urls.First();

    /// <summary>The engine of this silo.</summary>
    public ExposureEngine Engine { get; private set; } = null!;

    /// <summary>The grains of the cluster.</summary>
    public IGrainFactory Grains => _app.Services.GetRequiredService<IGrainFactory>();

    /// <summary>The table of members.</summary>
    internal IMembershipTable Members => _app.Services.GetRequiredService<IMembershipTable>();

    /// <summary>Where the other silos reach it.</summary>
    internal int Port => _options.SiloPort;

    internal PartitionKeeper Keeper => _app.Services.GetRequiredService<PartitionKeeper>();

    internal Desk Desk { get; private set; } = null!;

    /// <summary>Requests that another silo was asked to answer, and those that were answered here.</summary>
    internal (long Forwarded, long Here) Requests => _forwarding.Counts;

    internal KafkaFeed? Feed { get; private set; }

    /// <summary>Starts a silo; returns when it is a member and serves what is placed here.</summary>
    /// <exception cref="DatabaseRefusedException">The database is not as it has to be; the message says what to do.</exception>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    /// <exception cref="HistoryCutException">The database lacks or contradicts what was anchored.</exception>
    /// <exception cref="KafkaRefusedException">The topics are not as they have to be.</exception>
    public static async Task<SiloHost> StartAsync(SiloOptions options, CancellationToken cancel = default)
    {
        var host = new SiloHost(options);
        try
        {
            await host.BeginAsync(cancel);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    private async Task BeginAsync(CancellationToken cancel)
    {
        TimeSlices.Shorten();
        _journal = await Databases.OpenAsync(_options, cancel);
        var owners = new GrainOwners { Patience = _options.MovingWait };
        Engine = new ExposureEngine(_journal, others: owners) { RaisesRules = _options.NewestRules };
        _closing.Add(Engine.DisposeAsync);
        await Engine.StartAsync(cancel);
        var anchors = await SiloAnchors.StartAsync(_options, Engine.Database, Say, cancel);
        _closing.Add(anchors.DisposeAsync);
        var keys = new KeyRing(Engine);
        Desk = new Desk(Engine, new EventDecoder(), limiter: new Limiter(_options.RatePerSecond), keys: keys)
        {
            Contracts = PublishedContracts.All(), BalanceLists = BalanceList.ReadBody, SignIn = new SignIn(_journal, keys) { Provider = SiloPeople.Provider(_options.Provider) }, Console = ConsoleFiles.Load(), Environment = _options.Environment, Grafana = _options.Grafana, OrleansDashboard = _options.OrleansDashboard,
            Anchors = anchors.Keeper, AwaitsAlerts = _options.Channels is not null, SealingKey = System.Environment.GetEnvironmentVariable(Alerts.SealedSecrets.KeyVariable),
        };
        _closing.Add(Desk.DisposeAsync);
        // The house is read in every silo: whoever asks is known as soon as the API listens.
        await Desk.Keys.RefreshAsync(cancel);
        _channels = new SiloChannels(Engine, _journal, _options.Kafka, _options.Channels, Desk);
        var silo = new SiloEngine { Engine = Engine };
        var forwarding = _forwarding = new Forwarding(Desk, owners) { HasAlerts = _options.Channels is not null };
        silo.Api = forwarding;
        var metrics = new PrometheusMetrics(_options.SiloName, Engine);
        _closing.Add(metrics.DisposeAsync);
        _app = Build(silo, owners, forwarding, metrics);
        _closing.Add(_app.DisposeAsync);
        _closing.Add(async () => await _app.StopAsync(CancellationToken.None));
        await new Joining(_options, Members, _app.Services.GetRequiredService<ILocalSiloDetails>(), AliveEvery * AliveMissed, Say).InTurnAsync(() => _app.StartAsync(cancel), cancel);
        owners.Begin(Grains, _app.Services.GetRequiredService<ClusterMap>(), silo);
        _closing.Add(Keeper.DisposeAsync);
        Keeper.Begin();
        await SettledAsync(cancel);
        await Desk.BeginSamplesAsync(cancel);
        _closing.Add(PortfolioMeter.Begin(Engine).DisposeAsync);
        (_keys, _live, _resuming) = (KeepKeysAsync(), KeepLiveAsync(), KeepResumingAsync());
        _closing.Add(async () => await Task.WhenAll(_keys, _live, _resuming));
        _closing.Add(async () => await _stop.CancelAsync());
        if (_options.Kafka is { } kafka)
        {
            Feed = await KafkaFeed.StartAsync(Engine, new EventDecoder(), kafka, _options.Accepted, Say, marks: new SiloFeedMarks(_journal, _options.SiloName));
            Desk.Services.Enqueue(Feed);
            _closing.Add(Feed.DisposeAsync);
        }
    }

    private WebApplication Build(SiloEngine silo, GrainOwners owners, Forwarding forwarding, PrometheusMetrics metrics)
    {
        var builder = WebApplication.CreateSlimBuilder();
        ApiHost.Configure(builder, _options.Port, _options.Listen);
        // A partition that moves is an ordinary thing, and Orleans calls it an error of the grain; what an operator should know the silo says itself.
        builder.Logging.AddFilter("Orleans", LogLevel.Error).AddFilter("Orleans.Grain", LogLevel.Critical).AddFilter("Orleans.Messaging", LogLevel.Critical).AddFilter("Polly", LogLevel.Error).AddSimpleConsole();
        builder.Host.UseOrleans(orleans =>
        {
            orleans.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (_options.ClusterId, "exposure"));
            orleans.Configure<Orleans.Configuration.SiloOptions>(o => o.SiloName = _options.SiloName);
            // No gateway: nobody but silos speaks to silos, and the port stays in the private network.
            orleans.ConfigureEndpoints(_options.Advertised, _options.SiloPort, gatewayPort: 0, listenOnAnyHostAddress: !IPAddress.IsLoopback(_options.Advertised));
            orleans.Configure<ClusterMembershipOptions>(o =>
            {
                (o.ProbeTimeout, o.NumMissedProbesLimit, o.NumVotesForDeathDeclaration) = (_options.Probe, _options.MissedProbes, _options.Votes);
                o.TableRefreshTimeout = TimeSpan.FromSeconds(10);
                // After all have died at once nobody is left to vote: whoever joins takes those for dead whose stamps are old (Joining).
                (o.IAmAliveTablePublishTimeout, o.NumMissedTableIAmAliveLimit) = (AliveEvery, AliveMissed);
            });
            // The directory would register nothing for half a minute where it lost its entries: of two activations the fence keeps one out, and nothing is saved by waiting.
            orleans.Configure<GrainDirectoryOptions>(o => o.RangeLeaseDuration = TimeSpan.Zero);
            orleans.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = ("Npgsql", Databases.ForOrleans(_options.Orleans)));
            orleans.UseAdoNetReminderService(o => (o.Invariant, o.ConnectionString) = ("Npgsql", Databases.ForOrleans(_options.Orleans)));
            orleans.AddAdoNetGrainStorage("exposure", o => (o.Invariant, o.ConnectionString) = ("Npgsql", Databases.ForOrleans(_options.Orleans)));
            orleans.AddExposureGrains(silo, owners, _channels, _channels.Names);
        });
        var app = builder.Build();
        app.Use(next =>
        {
            forwarding.Begin(next, app.Services);
            return forwarding.InvokeAsync;
        });
        // Behind the forwarding: a call of another silo enters there, and has to find its endpoint.
        app.UseRouting();
        app.MapExposure(Desk, () => metrics.RenderAsync(Desk, forwarding));
        return app;
    }

    /// <summary>Waits until what is placed here serves; a silo that cannot open its share goes on trying, and serves the rest.</summary>
    private async Task SettledAsync(CancellationToken cancel)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!Keeper.IsSettled && TimeProvider.System.GetElapsedTime(begun) < SettledMax) await Task.Delay(20, cancel);
    }

    /// <summary>Keys are read again whenever the house has committed something: one that was ended opens nothing here a moment later.</summary>
    private async Task KeepKeysAsync()
    {
        for (var seen = -1L; !_stop.IsCancellationRequested;)
        {
            try
            {
                await Engine.Bell.BehindAsync(Book.House, seen, _stop.Token);
                var head = Engine.Bell.Head(Book.House);
                await Desk.Keys.RefreshAsync(_stop.Token);
                seen = head;
            }
            catch (EngineUnavailableException)
            {
                await PauseAsync(RefreshAway);
            }
            catch (OperationCanceledException)
            {
                // The silo stops.
            }
        }
    }

    /// <summary>While somebody watches the live feed here, rows of other owners are copied often, and told like our own.</summary>
    private async Task KeepLiveAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (Desk.LiveStreams > 0) await Engine.MirrorAsync(TimeSpan.Zero, _stop.Token);
            }
            catch (Exception away) when (away is EngineUnavailableException or OperationCanceledException)
            {
                // A partition is moving; the next copy has what was missed.
            }

            await PauseAsync(LiveEvery);
        }
    }

    /// <summary>What was approved and has no effect yet takes effect where the house is, each time that it comes here.</summary>
    private async Task KeepResumingAsync()
    {
        for (var had = (House: false, Alerts: false); !_stop.IsCancellationRequested; await PauseAsync(RefreshAway))
        {
            // What leaves by a channel waits for the channels, which come behind the house.
            var has = (House: Engine.Owns(Book.House), Alerts: Desk.Alerts is not null);
            try
            {
                if (has.House && has != had) await Desk.ResumeAsync(_stop.Token);
                had = has;
            }
            catch (Exception away) when (away is EngineUnavailableException or JournalUnavailableException or OperationCanceledException)
            {
                // The next look tries again.
            }
        }
    }

    private async Task PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private static void Say(string line) => Console.Error.WriteLine("exposure-silo: " + line);

    /// <summary>Runs until somebody stops it, and tells what an operator should know; 1 when a person is needed at its end.</summary>
    public async Task<int> UntilStoppedAsync(CancellationToken cancel)
    {
        var isTold = false;
        while (!cancel.IsCancellationRequested)
        {
            while (Engine.Notices.TryDequeue(out var notice)) Say(notice);
            if (Engine is { NeedsPerson: true, Failure: { } failure } && !isTold)
            {
                isTold = true;
                Say("a person is needed: " + failure);
            }

            await Task.WhenAny(Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None), Task.Delay(Timeout.Infinite, cancel));
        }

        return Engine.NeedsPerson ? 1 : 0;
    }

    /// <summary>Stops the feed, lets the partitions go while the silo leaves, closes the database; each step also when the one before failed.</summary>
    public async ValueTask DisposeAsync()
    {
        Exception? first = null;
        for (var i = _closing.Count - 1; i >= 0; i--)
        {
            try
            {
                await _closing[i]();
            }
            catch (Exception failed)
            {
                first ??= failed;
            }
        }

        _closing.Clear();
        _stop.Dispose();
        if (first is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
    }
}
