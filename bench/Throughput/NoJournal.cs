using System.Runtime.CompilerServices;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

/// <summary>A journal that takes every frame and keeps none: what is left is the cost of the engine without a database.</summary>
internal sealed class NoJournal(DatabaseInfo database) : IJournal, IJournalReader
{
    public DatabaseInfo Database => database;

    public IJournalReader Reader => this;

    public ValueTask<PartitionHead?> OpenAsync(int partition, long? expectedEpoch, CancellationToken cancel) =>
        ValueTask.FromResult<PartitionHead?>(new PartitionHead(partition, 1, 0, new byte[32], 0));

    public ValueTask<CommitResult> CommitAsync(IReadOnlyList<FrameCommit> frames, CancellationToken cancel) => ValueTask.FromResult(CommitResult.Committed);

    public ValueTask<bool> SaveSnapshotAsync(int partition, long epoch, IReadOnlyList<AccountRow> accounts, PartitionStateRow? state, CancellationToken cancel) =>
        ValueTask.FromResult(true);

    public ValueTask<bool> OwnsAsync(CancellationToken cancel) => ValueTask.FromResult(true);

    public ValueTask<IReadOnlyList<PartitionHead>> HeadsAsync(CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<PartitionHead>>([.. Enumerable.Range(Book.House, database.Partitions + 1).Select(id => new PartitionHead(id, 1, 0, new byte[32], 0))]);

    public ValueTask<PartitionStateRow?> StateAsync(int partition, CancellationToken cancel) => ValueTask.FromResult<PartitionStateRow?>(null);

    public IAsyncEnumerable<AccountRow> AccountsAsync(int partition, CancellationToken cancel) => None<AccountRow>(cancel);

    public IAsyncEnumerable<StoredFrame> FramesAsync(int partition, long after, long upTo, CancellationToken cancel) => None<StoredFrame>(cancel);

    public ValueTask<PartitionBase?> BaseAsync(int partition, CancellationToken cancel) => ValueTask.FromResult<PartitionBase?>(null);

    public IAsyncEnumerable<BaseAccount> BaseAccountsAsync(long number, int partition, CancellationToken cancel) => None<BaseAccount>(cancel);

    public ValueTask<BaseSeal?> SealAsync(CancellationToken cancel) => ValueTask.FromResult<BaseSeal?>(null);

    public ValueTask<IReadOnlyList<JournalRow>> RowsAsync(RowQuery query, CancellationToken cancel) => ValueTask.FromResult<IReadOnlyList<JournalRow>>([]);

    public IAsyncEnumerable<JournalRow> RowsInOrderAsync(RowTable table, int partition, long after, CancellationToken cancel) => None<JournalRow>(cancel);

    public IAsyncEnumerable<ClosedDocument> ClosedAsync(int partition, CancellationToken cancel) => None<ClosedDocument>(cancel);

    public ValueTask<IReadOnlyList<ClosedDocument>> FindClosedAsync(int partition, IReadOnlySet<ulong> ids, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<ClosedDocument>>([]);

    public ValueTask<JournalRow?> DecisionByKeyAsync(long keyHash, CancellationToken cancel) => ValueTask.FromResult<JournalRow?>(null);

    public ValueTask<long> CountRowsAsync(RowTable table, int? partition, CancellationToken cancel) => ValueTask.FromResult(0L);

    public ValueTask<IReadOnlyList<MessageRow>> MessagesAsync(int sender, int receiver, long after, int limit, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<MessageRow>>([]);

    public ValueTask<string?> PartyNameAsync(string customer, CancellationToken cancel) => ValueTask.FromResult<string?>(null);

    public ValueTask<IReadOnlyDictionary<string, string>> PartyNamesAsync(IReadOnlyCollection<string> customers, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async IAsyncEnumerable<T> None<T>([EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask.WaitAsync(cancel);
        yield break;
    }
}
