using System.Globalization;
using System.IO.Compression;
using System.Text;
using CsvHelper;
using ExposureMonitor.Domain;
using Microsoft.Data.Sqlite;
using Xunit;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>The other computation: SQL over the raw rows, that shares no code with the product.</summary>
public sealed partial class RealBooks
{
    private static async Task CompareLedgerAsync(Workplace work, SqliteConnection sql, string day)
    {
        using var command = sql.CreateCommand();
        command.CommandText = """
            WITH open AS (SELECT customerID AS customer, CAST(round(InvoiceAmount * 100) AS INTEGER) AS amount, CAST(julianday($day) - julianday(DueDate) AS INTEGER) AS late
                          FROM raw WHERE InvoiceDate <= $day AND (SettledDate = '' OR SettledDate > $day))
            SELECT customer, sum(amount), sum(CASE WHEN late <= 0 THEN amount ELSE 0 END), sum(CASE WHEN late BETWEEN 1 AND 30 THEN amount ELSE 0 END),
              sum(CASE WHEN late BETWEEN 31 AND 60 THEN amount ELSE 0 END), sum(CASE WHEN late BETWEEN 61 AND 90 THEN amount ELSE 0 END),
              sum(CASE WHEN late BETWEEN 91 AND 180 THEN amount ELSE 0 END), sum(CASE WHEN late > 180 THEN amount ELSE 0 END),
              sum(CASE WHEN late > 0 THEN amount ELSE 0 END), count(*)
            FROM open GROUP BY customer
            """;
        command.Parameters.AddWithValue("$day", day);
        var expected = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using (var rows = command.ExecuteReader())
            while (rows.Read())
                expected[rows.GetString(0)] = string.Join(' ', Enumerable.Range(1, 9).Select(i => rows.GetInt64(i)));
        var actual = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (customer, f) in await FiguresAsync(work, DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture)))
            if (f.OpenItems > 0) actual[customer] = string.Join(' ', f.Receivables, f.NotDue, f.Late30, f.Late60, f.Late90, f.Late180, f.LateMore, f.Overdue, f.OpenItems);
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

    /// <summary>Lines of a customer with a value above 0, in whole pence: the prices of this file have at most three digits.</summary>
    private const string TakenLine = "CustomerID <> '' AND Quantity > 0 AND UnitPrice > 0 AND (Quantity * CAST(round(UnitPrice * 1000) AS INTEGER)) % 10 = 0";

    private static async Task CompareLinesAsync(Workplace work, SqliteConnection sql, string day)
    {
        using var command = sql.CreateCommand();
        command.CommandText = $"SELECT CustomerID, sum(Quantity * CAST(round(UnitPrice * 1000) AS INTEGER)) / 10 FROM raw WHERE {TakenLine} AND date(InvoiceDate) <= $day GROUP BY CustomerID";
        command.Parameters.AddWithValue("$day", day);
        var expected = new SortedDictionary<string, long>(StringComparer.Ordinal);
        using (var rows = command.ExecuteReader())
            while (rows.Read()) expected[rows.GetString(0)] = rows.GetInt64(1);
        var actual = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (customer, f) in await FiguresAsync(work, DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture))) actual[customer] = f.OrdersInside + f.OrdersOutside;
        Assert.NotEmpty(expected);
        Assert.Equal(expected, actual);
    }

    private static SqliteConnection LoadLines(byte[] content) =>
        Load(content, ("CustomerID", false), ("InvoiceNo", false), ("InvoiceDate", false), ("Quantity", false), ("UnitPrice", false));

    private static int Number(SqliteConnection sql, string query)
    {
        using var command = sql.CreateCommand();
        command.CommandText = query;
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static SqliteConnection LoadLedger(byte[] content) =>
        Load(content, ("customerID", false), ("InvoiceDate", true), ("DueDate", true), ("SettledDate", true), ("InvoiceAmount", false));

    private static SqliteConnection LoadLog(byte[] content) =>
        Load(content, ("Customer", false), ("Key", false), ("Date_fixed", false), ("Activity", false), ("NetValue", false));

    private static int Count(SqliteConnection sql) => Number(sql, "SELECT count(*) FROM raw");

    /// <summary>The same file with rows behind its end.</summary>
    private static byte[] Grow(byte[] content, string rows) => [.. content, .. Encoding.UTF8.GetBytes((content[^1] == (byte)'\n' ? "" : "\n") + rows)];

    private static byte[] Plain(byte[] content)
    {
        if (content is not [0x1f, 0x8b, ..]) return content;
        using var stream = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        stream.CopyTo(plain);
        return plain.ToArray();
    }

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
        using var csv = new CsvReader(new StreamReader(new MemoryStream(Plain(content))), CultureInfo.InvariantCulture);
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
                    : double.TryParse(text, CultureInfo.InvariantCulture, out var number) && columns[i].Column is "InvoiceAmount" or "NetValue" or "Quantity" or "UnitPrice" ? number : text;
                insert.Parameters.AddWithValue("$" + i, value);
            }

            insert.ExecuteNonQuery();
        }

        transaction.Commit();
        return connection;
    }
}
