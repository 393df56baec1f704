namespace ExposureMonitor.Engine;

/// <summary>A reader that reads what another does; whoever derives from it changes only what it has to.</summary>
public abstract class DelegatingReader(IJournalReader inner) : IJournalReader
{
    /// <summary>The other reader.</summary>
    protected IJournalReader Inner => inner;

    public virtual ValueTask<IReadOnlyList<PartitionHead>> HeadsAsync(CancellationToken cancel) => inner.HeadsAsync(cancel);

    public virtual ValueTask<PartitionStateRow?> StateAsync(int partition, CancellationToken cancel) => inner.StateAsync(partition, cancel);

    public virtual IAsyncEnumerable<AccountRow> AccountsAsync(int partition, CancellationToken cancel) => inner.AccountsAsync(partition, cancel);

    public virtual IAsyncEnumerable<AccountRow> AccountStatesAsync(int partition, CancellationToken cancel) => inner.AccountStatesAsync(partition, cancel);

    public virtual IAsyncEnumerable<StoredFrame> FramesAsync(int partition, long after, long upTo, CancellationToken cancel) => inner.FramesAsync(partition, after, upTo, cancel);

    public virtual ValueTask<PartitionBase?> BaseAsync(int partition, CancellationToken cancel) => inner.BaseAsync(partition, cancel);

    public virtual IAsyncEnumerable<BaseAccount> BaseAccountsAsync(long number, int partition, CancellationToken cancel) => inner.BaseAccountsAsync(number, partition, cancel);

    public virtual ValueTask<BaseSeal?> SealAsync(CancellationToken cancel) => inner.SealAsync(cancel);

    public virtual ValueTask<IReadOnlyList<JournalRow>> RowsAsync(RowQuery query, CancellationToken cancel) => inner.RowsAsync(query, cancel);

    public virtual IAsyncEnumerable<JournalRow> RowsInOrderAsync(RowTable table, int partition, long after, CancellationToken cancel) => inner.RowsInOrderAsync(table, partition, after, cancel);

    public virtual IAsyncEnumerable<ClosedDocument> ClosedAsync(int partition, CancellationToken cancel) => inner.ClosedAsync(partition, cancel);

    public virtual ValueTask<IReadOnlyList<ClosedDocument>> FindClosedAsync(int partition, IReadOnlySet<ulong> ids, CancellationToken cancel) => inner.FindClosedAsync(partition, ids, cancel);

    public virtual ValueTask<JournalRow?> DecisionByKeyAsync(long keyHash, CancellationToken cancel) => inner.DecisionByKeyAsync(keyHash, cancel);

    public virtual ValueTask<long> CountRowsAsync(RowTable table, int? partition, CancellationToken cancel) => inner.CountRowsAsync(table, partition, cancel);

    public virtual ValueTask<IReadOnlyList<MessageRow>> MessagesAsync(int sender, int receiver, long after, int limit, CancellationToken cancel) => inner.MessagesAsync(sender, receiver, after, limit, cancel);

    public virtual ValueTask<string?> PartyNameAsync(string customer, CancellationToken cancel) => inner.PartyNameAsync(customer, cancel);

    public virtual ValueTask<IReadOnlyDictionary<string, string>> PartyNamesAsync(IReadOnlyCollection<string> customers, CancellationToken cancel) => inner.PartyNamesAsync(customers, cancel);
}
