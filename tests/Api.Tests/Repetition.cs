using System.Text.Json;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>Idempotency keys, entity tags, pages: what makes it safe to ask again.</summary>
public sealed class Repetition(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task Same_key_gets_the_same_answer_and_reserves_once()
    {
        var customer = await service.CustomerAsync();
        var path = $"/customers/{customer}/credit-checks";
        var first = await service.PostAsync("Service", path, new { orderId = "A", amount = 100, currency = "EUR" }, ("Idempotency-Key", "k1"));
        var again = await service.PostAsync("Service", path, new { orderId = "A", amount = 100, currency = "EUR" }, ("Idempotency-Key", "k1"));
        Assert.Equal(first.Body, again.Body);
        Assert.Equal("100", (await service.GetAsync("Viewer", "/customers/" + customer)).Json.GetProperty("components").GetProperty("reserved").GetString());
        Assert.Equal("KEY_REUSED", (await service.PostAsync("Service", path, new { orderId = "A", amount = 101, currency = "EUR" }, ("Idempotency-Key", "k1"))).Problem);
        Assert.Equal("KEY_MISSING", (await service.PostAsync("Service", path, new { amount = 1, currency = "EUR" }, ("Idempotency-Key", ""))).Problem);
    }

    [Fact]
    public async Task Racing_repetitions_share_one_answer()
    {
        var customer = await service.CustomerAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ =>
            service.PostAsync("Service", $"/customers/{customer}/credit-checks", new { amount = 100, currency = "EUR" }, ("Idempotency-Key", "race"))));
        Assert.Single(answers.Select(a => a.Text("reservationId")).Distinct());
    }

    [Fact]
    public async Task Keys_outlive_the_process()
    {
        var customer = await service.CustomerAsync();
        var order = await service.OrderAsync(customer, 2_000_00);
        var (check, ask) = ($"/customers/{customer}/credit-checks", $"/customers/{customer}/holds/{order}/request-release");
        var first = await service.PostAsync("Service", check, new { amount = 100, currency = "EUR" }, ("Idempotency-Key", "old"));
        Assert.Equal(200, (await service.PostAsync("Analyst", ask, new { reason = "x" }, ("Idempotency-Key", "old"))).Code);
        var draft = await service.PostAsync("Analyst", $"/customers/{customer}/seasonal-limits", new { seasonId = "S", fromMonthDay = 101, toMonthDay = 131, upliftBp = 1 }, ("Idempotency-Key", "draft"));
        await service.RestartAsync();
        var again = await service.PostAsync("Service", check, new { amount = 100, currency = "EUR" }, ("Idempotency-Key", "old"));
        Assert.Equal(first.Text("reservationId"), again.Text("reservationId"));
        Assert.Equal("KEY_REUSED", (await service.PostAsync("Service", check, new { amount = 99, currency = "EUR" }, ("Idempotency-Key", "old"))).Problem);
        Assert.Equal(200, (await service.PostAsync("Analyst", ask, new { reason = "x" }, ("Idempotency-Key", "old"))).Code);
        Assert.Equal("KEY_REUSED", (await service.PostAsync("Analyst", ask, new { reason = "y" }, ("Idempotency-Key", "old"))).Problem);
        var kept = await service.PostAsync("Analyst", $"/customers/{customer}/seasonal-limits", new { seasonId = "S", fromMonthDay = 101, toMonthDay = 131, upliftBp = 1 }, ("Idempotency-Key", "draft"));
        Assert.Equal(draft.Text("id"), kept.Text("id"));
    }

    [Fact]
    public async Task Entity_tags_spare_reading_and_guard_writing()
    {
        var customer = await service.CustomerAsync();
        var row = await service.GetAsync("Viewer", "/customers/" + customer);
        Assert.Equal(304, (await service.GetAsync("Viewer", "/customers/" + customer, ("If-None-Match", row.ETag!))).Code);
        await service.OrderAsync(customer, 5);
        var fresh = await service.GetAsync("Viewer", "/customers/" + customer, ("If-None-Match", row.ETag!));
        Assert.Equal(200, fresh.Code);
        Assert.NotEqual(row.ETag, fresh.ETag);

        var limit = await service.GetAsync("Viewer", $"/customers/{customer}/limit");
        Assert.Equal(304, (await service.GetAsync("Viewer", $"/customers/{customer}/limit", ("If-None-Match", limit.ETag!))).Code);
        var ask = new { kind = "Amount", amount = 5, reason = "cut" };
        Assert.Equal(412, (await service.PostAsync("Analyst", $"/customers/{customer}/limit-requests", ask, ("If-Match", "\"limit-9\""))).Code);
        var blind = await service.PostAsync("Analyst", $"/customers/{customer}/limit-requests", ask);
        Assert.Equal((409, "VERSION_CONFLICT"), (blind.Code, blind.Problem));
        Assert.Contains("If-Match or $.version", blind.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(412, (await service.PostAsync("Analyst", $"/customers/{customer}/limit-requests", ask, ("If-Match", "\"gross-1\""))).Code);
        var first = await service.PostAsync("Analyst", $"/customers/{customer}/limit-requests", ask, ("If-Match", limit.ETag!), ("Idempotency-Key", "cut-once"));
        Assert.Equal(200, first.Code);

        // A cut takes effect at once. The limit has another version when the caller who heard nothing asks again: it is the same request, not a late one.
        Assert.NotEqual(limit.ETag, (await service.GetAsync("Viewer", $"/customers/{customer}/limit")).ETag);
        Assert.Equal(first.Body, (await service.PostAsync("Analyst", $"/customers/{customer}/limit-requests", ask, ("If-Match", limit.ETag!), ("Idempotency-Key", "cut-once"))).Body);
        Assert.Equal(412, (await service.PostAsync("Analyst", $"/customers/{customer}/limit-requests", ask, ("If-Match", limit.ETag!))).Code);
        Assert.Equal(200, (await service.PostAsync("Analyst", $"/customers/{customer}/limit-requests", new { kind = "Amount", amount = 4, reason = "cut" }, ("If-Match", "*"))).Code);
    }

    [Fact]
    public async Task Pages_lose_and_double_nobody_while_events_arrive()
    {
        var mine = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 60; i++) mine.Add(await service.CustomerAsync(segment: "PAGES"));
        foreach (var customer in mine) await service.OrderAsync(customer, 100);
        foreach (var (path, list, id) in new[] { ("/portfolio?segment=PAGES&", "customers", "customer"), ("/portfolio?segment=PAGES&sort=customer&", "customers", "customer"), ("/orders?", "orders", "customer") })
        {
            var seen = new List<string>();
            string? cursor = null;
            do
            {
                var page = await service.GetAsync("Viewer", path + "limit=7" + (cursor is null ? "" : "&cursor=" + cursor));
                seen.AddRange(page.Json.GetProperty(list).EnumerateArray().Select(c => c.GetProperty(id).GetString()!).Where(mine.Contains));
                // Meanwhile somebody jumps to the top, and a new one arrives.
                await service.OrderAsync(mine.ElementAt(seen.Count * 7 % mine.Count), 10_000 + seen.Count);
                await service.CustomerAsync(segment: "PAGES");
                cursor = page.Json.TryGetProperty("cursor", out var told) ? told.GetString() : null;
            }
            while (cursor is not null);

            if (list == "customers") Assert.Equal(seen.Count, seen.Distinct().Count());
            Assert.Equal(mine.Order(StringComparer.Ordinal), seen.Distinct().Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task History_pages_hold_every_entry_once_also_inside_a_frame()
    {
        var customer = service.New("CUST-");
        var batch = Enumerable.Range(0, 25).Select(i => service.Event("invoice.posted", customer, new { invoiceId = "I" + i, amount = 1, currency = "EUR", issuedOn = Service.Today, dueOn = Service.Today }));
        Assert.Equal(200, (await service.PostAsync("Service", "/events", JsonSerializer.Serialize(batch))).Code);
        var entries = new List<string>();
        string? cursor = null;
        do
        {
            var page = await service.GetAsync("Viewer", $"/customers/{customer}/history?limit=4" + (cursor is null ? "" : "&cursor=" + cursor));
            entries.AddRange(page.Json.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("entry").GetString()!));
            cursor = page.Json.GetProperty("cursor").GetString();
        }
        while (cursor is not null);

        Assert.Equal(25, entries.Count);
        Assert.Equal(25, entries.Distinct().Count());
        var one = await service.GetAsync("Viewer", $"/customers/{customer}/history/{entries[0]}");
        Assert.Equal("I24", one.Json.GetProperty("event").GetProperty("data").GetProperty("invoiceId").GetString());
    }

    [Fact]
    public async Task Records_are_paged_by_place()
    {
        var customer = await service.CustomerAsync();
        for (var i = 0; i < 9; i++) await service.PostAsync("Service", $"/customers/{customer}/credit-checks", new { amount = 1 + i, currency = "EUR" });
        var ids = new List<string>();
        string? cursor = null;
        do
        {
            var page = await service.GetAsync("Viewer", $"/decisions?customer={customer}&limit=4" + (cursor is null ? "" : "&cursor=" + cursor));
            ids.AddRange(page.Json.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("id").GetString()!));
            cursor = page.Json.TryGetProperty("cursor", out var told) ? told.GetString() : null;
        }
        while (cursor is not null);

        Assert.Equal(9, ids.Distinct().Count());
        Assert.Equal(9, ids.Count);
    }

    [Fact]
    public async Task Board_filters_sorts_and_sums()
    {
        var (rich, poor) = (await service.CustomerAsync(1_000_00, "FILTER"), await service.CustomerAsync(100, "FILTER"));
        await service.OrderAsync(rich, 300);
        await service.OrderAsync(poor, 90);
        Assert.Equal([rich, poor], await ListAsync("segment=FILTER"));
        Assert.Equal([poor, rich], await ListAsync("segment=FILTER&sort=utilisation"));
        Assert.Equal([poor], await ListAsync("segment=FILTER&minUtilisation=8000"));
        Assert.Equal([rich], await ListAsync("segment=FILTER&limit=1"));
        Assert.Equal([poor], await ListAsync("search=" + poor));
        var sums = await service.GetAsync("Viewer", "/portfolio/aggregates?by=segment&segment=FILTER");
        Assert.Equal("390", sums.Json.GetProperty("groups")[0].GetProperty("gross").GetString());

        async Task<string[]> ListAsync(string query) =>
            [.. (await service.GetAsync("Viewer", "/portfolio?" + query)).Json.GetProperty("customers").EnumerateArray().Select(c => c.GetProperty("customer").GetString()!)];
    }
}
