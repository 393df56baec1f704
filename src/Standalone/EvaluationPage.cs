using System.Globalization;
using System.Net;
using System.Text;
using ExposureMonitor.Learning;

namespace ExposureMonitor.Standalone;

/// <summary>An evaluation as one page that asks nothing of any server: tables, and charts as inline SVG.</summary>
internal static class EvaluationPage
{
    private const string Style = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b2430;background:#fff}h1,h2{line-height:1.2}table{border-collapse:collapse;margin:.5rem 0 1.5rem}th,td{padding:.25rem .8rem;border-bottom:1px solid #d8dee6;text-align:right}th:first-child,td:first-child{text-align:left}td.first{font-weight:600}svg{max-width:100%;height:auto}.charts{display:flex;flex-wrap:wrap;gap:1rem}.note{color:#5a6675}"
        + "@media(prefers-color-scheme:dark){body{background:#12161c;color:#dfe6ee}th,td{border-color:#2c3541}.note{color:#97a3b2}}";

    internal static string Write(EvaluationReport report, string name)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Evaluation of {Text(name)}</title><style>{Style}</style><h1>Evaluation of {Text(name)}</h1>");
        page.Append(CultureInfo.InvariantCulture, $"<p>{report.Rows} rows, {report.Invoices} invoices of {report.Customers} customers, {report.Paid} paid, {report.Rejected.Values.Sum()} rows rejected. {report.First:yyyy-MM-dd} to {report.AsOf:yyyy-MM-dd}. Judged are invoices issued from {report.JudgedFrom:yyyy-MM-dd}, each on the morning of its issue with what was known then; models were fitted on {string.Join(", ", report.FittedOn.Select(d => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)))}. {report.TooYoung} are too young to tell. Brackets hold the middle 95 % of draws of customers.</p>");
        foreach (var target in report.Targets) Target(page, target);
        if (report.Dates is { } d)
            page.Append(CultureInfo.InvariantCulture, $"<h2>Day of payment</h2><table><tr><th>forecast<th>mean error, days<th>within 3 days<th>interval claims<th>holds<th>came earlier<th>width, days<tr><td>learned<td>{d.MeanError:0.00}<td>{d.Within3:0.0%}<td>{d.Claimed:0%}<td>{Share(d.Covered)}<td>{Share(d.Earlier)}<td>{d.Width:0.0}<tr><td>usual delay (median of 20)<td>{d.UsualMeanError:0.00}<td>{d.UsualWithin3:0.0%}<td><td><td><td>{(d.Renewed is { } r ? string.Create(CultureInfo.InvariantCulture, $"<tr><td>renewed, once that day was over<td>{r.MeanError:0.00}<td><td>{d.Claimed:0%}<td>{Share(r.Covered)}<td>{Share(r.Earlier)}<td>{r.Width:0.0}") : "")}</table><p class=note>{d.Cases} invoices{(d.Renewed is { } n ? $"; {n.Open} were open when their day was over, and of {n.Told} a new one was told" : "")}.</p>");
        if (report.Signals.Count > 0)
        {
            page.Append("<h2>Signals</h2><table><tr><th>indicator<th>signals<th>per 1,000 customers and day<th>followed in 30 days<th>in 90 days");
            foreach (var s in report.Signals) page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(s.Indicator)}<td>{s.Signals}<td>{s.PerThousandDay:0.00}<td>{Share(s.Followed30)}<td>{Share(s.Followed90)}");
            if (report.AnyDay is { } any) page.Append(CultureInfo.InvariantCulture, $"<tr><td>any day of a customer in business<td><td><td>{Share(any.Followed30)}<td>{Share(any.Followed90)}");
            page.Append("</table><p class=note>Followed: an invoice of the same customer became more than 15 days late. A signal that is followed no more often than any day tells nothing of lateness.</p>");
        }

        if (report.Factors.Count > 0)
        {
            page.Append("<h2>What the score for more than 5 days looks at</h2>");
            EvaluationCharts.Bars(page, report.Factors.Select(f => (f.Name, f.Points)).ToList(), "mean points that the factor moves a score");
            page.Append("<table><tr><th>factor<th>meaning<th>points");
            foreach (var f in report.Factors) page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(f.Name)}<td>{Text(f.Meaning)}<td>{f.Points:0.00}");
            page.Append("</table>");
        }

        page.Append("<h2>Remarks</h2><ul>");
        foreach (var remark in report.Remarks.Concat(report.Rejected.Select(r => $"{r.Value} rows rejected: {r.Key}")).Concat(report.Notes.Select(n => $"{n.Value} rows noted: {n.Key}"))) page.Append("<li>").Append(Text(remark));
        return page.Append("</ul></html>\n").ToString();
    }

    private static void Target(StringBuilder page, TargetReport target)
    {
        page.Append(CultureInfo.InvariantCulture, $"<h2>{(target.OnsetOnly ? "Onset: more" : "More")} than {target.Days} days late</h2><p>{target.Late} of {target.Cases} invoices.{(target.OnsetOnly ? " Customers with at least 5 known payments, none of the last 20 that late." : "")} {Text(target.Statement)}</p><table><tr><th>score<th>AUC<th>average precision<th>recall at 10 %<th>AUC above the shrunk share");
        foreach (var s in target.Scores) page.Append(CultureInfo.InvariantCulture, $"<tr><td{(s.Name == "learned" ? " class=first" : "")}>{Text(s.Name)}<td>{Of(s.Auc)}<td>{Of(s.AveragePrecision)}<td>{Of(s.RecallAt10)}<td>{(s.AboveShrunk is null ? "" : Of(s.AboveShrunk))}");
        page.Append("</table><div class=charts>");
        EvaluationCharts.Intervals(page, target.Scores.Select(s => (s.Name, s.Auc)).ToList(), "AUC");
        EvaluationCharts.Calibration(page, target.Calibration);
        page.Append(CultureInfo.InvariantCulture, $"</div><p class=note>Calibration error {(double.IsNaN(target.CalibrationError) ? "–" : target.CalibrationError.ToString("0.000", CultureInfo.InvariantCulture))}; {(double.IsNaN(target.CalibrationByChance) ? "–" : target.CalibrationByChance.ToString("0.000", CultureInfo.InvariantCulture))} would be seen by chance if every told chance were right.</p>");
        page.Append("<table><tr><th>budget<th>flagged<th>precision<th>recall<th>median lead, days");
        foreach (var b in target.Budgets) page.Append(CultureInfo.InvariantCulture, $"<tr><td>{b.BudgetPct} %<td>{b.Flagged}<td>{Share(b.Precision)}<td>{Share(b.Recall)}<td>{(double.IsNaN(b.LeadDays) ? "–" : b.LeadDays.ToString("0", CultureInfo.InvariantCulture))}");
        page.Append("</table>");
    }

    internal static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Share(double share) => double.IsNaN(share) ? "–" : share.ToString("0.0%", CultureInfo.InvariantCulture);

    private static string Of(Measured m) => double.IsNaN(m.Value) ? "–" : string.Create(CultureInfo.InvariantCulture, $"{m.Value:0.000}{(double.IsNaN(m.Low) ? "" : $" ({m.Low:0.000} to {m.High:0.000})")}");
}
