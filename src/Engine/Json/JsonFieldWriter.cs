using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Writes described fields as JSON: amounts as strings of digits, since JavaScript and many other readers lose digits above 2⁵³, dates as text,
/// moments in RFC 3339. Optional fields that are missing are left out, and so are bodies.
/// </summary>
public class JsonFieldWriter(Utf8JsonWriter json) : FieldVisitor
{
    /// <summary>One value as a JSON object in UTF-8.</summary>
    /// <param name="head">Writes what stands before its fields.</param>
    public static byte[] ToBytes(IDescribed value, Action<Utf8JsonWriter>? head = null) => JsonBytes.ObjectOf(json =>
    {
        head?.Invoke(json);
        value.Describe(new JsonFieldWriter(json));
    });

    /// <summary>Where the fields go.</summary>
    protected Utf8JsonWriter Json => json;

    /// <summary>A day number as <c>yyyy-MM-dd</c>.</summary>
    public static string DateText(int day) => DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public override string Id(int number, string name, string value, bool optional = false) => Text(number, name, value);

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500)
    {
        if (value.Length > 0) json.WriteString(name, value);
        return value;
    }

    public override string Body(int number, string name, string value, int lengthMax) => value;

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1)
    {
        if (value != 0 || !optional || floor == long.MinValue) Digits(name, value);
        return value;
    }

    public override long AmountOrNone(int number, string name, long value)
    {
        if (value >= 0) Digits(name, value);
        return value;
    }

    private void Digits(string name, long value)
    {
        Span<byte> digits = stackalloc byte[20];
        value.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        json.WriteString(name, digits[..length]);
    }

    public override Currency Currency(int number, string name, Currency value, bool optional = false)
    {
        if (value.IsKnown) json.WriteString(name, value.Code);
        return value;
    }

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue)
    {
        if (value != 0 || !optional) json.WriteNumber(name, value);
        return value;
    }

    public override int Date(int number, string name, int value, bool optional = false)
    {
        if (value != 0) json.WriteString(name, DateText(value));
        return value;
    }

    public override Instant Moment(int number, string name, Instant value, bool optional = false)
    {
        if (value.Micros != 0) json.WriteString(name, value.ToString());
        return value;
    }

    public override bool Flag(int number, string name, bool value)
    {
        json.WriteBoolean(name, value);
        return value;
    }

    protected override T ChoiceOf<T>(int number, string name, T value, bool optional = false)
    {
        if (!optional || !EqualityComparer<T>.Default.Equals(value, default)) json.WriteString(name, value.ToString());
        return value;
    }

    public override FxRate Rate(int number, string name, FxRate value)
    {
        json.WriteString(name, value.ToString());
        return value;
    }

    protected override IReadOnlyList<T> ItemsOf<T>(int number, string name, IReadOnlyList<T> value, bool optional = true)
    {
        if (value.Count == 0) return value;
        json.WriteStartArray(name);
        foreach (var item in value)
        {
            json.WriteStartObject();
            item.Describe(this);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        return value;
    }

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true)
    {
        if (value.Count == 0) return value;
        json.WriteStartArray(name);
        foreach (var item in value) json.WriteStringValue(item);
        json.WriteEndArray();
        return value;
    }

    protected override T? NestedOf<T>(int number, string name, T? value) where T : class
    {
        if (value is null) return value;
        json.WriteStartObject(name);
        value.Describe(this);
        json.WriteEndObject();
        return value;
    }
}
