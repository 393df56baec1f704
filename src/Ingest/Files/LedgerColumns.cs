using System.Text;
using System.Text.RegularExpressions;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Which column of a ledger is which: by the names that houses use, and where none of them stands, by words of several languages in a name together
/// with what the column holds. Only the fields of a ledger are looked for; days late or a paid flag of the source system is no field.
/// </summary>
internal static partial class LedgerColumns
{
    /// <summary>Names that houses give their columns: small letters and digits alone, the usual ones first.</summary>
    private static readonly (string Field, string[] Names)[] Known =
    [
        ("customer", ["customerid", "custnumber", "customernumber", "customerno", "customercode", "custid", "custno", "customer", "debtorid", "debtor", "debitor", "debitorennummer", "kundennummer", "kunde", "clientid", "client", "payerid", "payer", "accountid", "accountnumber", "account", "buyerid", "buyer", "companyid", "customername", "namecustomer", "kunnr", "客户", "客户编号", "客户代码"]),
        ("document", ["invoicenumber", "invoiceno", "invoiceid", "docid", "documentid", "documentnumber", "documentno", "invoice", "document", "invoicenum", "billnumber", "belegnummer", "beleg", "rechnungsnummer", "belnr", "vbeln", "reference", "id", "发票号", "发票号码"]),
        ("issued", ["invoicedate", "issuedate", "issuedon", "issued", "dateissued", "documentcreatedate", "documentdate", "docdate", "billingdate", "billdate", "postingdate", "createdate", "created", "createdat", "baselinecreatedate", "belegdatum", "rechnungsdatum", "bldat", "budat", "date", "开票日期", "发票日期"]),
        ("due", ["duedate", "dueon", "due", "dueindate", "datedue", "netduedate", "paymentduedate", "invoiceduedate", "maturitydate", "faelligkeit", "faelligam", "faellig", "fällig", "fälligkeit", "到期日", "到期日期"]),
        ("settled", ["settleddate", "settlementdate", "settledon", "settled", "cleardate", "clearingdate", "cleareddate", "clearedon", "cleared", "paiddate", "datepaid", "paidon", "paidat", "paymentdate", "dateofpayment", "closedate", "closeddate", "zahldatum", "zahlungsdatum", "ausgleichsdatum", "ausgleich", "augdt", "付款日期", "收款日期"]),
        ("amount", ["invoiceamount", "amount", "totalopenamount", "totalamount", "invoicetotal", "invoicevalue", "grossamount", "amountlocal", "amountinv", "total", "value", "betrag", "bruttobetrag", "wrbtr", "dmbtr", "金额", "发票金额"]),
        ("currency", ["currency", "invoicecurrency", "currencycode", "curr", "ccy", "waehrung", "währung", "waers", "moneda", "devise", "valuta", "moeda", "币种"]),
        ("disputed", ["disputed", "dispute", "isdisputed", "indispute", "streitig"]),
        ("country", ["countrycode", "country", "land", "pays", "país", "pais", "paese", "land1", "国家"]),
        ("terms", ["paymentterms", "custpaymentterms", "terms", "termscode", "paymentterm", "creditterms", "netdays", "termdays", "termsdays", "paymenttermsdays", "zahlungsbedingung", "zahlungsziel", "zterm", "condicionesdepago", "conditionsdepaiement", "账期"]),
    ];

