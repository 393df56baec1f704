namespace ExposureMonitor.Domain;

/// <summary>What a line of a customer's ledger is.</summary>
public enum LedgerKind : byte
{
    Invoice = 1, InvoiceCancelled, CreditNote, Interest, Payment, PaymentReturned, Refund, Acceptance, AcceptanceDishonoured, Discount, WriteOff, WriteOffReversed, Exchange,
}

/// <summary>One line: what it adds to what the customer owes, minor units; a payment takes away.</summary>
/// <param name="On">Day number.</param>
/// <param name="DueOn">Of an invoice or of interest; 0 otherwise.</param>
public sealed record LedgerLine(int On, LedgerKind Kind, string DocumentId, long Amount, Currency Currency, int DueOn = 0);

/// <summary>What of an item was open at the end of a period.</summary>
public sealed record StatementItem(string ItemId, int IssuedOn, int DueOn, long Amount, long Open);

/// <summary>
/// A statement of account of one customer in one currency (credit.md 15): opening, items, receipts, closing, ageing. Opening plus its lines is
/// its closing, and the closing of one period is the opening of the next.
/// </summary>
public sealed record AccountStatement
{
    public required Currency Currency { get; init; }

    /// <summary>First and last day, day numbers.</summary>
    public required int From { get; init; }

    /// <inheritdoc cref="From"/>
    public required int To { get; init; }

    /// <summary>Minor units; below zero when the customer has money with us.</summary>
    public required long Opening { get; init; }

    /// <summary>Of the period, by day.</summary>
    public required IReadOnlyList<LedgerLine> Lines { get; init; }

    public required long Closing { get; init; }

    /// <summary>Open items at the end, oldest due date first.</summary>
    public required IReadOnlyList<StatementItem> Items { get; init; }

    /// <summary>Open amounts by bucket: not due, 1–30, 31–60, 61–90, 91–180, more than 180 days past due.</summary>
    public required IReadOnlyList<long> Ageing { get; init; }

    /// <summary>What was billed in the period: lines that add to the debt and are no undone receipts.</summary>
    public long Billed => Sum(static l => l.Kind is LedgerKind.Invoice or LedgerKind.Interest);

    /// <summary>What was received in the period, as a positive number.</summary>
    public long Received => -Sum(static l => l.Kind is LedgerKind.Payment or LedgerKind.Acceptance);

    /// <summary>Upper ends of the buckets in days past due; the last bucket has none.</summary>
    public static IReadOnlyList<int> Buckets { get; } = [0, 30, 60, 90, 180];

    /// <summary>The statement of a period.</summary>
    public static AccountStatement Of(CustomerLedger ledger, Currency currency, int from, int to)
    {
        long opening = 0, closing = 0;
        var lines = new List<LedgerLine>();
        foreach (var line in ledger.Lines)
        {
            if (line.Currency != currency || line.On > to) continue;
            closing = checked(closing + line.Amount);
            if (line.On < from) opening = checked(opening + line.Amount);
            else lines.Add(line);
        }

        var items = new List<StatementItem>();
        var ageing = new long[Buckets.Count + 1];
        foreach (var item in ledger.Items)
        {
            if (item.Currency != currency || item.OpenAt(to) is not (> 0 and var open)) continue;
            items.Add(new StatementItem(item.ItemId, item.IssuedOn, item.DueOn, item.Amount, open));
            ageing[BucketOf(to - item.DueOn)] += open;
        }

        items.Sort(static (a, b) => a.DueOn != b.DueOn ? a.DueOn.CompareTo(b.DueOn) : string.CompareOrdinal(a.ItemId, b.ItemId));
        return new AccountStatement { Currency = currency, From = from, To = to, Opening = opening, Lines = lines, Closing = closing, Items = items, Ageing = ageing };
    }

    private static int BucketOf(int daysPastDue)
    {
        var bucket = 0;
        while (bucket < Buckets.Count && daysPastDue > Buckets[bucket]) bucket++;
        return bucket;
    }

    private long Sum(Func<LedgerLine, bool> which)
    {
        long sum = 0;
        foreach (var line in Lines)
            if (which(line)) sum += line.Amount;
        return sum;
    }
}
