using ExposureMonitor.Domain;
using System.Text.Json;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>Keys, scopes and limits of rate.</summary>
public sealed class Keys(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task Key_is_told_once_opens_nothing_before_a_second_person_agrees_and_ends()
    {
        var body = new { subject = "nora", roles = new[] { "Viewer" } };
        var made = await service.PostAsync("Admin", "/keys", body, ("Idempotency-Key", "nora-1"));
        Assert.Equal(202, made.Code);
        var key = made.Text("key");
        Assert.Equal(401, (await service.GetAsync(key, "/portfolio")).Code);
        var proposal = made.Json.GetProperty("proposal").GetProperty("id").GetString();
        Assert.Equal("SELF_APPROVAL", (await service.PostAsync("Admin", $"/proposals/{proposal}/approve")).Problem);
        Assert.Equal("ROLE", (await service.PostAsync("PolicyApprover", $"/proposals/{proposal}/approve")).Problem);
        Assert.Equal("Approved", (await service.PostAsync("Approver", $"/proposals/{proposal}/approve")).Text("state"));
        Assert.Equal(200, (await service.GetAsync(key, "/portfolio")).Code);

        // The same request again makes no second key, and does not tell the text again; another one under this name is a conflict.
        var again = await service.PostAsync("Admin", "/keys", body, ("Idempotency-Key", "nora-1"));
        Assert.Equal(JsonValueKind.Null, again.Json.GetProperty("key").ValueKind);
        Assert.Equal(made.Json.GetProperty("stored").GetProperty("prefix").GetString(), again.Json.GetProperty("stored").GetProperty("prefix").GetString());
        Assert.Equal("KEY_REUSED", (await service.PostAsync("Admin", "/keys", new { subject = "nora", roles = new[] { "Admin" } }, ("Idempotency-Key", "nora-1"))).Problem);

        Assert.DoesNotContain(key, (await service.GetAsync("Auditor", "/keys")).Body, StringComparison.Ordinal);
        Assert.DoesNotContain(key[KeyRing.PrefixLength..], service.Everything(), StringComparison.Ordinal);
        Assert.Contains("key.make", (await service.GetAsync("Auditor", "/audit?kind=key.make")).Body, StringComparison.Ordinal);
        Assert.Equal(401, (await service.GetAsync(key[..^1] + (key[^1] == '0' ? '1' : '0'), "/portfolio")).Code);
        var prefix = made.Json.GetProperty("stored").GetProperty("prefix").GetString();
        Assert.Equal(204, (await service.SendAsync("Admin", "DELETE", "/keys/" + prefix, null, null)).Code);
        Assert.Equal(401, (await service.GetAsync(key, "/portfolio")).Code);
        Assert.Equal(404, (await service.SendAsync("Admin", "DELETE", "/keys/" + prefix, null, null)).Code);
    }

    [Fact]
    public async Task Key_that_was_turned_down_never_opens_anything()
    {
        var made = await service.PostAsync("Admin", "/keys", new { subject = "olaf", roles = new[] { "Approver" }, authority = "-1" });
        Assert.Equal("Rejected", (await service.PostAsync("Approver", $"/proposals/{made.Json.GetProperty("proposal").GetProperty("id").GetString()}/reject")).Text("state"));
        Assert.Equal(401, (await service.GetAsync(made.Text("key"), "/portfolio")).Code);
        Assert.Contains(service.Ring.List(), k => k.Subject == "olaf" && k.State == KeyState.Ended);
    }

    [Fact]
    public async Task Expired_key_is_no_key()
    {
        var made = await service.Ring.CreateAtConsoleAsync(new KeyWish("temp", Roles.Viewer, ExpiresAt: Instant.From(DateTimeOffset.UtcNow.AddMinutes(-1))), "test");
        Assert.Equal(401, (await service.GetAsync(made.Key, "/portfolio")).Code);
    }

    [Fact]
    public async Task Rotation_has_two_live_keys_and_no_third()
    {
        service.Key("pia", Roles.Viewer, 0);
        service.Key("pia", Roles.Viewer, 0);
        Assert.Equal("BAD_KEY", (await service.PostAsync("Admin", "/keys", new { subject = "pia", roles = new[] { "Viewer" } })).Problem);
    }

    [Fact]
    public async Task Keys_and_proposals_outlive_the_process()
    {
        var own = new Service();
        await own.InitializeAsync();
        try
        {
            var customer = await own.CustomerAsync();
            var body = new { temporaryId = "T1", amount = 5_000_00, currency = "EUR", from = DateTimeOffset.UtcNow.AddDays(-1), to = DateTimeOffset.UtcNow.AddDays(3) };
            var asked = await own.PostAsync("Analyst", $"/customers/{customer}/temporary-limits", body);
            await own.RestartAsync();
            Assert.Equal("Open", (await own.GetAsync("Viewer", "/proposals/" + asked.Text("id"))).Text("state"));
            Assert.Equal("Approved", (await own.PostAsync("Approver", $"/proposals/{asked.Text("id")}/approve")).Text("state"));
            await own.RestartAsync();
            // Approved, and the process stops before the effect: the next start takes it, once.
            var late = await own.PostAsync("Analyst", $"/customers/{customer}/temporary-limits", new { temporaryId = "T2", amount = 6_000_00, currency = "EUR", from = DateTimeOffset.UtcNow.AddHours(-1), to = DateTimeOffset.UtcNow.AddDays(3) });
            var approval = await own.Engine.SubmitAsync(new DecideProposal { ProposalId = late.Text("id"), Approve = true, Actor = "Approver", Needed = 6_000_00 });
            Assert.Equal(OutcomeKind.Applied, approval.Outcome.Kind);
            Assert.DoesNotContain("\"T2\"", (await own.GetAsync("Viewer", $"/customers/{customer}/limit")).Body, StringComparison.Ordinal);
            await own.RestartAsync();
            await own.RestartAsync();
            Assert.Single((await own.GetAsync("Viewer", $"/customers/{customer}/limit")).Json.GetProperty("temporary").EnumerateArray(), t => t.GetProperty("temporaryId").GetString() == "T2");
            Assert.NotEmpty((await own.GetAsync("Viewer", "/proposals/" + late.Text("id"))).Text("entry"));
            Assert.Equal("600000", (await own.GetAsync("Viewer", $"/customers/{customer}/limit")).Text("effective"));
            Assert.Equal("Approved", (await own.GetAsync("Viewer", "/proposals/" + asked.Text("id"))).Text("state"));
        }
        finally
        {
            await own.DisposeAsync();
        }
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
