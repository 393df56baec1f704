using System.Text.Json;
using Xunit;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary><c>exposure reconcile</c>: a journal's receivables by company against a list out of the seller's own books.</summary>
public sealed class ReconciledBooks
{
    [Fact]
    public async Task Books_that_agree_end_with_0_and_books_that_differ_with_3_and_every_difference_is_told()
    {
        using var work = new Workplace();
        await BookAsync(work);
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "same.csv"), "customer,company,currency,amount\nC-1,DE01,EUR,100.00\nC-1,FR02,EUR,50.00\nC-2,DE01,EUR,7.50\n");
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "other.csv"), "customer,company,currency,amount\nC-1,DE01,EUR,150.00\nC-3,DE01,EUR,1.00\n=C,DE01,EUR,0.10\n");

        var (agreed, output, errors) = await ExposureProcess.TellAsync(work.Folder, "reconcile", "same.csv", "--db", "book.db");
        Assert.Equal((0, ""), (agreed, errors));
        Assert.Contains(": 3 balances, 0 differ; 0 only in the book, 0 only in the list", output, StringComparison.Ordinal);
        // Money that is matched to nothing is no receivable; it stands beside.
        Assert.Matches(@"DE01\s*│ EUR\s*│ 107\.50\s*│ 107\.50\s*│ 0\.00\s*│ 20\.00\s*│ 2\s*│ 0 ", output);

        var (differ, told, _) = await ExposureProcess.TellAsync(work.Folder, "reconcile", "other.csv", "--db", "book.db", "--csv", "differences.csv", "--json");
        Assert.Equal(3, differ);
        var report = JsonDocument.Parse(told).RootElement;
        Assert.Equal((false, 5, 2, 2), (report.GetProperty("agrees").GetBoolean(), report.GetProperty("differing").GetInt32(), report.GetProperty("onlyOurs").GetInt32(), report.GetProperty("onlyTheirs").GetInt32()));
        Assert.Equal([("C-1", "DE01", "-5000", "0", "both"), ("C-1", "FR02", "5000", "0", "book"), ("C-2", "DE01", "750", "750", "book"), ("C-3", "DE01", "-100", "-100", "list"), ("_C", "DE01", "-10", "-10", "list")],
            report.GetProperty("differences").EnumerateArray().Select(d => (Text(d, "customer"), Text(d, "company"), Text(d, "difference"), Text(d, "differenceInAll"), Text(d, "side"))));
        Assert.Equal("\ufeffcustomer,company,currency,ours,theirs,difference,unapplied,difference over all companies,on\r\nC-1,DE01,EUR,100.00,150.00,-50.00,20.00,0.00,both\r\nC-1,FR02,EUR,50.00,0.00,50.00,0.00,0.00,book\r\nC-2,DE01,EUR,7.50,0.00,7.50,0.00,7.50,book\r\nC-3,DE01,EUR,0.00,1.00,-1.00,0.00,-1.00,list\r\n_C,DE01,EUR,0.00,0.10,-0.10,0.00,-0.10,list\r\n",
            "\ufeff" + (await File.ReadAllTextAsync(Path.Combine(work.Folder, "differences.csv"))));
    }

    [Fact]
    public async Task A_past_day_is_meant_to_its_end_and_a_position_compares_one_partition()
    {
        using var work = new Workplace();
        await BookAsync(work);
        // On the first day nothing was paid yet.
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "past.csv"), "customer;company;amount\nC-1;DE01;180,00\nC-1;FR02;50,00\nC-2;DE01;7,50\n");
        string[] written = ["--delimiter", ";", "--decimal", ",", "--currency", "EUR", "--db", "book.db", "--json"];
        var (code, output, errors) = await ExposureProcess.TellAsync(work.Folder, ["reconcile", "past.csv", "--at", "2026-03-02", .. written]);
        Assert.True(code == 0, errors + output);
        Assert.Equal("2026-03-02T23:59:59.999999Z", Text(JsonDocument.Parse(output).RootElement, "asOf"));
        Assert.Equal(3, (await ExposureProcess.TellAsync(work.Folder, ["reconcile", "past.csv", "--at", "2026-03-01", .. written])).Code);

        var partition = Domain.Ids.PartitionOf("C-2", 16);
        Assert.NotEqual(partition, Domain.Ids.PartitionOf("C-1", 16));
        (code, output, _) = await ExposureProcess.TellAsync(work.Folder, ["reconcile", "past.csv", "--at-position", $"{partition}-100000", .. written]);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.Equal((0, 1, 2), (code, report.GetProperty("balances").GetInt32(), report.GetProperty("rowsLeftOut").GetInt32()));
    }

    [Fact]
    public async Task Rows_and_documents_without_a_company_stand_where_they_are_told_to()
    {
        using var work = new Workplace();
        await ReplayAsync(work, Event("i1", "C-1", "2026-03-02", "invoice.posted", Invoice("I-1", 5_000, company: null)));
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "list.csv"), "customer,currency,amount\nC-1,EUR,50.00\n");
        var (code, output, errors) = await ExposureProcess.TellAsync(work.Folder, "reconcile", "list.csv", "--db", "book.db", "--company", "DE01", "--json");
        Assert.True(code == 0, errors + output);
        Assert.Equal("DE01", Text(JsonDocument.Parse(output).RootElement.GetProperty("totals")[0], "company"));
    }

    [Theory]
    [InlineData("none.csv", "There is no file 'none.csv'.")]
    [InlineData("list.csv --at yesterday", "'yesterday': expected --at as yyyy-MM-dd or RFC 3339")]
    [InlineData("list.csv --at 2026-03-01 --at-position 1-2", "--at and --at-position: one of them.")]
    [InlineData("list.csv --db none.db", "does not exist")]
    [InlineData("list.csv --map kunde=customer", "'kunde=customer': expected field=column with one of customer*, company, currency, amount*.")]
    [InlineData("bad.csv", "1 of 1 rows of the list cannot be read, so nothing is compared. line 2, column 3 (amount): found 'x', expected a decimal number.")]
    public async Task A_mistake_is_told_in_a_line(string arguments, string told)
    {
        using var work = new Workplace();
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "list.csv"), "customer,currency,amount\nC-1,EUR,50.00\n");
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "bad.csv"), "customer,currency,amount\nC-1,EUR,x\n");
        var (code, _, errors) = await ExposureProcess.TellAsync(work.Folder, ["reconcile", .. arguments.Split(' ')]);
        Assert.Equal(1, code);
        Assert.Contains(told, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    private static Task BookAsync(Workplace work) => ReplayAsync(work,
        Event("i1", "C-1", "2026-03-02", "invoice.posted", Invoice("I-1", 18_000, "DE01")), Event("i2", "C-1", "2026-03-02", "invoice.posted", Invoice("I-2", 5_000, "FR02")),
        Event("i3", "C-2", "2026-03-02", "invoice.posted", Invoice("I-3", 750, "DE01")),
        Event("p1", "C-1", "2026-03-03", "payment.received", new { paymentId = "P-1", amount = 10_000, currency = "EUR", valueOn = "2026-03-03", cleared = true, company = "DE01" }),
        Event("a1", "C-1", "2026-03-03", "payment.allocated", new { allocationId = "A-1", fromId = "P-1", allocatedOn = "2026-03-03", items = new[] { new { itemId = "I-1", amount = 8_000 } } }));

    private static async Task ReplayAsync(Workplace work, params string[] events)
    {
        await File.WriteAllLinesAsync(Path.Combine(work.Folder, "trade.ndjson"), events);
        var (code, output, errors) = await ExposureProcess.TellAsync(work.Folder, "replay", "trade.ndjson", "--db", "book.db", "--clock", "events", "--json");
        Assert.True(code == 0, errors);
        Assert.Equal(events.Length, JsonDocument.Parse(output).RootElement.GetProperty("outcomes").GetProperty("Applied").GetInt32());
    }

    private static object Invoice(string id, long amount, string? company) => company is null
        ? new { invoiceId = id, amount, currency = "EUR", issuedOn = "2026-03-02", dueOn = "2026-04-01" }
        : new { invoiceId = id, amount, currency = "EUR", issuedOn = "2026-03-02", dueOn = "2026-04-01", company };

    private static string Event(string id, string customer, string day, string type, object data) =>
        JsonSerializer.Serialize(new { specversion = "1.0", id, source = "erp", type = $"credit.{type}.v1", subject = customer, time = day + "T10:00:00Z", data });

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
