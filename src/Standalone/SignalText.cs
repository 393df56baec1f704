using System.Globalization;
using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Standalone;

/// <summary>The standing signals of a customer for people: what is wrong in the words that alerts have, the figures in units that one reads, what would clear it, and the events that made it.</summary>
internal static class SignalText
{
    private static readonly Words English = new(Language.English);

    /// <param name="signals">As they stand.</param>
    /// <param name="limit">Currency of the customer's limit.</param>
    /// <param name="baseCurrency">Of the database.</param>
    internal static void Print(IReadOnlyList<SignalExplanation> signals, Currency limit, string baseCurrency)
    {
        if (signals.Count == 0) Console.WriteLine("no signal stands");
        foreach (var e in signals)
        {
            var s = e.Signal;
            var raised = $"raised on {JsonFieldWriter.DateText(s.RaisedOn)} at {s.RaisedAt}";
            if (e.Condition is { } c)
            {
                // The figures are those of the step that was told; what has calmed in part since stands on a lower one.
                var then = s.Step < c.Step ? $" when it was told as {c.Severity}, calmer since" : "";
                Console.WriteLine($"{s.Indicator} {s.Severity}: {TitleOf(s, c)}{Figures(s, c, limit, baseCurrency)}{then}; rules of version {c.RuleVersion}, {raised}");
                Console.WriteLine($"  clears with: {c.Clears} / {ClearWords.InChinese(c.Clears)}");
            }
            else
            {
                Console.WriteLine($"{s.Indicator} {s.Severity}: {TitleOf(s, null)}; told in a digest, crossed on {JsonFieldWriter.DateText(s.RaisedOn)} at {s.RaisedAt}");
            }

            foreach (var made in e.Events) Console.WriteLine($"  {made.At,-12} {made.Time}  {made.Type}  {made.EventId}{(made.Document.Length > 0 ? $"  ({made.Document})" : "")}");
            if (e.IsCut) Console.WriteLine("  events before the base of the journal were pruned and are not told");
        }
    }

    private static string TitleOf(SignalLine s, SignalCondition? c) =>
        English.Title(new Alert { Id = s.SignalId, Rule = s.Indicator, About = s.About, Value = c?.Observed ?? 0, Threshold = c?.Threshold ?? 0, Step = s.Step });

    /// <summary>What was compared with what; nothing where something is so or is not.</summary>
    private static string Figures(SignalLine s, SignalCondition c, Currency limit, string baseCurrency)
    {
        string In(long value) => Measured(s.Indicator, SignalUnits.Of(s.Indicator, c.Moved), value, limit, baseCurrency);
        var usual = c.BaselineCount > 0 && c.BaselineMedian != 0 ? $", usual {In(c.BaselineMedian)} ± {In(c.BaselineMad)} of {c.BaselineCount}" : "";
        return s.Indicator switch
        {
            "EW-35" => $", on {JsonFieldWriter.DateText((int)c.Observed)}",
            "EW-42" => c.Observed > 0 ? "; " + In(c.Observed) : "",
            "EW-22" => c.Observed > 0 ? $"; differences of {In(c.Observed)} in {In(c.Threshold)}" : "",
            "EW-30" when c.Moved != 0 => $"; {In(c.Observed)} against {In(c.Threshold)}, moved by {Words.Money(c.Moved, limit.Code)}",
            "EW-30" => $"; moved by {In(c.Observed)}, threshold {Scaled(c.Threshold, 2)} % or a step of the limit",
            _ when (c.Observed, c.Threshold) == (1, 1) && SignalUnits.Of(s.Indicator) == "count" => "",
            _ => $"; {In(c.Observed)} against {In(c.Threshold)}{usual}",
        };
    }

    private static string Measured(string indicator, string unit, long value, Currency limit, string baseCurrency) => unit switch
    {
        "bp" => value >= 1_000_000 ? "far over 100 %" : Scaled(value, 2) + " %",
        "days" => $"{value} {(Math.Abs(value) == 1 ? "day" : "days")}",
        "daysHundredths" => Scaled(value, 2) + " days",
        "points" => indicator == "EW-14" && value < 10 ? $"{value} {(value == 1 ? "notch" : "notches")}" : Scaled(value, 2) + " points",
        "thousandths" => Scaled(value, 3),
        "minor" when indicator == "EW-23" => Words.Money(value, baseCurrency),
        "minor" when indicator is "EW-30" or "EW-37" => Words.Money(value, limit.Code),
        "minor" => $"{value} minor units",
        "level" => $"level {value}",
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    private static string Scaled(long value, int digits)
    {
        decimal scaled = value;
        for (var i = 0; i < digits; i++) scaled /= 10;
        return scaled.ToString("0.###", CultureInfo.InvariantCulture);
    }
}
