using System.Globalization;
using System.Text;

namespace ExposureMonitor.Score;

/// <summary>How a house writes its ledger: the same invoices, other columns, dates, numbers and words.</summary>
internal sealed record Habit(string Name, Func<IReadOnlyList<string[]>, string> Write)
{
    /// <summary>The habits. Rows are branch, customer, invoice, issued, due, settled, currency, amount, terms, as <see cref="TradeBook"/> writes them.</summary>
    internal static IReadOnlyList<Habit> All { get; } =
    [
        new("plain", rows => Table(",", ["branch", "customer", "invoice", "issued", "due", "settled", "currency", "amount", "terms"], rows.Select(r => r))),
        new("late payment histories", rows => Table(",",
            ["countryCode", "customerID", "PaperlessDate", "invoiceNumber", "InvoiceDate", "DueDate", "InvoiceAmount", "Disputed", "SettledDate", "PaperlessBill", "DaysToSettle", "DaysLate"],
            rows.Where(r => r[5].Length > 0).Select((r, i) => (string[])
                [(390 + r[0][0] % 5).ToString(Invariant), r[1], Date(r[3], "M/d/yyyy"), r[2], Date(r[3], "M/d/yyyy"), Date(r[4], "M/d/yyyy"), r[7], i % 9 == 0 ? "Yes" : "No", Date(r[5], "M/d/yyyy"), i % 2 == 0 ? "Paper" : "Electronic", Days(r[3], r[5]), Math.Max(0, int.Parse(Days(r[4], r[5]), Invariant)).ToString(Invariant)]))),
        new("extract of a shared service", rows => Table(",",
            ["business_code", "cust_number", "name_customer", "clear_date", "buisness_year", "doc_id", "posting_date", "document_create_date", "document_create_date.1", "due_in_date", "invoice_currency", "document type", "posting_id", "area_business", "total_open_amount", "baseline_create_date", "cust_payment_terms", "invoice_id", "isOpen"],
            rows.Select(r => (string[])
                [r[0], r[1], "Buyer " + r[1] + " corp", r[5].Length == 0 ? "" : r[5] + " 00:00:00", r[3][..4] + ".0", r[2] + ".0", r[3], Date(r[3], "yyyyMMdd"), Date(r[3], "yyyyMMdd"), Date(r[4], "yyyyMMdd") + ".0", r[6], "RV", "1.0", "", r[7], Date(r[3], "yyyyMMdd") + ".0", r[8], r[2] + ".0", r[5].Length == 0 ? "1" : "0"]))),
        new("German list", rows => Preceded("Offene und ausgeglichene Posten\r\n\r\n", Table(";", ["Buchungskreis", "Debitor", "Belegnr.", "Rechnungsdatum", "Nettofälligkeit", "Ausgleichsdatum", "Währung", "Betrag in HW", "Zahlungsbedingung"],
            rows.Select(r => (string[])[r[0], r[1], r[2], Date(r[3], "dd.MM.yyyy"), Date(r[4], "dd.MM.yyyy"), Date(r[5], "dd.MM.yyyy"), r[6], Grouped(r[7], ".", ","), r[8][1..] + " Tage netto"])))),
        new("French export without due date", rows => Table(";", ["N° facture", "Code client", "Date facture", "Conditions de paiement", "Date de règlement", "Montant TTC"],
            rows.Select(r => (string[])[r[2], r[1], Date(r[3], "dd/MM/yyyy"), r[8][1..] + " jours", Date(r[5], "dd/MM/yyyy"), Grouped(r[7], "\u00a0", ",") + " €"]))),
        new("spreadsheet with serial days", rows => "\ufeff" + Table("\t", ["Cust #", "Inv #", "Inv Date", "Due Dt", "Pmt Date", "Inv Amt", "Days Late"],
            rows.Select(r => (string[])[r[1], r[2], Serial(r[3]), Serial(r[4]), Serial(r[5]), "$" + Grouped(r[7], ",", "."), r[5].Length == 0 ? "" : Days(r[4], r[5])]))),
        new("service with timestamps", rows => Table("|", ["client_uuid", "invoice_ref", "issued_at", "due_at", "paid_at", "gross_total", "ccy", "status"],
            rows.Select(r => (string[])["c-" + r[1], r[2], r[3] + "T08:15:00.123+02:00", r[4] + "T00:00:00.000+00:00", r[5].Length == 0 ? "null" : r[5] + "T17:40:00.000+00:00", r[7], r[6], r[5].Length == 0 ? "open" : "paid"]))),
        new("Chinese list", rows => Table(",", ["客户名称", "发票号码", "开票日期", "到期日", "回款日期", "发票金额", "币种"],
            rows.Select(r => (string[])["公司" + r[1], r[2], Date(r[3], "yyyy年M月d日"), Date(r[4], "yyyy年M月d日"), Date(r[5], "yyyy年M月d日"), "¥" + Grouped(r[7], ",", "."), "CNY"]))),
    ];

    private static CultureInfo Invariant => CultureInfo.InvariantCulture;

    /// <summary>A generated book in this habit.</summary>
    internal string Of(string csv) => Write([.. csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(','))]);

    private static string Preceded(string before, string table) => before + table;

    private static string Table(string delimiter, string[] header, IEnumerable<string[]> rows)
    {
        var text = new StringBuilder();
        foreach (var row in rows.Prepend(header))
            text.AppendJoin(delimiter, row.Select(v => v.Contains(delimiter, StringComparison.Ordinal) ? $"\"{v}\"" : v)).Append("\r\n");
        return text.ToString();
    }

    private static string Date(string date, string form) => date.Length == 0 ? "" : DateOnly.ParseExact(date, "yyyy-MM-dd", Invariant).ToString(form, Invariant);

    private static string Serial(string date) => date.Length == 0 ? "" : (DateOnly.ParseExact(date, "yyyy-MM-dd", Invariant).DayNumber - new DateOnly(1899, 12, 30).DayNumber).ToString(Invariant);

    private static string Days(string from, string to) => (DateOnly.ParseExact(to, "yyyy-MM-dd", Invariant).DayNumber - DateOnly.ParseExact(from, "yyyy-MM-dd", Invariant).DayNumber).ToString(Invariant);

    private static string Grouped(string amount, string thousands, string point) =>
        decimal.Parse(amount, Invariant).ToString("N2", new NumberFormatInfo { NumberGroupSeparator = thousands, NumberDecimalSeparator = point });
}
