using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Writes the fields of an event as its schema has them. The rows of the journal, which the base class writes, are held against their entries byte
/// for byte and so keep their form; an event differs from them where its reader does: what only the journal knows stays out, a truth that may be
/// left unsaid is true or false, a choice that was not made has no name, and a required moment always stands there.
/// </summary>
internal sealed class EventFieldWriter(Utf8JsonWriter json) : JsonFieldWriter(json)
{
    /// <summary>Writes a value as one object.</summary>
    public void Write(IDescribed value)
    {
        Json.WriteStartObject();
        value.Describe(this);
        Json.WriteEndObject();
    }

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500) =>
        JournalOnly.Is(number) ? value : base.Text(number, name, value, optional, lengthMax);

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue) =>
        JournalOnly.Is(number) ? value : base.Number(number, name, value, optional, least, most);

    public override Instant Moment(int number, string name, Instant value, bool optional = false)
    {
        if (!optional || value != default) Json.WriteString(name, value.ToString());
        return value;
    }

    protected override T ChoiceOf<T>(int number, string name, T value, bool optional = false)
    {
        if (value is YesNo answer)
        {
            if (answer != YesNo.Unsaid) Json.WriteBoolean(name, answer == YesNo.Yes);
        }
        else if (ChoiceNames<T>.IsSaid(value) && Enum.IsDefined(value))
        {
            Json.WriteString(name, value.ToString());
        }

        return value;
    }
}
