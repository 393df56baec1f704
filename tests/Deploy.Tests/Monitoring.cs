using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace ExposureMonitor.Deploy.Tests;

/// <summary>Rules and dashboards ask for metrics that there are.</summary>
public sealed class Monitoring
{
    [ToolFact("promtool")]
    public void Rules_are_valid() => Assert.Contains("SUCCESS", Tools.Run("promtool", "check", "rules", Path.Combine(Tools.Root, "deploy", "prometheus", "rules.yaml")), StringComparison.Ordinal);

    [ToolFact("promtool")]
    public void Rules_fire_when_they_should() => Assert.Contains("SUCCESS", Tools.Run("promtool", "test", "rules", Path.Combine(Tools.Root, "deploy", "prometheus", "rules.test.yaml")), StringComparison.Ordinal);

    [Fact]
    public void Rules_and_dashboards_name_metrics_that_the_product_has()
    {
        var source = string.Join('\n', Directory.EnumerateFiles(Path.Combine(Tools.Root, "src"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        var known = Regex.Matches(source, "\"(exposure_[a-z_]+)[\"{]").Select(m => m.Groups[1].Value).Concat(Regex.Matches(source, @"\(""(exposure_[a-z_]+)").Select(m => m.Groups[1].Value)).ToHashSet();
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Tools.Root, "deploy", "grafana", "exposure.json")));
        var asked = dashboard.RootElement.GetProperty("panels").EnumerateArray().SelectMany(p => p.GetProperty("targets").EnumerateArray()).Select(t => t.GetProperty("expr").GetString()!)
            .Concat(Regex.Matches(File.ReadAllText(Path.Combine(Tools.Root, "deploy", "prometheus", "rules.yaml")), "expr: (.+)").Select(m => m.Groups[1].Value)).ToList();
        Assert.True(asked.Count > 20);
        foreach (var metric in asked.SelectMany(e => Regex.Matches(e, @"\bexposure_[a-z_]+").Select(m => m.Value)).Distinct())
            Assert.Contains(Regex.Replace(metric, "_(bucket|sum|count)$", ""), known);
    }

    [Fact]
    public void Panels_lead_to_pages_that_the_console_has()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Tools.Root, "deploy", "grafana", "exposure.json")));
        Assert.Contains("console", dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray().Select(v => v.GetProperty("name").GetString()));
        var links = dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(p => p.TryGetProperty("links", out _)).SelectMany(p => p.GetProperty("links").EnumerateArray()).Select(l => l.GetProperty("url").GetString()!).ToList();
        Assert.NotEmpty(links);
        var pages = File.ReadAllText(Path.Combine(Tools.Root, "src", "Console", "src", "app.tsx"));
        foreach (var link in links)
        {
            Assert.StartsWith("${console}/", link, StringComparison.Ordinal);
            Assert.Contains($"\"{link.Split('/', '?')[1]}\"", pages, StringComparison.Ordinal);
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
}
