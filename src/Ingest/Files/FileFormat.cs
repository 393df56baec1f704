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

    /// <summary>The formats of dates that are seconds since 1970, and days of a spreadsheet (60 is its 29 February 1900, so only later ones are read).</summary>
    public const string EpochSeconds = "epoch-s", SpreadsheetDays = "spreadsheet-days";

    public string Delimiter { get; init; } = ",";

    /// <summary>Name of the encoding, such as <c>utf-8</c>, <c>iso-8859-1</c> or <c>windows-1252</c>; a byte order mark wins.</summary>
    public string Encoding { get; init; } = "utf-8";

    /// <summary>Date formats of .NET, tried in order; or <see cref="EpochMilliseconds"/>, <see cref="EpochSeconds"/>, <see cref="SpreadsheetDays"/>.</summary>
    public IReadOnlyList<string> Dates { get; init; } = ["yyyy-MM-dd"];

    public string Thousands { get; init; } = "";

    public string Decimal { get; init; } = ".";

    /// <summary>Words that mean yes in a column of yes and no; case does not matter.</summary>
    public IReadOnlyList<string> Yes { get; init; } = ["yes", "y", "true", "1", "x"];

    /// <summary>Words that mean no, beside nothing at all.</summary>
    public IReadOnlyList<string> No { get; init; } = ["no", "n", "false", "0", "-"];

    /// <summary>Words that stand for nothing in a column of days, beside an empty field; none unless told.</summary>
    public IReadOnlyList<string> Nothing { get; init; } = [];

    /// <summary>Signs and words that may stand beside an amount, such as <c>$</c> or <c>EUR</c>; none unless told.</summary>
    public IReadOnlyList<string> Signs { get; init; } = [];

    /// <summary>Lines with text that stand before the header.</summary>
    public int Preamble { get; init; }

    /// <summary>True names documents by their line where no column does: for figures only.</summary>
    public bool NumbersRows { get; init; }

    /// <summary>Days from issue to due date where neither a due date nor terms are told; <c>null</c> for not told.</summary>
    public int? NetDays { get; init; }

    /// <summary>True rounds amounts half up to the digits of their currency, for figures that no money depends on; an import never does.</summary>
    public bool Rounds { get; init; }

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
            if (root.ValueKind != JsonValueKind.Object) throw new InvalidDataException("A mapping is a JSON object, such as {\"columns\":{\"customer\":\"Debitor\"}}.");
            if (!root.TryGetProperty("columns", out _) && root.EnumerateObject().All(member => member.Value.ValueKind == JsonValueKind.String && !Members.Contains(member.Name)))
                return new FileFormat { Columns = Pairs("", root) };
            var format = new FileFormat();
            foreach (var member in root.EnumerateObject())
            {
                format = member.Name switch
                {
                    "delimiter" => format with { Delimiter = Told(member) },
                    "encoding" => format with { Encoding = Told(member) },
                    "dates" => format with { Dates = List(member) },
                    "thousands" => format with { Thousands = Told(member) },
                    "decimal" => format with { Decimal = Told(member) },
                    "yes" => format with { Yes = List(member) },
                    "no" => format with { No = List(member) },
                    "columns" => format with { Columns = Pairs(member.Name, member.Value) },
                    "activities" => format with { Activities = Pairs(member.Name, member.Value) },
                    _ => throw new InvalidDataException($"A mapping has no {DecodeFault.Quote(member.Name)}; it has {string.Join(", ", Members)}."),
                };
            }

            return format;
        }
        catch (JsonException wrong)
        {
            throw new InvalidDataException($"The mapping is no JSON: {wrong.Message}", wrong);
        }
    }

    /// <summary>Throws when the told signs cannot tell a number or a row apart.</summary>
    /// <exception cref="InvalidDataException">What is wrong.</exception>
    internal void Validate()
    {
        if (Delimiter.Length == 0 || Delimiter.AsSpan().ContainsAny("\r\n\"")) throw new InvalidDataException("The delimiter is a text such as , or ; and no line break or quote.");
        if (Dates.Count == 0) throw new InvalidDataException("No format of dates is told.");
        if (Decimal.Length != 1 || IsOfNumber(Decimal)) throw new InvalidDataException("The decimal separator is one sign such as . or , and no digit.");
        if (Thousands.Length > 1 || IsOfNumber(Thousands)) throw new InvalidDataException("The separator of thousands is nothing, or one sign such as . or , and no digit.");
        if (Thousands == Decimal) throw new InvalidDataException($"'{Decimal}' is told for thousands and for decimals: one of them has another sign.");
    }

    private static bool IsOfNumber(string sign) => sign.Length > 0 && sign[0] is (>= '0' and <= '9') or '-' or '+' or '(' or ')';

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
    public string SourceOf(byte[] content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(content);
        return SourceOf(hash, []);
    }

    /// <summary>The same with everything else that the user told and that changes the facts.</summary>
    internal string SourceOf(IncrementalHash hash, IEnumerable<string> told)
    {
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
        return TryNumber(text, out var value) && value.TryMinor(currency.Digits, out minor);
    }

    internal bool TryNumber(string text, out ExactDecimal value) => ExactDecimal.TryParse(Signs.Count > 0 || Rounds ? Bare(text) : text, Decimal, Thousands, out value);

    /// <summary>An amount without the signs beside it, special spaces and powers of ten; its own sign stays.</summary>
    private string Bare(string text)
    {
        var rest = text.Replace('\u00a0', ' ').Replace('\u202f', ' ').Replace('\u2009', ' ').Replace('\u2019', '\'').Replace('\u2212', '-').Trim();
        var isNegative = false;
        for (var isMore = true; isMore;)
        {
            isMore = false;
            if (rest.Length > 2 && rest[0] == '(' && rest[^1] == ')') (rest, isNegative, isMore) = (rest[1..^1].Trim(), true, true);
            if (rest.Length > 1 && (rest[0] == '-' || rest[^1] == '-')) (rest, isNegative, isMore) = (rest.Trim('-').Trim(), true, true);
            foreach (var sign in Signs)
            {
                if (rest.Length <= sign.Length) continue;
                if (rest.StartsWith(sign, StringComparison.OrdinalIgnoreCase)) (rest, isMore) = (rest[sign.Length..].Trim(), true);
                else if (rest.EndsWith(sign, StringComparison.OrdinalIgnoreCase)) (rest, isMore) = (rest[..^sign.Length].Trim(), true);
            }
        }

        // Only where amounts may be rounded: a power of ten is how tools write what they hold as floating point.
        if (Rounds && rest.Contains('e', StringComparison.OrdinalIgnoreCase) && decimal.TryParse(rest, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number))
            rest = number.ToString("0.#########", System.Globalization.CultureInfo.InvariantCulture).Replace(".", Decimal, StringComparison.Ordinal);
        return isNegative ? "-" + rest : rest;
    }

    internal bool IsNothing(string text) => text.Length == 0 || Nothing.Contains(text, StringComparer.OrdinalIgnoreCase);

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
        if (format is EpochMilliseconds or EpochSeconds or SpreadsheetDays)
        {
            // Tools that keep numbers as floating point write "1452812400000.0", and spreadsheets the time of day behind the point.
            var whole = text.EndsWith(".0", StringComparison.Ordinal) ? text[..^2] : format == SpreadsheetDays && text.IndexOf('.', StringComparison.Ordinal) is var point and > 0 ? text[..point] : text;
            if (!JsonScalars.TryWhole(System.Text.Encoding.UTF8.GetBytes(whole), out var number)) return false;
            if (format == SpreadsheetDays)
            {
                if (number is < 61 or > 2_958_465) return false;
                day = new DateOnly(1899, 12, 30).DayNumber + (int)number;
                return true;
            }

            if (number is < -10_000_000_000_000 or > 300_000_000_000_000 || (format == EpochSeconds && number is < -10_000_000_000 or > 300_000_000_000)) return false;
            day = new Instant(number * (format == EpochSeconds ? 1_000_000 : 1000)).UtcDate.DayNumber;
            return true;
        }

        if (!DateTime.TryParseExact(text, format, culture, System.Globalization.DateTimeStyles.None, out var date)) return false;
        day = DateOnly.FromDateTime(date).DayNumber;
        return true;
    }

    private static readonly string[] Members = ["delimiter", "encoding", "dates", "thousands", "decimal", "yes", "no", "columns", "activities"];

    private static Dictionary<string, string> Pairs(string name, JsonElement element) => element.ValueKind == JsonValueKind.Object
        ? element.EnumerateObject().ToDictionary(member => member.Name, Told, StringComparer.Ordinal)
        : throw new InvalidDataException($"The mapping's '{name}' is an object of texts.");

    private static string Told(JsonProperty member) => member.Value.ValueKind == JsonValueKind.String
        ? member.Value.GetString()! : throw new InvalidDataException($"The mapping's {DecodeFault.Quote(member.Name)} is a text.");

    private static List<string> List(JsonProperty member) => member.Value.ValueKind == JsonValueKind.Array && member.Value.EnumerateArray().All(entry => entry.ValueKind == JsonValueKind.String)
        ? [.. member.Value.EnumerateArray().Select(entry => entry.GetString()!)] : throw new InvalidDataException($"The mapping's '{member.Name}' is a list of texts, such as [\"yyyy-MM-dd\"].");

    private static string Listed(IReadOnlyDictionary<string, string> pairs) =>
        string.Join('\u001f', pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Key + "=" + pair.Value));
}
