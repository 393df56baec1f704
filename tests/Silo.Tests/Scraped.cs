using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using ExposureMonitor.Storage.Tests;
using Xunit;

namespace ExposureMonitor.Silo.Tests;

/// <summary>A real Prometheus scrapes running silos, and answers what the rules and the dashboard ask.</summary>
public sealed class Scraped(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    [PrometheusFact]
    public async Task Prometheus_answers_every_rule_and_every_panel()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 2);
        var customers = Enumerable.Range(0, SiloCluster.Partitions).Select(p => SiloCluster.CustomerIn(p)).ToArray();
        await cluster.PostAsync(cluster.Silos[0], [.. customers.SelectMany(c => SiloCluster.Opened(c, 1_000))]);
        foreach (var customer in customers) await cluster.CheckAsync(cluster.Silos[0], customer, 10, "k");
        var folder = Directory.CreateTempSubdirectory("exposure-prometheus-");
        var url = $"http://127.0.0.1:{FreePort.Next()}";
        var deploy = Path.Combine(Root(), "deploy");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "prometheus.yml"), $$"""
            global: { scrape_interval: 1s, evaluation_interval: 1s }
            rule_files: ['{{Path.Combine(deploy, "prometheus", "rules.yaml")}}']
            scrape_configs:
              - job_name: exposure
                static_configs: [{ targets: [{{string.Join(", ", cluster.Silos.Select(s => "'" + new Uri(s.Url).Authority + "'"))}}] }]
            """);
        using var prometheus = Process.Start(new ProcessStartInfo("prometheus",
            [$"--config.file={folder.FullName}/prometheus.yml", $"--storage.tsdb.path={folder.FullName}/data", $"--web.listen-address={new Uri(url).Authority}", "--log.level=error"]))!;
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri(url) };
            await UntilAsync(async () => (await QueryAsync(http, "sum(exposure_partitions) and count(up == 1) == 2")).Count > 0);
            // What a person would look at: every panel's question is understood, and the ones that every silo must answer have an answer.
            using var dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(deploy, "grafana", "exposure.json")));
            var asked = dashboard.RootElement.GetProperty("panels").EnumerateArray().SelectMany(p => p.GetProperty("targets").EnumerateArray()).Select(t => t.GetProperty("expr").GetString()!).ToList();
            Assert.NotEmpty(asked);
            foreach (var expression in asked) await QueryAsync(http, Regex.Replace(expression, @"\$__rate_interval|\$__interval", "30s"));
            foreach (var must in (string[])["exposure_customers", "exposure_silo_requests_total", "exposure_commit_duration_seconds_bucket", "exposure_check_duration_seconds_count", "exposure_events_total", "exposure:partitions:sum"])
            {
                var expression = must;
                await UntilAsync(async () => (await QueryAsync(http, expression)).Count > 0);
            }

            // Every rule was evaluated, and none of the alarms rings.
            await UntilAsync(async () => (await RulesAsync(http)).All(r => r.Health == "ok"));
            Assert.All(await RulesAsync(http), r => Assert.NotEqual("firing", r.State));
        }
        finally
        {
            prometheus.Kill();
            await prometheus.WaitForExitAsync();
            folder.Delete(recursive: true);
        }
    }

    private static async Task<IReadOnlyList<JsonElement>> QueryAsync(HttpClient http, string expression)
    {
        try
        {
            using var answer = await http.GetAsync("/api/v1/query?query=" + Uri.EscapeDataString(expression));
            var body = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode || (int)answer.StatusCode == 503, $"{expression}: {body}");
            return answer.IsSuccessStatusCode ? [.. JsonDocument.Parse(body).RootElement.GetProperty("data").GetProperty("result").EnumerateArray()] : [];
        }
        catch (HttpRequestException)
        {
            // It is starting.
            return [];
        }
    }

    private static async Task<IReadOnlyList<(string Name, string Health, string State)>> RulesAsync(HttpClient http)
    {
        using var body = JsonDocument.Parse(await http.GetStringAsync("/api/v1/rules"));
        return [.. body.RootElement.GetProperty("data").GetProperty("groups").EnumerateArray().SelectMany(g => g.GetProperty("rules").EnumerateArray())
            .Select(r => (r.GetProperty("name").GetString()!, r.GetProperty("health").GetString()!, r.TryGetProperty("state", out var state) ? state.GetString()! : ""))];
    }

    private static async Task UntilAsync(Func<Task<bool>> reached)
    {
        for (var begun = TimeProvider.System.GetTimestamp(); !await reached();)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMinutes(2), "within two minutes");
            await Task.Delay(200);
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "ExposureMonitor.sln"))) folder = folder.Parent;
        return folder.FullName;
    }
}

/// <summary>A test that needs PostgreSQL and Prometheus; skipped, with the reason, where one is missing.</summary>
public sealed class PrometheusFactAttribute : FactAttribute
{
    public PrometheusFactAttribute()
    {
        if (PostgreSqlServer.Missing is { } missing) Skip = missing;
        else if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => d.Length > 0 && File.Exists(Path.Combine(d, "prometheus")))) Skip = "No prometheus in the PATH.";
    }
}
