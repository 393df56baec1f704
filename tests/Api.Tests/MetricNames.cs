using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>The names of metrics are a contract, and what they say is what has happened.</summary>
public sealed class MetricNames(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task The_endpoint_has_the_metrics_of_the_contract_with_their_kinds_and_labels()
    {
        await HeldAsync();
        var text = await ReadAsync();
        // Only a cluster answers for others.
        var contract = Contract().Where(c => c.Name != "exposure_silo_requests_total").ToDictionary(c => c.Name);
        var told = Regex.Matches(text, "^# TYPE (\\S+) (\\S+)$", RegexOptions.Multiline).Select(m => (Name: m.Groups[1].Value, Kind: m.Groups[2].Value)).ToList();
        Assert.Equal(contract.Values.Select(c => (c.Name, c.Kind)).Order(), told.Order());
        foreach (Match line in Regex.Matches(text, "^([a-z_]+)(?:{(.*)})? [-0-9.E+]+$", RegexOptions.Multiline))
        {
            var name = contract.ContainsKey(line.Groups[1].Value) ? line.Groups[1].Value : Regex.Replace(line.Groups[1].Value, "_(bucket|sum|count)$", "");
            var labels = Regex.Matches(line.Groups[2].Value, "([a-z]+)=\"").Select(m => m.Groups[1].Value).Where(l => l != "le");
            Assert.Equal(contract[name].Labels, labels);
        }
    }

    [Fact]
    public async Task What_is_held_is_counted_by_what_it_waits_for_and_by_rule()
    {
        var before = await ReadAsync();
        var (customer, order) = await HeldAsync();
        var after = await ReadAsync();
        Assert.Equal(1, Sum(after, "exposure_holds", "state=\"to_decide\"") - Sum(before, "exposure_holds", "state=\"to_decide\""));
        Assert.Equal(Sum(after, "exposure_held_orders"), Sum(after, "exposure_holds"));
        Assert.Equal(1, Sum(after, "exposure_decisions_total", "action=\"check\",outcome=\"held\",actor=\"rule\"") - Sum(before, "exposure_decisions_total", "action=\"check\",outcome=\"held\",actor=\"rule\""));
        Assert.DoesNotContain("rule=\"\"", after, StringComparison.Ordinal);

        Assert.Equal(200, (await service.PostAsync("Analyst", $"/customers/{customer}/holds/{order}/request-release", new { reason = "they have paid by telephone" })).Code);
        var waiting = await ReadAsync();
        Assert.Equal(1, Sum(waiting, "exposure_holds", "state=\"to_confirm\"") - Sum(after, "exposure_holds", "state=\"to_confirm\""));
        Assert.Equal(1, Sum(waiting, "exposure_decisions_total", "action=\"propose\",outcome=\"requested\",actor=\"person\"") - Sum(after, "exposure_decisions_total", "action=\"propose\",outcome=\"requested\",actor=\"person\""));
    }

    [Fact]
    public async Task Customers_stand_in_the_bands_of_the_console()
    {
        var before = await ReadAsync();
        var customer = await service.CustomerAsync(1_000_00, "BANDS");
        await service.OrderAsync(customer, 850_00);
        var after = await ReadAsync();
        Assert.Equal(1, Sum(after, "exposure_customers", "band=\"watch\",segment=\"BANDS\"") - Sum(before, "exposure_customers", "band=\"watch\",segment=\"BANDS\""));
    }

    [Fact]
    public async Task A_record_before_what_it_follows_on_is_a_gap_of_its_source_and_a_check_has_its_outcome()
    {
        var customer = await service.CustomerAsync();
        var before = await ReadAsync();
        var gap = await service.PostAsync("Service", "/events", service.Event("invoice.cancelled", customer, new { invoiceId = service.New("NOT-YET-"), restores = "Nothing" }));
        Assert.Equal("Parked", gap.Json.GetProperty("results")[0].GetProperty("outcome").GetString());
        var check = await service.PostAsync("Service", $"/customers/{customer}/credit-checks", new { amount = "1", currency = "EUR" });
        Assert.Equal(200, check.Code);
        var after = await ReadAsync();
        Assert.Equal(1, Sum(after, "exposure_sequence_gaps_total", "source=\"http\"") - Sum(before, "exposure_sequence_gaps_total", "source=\"http\""));
        Assert.Equal(1, Sum(after, "exposure_check_duration_seconds_count", "outcome=\"approved\"") - Sum(before, "exposure_check_duration_seconds_count", "outcome=\"approved\""));
        Assert.Equal(0, Sum(after, "exposure_partition_queue_depth", "kind=\"command\""));
        Assert.Equal(5, Sum(after, "exposure_partitions", "state=\"serving\""));
    }

    [PromtoolFact]
    public async Task Promtool_finds_nothing_wrong()
    {
        await HeldAsync();
        Assert.Equal("", await CheckedAsync(await ReadAsync()));
    }

    /// <summary>A customer whose order goes far above the limit.</summary>
    private async Task<(string Customer, string Order)> HeldAsync()
    {
        var customer = await service.CustomerAsync(100_00);
        return (customer, await service.OrderAsync(customer, 900_00));
    }

    private async Task<string> ReadAsync() => (await service.SendAsync(null, "GET", "/metrics", null, null)).Body;

    private static double Sum(string text, string name, string labels = "") =>
        Regex.Matches(text, $"^{name}(?:{{(.*)}})? ([-0-9.E+]+)$", RegexOptions.Multiline).Where(m => m.Groups[1].Value.Contains(labels, StringComparison.Ordinal)).Sum(m => double.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture));

    private static IEnumerable<(string Name, string Kind, string[] Labels)> Contract()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "ExposureMonitor.sln"))) folder = folder.Parent;
        return File.ReadLines(Path.Combine(folder.FullName, "docs", "metrics.md")).Select(l => Regex.Match(l, @"^\| `(exposure_[a-z_]+)` \| (\w+) \| ([^|]*)\|")).Where(m => m.Success)
            .Select(m => (m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)));
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
}

/// <summary>A test that needs promtool; skipped, with the reason, where it is missing.</summary>
public sealed class PromtoolFactAttribute : FactAttribute
{
    public PromtoolFactAttribute()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => d.Length > 0 && File.Exists(Path.Combine(d, "promtool")))) Skip = "No promtool in the PATH.";
    }
}
