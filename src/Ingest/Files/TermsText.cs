using System.Globalization;
using System.Text.RegularExpressions;

namespace ExposureMonitor.Ingest;

/// <summary>Terms of payment as houses write them, to a due date.</summary>
internal static partial class TermsText
{
    /// <summary>Most days that a text is believed.</summary>
    private const int DaysMost = 400;

    private static readonly string[] AtOnce = ["receipt", "immediate", "cash", "cod", "cia", "prepay", "prepaid", "advance", "sofort", "comptant", "contado", "vista", "货到", "预付"];

    private static readonly string[] EndOfMonth = ["eom", "end of month", "month end", "monatsende", "fin de mois", "fdm", "fin de mes", "fine mese", "月结"];

    /// <summary>The due date (day number) of an invoice under these terms; 0 when they name no days.</summary>
    /// <param name="terms">Such as <c>net 30</c>, <c>2/10 n/30</c>, <c>30 Tage netto</c>, <c>NET30 EOM</c>, <c>30</c>, <c>due on receipt</c>.</param>
    /// <param name="issued">Day number of the issue.</param>
    internal static int DueOf(string terms, int issued)
    {
        var text = terms.Trim().ToLowerInvariant();
        if (text.Length == 0) return 0;
        var fromMonthEnd = Array.Exists(EndOfMonth, word => text.Contains(word, StringComparison.Ordinal));
        var days = DaysOf(text);
        if (days < 0 && !fromMonthEnd) return 0;
        var from = issued;
        if (fromMonthEnd)
        {
            var date = DateOnly.FromDayNumber(issued);
            from = new DateOnly(date.Year, date.Month, 1).AddMonths(1).DayNumber - 1;
        }

        return from + Math.Max(0, days);
    }

    private static int DaysOf(string text)
    {
        foreach (var pattern in (Regex[])[Net(), NetBehind(), Named(), Key()])
        {
            // A discount stands in front of the whole term: the last one counts.
            var found = pattern.Matches(text);
            if (found.Count == 0) continue;
            var days = int.Parse(found[^1].Groups[1].Value, CultureInfo.InvariantCulture);
            return days <= DaysMost ? days : -1;
        }

        return Array.Exists(AtOnce, word => text.Contains(word, StringComparison.Ordinal)) ? 0 : -1;
    }

    [GeneratedRegex(@"(?:^|[^a-z])(?:net|netto|n)[\s\-_/]*(\d{1,3})(?!\d|\s*%)")]
    private static partial Regex Net();

    [GeneratedRegex(@"(?:^|[^\d.,])(\d{1,3})(?:\s*(?:days?|tage?n?))?[\s\-_]*(?:net|netto)\b")]
    private static partial Regex NetBehind();

    [GeneratedRegex(@"(?:^|[^\d.,])(\d{1,3})\s*(?:days?|d\b|tage?n?\b|jours?|j\b|d[ií]as?|dias?|giorni|gg\b|dagen|dni\b|dn[ií]\b|天|日)")]
    private static partial Regex Named();

    [GeneratedRegex(@"^(?:nt|t|z|zt|d)?[\s\-_]*0*(\d{1,3})(?:\.0)?$")]
    private static partial Regex Key();
}
