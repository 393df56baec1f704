using System.Globalization;
using System.Text;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>The numbers of what runs beside the engine, taken when somebody asks: health and metrics never differ.</summary>
internal static class ServiceGauges
{
    private static readonly Dictionary<string, string> Help = new(StringComparer.Ordinal)
    {
        ["exposure_outbox_sent_total"] = "Rows that the outside has confirmed, by target.",
        ["exposure_outbox_lag_seconds"] = "Age of the oldest row that is on its way and not confirmed, by target.",
        ["exposure_outbox_behind_frames"] = "Committed frames that a reader of the outbox has not passed.",
        ["exposure_outbox_failures_total"] = "Times that the outside did not take rows.",
        ["exposure_feed_behind_records"] = "Records of a topic that are not in the journal yet.",
        ["exposure_feed_stale_partitions"] = "Partitions of a topic that are stale.",
        ["exposure_feed_quarantined_total"] = "Records that were skipped because they ended the process.",
    };

    internal static void Write(StringBuilder text, Desk desk)
    {
        var series = new SortedDictionary<(string Metric, string Labels), long>();
        foreach (var service in desk.Services.Select(s => s.Look()))
        {
            series[("exposure_service_health", $"service=\"{service.Name}\"")] = (long)service.Health;
            foreach (var number in service.Numbers) series[(number.Metric, $"service=\"{service.Name}\"")] = number.Value;
            foreach (var item in service.Items)
                foreach (var number in item.Numbers) series[(number.Metric, $"service=\"{service.Name}\",target=\"{item.Name}\"")] = number.Value;
        }

        foreach (var metric in series.GroupBy(s => s.Key.Metric))
        {
            var help = Help.GetValueOrDefault(metric.Key, "0 it runs, 1 it waits and goes on by itself, 2 it has failed and needs a person.");
            text.Append(CultureInfo.InvariantCulture, $"# HELP {metric.Key} {help}\n# TYPE {metric.Key} {(metric.Key.EndsWith("_total", StringComparison.Ordinal) ? "counter" : "gauge")}\n");
            foreach (var ((name, labels), value) in metric) text.Append(CultureInfo.InvariantCulture, $"{name}{{{labels}}} {value}\n");
        }
    }
}
