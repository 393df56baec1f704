using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ExposureMonitor.Api;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;
using ExposureMonitor.Storage.Tests;
using Xunit;

namespace ExposureMonitor.Silo.Tests;

/// <summary>
/// Both editions behave alike: one story is told to a standalone service and to three silos, whose requests go round, and every answer is
/// compared, but for moments and places in the journal.
/// </summary>
public sealed partial class Editions(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    private const int Customers = 12;

    [PostgreSqlFact]
    public async Task One_story_has_the_same_answers_in_both()
    {
        var alone = await AloneAsync();
        List<string> together;
        await using (var cluster = await SiloCluster.StartAsync(server, 3))
        {
            var turn = 0;
            together = await TellAsync(key => cluster.Client(cluster.Silos[turn++ % 3], key), cluster.Service, cluster.Analyst);
            Assert.Null(await cluster.VerifyAsync());
        }

        Assert.True(alone.Count > 100, $"{alone.Count} answers");
        for (var i = 0; i < alone.Count; i++) Assert.Equal(alone[i], together[i]);
        Assert.Equal(alone.Count, together.Count);
    }

    private async Task<List<string>> AloneAsync()
    {
        var connection = await server.NewDatabaseAsync();
        await JournalFactory.CreateAsync(connection, new DatabaseInfo("test", "EUR", SiloCluster.Partitions, "wall", "UTC", false));
        List<string> told;
        await using (var engine = new ExposureEngine(await JournalFactory.OpenServiceAsync(connection)))
        {
            await engine.StartAsync();
            await using var desk = new Desk(engine, new EventDecoder(), limiter: new Limiter(0)) { Contracts = PublishedContracts.All() };
            await desk.BeginAsync();
            var service = (await desk.Keys.CreateAtConsoleAsync(new KeyWish("service", Roles.Service, MayCarryAuthority: true), "setup")).Key;
            var analyst = (await desk.Keys.CreateAtConsoleAsync(new KeyWish("analyst", Roles.Analyst), "setup")).Key;
            using var metrics = new MetricsText(engine);
            await using var app = ApiHost.Build(0, desk, metrics);
            await app.StartAsync();
            told = await TellAsync(key =>
            {
                var client = new HttpClient { BaseAddress = new Uri(app.Urls.First() + "/api/v1/") };
                client.DefaultRequestHeaders.Add("X-Api-Key", key);
                return client;
            }, service, analyst);
        }

        await server.DropDatabaseAsync(connection);
        return told;
    }

    private static async Task<List<string>> TellAsync(Func<string, HttpClient> client, string service, string analyst)
    {
        var told = new List<string>();
        var customers = Enumerable.Range(0, Customers).Select(i => $"E{i}").ToArray();
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        await EventsAsync(customers.SelectMany((c, i) => SiloCluster.Opened(c, 1_000 + 100 * i, i % 2 == 0 ? "EAST" : "WEST")));
        await EventsAsync(customers.SelectMany(c => (object[])[Order(c, "A", 600), Order(c, "B", 900)]));
        // Once more: repetitions; and one that nobody can apply.
        await EventsAsync([.. customers.Select(c => Order(c, "A", 600)), SiloCluster.Event("credit.order.placed.v1", "x", "E1", new { orderId = "X" }), SiloCluster.Event("credit.nonsense.v1", "y", "E2", new { })]);
        foreach (var (customer, i) in customers.Select((c, i) => (c, i)))
        {
            await AskAsync(service, HttpMethod.Post, $"customers/{customer}/credit-checks", new { amount = "150", currency = "EUR" }, "k" + i);
            await AskAsync(service, HttpMethod.Post, $"customers/{customer}/credit-checks", new { amount = "150", currency = "EUR" }, "k" + i);
            await AskAsync(service, HttpMethod.Post, $"customers/{customer}/credit-checks", new { amount = "151", currency = "EUR" }, "k" + i);
            await AskAsync(analyst, HttpMethod.Post, $"customers/{customer}/credit-checks/what-if", new { amount = "5000", currency = "EUR" });
            await AskAsync(analyst, HttpMethod.Get, $"customers/{customer}");
            await AskAsync(analyst, HttpMethod.Get, $"customers/{customer}/orders");
            await AskAsync(analyst, HttpMethod.Get, $"customers/{customer}/limit");
            await AskAsync(analyst, HttpMethod.Get, $"customers/{customer}/holds/{customer}-B");
        }

        // A delivery, its invoice and its payment make room: held orders are released.
        await EventsAsync(customers.Select(c => SiloCluster.Event("credit.order.cancelled.v1", "c" + c, c, new { orderId = c + "-A", version = 2 })));
        foreach (var path in (string[])["portfolio?sort=customer", "portfolio?sort=gross&order=desc&limit=5", "portfolio?segment=EAST", "portfolio/aggregates?by=segment", "orders?limit=500", "holds?limit=500", "orders?limit=5",
            "policy", "rates", "global-hold", "proposals", "keys", "decisions?limit=500&kind=nothing", "schemas", "nowhere"])
            await AskAsync(analyst, HttpMethod.Get, path);
        await AskAsync(analyst, HttpMethod.Post, "global-hold", new { on = true, reason = "storm" }, "g1");
        await AskAsync(service, HttpMethod.Post, "customers/E3/credit-checks", new { amount = "1", currency = "EUR" }, "after");
        await AskAsync(analyst, HttpMethod.Get, "global-hold");
        await AskAsync("em_nonsense_of_nobody", HttpMethod.Get, "customers/E3");
        await AskAsync(service, HttpMethod.Post, "customers/E3/credit-checks", new { amount = "many" }, "bad");
        return told;

        Task EventsAsync(IEnumerable<object> events) => AskAsync(service, HttpMethod.Post, "events", events.ToArray());

        object Order(string customer, string id, long amount) => SiloCluster.Event("credit.order.placed.v1", $"{customer}-{id}", customer,
            new { orderId = $"{customer}-{id}", amount = amount.ToString(CultureInfo.InvariantCulture), currency = "EUR", orderedOn = today, shipOn = today });

        async Task AskAsync(string key, HttpMethod method, string path, object? body = null, string? idempotency = null)
        {
            using var http = client(key);
            using var request = new HttpRequestMessage(method, path);
            if (body is not null) request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
            if (idempotency is not null) request.Headers.Add("Idempotency-Key", idempotency);
            using var answer = await http.SendAsync(request);
            Assert.NotEqual(HttpStatusCode.InternalServerError, answer.StatusCode);
            told.Add($"{method} {path} {idempotency}: {(int)answer.StatusCode} {answer.Headers.ETag} {Plain(await answer.Content.ReadAsStringAsync())}");
        }
    }

    /// <summary>Without moments, places in the journal, and what is drawn at random.</summary>
    private static string Plain(string json) => Varying().Replace(json, "#");

    [GeneratedRegex(""""\d{4}-\d\d-\d\dT[0-9:.]+Z|-?\d+-\d+-\d+(-\d+)?|"seq":\d+|"index":\d+|"asOfSeq":\d+|"traceId":"[^"]*"|em_[0-9a-f]{8}|"cursor":"[0-9a-f]+\.\d+"|"(createdAt|endedAt|expiresAt)":"[^"]*"(?!")"""")]
    private static partial Regex Varying();
}