    /// <summary>Parts of names, small letters alone; a part of at most three letters must be a word of the name.</summary>
    private static readonly (string Field, Holds Holds, string[] Words, string[] Never)[] Parts =
    [
        ("due", Holds.Days, ["due", "matur", "fällig", "faellig", "netto", "vencim", "échéance", "echeance", "scadenza", "verval", "termin", "payby", "payable", "到期", "应付"], ["paid", "settle", "clear"]),
        ("settled", Holds.SomeDays, ["settle", "clear", "paid", "payment", "pmt", "pay", "closed", "receiptdate", "received", "collect", "zahl", "ausgleich", "pago", "paiement", "règlement", "reglement", "encaiss", "pagamento", "betaal", "betaling", "zaplat", "zapłat", "cobro", "付款", "收款", "回款", "结清"], ["due", "term", "expect", "promis", "plan", "predict", "forecast", "method", "schedul", "target", "baseline", "到期", "计划", "预计"]),
        ("issued", Holds.Days, ["invoic", "inv", "issue", "doc", "bill", "post", "creat", "entry", "rechnung", "beleg", "buchung", "emisi", "émission", "emission", "emiss", "factur", "fattura", "fatura", "faktur", "wystaw", "datum", "fecha", "date", "data", "开票", "发票", "日期"], ["due", "paid", "payment", "settle", "clear", "paperless", "deliver", "ship", "order", "updat", "modif", "birth", "start", "end", "到期", "付款", "收款"]),
        ("customer", Holds.Ids, ["customer", "cust", "client", "debtor", "debitor", "kunde", "payer", "buyer", "account", "acct", "soldto", "billto", "cliente", "klant", "kontrahent", "partner", "company", "vendor", "客户", "购方", "买方"], ["date", "amount", "terms", "type", "group", "country", "region", "segment", "since", "class", "rating", "credit"]),
        ("document", Holds.Ids, ["invoic", "inv", "doc", "bill", "rechnung", "beleg", "factur", "fattura", "fatura", "faktur", "voucher", "reference", "ref", "number", "numero", "número", "nummer", "发票", "单据", "单号"], ["date", "amount", "amt", "type", "status", "currency", "customer", "cust", "client", "value", "total", "terms", "year", "class", "kunde", "debitor"]),
        ("amount", Holds.Amounts, ["amount", "amt", "value", "total", "gross", "betrag", "importe", "montant", "importo", "valor", "bedrag", "kwota", "summe", "brutto", "sum", "金额", "价税"], ["paid", "tax", "vat", "discount", "days", "qty", "quantity", "rate", "limit", "received", "late", "count", "steuer", "credit", "税额"]),
    ];

    /// <summary>Words by which a text of an older Chinese program is known.</summary>
    internal static readonly string[] ChineseWords = ["客户", "发票", "日期", "金额", "到期"];

    /// <summary>Share of the rows with a value of their own, below which a column that was found by a part of its name tells no documents apart.</summary>
    private const double DocumentsLeast = 0.3;

    private enum Holds
    {
        Days, SomeDays, Ids, Amounts,
    }

