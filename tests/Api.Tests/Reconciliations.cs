using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>A list out of the seller's own books is given, compared beside the requests, and told to whoever may see it.</summary>
public sealed class Reconciliations(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task A_list_is_compared_and_what_differs_is_told_with_names_in_the_gauge_and_in_the_audit_trail()
    {
        var (one, two) = (await service.CustomerAsync(segment: "TRADE"), await service.CustomerAsync(segment: "RETAIL"));
        var company = service.New("DE");
        await InvoiceAsync(one, 100_00, company);
        await InvoiceAsync(two, 50_00, company);
        var asked = await PutAsync("Approver", "", $"{one},{company},EUR,100.00", $"{two},{company},EUR,45.50", $"GONE,{company},EUR,1");
        Assert.Equal((202, "Running", 3), (asked.Code, asked.Text("state"), asked.Json.GetProperty("rows").GetInt32()));

        var told = await DoneAsync("Viewer");
        var total = told.GetProperty("totals").EnumerateArray().Single(t => Text(t, "company") == company);
        Assert.Equal(("15000", "14650", "350", 3, 2), (Text(total, "ours"), Text(total, "theirs"), Text(total, "difference"), total.GetProperty("balances").GetInt32(), total.GetProperty("differing").GetInt32()));
        Assert.Equal([(two, "Canary " + two, "450", "both"), ("GONE", null, "-100", "list")],
            told.GetProperty("differences").EnumerateArray().Where(d => Text(d, "company") == company).Select(d => (Text(d, "customer")!, Text(d, "name"), Text(d, "difference")!, Text(d, "side")!)));
        Assert.Contains($"exposure_reconcile_difference_amount{{company=\"{company}\",currency=\"EUR\"}} 350\n", (await service.GetAsync("Viewer", "/metrics")).Body, StringComparison.Ordinal);
        var note = (await service.GetAsync("Auditor", "/audit?limit=50&subject=Approver")).Json.GetProperty("rows").EnumerateArray().First(r => Text(r, "type") == "export.note");
        Assert.Equal("reconciliation", Text(note, "what"));

        // Whoever sees some segments sees their customers, and totals of them alone; who is on the list alone is in no segment.
        service.Key("retail", Roles.Viewer, 0, "RETAIL");
        var mine = await DoneAsync("retail");
        Assert.Equal([two], mine.GetProperty("differences").EnumerateArray().Select(d => Text(d, "customer")));
        Assert.Equal(("5000", "4550"), (Text(mine.GetProperty("totals")[0], "ours"), Text(mine.GetProperty("totals")[0], "theirs")));
        Assert.Equal(JsonValueKind.Null, mine.GetProperty("rows").ValueKind);
        service.Key("retail-approver", Roles.Approver, 0, "RETAIL");
        Assert.Equal("SCOPE", (await PutAsync("retail-approver", "", $"{two},{company},EUR,50.00")).Problem);
    }

    [Fact]
    public async Task A_wrong_list_is_told_with_line_and_column_and_what_stood_before_stands()
    {
        await PutAsync("Admin", "?company=DE01", "C-9,,EUR,1.00");
        var before = (await DoneAsync("Admin")).ToString();
        var wrong = await PutAsync("Admin", "", "C-1,DE01,EUR,1.00", "C-2,DE01,EURO,1.00");
        Assert.Equal((422, "BAD_LIST"), (wrong.Code, wrong.Problem));
        Assert.Contains("line 3, column 3 (currency)", wrong.Body, StringComparison.Ordinal);
        Assert.Equal("BAD_TIME", (await PutAsync("Admin", "?asOf=yesterday", "C-1,DE01,EUR,1.00")).Problem);
        Assert.Equal("BAD_TEXT", (await PutAsync("Admin", "?company=" + new string('x', 65), "C-1,DE01,EUR,1.00")).Problem);
        Assert.Equal(413, (await service.SendAsync("Admin", "PUT", "/reconciliation", new byte[Desk.EventsMax + 1], "text/csv")).Code);
        Assert.Equal(415, (await service.SendAsync("Admin", "PUT", "/reconciliation", "{}"u8.ToArray(), "application/json")).Code);
        Assert.Equal(before, (await DoneAsync("Admin")).ToString());
    }

    [Fact]
    public async Task A_past_day_is_meant_to_its_end()
    {
        var asked = await PutAsync("Admin", "?asOf=2020-01-31", "C-1,DE01,EUR,1.00");
        Assert.Equal("2020-01-31T23:59:59.999999Z", asked.Text("asOf"));
        // Nothing of ours had arrived then.
        Assert.Equal("0", Text((await DoneAsync("Admin")).GetProperty("totals")[0], "ours"));
    }

    [Fact]
    public async Task One_runs_at_a_time_and_one_that_fails_says_why_and_leaves_the_report_before_it()
    {
        var book = await ReceivablesByCompany.ReadAsync(service.Engine.Reader, service.Engine.Database, AsOf.Now, default);
        var answers = new Queue<TaskCompletionSource<ReceivablesByCompany>>([new(), new(), new(), new(), new()]);
        var all = answers.ToArray();
        var desk = new ReconciliationAtDesk((_, _) => answers.Dequeue().Task);
        Assert.True(Begin("first"));
        Assert.False(Begin("second"));
        Assert.Equal(("first", null), (desk.Last?.By, desk.Done));
        all[0].SetResult(book);
        await EndedAsync();
        Assert.Equal("first", desk.Done?.By);

        foreach (var (n, failure, code) in new[] { (1, (Exception)new PrunedException("gone"), "PRUNED"), (2, new TooManyBalancesException(5), "BOOK_TOO_LARGE"), (3, new InvalidDataException("off"), "UNBALANCED"), (4, new EngineUnavailableException("away"), "UNAVAILABLE") })
        {
            Assert.True(Begin(code));
            all[n].SetException(failure);
            await EndedAsync();
            Assert.Equal((code, "first"), (desk.Last?.Failed?.Code, desk.Done?.By));
            // The words may name a customer of another segment.
            Assert.Null(desk.Last!.WordsFor(new Caller("west", Roles.Viewer, 0, ["WEST"])));
            Assert.NotNull(desk.Last.WordsFor(new Caller("all", Roles.Viewer, 0, [])));
        }

        await desk.DisposeAsync();
        Assert.False(Begin("late"));

        bool Begin(string by) => desk.TryBegin(new ReconciliationRun(default, by, "now", 0), AsOf.Now, [], "");

        async Task EndedAsync()
        {
            while (desk.Last is { Report: null, Failed: null }) await Task.Yield();
        }
    }

    [Fact]
    public async Task Before_the_first_list_there_is_none()
    {
        await using var fresh = new FreshService();
        await fresh.Service.InitializeAsync();
        var told = (await fresh.Service.GetAsync("Viewer", "/reconciliation")).Json;
        Assert.Equal(("None", JsonValueKind.Null), (Text(told, "state"), told.GetProperty("report").ValueKind));
        Assert.DoesNotContain("exposure_reconcile_difference_amount{", (await fresh.Service.GetAsync("Viewer", "/metrics")).Body, StringComparison.Ordinal);
    }

    private sealed class FreshService : IAsyncDisposable
    {
        internal Service Service { get; } = new();

        public async ValueTask DisposeAsync() => await Service.DisposeAsync();
    }

    private Task InvoiceAsync(string customer, long amount, string company) =>
        service.TellAsync("invoice.posted", customer, new { invoiceId = service.New("I"), amount, currency = "EUR", issuedOn = "2026-01-01", dueOn = "2026-02-01", company });

    private Task<Reply> PutAsync(string who, string query, params string[] rows) =>
        service.SendAsync(who, "PUT", "/reconciliation" + query, Encoding.UTF8.GetBytes("customer,company,currency,amount\n" + string.Join('\n', rows) + "\n"), "text/csv");

    private async Task<JsonElement> DoneAsync(string who)
    {
        while (true)
        {
            var told = (await service.GetAsync(who, "/reconciliation")).Json;
            if (Text(told, "state") != "Running") return told.GetProperty("report");
            await Task.Yield();
        }
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
