using System.Text.RegularExpressions;

namespace ExposureMonitor.Ingest;

/// <summary>How the dates and amounts of a ledger are written, found out from its first rows.</summary>
internal static partial class LedgerForms
{
    private static readonly string[] DateForms =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm:sszzz", "yyyy-MM-dd HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF",
        "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz",
        "yyyyMMdd", "yyyyMMdd'.0'", "yyyyMMddHHmmss", "yyyy/M/d", "yyyy/M/d H:mm", "yyyy/M/d H:mm:ss", "yyyy.M.d", "yyyy-M-d", "yyyy年M月d日", "d.M.yyyy", "d.M.yyyy H:mm", "d.M.yyyy H:mm:ss", "d.M.yy", "d-MMM-yyyy", "d-MMM-yy", "d-MMM-yyyy H:mm:ss", "d MMM yyyy", "d MMM yy",
        "d MMMM yyyy", "MMM d, yyyy", "MMMM d, yyyy", "MMM d yyyy", "ddMMMyyyy", "ddMMMyyyy:HH:mm:ss", "d/MMM/yyyy", "d/MMM/yy", "ddd, d MMM yyyy", "ddMMyyyy", "MMddyyyy",
        FileFormat.EpochMilliseconds, FileFormat.EpochSeconds, FileFormat.SpreadsheetDays,
    ];

    /// <summary>Forms in which day and month look alike: the first two parts decide which is meant.</summary>
    private static readonly (string MonthFirst, string DayFirst)[] Twins =
    [
        ("M/d/yyyy", "d/M/yyyy"), ("M/d/yyyy H:mm", "d/M/yyyy H:mm"), ("M/d/yyyy H:mm:ss", "d/M/yyyy H:mm:ss"), ("M/d/yyyy h:mm:ss tt", "d/M/yyyy h:mm:ss tt"), ("M/d/yyyy h:mm tt", "d/M/yyyy h:mm tt"), ("M/d/yy", "d/M/yy"), ("M/d/yy H:mm", "d/M/yy H:mm"),
        ("M-d-yyyy", "d-M-yyyy"), ("M-d-yyyy H:mm", "d-M-yyyy H:mm"), ("M-d-yyyy H:mm:ss", "d-M-yyyy H:mm:ss"), ("M-d-yy", "d-M-yy"), ("MMddyyyy", "ddMMyyyy"),
    ];

    private static readonly string[] AllForms = [.. DateForms.Concat(Twins.SelectMany(t => (string[])[t.MonthFirst, t.DayFirst])).Distinct()];

    private static readonly string[] Written = [.. AllForms.Where(f => f is not (FileFormat.EpochMilliseconds or FileFormat.EpochSeconds or FileFormat.SpreadsheetDays))];

    private static readonly Dictionary<string, string> CurrencyOfSign = new(StringComparer.OrdinalIgnoreCase)
        { ["$"] = "USD", ["US$"] = "USD", ["€"] = "EUR", ["£"] = "GBP", ["₹"] = "INR", ["₽"] = "RUB", ["zł"] = "PLN", ["R$"] = "BRL", ["C$"] = "CAD", ["CA$"] = "CAD", ["A$"] = "AUD", ["Rs"] = "INR", ["Rs."] = "INR", ["RMB"] = "CNY", ["CN¥"] = "CNY", ["₺"] = "TRY", ["₩"] = "KRW", ["元"] = "CNY" };

    /// <summary>Whether most texts are days in some form.</summary>
    /// <param name="name">Of the column: a plain number is a day only where the name speaks of one, else numbers of invoices would be seconds since 1970.</param>
    internal static bool LooksLikeDays(string name, List<string> texts)
    {
        var some = Some(texts);
        var forms = OfDays().IsMatch(name) ? AllForms : Written;
        return some.Count(t => Array.Exists(forms, form => Fits(t, form))) >= some.Count * 0.75;
    }

    /// <summary>Whether a text is a day in some form.</summary>
    internal static bool IsDay(string text) => Array.Exists(AllForms, form => Fits(text, form));

    /// <summary>Whether a text is a number with signs around it at most.</summary>
    internal static bool LooksLikeAmount(string text) => Number().IsMatch(text);

    /// <summary>Forms of the dates in the three columns.</summary>
    internal static List<string> Dates(string[] header, List<string[]> sample, int issued, int due, int settled, FileFormat format, List<string> remarks)
    {
        var columns = new[] { (Field: "issued", At: issued), (Field: "due", At: due), (Field: "settled", At: settled) }.Where(c => c.At >= 0).Select(c => (c.Field, c.At, Texts: sample.Select(r => r[c.At].Trim()).Where(t => !format.IsNothing(t)).ToList())).ToList();
        List<string> forms = [];
        foreach (var (field, at, texts) in columns)
        {
            if (texts.Count == 0) continue;
            var fitting = AllForms.Select(form => (Form: form, Fits: texts.Count(t => Fits(t, form)))).Where(f => f.Fits > 0).ToList();
            // A form that fits a few rows by chance (d/M of what is M/d) fits not nearly all.
            var kept = fitting.Where(f => f.Fits >= Math.Max(1, texts.Count * 0.02)).Select(f => f.Form).ToList();
            if (kept.Count == 0) throw new InvalidDataException($"The column '{header[at]}' for {field} holds no dates in a known form ({Shown(texts)}): is another column meant (--map {field}=<column>), or is it a form that --date-format must tell?");
            foreach (var form in kept) if (!forms.Contains(form)) forms.Add(form);
        }

        if (forms.Count == 0) throw new InvalidDataException("No row has a date: tell --date-format.");
        foreach (var (monthFirst, dayFirst) in Twins)
        {
            if (!forms.Contains(monthFirst) || !forms.Contains(dayFirst)) continue;
            var (m, d) = (format with { Dates = [monthFirst] }, format with { Dates = [dayFirst] });
            int fitsM = columns.Sum(c => c.Texts.Count(t => Fits(t, monthFirst))), fitsD = columns.Sum(c => c.Texts.Count(t => Fits(t, dayFirst)));
            var keepMonth = fitsM != fitsD ? fitsM > fitsD : Spread(sample, issued, due >= 0 ? due : settled, m) <= Spread(sample, issued, due >= 0 ? due : settled, d);
            if (fitsM == fitsD) remarks.Add($"Dates look the same with day or month first; {(keepMonth ? "month" : "day")} first gives the more usual terms. Tell --date-format when that is wrong.");
            forms.Remove(keepMonth ? dayFirst : monthFirst);
        }

        remarks.Add($"Dates guessed: {string.Join(" or ", forms)}.");
        return forms;
    }

    /// <summary>What told or found dates say against a mapping.</summary>
    /// <exception cref="InvalidDataException">Due dates lie before the issue: two columns are swapped, or day and month are.</exception>
    internal static void CheckDates(string[] header, List<string[]> sample, int issued, int due, int settled, FileFormat format, List<string> remarks)
    {
        int Before(int at) => sample.Count(r => format.DayOf(r[issued]) is var from and > 0 && format.DayOf(r[at]) is var to and > 0 && to < from);
        if (sample.Count < 20) return;
        var unread = sample.Count(r => format.DayOf(r[issued]) == 0);
        if (unread > sample.Count / 2) throw new InvalidDataException($"{unread} of the first {sample.Count} rows have no date as {string.Join(" or ", format.Dates)} in '{header[issued]}' ({Shown([.. sample.Select(r => r[issued])])}): is another column meant (--map issued=<column>), or another form (--date-format)?");
        if (due >= 0 && Before(due) is var early && early > sample.Count / 2)
            throw new InvalidDataException($"{early} of the first {sample.Count} rows are due ('{header[due]}') before they were issued ('{header[issued]}'): are the columns swapped, or day and month? Tell --map issued=<column> due=<column>, or --date-format.");
        if (settled >= 0 && Before(settled) is var odd && odd > sample.Count / 4)
            remarks.Add($"{odd} of the first {sample.Count} rows are paid ('{header[settled]}') before they were issued ('{header[issued]}'): is another column the day of payment?");
    }

    /// <summary>Signs of numbers: decimal, thousands, currencies beside.</summary>
    internal static FileFormat Numbers(string[] header, List<string[]> sample, int amount, FileFormat format, bool isTold, List<string> remarks, ref string currency)
    {
        var texts = sample.Select(r => r[amount].Trim()).Where(t => t.Length > 0 && !format.IsNothing(t)).ToList();
        if (texts.Count == 0) return format;
        var signs = texts.SelectMany(t => Signs().Matches(t).Select(m => m.Value)).Where(s => !s.Equals("e", StringComparison.OrdinalIgnoreCase)).GroupBy(s => s, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() >= Math.Max(1, texts.Count / 100)).Select(g => g.Key).OrderByDescending(s => s.Length).ToList();
        if (signs.Count > 0)
        {
            format = format with { Signs = signs };
            remarks.Add($"Left out beside amounts: {string.Join(" ", signs)}");
            if (signs.Count == 1) currency = CurrencyOfSign.TryGetValue(signs[0], out var code) ? code : Domain.Currency.TryParse(signs[0], out var known) ? known.Code : "";
        }

        if (!isTold)
        {
            // "1.234" everywhere and never "1.23": groups of thousands.
            var isGrouped = texts.Count(t => GroupsOnly().IsMatch(t)) is var grouped && grouped >= 5 && !texts.Exists(t => PointNotThree().IsMatch(t));
            var forms = ((string, string)[])[(".", ""), (".", ","), (",", "."), (",", ""), (",", " "), (".", " "), (".", "'"), (",", "'")];
            var (point, thousands) = isGrouped ? (",", ".") : forms.MaxBy(f => Math.Round(texts.Count(t => (format with { Decimal = f.Item1, Thousands = f.Item2 }).TryNumber(t, out _)) / (double)texts.Count, 2));
            if (point != "." || thousands != "") remarks.Add($"Numbers guessed: decimal {point}{(thousands.Length > 0 ? $", thousands '{thousands}'" : "")}.");
            format = format with { Decimal = point, Thousands = thousands };
        }

        var read = texts.Count(t => format.TryNumber(t, out _));
        if (read < texts.Count / 2) throw new InvalidDataException($"The column '{header[amount]}' for amount holds numbers in {read} of the first {texts.Count} rows only ({Shown(texts)}): is another column meant (--map amount=<column>), or other signs (--decimal, --thousands)?");
        return format;
    }

    /// <summary>Whether a text is a day in a form, and one that a ledger may have: "20200131" is no number of seconds, and "4711" no day of a spreadsheet.</summary>
    private static bool Fits(string text, string form) => form switch
    {
        FileFormat.EpochMilliseconds => text.Length >= 11 && DayIn(text, form) > 0,
        FileFormat.EpochSeconds => text.Length is >= 9 and <= 12 && DayIn(text, form) is > 722_000 and < 768_000,
        FileFormat.SpreadsheetDays => DayIn(text, form) is > 722_000 and < 768_000,
        _ => text.Length >= 6 && DayIn(text, form) is > 693_000 and < 768_000,
    };

    private static int DayIn(string text, string form) => OneForm(form).DayOf(text);

    private static FileFormat OneForm(string form) => ByForm.GetOrAdd(form, static f => new FileFormat { Dates = [f] });

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, FileFormat> ByForm = new(StringComparer.Ordinal);

    /// <summary>How far terms lie apart: a wrong reading of day and month scatters them, or puts the due date before the issue.</summary>
    private static double Spread(List<string[]> sample, int issued, int due, FileFormat form)
    {
        if (due < 0) return 0;
        var terms = sample.Select(r => (From: form.DayOf(r[issued]), To: form.DayOf(r[due]))).Where(t => t.From > 0 && t.To > 0).Select(t => t.To - t.From).Order().ToArray();
        if (terms.Length == 0) return double.MaxValue;
        var middle = terms[terms.Length / 2];
        return terms.Average(t => t < 0 ? 400 : Math.Min(400, Math.Abs(t - middle)));
    }

    private static List<string> Some(List<string> texts) => texts.Count <= 200 ? texts : [.. texts.Where((_, i) => i % (texts.Count / 200) == 0)];

    internal static string Shown(List<string> texts) => string.Join(", ", texts.Distinct().Take(3).Select(t => $"'{DecodeFault.Plain(t, 40)}'"));

    [GeneratedRegex(@"date|datum|fecha|data(?!\p{L})|emiss|vencim|day|time|due|paid|\bdt\b|[_ ](?:at|on|dt)$|(?:At|On|Dt)$|日", RegexOptions.IgnoreCase)]
    private static partial Regex OfDays();

    [GeneratedRegex(@"^[^\d]{0,6}\d[\d.,' \u00a0\u202f\u2009\u2019]*(?:[eE][+-]?\d+)?[^\d]{0,6}$")]
    private static partial Regex Number();

    [GeneratedRegex(@"[\p{L}\p{Sc}]+(?:\p{Sc})?\.?(?=[\s\d\-(]|$)")]
    private static partial Regex Signs();

    [GeneratedRegex(@"^[^\d]*\d{1,3}(?:\.\d{3})+[^\d]*$")]
    private static partial Regex GroupsOnly();

    [GeneratedRegex(@"\.(?!\d{3}(?!\d))|,")]
    private static partial Regex PointNotThree();
}
