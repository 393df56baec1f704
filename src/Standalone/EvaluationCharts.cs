using System.Globalization;
using System.Text;
using ExposureMonitor.Learning;

namespace ExposureMonitor.Standalone;

/// <summary>Small charts as inline SVG; each tells its figures to a reader who does not see it.</summary>
internal static class EvaluationCharts
{
    /// <summary>A point with its interval per score.</summary>
    internal static void Intervals(StringBuilder page, List<(string Name, Measured Value)> lines, string title)
    {
        var shown = lines.Where(l => !double.IsNaN(l.Value.Value)).ToList();
        if (shown.Count == 0) return;
        var least = Math.Max(0, Math.Floor(shown.Min(l => double.IsNaN(l.Value.Low) ? l.Value.Value : l.Value.Low) * 10) / 10);
        double At(double value) => 140 + (Math.Clamp(value, least, 1) - least) / Math.Max(0.01, 1 - least) * 300;
        Open(page, 480, 30 + shown.Count * 24 + 24, title + " with 95 % intervals");
        for (var i = 0; i < shown.Count; i++)
        {
            var (y, value) = (30 + i * 24, shown[i].Value);
            page.Append(CultureInfo.InvariantCulture, $"<text x=\"130\" y=\"{y + 4}\" text-anchor=\"end\">{EvaluationPage.Text(shown[i].Name)}</text>");
            if (!double.IsNaN(value.Low)) page.Append(CultureInfo.InvariantCulture, $"<line x1=\"{At(value.Low):0.#}\" x2=\"{At(value.High):0.#}\" y1=\"{y}\" y2=\"{y}\" stroke=\"#3b7dd8\" stroke-width=\"3\"/>");
            page.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{At(value.Value):0.#}\" cy=\"{y}\" r=\"5\" fill=\"#3b7dd8\"><title>{value.Value:0.000}</title></circle>");
        }

        for (var tick = least; tick <= 1.001; tick += 0.1)
            page.Append(CultureInfo.InvariantCulture, $"<text x=\"{At(tick):0.#}\" y=\"{30 + shown.Count * 24 + 12}\" text-anchor=\"middle\" opacity=\"0.7\">{tick:0.0}</text>");
        page.Append("</svg>");
    }

    /// <summary>What was told against what was seen.</summary>
    internal static void Calibration(StringBuilder page, IReadOnlyList<CalibrationLine> lines)
    {
        if (lines.Count == 0) return;
        Open(page, 320, 300, "Chance told and share seen");
        page.Append("<line x1=\"40\" y1=\"260\" x2=\"290\" y2=\"10\" stroke=\"currentColor\" opacity=\"0.3\"/><line x1=\"40\" y1=\"260\" x2=\"290\" y2=\"260\" stroke=\"currentColor\" opacity=\"0.5\"/><line x1=\"40\" y1=\"260\" x2=\"40\" y2=\"10\" stroke=\"currentColor\" opacity=\"0.5\"/><text x=\"165\" y=\"285\" text-anchor=\"middle\">chance told</text><text x=\"14\" y=\"135\" text-anchor=\"middle\" transform=\"rotate(-90 14 135)\">share late</text>");
        foreach (var l in lines) page.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{40 + l.Told * 250:0.#}\" cy=\"{260 - l.Seen * 250:0.#}\" r=\"4\" fill=\"#d8703b\"><title>told {l.Told:0.000}, seen {l.Seen:0.000}, {l.Cases} invoices</title></circle>");
        page.Append("</svg>");
    }

    /// <summary>A bar per name.</summary>
    internal static void Bars(StringBuilder page, List<(string Name, double Value)> bars, string title)
    {
        Open(page, 640, 20 + bars.Count * 20, title);
        var most = Math.Max(1e-9, bars.Max(b => b.Value));
        for (var i = 0; i < bars.Count; i++)
            page.Append(CultureInfo.InvariantCulture, $"<text x=\"190\" y=\"{24 + i * 20}\" text-anchor=\"end\">{EvaluationPage.Text(bars[i].Name)}</text><rect x=\"200\" y=\"{13 + i * 20}\" width=\"{bars[i].Value / most * 380:0.#}\" height=\"13\" fill=\"#3b7dd8\"><title>{bars[i].Value:0.00}</title></rect>");
        page.Append("</svg>");
    }

    private static void Open(StringBuilder page, int width, int height, string title) =>
        page.Append(CultureInfo.InvariantCulture, $"<svg role=\"img\" aria-label=\"{EvaluationPage.Text(title)}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-size=\"12\" fill=\"currentColor\"><title>{EvaluationPage.Text(title)}</title>");
}
