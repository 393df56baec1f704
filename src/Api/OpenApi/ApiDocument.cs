using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace ExposureMonitor.Api;

/// <summary>The OpenAPI document, made of what the routes promise.</summary>
internal static partial class ApiDocument
{
    private static readonly Dictionary<int, string> Meanings = new()
    {
        [200] = "Done.", [201] = "Made.", [202] = "Taken in; it waits for another person.", [204] = "Done; no content.", [304] = "Not modified.",
        [400] = "The request is not understood: what, where, and what was expected.", [401] = "No valid key.", [403] = "The key may not do this.", [404] = "Unknown.",
        [409] = "It contradicts what stands.", [410] = "The cursor is too old, or what is asked for was pruned.", [412] = "Another version stands.", [413] = "The body is too large.", [415] = "The media type is not taken.",
        [422] = "Refused by a rule.", [429] = "Too many requests; Retry-After says when.", [500] = "An error of the service.", [503] = "The journal is out of reach; nothing was decided.",
    };

    internal static void AddExposureOpenApi(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "ExposureMonitor", Version = "1",
                Description = "Live credit exposure. Amounts are minor units and come back as strings of digits. Every error is ProblemDetails with a code; "
                    + "but for what is no HTTP, such as %00 in a path, a missing Host or a line of 8 KB: the web server answers that itself, 400, 414 or 431 without a body.",
            };
            // The address of a running service is no part of the contract.
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-Api-Key" },
            };
            document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
            document.Components.Schemas["Problem"] = Problem();
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<RouteSpec>().FirstOrDefault() is { } spec) Describe(operation, spec, context.Document!);
            return Task.CompletedTask;
        });
    });

    private static void Describe(OpenApiOperation operation, RouteSpec spec, OpenApiDocument document)
    {
        operation.Summary = spec.Summary;
        operation.Description = $"Roles: {KeyRing.Names(spec.Roles)}.";
        operation.OperationId = spec.Method.ToLowerInvariant() + Words().Replace(spec.Pattern["/api/v1".Length..], "_").TrimEnd('_');
        operation.Tags = null;
        operation.Parameters = [];
        foreach (Match name in RouteNames().Matches(spec.Pattern))
            operation.Parameters.Add(new OpenApiParameter { Name = name.Groups[1].Value, In = ParameterLocation.Path, Required = true, Schema = Text() });
        foreach (var (name, meaning) in spec.Query)
            operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Description = meaning, Schema = Text() });
        foreach (var (name, meaning) in spec.Headers)
            operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Header, Required = name == "Idempotency-Key", Description = meaning, Schema = Text() });
        operation.RequestBody = spec.Consumes.Count == 0 ? null : new OpenApiRequestBody
        {
            Content = spec.Consumes.ToDictionary(m => m, _ => new OpenApiMediaType { Schema = spec.Body is null ? new OpenApiSchema() : BodySchema.Of(spec.Body) }, StringComparer.Ordinal),
        };
        operation.Responses = [];
        foreach (var status in spec.Errors.Concat([spec.Success, 400, 401, 403, 429, 500]).Distinct().Order())
        {
            var success = status == spec.Success;
            var response = new OpenApiResponse { Description = Meanings[status] };
            if (success && status != 204)
                response.Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { [spec.Produces] = new() { Schema = spec.Answer is { } shape ? shape.SchemaIn(document) : Text() } };
            else if (status >= 400)
                response.Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference("Problem", document) } };
            operation.Responses[status.ToString(CultureInfo.InvariantCulture)] = response;
        }

        if (spec.Other is var (other, of))
            operation.Responses[other.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = Meanings[other], Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/json"] = new() { Schema = of.SchemaIn(document) } },
            };
    }

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    private static OpenApiSchema Problem() => new()
    {
        Type = JsonSchemaType.Object, Required = new SortedSet<string>(StringComparer.Ordinal) { "code", "detail", "status", "title" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["type"] = Text(), ["title"] = Text(), ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer }, ["detail"] = Text(), ["code"] = Text(), ["traceId"] = Text(),
        },
    };

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex RouteNames();

    [GeneratedRegex(@"[^A-Za-z]+")]
    private static partial Regex Words();
}
