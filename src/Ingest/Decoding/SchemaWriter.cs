using System.Text.Json;
using System.Text.Json.Nodes;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>Makes the JSON Schema of a type's <c>data</c> from the same description that the decoder reads.</summary>
public sealed class SchemaWriter : FieldVisitor
{
    private JsonObject _properties = [];
    private JsonArray _required = [];

    /// <summary>The schema of an event type, as text with a line end.</summary>
    public static string Of(FactCatalogue.Entry entry)
    {
        var schema = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = entry.WireType };
        foreach (var (name, value) in new SchemaWriter().Object(entry.Create())) schema[name] = value?.DeepClone();
        return schema.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n";
    }

    private JsonObject Object(IDescribed value)
    {
        var (properties, required) = (_properties, _required);
        (_properties, _required) = ([], []);
        value.Describe(this);
        var schema = new JsonObject { ["type"] = "object", ["properties"] = _properties };
        if (_required.Count > 0) schema["required"] = _required;
        (_properties, _required) = (properties, required);
        return schema;
    }

    public override string Id(int number, string name, string value, bool optional = false)
    {
        Add(name, optional, new JsonObject { ["type"] = "string", ["pattern"] = "^[A-Za-z0-9._:-]{1,64}$" });
        return value;
    }

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500)
    {
        Add(name, optional, new JsonObject { ["type"] = "string", ["maxLength"] = lengthMax });
        return value;
    }

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1)
    {
        Add(name, optional, new JsonObject
        {
            ["description"] = $"Minor units, at least {floor}.", ["type"] = new JsonArray("integer", "string"), ["pattern"] = "^-?[0-9]{1,16}$",
        });
        return value;
    }

    public override Currency Currency(int number, string name, Currency value, bool optional = false)
    {
        Add(name, optional, new JsonObject { ["type"] = "string", ["description"] = "ISO 4217.", ["pattern"] = "^[A-Z]{3}$" });
        return value;
    }

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue)
    {
        if (number is 54 or 55) return value; // set by the house, never told
        var schema = new JsonObject { ["type"] = "integer", ["minimum"] = least };
        if (most != long.MaxValue) schema["maximum"] = most;
        Add(name, optional, schema);
        return value;
    }

    public override int Date(int number, string name, int value, bool optional = false)
    {
        Add(name, optional, new JsonObject { ["type"] = "string", ["format"] = "date" });
        return value;
    }

    public override Instant Moment(int number, string name, Instant value, bool optional = false)
    {
        Add(name, optional, new JsonObject { ["type"] = "string", ["format"] = "date-time" });
        return value;
    }

    public override bool Flag(int number, string name, bool value)
    {
        Add(name, optional: true, new JsonObject { ["type"] = "boolean" });
        return value;
    }

    public override T Choice<T>(int number, string name, T value, bool optional = false)
    {
        var names = new JsonArray();
        foreach (var member in Enum.GetNames<T>()) names.Add((JsonNode)member);
        if (typeof(T) == typeof(YesNo)) names = [true, false, "Yes", "No", "Unsaid"];
        Add(name, optional, new JsonObject { ["enum"] = names });
        return value;
    }

    public override FxRate Rate(int number, string name, FxRate value)
    {
        Add(name, optional: false, new JsonObject { ["type"] = "string", ["pattern"] = "^[0-9]{1,6}(\\.[0-9]{1,12})?$" });
        return value;
    }

    public override IReadOnlyList<T> Items<T>(int number, string name, IReadOnlyList<T> value, bool optional = true)
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = Object(new T()), ["maxItems"] = 1000 };
        if (!optional) schema["minItems"] = 1;
        Add(name, optional, schema);
        return value;
    }

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true)
    {
        Add(name, optional, new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string", ["pattern"] = "^[A-Za-z0-9._:-]{1,64}$" } });
        return value;
    }

    public override T? Nested<T>(int number, string name, T? value) where T : class
    {
        Add(name, optional: true, Object(new T()));
        return value;
    }

    private void Add(string name, bool optional, JsonObject schema)
    {
        _properties[name] = schema;
        if (!optional) _required.Add((JsonNode)name);
    }
}
