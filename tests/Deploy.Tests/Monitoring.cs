using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace ExposureMonitor.Deploy.Tests;

/// <summary>Rules and dashboards ask for metrics that there are.</summary>
public sealed class Monitoring
{
    private static IEnumerable<string> Files => Directory.GetFiles(Path.Combine(Tools.Root, "deploy", "grafana"), "*.json").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal);

    public static TheoryData<string> Dashboards => [.. Files];

    [ToolFact("promtool")]
    public void Rules_are_valid() => Assert.Contains("SUCCESS", Tools.Run("promtool", "check", "rules", Path.Combine(Tools.Root, "deploy", "prometheus", "rules.yaml")), StringComparison.Ordinal);

    [ToolFact("promtool")]
    public void Rules_fire_when_they_should() => Assert.Contains("SUCCESS", Tools.Run("promtool", "test", "rules", Path.Combine(Tools.Root, "deploy", "prometheus", "rules.test.yaml")), StringComparison.Ordinal);

    [Fact]
    public void Three_dashboards_are_for_the_desk_the_service_and_the_record() => Assert.Equal(["credit-desk.json", "data-trust.json", "service.json"], Files);

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void Panels_name_metrics_of_the_contract_with_labels_that_they_have(string dashboard)
    {
        using var document = Open(dashboard);
        var asked = Panels(document).SelectMany(p => p.GetProperty("targets").EnumerateArray()).Select(t => t.GetProperty("expr").GetString()!).ToList();
        Assert.True(asked.Count > 10);
        Assert.All(asked, Known);
    }

    [Fact]
    public void Rules_name_metrics_of_the_contract_with_labels_that_they_have()
    {
        var asked = Regex.Matches(File.ReadAllText(Path.Combine(Tools.Root, "deploy", "prometheus", "rules.yaml")), "expr: (.+)").Select(m => m.Groups[1].Value).ToList();
        Assert.True(asked.Count > 10);
        Assert.All(asked, Known);
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void Panels_lead_to_pages_that_the_console_has(string dashboard)
    {
        using var document = Open(dashboard);
        Assert.Contains("console", document.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray().Select(v => v.GetProperty("name").GetString()));
        var links = Panels(document).SelectMany(p => Links(p).Concat(Links(p.GetProperty("fieldConfig").GetProperty("defaults")))).Select(l => l.GetProperty("url").GetString()!).ToList();
        Assert.True(links.Count > 5);
        var console = Path.Combine(Tools.Root, "src", "Console", "src");
        var (pages, sources) = (File.ReadAllText(Path.Combine(console, "app.tsx")), string.Concat(Directory.EnumerateFiles(console, "*.ts*", SearchOption.AllDirectories).Select(File.ReadAllText)));
        foreach (var link in links)
        {
            Assert.StartsWith("${console}/", link, StringComparison.Ordinal);
            Assert.Contains($"\"{link.Split('/', '?')[1]}\"", pages, StringComparison.Ordinal);
            // The same filter: what the address chooses, the console reads.
            foreach (var choice in link.Split('?') is [_, var query] ? query.Split('&') : [])
                Assert.Contains($"query.get(\"{choice.Split('=')[0]}\")", sources, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Alerts_name_chapters_that_are_there()
    {
        foreach (Match match in Regex.Matches(File.ReadAllText(Path.Combine(Tools.Root, "deploy", "prometheus", "rules.yaml")), "runbook: (docs/[a-z]+\\.md)(?:#([a-z-]+))?"))
        {
            var text = File.ReadAllText(Path.Combine(Tools.Root, match.Groups[1].Value));
            if (!match.Groups[2].Success) continue;
            var headings = text.Split('\n').Where(l => l.StartsWith('#')).Select(l => Regex.Replace(l.TrimStart('#', ' ').ToLowerInvariant(), "[^a-z0-9 -]", "").Replace(' ', '-'));
            Assert.Contains(match.Groups[2].Value, headings);
        }
    }

    private static JsonDocument Open(string dashboard) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Tools.Root, "deploy", "grafana", dashboard)));

    private static IEnumerable<JsonElement> Panels(JsonDocument document) => document.RootElement.GetProperty("panels").EnumerateArray();

    private static IEnumerable<JsonElement> Links(JsonElement of) => of.TryGetProperty("links", out var links) ? links.EnumerateArray() : [];

    /// <summary>Every metric stands in the contract, and so does every label by which it is chosen or added up.</summary>
    private static void Known(string expression)
    {
        var contract = File.ReadLines(Path.Combine(Tools.Root, "docs", "metrics.md")).Select(l => Regex.Match(l, @"^\| `(exposure_[a-z_]+)` \| (\w+) \| ([^|]*)\|")).Where(m => m.Success)
            .ToDictionary(m => m.Groups[1].Value, m => m.Groups[3].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet());
        // What Prometheus adds, what a histogram has, and what a silo says of itself.
        string[] everywhere = ["le", "instance", "silo"];
        var metrics = Regex.Matches(expression, @"\bexposure_[a-z_]+").Select(m => Regex.Replace(m.Value, "_(bucket|sum|count)$", "")).Distinct().ToList();
        foreach (var metric in metrics) Assert.True(contract.ContainsKey(metric), $"{metric} of {expression}");
        var labels = Regex.Matches(expression, @"by \(([^)]*)\)").SelectMany(m => m.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)).Concat(Regex.Matches(expression, @"([a-z]+)\s*(?:=~|!=|!~|=)""").Select(m => m.Groups[1].Value));
        foreach (var label in labels.Except(everywhere)) Assert.True(metrics.TrueForAll(m => contract[m].Contains(label)), $"{label} of {expression}");
    }
}
