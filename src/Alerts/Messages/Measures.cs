using System.Globalization;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>What an indicator compared with what, in units that people read.</summary>
internal static class Measures
{
    /// <summary>Behind the rule: the value where the first line does not say it, the threshold, and what is usual for the customer. "" where something is so or is not.</summary>
    internal static string Of(Alert a, Words words)
    {
        if (!a.Rule.StartsWith("EW-", StringComparison.Ordinal) || a.Threshold == 0 || a.Rule is "EW-35" or "EW-42" || ((a.Value, a.Threshold) == (1, 1) && SignalUnits.Of(a.Rule) == "count")) return "";
        var isTold = a.Rule is "EW-01" or "EW-05" or "EW-06" or "EW-10" or "EW-11";
        var (value, threshold) = (isTold ? "" : In(a, a.Value, words), a.Rule == "EW-30" ? words.Percent(a.Threshold) : In(a, a.Threshold, words));
        var text = (value.Length > 0 ? words.Say($", value {value}", $"，数值 {value}") : "") + (threshold.Length > 0 ? words.Say($", threshold {threshold}", $"，阈值 {threshold}") : "");
        return a.Usual is { } usual && In(a, usual.Median, words) is { Length: > 0 } median ? text + words.Say($", usual {median} (of {usual.Count})", $"，平时 {median}（{usual.Count} 次观察）") : text;
    }

    /// <summary>A figure in its unit; "" when that is an amount of a currency that nobody knows.</summary>
    private static string In(Alert a, long value, Words words) => SignalUnits.Of(a.Rule) switch
    {
        "bp" => words.Percent(value),
        "days" => words.Say($"{value} days", $"{value} 天"),
        "daysHundredths" => words.Say($"{Scaled(value, 100)} days", $"{Scaled(value, 100)} 天"),
        "points" when a.Rule == "EW-14" && value < 10 => words.Say($"{value} {(value == 1 ? "notch" : "notches")}", $"{value} 级"),
        "points" => words.Say($"{Scaled(value, 100)} points", $"{Scaled(value, 100)} 分"),
        "thousandths" => Scaled(value, 1_000),
        "minor" => a.MeasuredIn.Length > 0 ? Words.Money(value, a.MeasuredIn) : "",
        "level" => words.Say($"level {value}", $"{value} 级"),
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    private static string Scaled(long value, int by) => (value / (decimal)by).ToString("0.###", CultureInfo.InvariantCulture);
}
