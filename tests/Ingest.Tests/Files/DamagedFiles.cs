using System.IO.Compression;
using System.Text;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>Files that are cut off, damaged, huge or told wrongly: refused as a whole, or row by row, and never half taken in silence.</summary>
public sealed class DamagedFiles
{
    private static readonly Dictionary<string, string> Columns = new()
    {
        ["customer"] = "c", ["document"] = "d", ["issued"] = "i", ["due"] = "u", ["amount"] = "a",
    };

    private static readonly FileFormat Format = new() { Columns = Columns };

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(9)]
    [InlineData(500)]
    [InlineData(5_000)]
    public void A_gzip_that_is_cut_off_is_no_shorter_ledger(int missing)
    {
        var packed = Packed(string.Concat(Enumerable.Range(0, 5_000).Select(i => $"C{i % 7},D{i},2026-01-01,2026-01-31,{i * 7919 % 10_007}.50,text\n")));
        Assert.Equal(5_000, Read(packed).Rows);
        Assert.Throws<InvalidDataException>(() => Read(packed[..^missing]));
    }

    [Fact]
    public void A_gzip_that_is_damaged_says_so()
    {
        var packed = Packed("C1,D1,2026-01-01,2026-01-31,10,\n");
        packed[^6] ^= 1;
        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => Read(packed)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_packed_files_in_a_row_are_one()
    {
        var one = Packed("C1,D1,2026-01-01,2026-01-31,10,\n");
        byte[] both = [.. one, .. Gzip("C1,D2,2026-01-01,2026-01-31,10,\n")];
        Assert.Equal(2, Read(both).Rows);
    }

    [Theory]
    [InlineData("C1,\"D1,2026-01-01,2026-01-31,10,\nC1,D2,2026-01-01,2026-01-31,10,\nC1,D3\",2026-01-01,2026-01-31,10,\n", "BAD_ROW", "D2 D3_")]
    [InlineData("C1,D1,2026-01-01,2026-01-31,10,\"text\nC1,D2,2026-01-01,2026-01-31,10,\nC1,D3,2026-01-01,2026-01-31,10,\"\n", "BAD_ROW", "D2")]
    [InlineData("C1,D1,2026-01-01,2026-01-31,10,\"two\nlines, and a comma\"\n", "", "D1")]
    public void A_quote_that_the_next_one_closes_swallows_no_row(string rows, string reason, string documents)
    {
        using var plan = Read(Encoding.UTF8.GetBytes(Header + rows));
        Assert.Equal(reason, plan.Rejected.FirstOrDefault()?.Reason ?? "");
        Assert.Equal(documents, string.Join(' ', plan.Facts.OfType<InvoicePosted>().Select(invoice => invoice.InvoiceId)));
    }

    [Fact]
    public void A_row_without_end_costs_one_line_and_little_memory()
    {
        var text = new StringBuilder(Header).Append("C1,D1,2026-01-01,2026-01-31,10,\n");
        text.Append("C1,").Append('x', 3_000_000).Append(",2026-01-01,2026-01-31,10,\n").Append("C1,D3").Append(',', 3_000_000).Append('\n');
        text.Append('\n', 3_000_000).Append("C1,D4,2026-01-01,2026-01-31,10,\nC1,D5,2026-01-01\n");
        using var plan = Read(Encoding.UTF8.GetBytes(text.ToString()));
        Assert.Equal(["D1", "D4"], plan.Facts.OfType<InvoicePosted>().Select(invoice => invoice.InvoiceId));
        Assert.Equal([3, 4, 3_000_006], plan.Rejected.Select(row => row.Line));
        Assert.All(plan.Rejected, row => Assert.True(row.Raw.Length <= 2_000));
    }

    [Fact]
    public void A_zero_byte_is_no_text()
    {
        using var plan = Read(Encoding.UTF8.GetBytes(Header + "C1,D\0X,2026-01-01,2026-01-31,10,\n"));
        Assert.Equal("BAD_TEXT document", Assert.Single(plan.Rejected).Reason);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\r")]
    [InlineData("\n")]
    public void Line_ends_and_byte_order_marks_do_not_matter(string end)
    {
        var text = (Header + "C1,D1,2026-01-01,2026-01-31,10,\nC1,D2,2026-01-01,2026-01-31,10,\n").Replace("\n", end, StringComparison.Ordinal);
        foreach (var encoding in (Encoding[])[new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32])
        {
            using var plan = Read([.. encoding.GetPreamble(), .. encoding.GetBytes(text)]);
            Assert.Equal((2, 0), (plan.Rows, plan.Rejected.Count));
        }
    }

    [Fact]
    public void A_stream_that_gives_little_at_a_time_reads_the_same()
    {
        var content = Encoding.UTF8.GetBytes(Header + string.Concat(Enumerable.Range(0, 300).Select(i => i % 50 == 7 ? $"C1,\"D{i},x\n" : $"C1,D{i},2026-01-01,2026-01-31,10,é\n")));
        using var whole = Read(content);
        using var crumbs = Imports.Ledger(new Crumbs(content), Format, Currency.Parse("EUR"), unlimited: false);
        Assert.Equal((whole.Source, whole.Rows, whole.Count), (crumbs.Source, crumbs.Rows, crumbs.Count));
        Assert.Equal(whole.Rejected, crumbs.Rejected);
    }

    [Fact]
    public void A_misspelt_field_or_sign_is_refused()
    {
        void Refused(FileFormat format, string part) =>
            Assert.Contains(part, Assert.Throws<InvalidDataException>(() => Imports.Ledger(Encoding.UTF8.GetBytes(Header), format, Currency.Parse("EUR"), false)).Message, StringComparison.Ordinal);
        Refused(Format with { Columns = new Dictionary<string, string>(Columns) { ["setled"] = "a" } }, "no field 'setled'");
        Refused(Format with { Thousands = "." }, "'.' is told for thousands and for decimals");
        Refused(Format with { Thousands = "1" }, "no digit");
        Refused(Format with { Decimal = "" }, "one sign");
        Refused(Format with { Delimiter = "\"" }, "delimiter");
        Refused(Format with { Dates = [] }, "dates");
        var twice = Assert.Throws<InvalidDataException>(() => Imports.Ledger(Encoding.UTF8.GetBytes("c,d,i,u,a,a\n"), Format, Currency.Parse("EUR"), false));
        Assert.Contains("stands 2 times", twice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_a_report_that_do_not_fit_in_memory_come_in_the_same_order()
    {
        using var rows = new RowCollection<int>((file, row) => file.Write(row), file => file.ReadInt32(), most: 3);
        for (var i = 0; i < 10; i++)
        {
            rows.Add(i);
            Assert.Equal(Enumerable.Range(0, i + 1), rows);
        }

        Assert.Equal(10, rows.Count);
    }

    private const string Header = "c,d,i,u,a,t\n";

    private static ImportPlan Read(byte[] content) => Imports.Ledger(content, Format, Currency.Parse("EUR"), unlimited: false);

    private static byte[] Packed(string rows) => Gzip(Header + rows);

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    private sealed class Crumbs(byte[] content) : ForwardStream
    {
        private int _at;

        public override int Read(Span<byte> buffer)
        {
            var count = Math.Min(Math.Min(1 + _at % 7, buffer.Length), content.Length - _at);
            content.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }
    }
}
