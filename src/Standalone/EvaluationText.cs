using System.Globalization;
using ExposureMonitor.Learning;

namespace ExposureMonitor.Standalone;

/// <summary>An evaluation on the terminal.</summary>
internal static class EvaluationText
{
    internal static void Write(TextWriter to, EvaluationReport report, string path)
    {
        void Line(FormattableString text) => to.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        Line($"{report.Rows} rows, {report.Invoices} invoices of {report.Customers} customers, {report.Paid} paid, {report.Rejected.Values.Sum()} rows rejected; {report.First:yyyy-MM-dd} to {report.AsOf:yyyy-MM-dd}");
        Line($"judged: issued from {report.JudgedFrom:yyyy-MM-dd}; fitted on {string.Join(", ", report.FittedOn.Select(d => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)))}; {report.TooYoung} too young to tell");
        foreach (var target in report.Targets)
        {
            Line($"");
            Line($"{(target.OnsetOnly ? "onset: " : "")}more than {target.Days} days late: {target.Late} of {target.Cases} invoices{(target.OnsetOnly ? $" of customers with 5 known payments and none of the last 20 that late" : "")}");
            Line($"  {target.Statement}");
            Line($"  {"score",-16} {"AUC",-24} {"average precision",-24} {"recall at 10 %",-24} AUC above the shrunk share");
            foreach (var s in target.Scores)
                Line($"  {s.Name,-16} {Of(s.Auc),-24} {Of(s.AveragePrecision),-24} {Of(s.RecallAt10),-24} {(s.AboveShrunk is null ? "" : Of(s.AboveShrunk, signed: true))}");
            foreach (var b in target.Budgets)
                Line($"  budget {b.BudgetPct,2} %: {b.Flagged} flagged, precision {Plain(b.Precision, "0.000")}, recall {Plain(b.Recall, "0.000")}, median lead {Plain(b.LeadDays, "0")} days");
            Line($"  calibration error {Plain(target.CalibrationError, "0.000")} (chance alone: {Plain(target.CalibrationByChance, "0.000")})");
        }

        if (report.Dates is { } dates)
        {
            Line($"");
            Line($"day of payment, {dates.Cases} invoices: mean error {dates.MeanError:0.00} days, {dates.Within3:0.0%} within 3; usual delay alone {dates.UsualMeanError:0.00} days, {dates.UsualWithin3:0.0%}; interval of {dates.Claimed:0%} held {Plain(dates.Covered, "0.0%")} ({Plain(dates.Earlier, "0.0%")} came earlier), {Plain(dates.Width, "0.0")} days wide");
            if (dates.Renewed is { } renewed)
                Line($"the same once that day was over, {renewed.Open} open invoices: of {renewed.Told} a new day was told, mean error {Plain(renewed.MeanError, "0.00")} days; interval of {dates.Claimed:0%} held {Plain(renewed.Covered, "0.0%")} ({Plain(renewed.Earlier, "0.0%")} came earlier), {Plain(renewed.Width, "0.0")} days wide");
        }

        if (report.Signals.Count > 0) Line($"\nsignals in the judged time; followed by lateness: an invoice of the same customer became more than 15 days late");
        foreach (var s in report.Signals)
            Line($"  {s.Indicator}: {s.Signals} signals, {s.PerThousandDay:0.00} per 1,000 customers and day; followed by lateness in 30 days {Plain(s.Followed30, "0.0%")}, in 90 days {Plain(s.Followed90, "0.0%")}");
        if (report.Signals.Count > 0 && report.AnyDay is { } any)
            Line($"  to compare, any day of a customer in business: followed by lateness in 30 days {Plain(any.Followed30, "0.0%")}, in 90 days {Plain(any.Followed90, "0.0%")}");
        if (report.Factors.Count > 0)
        {
            Line($"");
            Line($"what the score for more than 5 days looks at, mean points: {string.Join(", ", report.Factors.Take(10).Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Name} {f.Points:0.0}")))}");
        }

        Line($"");
        foreach (var remark in report.Remarks.Where(r => !report.Targets.Any(t => t.Statement == r))) Line($"{remark}");
        foreach (var (reason, count) in report.Rejected) Line($"{count} rows rejected: {reason} ({path}.rejected.csv)");
        foreach (var (note, count) in report.Notes) Line($"{count} rows noted: {note}");
        Line($"report: {path}.evaluation.html, {path}.evaluation.json");
    }

    private static string Plain(double value, string form) => double.IsNaN(value) ? "–" : value.ToString(form, CultureInfo.InvariantCulture);

    private static string Of(Measured m, bool signed = false)
    {
        string Told(double value) => signed ? Evaluation.Signed(value) : value.ToString("0.000", CultureInfo.InvariantCulture);
        return double.IsNaN(m.Value) ? "–" : Told(m.Value) + (double.IsNaN(m.Low) ? "" : $" ({Told(m.Low)} to {Told(m.High)})");
    }
}
