using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// A receivables ledger: one document per row. An invoice is posted on its date of issue; when a date of settlement is
/// told, a payment of the full amount comes and is allocated on that date (on the date of issue, if it was paid
/// before). Where the ledger tells what was paid, or what is still open, that is the payment; several rows of one document
/// are its payments in parts. A negative amount is a credit note; with a date of settlement it was used up elsewhere, and is refunded on
/// that date. A ledger does not say when a dispute began: it is opened on the date of issue, which is the
/// careful reading, and closed as withdrawn when the invoice is settled in full.
/// </summary>
internal sealed class LedgerImport : FileImport
{
    private readonly Currency? _currency;
    private readonly int _drawnUp;
    private readonly int _documentAt, _issuedAt, _dueAt, _amountAt, _settledAt, _disputedAt, _paidAt, _openAt, _termsAt;
    private readonly Dictionary<(string Customer, string Document), Document> _parts = [];

    // Without payments in parts a document is done with its row: its hash, and that of the row, are all that stays.
    private readonly Dictionary<ulong, ulong> _done = [];

    /// <param name="drawnUp">The day (day number) on which the ledger was drawn up: what is paid without a date was paid by then; 0 for not told.</param>
    internal LedgerImport(Stream file, FileFormat format, Currency? currency, NoLimit noLimit, int drawnUp)
        : base(file, format, Imports.LedgerFields, "ledger", currency?.Code ?? "", noLimit)
    {
        (_currency, _drawnUp) = (currency, drawnUp);
        if (currency is null && !format.Columns.ContainsKey("currency"))
            throw new InvalidDataException("No currency: tell the column, or one currency for all rows.");
        (_documentAt, _issuedAt, _dueAt, _amountAt) = (Table.IndexOf("document"), Table.IndexOf("issued"), Table.IndexOf("due"), Table.IndexOf("amount"));
        (_settledAt, _disputedAt) = (Table.IndexOf("settled"), Table.IndexOf("disputed"));
        (_paidAt, _openAt, _termsAt) = (Table.IndexOf("paid"), Table.IndexOf("open"), Table.IndexOf("terms"));
        if (_dueAt < 0 && _termsAt < 0 && format.NetDays is null) throw new InvalidDataException("No column is told for due, and none for terms, which would say how many days there are.");
        if (_paidAt >= 0 && _openAt >= 0) throw new InvalidDataException("Two columns say how much is paid: tell paid, or open.");
    }

    private protected override void Take(FileRow row)
    {
        if (!TryCurrency(row, out var currency) || !TryCustomer(row, currency, out var customer)) return;
        var document = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"row-{row.Line}");
        if (_documentAt >= 0 && !TryDocument(row, _documentAt, "document", out document)) return;
        if (!TryDay(row, _issuedAt, "issued", out var issued) || !TryDue(row, issued, out var due)) return;
        if (!TryNumber(row, _amountAt, "amount", out var value) || !TryMinor(row, value, "amount", currency, out var amount)) return;
        if (!TrySettled(row, out var settled)) return;
        if (!TryDisputed(row, out var isDisputed)) return;
        if (amount == 0)
        {
            Refuse(row, "NOT_POSITIVE", "amount", "0", "an amount other than 0");
            return;
        }

        if (!TryPayment(row, currency, amount, settled, out var payment)) return;
        var told = new Document(row.Line, customer, amount, issued, due, isDisputed, TermsOf(row));
        var hash = Hashing.Text(row.Raw, 5);
        if (_paidAt < 0)
        {
            if (!_done.TryAdd(Hashing.Text(document, Hashing.Text(customer.Id, 3)), hash))
            {
                Again(row, told, document, _done[Hashing.Text(document, Hashing.Text(customer.Id, 3))] == hash);
                return;
            }
        }
        else if (!_parts.TryAdd((customer.Id, document), told))
        {
            var known = _parts[(customer.Id, document)];
            if (!known.AddRow(hash)) Again(row, told, document, isSame: true);
            else if (payment.Amount > 0 && amount > 0 && known.IsSameInvoice(told)) known.Payments.Add(payment);
            else Again(row, told, document, isSame: false);
            return;
        }

