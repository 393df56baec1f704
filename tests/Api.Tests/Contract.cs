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
    private static string Snapshot
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
        if (Environment.GetEnvironmentVariable("EXPOSURE_ACCEPT") is { Length: > 0 }) await File.WriteAllTextAsync(Snapshot, told + "\n");
        Assert.True(File.Exists(Snapshot), "docs/openapi.json is missing; EXPOSURE_ACCEPT=1 writes it.");
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
            Assert.Contains(spec.Roles.ToString(), operation.Description, StringComparison.Ordinal);
            foreach (var status in new[] { "400", "401", "403", "429", "500" }) Assert.Contains(status, operation.Responses!.Keys);
            Assert.Contains(operation.Responses!.Keys, s => s[0] == '2');
            Assert.All(operation.Responses!.Where(r => r.Key[0] is '4' or '5'), r => Assert.Contains("application/problem+json", r.Value.Content!.Keys));
            Assert.Equal(RouteNames().Matches(spec.Pattern).Select(m => m.Groups[1].Value).Order(), (operation.Parameters ?? []).Where(p => p.In == ParameterLocation.Path).Select(p => p.Name).Order());
            Assert.Equal(spec.Consumes.Count > 0, operation.RequestBody is not null);
        }

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(ids.Count, document.Paths.Sum(p => p.Value.Operations!.Count));
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex RouteNames();
}
