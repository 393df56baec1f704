using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ExposureMonitor.Ingest;

/// <summary>A reading of a ledger that was not told in full, and what was guessed: for figures only, an import guesses nothing.</summary>
/// <param name="Format">With a column for every field that was told or found.</param>
/// <param name="Remarks">Each guess in words.</param>
/// <param name="Currency">The currency of all rows where no column has one and none was told; "" otherwise.</param>
public sealed record LedgerReading(FileFormat Format, IReadOnlyList<string> Remarks, string Currency);

/// <summary>Finds out how a ledger is written from its header and its first rows.</summary>
public static partial class LedgerGuess
{
    /// <summary>Rows that are looked at.</summary>
    private const int RowsMost = 3_000;

    /// <summary>Names that houses give their columns: small letters and digits alone, the usual ones first.</summary>
    private static readonly (string Field, string[] Names)[] Known =
    [
        ("customer", ["customerid", "custnumber", "customernumber", "customerno", "customercode", "custid", "custno", "customer", "debtorid", "debtor", "debitor", "debitorennummer", "kundennummer", "kunde", "clientid", "client", "payerid", "payer", "accountid", "accountnumber", "account", "buyerid", "buyer", "companyid", "customername", "namecustomer", "客户", "客户编号"]),
        ("document", ["invoicenumber", "invoiceno", "invoiceid", "docid", "documentid", "documentnumber", "documentno", "invoice", "document", "invoicenum", "billnumber", "belegnummer", "beleg", "rechnungsnummer", "reference", "id", "发票号"]),
        ("issued", ["invoicedate", "issuedate", "issuedon", "issued", "dateissued", "documentcreatedate", "documentdate", "docdate", "billingdate", "billdate", "postingdate", "createdate", "created", "createdat", "baselinecreatedate", "belegdatum", "rechnungsdatum", "date", "开票日期"]),
        ("due", ["duedate", "dueon", "due", "dueindate", "datedue", "netduedate", "paymentduedate", "invoiceduedate", "maturitydate", "faelligkeit", "faelligam", "faellig", "fällig", "fälligkeit", "到期日"]),
        ("settled", ["settleddate", "settlementdate", "settledon", "settled", "cleardate", "clearingdate", "cleareddate", "clearedon", "cleared", "paiddate", "datepaid", "paidon", "paidat", "paymentdate", "dateofpayment", "closedate", "closeddate", "zahldatum", "zahlungsdatum", "ausgleichsdatum", "ausgleich", "付款日期"]),
        ("amount", ["invoiceamount", "amount", "totalopenamount", "totalamount", "invoicetotal", "invoicevalue", "grossamount", "amountlocal", "amountinv", "total", "value", "betrag", "bruttobetrag", "金额"]),
        ("currency", ["currency", "invoicecurrency", "currencycode", "curr", "ccy", "waehrung", "währung", "币种"]),
        ("disputed", ["disputed", "dispute", "isdisputed", "indispute", "streitig"]),
        ("country", ["countrycode", "country", "land", "国家"]),
        ("terms", ["paymentterms", "custpaymentterms", "terms", "termscode", "paymentterm", "zahlungsbedingung", "账期"]),
    ];

