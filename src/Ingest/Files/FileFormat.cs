using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>How a file is written: told by the user, never guessed.</summary>
public sealed record FileFormat
{
    /// <summary>The format of dates that are milliseconds since 1970.</summary>
    public const string EpochMilliseconds = "epoch-ms";

    public string Delimiter { get; init; } = ",";

    /// <summary>Name of the encoding, such as <c>utf-8</c>, <c>iso-8859-1</c> or <c>windows-1252</c>; a byte order mark wins.</summary>
    public string Encoding { get; init; } = "utf-8";

    /// <summary>Date formats of .NET, tried in order; or <see cref="EpochMilliseconds"/>.</summary>
    public IReadOnlyList<string> Dates { get; init; } = ["yyyy-MM-dd"];

    public string Thousands { get; init; } = "";

    public string Decimal { get; init; } = ".";

    /// <summary>Words that mean yes in a column of yes and no; case does not matter.</summary>
    public IReadOnlyList<string> Yes { get; init; } = ["yes", "y", "true", "1", "x"];

    /// <summary>Words that mean no, beside nothing at all.</summary>
    public IReadOnlyList<string> No { get; init; } = ["no", "n", "false", "0", "-"];

    /// <summary>Columns by field; a field that is not named is not read.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Activities of an order log by their name in the file, to <c>created</c>, <c>issued</c>, <c>rejected</c> or
    /// <c>changed</c>; empty takes SAP's names. Whatever is not named is kept as a note.
    /// </summary>
    public IReadOnlyDictionary<string, string> Activities { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads a mapping file: an object with any of <c>delimiter, encoding, dates, thousands, decimal, yes, no, columns, activities</c>, or only the columns.</summary>
    /// <exception cref="InvalidDataException">It is no such object.</exception>
    public static FileFormat FromJson(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && !root.TryGetProperty("columns", out _)) return new FileFormat { Columns = Pairs(root) };
            var format = new FileFormat();
            foreach (var member in root.EnumerateObject())
            {
                format = member.Name switch
                {
                    "delimiter" => format with { Delimiter = Told(member.Value) },
                    "encoding" => format with { Encoding = Told(member.Value) },
                    "dates" => format with { Dates = [.. member.Value.EnumerateArray().Select(Told)] },
                    "thousands" => format with { Thousands = Told(member.Value) },
                    "decimal" => format with { Decimal = Told(member.Value) },
                    "yes" => format with { Yes = [.. member.Value.EnumerateArray().Select(Told)] },
                    "no" => format with { No = [.. member.Value.EnumerateArray().Select(Told)] },
                    "columns" => format with { Columns = Pairs(member.Value) },
                    "activities" => format with { Activities = Pairs(member.Value) },
                    _ => throw new InvalidDataException($"A mapping has no '{member.Name}'."),
                };
            }

            return format;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"The mapping is not as expected: {wrong.Message}", wrong);
        }
    }

    /// <summary>Reads <c>field=column</c> pairs. Fields whose name ends in a star are required.</summary>
    /// <exception cref="InvalidDataException">A pair is malformed, its field unknown, or a required field missing.</exception>
    public static IReadOnlyDictionary<string, string> ParseColumns(IEnumerable<string> pairs, IReadOnlyList<string> fields)
    {
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0 || !fields.Any(field => field.TrimEnd('*') == pair[..at]))
                throw new InvalidDataException($"'{pair}': expected field=column with one of {string.Join(", ", fields)}.");
            columns[pair[..at]] = pair[(at + 1)..];
        }

        return columns;
    }

    /// <summary>The hash of content and mapping: the source of every event of the file.</summary>
    public string SourceOf(byte[] content) => SourceOf(content, []);

    /// <summary>The same with everything else that the user told and that changes the facts.</summary>
    internal string SourceOf(byte[] content, IEnumerable<string> told)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(content);
        string[] mapping =
        [
            Delimiter, Encoding, string.Join('\u001f', Dates), Thousands, Decimal, Listed(Columns), Listed(Activities), .. told,
        ];
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(string.Join('\u001e', mapping)));
        return SourcePosition.OfFile(Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16)));
    }

    /// <summary>Amount text to minor units, exactly; false when it is no amount of the currency.</summary>
    public bool TryAmount(string text, Currency currency, out long minor)
    {
        minor = 0;
        return ExactDecimal.TryParse(text, Decimal, Thousands, out var value) && value.TryMinor(currency.Digits, out minor);
    }

    /// <summary>Date text to a day number; 0 when it is none of the told formats, or outside the years 1900 to 9998.</summary>
    public int DayOf(string text)
    {
        foreach (var format in Dates)
            if (TryDay(text.Trim(), format, out var day) && day >= JsonScalars.DateMin && day <= JsonScalars.DateMax) return day;
        return 0;
    }

    private static bool TryDay(string text, string format, out int day)
    {
        day = 0;
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        if (format == EpochMilliseconds)
        {
            // Tools that keep numbers as floating point write "1452812400000.0".
            var whole = text.EndsWith(".0", StringComparison.Ordinal) ? text[..^2] : text;
            if (!JsonScalars.TryWhole(System.Text.Encoding.UTF8.GetBytes(whole), out var milliseconds)) return false;
            if (milliseconds is < -10_000_000_000_000 or > 300_000_000_000_000) return false;
            day = new Instant(milliseconds * 1000).UtcDate.DayNumber;
            return true;
        }

        if (!DateTime.TryParseExact(text, format, culture, System.Globalization.DateTimeStyles.None, out var date)) return false;
        day = DateOnly.FromDateTime(date).DayNumber;
        return true;
    }

    private static Dictionary<string, string> Pairs(JsonElement element) =>
        element.EnumerateObject().ToDictionary(member => member.Name, member => Told(member.Value), StringComparer.Ordinal);

    private static string Told(JsonElement element) => element.GetString() ?? throw new InvalidDataException("A mapping holds texts, not null.");

    private static string Listed(IReadOnlyDictionary<string, string> pairs) =>
        string.Join('\u001f', pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Key + "=" + pair.Value));
}
