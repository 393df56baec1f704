using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Reads described fields from a JSON object. Never throws for content: the first error is kept with its path and what
/// was expected. Members that nobody asks for are counted.
/// </summary>
public sealed class JsonFieldReader : FieldVisitor
{
    private const long AmountMax = 1_000_000_000_000_000;

    private JsonElement _object;
    private string _path = "$";
    private int _known;

    /// <summary>The first error, or <c>null</c>.</summary>
    public DecodeError? Error { get; private set; }

    /// <summary>Members that the type does not have.</summary>
    public int Unknown { get; private set; }

    /// <summary>Reads one value from an object.</summary>
    public void Read(JsonElement from, IDescribed value, string path)
    {
        var (outer, outerPath, outerKnown) = (_object, _path, _known);
        (_object, _path, _known) = (from, path, 0);
        if (from.ValueKind != JsonValueKind.Object)
        {
            Fail("MISSING_FIELD", "", "an object");
        }
        else
        {
            value.Describe(this);
            Unknown += Math.Max(0, from.GetPropertyCount() - _known);
        }

        (_object, _path, _known) = (outer, outerPath, outerKnown);
    }

    public override string Id(int number, string name, string value, bool optional = false)
    {
        if (!Find(name, optional, "an id", out var element)) return "";
        if (element.ValueKind == JsonValueKind.String && element.GetString() is { } text && Ids.IsValid(text)) return text;
        Fail("BAD_ID", name, "1 to 64 characters of A–Z a–z 0–9 . _ : -");
        return "";
    }

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500)
    {
        if (!Find(name, optional, "text", out var element)) return "";
        if (element.ValueKind == JsonValueKind.String && TryGetText(element, out var text) && text.Length <= lengthMax) return text;
        Fail("BAD_TEXT", name, $"text of at most {lengthMax} characters");
        return "";
    }

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1)
    {
        if (!Find(name, optional, "an amount in minor units", out var element)) return 0;
        var text = element.ValueKind switch
        {
            JsonValueKind.Number => element.GetRawText(),
            JsonValueKind.String when TryGetText(element, out var told) => told,
            _ => "",
        };
        if (IsDigits(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var amount)
            && amount <= AmountMax && amount >= floor && amount >= -AmountMax) return amount;
        Fail("BAD_AMOUNT", name, $"minor units as an integer or a string of digits, from {Math.Max(floor, -AmountMax)} to {AmountMax}");
        return 0;
    }

    public override Currency Currency(int number, string name, Currency value, bool optional = false)
    {
        if (!Find(name, optional, "a currency", out var element)) return default;
        if (element.ValueKind == JsonValueKind.String && TryGetText(element, out var text) && Domain.Currency.TryParse(text, out var currency)) return currency;
        Fail("UNKNOWN_CURRENCY", name, "an ISO 4217 code such as EUR");
        return default;
    }

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue)
    {
        if (!Find(name, optional, "a number", out var element)) return 0;
        if (element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var told) && told >= least && told <= most) return told;
        Fail("BAD_NUMBER", name, $"a whole number from {least} to {most}");
        return 0;
    }

    public override int Date(int number, string name, int value, bool optional = false)
    {
        if (!Find(name, optional, "a date", out var element)) return 0;
        if (element.ValueKind == JsonValueKind.String && TryGetText(element, out var text)
            && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            && date.Year is >= 1900 and <= 9998) return date.DayNumber;
        Fail("BAD_DATE", name, "a date such as 2026-03-31");
        return 0;
    }

    public override Instant Moment(int number, string name, Instant value, bool optional = false)
    {
        if (!Find(name, optional, "a moment", out var element)) return default;
        if (TryGetMoment(element, out var moment)) return moment;
        Fail("BAD_TIME", name, "a moment of RFC 3339 such as 2026-03-31T08:00:00Z");
        return default;
    }

    public override bool Flag(int number, string name, bool value)
    {
        if (!Find(name, optional: true, "", out var element)) return false;
        if (element.ValueKind is JsonValueKind.True or JsonValueKind.False) return element.GetBoolean();
        Fail("UNKNOWN_VALUE", name, "true or false");
        return false;
    }

    public override T Choice<T>(int number, string name, T value, bool optional = false)
    {
        if (!Find(name, optional, "one of " + string.Join(", ", Enum.GetNames<T>()), out var element)) return default;
        if (typeof(T) == typeof(YesNo) && element.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return (T)(object)(element.GetBoolean() ? YesNo.Yes : YesNo.No);
        if (element.ValueKind == JsonValueKind.String && TryGetText(element, out var text) && text.Length > 0 && char.IsAsciiLetter(text[0])
            && Enum.TryParse<T>(text, ignoreCase: false, out var told) && Enum.IsDefined(told)) return told;
        Fail("UNKNOWN_VALUE", name, "one of " + string.Join(", ", Enum.GetNames<T>()));
        return default;
    }

    public override FxRate Rate(int number, string name, FxRate value)
    {
        if (!Find(name, optional: false, "a rate", out var element)) return default;
        if (element.ValueKind == JsonValueKind.String && FxRate.TryParse(element.GetString(), out var rate)) return rate;
        Fail("BAD_NUMBER", name, "decimal text with at most 12 fraction digits");
        return default;
    }

    public override IReadOnlyList<T> Items<T>(int number, string name, IReadOnlyList<T> value, bool optional = true)
    {
        if (!Find(name, optional, "a list", out var element)) return [];
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() > 1_000 || (!optional && element.GetArrayLength() == 0))
        {
            Fail("BAD_LIST", name, optional ? "a list of at most 1,000 objects" : "a list of 1 to 1,000 objects");
            return [];
        }

        var list = new List<T>();
        foreach (var item in element.EnumerateArray())
        {
            var one = new T();
            Read(item, one, $"{_path}.{name}[{list.Count}]");
            list.Add(one);
        }

        return list;
    }

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true)
    {
        if (!Find(name, optional, "a list of ids", out var element)) return [];
        var list = new List<string>();
        if (element.ValueKind == JsonValueKind.Array && element.GetArrayLength() <= 1_000)
            foreach (var item in element.EnumerateArray())
                if (item.ValueKind == JsonValueKind.String && TryGetText(item, out var text) && Ids.IsValid(text)) list.Add(text);
        if (element.ValueKind == JsonValueKind.Array && list.Count == element.GetArrayLength()) return list;
        Fail("BAD_ID", name, "a list of at most 1,000 ids");
        return [];
    }

    public override T? Nested<T>(int number, string name, T? value) where T : class
    {
        if (!Find(name, optional: true, "", out var element)) return null;
        var one = new T();
        Read(element, one, $"{_path}.{name}");
        return one;
    }

    internal static bool TryGetMoment(JsonElement element, out Instant moment)
    {
        moment = default;
        if (element.ValueKind != JsonValueKind.String || !TryGetText(element, out var text) || text.Length is < 20 or > 40 || text[10] is not ('T' or 't')
            || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var told)
            || told.Year is < 1900 or > 9998) return false;
        moment = Instant.From(told);
        return true;
    }

    /// <summary>A text with a lone surrogate is no text.</summary>
    internal static bool TryGetText(JsonElement element, out string text)
    {
        try
        {
            text = element.GetString() ?? "";
            return !text.Contains('\0', StringComparison.Ordinal);
        }
        catch (InvalidOperationException)
        {
            text = "";
            return false;
        }
    }

    private static bool IsDigits(string text)
    {
        var digits = text.AsSpan().TrimStart('-');
        if (digits.Length is 0 or > 16 || text.Length - digits.Length > 1) return false;
        foreach (var c in digits)
            if (!char.IsAsciiDigit(c)) return false;
        return true;
    }

    private bool Find(string name, bool optional, string expected, out JsonElement element)
    {
        if (_object.TryGetProperty(name, out element))
        {
            _known++;
            if (element.ValueKind != JsonValueKind.Null) return true;
        }

        if (!optional) Fail("MISSING_FIELD", name, expected);
        return false;
    }

    private void Fail(string reason, string name, string expected) =>
        Error ??= new DecodeError(reason, $"{_path}{(name.Length > 0 ? "." + name : "")}: expected {expected}.");
}