    private static readonly string[] DateForms =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:sszzz",
        "yyyyMMdd", "yyyyMMdd'.0'", "yyyy/M/d", "yyyy/M/d H:mm", "yyyy/M/d H:mm:ss", "yyyy.M.d", "d.M.yyyy", "d.M.yyyy H:mm", "d.M.yy", "d-MMM-yyyy", "d-MMM-yy", "d MMM yyyy", "MMM d, yyyy", "d/MMM/yyyy",
        FileFormat.EpochMilliseconds,
    ];

    /// <summary>Forms in which day and month look alike: the first two parts decide which is meant.</summary>
    private static readonly (string MonthFirst, string DayFirst)[] Twins =
        [("M/d/yyyy", "d/M/yyyy"), ("M/d/yyyy H:mm", "d/M/yyyy H:mm"), ("M/d/yyyy H:mm:ss", "d/M/yyyy H:mm:ss"), ("M/d/yyyy h:mm:ss tt", "d/M/yyyy h:mm:ss tt"), ("M/d/yy", "d/M/yy"), ("M/d/yy H:mm", "d/M/yy H:mm"), ("M-d-yyyy", "d-M-yyyy"), ("M-d-yyyy H:mm", "d-M-yyyy H:mm"), ("M-d-yy", "d-M-yy")];

    private static readonly string[] NothingWords = ["nat", "nan", "null", "none", "n/a", "na", "-", "0000-00-00", "00.00.0000", "0", "00000000", "\\n", "open", "unpaid"];

    /// <summary>Reads the beginning of a file.</summary>
    /// <param name="file">The file; it is read from where it stands, and not closed.</param>
    /// <param name="told">What the user told; it wins over every guess.</param>
    /// <param name="isTold">Which of its parts were told: <c>delimiter</c>, <c>dates</c>, <c>numbers</c>.</param>
    /// <exception cref="InvalidDataException">A field that is needed was neither told nor found, or no form of dates fits.</exception>
    public static LedgerReading Read(Stream file, FileFormat told, IReadOnlySet<string> isTold)
    {
        using var content = new PlainContent(file);
        var buffer = new byte[2 * 1024 * 1024];
        int length = 0, count;
        while (length < buffer.Length && (count = content.Read(buffer.AsSpan(length))) > 0) length += count;
        var end = length < buffer.Length ? length : Array.LastIndexOf(buffer, (byte)'\n', length - 1) + 1;
        var beginning = buffer.AsSpan(0, end > 0 ? end : length).ToArray();
        List<string> remarks = [];
        var format = told with { Nothing = NothingWords, Rounds = true };
        if (!isTold.Contains("delimiter")) format = format with { Delimiter = DelimiterOf(beginning, told.Encoding, remarks) };
        using var rows = new DelimitedRows(new MemoryStream(beginning), format with { Columns = new Dictionary<string, string>() });
        var sample = rows.Read().Where(r => r.Fault.Length == 0).Take(RowsMost).Select(r => r.Values).ToList();
        var columns = Columns(rows.Header, sample, format, remarks);
        format = format with { Columns = columns };
        int At(string field) => columns.TryGetValue(field, out var column) ? Array.IndexOf(rows.Header, column) : -1;
        if (!isTold.Contains("dates")) format = format with { Dates = Dates(sample, At("issued"), At("due"), At("settled"), format, remarks) };
        if (!isTold.Contains("numbers")) format = Numbers(sample, At("amount"), format, remarks);
        return new LedgerReading(format, remarks, columns.ContainsKey("currency") ? "" : "USD");
    }

    private static string DelimiterOf(byte[] beginning, string encoding, List<string> remarks)
    {
        var text = Encoding.UTF8.GetString(beginning.AsSpan(0, Math.Min(beginning.Length, 16 * 1024)));
        var header = text.AsSpan()[..(text.IndexOf('\n', StringComparison.Ordinal) is var at and >= 0 ? at : text.Length)].ToString();
        var best = ((string[])[",", ";", "\t", "|"]).MaxBy(d => header.Split(d).Length)!;
        if (best != ",") remarks.Add($"Delimiter guessed: {(best == "\t" ? "tab" : best)} ({encoding}).");
        return best;
    }

    private static Dictionary<string, string> Columns(string[] header, List<string[]> sample, FileFormat format, List<string> remarks)
    {
        var columns = new Dictionary<string, string>(format.Columns, StringComparer.Ordinal);
        var taken = new HashSet<string>(columns.Values, StringComparer.Ordinal);
        foreach (var (field, names) in Known)
        {
            if (columns.ContainsKey(field)) continue;
            var candidates = names.Select(name => Array.FindIndex(header, h => Plain(h) == name)).Where(i => i >= 0 && !taken.Contains(header[i]) && header.Count(h => h == header[i]) == 1).ToList();
            // Of two ids the one that every row has: a row without an id would be lost.
            if (field == "document") candidates = [.. candidates.OrderBy(i => sample.Count(r => format.IsNothing(r[i])))];
            // A column that is often empty is no id and no date of issue; the date of payment may be.
            var at = candidates.FindIndex(i => field is "settled" or "disputed" or "terms" or "country" || sample.Count(r => !format.IsNothing(r[i])) >= sample.Count * 0.98);
            if (at < 0) continue;
            columns[field] = header[candidates[at]];
            taken.Add(header[candidates[at]]);
            remarks.Add($"Column guessed: {field} = {header[candidates[at]]}.");
        }

        foreach (var field in (string[])["customer", "document", "issued", "due", "amount"])
            if (!columns.ContainsKey(field)) throw new InvalidDataException($"No column was told for {field}, and none of the header looks like one ({string.Join(", ", header.Take(40))}): add --map {field}=<column>.");
        if (!columns.ContainsKey("settled") && !columns.ContainsKey("paid")) throw new InvalidDataException($"No column was told for settled, and none of the header looks like one ({string.Join(", ", header.Take(40))}): without days of payment nothing can be judged.");
        return columns;
    }

    private static List<string> Dates(List<string[]> sample, int issued, int due, int settled, FileFormat format, List<string> remarks)
    {
        var texts = new[] { issued, due, settled }.Where(i => i >= 0).Select(i => sample.Select(r => r[i].Trim()).Where(t => !format.IsNothing(t)).ToList()).ToList();
        List<string> forms = [];
        foreach (var column in texts)
        {
            if (column.Count == 0) continue;
            foreach (var form in DateForms.Concat(Twins.SelectMany(t => (string[])[t.MonthFirst, t.DayFirst])))
            {
                if (forms.Contains(form)) continue;
                var only = format with { Dates = [form] };
                // A form that fits a few rows by chance (d/M of what is M/d) fits not nearly all.
                // Eight digits are a date written without signs, and no milliseconds of January 1970.
                if (column.Count(t => only.DayOf(t) > 0 && (form != FileFormat.EpochMilliseconds || t.Length >= 11)) >= Math.Max(1, column.Count * 0.02)) forms.Add(form);
            }
        }

        foreach (var (monthFirst, dayFirst) in Twins)
        {
            if (!forms.Contains(monthFirst) || !forms.Contains(dayFirst)) continue;
            var (m, d) = (format with { Dates = [monthFirst] }, format with { Dates = [dayFirst] });
            int fitsM = texts.Sum(c => c.Count(t => m.DayOf(t) > 0)), fitsD = texts.Sum(c => c.Count(t => d.DayOf(t) > 0));
            var keepMonth = fitsM != fitsD ? fitsM > fitsD : Spread(sample, issued, due, m) <= Spread(sample, issued, due, d);
            if (fitsM == fitsD) remarks.Add($"Dates look the same with day or month first; {(keepMonth ? "month" : "day")} first gives the more usual terms. Tell --date-format when that is wrong.");
            forms.Remove(keepMonth ? dayFirst : monthFirst);
        }

        if (forms.Count == 0) throw new InvalidDataException($"No known form of dates fits '{texts.FirstOrDefault(t => t.Count > 0)?[0]}': tell --date-format.");
        remarks.Add($"Dates guessed: {string.Join(" or ", forms)}.");
        return forms;
    }

    /// <summary>How far terms lie apart: a wrong reading of day and month scatters them, or puts the due date before the issue.</summary>
    private static double Spread(List<string[]> sample, int issued, int due, FileFormat form)
    {
        var terms = sample.Select(r => (From: form.DayOf(r[issued]), To: form.DayOf(r[due]))).Where(t => t.From > 0 && t.To > 0).Select(t => t.To - t.From).Order().ToArray();
        if (terms.Length == 0) return double.MaxValue;
        var middle = terms[terms.Length / 2];
        return terms.Average(t => t < 0 ? 400 : Math.Min(400, Math.Abs(t - middle)));
    }

    private static FileFormat Numbers(List<string[]> sample, int amount, FileFormat format, List<string> remarks)
    {
        var texts = sample.Select(r => r[amount].Trim()).Where(t => t.Length > 0).ToList();
        foreach (var (point, thousands) in ((string, string)[])[(".", ""), (".", ","), (",", "."), (",", ""), (",", " "), (".", " "), (".", "'")])
        {
            if (texts.Count(t => ExactDecimal.TryParse(t, point, thousands, out _)) < texts.Count * 0.98) continue;
            if (point != "." || thousands != "") remarks.Add($"Numbers guessed: decimal {point}{(thousands.Length > 0 ? $", thousands '{thousands}'" : "")}.");
            return format with { Decimal = point, Thousands = thousands };
        }

        return format;
    }

    private static string Plain(string name) => NotPlain().Replace(name.ToLowerInvariant(), "");

    [GeneratedRegex(@"[^\p{L}\p{Nd}]")]
    private static partial Regex NotPlain();
}
