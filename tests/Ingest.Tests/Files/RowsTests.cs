using System.IO.Compression;
using System.Text;
using ExposureMonitor.Domain;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>How files are read: numbers, dates, encodings, broken rows.</summary>
public sealed class RowsTests
{
    private static readonly Dictionary<string, string> Columns = new()
    {
        ["customer"] = "cust", ["document"] = "doc", ["issued"] = "issued", ["due"] = "due", ["amount"] = "amount",
    };

    [Theory]
    [InlineData("12.34", ".", "", 1234)]
    [InlineData("12", ".", "", 1200)]
    [InlineData(".5", ".", "", 50)]
    [InlineData("12.3400", ".", "", 1234)]
    [InlineData("-12.34", ".", "", -1234)]
    [InlineData("12.34-", ".", "", -1234)]
    [InlineData("(12.34)", ".", "", -1234)]
    [InlineData("1.234.567,80", ",", ".", 123456780)]
    [InlineData("12,34,567.80", ".", ",", 123456780)]
    [InlineData("1'234.50", ".", "'", 123450)]
    [InlineData("10000000000000.00", ".", "", 1_000_000_000_000_000)]
    public void An_amount_becomes_minor_units_exactly(string text, string point, string thousands, long minor)
    {
        var format = new FileFormat { Decimal = point, Thousands = thousands };
        Assert.True(format.TryAmount(text, Currency.Parse("EUR"), out var read));
        Assert.Equal(minor, read);
    }

