using System.Net;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Grains;
using ExposureMonitor.Storage;
using ExposureMonitor.Storage.Tests;
using Npgsql;
using Xunit;

namespace ExposureMonitor.Silo.Tests;

/// <summary>Clusters of silos on a real database with the providers of Orleans on our own tables.</summary>
public sealed class Clusters(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    [PostgreSqlFact]
    public async Task Any_silo_answers_for_any_customer()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 3);
        // Nine tokens on three silos: three each.
        Assert.Equal([3, 3, 3], cluster.Silos.Select(s => SiloCluster.Owned(s).Count));
        var customers = Enumerable.Range(0, SiloCluster.Partitions).Select(p => SiloCluster.CustomerIn(p)).ToArray();
        // One batch for customers of every owner, sent to one silo.
        await cluster.PostAsync(cluster.Silos[0], [.. customers.SelectMany(c => SiloCluster.Opened(c, 1_000))]);
        foreach (var (customer, i) in customers.Select((c, i) => (c, i)))
        {
            var (status, body) = await cluster.CheckAsync(cluster.Silos[i % 3], customer, 700, "k-" + customer);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.StartsWith("Approved", body.GetProperty("decision").GetString(), StringComparison.Ordinal);
            // The same key at another silo is the same answer; more than is left is none.
            Assert.Equal(body.ToString(), (await cluster.CheckAsync(cluster.Silos[(i + 1) % 3], customer, 700, "k-" + customer)).Body.ToString());
            Assert.Equal("Held", (await cluster.CheckAsync(cluster.Silos[(i + 2) % 3], customer, 700, "m-" + customer)).Body.GetProperty("decision").GetString());
            Assert.Equal(HttpStatusCode.Conflict, (await cluster.CheckAsync(cluster.Silos[(i + 1) % 3], customer, 600, "k-" + customer)).Status);
        }

        // Every silo shows all customers with the same figures.
        var shown = new List<string>();
        foreach (var silo in cluster.Silos)
        {
            var page = await cluster.GetAsync(silo, "portfolio?sort=customer&limit=100");
            Assert.Equal(customers.Length, page.GetProperty("total").GetInt32());
            shown.Add(page.GetProperty("customers").ToString());
            Assert.Equal("Firm of " + customers[0], (await cluster.GetAsync(silo, "customers/" + customers[0])).GetProperty("name").GetString());
            Assert.Equal(2 * customers.Length, (await cluster.GetAsync(silo, "decisions?limit=100")).GetProperty("rows").GetArrayLength());
        }

        Assert.Single(shown.Distinct());
        using var metrics = new HttpClient();
        var owned = 0;
        foreach (var silo in cluster.Silos)
        {
            var text = await metrics.GetStringAsync(silo.Url + "/metrics");
            Assert.Contains("exposure_commit_duration_seconds_bucket", text, StringComparison.Ordinal);
            Assert.Contains($"silo=\"{silo.Name}\"", text, StringComparison.Ordinal);
            owned += text.Split('\n').Where(l => l.StartsWith("exposure_customers{", StringComparison.Ordinal)).Sum(l => int.Parse(l.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));
        }

        // Each tells of its own customers alone.
        Assert.Equal(customers.Length, owned);
        Assert.Null(await cluster.VerifyAsync());
    }

    [PostgreSqlFact]
    public async Task Silos_join_and_leave_under_load_and_nothing_is_lost_or_doubled()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 1);
        var customers = Enumerable.Range(0, SiloCluster.Partitions).Select(p => SiloCluster.CustomerIn(p, 1)).ToArray();
        await cluster.PostAsync(cluster.Silos[0], [.. customers.SelectMany(c => SiloCluster.Opened(c, 1_000_000))]);
        using var stop = new CancellationTokenSource();
        var (approved, tried) = (new long[customers.Length], 0L);
        var callers = customers.Select((customer, c) => Task.Run(async () =>
        {
            for (var n = 0; !stop.IsCancellationRequested; n++)
            {
                // Asks again under the same key, of whichever silo there is, until it is answered.
                for (var done = false; !done;)
                {
                    SiloHost[] now;
                    lock (cluster.Silos) now = [.. cluster.Silos];
                    try
                    {
                        var (status, body) = await cluster.CheckAsync(now[(n + c) % now.Length], customer, 100, $"{customer}-{n}");
                        Interlocked.Increment(ref tried);
                        done = status == HttpStatusCode.OK;
                        if (done && body.GetProperty("decision").GetString()!.StartsWith("Approved", StringComparison.Ordinal)) approved[c]++;
                        if (status is not (HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable)) throw new InvalidOperationException(body.ToString());
                    }
                    catch (HttpRequestException)
                    {
                        // That silo has gone.
                    }
                }
            }
        })).ToArray();
        await MoreAsync();
        await cluster.AddAsync();
        await MoreAsync();
        await cluster.AddAsync();
        await cluster.SettledAsync();
        await MoreAsync();
        Assert.Equal([3, 3, 3], cluster.Silos.Select(s => SiloCluster.Owned(s).Count));
        await cluster.StopAsync(cluster.Silos[0]);
        await cluster.SettledAsync();
        await MoreAsync();
        Assert.Equal([4, 5], cluster.Silos.Select(s => SiloCluster.Owned(s).Count).Order());
        await stop.CancelAsync();
        await Task.WhenAll(callers);
        for (var c = 0; c < customers.Length; c++)
        {
            var row = await cluster.GetAsync(cluster.Silos[c % 2], "customers/" + customers[c]);
            Assert.Equal((approved[c] * 100).ToString(System.Globalization.CultureInfo.InvariantCulture), row.GetProperty("components").GetProperty("reserved").GetString());
        }

        Assert.Null(await cluster.VerifyAsync());

        async Task MoreAsync()
        {
            var before = Interlocked.Read(ref tried);
            await SiloCluster.UntilAsync(() => Interlocked.Read(ref tried) > before + 60 || callers.Any(t => t.IsFaulted), "callers are answered");
            foreach (var broken in callers.Where(t => t.IsFaulted)) await broken;
        }
    }

    /// <summary>
    /// Two clusters on one database that know nothing of each other: each activates every partition and believes that it is the owner, as after a
    /// directory that lied. What one has committed the other one reads; nobody spends headroom twice.
    /// </summary>
    [PostgreSqlFact]
    public async Task Two_activations_of_every_partition_have_one_writer()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 1);
        var customers = Enumerable.Range(0, 4).Select(p => SiloCluster.CustomerIn(p, 2)).ToArray();
        await cluster.PostAsync(cluster.Silos[0], [.. customers.SelectMany(c => SiloCluster.Opened(c, 2_050))]);
        await cluster.AddAsync("stranger");
        var answers = await Task.WhenAll(customers.SelectMany(customer => Enumerable.Range(0, 60).Select(async n =>
        {
            for (var tries = 0; tries < 20; tries++)
            {
                var (status, body) = await cluster.CheckAsync(cluster.Silos[n % 2], customer, 100, $"{customer}-{n}");
                if (status == HttpStatusCode.OK) return (customer, Approved: body.GetProperty("decision").GetString()!.StartsWith("Approved", StringComparison.Ordinal));
                Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            }

            return (customer, Approved: false);
        })));
        foreach (var customer in customers) Assert.True(answers.Count(a => a.customer == customer && a.Approved) <= 20, customer);
        Assert.True(Fenced() > 0, "the fence has kept somebody out");
        foreach (var silo in cluster.Silos.ToArray()) await cluster.StopAsync(silo);
        Assert.Null(await cluster.VerifyAsync());
        // One decision per key, whichever of the two was asked, and how often.
        await using var reader = await JournalFactory.OpenReaderAsync(cluster.Connection);
        foreach (var customer in customers)
        {
            var keys = (await reader.RowsAsync(new RowQuery { Table = RowTable.Decision, Customer = customer, Limit = 1_000 }, CancellationToken.None)).Select(r => r.Key).Where(k => k != 0).ToList();
            Assert.NotEmpty(keys);
            Assert.Equal(keys.Count, keys.Distinct().Count());
        }

        long Fenced() => (long)Scalar(cluster.Connection, "SELECT sum(epoch)::bigint FROM partition WHERE id >= 0") - 2 * SiloCluster.Partitions;
    }

    [PostgreSqlFact]
    public async Task The_providers_of_Orleans_run_on_our_tables()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 2);
        await SiloCluster.UntilAsync(() => Count("orleansreminderstable") == SiloCluster.Partitions + 1, "every partition has its reminder");
        Assert.Equal(2, Count("orleansmembershiptable WHERE status = 3"));
        // A channel that no silo knows: its state is written all the same, first made and then changed.
        for (var i = 0; i < 2; i++) await Assert.ThrowsAnyAsync<Exception>(() => cluster.Silos[0].Grains.GetGrain<IChannelGrain>("nowhere").KeepAsync());
        Assert.Equal(2, (int)Scalar(cluster.Connection, "SELECT version FROM orleansstorage"));
        await cluster.StopAsync(cluster.Silos[1]);
        Assert.Equal(1, Count("orleansmembershiptable WHERE status = 3"));

        int Count(string from) => (int)(long)Scalar(cluster.Connection, "SELECT count(*) FROM " + from);
    }

    [PostgreSqlFact]
    public async Task Watchers_of_a_customer_are_told_of_its_changes()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 2);
        var customer = SiloCluster.CustomerIn(3);
        await cluster.PostAsync(cluster.Silos[0], SiloCluster.Opened(customer, 1_000));
        // Watched from the silo that does not own it.
        var other = cluster.Silos.Single(s => s != cluster.OwnerOf(customer));
        var grain = other.Grains.GetGrain<ICustomerGrain>(customer);
        using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await using var told = grain.Watch(stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await told.MoveNextAsync());
        Assert.Equal((1_000, 0, "EUR"), (told.Current.Limit, told.Current.Reserved, told.Current.Currency));
        await cluster.CheckAsync(other, customer, 400, "k1");
        while (told.Current.Reserved != 400) Assert.True(await told.MoveNextAsync());
        // A grain never answers with less than its caller has seen.
        Assert.Equal(Answered.Yes, (await grain.FiguresAsync(told.Current.Place)).Answered);
        Assert.Equal(Answered.Unavailable, (await grain.FiguresAsync(new RowPlace(told.Current.Place.Seq + 1))).Answered);
        Assert.Null((await other.Grains.GetGrain<ICustomerGrain>("nobody").FiguresAsync(default)).Figures);
    }

    [PostgreSqlFact]
    public async Task What_the_house_is_told_at_one_silo_holds_at_all()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 3);
        var customers = Enumerable.Range(0, SiloCluster.Partitions).Select(p => SiloCluster.CustomerIn(p)).ToArray();
        await cluster.PostAsync(cluster.Silos[1], [.. customers.SelectMany(c => SiloCluster.Opened(c, 1_000))]);
        using var client = cluster.Client(cluster.Silos[2], cluster.Analyst);
        using var request = new HttpRequestMessage(HttpMethod.Post, "global-hold") { Content = new StringContent("""{"on":true,"reason":"storm"}""", System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", "g1");
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain("notYet", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (var (customer, i) in customers.Select((c, i) => (c, i)))
            Assert.Equal("Refused", (await cluster.CheckAsync(cluster.Silos[i % 3], customer, 100, "k-" + customer)).Body.GetProperty("decision").GetString());
        foreach (var silo in cluster.Silos) Assert.Equal("""{"on":true,"notYet":[]}""", (await cluster.GetAsync(silo, "global-hold")).ToString());
    }

    private static object Scalar(string connection, string sql)
    {
        using var session = new NpgsqlConnection(connection);
        session.Open();
        using var command = new NpgsqlCommand(sql, session);
        return command.ExecuteScalar()!;
    }
}