        told.FirstRow = hash;
        if (due < issued) Facts.Note(row.Line, "due before it was issued", customer.Id, document, issued);
        if (amount < 0) CreditNote(row.Line, customer, document, -amount, issued, settled);
        else Invoice(document, told);
        if (amount > 0 && payment.Amount > 0) told.Payments.Add(payment);
        // Without parts the payment is known now; with parts only the whole file says which comes first.
        if (_paidAt < 0) Pay(document, told);
    }

    /// <summary>A row of a document that was taken already.</summary>
    private void Again(FileRow row, Document told, string document, bool isSame)
    {
        if (isSame) Facts.Note(row.Line, "identical row, left out", told.Customer.Id, document, told.Issued);
        else Refuse(row, "DUPLICATE_DOCUMENT", "document", document, "each document of a customer once" + (_paidAt >= 0 ? ", or the same invoice with another payment" : ""));
    }

    private protected override void Complete()
    {
        foreach (var ((_, document), told) in _parts) Pay(document, told);
    }

    /// <summary>What the row says was paid; an amount of 0 when nothing was.</summary>
    private bool TryPayment(FileRow row, Currency currency, long amount, int settled, out Payment payment)
    {
        payment = new Payment(row.Line, settled, settled == 0 ? 0 : amount);
        var (at, field) = _paidAt >= 0 ? (_paidAt, "paid") : (_openAt, "open");
        if (at < 0 || amount < 0) return true;
        var paid = 0L;
        if (Table.Get(row, at).Length == 0)
        {
            paid = _paidAt >= 0 || settled > 0 ? payment.Amount : 0;
        }
        else
        {
            if (!TryNumber(row, at, field, out var value) || !TryMinor(row, value, field, currency, out var minor)) return false;
            if (minor < 0 || (_openAt >= 0 && minor > amount)) return Refuse(row, "BAD_AMOUNT", field, Table.Get(row, at), _openAt >= 0 ? "0 to the amount of the document" : "0 or more");
            paid = _openAt >= 0 ? amount - minor : minor;
        }

        var day = settled > 0 ? settled : _drawnUp;
        if (paid > 0 && day == 0) return Refuse(row, "MISSING_FIELD", "settled", "", "the day of the payment, or --drawn-up with the day of the ledger");
        payment = new Payment(row.Line, day, paid);
        return true;
    }

    private void Invoice(string document, Document told)
    {
        Facts.Add(told.Issued, DayRank.Invoice, told.Line, "invoice", new InvoicePosted
        {
            InvoiceId = document, Amount = told.Amount, Currency = told.Customer.Currency, IssuedOn = told.Issued, DueOn = told.Due, Terms = told.Terms,
        }, told.Customer);
        if (!told.IsDisputed) return;
        Facts.Add(told.Issued, DayRank.Dispute, told.Line, "dispute", new DisputeOpened
        {
            DisputeId = FileIds.Derived("dispute", document), ItemId = document, Amount = told.Amount, Currency = told.Customer.Currency, OpenedOn = told.Issued, Reason = "told by the ledger",
        }, told.Customer);
    }

    /// <summary>
    /// The payments of an invoice, the earliest first. The first one is named by the document alone and the later ones by
    /// their day too: so a file that grew by a payment, or was read with another mapping, names the old ones as before.
    /// </summary>
    private void Pay(string document, Document told)
    {
        var (open, count, customer) = (told.Amount, 0, told.Customer);
        var names = told.Payments.Count > 1 ? new HashSet<string>(StringComparer.Ordinal) : null;
        foreach (var (line, day, amount) in told.Payments.OrderBy(p => p.Day).ThenBy(p => p.Line))
        {
            var name = count++ == 0 ? document : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{document}-{DateOnly.FromDayNumber(day):yyyyMMdd}");
            if (count > 1 && names?.Add(name) == false) name += string.Create(System.Globalization.CultureInfo.InvariantCulture, $"-{count}");
            var payment = FileIds.Derived("payment", name);
            Facts.Add(day, DayRank.Payment, line, "payment", new PaymentReceived { PaymentId = payment, Amount = amount, Currency = customer.Currency, ValueOn = day, Cleared = true }, customer);
            if (day < told.Issued) Facts.Note(line, "paid before it was issued", customer.Id, document, day);
            var allocated = Math.Max(day, told.Issued);
            var part = Math.Min(open, amount);
            if (part == 0) continue;
            if (amount > part) Facts.Note(line, "paid more than was open", customer.Id, document, day);
            Facts.Add(allocated, DayRank.Allocation, line, "allocation", new PaymentAllocated
            {
                AllocationId = FileIds.Derived("allocation", name), FromId = payment, AllocatedOn = allocated, Items = [new AllocationItem { ItemId = document, Amount = part }],
            }, customer);
            open -= part;
            if (open > 0 || !told.IsDisputed) continue;
            Facts.Add(allocated, DayRank.Closing, line, "dispute-end", new DisputeClosed { DisputeId = FileIds.Derived("dispute", document), Outcome = DisputeOutcome.Withdrawn, ClosedOn = allocated }, customer);
        }
    }

    private void CreditNote(int line, CustomerOfRow customer, string document, long amount, int issued, int settled)
    {
        Facts.Add(issued, DayRank.Invoice, line, "credit-note", new CreditNoteIssued
        {
            CreditNoteId = document, Amount = amount, Currency = customer.Currency, IssuedOn = issued,
        }, customer);
        if (settled == 0) return;
        Facts.Add(Math.Max(settled, issued), DayRank.Closing, line, "refund", new PaymentRefunded
        {
            RefundId = FileIds.Derived("refund", document), FromId = document, Amount = amount, Currency = customer.Currency,
        }, customer);
    }

    /// <summary>The due date as it stands; where none does, the issue and the days that the terms name.</summary>
    private bool TryDue(FileRow row, int issued, out int due)
    {
        if (_dueAt >= 0 && !Format.IsNothing(Table.Get(row, _dueAt))) return TryDay(row, _dueAt, "due", out due);
        var terms = Table.Get(row, _termsAt);
        due = TermsText.DueOf(terms, issued);
        if (due == 0 && Format.NetDays is { } days && terms.Length == 0) due = issued + days;
        return due > 0 || Refuse(row, "MISSING_FIELD", "due", terms, "a due date, or terms that name days, such as 'net 30'");
    }

    private string TermsOf(FileRow row)
    {
        var text = Table.Get(row, _termsAt);
        return text.Length <= TermsLengthMax ? text : text[..TermsLengthMax];
    }

    /// <summary>Longest key of terms that an invoice carries; more is cut.</summary>
    private const int TermsLengthMax = 32;

    private bool TryCurrency(FileRow row, out Currency currency)
    {
        currency = _currency ?? default;
        return _currency is not null || TryCurrency(row, "currency", out currency);
    }

    private bool TrySettled(FileRow row, out int settled)
    {
        settled = 0;
        return Format.IsNothing(Table.Get(row, _settledAt)) || TryDay(row, _settledAt, "settled", out settled);
    }

    private bool TryDisputed(FileRow row, out bool isDisputed)
    {
        var text = Table.Get(row, _disputedAt);
        isDisputed = Format.Yes.Contains(text, StringComparer.OrdinalIgnoreCase);
        return isDisputed || text.Length == 0 || Format.No.Contains(text, StringComparer.OrdinalIgnoreCase)
            || Refuse(row, "UNKNOWN_VALUE", "disputed", text, $"{string.Join(" or ", Format.Yes)}, or nothing or {string.Join(" or ", Format.No)}");
    }

    private readonly record struct Payment(int Line, int Day, long Amount);

    private sealed class Document(int line, CustomerOfRow customer, long amount, int issued, int due, bool isDisputed, string terms)
    {
        internal string Terms => terms;

        internal int Line => line;

        internal CustomerOfRow Customer => customer;

        internal long Amount => amount;

        internal int Issued => issued;

        internal int Due => due;

        internal bool IsDisputed => isDisputed;

        /// <summary>Most documents stand in one row and are paid once: room for more comes when it is needed.</summary>
        internal ulong FirstRow { get; set; }

        internal HashSet<ulong>? OtherRows { get; private set; }

        internal List<Payment> Payments => _payments ??= new List<Payment>(1);

        private List<Payment>? _payments;

        /// <summary>False when the row was seen before.</summary>
        internal bool AddRow(ulong row) => row != FirstRow && (OtherRows ??= []).Add(row);

        internal bool IsSameInvoice(Document other) => (amount, issued, due, customer.Currency) == (other.Amount, other.Issued, other.Due, other.Customer.Currency);
    }
}
