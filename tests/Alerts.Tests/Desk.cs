using System.Reflection;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>A house of alerts over a real database, fed with rows as the outbox has them.</summary>
internal sealed class Desk : IAsyncDisposable, ICustomerCards
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("exposure-alerts-").FullName;
    private readonly TimeProvider _time;
    private IStoredJournal _journal = null!;
    private long _seq;

    private Desk(TimeProvider time) => _time = time;

    internal AlertHouse House { get; private set; } = null!;

    internal IAlertStore Store => _journal;

    private FailingStore _failing = null!;

    /// <summary>The database of the house fails once in this call, before or after it has done what it was asked for.</summary>
    internal void Fail(string call, bool afterwards) => (_failing.Call, _failing.Afterwards) = (call, afterwards);

    internal static async Task<Desk> StartAsync(AlertPlan plan, TimeProvider? time = null)
    {
        var desk = new Desk(time ?? TimeProvider.System);
        var database = $"sqlite:{desk._folder}/book.db";
        await JournalFactory.CreateAsync(database, new DatabaseInfo("alerts", "CNY", 2, "wall", "UTC", false));
        desk._journal = await JournalFactory.OpenServiceAsync(database);
        await desk.OpenAsync(plan);
        return desk;
    }

    /// <summary>Another process, with another plan.</summary>
    internal async Task RestartAsync(AlertPlan plan)
    {
        await House.DisposeAsync();
        await OpenAsync(plan);
    }

    private async Task OpenAsync(AlertPlan plan) => House = await AlertHouse.StartAsync(plan, FailingStore.Over(_journal, out _failing), this, [new PartitionHead(0, 1, 0, new byte[32], 0)], _time);

    public async ValueTask DisposeAsync()
    {
        await House.DisposeAsync();
        await _journal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public ValueTask<IReadOnlyDictionary<string, CustomerCard>> CardsAsync(IReadOnlyCollection<string> customers, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyDictionary<string, CustomerCard>>(customers.ToDictionary(c => c, c => new CustomerCard("华东机电 <" + c + ">", c, "CN-East", "CN", "li.wei")));

    internal async Task<string> RaiseAsync(string customer, string severity = "High", string rule = "EW-01", int step = 4, int crossing = 1, string cause = "")
    {
        var id = $"{customer}/{rule}//{step}/{crossing}";
        await TellAsync([Row(customer, "credit.signal.raised.v1", id, severity, rule, step, cause)]);
        return id;
    }

    internal Task ResolveAsync(string customer, string id, string kind = "credit.signal.resolved.v1") => TellAsync([Row(customer, kind, id, "High", id.Split('/')[1], 4, "")]);

    internal Task TellAsync(IReadOnlyList<OutboxRow> rows) => House.SendAsync(rows, CancellationToken.None);

    internal OutboxRow Row(string customer, string kind, string id, string severity, string rule, int step, string cause)
    {
        var body = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["state"] = kind, ["signalId"] = id, ["indicator"] = rule, ["step"] = step, ["severity"] = severity, ["value"] = "10400", ["threshold"] = "10000", ["version"] = 12,
            ["clears"] = "utilisation at or below the step less the re-arm", ["currency"] = "CNY", ["exposure"] = "104000000", ["limitKind"] = "Amount", ["limit"] = "100000000",
            ["eventIds"] = cause.Length > 0 ? new[] { cause } : [$"e-{id.GetHashCode(StringComparison.Ordinal)}"],
        });
        return Other(customer, kind, body);
    }

    internal OutboxRow Other(string customer, string kind, string body, bool dead = false) => new()
    {
        IsDeadLetter = dead,
        Row = new JournalRow
        {
            Table = dead ? RowTable.DeadLetter : RowTable.Signal, Partition = 0, Seq = Interlocked.Increment(ref _seq), Index = 0, Ordinal = 0, Customer = customer, Subject = "", Kind = kind,
            At = Instant.From(_time.GetUtcNow()).Micros, Body = Encoding.UTF8.GetBytes(body),
        },
    };

    /// <summary>Waits until every delivery of an alert, or of all, has come to its end.</summary>
    internal async Task<IReadOnlyList<DeliveryRow>> EndedAsync(int atLeast = 1)
    {
        var rows = await WaitAsync(all => all.Count >= atLeast && all.All(r => r.IsFinal));
        return rows;
    }

    internal async Task<IReadOnlyList<DeliveryRow>> WaitAsync(Func<IReadOnlyList<DeliveryRow>, bool> until)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        IReadOnlyList<DeliveryRow> rows = [];
        try
        {
            while (true)
            {
                rows = await _journal.DeliveriesAsync(new DeliveryQuery { Limit = 100_000 }, CancellationToken.None);
                if (until(rows)) return rows;
                await often.WaitForNextTickAsync(patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail("It did not come about: " + string.Join("\n", rows.Select(r => $"{r.Key} {r.State} {r.Answer}")) + "\n" + string.Join("\n", House.Channels.Values.Select(c => c.Look()).Select(l => $"{l.Name} {l.Health} {l.Reason}")));
            throw;
        }
    }
}

