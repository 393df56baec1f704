using System.Text.Json;
using ExposureMonitor.Engine;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>What health and metrics say of what runs beside the engine.</summary>
public sealed class Healths(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task The_worst_state_stands_on_top_with_every_reason_below_and_makes_nothing_unready()
    {
        var told = new Told();
        service.Add(told);
        Assert.Equal("running", (await HealthAsync()).GetProperty("health").GetString());

        told.Health = ServiceHealth.Waiting;
        Assert.Equal("waiting", (await HealthAsync()).GetProperty("health").GetString());

        told.Health = ServiceHealth.Failed;
        var health = await HealthAsync();
        Assert.Equal("failed", health.GetProperty("health").GetString());
        Assert.Equal("running", health.GetProperty("engine").GetProperty("health").GetString());
        var part = Assert.Single(Assert.Single(health.GetProperty("services").EnumerateArray()).GetProperty("parts").EnumerateArray());
        Assert.Equal(("credit.orders", "failed", "it was deleted", 7), (part.GetProperty("name").GetString(), part.GetProperty("health").GetString(), part.GetProperty("reason").GetString(), part.GetProperty("behind").GetInt32()));
        Assert.Equal("ready", (await service.SendAsync(null, "GET", "/health/ready", null, null)).Body);

        var metrics = (await service.SendAsync(null, "GET", "/metrics", null, null)).Body;
        Assert.Contains("# TYPE exposure_feed_behind_records gauge\nexposure_feed_behind_records{service=\"feed\",target=\"credit.orders\"} 7\n", metrics, StringComparison.Ordinal);
        Assert.Contains("exposure_service_health{service=\"feed\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("# TYPE exposure_outbox_failures_total counter\nexposure_outbox_failures_total{service=\"feed\"} 3\n", metrics, StringComparison.Ordinal);
    }

    private async Task<JsonElement> HealthAsync()
    {
        var reply = await service.SendAsync(null, "GET", "/health", null, null);
        Assert.Equal(200, reply.Code);
        return JsonDocument.Parse(reply.Body).RootElement;
    }

    private sealed class Told : IServiceState
    {
        internal ServiceHealth Health { get; set; }

        public ServiceState Look() => new("feed", Health, Health == ServiceHealth.Running ? "" : "credit.orders: it was deleted",
            [new ServiceItem("credit.orders", Health, Health == ServiceHealth.Running ? "" : "it was deleted", [new ServiceNumber("behind", 7, "exposure_feed_behind_records")])],
            [new ServiceNumber("failures", 3, "exposure_outbox_failures_total")]);
    }

    /// <summary>A source that repeats itself, contradicts itself or sends what nobody can read is seen by its counts.</summary>
    [Fact]
    public async Task A_source_says_what_became_of_its_events()
    {
        var customer = await service.CustomerAsync();
        var before = await HttpAsync();
        var invoice = service.Event("invoice.posted", customer, new { invoiceId = service.New("I"), amount = 5_00, currency = "EUR", issuedOn = "2026-01-01", dueOn = "2026-02-01" });
        for (var i = 0; i < 3; i++) await service.PostAsync("Service", "/events", invoice);
        await service.PostAsync("Service", "/events", service.Event("invoice.posted", customer, new { invoiceId = "I9", amount = "x" }));
        var after = await HttpAsync();
        Assert.Equal((1, 2, 1), (after.Applied - before.Applied, after.Duplicates - before.Duplicates, after.Undecodable - before.Undecodable));
        Assert.True(after.LastMinute >= 4, $"{after.LastMinute} within the last minute");

        async Task<(long Applied, long Duplicates, long Undecodable, long LastMinute)> HttpAsync()
        {
            var http = (await service.GetAsync("Viewer", "/sources")).Json.GetProperty("sources").EnumerateArray().Single(s => s.GetProperty("source").GetString() == "http");
            return (Of("applied"), Of("duplicates"), Of("undecodable"), Of("lastMinute"));

            long Of(string name) => http.GetProperty(name).GetInt64();
        }
    }
}
