using System.Globalization;
using System.IO.Compression;
using CsvHelper;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;
using Microsoft.Data.Sqlite;
using Xunit;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>Real files through the importer, the engine and the journal, against SQL over the raw rows.</summary>
public sealed class RealBooks
{
    [NeedsData("ibm_receivables_demo.csv")]
    public async Task Ledger_equals_sql_at_five_dates_and_a_second_import_changes_nothing()
    {
        using var work = new Workplace();
        var content = await File.ReadAllBytesAsync(Path.Combine(RealData.Folder!, "ibm_receivables_demo.csv"));
        var format = new FileFormat
        {
            Dates = ["M/d/yyyy"],
            Columns = new Dictionary<string, string>
            {
                ["customer"] = "customerID", ["document"] = "invoiceNumber", ["issued"] = "InvoiceDate", ["due"] = "DueDate",
                ["amount"] = "InvoiceAmount", ["settled"] = "SettledDate", ["disputed"] = "Disputed",
            },
        };
        var usd = Currency.Parse("USD");
        Assert.All(await ImportAsync(work, Imports.Ledger(content, format, usd, unlimited: true)), a => Assert.Equal(OutcomeKind.Applied, a.Outcome.Kind));
        using var sql = Load(content, ("customerID", false), ("InvoiceDate", true), ("DueDate", true), ("SettledDate", true), ("InvoiceAmount", false));
        foreach (var day in (string[])["2012-06-30", "2012-12-31", "2013-03-31", "2013-07-15", "2013-11-30"]) await CompareLedgerAsync(work, sql, day);

        var before = await BooksAsync(work, DateOnly.MaxValue);
        Assert.All(await ImportAsync(work, Imports.Ledger(content, format, usd, unlimited: true)), a => Assert.Equal(OutcomeKind.Duplicate, a.Outcome.Kind));
        Assert.Equal(before, await BooksAsync(work, DateOnly.MaxValue));
        await VerifyAsync(work);
    }

    [NeedsData("sap_o2c_events.csv.gz")]
    public async Task Order_log_equals_sql_at_five_dates()
    {
        using var work = new Workplace();
        var content = await File.ReadAllBytesAsync(Path.Combine(RealData.Folder!, "sap_o2c_events.csv.gz"));
        var format = new FileFormat
        {
            Dates = ["yyyy-MM-dd HH:mm:ss"],
            Columns = new Dictionary<string, string> { ["customer"] = "Customer", ["key"] = "Key", ["date"] = "Date_fixed", ["activity"] = "Activity", ["amount"] = "NetValue" },
        };
        var plan = Imports.OrderLog(content, format, Currency.Parse("USD"), unlimited: true);
        Assert.Equal(110_125, plan.Rows);
        Assert.Equal(1_607, plan.Notes["Document released for credit"]);
        Assert.All(await ImportAsync(work, plan), a => Assert.Equal(OutcomeKind.Applied, a.Outcome.Kind));
        using var sql = Load(content, ("Customer", false), ("Key", false), ("Date_fixed", false), ("Activity", false), ("NetValue", false));
        foreach (var day in (string[])["2016-02-15", "2016-04-30", "2016-07-01", "2016-10-10", "2016-12-20"]) await CompareOrdersAsync(work, sql, day);
        await VerifyAsync(work);
    }

