using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Grains;
using ExposureMonitor.Storage.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Xunit;

namespace ExposureMonitor.Silo.Tests;

/// <summary>The channels of a cluster: one owner, beside the house, with all that the standalone edition has.</summary>
public sealed class ChannelTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    [PostgreSqlFact]
    public async Task One_silo_owns_the_channels_and_any_silo_shows_what_was_told()
    {
        await using var receiver = await Receiver.StartAsync();
        var file = $$"""
            link: https://exposure.example
            channels:
              erp:
                type: webhook
                url: {{receiver.Url}}
                secret: whsec_{{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}}
                allow_http: true
                allow_networks: [127.0.0.0/8]
                rates: [200/1s]
            route: { to: [erp], group_by: [about], group_wait: 0s, group_interval: 1s, repeat_interval: 4h }
            """;
        await using var cluster = await SiloCluster.StartAsync(server, 3, o => o with { Channels = file });
        var customers = cluster.Silos.Select(silo => SiloCluster.CustomerIn(SiloCluster.Owned(silo).First(p => p >= 0))).ToArray();
        await cluster.PostAsync(cluster.Silos[0], [.. customers.SelectMany(c => SiloCluster.Opened(c, 1_000))]);
        await SiloCluster.UntilAsync(() => cluster.Silos.Count(s => s.Desk.Alerts is not null) == 1, "one silo owns the channels");
        await HoldAsync("a");
        await SiloCluster.UntilAsync(() => customers.All(c => receiver.Got.Any(b => b.Contains(c + "-a", StringComparison.Ordinal))), "a hold of each owner is told");
        foreach (var silo in cluster.Silos)
            Assert.True((await cluster.GetAsync(silo, "alerts?limit=100")).GetProperty("alerts").GetArrayLength() >= customers.Length, silo.Name);
        // The owner leaves: another one goes on, and what was told is not told again.
        var owner = cluster.Silos.Single(s => s.Desk.Alerts is not null);
        var (told, starts) = (receiver.Got.Count, (await Grain().StatusAsync()).Starts);
        Assert.True(owner.Engine.Owns(Book.House), "channels are where the house is");
        Assert.Equal(owner.Name, (await Grain().StatusAsync()).Owner);
        await cluster.StopAsync(owner);
        await SiloCluster.UntilAsync(() => cluster.Silos.Count(s => s.Desk.Alerts is not null) == 1, "another silo owns the channels");
        await HoldAsync("b");
        await SiloCluster.UntilAsync(() => customers.All(c => receiver.Got.Any(b => b.Contains(c + "-b", StringComparison.Ordinal))), "the next holds are told");
        Assert.True(receiver.Got.Skip(told).All(b => !customers.Any(c => b.Contains(c + "-a", StringComparison.Ordinal))), "nothing is told twice");
        Assert.Equal(Answered.Yes, (await Grain().CallAsync(new Call("GET", "/api/v1/channels", ["X-Api-Key", cluster.Analyst], []))).Answered);
        // Who has it, and how often it was taken over, stands in the database: the next owner has gone on counting.
        var status = await Grain().StatusAsync();
        Assert.Equal((starts + 1, cluster.Silos.Single(s => s.Desk.Alerts is not null).Name), (status.Starts, status.Owner));
        await using var session = new NpgsqlConnection(cluster.Connection);
        await session.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT convert_from(payloadbinary, 'UTF8') FROM orleansstorage WHERE grainidextensionstring LIKE '%alerts'", session);
        Assert.Contains(status.Owner, (string)(await command.ExecuteScalarAsync())!, StringComparison.Ordinal);

        IChannelGrain Grain() => cluster.Silos[0].Grains.GetGrain<IChannelGrain>("alerts");

        async Task HoldAsync(string name)
        {
            var today = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
            await cluster.PostAsync(cluster.Silos[0], [.. customers.Select(c => SiloCluster.Event("credit.order.placed.v1", $"{c}-{name}", c, new { orderId = $"{c}-{name}", amount = "5000", currency = "EUR", orderedOn = today, shipOn = today }))]);
        }
    }

    [PostgreSqlFact]
    public async Task A_credential_is_set_at_any_silo_by_two_people_and_known_to_the_next_owner()
    {
        await using var receiver = await Receiver.StartAsync();
        Environment.SetEnvironmentVariable(SealedSecrets.KeyVariable, SealedSecrets.NewKey());
        var file = $$"""
            channels:
              erp: { type: webhook, url: "${stored}", secret: whsec_{{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}}, allow_http: true, allow_networks: [127.0.0.0/8], rates: [200/1s] }
            route: { to: [erp] }
            """;
        await using var cluster = await SiloCluster.StartAsync(server, 2, o => o with { Channels = file });
        await SiloCluster.UntilAsync(() => cluster.Silos.Any(s => s.Desk.Alerts is not null && s.Engine.Owns(Book.House)), "the channels are where the house is");
        var owner = cluster.Silos.Single(s => s.Desk.Alerts is not null);
        var other = cluster.Silos.Single(s => s != owner);
        Assert.Equal((422, "NOT_STORED"), Coded(await PostAsync(other, cluster.Admin, "channels/erp/credentials", new { field = "password", value = "x" }, "k0")));
        Assert.Equal((422, "BAD_CREDENTIAL"), Coded(await PostAsync(other, cluster.Admin, "channels/erp/credentials", new { field = "url", value = "https://10.0.0.1/hook" }, "k1")));
        var asked = await PostAsync(other, cluster.Admin, "channels/erp/credentials", new { field = "url", value = receiver.Url }, "k2");
        Assert.Equal(202, asked.Code);
        Assert.Equal(404, (await PostAsync(other, cluster.Admin, "channels/erp/test", null, "t0")).Code);
        var approved = await PostAsync(other, cluster.Approver, $"proposals/{asked.Json.GetProperty("id").GetString()}/approve", null, "k3");
        Assert.True(approved.Code == 200, approved.Json.ToString());
        Assert.Equal("Delivered", (await PostAsync(other, cluster.Admin, "channels/erp/test", null, "t1")).Json.GetProperty("outcome").GetString());
        await cluster.StopAsync(owner);
        await SiloCluster.UntilAsync(() => other.Desk.Alerts is not null, "the other silo owns the channels");
        Assert.Equal("Delivered", (await PostAsync(other, cluster.Admin, "channels/erp/test", null, "t2")).Json.GetProperty("outcome").GetString());
        Assert.Equal(2, receiver.Got.Count);

        async Task<(int Code, JsonElement Json)> PostAsync(SiloHost silo, string key, string path, object? body, string idempotency)
        {
            using var client = cluster.Client(silo, key);
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) };
            request.Headers.Add("Idempotency-Key", idempotency);
            using var answer = await client.SendAsync(request);
            return ((int)answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.Clone());
        }

        static (int, string?) Coded((int Code, JsonElement Json) reply) => (reply.Code, reply.Json.GetProperty("code").GetString());
    }

    [PostgreSqlFact]
    public async Task A_feed_that_is_silent_at_one_silo_is_told_by_the_owner_of_the_channels()
    {
        const string file = """
            channels:
              erp: { type: webhook, url: "http://127.0.0.1:1/hook", secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz, allow_http: true, allow_networks: [127.0.0.0/8] }
            route: { to: [erp] }
            """;
        await using var cluster = await SiloCluster.StartAsync(server, 2, o => o with { Channels = file });
        await SiloCluster.UntilAsync(() => cluster.Silos.Count(s => s.Desk.Alerts is not null) == 1, "one silo owns the channels");
        // Told of a partition that the owner of the channels does not have.
        var reader = cluster.Silos.Single(s => s.Desk.Alerts is null);
        var partition = SiloCluster.Owned(reader).First(p => p >= 0);
        var feed = $"kafka:credit.orders:{partition}";
        await reader.Engine.SubmitAsync(new FeedStale { Feed = feed, Since = Instant.From(TimeProvider.System.GetUtcNow()), Home = partition });
        await ToldAsync(AlertState.Firing);
        await reader.Engine.SubmitAsync(new FeedCurrent { Feed = feed, Home = partition });
        await ToldAsync(AlertState.Resolved);

        async Task ToldAsync(AlertState state)
        {
            for (var begun = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMinutes(1);)
            {
                var alerts = (await cluster.GetAsync(cluster.Silos[0], $"alerts?limit=100&state={state}")).GetProperty("alerts").ToString();
                if (alerts.Contains("credit.orders", StringComparison.Ordinal)) return;
            }

            Assert.Fail($"The silent feed is not {state}.");
        }
    }

    /// <summary>A receiver of webhooks.</summary>
    private sealed class Receiver(WebApplication app, ConcurrentQueue<string> got) : IAsyncDisposable
    {
        internal string Url => app.Urls.First() + "/hook";

        internal ConcurrentQueue<string> Got => got;

        internal static async Task<Receiver> StartAsync()
        {
            var app = WebApplication.CreateSlimBuilder().Build();
            var got = new ConcurrentQueue<string>();
            app.Urls.Add("http://127.0.0.1:0");
            app.MapPost("/hook", async (HttpContext http) =>
            {
                using var reader = new StreamReader(http.Request.Body);
                got.Enqueue(await reader.ReadToEndAsync(http.RequestAborted));
                return Results.Ok();
            });
            await app.StartAsync();
            return new Receiver(app, got);
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
