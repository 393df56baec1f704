using System.Text.Json;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>Keys, scopes and limits of rate.</summary>
public sealed class Keys(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task Key_is_told_once_works_and_ends()
    {
        var made = await service.PostAsync("Admin", "/keys", new { subject = "nora", roles = new[] { "Viewer" } });
        Assert.Equal(201, made.Code);
        var key = made.Text("key");
        Assert.Equal(200, (await service.GetAsync(key, "/portfolio")).Code);
        Assert.DoesNotContain(key, (await service.GetAsync("Auditor", "/keys")).Body, StringComparison.Ordinal);
        Assert.DoesNotContain(key, await File.ReadAllTextAsync(Path.Combine(service.Folder, "keys.json")), StringComparison.Ordinal);
        Assert.Equal(401, (await service.GetAsync(key[..^1] + (key[^1] == '0' ? '1' : '0'), "/portfolio")).Code);
        var prefix = made.Json.GetProperty("stored").GetProperty("prefix").GetString();
        Assert.Equal(204, (await service.SendAsync("Admin", "DELETE", "/keys/" + prefix, null, null)).Code);
        Assert.Equal(401, (await service.GetAsync(key, "/portfolio")).Code);
        Assert.Equal(404, (await service.SendAsync("Admin", "DELETE", "/keys/" + prefix, null, null)).Code);
    }

    [Fact]
    public async Task Expired_key_is_no_key()
    {
        var made = await service.PostAsync("Admin", "/keys", new { subject = "temp", roles = new[] { "Viewer" }, expiresAt = DateTimeOffset.UtcNow.AddMinutes(-1) });
        Assert.Equal(401, (await service.GetAsync(made.Text("key"), "/portfolio")).Code);
    }

    [Fact]
    public async Task File_of_the_keys_is_for_its_owner_only()
    {
        if (OperatingSystem.IsWindows()) return;
        await service.PostAsync("Admin", "/keys", new { subject = "mode", roles = new[] { "Viewer" } });
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(service.Folder, "keys.json")));
    }

    [Theory]
    [InlineData("{\"subject\":\"a b\",\"roles\":[\"Viewer\"]}", 422)]
    [InlineData("{\"subject\":\"x\",\"roles\":[]}", 400)]
    [InlineData("{\"subject\":\"x\",\"roles\":[\"God\"]}", 400)]
    [InlineData("{\"subject\":\"x\",\"roles\":[\"Desk\"]}", 400)]
    [InlineData("{\"subject\":\"x\",\"roles\":[\"Service\",\"Approver\"]}", 422)]
    [InlineData("{\"subject\":\"x\",\"roles\":[\"PolicyOwner\",\"PolicyApprover\"]}", 422)]
    [InlineData("{\"subject\":\"x\",\"roles\":[\"Viewer\"],\"authority\":\"5\"}", 422)]
    [InlineData("{\"subject\":\"x\",\"roles\":[\"Approver\"],\"authority\":\"much\"}", 400)]
    [InlineData("{\"subject\":\"x\",\"roles\":[\"Viewer\"],\"wish\":1}", 400)]
    [InlineData("{\"subject\":\"x\"}", 400)]
    [InlineData("{\"roles\":null,\"subject\":\"x\"}", 400)]
    [InlineData("[]", 400)]
    public async Task Wrong_key_is_refused(string body, int status)
    {
        var before = service.Ring.List().Count;
        var reply = await service.PostAsync("Admin", "/keys", body);
        Assert.NotEmpty(reply.Problem);
        Assert.Equal(status, reply.Code);
        Assert.Equal(before, service.Ring.List().Count);
    }

    [Fact]
    public async Task Scoped_key_sees_its_segments_everywhere_and_nothing_else()
    {
        var (mine, other) = (await service.CustomerAsync(segment: "MINE"), await service.CustomerAsync(segment: "OTHER"));
        foreach (var customer in new[] { mine, other }) await service.OrderAsync(customer, 9_000_00);
        service.Key("scoped", Roles.Viewer, 0, "MINE");
        foreach (var path in new[] { "/portfolio", "/orders", "/holds", "/decisions", "/hold-records", "/limit-changes", "/portfolio/aggregates?by=segment", "/portfolio?search=" + other })
        {
            var body = (await service.GetAsync("scoped", path)).Body;
            Assert.DoesNotContain(other, body, StringComparison.Ordinal);
            Assert.DoesNotContain("OTHER", body, StringComparison.Ordinal);
            if (path is "/portfolio" or "/orders" or "/holds" or "/decisions") Assert.Contains(mine, body, StringComparison.Ordinal);
        }

        foreach (var path in new[] { "", "/documents", "/limit", "/history", "/orders", "/as-of?seq=999" })
        {
            Assert.Equal(200, (await service.GetAsync("scoped", $"/customers/{mine}{path}")).Code);
            Assert.Equal("UNKNOWN_CUSTOMER", (await service.GetAsync("scoped", $"/customers/{other}{path}")).Problem);
        }

        Assert.Equal("BAD_SUBS", (await service.GetAsync("scoped", "/live?subs=customer:" + other)).Problem);
        service.Key("scopedService", Roles.Service, 0, "MINE");
        var order = new { orderId = "X1", amount = 1, currency = "EUR", orderedOn = Service.Today, shipOn = Service.Today };
        var batch = new[] { service.Event("order.placed", mine, order), service.Event("order.placed", other, order) };
        Assert.Equal("SCOPE", (await service.PostAsync("scopedService", "/events", JsonSerializer.Serialize(batch))).Problem);
        Assert.Equal(404, (await service.GetAsync("Viewer", $"/customers/{mine}/orders/X1")).Code);
        Assert.Equal(200, (await service.PostAsync("scopedService", "/events", batch[0])).Code);
    }

    [Fact]
    public async Task Too_many_requests_are_told_when_to_come_again()
    {
        var slow = new Service { Rate = 1 };
        await slow.InitializeAsync();
        try
        {
            var answers = new List<Reply>();
            for (var i = 0; i < 10; i++) answers.Add(await slow.GetAsync("Viewer", "/portfolio"));
            var refused = answers.First(a => a.Code == 429);
            Assert.Equal("TOO_MANY", refused.Problem);
            Assert.Contains("Retry-After: 1", refused.Headers, StringComparison.Ordinal);
            Assert.Equal(200, (await slow.SendAsync(null, "GET", "/health/ready", null, null)).Code);
            // Another credential has a bucket of its own.
            Assert.Equal(200, (await slow.GetAsync("Analyst", "/portfolio")).Code);
        }
        finally
        {
            await slow.DisposeAsync();
        }
    }

    [Fact]
    public async Task Without_the_engine_money_fails_closed()
    {
        var lost = new Service();
        await lost.InitializeAsync();
        try
        {
            var customer = await lost.CustomerAsync();
            await lost.Engine.StopAsync();
            var check = await lost.PostAsync("Service", $"/customers/{customer}/credit-checks", new { amount = 1, currency = "EUR" });
            Assert.Equal((503, "UNAVAILABLE"), (check.Code, check.Problem));
            Assert.Contains("Retry-After", check.Headers, StringComparison.Ordinal);
            Assert.Equal("NOT_READY", (await lost.SendAsync(null, "GET", "/health/ready", null, null)).Problem);
            Assert.Equal(200, (await lost.SendAsync(null, "GET", "/health/live", null, null)).Code);
        }
        finally
        {
            await lost.DisposeAsync();
        }
    }
}
