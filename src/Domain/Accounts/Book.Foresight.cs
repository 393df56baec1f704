namespace ExposureMonitor.Domain;

/// <summary>The steps of <see cref="Foresight"/> on a book: each reads one field of every line of memory that a fact will use.</summary>
public sealed partial class Book
{
    internal ulong ForeseeAccount(int record, Fact fact)
    {
        ref var account = ref _accounts[record];
        var read = unchecked((ulong)(account.Id ^ account.LimitAmount ^ account.LastSeq ^ account.SettledDays)) ^ account.OpenedContent;
        if (record - 1 < _rare.Length && _rare[record - 1] is not null) read++;
        if (fact is OrderPlaced placed) read ^= unchecked((ulong)Index.Foresee(DocumentIndex.Hash(record - 1, DocumentKind.Order, placed.OrderId)));
        return read;
    }

    internal ulong ForeseeLedger(int record)
    {
        ref var account = ref _accounts[record];
        var read = (ulong)Texts.Bytes(account.Id).Length;
        if (account.Ledger != 0)
        {
            ref var ledger = ref Ledgers[account.Ledger];
            read ^= unchecked((ulong)ledger.Flows);
            for (var i = 0; i < (int)Part.Count; i += LongsPerLine) read ^= unchecked((ulong)ledger.Sums[i]);
            if (ledger.Flows != 0) read ^= unchecked((ulong)Flows[ledger.Flows].Amount);
        }

        if (account.OpenOrder != 0) read ^= unchecked((ulong)Orders[account.OpenOrder].OpenPrevious);
        return read;
    }

    /// <summary>A line of memory has 64 bytes.</summary>
    private const int LongsPerLine = 8;
}
