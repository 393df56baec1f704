namespace ExposureMonitor.Domain;

/// <summary>The steps of <see cref="Foresight"/> on a book: each reads one field of every line of memory that a fact will use.</summary>
public sealed partial class Book
{
    internal ulong ForeseeAccount(int record)
    {
        ref var account = ref _accounts[record];
        // In the order of the record, a field at least every 64 bytes.
        var read = unchecked((ulong)account.SettledAmount ^ (ulong)(account.LimitAmount ^ account.SettledLateDays ^ account.Movements.Last)) ^ (ulong)account.RiskState;
        if (record - 1 < _rare.Length && _rare[record - 1] is not null) read++;
        if (HabitsOf(record - 1) is not null) read++;
        return read;
    }

    internal ulong ForeseeLedger(int record)
    {
        ref var account = ref _accounts[record];
        var read = (ulong)Texts.Bytes(account.Id).Length;
        if (HabitsOf(record - 1) is { } habits) read ^= unchecked((ulong)habits.Now);
        if (account.OpenOrder != 0) read ^= unchecked((ulong)Orders[account.OpenOrder].OpenPrevious);
        if (account.Ledger == 0) return read;
        ref var ledger = ref Ledgers[account.Ledger];
        read ^= unchecked((ulong)ledger.Flows);
        for (var i = 0; i < (int)Part.Count; i += LongsPerLine) read ^= unchecked((ulong)ledger.Sums[i]);
        return read;
    }

    /// <summary>The place of the document in the index, and the first flow of the ledger.</summary>
    internal ulong ForeseeDocuments(int record, Fact fact)
    {
        var kind = fact switch
        {
            OrderPlaced => DocumentKind.Order,
            DeliveryPosted => DocumentKind.Delivery,
            InvoicePosted => DocumentKind.Item,
            PaymentReceived => DocumentKind.Source,
            _ => default,
        };
        var read = kind == default ? 0 : unchecked((ulong)Index.Foresee(DocumentIndex.Hash(record - 1, kind, fact.Document)));
        if (HabitsOf(record - 1) is { } habits) read ^= unchecked((ulong)(habits.Use.Day ^ (habits.Orders?.Days.Length ?? 0)));
        return _accounts[record].Ledger is not 0 and var ledger && Ledgers[ledger].Flows is not 0 and var flow ? read ^ unchecked((ulong)Flows[flow].Amount) : read;
    }

    /// <summary>A line of memory has 64 bytes.</summary>
    private const int LongsPerLine = 8;
}