    /// <summary>The format with a column for every field that was told or found.</summary>
    /// <exception cref="InvalidDataException">A field that is needed was neither told nor found.</exception>
    internal static FileFormat Find(string[] header, List<string[]> sample, FileFormat format, List<string> remarks)
    {
        var columns = new Dictionary<string, string>(format.Columns, StringComparer.Ordinal);
        foreach (var (field, column) in columns)
            if (header.Count(h => h == column) != 1) throw new InvalidDataException($"The column '{column}' told for {field} stands {header.Count(h => h == column)} times in the header: {Shown(header)}.");
        foreach (var (field, column) in columns) CheckTold(field, column, sample.ConvertAll(r => r[Array.IndexOf(header, column)].Trim()), format);
        var taken = new HashSet<string>(columns.Values, StringComparer.Ordinal);
        bool IsFree(int i) => header[i].Length > 0 && !taken.Contains(header[i]) && header.Count(h => h == header[i]) == 1;
        void Take(string field, int at, string how)
        {
            columns[field] = header[at];
            taken.Add(header[at]);
            remarks.Add($"Column guessed{how}: {field} = {header[at]}.");
        }

        foreach (var (field, names) in Known)
        {
            if (columns.ContainsKey(field)) continue;
            var candidates = names.Select(name => Array.FindIndex(header, h => Plain(h) == name)).Where(i => i >= 0 && IsFree(i)).ToList();
            // Of two ids the one that every row has, and that tells rows apart: a row without an id of its own would be lost.
            if (field == "document") candidates = [.. candidates.OrderByDescending(i => Math.Round(Different(sample, i, format), 2))];
            // A column that is often empty is no id and no date of issue; the date of payment may be.
            var at = candidates.FindIndex(i => Suits(field, header[i], sample, i, format));
            if (at >= 0) Take(field, candidates[at], "");
        }

        foreach (var (field, holds, words, never) in Parts)
        {
            if (columns.ContainsKey(field)) continue;
            var candidates = Enumerable.Range(0, header.Length).Where(i => IsFree(i) && Score(header[i], words, never) > 0 && IsOf(holds, header[i], sample, i, format)).ToList();
            // What many rows share (a month, a branch) is no number of an invoice, whatever its name has in common with one.
            if (field == "document") candidates.RemoveAll(i => Different(sample, i, format) < DocumentsLeast);
            if (candidates.Count == 0) continue;
            Take(field, candidates.MaxBy(i => Score(header[i], words, never) + (field == "document" ? Different(sample, i, format) * 10 : 0)), " from a part of its name");
        }

        foreach (var field in (string[])["customer", "issued", "amount"])
            if (!columns.ContainsKey(field)) throw new InvalidDataException($"No column was told for {field}, and none of the header looks like one ({Shown(header)}): add --map {field}=<column>.");
        if (!columns.ContainsKey("due") && !columns.ContainsKey("terms") && format.NetDays is null)
            throw new InvalidDataException($"No column was told for due, and none of the header looks like one, nor like terms that would say how many days there are ({Shown(header)}): add --map due=<column>, --map terms=<column>, or --net-days 30.");
        if (!columns.ContainsKey("settled") && !columns.ContainsKey("paid")) throw new InvalidDataException($"No column was told for settled, and none of the header looks like one ({Shown(header)}): without days of payment nothing can be judged; add --map settled=<column>.");
        if (!columns.ContainsKey("due")) remarks.Add(columns.TryGetValue("terms", out var terms) ? $"No column has the due date: it is the issue and the days that {terms} names." : $"No column has the due date: it is {format.NetDays} days after the issue.");
        if (!columns.ContainsKey("document")) remarks.Add("No column has the number of the invoice: rows are told apart by their line.");
        format = format with { Columns = columns, NumbersRows = !columns.ContainsKey("document") };
        Check(header, sample, format, remarks);
        return format;
    }

    /// <summary>A told column that holds something else altogether, before it takes the place of the right one.</summary>
    private static void CheckTold(string field, string column, List<string> texts, FileFormat format)
    {
        texts = texts.FindAll(t => !format.IsNothing(t));
        if (texts.Count == 0) return;
        if (field is "issued" or "due" or "settled" && !texts.Exists(t => LedgerForms.IsDay(t) || format.DayOf(t) > 0))
            throw new InvalidDataException($"The column '{column}' told for {field} holds no dates ({LedgerForms.Shown(texts)}): is another column meant, or is it a form that --date-format must tell?");
        if (field is "amount" or "paid" or "open" && !texts.Exists(LedgerForms.LooksLikeAmount))
            throw new InvalidDataException($"The column '{column}' told for {field} holds no numbers ({LedgerForms.Shown(texts)}): is another column meant?");
    }

    /// <summary>What speaks against a mapping, told or found.</summary>
    private static void Check(string[] header, List<string[]> sample, FileFormat format, List<string> remarks)
    {
        if (sample.Count < 50) return;
        var customer = Array.IndexOf(header, format.Columns["customer"]);
        if (Different(sample, customer, format) > 0.95) remarks.Add($"Nearly every row has a {header[customer]} of its own: as the customer it gives no history. Is another column the customer?");
        if (sample.Count(r => Rounded().IsMatch(r[customer].Trim())) > sample.Count / 2)
            remarks.Add($"Most of {header[customer]} are numbers that a spreadsheet rounded ({LedgerForms.Shown([.. sample.Select(r => r[customer])])}): customers whose numbers begin alike may have become one. Better is that column written as text.");
        if (format.Columns.TryGetValue("document", out var document) && Array.IndexOf(header, document) is var at && Different(sample, at, format, customer) is var share and < 0.9)
            remarks.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Only {share:0%} of the rows have a {document} of their own: further rows of a document are left out or rejected. Is another column the number of the invoice?"));
    }

