using ExposureMonitor.Domain;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>The OpenAPI document is a file of the repository: a change shows up as a difference.</summary>
public sealed partial class Contract(Service service) : IClassFixture<Service>
{
    internal static string Snapshot
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "ExposureMonitor.sln"))) folder = folder.Parent;
            return Path.Combine(folder.FullName, "docs", "openapi.json");
        }
    }

    [Fact]
    public async Task Document_is_the_one_in_the_repository()
    {
        var told = (await service.SendAsync(null, "GET", "/openapi.json", null, null)).Body.ReplaceLineEndings("\n");
        if (told.Contains("\"openapi\"", StringComparison.Ordinal) && Environment.GetEnvironmentVariable("UPDATE_CONTRACTS") == "1") await File.WriteAllTextAsync(Snapshot, told + "\n");
        Assert.True(File.Exists(Snapshot), "docs/openapi.json is missing: run the tests once with UPDATE_CONTRACTS=1.");
        Assert.Equal((await File.ReadAllTextAsync(Snapshot)).ReplaceLineEndings("\n").TrimEnd(), told);
    }

    [Fact]
    public async Task Document_is_valid_and_tells_every_route_with_its_answers()
    {
        var text = (await service.SendAsync(null, "GET", "/openapi.json", null, null)).Body;
        var read = OpenApiDocument.Parse(text, "json");
        Assert.Empty(read.Diagnostic!.Errors);
        var document = read.Document!;
        var ids = new List<string>();
        foreach (var spec in ((IEndpointRouteBuilder)service.App).DataSources.SelectMany(s => s.Endpoints).Select(e => e.Metadata.GetMetadata<RouteSpec>()).OfType<RouteSpec>())
        {
            var operation = document.Paths[spec.Pattern].Operations![new HttpMethod(spec.Method)];
            ids.Add(operation.OperationId!);
            Assert.Equal(spec.Summary, operation.Summary);
            Assert.Contains(KeyRing.Names(spec.Roles), operation.Description, StringComparison.Ordinal);
            foreach (var status in new[] { "400", "401", "403", "429", "500" }) Assert.Contains(status, operation.Responses!.Keys);
            Assert.Contains(operation.Responses!.Keys, s => s[0] == '2');
            Assert.All(operation.Responses!.Where(r => r.Key[0] is '4' or '5'), r => Assert.Contains("application/problem+json", r.Value.Content!.Keys));
            Assert.Equal(RouteNames().Matches(spec.Pattern).Select(m => m.Groups[1].Value).Order(), (operation.Parameters ?? []).Where(p => p.In == ParameterLocation.Path).Select(p => p.Name).Order());
            Assert.Equal(spec.Consumes.Count > 0, operation.RequestBody is not null);
        }

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(ids.Count, document.Paths.Sum(p => p.Value.Operations!.Count));
    }

    [Fact]
    public void Every_success_with_a_body_has_a_shape() => Assert.All(Specs(), spec =>
        Assert.True(spec.Success == 204 || spec.Produces != "application/json" || spec.Answer is not null, $"{spec.Method} {spec.Pattern} tells no shape."));

    [Fact]
    public async Task Every_answer_has_the_shape_that_the_document_tells()
    {
        using var document = JsonDocument.Parse((await service.SendAsync(null, "GET", "/openapi.json", null, null)).Body);
        var customer = await service.CustomerAsync();
        var order = await service.OrderAsync(customer, 9_000_00);
        await service.OrderAsync(customer, 100_00);
        await service.TellAsync("invoice.posted", customer, new { invoiceId = service.New("I"), amount = 5_00, currency = "EUR", issuedOn = Service.Today, dueOn = Service.Today });
        await service.TellAsync("payment.received", customer, new { paymentId = service.New("P"), amount = 7_00, currency = "EUR", valueOn = Service.Today, cleared = true });
        var dead = (await service.PostAsync("Service", "/events", service.Event("invoice.posted", customer, new { invoiceId = "I9", amount = "x" }))).Text("deadLetter");
        var waits = await service.PostAsync("Analyst", $"/customers/{customer}/seasonal-limits", new { seasonId = "S", fromMonthDay = 101, toMonthDay = 1231, upliftBp = 500 });
        var entry = (await service.GetAsync("Viewer", $"/customers/{customer}/history")).Json.GetProperty("entries")[0].GetProperty("entry").GetString();
        var asked = 0;
        foreach (var spec in Specs().Where(s => s.Method == "GET" && s.Produces == "application/json"))
        {
            var path = spec.Pattern["/api/v1".Length..].Replace("{customer}", customer, StringComparison.Ordinal).Replace("{order}", order, StringComparison.Ordinal).Replace("{proposal}", waits.Text("id"), StringComparison.Ordinal)
                .Replace("{entry}", spec.Pattern.Contains("dead-letters", StringComparison.Ordinal) ? dead : entry, StringComparison.Ordinal) + (spec.Pattern.EndsWith("as-of", StringComparison.Ordinal) ? "?seq=999999" : spec.Pattern.EndsWith("aggregates", StringComparison.Ordinal) ? "?by=segment" : spec.Pattern.EndsWith("/search", StringComparison.Ordinal) ? "?q=" + customer : spec.Pattern.EndsWith("limit/effect", StringComparison.Ordinal) ? "?amount=900000" : "");
            var who = KeyRing.Single.First(r => (spec.Roles & r) != 0).ToString();
            Hold(document.RootElement, spec, await service.GetAsync(who, path));
            asked++;
        }

        Assert.True(asked > 20);
        await HoldPost("Service", "/customers/{customer}/credit-checks", new { amount = 1_00, currency = "EUR", orderId = "Q1" });
        await HoldPost("Analyst", "/customers/{customer}/credit-checks/what-if", new { amount = 900_000, currency = "EUR" });
        await HoldPost("Analyst", "/customers/{customer}/holds/{order}/request-release", new { reason = "x" });
        await HoldPost("Approver", "/customers/{customer}/holds/{order}/approve", new { });
        await HoldPost("Analyst", "/customers/{customer}/limit-requests", new { kind = "Amount", amount = "500000", version = 1 });
        await HoldPost("Admin", "/keys", new { subject = service.New("s"), roles = new[] { "Viewer" } });
        await HoldPost("Admin", "/dead-letters/{entry}/replay", service.Event("invoice.posted", customer, new { invoiceId = "I9", amount = 1, currency = "EUR", issuedOn = Service.Today, dueOn = Service.Today }));
        await HoldPost("Service", "/events", service.Event("order.placed", customer, new { orderId = "O77", amount = 1, currency = "EUR", orderedOn = Service.Today, shipOn = Service.Today }));

        async Task HoldPost(string who, string pattern, object body)
        {
            var spec = Specs().Single(s => s.Method == "POST" && s.Pattern == "/api/v1" + pattern);
            Hold(document.RootElement, spec, await service.PostAsync(who, pattern.Replace("{customer}", customer, StringComparison.Ordinal).Replace("{order}", order, StringComparison.Ordinal).Replace("{entry}", dead, StringComparison.Ordinal), body));
        }
    }

    private static void Hold(JsonElement document, RouteSpec spec, Reply reply)
    {
        Assert.True(reply.Code == spec.Success, $"{spec.Method} {spec.Pattern}: {reply.Code} {reply.Body}");
        var schema = document.GetProperty("paths").GetProperty(spec.Pattern).GetProperty(spec.Method.ToLowerInvariant()).GetProperty("responses")
            .GetProperty(spec.Success.ToString(System.Globalization.CultureInfo.InvariantCulture)).GetProperty("content").GetProperty("application/json").GetProperty("schema");
        Fits(document, schema, reply.Json, $"{spec.Method} {spec.Pattern} $");
    }

    /// <summary>As much of JSON Schema as the document uses. A member that the document does not know fails.</summary>
    private static void Fits(JsonElement document, JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("$ref", out var reference)) schema = document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]);
        if (!schema.TryGetProperty("type", out var type)) return;
        var types = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()).ToList() : [type.GetString()];
        var found = value.ValueKind switch { JsonValueKind.True or JsonValueKind.False => "boolean", JsonValueKind.Number => "integer", var kind => kind.ToString().ToLowerInvariant() };
        // An object or a list that is told elsewhere may be absent as null.
        if (found == "null" && (types.Contains("null") || types.Contains("object"))) return;
        Assert.True(types.Contains(found), $"{at}: {found}, told {string.Join("|", types)}");
        if (schema.TryGetProperty("pattern", out var pattern)) Assert.Matches(pattern.GetString()!, value.GetString());
        if (found == "array" && schema.TryGetProperty("items", out var items))
            foreach (var item in value.EnumerateArray()) Fits(document, items, item, at + "[]");
        if (found != "object" || !schema.TryGetProperty("properties", out var properties)) return;
        foreach (var required in schema.GetProperty("required").EnumerateArray()) Assert.True(value.TryGetProperty(required.GetString()!, out _), $"{at}.{required.GetString()} is missing in {value}");
        foreach (var member in value.EnumerateObject())
        {
            Assert.True(properties.TryGetProperty(member.Name, out var told), $"{at}.{member.Name} is not told");
            Fits(document, told, member.Value, $"{at}.{member.Name}");
        }
    }

    private IEnumerable<RouteSpec> Specs() => ((IEndpointRouteBuilder)service.App).DataSources.SelectMany(s => s.Endpoints).Select(e => e.Metadata.GetMetadata<RouteSpec>()).OfType<RouteSpec>();

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex RouteNames();
}