    private static async Task CompareLedgerAsync(Workplace work, SqliteConnection sql, string day)
    {
        using var command = sql.CreateCommand();
        command.CommandText = """
            WITH open AS (SELECT customerID AS customer, CAST(round(InvoiceAmount * 100) AS INTEGER) AS amount, CAST(julianday($day) - julianday(DueDate) AS INTEGER) AS late
                          FROM raw WHERE InvoiceDate <= $day AND (SettledDate = '' OR SettledDate > $day))
            SELECT customer, sum(amount), sum(CASE WHEN late <= 0 THEN amount ELSE 0 END), sum(CASE WHEN late BETWEEN 1 AND 30 THEN amount ELSE 0 END),
              sum(CASE WHEN late BETWEEN 31 AND 60 THEN amount ELSE 0 END), sum(CASE WHEN late BETWEEN 61 AND 90 THEN amount ELSE 0 END),
              sum(CASE WHEN late > 0 THEN amount ELSE 0 END), count(*)
            FROM open GROUP BY customer
            """;
        command.Parameters.AddWithValue("$day", day);
        var expected = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using (var rows = command.ExecuteReader())
            while (rows.Read())
                expected[rows.GetString(0)] = string.Join(' ', Enumerable.Range(1, 7).Select(i => rows.GetInt64(i)));
        var actual = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (customer, f) in await FiguresAsync(work, DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture)))
            if (f.OpenItems > 0) actual[customer] = string.Join(' ', f.Receivables, f.NotDue, f.Late30, f.Late60, f.Late90, f.Overdue, f.OpenItems);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, actual);
    }

    private static async Task CompareOrdersAsync(Workplace work, SqliteConnection sql, string day)
    {
        using var command = sql.CreateCommand();
        // An order line is open from its creation until its first goods issue, which delivers all of it, or its rejection.
        command.CommandText = """
            WITH line AS (SELECT Key, replace(trim(min(Customer)), ' ', '_') AS customer, min(CASE WHEN Activity = 'Line Creation' THEN date(Date_fixed) END) AS created,
                            min(CASE WHEN Activity = 'Good Issue' THEN date(Date_fixed) END) AS issued,
                            min(CASE WHEN Activity = 'Schedule Line Rejected' THEN date(Date_fixed) END) AS rejected,
                            max(CASE WHEN Activity = 'Line Creation' THEN CAST(round(NetValue * 100) AS INTEGER) END) AS amount
                          FROM raw WHERE NetValue > 0 GROUP BY Key)
            SELECT customer, sum(CASE WHEN (issued IS NULL OR issued > $day) AND (rejected IS NULL OR rejected > $day) THEN amount ELSE 0 END),
              sum(CASE WHEN issued <= $day THEN amount ELSE 0 END)
            FROM line WHERE created <= $day GROUP BY customer
            """;
        command.Parameters.AddWithValue("$day", day);
        var expected = new SortedDictionary<string, (long Open, long Delivered)>(StringComparer.Ordinal);
        using (var rows = command.ExecuteReader())
            while (rows.Read()) expected[rows.GetString(0)] = (rows.GetInt64(1), rows.GetInt64(2));
        var actual = new SortedDictionary<string, (long Open, long Delivered)>(StringComparer.Ordinal);
        foreach (var (customer, f) in await FiguresAsync(work, DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture)))
            actual[customer] = (f.OrdersInside + f.OrdersOutside, f.Delivered);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, actual);
    }

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
    }

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

    /// <summary>Raw rows in a table of text; dates of M/d/yyyy become ISO so that SQL can compare them.</summary>
    private static SqliteConnection Load(byte[] content, params (string Column, bool IsDate)[] columns)
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using var create = connection.CreateCommand();
        create.CommandText = $"CREATE TABLE raw ({string.Join(',', columns.Select(c => c.Column))})";
        create.ExecuteNonQuery();
        using var transaction = connection.BeginTransaction();
        using var insert = connection.CreateCommand();
        insert.CommandText = $"INSERT INTO raw VALUES ({string.Join(',', columns.Select((_, i) => "$" + i))})";
        Stream stream = new MemoryStream(content);
        if (content is [0x1f, 0x8b, ..]) stream = new GZipStream(stream, CompressionMode.Decompress);
        using var csv = new CsvReader(new StreamReader(stream), CultureInfo.InvariantCulture);
        csv.Read();
        csv.ReadHeader();
        while (csv.Read())
        {
            insert.Parameters.Clear();
            for (var i = 0; i < columns.Length; i++)
            {
                var text = csv.GetField(columns[i].Column) ?? "";
                object value = columns[i].IsDate && text.Length > 0
                    ? DateTime.ParseExact(text, "M/d/yyyy", CultureInfo.InvariantCulture).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
                    : double.TryParse(text, CultureInfo.InvariantCulture, out var number) && columns[i].Column is "InvoiceAmount" or "NetValue" ? number : text;
                insert.Parameters.AddWithValue("$" + i, value);
            }

            insert.ExecuteNonQuery();
        }

        transaction.Commit();
        return connection;
    }
}