    private static bool Suits(string field, string name, List<string[]> sample, int at, FileFormat format) => field switch
    {
        "disputed" or "terms" or "country" => true,
        "settled" => IsOf(Holds.SomeDays, name, sample, at, format) || sample.All(r => format.IsNothing(r[at])),
        "issued" or "due" => IsOf(Holds.Days, name, sample, at, format),
        "amount" => IsOf(Holds.Amounts, name, sample, at, format),
        "currency" => sample.Count(r => Domain.Currency.TryParse(r[at], out _)) >= sample.Count * 0.9,
        _ => Filled(sample, at, format) >= sample.Count * 0.98,
    };

    private static bool IsOf(Holds holds, string name, List<string[]> sample, int at, FileFormat format)
    {
        var texts = sample.Select(r => r[at].Trim()).Where(t => !format.IsNothing(t)).ToList();
        if (texts.Count == 0) return sample.Count == 0;
        if (holds is Holds.Days or Holds.SomeDays && NotDays().IsMatch(name)) return false;
        return holds switch
        {
            Holds.Days => texts.Count >= sample.Count * 0.8 && LedgerForms.LooksLikeDays(name, texts),
            Holds.SomeDays => LedgerForms.LooksLikeDays(name, texts),
            Holds.Amounts => texts.Count >= sample.Count * 0.9 && texts.Count(LedgerForms.LooksLikeAmount) >= texts.Count * 0.75,
            _ => texts.Count >= sample.Count * 0.98 && !texts.TrueForAll(t => t.Length > 60),
        };
    }

    private static int Filled(List<string[]> sample, int at, FileFormat format) => sample.Count(r => !format.IsNothing(r[at]));

    /// <summary>Share of the rows with a value of their own, for the same customer where one is told; empty ones have none.</summary>
    private static double Different(List<string[]> sample, int at, FileFormat format, int customer = -1) => sample.Count == 0 ? 1
        : sample.Where(r => !format.IsNothing(r[at])).Select(r => (customer < 0 ? "" : r[customer], r[at])).Distinct().Count() / (double)sample.Count;

    /// <summary>How well a name suits: longer words say more, and a word that belongs to another field says no.</summary>
    private static int Score(string name, string[] words, string[] never)
    {
        var (plain, parts) = (Plain(name), Words().Matches(Split().Replace(name, "$1 $2")).Select(m => m.Value.ToLowerInvariant()).ToHashSet());
        bool Has(string word) => word.Length <= 3 && char.IsAscii(word[0]) ? parts.Contains(word) : plain.Contains(word, StringComparison.Ordinal);
        if (Array.Exists(never, Has)) return 0;
        var best = 0;
        for (var i = 0; i < words.Length; i++) if (Has(words[i])) best = Math.Max(best, 200 - i * 2);
        // An id beside a name: the id.
        return best == 0 ? 0 : best + (parts.Overlaps(Ids) ? 5 : 0) - (plain.Contains("name", StringComparison.Ordinal) ? 5 : 0);
    }

    private static readonly string[] Ids = ["id", "no", "nr", "num", "number", "code", "key"];

    private static string Shown(string[] header) => string.Join(", ", header.Take(40).Select(name => DecodeFault.Plain(name, 60)));

    private static string Plain(string name) => NotPlain().Replace(name.Normalize(NormalizationForm.FormC).ToLowerInvariant(), "");

    [GeneratedRegex(@"[^\p{L}\p{Nd}]")]
    private static partial Regex NotPlain();

    [GeneratedRegex(@"^(?:days|tage|jours|d[ií]as|giorni|number ?of ?days)", RegexOptions.IgnoreCase)]
    private static partial Regex NotDays();

    /// <summary>More than twelve digits as a power of ten.</summary>
    [GeneratedRegex(@"^\d(?:[.,]\d+)?[eE]\+?(?:1[2-9]|[2-9]\d)$")]
    private static partial Regex Rounded();

    [GeneratedRegex(@"\p{L}+")]
    private static partial Regex Words();

    [GeneratedRegex(@"(\p{Ll})(\p{Lu})")]
    private static partial Regex Split();
}
