using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>Lists as files: the rows of the screen, harmless in a spreadsheet, each with a note in the audit trail; and the held orders that match beyond those that a page has loaded.</summary>
public sealed class ListFiles(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task Held_orders_leave_in_the_order_of_the_queue_and_no_cell_is_a_formula()
    {
        var (segment, who) = (service.New("SEG"), service.New("reader-"));
        service.Key(who, Roles.Analyst, 0, segment);
        var customer = await CustomerAsync(100_00, segment, "=HYPERLINK(\"http://x\")");
        foreach (var (order, amount, ships) in new[] { ("LATER", 900_00, 9), ("-9", 300_05, 2), ("BIG", 950_00, 2) })
            await service.TellAsync("order.placed", customer, new { orderId = order, amount, currency = "EUR", orderedOn = Service.Today, shipOn = Day(ships) });
        // Nothing of another segment is in the file.
        await service.OrderAsync(await service.CustomerAsync(100_00), 900_00);

        var lines = await FileAsync(who, "/holds/export?lang=codes");
        Assert.Equal("order,customer,name,segment,currency,amount,rules,limitCurrency,overThen,overNow,overdueNow,days,since,lapses,ships,requestedBy,reason,takenBy,assignedTo,state", lines[0]);
        Assert.Equal(["BIG", "'-9", "LATER"], lines.Skip(1).Select(l => l.Split(',')[0]));
        Assert.StartsWith($"'-9,{customer},\"'=HYPERLINK(\"\"http://x\"\")\",{segment},EUR,300.05,030", lines[2], StringComparison.Ordinal);
        Assert.Contains(",EUR,200.05,200.05,0.00,0,", lines[2], StringComparison.Ordinal);
        Assert.EndsWith(",On hold", lines[2], StringComparison.Ordinal);
        Assert.EndsWith(",已冻结", (await FileAsync(who, "/holds/export?lang=zh"))[2], StringComparison.Ordinal);
        Assert.Contains("holds", await NotesAsync(who));
        Assert.Contains("\"rows\":\"3\"", (await service.GetAsync("Auditor", "/audit?subject=" + who)).Body.Replace("\"rows\":3", "\"rows\":\"3\"", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    /// <summary>What the page shows of a customer, with the promise that names an item, and credits apart.</summary>
    [Fact]
    public async Task Open_items_of_a_customer_leave_with_their_promises_and_credits_apart()
    {
        var (segment, who) = (service.New("SEG"), service.New("reader-"));
        service.Key(who, Roles.Analyst, 0, segment);
        var customer = await CustomerAsync(1_000_00, segment, "named");
        await service.TellAsync("invoice.posted", customer, new { invoiceId = "-R1", amount = 130_05, currency = "EUR", issuedOn = Day(-40), dueOn = Day(-10) });
        await service.TellAsync("promise.made", customer, new { promiseId = "P1", amount = 130_05, currency = "EUR", promisedOn = Day(4), items = new[] { "-R1" } });
        await service.TellAsync("payment.received", customer, new { paymentId = "PAY", amount = 20_00, currency = "EUR", valueOn = Service.Today, cleared = true });
        var path = $"/customers/{customer}/documents/export";
        Assert.Equal(["kind,document,issuedOn,dueOn,currency,amount,open,daysPastDue,disputed,promisedOn", $"Open item,'-R1,{Day(-40)},{Day(-10)},EUR,130.05,130.05,10,,{Day(4)}", "Payment,PAY,,,EUR,20.00,20.00,,,"], await FileAsync(who, path + "?lang=codes"));
        Assert.Equal(["open-items"], await NotesAsync(who));
        service.Key(who + "x", Roles.Analyst, 0, "ELSEWHERE");
        Assert.Equal(404, (await service.GetAsync(who + "x", path)).Code);
    }

    /// <summary>The service says which match, and how many: what a page has loaded is a part of them.</summary>
    [Fact]
    public async Task All_held_orders_that_match_are_counted_and_the_first_ones_told_in_the_order_of_the_queue()
    {
        const int orders = 203;
        var customer = await service.CustomerAsync(100_00);
        var placed = Enumerable.Range(0, orders).Select(i => service.Event("order.placed", customer, new { orderId = $"M{i:000}", amount = 500_00 + i, currency = "EUR", orderedOn = Service.Today, shipOn = Service.Today })).ToArray();
        Assert.Equal(200, (await service.PostAsync("Service", "/events", placed)).Code);

        var all = await MatchingAsync("Analyst", "?customer=" + customer);
        Assert.Equal(orders, all.GetProperty("total").GetInt32());
        // One day of shipping: the largest amount in front.
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"M{orders - 1 - i:000}"), all.GetProperty("holds").EnumerateArray().Select(h => h.GetProperty("orderId").GetString()));

        Assert.Equal(200, (await service.PostAsync("Analyst", $"/customers/{customer}/holds/M007/request-release", new { reason = "they have paid by telephone" })).Code);
        Assert.Equal(orders - 1, await CountAsync("Analyst", "&state=decide"));
        Assert.Equal(1, await CountAsync("Second", "&state=confirm"));
        // Nobody confirms what he proposed himself.
        Assert.Equal(0, await CountAsync("Analyst", "&state=confirm"));
        Assert.Equal(orders, await CountAsync("Analyst", "&rule=030"));
        Assert.Equal(0, await CountAsync("Analyst", "&rule=NONE"));
        Assert.Equal("BAD_STATE", (await service.GetAsync("Analyst", "/holds/matching?state=nonsense")).Problem);
        Assert.Equal("BAD_STATE", (await service.GetAsync("Analyst", "/holds/export?state=nonsense")).Problem);
        Assert.Equal(orders + 1, (await FileAsync("Analyst", "/holds/export?customer=" + customer)).Length);
        Assert.Equal(2, (await FileAsync("Second", $"/holds/export?customer={customer}&state=confirm")).Length);

        async Task<int> CountAsync(string who, string query) => (await MatchingAsync(who, "?customer=" + customer + query)).GetProperty("total").GetInt32();
    }

    [Fact]
    public async Task Warnings_leave_under_the_filters_of_their_screen()
    {
        var (segment, who) = (service.New("SEG"), service.New("reader-"));
        service.Key(who, Roles.Analyst, 0, segment);
        var (over, watch) = (await CustomerAsync(100_00, segment, "+49 over"), await CustomerAsync(100_00, segment, "watch"));
        await InvoiceAsync(over, 130_00);
        await InvoiceAsync(watch, 85_00);
        var lines = await FileAsync(who, "/warnings/export?lang=codes&rule=EW-01");
        Assert.Equal("severity,indicator,about,customer,name,value,was,threshold,unit,clears,at,firstAt,count,takenBy,snoozedUntil,resolvedBy,note,tag,state", lines[0]);
        Assert.Equal([watch, over], lines.Skip(1).Select(l => l.Split(',')[3]));
        Assert.Contains($",EW-01,,{over},'+49 over,130.00,", lines[2], StringComparison.Ordinal);
        Assert.Contains(",%,", lines[2], StringComparison.Ordinal);
        // As the screen counts them.
        var worse = (await service.GetAsync(who, "/warnings")).Json.GetProperty("warnings").EnumerateArray().Where(w => w.GetProperty("severity").GetString() is "High" or "Critical").Select(w => w.GetProperty("customer").GetString()).ToList();
        Assert.NotEmpty(worse);
        Assert.Equal(worse, (await FileAsync(who, "/warnings/export?severity=High&lang=codes")).Skip(1).Select(l => l.Split(',')[3]));
        Assert.Single(await FileAsync(who, "/warnings/export?state=resolved"));
        Assert.Equal(2, (await FileAsync(who, "/warnings/export?state=firing&rule=EW-01&customer=" + over)).Length);
        Assert.Single(await FileAsync(who, "/warnings/export?takenBy=somebody"));
        Assert.Single(await FileAsync(who, "/warnings/export?tag=noise"));
        foreach (var (query, code) in new[] { ("state=x", "BAD_STATE"), ("tag=x", "BAD_TAG"), ("severity=x", "BAD_SEVERITY"), ("lang=fr", "BAD_LANGUAGE") })
            Assert.Equal(code, (await service.GetAsync(who, "/warnings/export?" + query)).Problem);
    }

    [Fact]
    public async Task Decisions_limits_and_dead_letters_leave_with_who_and_why()
    {
        var (segment, who) = (service.New("SEG"), service.New("reader-"));
        service.Key(who, Roles.Analyst, 0, segment);
        var customer = await CustomerAsync(100_00, segment, "named");
        var order = await service.OrderAsync(customer, 900_00);
        Assert.Equal(200, (await service.PostAsync("Analyst", $"/customers/{customer}/holds/{order}/reject-order", new { reason = "=1+1 is what they wrote" })).Code);
        await service.OrderAsync(customer, 800_00);
        var dead = (await service.PostAsync("Service", "/events", service.Event("invoice.posted", customer, new { invoiceId = "-7", amount = "x" }))).Text("deadLetter");

        var decided = await FileAsync(who, "/hold-records/export?lang=codes");
        Assert.Equal("at,order,customer,currency,amount,state,actor,approver,reason,causes,entry", decided[0]);
        Assert.Contains($",{order},{customer},EUR,900.00,Rejected,Analyst,,'=1+1 is what they wrote,", Assert.Single(decided.Skip(1)), StringComparison.Ordinal);
        var limits = await FileAsync(who, "/limit-changes/export?lang=codes");
        Assert.Equal("at,customer,step,currency,before,after,actor,approvedBy,reason,entry", limits[0]);
        Assert.Contains($",{customer},credit.limit.set,EUR,", Assert.Single(limits.Skip(1)), StringComparison.Ordinal);
        Assert.Contains(",100.00,", limits[1], StringComparison.Ordinal);
        var letters = await FileAsync(who, "/dead-letters/export?lang=codes&state=open");
        Assert.Equal("reason,detail,record,customer,at,entry,settled,settledBy,settledWhy", letters[0]);
        Assert.Contains("," + dead + ",,,", Assert.Single(letters.Skip(1)), StringComparison.Ordinal);
        Assert.Single(await FileAsync(who, "/dead-letters/export?state=settled"));
        Assert.Equal("BAD_STATE", (await service.GetAsync(who, "/dead-letters/export?state=x")).Problem);
        Assert.Single(await FileAsync(who, "/hold-records/export?day=2020-01-01"));
        Assert.Equal("BAD_DAY", (await service.GetAsync(who, "/hold-records/export?day=x")).Problem);
        var gaps = await FileAsync(who, "/limit-gaps/export?lang=codes&kind=Underinsured");
        Assert.Equal("customer,name,reviewedOn,currency,limit,insured,gross", gaps[0]);
        Assert.Equal("on,daysLeft,customer,name,kind,id,currency,amount", (await FileAsync(who, "/endings/export?lang=codes&days=90"))[0]);
        Assert.Equal("BAD_KIND", (await service.GetAsync(who, "/endings/export?kind=x")).Problem);
        Assert.Equal("BAD_KIND", (await service.GetAsync(who, "/limit-gaps/export?kind=x")).Problem);
        Assert.Equal(["dead-letters", "decided-holds", "endings", "limit-changes", "limit-gaps"], (await NotesAsync(who)).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>What arrived about a customer, every step of his holds, what is chosen of the columns, and the name of the file in the clock of the reader.</summary>
    [Fact]
    public async Task A_customers_tabs_leave_with_the_columns_that_were_chosen_and_a_name_in_the_readers_clock()
    {
        var (segment, who) = (service.New("SEG"), service.New("reader-"));
        service.Key(who, Roles.Analyst, 0, segment);
        var customer = await CustomerAsync(100_00, segment, "named");
        var order = await service.OrderAsync(customer, 900_00);
        await InvoiceAsync(customer, 10_00);
        var events = await FileAsync(who, $"/customers/{customer}/history/export?lang=codes");
        Assert.Equal("event,document,outcome,reason,source,stream,offset,eventId,time,arrival,entry", events[0]);
        Assert.Equal(["credit.invoice.posted.v1", "credit.order.placed.v1", "credit.limit.set.v1", "credit.customer.opened.v1"], events.Skip(1).Select(l => l.Split(',')[0]));
        Assert.Equal(["document,event", $"{order},credit.order.placed.v1"], await FileAsync(who, $"/customers/{customer}/history/export?lang=codes&columns=document,event&document={order}"));
        Assert.Single(await FileAsync(who, "/hold-records/export?customer=" + customer));
        Assert.Contains(",On hold,", (await FileAsync(who, $"/hold-records/export?steps=all&customer={customer}"))[^1], StringComparison.Ordinal);
        // An amount brings its currency along, wherever it stands.
        Assert.Equal(["Band,Currency,Credit limit,Customer", $"within limit,EUR,100.00,{customer}"], await FileAsync(who, "/board/export?columns=band,limit,customer"));
        Assert.Equal("BAD_COLUMN", (await service.GetAsync(who, "/board/export?columns=band,luck")).Problem);
        Assert.Equal("BAD_ZONE", (await service.GetAsync(who, "/board/export?zone=Mars/Olympus")).Problem);
        Assert.Matches("filename=\"?board_within_[0-9-]{10}T[0-9]{4}\\+0800\\.csv", (await service.GetAsync(who, "/board/export?band=within&zone=Asia/Shanghai")).Headers);
        Assert.Matches("filename=\"?board_[0-9-]{10}T[0-9]{4}\\+0000\\.csv", (await service.GetAsync(who, "/board/export")).Headers);
        Assert.Single(await FileAsync(who, $"/customers/{customer}/group/export"));
        service.Key(who + "x", Roles.Analyst, 0, "ELSEWHERE");
        foreach (var path in new[] { "history", "group" }) Assert.Equal(404, (await service.GetAsync(who + "x", $"/customers/{customer}/{path}/export")).Code);
    }

    private async Task<JsonElement> MatchingAsync(string who, string query)
    {
        var told = await service.GetAsync(who, "/holds/matching" + query);
        Assert.True(told.Code == 200, told.Body);
        return told.Json;
    }

    /// <summary>The lines of a file, its heads in front.</summary>
    private async Task<string[]> FileAsync(string who, string path)
    {
        var file = await service.GetAsync(who, path);
        Assert.True(file is { Code: 200, Media: "text/csv" }, $"{path}: {file.Code} {file.Body}");
        Assert.DoesNotContain("\n", file.Body.Replace("\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("X-As-Of: ", file.Headers, StringComparison.Ordinal);
        return file.Body.TrimStart('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>What the audit trail says that somebody took out.</summary>
    private async Task<List<string>> NotesAsync(string who) =>
        [.. (await service.GetAsync("Auditor", "/audit?limit=500&subject=" + who)).Json.GetProperty("rows").EnumerateArray().Where(r => r.GetProperty("type").GetString() == "export.note").Select(r => r.GetProperty("what").GetString()!)];

    private async Task<string> CustomerAsync(long limit, string segment, string name)
    {
        var customer = service.New("CUST-");
        await service.TellAsync("customer.opened", customer, new { currency = "EUR", name, segment, country = "DE", controller = "kim" });
        await service.TellAsync("limit.set", customer, new { version = 1, currency = "EUR", steps = new[] { new { from = "2020-01-01", kind = "Amount", amount = limit } } });
        return customer;
    }

    private Task InvoiceAsync(string customer, long amount) => service.TellAsync("invoice.posted", customer, new { invoiceId = service.New("I"), amount, currency = "EUR", issuedOn = Day(-1), dueOn = Day(20) });

    private static string Day(int ahead) => DateTime.UtcNow.AddDays(ahead).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
