using Microsoft.OpenApi;

namespace ExposureMonitor.Api;

/// <summary>What a field of an answer holds.</summary>
public enum FieldKind
{
    Text, Digits, Whole, Flag, Date, Moment, Texts, Wholes, Any, Object, List,
}

/// <summary>A field of an answer.</summary>
/// <param name="Of">Shape of the object or of the members of the list; <c>null</c> for one that is described elsewhere.</param>
/// <param name="IsAlways">True: the field is in every answer, if only as <c>null</c>.</param>
public sealed record ShapeField(string Name, FieldKind Kind, Shape? Of = null, bool IsAlways = false);

/// <summary>The shape of an answer, for the contract.</summary>
public sealed record Shape(string Name, params ShapeField[] Fields)
{
    /// <summary>A reference to the schema, which is added to the document with everything that it refers to.</summary>
    internal IOpenApiSchema SchemaIn(OpenApiDocument document)
    {
        document.Components ??= new OpenApiComponents();
        var schemas = document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        if (!schemas.ContainsKey(Name))
        {
            var schema = new OpenApiSchema { Type = JsonSchemaType.Object };
            schemas[Name] = schema;
            schema.Required = Fields.Where(f => f.IsAlways).Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
            schema.Properties = Fields.ToDictionary(f => f.Name, f => Of(f, document), StringComparer.Ordinal);
        }

        return new OpenApiSchemaReference(Name, document);
    }

    private static IOpenApiSchema Of(ShapeField field, OpenApiDocument document) => field.Kind switch
    {
        FieldKind.Digits => new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null, Pattern = "^-?[0-9]+$", Description = "Minor units." },
        FieldKind.Whole => new OpenApiSchema { Type = JsonSchemaType.Integer | JsonSchemaType.Null },
        FieldKind.Flag => new OpenApiSchema { Type = JsonSchemaType.Boolean },
        FieldKind.Date => new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null, Format = "date" },
        FieldKind.Moment => new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null, Format = "date-time" },
        FieldKind.Texts => new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
        FieldKind.Wholes => new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.Integer } },
        FieldKind.Any => new OpenApiSchema(),
        FieldKind.Object => field.Of is null ? new OpenApiSchema { Type = JsonSchemaType.Object } : field.Of.SchemaIn(document),
        FieldKind.List => new OpenApiSchema { Type = JsonSchemaType.Array, Items = field.Of is null ? new OpenApiSchema { Type = JsonSchemaType.Object } : field.Of.SchemaIn(document) },
        _ => new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null },
    };
}
