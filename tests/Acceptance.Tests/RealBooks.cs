using System.Globalization;
using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>Real files through the importer, the engine and the journal, against SQL over the raw rows.</summary>
public sealed partial class RealBooks
{
    private static readonly Currency Usd = Currency.Parse("USD");

    private static readonly FileFormat LedgerFormat = new()
    {
        Dates = ["M/d/yyyy"],
        Columns = new Dictionary<string, string>
        {
            ["customer"] = "customerID", ["document"] = "invoiceNumber", ["issued"] = "InvoiceDate", ["due"] = "DueDate",
            ["amount"] = "InvoiceAmount", ["settled"] = "SettledDate", ["disputed"] = "Disputed",
        },
    };

    private static readonly FileFormat LogFormat = new()
    {
        Dates = ["yyyy-MM-dd HH:mm:ss"],
        Columns = new Dictionary<string, string> { ["customer"] = "Customer", ["key"] = "Key", ["date"] = "Date_fixed", ["activity"] = "Activity", ["amount"] = "NetValue" },
    };

    private static readonly Currency Gbp = Currency.Parse("GBP");

    private static readonly FileFormat LinesFormat = new()
    {
        Dates = ["yyyy-MM-dd HH:mm:ss"],
        Columns = new Dictionary<string, string>
        {
            ["customer"] = "CustomerID", ["order"] = "InvoiceNo", ["date"] = "InvoiceDate", ["quantity"] = "Quantity", ["price"] = "UnitPrice", ["country"] = "Country",
        },
    };

    /// <summary>Days at which the ledger is compared.</summary>
    private static readonly string[] LedgerDays = ["2012-06-30", "2012-12-31", "2013-03-31", "2013-07-15", "2013-11-30"];

    private static readonly string[] LogDays = ["2016-02-15", "2016-04-30", "2016-07-01", "2016-10-10", "2016-12-20"];

    [NeedsData("ibm_receivables_demo.csv")]
    public async Task Ledger_equals_sql_at_five_dates_and_a_second_import_changes_nothing()
    {
        using var work = new Workplace();
        var content = await File.ReadAllBytesAsync(Path.Combine(RealData.Folder!, "ibm_receivables_demo.csv"));
        var plan = Imports.Ledger(content, LedgerFormat, Usd, unlimited: true);
        using var sql = LoadLedger(content);
        Assert.Equal((Count(sql), 0), (plan.Rows, plan.Rejected.Count));
        Assert.All(await ImportAsync(work, plan), a => Assert.Equal(OutcomeKind.Applied, a.Outcome.Kind));
        foreach (var day in LedgerDays) await CompareLedgerAsync(work, sql, day);

        await ChangesNothingAsync(work, Imports.Ledger(content, LedgerFormat, Usd, unlimited: true));
        await VerifyAsync(work);
    }

