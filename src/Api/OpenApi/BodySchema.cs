using ExposureMonitor.Domain;
using Microsoft.OpenApi;

namespace ExposureMonitor.Api;

/// <summary>The schema of a body from the same description that the decoder reads.</summary>
internal sealed class BodySchema : FieldVisitor
{
    private readonly OpenApiSchema _schema = Object();
    private bool _hidesApproval;
    private string _hidden = "";

    internal static OpenApiSchema Of(IDescribed value)
    {
        var writer = new BodySchema { _hidesApproval = value is FourEyesEndpoints.WithoutApproval, _hidden = (value as CollectionsEndpoints.Without)?.Field ?? "" };
        value.Describe(writer);
        return writer._schema;
    }

    public override string Id(int number, string name, string value, bool optional = false) =>
        Add(name, optional, value, new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^[A-Za-z0-9._:-]{1,64}$" });

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500) =>
        Add(name, optional, value, new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = lengthMax });

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1) =>
        Add(name, optional, value, new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Integer, Pattern = "^-?[0-9]{1,16}$", Description = $"Minor units, at least {floor}." });

    public override Currency Currency(int number, string name, Currency value, bool optional = false) =>
        Add(name, optional, value, new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^[A-Z]{3}$", Description = "ISO 4217." });

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue) =>
        Add(name, optional, value, new OpenApiSchema { Type = JsonSchemaType.Integer, Description = $"From {least} to {most}." });

    public override int Date(int number, string name, int value, bool optional = false) =>
        Add(name, optional, value, new OpenApiSchema { Type = JsonSchemaType.String, Format = "date" });

    public override Instant Moment(int number, string name, Instant value, bool optional = false) =>
        Add(name, optional, value, new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" });

    public override bool Flag(int number, string name, bool value) => Add(name, true, value, new OpenApiSchema { Type = JsonSchemaType.Boolean });

    protected override T ChoiceOf<T>(int number, string name, T value, bool optional = false) =>
        Add(name, optional, value, new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. Enum.GetNames<T>().Select(n => System.Text.Json.Nodes.JsonValue.Create(n))] });

    public override FxRate Rate(int number, string name, FxRate value) =>
        Add(name, false, value, new OpenApiSchema { Type = JsonSchemaType.String, Description = "Decimal text with at most 12 fraction digits." });

    protected override IReadOnlyList<T> ItemsOf<T>(int number, string name, IReadOnlyList<T> value, bool optional = true) =>
        Add(name, optional, value, new OpenApiSchema { Type = JsonSchemaType.Array, Items = Of(new T()) });

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true) =>
        Add(name, optional, value, new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } });

    protected override T? NestedOf<T>(int number, string name, T? value) where T : class => Add(name, true, value, Of(new T()));

    private static OpenApiSchema Object() => new()
    {
        Type = JsonSchemaType.Object, Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal), Required = new SortedSet<string>(StringComparer.Ordinal),
    };

    private T Add<T>(string name, bool optional, T value, OpenApiSchema schema)
    {
        // Who commands comes from the key, and the key of the command from its header: neither is a member of the body.
        if (name is "actor" or "key" or "authority" or "houseSeq" or "houseIndex" || (_hidesApproval && name == "approvedBy") || name == _hidden) return value;
        _schema.Properties![name] = schema;
        if (!optional) _schema.Required!.Add(name);
        return value;
    }
}
