using System.Globalization;
using System.Text.Json.Nodes;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Describes a value as JSON Schema (draft 2020-12) instead of reading or writing it: the same description that
/// decodes events also documents them, so that the two cannot differ.
/// </summary>
public sealed class SchemaWriter : FieldVisitor
{
    private const string IdPattern = "^[A-Za-z0-9._:-]{1,64}$";

    private JsonObject _properties = [];
    private List<string> _required = [];

    private SchemaWriter()
    {
    }

    /// <summary>The schema of a whole event.</summary>
    public static JsonObject OfEvent(FactCatalogue.Entry entry)
    {
        var fact = entry.Create();
        var data = new SchemaWriter().Object(fact);
        string[] required = fact is HouseFact
            ? ["specversion", "id", "type", "source", "time", "data"]
            : ["specversion", "id", "type", "source", "subject", "time", "data"];
        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = $"{entry.WireType}.json",
            ["title"] = entry.WireType,
            ["type"] = "object",
            ["required"] = Names(required),
            ["properties"] = new JsonObject
            {
                ["specversion"] = new JsonObject { ["const"] = "1.0" },
                ["id"] = Label("The producer's id of the event; the same id from the same source is the same event."),
                ["type"] = new JsonObject { ["const"] = entry.WireType },
                ["source"] = Label("The producer."),
                ["subject"] = IdSchema(fact is HouseFact ? "Ignored: the fact has no customer." : "The customer who pays."),
                ["time"] = new JsonObject { ["type"] = "string", ["format"] = "date-time" },
                ["datacontenttype"] = new JsonObject { ["type"] = "string" },
                ["data"] = data,
            },
        };
    }

    /// <summary>The schema of one described value.</summary>
    public static JsonObject Of(IDescribed value) => new SchemaWriter().Object(value);

    public override string Id(int number, string name, string value, bool optional = false)
    {
        Add(number, name, IdSchema(), optional);
        return value;
    }

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500)
    {
        var schema = new JsonObject { ["type"] = "string", ["maxLength"] = lengthMax };
        if (!optional) schema["minLength"] = 1;
        Add(number, name, schema, optional);
        return value;
    }

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1)
    {
        Add(number, name, new JsonObject
        {
            ["description"] = $"Minor units, from {Show(floor)} to {Show(JsonScalars.AmountMax)}; a whole number, or its digits as a string.",
            ["anyOf"] = new JsonArray(
                new JsonObject { ["type"] = "integer", ["minimum"] = floor, ["maximum"] = JsonScalars.AmountMax },
                new JsonObject { ["type"] = "string", ["pattern"] = floor < 0 ? "^-?[0-9]{1,32}$" : "^[0-9]{1,32}$" }),
        }, optional);
        return value;
    }

    public override Currency Currency(int number, string name, Currency value, bool optional = false)
    {
        Add(number, name, new JsonObject { ["type"] = "string", ["pattern"] = "^[A-Z]{3}$", ["description"] = "ISO 4217." }, optional);
        return value;
    }

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue)
    {
        var schema = new JsonObject { ["type"] = "integer", ["minimum"] = least };
        if (most != long.MaxValue) schema["maximum"] = most;
        Add(number, name, schema, optional);
        return value;
    }

    public override int Date(int number, string name, int value, bool optional = false)
    {
        Add(number, name, new JsonObject { ["type"] = "string", ["format"] = "date" }, optional);
        return value;
    }

    public override Instant Moment(int number, string name, Instant value, bool optional = false)
    {
        Add(number, name, new JsonObject { ["type"] = "string", ["format"] = "date-time" }, optional);
        return value;
    }

    public override bool Flag(int number, string name, bool value)
    {
        Add(number, name, new JsonObject { ["type"] = "boolean", ["default"] = false }, optional: true);
        return value;
    }

    protected override T ChoiceOf<T>(int number, string name, T value, bool optional = false)
    {
        Add(number, name, typeof(T) == typeof(YesNo)
            ? new JsonObject { ["type"] = "boolean" }
            : new JsonObject { ["enum"] = Names(ChoiceNames<T>.All) }, optional);
        return value;
    }

    public override FxRate Rate(int number, string name, FxRate value)
    {
        Add(number, name, new JsonObject { ["type"] = "string", ["pattern"] = @"^[0-9]{1,6}(\.[0-9]{1,12})?$" }, optional: false);
        return value;
    }

    protected override IReadOnlyList<T> ItemsOf<T>(int number, string name, IReadOnlyList<T> value, bool optional = true)
    {
        AddList(number, name, new SchemaWriter().Object(new T()), optional);
        return value;
    }

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true)
    {
        AddList(number, name, IdSchema(), optional);
        return value;
    }

    protected override T? NestedOf<T>(int number, string name, T? value) where T : class
    {
        Add(number, name, new SchemaWriter().Object(new T()), optional: true);
        return value;
    }

    private JsonObject Object(IDescribed value)
    {
        (_properties, _required) = ([], []);
        value.Describe(this);
        var schema = new JsonObject { ["type"] = "object" };
        if (_required.Count > 0) schema["required"] = Names(_required);
        schema["properties"] = _properties;
        return schema;
    }

    private void AddList(int number, string name, JsonObject item, bool optional)
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = item, ["maxItems"] = DecodeLimits.Default.ItemsMax };
        if (!optional) schema["minItems"] = 1;
        Add(number, name, schema, optional);
    }

    private void Add(int number, string name, JsonObject schema, bool optional)
    {
        if (JournalOnly.Is(number)) return;
        _properties[name] = schema;
        if (!optional) _required.Add(name);
    }

    private static JsonObject IdSchema(string? description = null)
    {
        var schema = new JsonObject { ["type"] = "string", ["pattern"] = IdPattern };
        if (description is not null) schema["description"] = description;
        return schema;
    }

    private static JsonObject Label(string description) =>
        new() { ["type"] = "string", ["pattern"] = "^[!-~]{1,200}$", ["description"] = description };

    private static JsonArray Names(IEnumerable<string> names) => [.. names.Select(name => (JsonNode?)JsonValue.Create(name))];

    private static string Show(long value) => value.ToString(CultureInfo.InvariantCulture);
}
