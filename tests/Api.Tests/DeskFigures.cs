using System.Text.Json;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>What the desk looks at beside the rows: what ends, who moved, on whom it rests, whether the record is whole, and dead letters that are left for good.</summary>
public sealed class DeskFigures(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task What_ends_soon_is_counted_by_kind_and_hidden_from_who_does_not_see_the_customer()
    {
        var (east, west) = (service.New("E"), service.New("W"));
        foreach (var (customer, segment) in new[] { (east, "EAST"), (west, "WEST") })
        {
            await service.TellAsync("customer.opened", customer, new { currency = "EUR", name = "Name of " + customer, segment });
            await service.TellAsync("limit.set", customer, new { version = 1, currency = "EUR", steps = new[] { new { from = "2020-01-01", to = Day(customer == east ? 9 : 40), kind = "Amount", amount = 5_000 } } });
        }

        await service.TellAsync("promise.made", east, new { promiseId = "P1", amount = 700, currency = "EUR", promisedOn = Day(2) });
        service.Key("east", Roles.Viewer, 0, "EAST");
        service.Key("west", Roles.Viewer, 0, "WEST");
        var told = (await service.GetAsync("east", "/endings?days=30")).Json;
        Assert.True(told.GetProperty("isWhole").GetBoolean());
        Assert.Equal([("Promise", "P1", 2, "700"), ("Limit", "", 9, "5000")], told.GetProperty("rows").EnumerateArray()
            .Select(r => (r.GetProperty("kind").GetString()!, r.GetProperty("id").GetString()!, r.GetProperty("daysLeft").GetInt32(), r.GetProperty("amount").GetString()!)));
        Assert.Equal(1, told.GetProperty("counts").EnumerateArray().Single(c => c.GetProperty("kind").GetString() == "Promise").GetProperty("count").GetInt32());
        Assert.Equal(0, (await service.GetAsync("west", "/endings?days=30")).Json.GetProperty("rows").GetArrayLength());
        Assert.Equal(west, Assert.Single((await service.GetAsync("west", "/endings?days=90&kind=Limit")).Json.GetProperty("rows").EnumerateArray()).GetProperty("customer").GetString());
        Assert.Equal(400, (await service.GetAsync("west", "/endings?days=91")).Code);
        Assert.Equal(400, (await service.GetAsync("west", "/endings?kind=7")).Code);
    }

    [Fact]
    public async Task Limits_without_a_review_or_above_the_insured_limit_are_counted_and_shown_to_who_sees_the_customer()
    {
        var segment = service.New("GAP");
        var (small, large, fresh, foreign) = (service.New("A"), service.New("B"), service.New("C"), service.New("D"));
        foreach (var customer in new[] { small, large, fresh, foreign })
        {
            await service.TellAsync("customer.opened", customer, new { currency = "EUR", name = "Name of " + customer, segment = customer == foreign ? segment + "-2" : segment, customerSince = "2019-05-01" });
            await service.TellAsync("limit.set", customer, new { version = 1, currency = "EUR", steps = new[] { new { from = "2020-01-01", kind = "Amount", amount = 5_000 } } });
        }

        await InvoiceAsync(small, 100);
        await InvoiceAsync(large, 300);
        await service.TellAsync("review.completed", small, new { reviewedOn = Day(-400), by = "ann", outcome = "as it was" });
        await service.TellAsync("review.completed", fresh, new { reviewedOn = Day(-30), by = "ann", outcome = "as it was" });
        await service.TellAsync("cover.granted", fresh, new { coverId = "V1", version = 1, kind = "Insurance", provider = "Insurer", amount = 4_000, currency = "EUR", insuredBp = 9_000, from = Day(-10), use = "ReducesRisk" });
        service.Key(segment, Roles.Viewer, 0, segment);
        service.Key(segment + "-2", Roles.Viewer, 0, segment + "-2");
        var told = (await service.GetAsync(segment, "/limit-gaps?kind=Unreviewed")).Json;
        Assert.Equal((2, true, Day(0)), (told.GetProperty("total").GetInt32(), told.GetProperty("isWhole").GetBoolean(), told.GetProperty("today").GetString()));
        Assert.Equal([(large, "Name of " + large, "300", null), (small, "Name of " + small, "100", Day(-400))], told.GetProperty("rows").EnumerateArray()
            .Select(r => (r.GetProperty("customer").GetString()!, r.GetProperty("name").GetString()!, r.GetProperty("gross").GetString()!, r.GetProperty("reviewedOn").GetString())));
        Assert.Equal(large, Assert.Single((await service.GetAsync(segment, "/limit-gaps?kind=Unreviewed&limit=1")).Json.GetProperty("rows").EnumerateArray()).GetProperty("customer").GetString());
        var under = Assert.Single((await service.GetAsync(segment, "/limit-gaps?kind=Underinsured")).Json.GetProperty("rows").EnumerateArray());
        Assert.Equal((fresh, "Amount", "5000", "4000", "EUR"), (under.GetProperty("customer").GetString(), under.GetProperty("limitKind").GetString(), under.GetProperty("limit").GetString(), under.GetProperty("insured").GetString(), under.GetProperty("currency").GetString()));
        Assert.Equal(foreign, Assert.Single((await service.GetAsync(segment + "-2", "/limit-gaps?kind=Unreviewed")).Json.GetProperty("rows").EnumerateArray()).GetProperty("customer").GetString());
        Assert.Equal(0, (await service.GetAsync(segment + "-2", "/limit-gaps?kind=Underinsured")).Json.GetProperty("total").GetInt32());
        Assert.Equal(400, (await service.GetAsync(segment, "/limit-gaps?kind=7")).Code);
        Assert.Equal(400, (await service.GetAsync(segment, "/limit-gaps?kind=Unreviewed&limit=501")).Code);
    }

    [Fact]
    public async Task Who_moved_most_since_the_sample_stands_first_and_the_largest_carry_their_share()
    {
        var (small, large) = (service.New("M"), service.New("M"));
        foreach (var customer in new[] { small, large })
        {
            await service.TellAsync("customer.opened", customer, new { currency = "EUR", segment = "MOVES" });
            await service.TellAsync("limit.set", customer, new { version = 1, currency = "EUR", steps = new[] { new { from = "2020-01-01", kind = "Amount", amount = customer == small ? 1_000 : 100_000 } } });
        }

        // The sample of the start has none of them: both come from nothing.
        JsonElement told;
        do told = (await service.GetAsync("Viewer", "/board/movers?segment=MOVES")).Json;
        while (told.GetProperty("since").ValueKind == JsonValueKind.Null);
        await InvoiceAsync(small, 900);
        await InvoiceAsync(large, 3_000);
        var byGross = (await service.GetAsync("Viewer", "/board/movers?segment=MOVES&over=hour")).Json.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal([(large, "0", "3000", "3000"), (small, "0", "900", "900")], byGross.Select(r => (r.GetProperty("customer").GetString()!, r.GetProperty("was").GetString()!, r.GetProperty("now").GetString()!, r.GetProperty("change").GetString()!)));
        var byUse = (await service.GetAsync("Viewer", "/board/movers?segment=MOVES&by=utilisation&limit=1")).Json.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal((small, 9_000), (Assert.Single(byUse).GetProperty("customer").GetString(), byUse[0].GetProperty("utilisation").GetInt32()));
        Assert.Empty((await service.GetAsync("Viewer", "/board/movers?segment=NOBODY")).Json.GetProperty("rows").EnumerateArray());
        Assert.Equal(2, (await service.GetAsync("Viewer", "/board/movers?segment=MOVES&over=24h")).Json.GetProperty("rows").GetArrayLength());
        Assert.Equal(400, (await service.GetAsync("Viewer", "/board/movers?over=week")).Code);
        Assert.Equal(400, (await service.GetAsync("Viewer", "/board/movers?by=limit")).Code);

        var rests = (await service.GetAsync("Viewer", "/board/concentration?segment=MOVES")).Json;
        Assert.Equal(("3900", 2), (rests.GetProperty("gross").GetString(), rests.GetProperty("customers").GetInt32()));
        Assert.Equal(10_000, rests.GetProperty("tops")[0].GetProperty("shareBp").GetInt32());
        Assert.Equal((large, 7_692), (rests.GetProperty("largest")[0].GetProperty("customer").GetString(), rests.GetProperty("largest")[0].GetProperty("shareBp").GetInt32()));
    }

    [Fact]
    public async Task A_line_has_the_moments_that_are_remembered_and_only_of_whom_the_caller_sees()
    {
        var customer = await service.CustomerAsync();
        await InvoiceAsync(customer, 900);
        // A process that starts remembers what it finds.
        await service.RestartAsync();
        JsonElement line;
        do line = Assert.Single((await service.GetAsync("Viewer", $"/board/lines?customers={customer},NOBODY")).Json.GetProperty("rows").EnumerateArray());
        while (line.GetProperty("points").GetArrayLength() == 0);
        await InvoiceAsync(customer, 100);
        line = Assert.Single((await service.GetAsync("Viewer", $"/board/lines?customers={customer},NOBODY")).Json.GetProperty("rows").EnumerateArray());
        Assert.Equal((customer, "EUR", "900"), (line.GetProperty("customer").GetString(), line.GetProperty("currency").GetString(), Assert.Single(line.GetProperty("points").EnumerateArray()).GetProperty("gross").GetString()));
        service.Key("west", Roles.Viewer, 0, "WEST");
        Assert.Empty((await service.GetAsync("west", $"/board/lines?customers={customer}")).Json.GetProperty("rows").EnumerateArray());
        Assert.Empty((await service.GetAsync("Viewer", "/board/lines")).Json.GetProperty("rows").EnumerateArray());
        Assert.Equal(400, (await service.GetAsync("Viewer", "/board/lines?customers=" + string.Join(',', Enumerable.Range(0, 201)))).Code);
    }

    [Fact]
    public async Task The_chain_says_where_it_ends_and_how_far_it_was_proved()
    {
        await service.CustomerAsync();
        var chain = (await service.GetAsync("Auditor", "/audit/chain")).Json;
        Assert.Equal([-1, 0, 1, 2, 3], chain.GetProperty("partitions").EnumerateArray().Select(p => p.GetProperty("partition").GetInt32()));
        foreach (var part in chain.GetProperty("partitions").EnumerateArray())
        {
            Assert.InRange(part.GetProperty("provedUpTo").GetInt64(), part.GetProperty("provedFrom").GetInt64(), part.GetProperty("head").GetInt64());
            Assert.Matches("^[0-9a-f]{64}$", part.GetProperty("headHash").GetString());
        }

        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (chain.GetProperty("violation").ValueKind, chain.GetProperty("anchors").ValueKind));
        Assert.Equal(403, (await service.GetAsync("Viewer", "/audit/chain")).Code);
    }

    [Fact]
    public async Task Each_partition_says_where_it_is_how_far_it_has_come_and_how_long_commits_took()
    {
        await service.CustomerAsync();
        var told = (await service.GetAsync("Viewer", "/partitions")).Json;
        Assert.Equal([-1, 0, 1, 2, 3], told.GetProperty("partitions").EnumerateArray().Select(p => p.GetProperty("partition").GetInt32()));
        Assert.All(told.GetProperty("partitions").EnumerateArray(), p => Assert.True(p.GetProperty("isHere").GetBoolean() && p.GetProperty("serves").GetBoolean() && p.GetProperty("why").ValueKind == JsonValueKind.Null && p.GetProperty("epoch").GetInt64() > 0));
        Assert.Contains(told.GetProperty("partitions").EnumerateArray(), p => p.GetProperty("head").GetInt64() > 0 && p.GetProperty("shown").ValueKind == JsonValueKind.Number && p.GetProperty("shown").GetInt64() > 0);
        Assert.InRange(told.GetProperty("commitP50Micros").GetInt64(), 1, told.GetProperty("commitP99Micros").GetInt64());
        Assert.InRange(told.GetProperty("queued").GetInt32(), 0, 4_096);
    }

    [Fact]
    public async Task Every_step_of_the_check_is_told_in_its_order_with_what_became_of_it()
    {
        var customer = await service.CustomerAsync();
        var order = await service.OrderAsync(customer, 9_000_000_00);
        var small = await service.OrderAsync(customer, 1);
        var told = (await service.GetAsync("Viewer", $"/customers/{customer}/orders/{order}")).Json.GetProperty("steps").EnumerateArray().Select(s => (Rule: s.GetProperty("rule").GetString()!, State: s.GetProperty("state").GetString()!, Why: s.GetProperty("why").GetString())).ToList();
        Assert.Equal(["FORCED", "GLOBAL_HOLD", "RISK_STATE"], told.Take(3).Select(s => s.Rule));
        Assert.Equal(("030", "Failed", null), told.Single(s => s.Rule == "030"));
        Assert.Equal(("110", "Passed", null), told.Single(s => s.Rule == "110"));
        Assert.Equal(("010", "Skipped", "Off"), told.Single(s => s.Rule == "010"));
        Assert.Equal(0, (await service.GetAsync("Viewer", $"/customers/{customer}/orders/{small}")).Json.GetProperty("steps").GetArrayLength());
    }

    [Fact]
    public async Task An_entry_says_what_it_moved_and_one_of_another_customer_nothing()
    {
        var customer = await service.CustomerAsync();
        await InvoiceAsync(customer, 700);
        await InvoiceAsync(customer, 300);
        var entries = (await service.GetAsync("Viewer", $"/customers/{customer}/history")).Json.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("entry").GetString()!).ToList();
        var (newest, first) = ((await service.GetAsync("Viewer", $"/customers/{customer}/history/{entries[0]}/effect")).Json, (await service.GetAsync("Viewer", $"/customers/{customer}/history/{entries[^1]}/effect")).Json);
        Assert.Equal(("700", "1000"), (newest.GetProperty("before").GetProperty("components").GetProperty("receivables").GetString(), newest.GetProperty("after").GetProperty("components").GetProperty("receivables").GetString()));
        Assert.Equal((JsonValueKind.Null, "0"), (first.GetProperty("before").ValueKind, first.GetProperty("after").GetProperty("gross").GetString()));
        var other = await service.CustomerAsync();
        Assert.Equal(404, (await service.GetAsync("Viewer", $"/customers/{other}/history/{entries[0]}/effect")).Code);
    }

    [Fact]
    public async Task A_limit_is_tried_without_being_set()
    {
        var customer = await service.CustomerAsync(limit: 1_000_00);
        await InvoiceAsync(customer, 900_00);
        var order = await service.OrderAsync(customer, 300_00);
        var told = (await service.GetAsync("Viewer", $"/customers/{customer}/limit/effect?amount=200000")).Json;
        Assert.Equal(("200000", "120000", 6_000, 0), (told.GetProperty("limit").GetString(), told.GetProperty("gross").GetString(), told.GetProperty("utilisationBp").GetInt32(), told.GetProperty("stays").GetInt32()));
        Assert.Equal(order, Assert.Single(told.GetProperty("frees").EnumerateArray()).GetProperty("orderId").GetString());
        Assert.Equal(JsonValueKind.Null, (await service.GetAsync("Viewer", $"/customers/{customer}/limit/effect?kind=Unlimited")).Json.GetProperty("utilisationBp").ValueKind);
        Assert.Equal("100000", (await service.GetAsync("Viewer", "/customers/" + customer)).Json.GetProperty("limit").GetString());
        Assert.Equal(400, (await service.GetAsync("Viewer", $"/customers/{customer}/limit/effect?amount=-1")).Code);
    }

    [Fact]
    public async Task A_number_leads_to_whose_document_it_is_unless_he_is_hidden()
    {
        var segment = service.New("DOC");
        var (mine, foreign) = (service.New("D"), service.New("D"));
        var (invoice, order) = (service.New("RE-"), service.New("AU-"));
        foreach (var customer in new[] { mine, foreign })
        {
            await service.TellAsync("customer.opened", customer, new { currency = "EUR", segment = customer == mine ? segment : segment + "-2" });
            await service.TellAsync("invoice.posted", customer, new { invoiceId = invoice, amount = 100, currency = "EUR", issuedOn = Service.Today, dueOn = Day(20) });
        }

        // It is held, since nobody decided a limit; the number of a held order is found among those.
        await service.TellAsync("order.placed", mine, new { orderId = order, amount = 1, currency = "EUR", orderedOn = Service.Today, shipOn = Day(5) });
        service.Key(segment, Roles.Viewer, 0, segment);
        var all = (await service.GetAsync("Viewer", "/search?q=" + invoice)).Json;
        Assert.Equal(new[] { mine, foreign }.Order(StringComparer.Ordinal), all.GetProperty("documents").EnumerateArray().Select(d => d.GetProperty("customer").GetString()).Order(StringComparer.Ordinal));
        var seen = Assert.Single((await service.GetAsync(segment, "/search?q=" + invoice)).Json.GetProperty("documents").EnumerateArray());
        Assert.Equal((mine, invoice, false), (seen.GetProperty("customer").GetString(), seen.GetProperty("document").GetString(), seen.GetProperty("isOrder").GetBoolean()));
        var held = (await service.GetAsync("Viewer", "/search?q=" + order)).Json;
        Assert.Equal((1, 0), (held.GetProperty("holds").GetArrayLength(), held.GetProperty("documents").GetArrayLength()));
        Assert.Equal(0, (await service.GetAsync("Viewer", "/search?q=" + invoice[..^1])).Json.GetProperty("documents").GetArrayLength());
    }

    [Fact]
    public async Task Payments_of_ninety_days_are_told_the_newest_first_with_those_that_were_returned()
    {
        var customer = await service.CustomerAsync();
        foreach (var (id, on, amount) in new[] { ("P-old", -91, 300), ("P-first", -60, 500), ("P-last", -1, 700) })
            await service.TellAsync("payment.received", customer, new { paymentId = id, amount, currency = "EUR", valueOn = Day(on), cleared = id != "P-last" });
        await service.TellAsync("payment.returned", customer, new { paymentId = "P-last", returnedOn = Day(0), reason = "no funds" });
        var told = (await service.GetAsync("Viewer", $"/customers/{customer}/payments")).Json.GetProperty("payments").EnumerateArray()
            .Select(p => (p.GetProperty("paymentId").GetString(), p.GetProperty("amount").GetString(), p.GetProperty("isReturned").GetBoolean())).ToList();
        Assert.Equal([("P-last", "700", true), ("P-last", "700", false), ("P-first", "500", false)], told);
        Assert.Equal(4, (await service.GetAsync("Viewer", $"/customers/{customer}/payments?days=92")).Json.GetProperty("payments").GetArrayLength());
        Assert.Equal(400, (await service.GetAsync("Viewer", $"/customers/{customer}/payments?days=731")).Code);
    }

    [Fact]
    public async Task A_dead_letter_is_left_by_two_people_with_a_reason_that_the_audit_trail_keeps()
    {
        var customer = await service.CustomerAsync();
        var entry = (await service.PostAsync("Service", "/events", service.Event("invoice.posted", customer, new { invoiceId = "I1", amount = "many" }))).Text("deadLetter");
        var path = $"/dead-letters/{entry}/discard";
        Assert.Equal("REASON_TOO_SHORT", (await service.PostAsync("Analyst", path, new { reason = "no" })).Problem);
        Assert.Equal(400, (await service.PostAsync("Analyst", path, new { reason = "A test of the supplier.", approvedBy = "Approver" })).Code);
        Assert.Equal(400, (await service.PostAsync("Analyst", path, new { reason = "A test of the supplier.", letter = "0-1-0" })).Code);
        Assert.Equal(404, (await service.PostAsync("Analyst", "/dead-letters/0-999999-0/discard", new { reason = "A test of the supplier." })).Code);
        var proposal = await service.PostAsync("Both", path, new { reason = "A test of the supplier." });
        Assert.Equal((202, "DeadLetterDiscard"), (proposal.Code, proposal.Text("kind")));
        // Nothing is settled before a second person says so, and that is never the first one.
        Assert.False((await RowAsync()).TryGetProperty("settled", out _));
        Assert.Equal("SELF_APPROVAL", (await service.PostAsync("Both", $"/proposals/{proposal.Text("id")}/approve")).Problem);
        var gross = (await service.GetAsync("Viewer", "/customers/" + customer)).Text("gross");
        Assert.Equal("Approved", (await service.PostAsync("Approver", $"/proposals/{proposal.Text("id")}/approve")).Text("state"));

        var row = await RowAsync();
        Assert.Equal(("discarded", "Both, Approver", "A test of the supplier."), (row.GetProperty("settled").GetString(), row.GetProperty("settledBy").GetString(), row.GetProperty("settledWhy").GetString()));
        var trail = Assert.Single((await service.GetAsync("Auditor", "/audit?kind=dead-letter.discard")).Json.GetProperty("rows").EnumerateArray());
        Assert.Equal((entry, "Both", "Approver"), (trail.GetProperty("letter").GetString(), trail.GetProperty("actor").GetString(), trail.GetProperty("approvedBy").GetString()));
        var discard = Assert.Single((await service.GetAsync("Analyst", "/dead-letters/" + entry)).Json.GetProperty("discards").EnumerateArray());
        Assert.Equal(("Approved", "A test of the supplier."), (discard.GetProperty("state").GetString(), discard.GetProperty("reason").GetString()));
        Assert.Equal(gross, (await service.GetAsync("Viewer", "/customers/" + customer)).Text("gross"));

        async Task<JsonElement> RowAsync() => (await service.GetAsync("Analyst", "/dead-letters?customer=" + customer)).Json.GetProperty("rows").EnumerateArray().First();
    }

    [Fact]
    public async Task The_audit_trail_of_a_day_has_that_day_alone_in_pages_and_as_a_file()
    {
        var customer = await service.CustomerAsync();
        for (var i = 0; i < 3; i++) await service.PostAsync("Analyst", $"/customers/{customer}/limit-requests", new { kind = "Amount", amount = "7000000", currency = "EUR", version = 1, reason = "a larger one" });
        var (first, all) = (await service.GetAsync("Auditor", $"/audit?customer={customer}&limit=2&day={Day(0)}"), await service.GetAsync("Auditor", $"/audit?customer={customer}&day={Day(0)}"));
        Assert.Equal((2, 3), (first.Json.GetProperty("rows").GetArrayLength(), all.Json.GetProperty("rows").GetArrayLength()));
        Assert.Equal(1, (await service.GetAsync("Auditor", $"/audit?customer={customer}&limit=2&day={Day(0)}&cursor={first.Text("cursor")}")).Json.GetProperty("rows").GetArrayLength());
        foreach (var other in new[] { -1, 1 })
        {
            var empty = (await service.GetAsync("Auditor", $"/audit?customer={customer}&day={Day(other)}")).Json;
            Assert.Equal(0, empty.GetProperty("rows").GetArrayLength());
            Assert.False(empty.TryGetProperty("cursor", out _));
        }

        Assert.Equal(4, (await service.GetAsync("Auditor", $"/audit/export?customer={customer}&day={Day(0)}")).Body.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Single((await service.GetAsync("Auditor", $"/audit/export?customer={customer}&day={Day(-1)}")).Body.Split("\r\n", StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("BAD_DAY", (await service.GetAsync("Auditor", "/audit?day=yesterday")).Problem);
    }

    private Task InvoiceAsync(string customer, long amount) =>
        service.TellAsync("invoice.posted", customer, new { invoiceId = service.New("I"), amount, currency = "EUR", issuedOn = Service.Today, dueOn = Day(20) });

    private static string Day(int ahead) => DateTime.UtcNow.AddDays(ahead).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