    [Theory]
    [InlineData("12.345")]
    [InlineData("1e3")]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("--1")]
    [InlineData("-1-")]
    [InlineData("12.")]
    [InlineData("1,5")]
    [InlineData("1,2345")]
    [InlineData("1234,567")]
    [InlineData("€12")]
    [InlineData("NaN")]
    [InlineData("٣٤")]
    [InlineData("10000000000000.01")]
    [InlineData("99999999999999999999999999999999999999999")]
    [InlineData("0.30000000000000004")]
    public void What_is_no_exact_amount_is_refused(string text) =>
        Assert.False(new FileFormat { Thousands = "," }.TryAmount(text, Currency.Parse("EUR"), out _));

    [Fact]
    public void Digits_follow_the_currency()
    {
        var format = new FileFormat();
        Assert.True(format.TryAmount("1250", Currency.Parse("JPY"), out var yen));
        Assert.Equal(1250, yen);
        Assert.False(format.TryAmount("1250.5", Currency.Parse("JPY"), out _));
        Assert.True(format.TryAmount("1.234", Currency.Parse("KWD"), out var dinar));
        Assert.Equal(1234, dinar);
    }

    [Fact]
    public void Any_amount_makes_the_round() => Prop.ForAll<long, byte>((seed, style) =>
    {
        var minor = seed % 1_000_000_000_000;
        var (point, thousands) = (style % 2 == 0 ? "." : ",", (style % 3) switch { 0 => "", 1 => "'", _ => " " });
        var whole = (Math.Abs(minor) / 100).ToString("N0", System.Globalization.CultureInfo.InvariantCulture).Replace(",", thousands, StringComparison.Ordinal);
        var text = $"{(minor < 0 ? "-" : "")}{whole}{point}{Math.Abs(minor) % 100:D2}";
        Assert.True(new FileFormat { Decimal = point, Thousands = thousands }.TryAmount(text, Currency.Parse("EUR"), out var read), text);
        Assert.Equal(minor, read);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("M/d/yyyy", "4/6/2013", 2013, 4, 6)]
    [InlineData("dd.MM.yyyy", "06.04.2013", 2013, 4, 6)]
    [InlineData("yyyyMMdd", "20130406", 2013, 4, 6)]
    [InlineData("yyyy-MM-dd HH:mm:ss", "2013-04-06 23:59:59", 2013, 4, 6)]
    [InlineData("epoch-ms", "1452812400000.0", 2016, 1, 14)]
    public void Dates_follow_the_told_format(string format, string text, int year, int month, int day) =>
        Assert.Equal(new DateOnly(year, month, day).DayNumber, new FileFormat { Dates = [format] }.DayOf(text));

    [Theory]
    [InlineData("0000-00-00")]
    [InlineData("9999-12-31")]
    [InlineData("1899-12-31")]
    [InlineData("2013-13-01")]
    [InlineData("")]
    public void What_is_no_date_is_none(string text) => Assert.Equal(0, new FileFormat().DayOf(text));

    [Fact]
    public void A_quote_that_is_never_closed_costs_one_row()
    {
        var plan = Ledger("C1,D1,2026-01-01,2026-01-31,10\nC1,\"D2,2026-01-01,2026-01-31,10\nC1,D3,2026-01-01,2026-01-31,10\n\nC1,D4,2026-01-01\nC1,D5,2026-01-01,2026-01-31,10\n");
        Assert.Equal(["D1", "D3", "D5"], plan.Facts.OfType<InvoicePosted>().Select(invoice => invoice.InvoiceId));
        Assert.Equal([3, 6], plan.Rejected.Select(row => row.Line));
        Assert.All(plan.Rejected, row => Assert.Equal("BAD_ROW", row.Reason));
        Assert.Equal("C1,\"D2,2026-01-01,2026-01-31,10", plan.Rejected.First().Raw);
        Assert.Equal(5, plan.Rows);
    }

    [Fact]
    public void A_huge_open_quote_takes_no_quadratic_time()
    {
        var rows = new StringBuilder();
        for (var i = 0; i < 20_000; i++) rows.Append(i % 100 == 0 ? "C1,\"" : "C1,").Append('D').Append(i).Append(",2026-01-01,2026-01-31,10\n");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var plan = Ledger(rows.ToString());
        Assert.Equal(20_000, plan.Rows);
        Assert.Equal(200, plan.Rejected.Count);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), watch.Elapsed.ToString());
    }

    [Fact]
    public void Line_breaks_within_closed_quotes_are_text()
    {
        var plan = Ledger("\"C\n1\",D1,2026-01-01,2026-01-31,10\nC2,D2,2026-01-01,2026-01-31,\"10\"\n");
        Assert.Equal(["C_1", "C2"], plan.Facts.OfType<InvoicePosted>().Select(invoice => invoice.Customer));
        Assert.Empty(plan.Rejected);
    }

    [Fact]
    public void Gzip_and_plain_are_the_same_file()
    {
        var content = File("C1,D1,2026-01-01,2026-01-31,10\n");
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(content);
        var format = new FileFormat { Columns = Columns };
        Assert.Equal(
            Imports.Ledger(content, format, Currency.Parse("EUR"), false).Source,
            Imports.Ledger(packed.ToArray(), format, Currency.Parse("EUR"), false).Source);
    }

    [Fact]
    public void The_source_changes_with_everything_that_was_told()
    {
        var content = File("C1,D1,2026-01-01,2026-01-31,10\n");
        var format = new FileFormat { Columns = Columns };
        string[] sources =
        [
            Imports.Ledger(content, format, Currency.Parse("EUR"), false).Source,
            Imports.Ledger(content, format, Currency.Parse("USD"), false).Source,
            Imports.Ledger(content, format, Currency.Parse("EUR"), true).Source,
            Imports.Ledger(content, format with { Dates = ["yyyy-MM-dd", "yyyyMMdd"] }, Currency.Parse("EUR"), false).Source,
            Imports.Ledger([.. content, (byte)'\n'], format, Currency.Parse("EUR"), false).Source,
        ];
        Assert.Equal(sources.Length, sources.Distinct().Count());
        Assert.All(sources, source => Assert.Matches("^file:[0-9a-f]{32}$", source));
    }

    [Fact]
    public void Encoding_is_told_and_lost_characters_are_no_id()
    {
        var content = Encoding.Latin1.GetBytes("cust,doc,issued,due,amount\nMüller,D1,2026-01-01,2026-01-31,10\n");
        var format = new FileFormat { Columns = Columns };
        var wrong = Imports.Ledger(content, format, Currency.Parse("EUR"), false);
        Assert.Equal("BAD_TEXT customer", Assert.Single(wrong.Rejected).Reason);
        var right = Imports.Ledger(content, format with { Encoding = "windows-1252" }, Currency.Parse("EUR"), false);
        Assert.Equal("Müller", Assert.Single(right.Facts.OfType<CustomerOpened>()).Profile.Name);
        Assert.Equal("M_ller", right.Facts[0].Customer);
        Assert.Throws<InvalidDataException>(() => Imports.Ledger(content, format with { Encoding = "klingon" }, Currency.Parse("EUR"), false));
    }

    [Fact]
    public void A_mistaken_column_is_told_with_the_header()
    {
        var format = new FileFormat { Columns = new Dictionary<string, string>(Columns) { ["due"] = "DueDate" } };
        var wrong = Assert.Throws<InvalidDataException>(() => Imports.Ledger(File(""), format, Currency.Parse("EUR"), false));
        Assert.Contains("'DueDate' for due is not in the header: cust, doc, issued, due, amount", wrong.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => Imports.Ledger([], format, Currency.Parse("EUR"), false));
    }

    [Fact]
    public void Two_texts_never_share_an_id()
    {
        var ids = new FileIds();
        var (plain, spaced, odd, wide) = (ids.Of("A_B"), ids.Of("A B"), ids.Of("A/B"), ids.Of(new string('x', 80)));
        Assert.Equal("A_B", plain);
        Assert.Equal(4, new[] { plain, spaced, odd, wide }.Distinct().Count());
        Assert.All([plain, spaced, odd, wide], id => Assert.True(Ids.IsValid(id), id));
        Assert.Equal(spaced, ids.Of("A B"));
        Assert.True(Ids.IsValid(FileIds.Derived("allocation", wide)));
    }

    [Fact]
    public void A_mapping_reads_from_JSON_and_from_pairs()
    {
        var format = FileFormat.FromJson("""{"delimiter":";","dates":["dd.MM.yyyy"],"decimal":",","columns":{"customer":"Kunde"},"activities":{"Angelegt":"created"}}""");
        Assert.Equal((";", ",", "Kunde", "created"), (format.Delimiter, format.Decimal, format.Columns["customer"], format.Activities["Angelegt"]));
        Assert.Equal("Kunde", FileFormat.FromJson("""{"customer":"Kunde"}""").Columns["customer"]);
        Assert.Equal("a=b", FileFormat.ParseColumns(["customer=a=b"], Imports.LedgerFields)["customer"]);
        foreach (var bad in new[] { "[]", "{", """{"columns":5}""", """{"columns":{},"delimeter":";"}""", """{"customer":null}""" })
            Assert.Throws<InvalidDataException>(() => FileFormat.FromJson(bad));
        Assert.Throws<InvalidDataException>(() => FileFormat.ParseColumns(["kunde=x"], Imports.LedgerFields));
    }

    [Fact]
    public void Any_bytes_are_rows_or_rejected_rows() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        const string Signs = ",\"\n\r;C1D2026-01-01.é \t";
        var text = new string([.. Enumerable.Range(0, random.Next(400)).Select(_ => Signs[random.Next(Signs.Length)])]);
        var plan = Ledger(text);
        Assert.Equal(plan.Rows, plan.Rejected.Count + plan.Facts.OfType<InvoicePosted>().Count() + plan.Facts.OfType<CreditNoteIssued>().Count()
            + plan.Notes.GetValueOrDefault("identical row, left out"));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static ImportPlan Ledger(string rows) => Imports.Ledger(File(rows), new FileFormat { Columns = Columns }, Currency.Parse("EUR"), false);

    private static byte[] File(string rows) => Encoding.UTF8.GetBytes("cust,doc,issued,due,amount\n" + rows);
}
