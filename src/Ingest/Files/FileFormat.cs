using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>How a file is written: told by the user, never guessed.</summary>
public sealed record FileFormat
{
    public string Delimiter { get; init; } = ",";

    /// <summary>Name of the encoding, such as <c>utf-8</c> or <c>iso-8859-1</c>.</summary>
    public string Encoding { get; init; } = "utf-8";

    /// <summary>Date formats of .NET, tried in order.</summary>
    public IReadOnlyList<string> Dates { get; init; } = ["yyyy-MM-dd"];

    public string Thousands { get; init; } = "";

    public string Decimal { get; init; } = ".";

    /// <summary>Columns by field; a field that is not named is not read.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>The hash of content and mapping: the source of every event of the file.</summary>
    public string SourceOf(byte[] content)
    {
        var told = string.Join('|', [Delimiter, Encoding, .. Dates, Thousands, Decimal, .. Columns.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => c.Key + "=" + c.Value)]);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(content);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(told));
        return "file:" + Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    /// <summary>Amount text to minor units, exactly; false when it is no amount of the currency.</summary>
    public bool TryAmount(string text, Currency currency, out long minor)
    {
        minor = 0;
        var plain = text.Trim();
        if (Thousands.Length > 0) plain = plain.Replace(Thousands, "", StringComparison.Ordinal);
        if (Decimal != ".") plain = plain.Replace(Decimal, ".", StringComparison.Ordinal);
        if (!decimal.TryParse(plain, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) return false;
        for (var digit = 0; digit < currency.Digits; digit++) value *= 10;
        if (value != decimal.Truncate(value) || Math.Abs(value) > 1_000_000_000_000_000m) return false;
        minor = (long)value;
        return true;
    }

    /// <summary>Date text to a day number; 0 when it is none of the told formats.</summary>
    public int DayOf(string text)
    {
        foreach (var format in Dates)
            if (DateTime.TryParseExact(text.Trim(), format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
                return DateOnly.FromDateTime(date).DayNumber;
        return 0;
    }

    /// <summary>Reads all rows: line number, raw text, and the fields of the mapping.</summary>
    /// <exception cref="InvalidDataException">A mapped column is not in the header.</exception>
    internal IEnumerable<(int Line, string Raw, Func<string, string> Field)> Rows(byte[] content)
    {
        using Stream plain = content is [0x1f, 0x8b, ..] ? new GZipStream(new MemoryStream(content), CompressionMode.Decompress) : new MemoryStream(content);
        using var text = new StreamReader(plain, System.Text.Encoding.GetEncoding(Encoding));
        using var csv = new CsvReader(text, new CsvConfiguration(CultureInfo.InvariantCulture) { Delimiter = Delimiter, BadDataFound = null, MissingFieldFound = null });
        if (!csv.Read() || !csv.ReadHeader()) yield break;
        foreach (var (field, column) in Columns)
            if (Array.IndexOf(csv.HeaderRecord!, column) < 0)
                throw new InvalidDataException($"The column '{column}' for {field} is not in the header: {string.Join(", ", csv.HeaderRecord!)}.");
        while (csv.Read())
            yield return (csv.Parser.RawRow, csv.Parser.RawRecord.TrimEnd('\r', '\n'),
                field => Columns.TryGetValue(field, out var column) ? csv.GetField(column)?.Trim() ?? "" : "");
    }
}

/// <summary>A row that could not be taken, with its reason.</summary>
public sealed record RejectedRow(int Line, string Reason, string Raw);

/// <summary>What a file holds, as facts in time order.</summary>
public sealed class ImportPlan
{
    public required string Source { get; init; }

    public List<Fact> Facts { get; } = [];

    public List<RejectedRow> Rejected { get; } = [];

    public int Rows { get; set; }

    /// <summary>Rows that were kept as notes: blocks and releases of the source system, and activities that move no value.</summary>
    public SortedDictionary<string, int> Notes { get; } = new(StringComparer.Ordinal);

    public int Customers { get; set; }

    /// <summary>Puts the facts in time order and numbers them.</summary>
    internal ImportPlan Order(List<(int Day, int Rank, int Line, Fact Fact)> drafts)
    {
        drafts.Sort((a, b) => (a.Day, a.Rank, a.Line).CompareTo((b.Day, b.Rank, b.Line)));
        foreach (var (day, _, _, fact) in drafts)
        {
            fact.Source = Source;
            fact.Time = Instant.From(DateOnly.FromDayNumber(day));
            // Numbered in time order, so that the position of every partition only grows.
            fact.Position = new SourcePosition(Source, Facts.Count + 1);
            Facts.Add(fact);
        }

        return this;
    }
}