    [NeedsData("ibm_receivables_demo.csv")]
    public async Task Ledger_in_another_mapping_or_grown_counts_nothing_twice()
    {
        using var work = new Workplace();
        var content = await File.ReadAllBytesAsync(Path.Combine(RealData.Folder!, "ibm_receivables_demo.csv"));
        await ImportAsync(work, Imports.Ledger(content, LedgerFormat, Usd, unlimited: true));
        // Almost every document of this ledger is paid and has left the memory: only its identity can say that it came before.
        await ChangesNothingAsync(work, Imports.Ledger(content, Without(LedgerFormat, "disputed"), Usd, unlimited: true));

        // Ten rows more, behind the end of the file: every third one is paid, one is disputed, the last lets half a year pass.
        var rows = string.Concat(Enumerable.Range(1, 10).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"391,0379-NEVHP,6/1/2014,GROWN-{i},{(i == 10 ? "12/31" : $"6/{i}")}/2014,{(i == 10 ? "1/30/2015" : $"7/{i}/2014")},{100 + i}.25,{(i == 5 ? "Yes" : "No")},{(i % 3 == 0 ? "6/20/2014" : "")},Paper,0,0\n")));
        var grown = Grow(content, rows);
        var plan = Imports.Ledger(grown, LedgerFormat, Usd, unlimited: true);
        using var sql = LoadLedger(grown);
        Assert.Equal((Count(sql), 0), (plan.Rows, plan.Rejected.Count));
        var answers = await ImportAsync(work, plan);
        // Ten invoices, three payments with their allocations, one dispute. Ends of disputes that have left the memory wait, and move no value.
        Assert.Equal(17, answers.Count(a => a.Outcome.Kind == OutcomeKind.Applied));
        Assert.All(answers, a => Assert.True(a.Outcome.Kind is OutcomeKind.Applied or OutcomeKind.Duplicate or OutcomeKind.Superseded or OutcomeKind.Parked, a.Outcome.ToString()));
        foreach (var day in (string[])[.. LedgerDays, "2014-06-15", "2014-07-08", "2014-10-20", "2014-12-31"]) await CompareLedgerAsync(work, sql, day);
        await VerifyAsync(work);
    }

    [NeedsData("sap_o2c_events.csv.gz")]
    public async Task Order_log_equals_sql_at_five_dates_and_a_second_import_changes_nothing()
    {
        using var work = new Workplace();
        var content = await File.ReadAllBytesAsync(Path.Combine(RealData.Folder!, "sap_o2c_events.csv.gz"));
        var plan = Imports.OrderLog(content, LogFormat, Usd, unlimited: true);
        using var sql = LoadLog(content);
        Assert.Equal((110_125, Count(sql)), (plan.Rows, plan.Rows));
        Assert.Equal(1_607, plan.Notes["Document released for credit"]);
        Assert.All(await ImportAsync(work, plan), a => Assert.Equal(OutcomeKind.Applied, a.Outcome.Kind));
        foreach (var day in LogDays) await CompareOrdersAsync(work, sql, day);

        await ChangesNothingAsync(work, Imports.OrderLog(content, LogFormat, Usd, unlimited: true));
        // Told by name, and rejections left out: what came before stands, and nothing comes twice.
        var told = LogFormat with { Activities = new Dictionary<string, string> { ["Line Creation"] = "created", ["Good Issue"] = "issued" } };
        await ChangesNothingAsync(work, Imports.OrderLog(content, told, Usd, unlimited: true));

        var header = Encoding.UTF8.GetString(Plain(content)).Split('\n', 2)[0].Trim().Split(',');
        var grown = Grow(Plain(content), string.Concat(Enumerable.Range(1, 10).Select(i => Row(header, $"GROWN_{(i + 1) / 2}", i % 2 == 1 ? "Line Creation" : "Good Issue", $"2018-01-{i:00} 10:00:00"))));
        using var more = LoadLog(grown);
        var longer = Imports.OrderLog(grown, LogFormat, Usd, unlimited: true);
        var answers = await ImportAsync(work, longer);
        // A rejection of an order that has left the memory leaves a note that moves no value; everything else is known.
        Assert.Equal(10, longer.Facts.Zip(answers).Count(a => a.Second.Outcome.Kind == OutcomeKind.Applied && a.First is not OrderCancelled));
        foreach (var day in (string[])[LogDays[^1], "2018-01-01", "2018-01-31"]) await CompareOrdersAsync(work, more, day);
        await VerifyAsync(work);
    }

    [NeedsData("uci_online_retail.csv.gz")]
    public async Task Order_lines_equal_sql_at_five_dates_and_a_second_import_changes_nothing()
    {
        using var work = new Workplace();
        var content = await File.ReadAllBytesAsync(Path.Combine(RealData.Folder!, "uci_online_retail.csv.gz"));
        using var sql = LoadLines(content);
        using (var plan = Imports.OrderLines(content, LinesFormat, Gbp, unlimited: true))
        {
            Assert.Equal((541_909, Count(sql)), (plan.Rows, plan.Rows));
            // No customer, a return, no price, or a value that is no whole penny: each with its reason, none in silence.
            Assert.Equal(Number(sql, $"SELECT count(*) FROM raw WHERE NOT ({TakenLine})"), plan.Rejected.Count);
            Assert.Equal(plan.Rejected.Count, plan.Reasons.Values.Sum());
            Assert.All(await ImportAsync(work, plan), a => Assert.Equal(OutcomeKind.Applied, a.Outcome.Kind));
        }

        foreach (var day in (string[])["2010-12-31", "2011-03-31", "2011-06-30", "2011-09-30", "2011-12-09"]) await CompareLinesAsync(work, sql, day);
        await ChangesNothingAsync(work, Imports.OrderLines(content, LinesFormat, Gbp, unlimited: true));
        // Another mapping is another source; the orders are the same.
        await ChangesNothingAsync(work, Imports.OrderLines(content, LinesFormat with { Dates = [.. LinesFormat.Dates, "yyyy-MM-dd"] }, Gbp, unlimited: true));

        // A new order, and a line more for one of the last day.
        var grown = Grow(Plain(content), "GROWN1,X,new,3,2011-12-10 09:00:00,1.25,17850,United Kingdom\n581587,X,more,2,2011-12-11 09:00:00,0.5,12680,France\n");
        using var more = LoadLines(grown);
        using var longer = Imports.OrderLines(grown, LinesFormat, Gbp, unlimited: true);
        Assert.Equal(2, (await ImportAsync(work, longer)).Count(a => a.Outcome.Kind == OutcomeKind.Applied));
        foreach (var day in (string[])["2011-12-09", "2011-12-10", "2011-12-11"]) await CompareLinesAsync(work, more, day);
        await VerifyAsync(work);
    }

    private static string Row(string[] header, string key, string activity, string date) => string.Join(',', header.Select(column => column switch
    {
        "Key" => key, "Activity" => activity, "Date_fixed" => date, "Customer" => "Customer 1", "NetValue" => "125.5", _ => "",
    })) + "\n";

    private static async Task ChangesNothingAsync(Workplace work, ImportPlan plan)
    {
        var before = await BooksAsync(work, DateOnly.MaxValue);
        var answers = await ImportAsync(work, plan);
        Assert.NotEmpty(answers);
        Assert.All(answers, a => Assert.True(a.Outcome.Kind is OutcomeKind.Duplicate or OutcomeKind.Superseded, a.Outcome.ToString()));
        Assert.Equal(before, await BooksAsync(work, DateOnly.MaxValue));
    }

    private static FileFormat Without(FileFormat format, string field) =>
        format with { Columns = format.Columns.Where(c => c.Key != field).ToDictionary(c => c.Key, c => c.Value, StringComparer.Ordinal) };

    private static async Task<IReadOnlyList<Answer>> ImportAsync(Workplace work, ImportPlan plan)
    {
        if (!await JournalFactory.ExistsAsync(work.Address))
            await JournalFactory.CreateAsync(work.Address, new DatabaseInfo("test", "USD", 8, "events", "UTC", false));
        await using var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(work.Address, offline: true));
        await engine.StartAsync();
        return await engine.FeedAsync(plan.Facts);
    }

    private static async Task VerifyAsync(Workplace work)
    {
        await using var reader = await JournalFactory.OpenReaderAsync(work.Address);
        var info = reader.Database;
        var report = await JournalVerifier.RunAsync(reader, info, CancellationToken.None);
        Assert.Null(report.Violation);
        Assert.True(report.Accounts > 0);
        // The newest snapshot and the frames behind it show what the whole journal shows.
        for (var partition = 0; partition < info.Partitions; partition++)
            Assert.Equal(Reports(await AsOf.BookAsync(reader, info, partition, AsOf.Now, CancellationToken.None)), Reports(await AsOf.NowAsync(reader, info, partition, CancellationToken.None)));
    }

    private static List<string> Reports(Book book) => [.. Enumerable.Range(0, book.AccountCount).Select(slot => book.CustomerAt(slot) + AccountReport.Of(book.Figures(slot), book.Today))];

    private static async Task<List<(string Customer, AccountFigures Figures)>> FiguresAsync(Workplace work, DateOnly day)
    {
        await using var reader = await JournalFactory.OpenReaderAsync(work.Address);
        var info = reader.Database;
        var until = day == DateOnly.MaxValue ? new Instant(long.MaxValue) : Instant.From(day).Plus(Instant.Day - 1);
        var rows = new List<(string, AccountFigures)>();
        for (var partition = 0; partition < info.Partitions; partition++)
        {
            var book = await AsOf.BookAsync(reader, info, partition, new PastBound(until, long.MaxValue), CancellationToken.None);
            for (var slot = 0; slot < book.AccountCount; slot++) rows.Add((book.CustomerAt(slot), book.Figures(slot)));
        }

        return rows;
    }

    private static async Task<List<string>> BooksAsync(Workplace work, DateOnly day) =>
        [.. (await FiguresAsync(work, day)).OrderBy(r => r.Customer, StringComparer.Ordinal).Select(r => r.Customer + AccountReport.Of(r.Figures, 1))];
}
