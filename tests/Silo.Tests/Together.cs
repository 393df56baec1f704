using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using ExposureMonitor.Storage.Tests;
using Xunit;

namespace ExposureMonitor.Silo.Tests;

/// <summary>What one service has once, a cluster has once as well: one live stream, one console, one owner of the channels; and calls stay where they belong.</summary>
public sealed class Together(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    [PostgreSqlFact]
    public async Task Calls_stay_at_the_owner_when_they_are_asked_there_and_partitions_are_spread_evenly()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 3);
        var customers = Enumerable.Range(0, 120).Select(i => $"L{i}").ToArray();
        foreach (var some in customers.Chunk(40)) await cluster.PostAsync(cluster.Silos[0], [.. some.SelectMany(c => SiloCluster.Opened(c, 100_000))]);
        var before = cluster.Silos.Select(s => s.Requests).ToArray();
        foreach (var customer in customers)
        {
            var owner = cluster.OwnerOf(customer);
            Assert.Equal(HttpStatusCode.OK, (await cluster.CheckAsync(owner, customer, 100, "k")).Status);
            await cluster.GetAsync(owner, "customers/" + customer);
        }

        var (elsewhere, here) = (cluster.Silos.Select((s, i) => s.Requests.Forwarded - before[i].Forwarded).Sum(), cluster.Silos.Select((s, i) => s.Requests.Here - before[i].Here).Sum());
        // Promised are 95 of 100; asked at the owner, none leaves it.
        Assert.Equal((0, 2 * customers.Length), (elsewhere, here));
        // Asked at another one, each is answered by the owner, and by nobody else.
        foreach (var customer in customers.Take(20)) await cluster.GetAsync(cluster.Silos.First(s => s != cluster.OwnerOf(customer)), "customers/" + customer);
        Assert.Equal(20, cluster.Silos.Select((s, i) => s.Requests.Forwarded - before[i].Forwarded).Sum());
        for (var silos = 3; silos > 1; silos--)
        {
            var loads = cluster.Silos.Select(s => SiloCluster.Owned(s).Count).ToArray();
            Assert.InRange(loads.Max() - loads.Min(), 0, 1);
            Assert.Equal(SiloCluster.Partitions + 1, loads.Sum());
            await cluster.StopAsync(cluster.Silos[^1]);
            await cluster.SettledAsync();
        }

        using var http = new HttpClient();
        Assert.Contains("exposure_silo_requests_total{answered=\"here\"", await http.GetStringAsync(cluster.Silos[0].Url + "/metrics"), StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task One_live_stream_tells_of_the_partitions_of_all_silos()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 3);
        var customers = cluster.Silos.Select(silo => SiloCluster.CustomerIn(SiloCluster.Owned(silo).First(p => p >= 0))).ToArray();
        await cluster.PostAsync(cluster.Silos[0], [.. customers.SelectMany(c => SiloCluster.Opened(c, 100_000))]);
        using var client = cluster.Client(cluster.Silos[0], cluster.Analyst);
        await using var stream = await client.GetStreamAsync("live?subs=board&top=50");
        using var lines = new StreamReader(stream);
        var seen = new ConcurrentDictionary<string, string>();
        using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var reading = ReadAsync();
        await SiloCluster.UntilAsync(() => customers.All(c => seen.ContainsKey(c)) || reading.IsCompleted, "the first rows of all owners are told");
        // Each owner decides something; the stream of one silo tells of all of it.
        for (var i = 0; i < customers.Length; i++) await cluster.CheckAsync(cluster.Silos[i], customers[i], 700 + i, "live");
        await SiloCluster.UntilAsync(() => customers.Select((c, i) => (c, i)).All(x => seen.GetValueOrDefault(x.c, "").Contains(Amount(x.i), StringComparison.Ordinal)) || reading.IsCompleted, "each change is told");
        await stop.CancelAsync();
        await reading;

        static string Amount(int i) => "\"" + (700 + i).ToString(System.Globalization.CultureInfo.InvariantCulture) + "\"";

        async Task ReadAsync()
        {
            try
            {
                while (await lines.ReadLineAsync(stop.Token) is { } line)
                    if (line.StartsWith("data:", StringComparison.Ordinal))
                        foreach (var row in Rows(JsonDocument.Parse(line[5..]).RootElement)) seen[row.GetProperty("customer").GetString()!] = row.ToString();
            }
            catch (OperationCanceledException)
            {
                // Enough was read.
            }
        }
    }

    [PostgreSqlFact]
    public async Task Two_databases_hold_one_book_and_no_transaction_spans_them()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 3, databases: 2);
        var customers = Enumerable.Range(0, SiloCluster.Partitions).Select(p => SiloCluster.CustomerIn(p)).ToArray();
        await cluster.PostAsync(cluster.Silos[0], [.. customers.SelectMany(c => SiloCluster.Opened(c, 1_000))]);
        foreach (var (customer, i) in customers.Select((c, i) => (c, i)))
        {
            Assert.Equal(HttpStatusCode.OK, (await cluster.CheckAsync(cluster.Silos[i % 3], customer, 600, "k-" + customer)).Status);
            // The same key meets its decision in whichever database that is; what is left is not enough.
            Assert.StartsWith("Approved", (await cluster.CheckAsync(cluster.Silos[(i + 1) % 3], customer, 600, "k-" + customer)).Body.GetProperty("decision").GetString(), StringComparison.Ordinal);
            Assert.Equal("Held", (await cluster.CheckAsync(cluster.Silos[(i + 2) % 3], customer, 600, "m-" + customer)).Body.GetProperty("decision").GetString());
        }

        // Answers about all customers are merged from both, page by page too.
        foreach (var silo in cluster.Silos)
        {
            var page = await cluster.GetAsync(silo, "portfolio?sort=customer&limit=100");
            Assert.Equal(customers.Order(StringComparer.Ordinal), page.GetProperty("customers").EnumerateArray().Select(r => r.GetProperty("customer").GetString()!));
            Assert.Equal("Firm of " + customers[1], (await cluster.GetAsync(silo, "customers/" + customers[1])).GetProperty("name").GetString());
            Assert.Equal(2 * customers.Length, (await cluster.GetAsync(silo, "decisions?limit=100")).GetProperty("rows").GetArrayLength());
            Assert.Equal((SiloCluster.Partitions * 600).ToString(System.Globalization.CultureInfo.InvariantCulture),
                page.GetProperty("customers").EnumerateArray().Sum(r => long.Parse(r.GetProperty("components").GetProperty("reserved").GetString()!, System.Globalization.CultureInfo.InvariantCulture)).ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        // Frames stand where their partition does, and nowhere else: so no transaction can have spanned both.
        for (var database = 0; database < 2; database++)
        {
            await using var session = new Npgsql.NpgsqlConnection(cluster.Databases[database]);
            await session.OpenAsync();
            await using var command = new Npgsql.NpgsqlCommand($"SELECT count(*) FILTER (WHERE partition % 2 = {database}), count(*) FILTER (WHERE partition % 2 <> {database}) FROM journal WHERE partition >= 0", session);
            await using var row = await command.ExecuteReaderAsync();
            Assert.True(await row.ReadAsync());
            Assert.True(row.GetInt64(0) > 0);
            Assert.Equal(0, row.GetInt64(1));
        }

        // A partition moves with its home.
        await cluster.StopAsync(cluster.Silos[2]);
        await cluster.SettledAsync();
        foreach (var customer in customers) Assert.Equal("Held", (await cluster.CheckAsync(cluster.Silos[0], customer, 600, "n-" + customer)).Body.GetProperty("decision").GetString());
        Assert.Null(await cluster.VerifyAsync());
    }

    /// <summary>Objects with a customer, wherever they stand in a frame.</summary>
    private static IEnumerable<JsonElement> Rows(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.TryGetProperty("customer", out var customer) && customer.ValueKind == JsonValueKind.String ? [element] : element.EnumerateObject().SelectMany(p => Rows(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Rows),
        _ => [],
    };

    [PostgreSqlFact]
    public async Task Who_signs_in_at_one_silo_is_signed_in_at_all()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 2);
        var customer = SiloCluster.CustomerIn(0);
        await cluster.PostAsync(cluster.Silos[0], SiloCluster.Opened(customer, 1_000));
        var (owner, other) = (cluster.OwnerOf(customer), cluster.Silos.Single(s => s != cluster.OwnerOf(customer)));
        // The console comes from any silo, or the page that says how to build it.
        using var plain = new HttpClient();
        plain.DefaultRequestHeaders.Add("Accept", "text/html");
        Assert.Contains("<html", await plain.GetStringAsync(other.Url + "/board"), StringComparison.Ordinal);
        using var browser = new HttpClient(new HttpClientHandler { UseCookies = false });
        using var opened = await browser.PostAsJsonAsync(other.Url + "/api/v1/session", new { user = "alice", password = SiloCluster.Password });
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        var cookie = opened.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        var csrf = JsonDocument.Parse(await opened.Content.ReadAsStringAsync()).RootElement.GetProperty("csrf").GetString()!;
        // Both silos know the session; one of them has to ask the other for the customer.
        foreach (var silo in cluster.Silos) Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, silo, "customers/" + customer, csrf: null)).StatusCode);
        // A change needs the page's header, also where it is forwarded.
        foreach (var silo in cluster.Silos)
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(HttpMethod.Post, silo, $"customers/{customer}/credit-checks/what-if", csrf: null)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Post, silo, $"customers/{customer}/credit-checks/what-if", csrf)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Delete, owner, "session", csrf)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(HttpMethod.Get, owner, "customers/" + customer, csrf: null)).StatusCode);

        async Task<HttpResponseMessage> SendAsync(HttpMethod method, SiloHost silo, string path, string? csrf)
        {
            using var request = new HttpRequestMessage(method, $"{silo.Url}/api/v1/{path}");
            request.Headers.Add("Cookie", cookie);
            request.Headers.Add("Origin", silo.Url);
            if (csrf is not null) request.Headers.Add("X-Csrf-Token", csrf);
            if (method == HttpMethod.Post) request.Content = JsonContent.Create(new { amount = "5", currency = "EUR" });
            return await browser.SendAsync(request);
        }
    }

    [PostgreSqlFact]
    public async Task Each_silo_anchors_what_all_have_committed()
    {
        var place = Directory.CreateTempSubdirectory("exposure-anchors-");
        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var file = Path.Combine(place.FullName, "anchor.pem");
            await File.WriteAllTextAsync(file, key.ExportPkcs8PrivateKeyPem());
            await using var cluster = await SiloCluster.StartAsync(server, 2, o => o with { AnchorPlaces = [place.FullName], AnchorKey = file });
            await cluster.PostAsync(cluster.Silos[0], [.. Enumerable.Range(0, SiloCluster.Partitions).SelectMany(p => SiloCluster.Opened(SiloCluster.CustomerIn(p), 1_000))]);
            foreach (var silo in cluster.Silos.ToArray()) await cluster.StopAsync(silo);
            await using var reader = await JournalFactory.OpenReaderAsync(cluster.Connection);
            var heads = await reader.HeadsAsync(CancellationToken.None);
            foreach (var silo in (string[])["silo-0", "silo-1"])
            {
                var history = AnchorHistory.Read([Path.Combine(place.FullName, silo)], reader.Database.EnvironmentId, key);
                Assert.Equal(AnchorReason.Stop, history.Newest!.Reason);
            }

            // The last one to leave has seen everything.
            var last = AnchorHistory.Read([Path.Combine(place.FullName, "silo-1")], reader.Database.EnvironmentId, key).Newest!;
            foreach (var head in heads.Where(h => h.Partition >= 0)) Assert.Equal(head.Seq, last.Heads.Single(h => h.Partition == head.Partition).Seq);
        }
        finally
        {
            place.Delete(recursive: true);
        }
    }
}