/// <summary>The database as the house sees it, which can fail when a test wants it: in doubt is what failed after it was done.</summary>
public class FailingStore : DispatchProxy
{
    private IAlertStore _store = null!;

    internal string Call { get; set; } = "";

    internal bool Afterwards { get; set; }

    internal static IAlertStore Over(IAlertStore store, out FailingStore failing)
    {
        var proxy = Create<IAlertStore, FailingStore>();
        failing = (FailingStore)(object)proxy;
        failing._store = store;
        return proxy;
    }

    /// <inheritdoc />
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name != Call) return targetMethod.Invoke(_store, args);
        Call = "";
        return new ValueTask(FailAsync(Afterwards ? targetMethod : null, args));
    }

    private async Task FailAsync(MethodInfo? done, object?[]? args)
    {
        if (done is not null) await (ValueTask)done.Invoke(_store, args)!;
        throw new IOException("the connection broke");
    }
}

/// <summary>Plans for tests.</summary>
internal static class Plans
{
    private static readonly IReadOnlyList<System.Net.IPNetwork> Loopback = [System.Net.IPNetwork.Parse("127.0.0.0/8"), System.Net.IPNetwork.Parse("::1/128")];

    internal static ChannelSettings Channel(string name, VendorServer server, ChannelKind kind, Language language = Language.Chinese, ChannelRules? rules = null) => new()
    {
        Name = name, Kind = kind, Language = language, Url = server.Url, Secrets = kind is ChannelKind.DingTalk or ChannelKind.Feishu or ChannelKind.Webhook ? [server.Secret] : [], AllowHttp = true, AllowedNetworks = Loopback,
        Hosts = VendorDefaults.HostsOf(kind), BytesMax = VendorDefaults.BytesOf(kind), Rules = rules ?? VendorDefaults.RulesOf(kind) with { CrowdedSpread = TimeSpan.Zero }, Timeout = TimeSpan.FromSeconds(2),
        Links = new ConsoleLinks(new Uri("https://exposure.example/")),
    };

    /// <summary>Everything to all channels, at once unless told otherwise.</summary>
    internal static AlertPlan Of(TimeProvider time, TimeSpan groupWait, params ChannelSettings[] channels) => Of(time, new RoutePlan { Name = "root", To = [.. channels.Select(c => c.Name)], GroupWait = groupWait }, channels);

    internal static AlertPlan Of(TimeProvider time, RoutePlan root, params ChannelSettings[] channels) =>
        new(new RouteTree(new Route(root, [], false, [])), InhibitRule.Defaults, [.. channels.Select(c => Transports.SetupOf(c, time))], new HashSet<string>());
}
