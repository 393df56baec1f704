using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Writes the fields of an event as its schema has them; what only the journal knows stays out. Amounts go out as strings of digits, since JavaScript and many other readers lose
/// digits above 2⁵³; missing optional fields are left out.
/// </summary>
internal sealed class EventFieldWriter(Utf8JsonWriter json) : FieldVisitor
{
    /// <summary>Writes a value as one object.</summary>
    public void Write(IDescribed value)
    {
        json.WriteStartObject();
        value.Describe(this);
        json.WriteEndObject();
    }

    public override string Id(int number, string name, string value, bool optional = false) => Put(number, name, value);

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500) => Put(number, name, value);

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1)
    {
        if (!optional || value != 0) json.WriteString(name, value.ToString(CultureInfo.InvariantCulture));
        return value;
    }

    public override long AmountOrNone(int number, string name, long value)
    {
        if (value >= 0) json.WriteString(name, value.ToString(CultureInfo.InvariantCulture));
        return value;
    }

    public override Currency Currency(int number, string name, Currency value, bool optional = false)
    {
        if (value.IsKnown) json.WriteString(name, value.Code);
        return value;
    }

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue)
    {
        if (!JournalOnly.Is(number) && (!optional || value != 0)) json.WriteNumber(name, value);
        return value;
    }

    public override int Date(int number, string name, int value, bool optional = false)
    {
        if (value != 0) json.WriteString(name, JsonScalars.DateText(value));
        return value;
    }

    public override Instant Moment(int number, string name, Instant value, bool optional = false)
    {
        if (!optional || value != default) json.WriteString(name, value.ToString());
        return value;
    }

    public override bool Flag(int number, string name, bool value)
    {
        json.WriteBoolean(name, value);
        return value;
    }

    public override T Choice<T>(int number, string name, T value, bool optional = false)
    {
        if (value is YesNo answer)
        {
            if (answer != YesNo.Unsaid) json.WriteBoolean(name, answer == YesNo.Yes);
        }
        else if (ChoiceNames<T>.IsSaid(value) && Enum.IsDefined(value))
        {
            json.WriteString(name, value.ToString());
        }

        return value;
    }

    public override FxRate Rate(int number, string name, FxRate value)
    {
        json.WriteString(name, value.ToString());
        return value;
    }

    public override IReadOnlyList<T> Items<T>(int number, string name, IReadOnlyList<T> value, bool optional = true)
    {
        if (value.Count == 0) return value;
        json.WriteStartArray(name);
        foreach (var item in value) Write(item);
        json.WriteEndArray();
        return value;
    }

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true)
    {
        if (value.Count == 0) return value;
        json.WriteStartArray(name);
        foreach (var id in value) json.WriteStringValue(id);
        json.WriteEndArray();
        return value;
    }

    public override T? Nested<T>(int number, string name, T? value) where T : class
    {
        if (value is null) return value;
        json.WritePropertyName(name);
        Write(value);
        return value;
    }

    private string Put(int number, string name, string value)
    {
        if (value.Length > 0 && !JournalOnly.Is(number)) json.WriteString(name, value);
        return value;
    }
}
