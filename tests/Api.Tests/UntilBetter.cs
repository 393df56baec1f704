using System.Text.Json;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>An early warning that rests until the customer's utilisation is some points better, where alerts go out and where none do; and alerts with their delivery log as files.</summary>
public sealed class UntilBetter
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Warning_rests_until_five_points_better_and_comes_back_by_itself(bool tells)
    {
        var service = new Service { TellsPeople = tells };
        await service.InitializeAsync();
        try
        {
            var (customer, id) = await UsedAsync(service, 104_000);
            var path = $"/warnings/{Uri.EscapeDataString(id)}/snooze";
            if (tells)
                while ((await service.GetAsync("Viewer", "/alerts?id=" + Uri.EscapeDataString(id))).Json.GetProperty("alerts").GetArrayLength() == 0) await Task.Yield();
            foreach (var (wrong, code) in new (object, string)[] { (new { }, "BAD_UNTIL"), (new { betterBy = 0 }, "BAD_POINTS"), (new { betterBy = 101 }, "BAD_POINTS"), (new { betterBy = 5, until = "2020-01-01T00:00:00Z" }, "BAD_UNTIL") })
                Assert.Equal(code, (await service.PostAsync("Analyst", path, wrong)).Problem);
            var rests = (await service.PostAsync("Analyst", path, new { betterBy = 5, note = "a payment is promised" })).Json;
            Assert.Equal(9_900, rests.GetProperty("snoozedBelowBp").GetInt32());
            Assert.Equal(9_900, (await MarkAsync(service, id)).GetProperty("snoozedBelowBp").GetInt32());
            if (tells) Assert.Equal(9_900, (await service.GetAsync("Viewer", "/silences")).Json.GetProperty("silences")[0].GetProperty("betterAtBp").GetInt32());
            // One point is not enough.
            await PaidAsync(service, customer, 1_000);
            Assert.NotEqual(JsonValueKind.Null, (await MarkAsync(service, id)).GetProperty("snoozedUntil").ValueKind);
            await PaidAsync(service, customer, 4_000);
            while ((await MarkAsync(service, id)) is { ValueKind: JsonValueKind.Object } mark && mark.GetProperty("snoozedUntil").ValueKind != JsonValueKind.Null) await Task.Yield();
            if (tells)
                while (!(await service.GetAsync("Viewer", "/deliveries?alert=" + Uri.EscapeDataString(id))).Body.Contains("better-9900-", StringComparison.Ordinal)) await Task.Yield();
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_is_not_measured_in_points_of_utilisation_cannot_wait_for_them()
    {
        var service = new Service { TellsPeople = true };
        await service.InitializeAsync();
        try
        {
            var customer = await service.CustomerAsync(limit: 100_000);
            await service.OrderAsync(customer, 900_000);
            string? hold = null;
            while (hold is null) hold = (await service.GetAsync("Viewer", "/alerts?rule=HOLD")).Json.GetProperty("alerts").EnumerateArray().Select(a => a.GetProperty("id").GetString()).FirstOrDefault();
            Assert.Equal("NO_UTILISATION", (await service.PostAsync("Analyst", "/alert-acts", new { alert = hold, act = "snooze", betterBy = 5 })).Problem);
            Assert.Equal(200, (await service.PostAsync("Analyst", "/alert-acts", new { alert = hold, act = "snooze", until = DateTimeOffset.UtcNow.AddHours(1) })).Code);
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public async Task Alerts_and_the_delivery_log_leave_under_the_filters_of_their_lists()
    {
        var service = new Service { TellsPeople = true };
        await service.InitializeAsync();
        try
        {
            var (segment, who) = (service.New("SEG"), service.New("reader-"));
            service.Key(who, Domain.Roles.Analyst, 0, segment);
            var customer = service.New("CUST-");
            await service.TellAsync("customer.opened", customer, new { currency = "EUR", name = "=cmd|' /C calc'!A0", segment, country = "DE", controller = "kim" });
            await service.TellAsync("limit.set", customer, new { version = 1, currency = "EUR", steps = new[] { new { from = "2020-01-01", kind = "Amount", amount = 100_000 } } });
            await service.OrderAsync(customer, 900_000);
            await UsedAsync(service, 104_000);
            while ((await service.GetAsync("Viewer", "/deliveries?state=Delivered")).Json.GetProperty("deliveries").GetArrayLength() < 2) await Task.Yield();

            var alerts = await FileAsync(service, who, "/alerts/export?lang=codes&rule=HOLD");
            Assert.Equal("raisedAt,severity,rule,title,about,customer,name,currency,exposure,limit,clears,state,changedAt,handling,handledBy,handledAt,tag,id,entry", alerts[0]);
            Assert.Contains($",{customer},'=cmd|' /C calc'!A0,EUR,", Assert.Single(alerts.Skip(1)), StringComparison.Ordinal);
            Assert.Contains(",1000.00,", alerts[1], StringComparison.Ordinal);
            // Notices are what is no early warning, and nobody sees those of another segment.
            Assert.Equal(["HOLD"], (await FileAsync(service, who, "/alerts/export?lang=codes&notices=true")).Skip(1).Select(l => l.Split(',')[2]));
            Assert.All((await service.GetAsync("Viewer", "/alerts?notices=true")).Json.GetProperty("alerts").EnumerateArray(), a => Assert.DoesNotContain("EW-", a.GetProperty("rule").GetString()!, StringComparison.Ordinal));
            Assert.Contains(",触发中,", (await FileAsync(service, who, "/alerts/export?lang=zh&rule=HOLD"))[1], StringComparison.Ordinal);
            foreach (var (query, code) in new[] { ("state=x", "BAD_STATE"), ("notices=no", "BAD_NOTICES"), ("handling=x", "BAD_HANDLING"), ("severity=x", "BAD_SEVERITY"), ("lang=fr", "BAD_LANGUAGE") })
                Assert.Equal(code, (await service.GetAsync(who, "/alerts/export?" + query)).Problem);

            var log = await FileAsync(service, "Viewer", "/deliveries/export?lang=codes&state=Delivered&channel=desk");
            Assert.Equal("createdAt,channel,severity,rule,customer,transition,state,attempts,firstSentAt,changedAt,answer,mutedBy,route,messageId,alert,number", log[0]);
            Assert.All(log.Skip(1), l => Assert.Contains(",Delivered,1,", l, StringComparison.Ordinal));
            Assert.All((await FileAsync(service, who, "/deliveries/export?lang=codes")).Skip(1), l => Assert.Equal(customer, l.Split(',')[4]));
            Assert.Single(await FileAsync(service, "Viewer", "/deliveries/export?channel=nobody"));
            Assert.Equal("BAD_STATE", (await service.GetAsync("Viewer", "/deliveries/export?state=x")).Problem);
            var notes = (await service.GetAsync("Auditor", "/audit?limit=500&subject=" + who)).Json.GetProperty("rows").EnumerateArray().Where(r => r.GetProperty("type").GetString() == "export.note").Select(r => r.GetProperty("what").GetString()).Distinct();
            Assert.Equal(["alerts", "deliveries"], notes.Order(StringComparer.Ordinal));
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    private static async Task<JsonElement> MarkAsync(Service service, string id) =>
        (await service.GetAsync("Viewer", "/warnings")).Json.GetProperty("warnings").EnumerateArray().Single(w => w.GetProperty("id").GetString() == id).TryGetProperty("mark", out var mark) ? mark : default;

    /// <summary>A customer with a limit of 1,000.00 who uses so many minor units of it, and the warning of it.</summary>
    private static async Task<(string Customer, string Warning)> UsedAsync(Service service, long amount)
    {
        var customer = await service.CustomerAsync(limit: 100_000);
        await service.TellAsync("invoice.posted", customer, new { invoiceId = service.New("I"), amount, currency = "EUR", issuedOn = Service.Today, dueOn = Service.Today });
        return (customer, (await service.GetAsync("Viewer", "/signals?customer=" + customer)).Json.GetProperty("rows").EnumerateArray().First(s => s.GetProperty("indicator").GetString() == "EW-01").GetProperty("signalId").GetString()!);
    }

    private static Task PaidAsync(Service service, string customer, long amount) => service.TellAsync("payment.received", customer, new { paymentId = service.New("P"), amount, currency = "EUR", valueOn = Service.Today, cleared = true });

    private static async Task<string[]> FileAsync(Service service, string who, string path)
    {
        var file = await service.GetAsync(who, path);
        Assert.True(file is { Code: 200, Media: "text/csv" }, $"{path}: {file.Code} {file.Body}");
        return file.Body.TrimStart('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }
}
