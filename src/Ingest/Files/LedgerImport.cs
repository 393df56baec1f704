using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// A receivables ledger: one document per row. An invoice is posted on its date of issue; when a date of settlement is
/// told, a payment of the full amount comes and is allocated on that date (on the date of issue, if it was paid
/// before). A negative amount is a credit note; with a date of settlement it was used up elsewhere, and is refunded on
/// that date. A ledger does not say when a dispute began: it is opened on the date of issue, which is the
/// careful reading, and closed as withdrawn when the invoice is settled in full.
/// </summary>
internal sealed class LedgerImport : FileImport
{
    private readonly Currency? _currency;
    private readonly int _documentAt, _issuedAt, _dueAt, _amountAt, _currencyAt, _settledAt, _disputedAt;
    private readonly Dictionary<(string Customer, string Document), string> _seen = [];

    internal LedgerImport(byte[] content, FileFormat format, Currency? currency, NoLimit noLimit)
        : base(content, format, Imports.LedgerFields, "ledger", currency?.Code ?? "", noLimit)
    {
        _currency = currency;
        if (currency is null && !format.Columns.ContainsKey("currency"))
            throw new InvalidDataException("No currency: tell the column, or one currency for all rows.");
        (_documentAt, _issuedAt, _dueAt, _amountAt) = (Table.IndexOf("document"), Table.IndexOf("issued"), Table.IndexOf("due"), Table.IndexOf("amount"));
        (_currencyAt, _settledAt, _disputedAt) = (Table.IndexOf("currency"), Table.IndexOf("settled"), Table.IndexOf("disputed"));
    }

    private protected override void Take(FileRow row)
    {
        if (!TryCurrency(row, out var currency) || !TryCustomer(row, currency, out var customer)) return;
        if (!TryDocument(row, _documentAt, "document", out var document)) return;
        if (!TryDay(row, _issuedAt, "issued", out var issued) || !TryDay(row, _dueAt, "due", out var due)) return;
        if (!TryNumber(row, _amountAt, "amount", out var value) || !TryMinor(row, value, "amount", currency, out var amount)) return;
        if (!TrySettled(row, out var settled)) return;
        if (!TryDisputed(row, out var isDisputed)) return;
        if (amount == 0)
        {
            Refuse(row, "NOT_POSITIVE", "amount", "0", "an amount other than 0");
            return;
        }

        if (!_seen.TryAdd((customer.Id, document), row.Raw))
        {
            if (_seen[(customer.Id, document)] == row.Raw) Facts.Note(row.Line, "identical row, left out", customer.Id, document, issued);
            else Refuse(row, "DUPLICATE_DOCUMENT", "document", document, "each document of a customer once");
            return;
        }

        if (due < issued) Facts.Note(row.Line, "due before it was issued", customer.Id, document, issued);
        if (amount > 0) Invoice(row.Line, customer, document, amount, (issued, due, settled), isDisputed);
        else CreditNote(row.Line, customer, document, -amount, issued, settled);
    }

    private void Invoice(int line, CustomerOfRow customer, string document, long amount, (int Issued, int Due, int Settled) days, bool isDisputed)
    {
        Facts.Add(days.Issued, DayRank.Invoice, line, "invoice", new InvoicePosted
        {
            InvoiceId = document, Amount = amount, Currency = customer.Currency, IssuedOn = days.Issued, DueOn = days.Due,
        }, customer);
        var dispute = FileIds.Derived("dispute", document);
        if (isDisputed)
        {
            Facts.Add(days.Issued, DayRank.Dispute, line, "dispute", new DisputeOpened
            {
                DisputeId = dispute, ItemId = document, Amount = amount, Currency = customer.Currency, OpenedOn = days.Issued, Reason = "told by the ledger",
            }, customer);
        }

        if (days.Settled == 0) return;
        var payment = FileIds.Derived("payment", document);
        Facts.Add(days.Settled, DayRank.Payment, line, "payment", new PaymentReceived
        {
            PaymentId = payment, Amount = amount, Currency = customer.Currency, ValueOn = days.Settled, Cleared = true,
        }, customer);
        if (days.Settled < days.Issued) Facts.Note(line, "paid before it was issued", customer.Id, document, days.Settled);
        var allocated = Math.Max(days.Settled, days.Issued);
        Facts.Add(allocated, DayRank.Allocation, line, "allocation", new PaymentAllocated
        {
            AllocationId = FileIds.Derived("allocation", document), FromId = payment, AllocatedOn = allocated,
            Items = [new AllocationItem { ItemId = document, Amount = amount }],
        }, customer);
        if (isDisputed)
        {
            Facts.Add(allocated, DayRank.Closing, line, "dispute-end", new DisputeClosed
            {
                DisputeId = dispute, Outcome = DisputeOutcome.Withdrawn, ClosedOn = allocated,
            }, customer);
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

    private bool TryCurrency(FileRow row, out Currency currency)
    {
        currency = _currency ?? default;
        if (_currency is not null) return true;
        var text = Table.Get(row, _currencyAt);
        return Currency.TryParse(text, out currency) || Refuse(row, "UNKNOWN_CURRENCY", "currency", text, "a code of ISO 4217");
    }

    private bool TrySettled(FileRow row, out int settled)
    {
        settled = 0;
        return Table.Get(row, _settledAt).Length == 0 || TryDay(row, _settledAt, "settled", out settled);
    }

    private bool TryDisputed(FileRow row, out bool isDisputed)
    {
        var text = Table.Get(row, _disputedAt);
        isDisputed = text.ToUpperInvariant() is "YES" or "Y" or "TRUE" or "1" or "X";
        return isDisputed || text.ToUpperInvariant() is "" or "NO" or "N" or "FALSE" or "0" or "-" || Refuse(row, "UNKNOWN_VALUE", "disputed", text, "yes or no");
    }
}
