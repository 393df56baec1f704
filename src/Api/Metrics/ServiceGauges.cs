using System.Globalization;
using System.Text;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>The numbers of what runs beside the engine, taken when somebody asks: health and metrics never differ.</summary>
internal static class ServiceGauges
{
    private const string ChannelPrefix = "channel ";

    private static readonly Dictionary<string, string> Help = new(StringComparer.Ordinal)
    {
        ["exposure_service_health"] = "0 it runs, 1 it waits and goes on by itself, 2 it has failed and needs a person.",
        ["exposure_outbox_sent_total"] = "Rows that the outside has confirmed, by target.",
        ["exposure_outbox_lag_seconds"] = "Age of the oldest row that is on its way and not confirmed, by target.",
        ["exposure_outbox_behind_frames"] = "Committed frames that a reader of the outbox has not passed.",
        ["exposure_outbox_failures_total"] = "Times that the outside did not take rows.",
        ["exposure_outbox_pending"] = "Messages that wait for a channel.",
        ["exposure_notifications_total"] = "Messages that came to an end, by channel and result.",
        ["exposure_notifications_waiting_seconds"] = "Age of the oldest message that waits for a channel.",
        ["exposure_feed_behind_records"] = "Records of a topic that are not in the journal yet.",
        ["exposure_feed_stale_partitions"] = "Partitions of a topic that are stale.",
        ["exposure_feed_quarantined_total"] = "Records that were skipped because they ended the process.",
        ["exposure_ingest_lag_seconds"] = "How long ago the newest record that was read was written, while more wait; 0 when none does.",
    };

    internal static void Write(StringBuilder text, Desk desk)
    {
        var series = Help.Keys.ToDictionary(name => name, _ => new SortedDictionary<string, long>(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var service in desk.Services.Select(s => s.Look()))
        {
            series["exposure_service_health"][$"service=\"{service.Name}\""] = (long)service.Health;
            foreach (var number in service.Numbers) Add(service.Name, null, number);
            foreach (var item in service.Items)
                foreach (var number in item.Numbers) Add(service.Name, item.Name, number);
        }

        foreach (var (name, lines) in series.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Help.GetValueOrDefault(name, "Told by a service beside the engine.")}\n# TYPE {name} {(name.EndsWith("_total", StringComparison.Ordinal) ? "counter" : "gauge")}\n");
            foreach (var (labels, value) in lines) text.Append(CultureInfo.InvariantCulture, $"{name}{{{labels}}} {value}\n");
        }

        void Add(string service, string? item, ServiceNumber number)
        {
            var labels = LabelsOf(service, item, number.Metric) + (number.Labels.Length > 0 ? "," + number.Labels : "");
            if (!series.TryGetValue(number.Metric, out var lines)) series.Add(number.Metric, lines = new SortedDictionary<string, long>(StringComparer.Ordinal));
            lines[labels] = number.Value;
        }
    }

    /// <summary>A channel and a source go by their own names, whoever carries them.</summary>
    private static string LabelsOf(string service, string? item, string metric) => metric switch
    {
        "exposure_ingest_lag_seconds" => $"source=\"{item}\"",
        "exposure_outbox_pending" or "exposure_notifications_total" or "exposure_notifications_waiting_seconds" when service.StartsWith(ChannelPrefix, StringComparison.Ordinal) => $"channel=\"{service[ChannelPrefix.Length..]}\"",
        _ when item is null => $"service=\"{service}\"",
        _ => $"service=\"{service}\",target=\"{item}\"",
    };
}
