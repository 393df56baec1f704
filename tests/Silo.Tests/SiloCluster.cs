using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Api;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Grains;
using ExposureMonitor.Storage;
using ExposureMonitor.Storage.Tests;

namespace ExposureMonitor.Silo.Tests;

/// <summary>Silos on one PostgreSQL, each as its own process would be: own engine, own port, own membership; all in this process.</summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    internal const int Partitions = 8;

    /// <summary>Of alice, who signs in at the console.</summary>
    internal const string Password = "correct horse battery staple";

    private readonly PostgreSqlServer _server;
    private int _started;

    private SiloCluster(PostgreSqlServer server, string connection) => (_server, Connection) = (server, connection);

    internal string Connection { get; }

    /// <summary>One by one, when the journal stands in several.</summary>
    internal IReadOnlyList<string> Databases { get; private init; } = [];

    internal List<SiloHost> Silos { get; } = [];

    /// <summary>A key of a service that may carry authority, and one of an analyst.</summary>
    internal string Service { get; private set; } = "";

    internal string Analyst { get; private set; } = "";

    /// <summary>Keys of two people who agree on credentials.</summary>
    internal string Admin { get; private set; } = "";

    internal string Approver { get; private set; } = "";

    private Func<SiloOptions, SiloOptions> _with = o => o;

    /// <param name="with">Further settings of each silo.</param>
    internal static async Task<SiloCluster> StartAsync(PostgreSqlServer server, int silos, Func<SiloOptions, SiloOptions>? with = null, int databases = 1)
    {
        var all = new List<string>();
        for (var i = 0; i < databases; i++) all.Add(await server.NewDatabaseAsync());
        var connection = JournalFactory.Together(all);
        await JournalFactory.CreateAsync(connection, new DatabaseInfo("test", "EUR", Partitions, "wall", "UTC", false));
        var cluster = new SiloCluster(server, connection) { _with = with ?? (o => o), Databases = all };
        var journal = await JournalFactory.OpenWriterAsync(connection, offline: true);
        await using (var engine = new ExposureEngine(journal))
        {
            await engine.StartAsync();
            var keys = new KeyRing(engine);
            cluster.Service = (await keys.CreateAtConsoleAsync(new KeyWish("service", Roles.Service, MayCarryAuthority: true), "setup")).Key;
            cluster.Analyst = (await keys.CreateAtConsoleAsync(new KeyWish("analyst", Roles.Analyst), "setup")).Key;
            cluster.Admin = (await keys.CreateAtConsoleAsync(new KeyWish("admin", Roles.Admin), "setup")).Key;
            cluster.Approver = (await keys.CreateAtConsoleAsync(new KeyWish("approver", Roles.Approver), "setup")).Key;
            await new SignIn(journal, keys).CreateAtConsoleAsync(new KeyWish("alice", Roles.Analyst), Password);
        }

        for (var i = 0; i < silos; i++) await cluster.AddAsync();
        await cluster.SettledAsync();
        return cluster;
    }

    /// <summary>Starts one more silo.</summary>
    /// <param name="clusterId">Another id makes it the member of another cluster, which knows nothing of this one.</param>
    internal async Task<SiloHost> AddAsync(string clusterId = "test")
    {
        var silo = await SiloHost.StartAsync(_with(new SiloOptions
        {
            Journal = Connection, Orleans = Databases[0], ClusterId = clusterId, SiloName = $"silo-{_started++}", SiloPort = FreePort.Next(), Advertised = IPAddress.Loopback, Port = 0, RatePerSecond = 0,
            Probe = TimeSpan.FromSeconds(1), MissedProbes = 3, MovingWait = TimeSpan.FromSeconds(20),
        }));
        Silos.Add(silo);
        return silo;
    }

    internal async Task StopAsync(SiloHost silo)
    {
        Silos.Remove(silo);
        await silo.DisposeAsync();
    }

    /// <summary>Waits until every partition is where the membership says, and nowhere else.</summary>
    internal Task SettledAsync() => UntilAsync(() => Silos.All(s => s.Keeper.IsSettled) && Silos.Sum(s => Owned(s).Count) == Partitions + 1, "every partition has its owner");

    internal static List<int> Owned(SiloHost silo) => [.. Enumerable.Range(Book.House, Partitions + 1).Where(silo.Engine.Owns)];

    internal SiloHost OwnerOf(string customer) => Silos.Single(s => s.Engine.Owns(s.Engine.PartitionOf(customer)));

    internal static string CustomerIn(int partition, int n = 0) =>
        Enumerable.Range(0, 100_000).Select(i => $"C{i}").Where(c => Ids.PartitionOf(c, Partitions) == partition).ElementAt(n);

    internal HttpClient Client(SiloHost silo, string? key = null)
    {
        var client = new HttpClient { BaseAddress = new Uri(silo.Url + "/api/v1/"), Timeout = TimeSpan.FromSeconds(60) };
        client.DefaultRequestHeaders.Add("X-Api-Key", key ?? Service);
        return client;
    }

    internal async Task PostAsync(SiloHost silo, params object[] events)
    {
        using var client = Client(silo);
        using var answer = await client.PostAsync("events", new StringContent(JsonSerializer.Serialize(events), Encoding.UTF8, "application/json"));
        var body = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode) throw new HttpRequestException(body, null, answer.StatusCode);
        foreach (var result in JsonDocument.Parse(body).RootElement.GetProperty("results").EnumerateArray())
            Xunit.Assert.True(result.GetProperty("outcome").GetString() is "Applied" or "Duplicate", result.ToString());
    }

    internal async Task<(HttpStatusCode Status, JsonElement Body)> CheckAsync(SiloHost silo, string customer, long amount, string key)
    {
        using var client = Client(silo);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"customers/{customer}/credit-checks") { Content = JsonContent.Create(new { amount = amount.ToString(System.Globalization.CultureInfo.InvariantCulture), currency = "EUR" }) };
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.Clone());
    }

    internal async Task<JsonElement> GetAsync(SiloHost silo, string path, string? key = null)
    {
        using var client = Client(silo, key ?? Analyst);
        using var answer = await client.GetAsync(path);
        var body = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(body).RootElement.Clone() : throw new HttpRequestException(body, null, answer.StatusCode);
    }

    internal static object Event(string type, string id, string customer, object data) =>
        new { specversion = "1.0", type, source = "test", id, subject = customer, time = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture), data };

    internal static object[] Opened(string customer, long limit, string segment = "") =>
    [
        Event("credit.customer.opened.v1", "k" + customer, customer, new { currency = "EUR", name = "Firm of " + customer, segment }),
        Event("credit.limit.set.v1", "l" + customer, customer, new { version = 1, currency = "EUR", steps = new[] { new { from = "2020-01-01", kind = "Amount", amount = limit.ToString(System.Globalization.CultureInfo.InvariantCulture) } } }),
    ];

    internal async Task<string?> VerifyAsync()
    {
        await using var reader = await JournalFactory.OpenReaderAsync(Connection);
        return (await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None)).Violation;
    }

    /// <summary>Waits for real servers that do it in their own time.</summary>
    internal static async Task UntilAsync(Func<bool> reached, string what)
    {
        for (var begun = TimeProvider.System.GetTimestamp(); !reached() && TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMinutes(2);) await Task.Delay(20);
        Xunit.Assert.True(reached(), what);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in Silos.ToArray()) await StopAsync(silo);
        foreach (var database in Databases) await _server.DropDatabaseAsync(database);
    }
}
