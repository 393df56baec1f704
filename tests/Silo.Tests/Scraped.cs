using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ExposureMonitor.Storage.Tests;
using Xunit;

namespace ExposureMonitor.Silo.Tests;

/// <summary>A real Prometheus scrapes running silos, and answers what the rules and the dashboard ask.</summary>
public sealed class Scraped(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    /// <summary>Panels of what did not happen here: no topic, no channel, nobody who watches, and nothing that went wrong.</summary>
    private static readonly HashSet<string> Silent = new(StringComparer.Ordinal)
    {
        "Events that were not applied", "Commits that were no success", "How far behind the sources", "Records that wait in Kafka", "Gaps: records before what they follow on", "Messages that wait for channels",
        "Messages by channel and result", "How late the outside hears", "What runs beside the engine", "From a commit to the frame that shows it", "Dead letters by reason",
        "Repetitions and contradictions", "Signals that late facts took back or added", "Records that wait for what they follow on", "Records that were skipped", "Signals in an hour",
    };

    [PrometheusFact]
    public async Task Prometheus_answers_every_rule_and_every_panel()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 2);
        var customers = Enumerable.Range(0, SiloCluster.Partitions).Select(p => SiloCluster.CustomerIn(p)).ToArray();
        await cluster.PostAsync(cluster.Silos[0], [.. customers.SelectMany(c => SiloCluster.Opened(c, 1_000))]);
        foreach (var customer in customers) await cluster.CheckAsync(cluster.Silos[0], customer, 10, "k");
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        await cluster.PostAsync(cluster.Silos[0], [SiloCluster.Event("credit.order.placed.v1", "held", customers[0], new { orderId = "HELD", amount = "90000", currency = "EUR", orderedOn = today, shipOn = today })]);
        // What the seller's own books say is compared by the silo that has the house, whichever is asked.
        using (var books = cluster.Client(cluster.Silos[0], cluster.Admin))
        {
            using var list = new StringContent($"customer,company,currency,amount\n{customers[0]},,EUR,100\n", Encoding.UTF8, "text/csv");
            using var told = await books.PutAsync("reconciliation", list);
            Assert.Equal(HttpStatusCode.Accepted, told.StatusCode);
        }

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
            var dashboards = Directory.GetFiles(Path.Combine(deploy, "grafana"), "*.json");
            Assert.Equal(3, dashboards.Length);
            var unanswered = new List<string>();
            foreach (var file in dashboards)
            {
                using var dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(file));
                foreach (var panel in dashboard.RootElement.GetProperty("panels").EnumerateArray())
                {
                    var (title, asked) = (panel.GetProperty("title").GetString()!, panel.GetProperty("targets").EnumerateArray().Select(t => t.GetProperty("expr").GetString()!.Replace("$segment", ".*", StringComparison.Ordinal)).ToList());
                    Assert.NotEmpty(asked);
                    foreach (var expression in asked)
                        if ((await QueryAsync(http, expression)).Count == 0 && !Silent.Contains(title)) unanswered.Add(expression);
                }
            }

            await UntilAsync(async () =>
            {
                foreach (var expression in unanswered.ToArray())
                    if ((await QueryAsync(http, expression)).Count > 0) unanswered.Remove(expression);
                return unanswered.Count == 0;
            }, unanswered);

            foreach (var must in (string[])["exposure_customers", "exposure_silo_requests_total", "exposure_commit_duration_seconds_bucket", "exposure_check_duration_seconds_count", "exposure_events_total", "exposure:partitions:sum", "exposure_holds{state=\"to_decide\"} == 1", "exposure_hold_oldest_seconds > 0", "sum(exposure_decisions_total{action=\"check\",outcome=\"held\",actor=\"rule\"}) == 1", "exposure_reconcile_difference_amount{currency=\"EUR\"} == -10000"])
            {
                var expression = must;
                await UntilAsync(async () => (await QueryAsync(http, expression)).Count > 0, [expression]);
            }

            // The names are those of the contract, as in the other edition.
            using var silo = new HttpClient();
            var text = await silo.GetStringAsync(cluster.Silos[0].Url + "/metrics");
            var contract = File.ReadLines(Path.Combine(Root(), "docs", "metrics.md")).Select(l => Regex.Match(l, @"^\| `(exposure_[a-z_]+)` \| (\w+) \|")).Where(m => m.Success).Select(m => (m.Groups[1].Value, m.Groups[2].Value));
            Assert.Equal(contract.Order(), Regex.Matches(text, "^# TYPE (exposure_\\S+) (\\S+)$", RegexOptions.Multiline).Select(m => (m.Groups[1].Value, m.Groups[2].Value)).Order());
            Assert.Equal("", await CheckedAsync(text));

            // Every rule was evaluated, and none of the alarms rings.
            await UntilAsync(async () => (await RulesAsync(http)).All(r => r.Health == "ok"), ["rules"]);
            Assert.All(await RulesAsync(http), r => Assert.NotEqual("firing", r.State));
        }
        finally
        {
            prometheus.Kill();
            await prometheus.WaitForExitAsync();
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> CheckedAsync(string metrics)
    {
        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true })!;
        await promtool.StandardInput.WriteAsync(metrics);
        promtool.StandardInput.Close();
        var said = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();
        return said;
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

    private static async Task UntilAsync(Func<Task<bool>> reached, List<string>? missing = null)
    {
        for (var begun = TimeProvider.System.GetTimestamp(); !await reached();)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMinutes(2), "within two minutes " + string.Join(", ", missing ?? []));
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
