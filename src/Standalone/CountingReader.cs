using System.Runtime.CompilerServices;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Standalone;

/// <summary>A reader that tells how many frames it has read, for the progress of long work.</summary>
internal sealed class CountingReader(IJournalReader inner, Action<long> tell) : IJournalReader
{
    private long _frames;

    public ValueTask<IReadOnlyList<PartitionHead>> HeadsAsync(CancellationToken cancel) => inner.HeadsAsync(cancel);

    public ValueTask<PartitionStateRow?> StateAsync(int partition, CancellationToken cancel) => inner.StateAsync(partition, cancel);

    public IAsyncEnumerable<AccountRow> AccountsAsync(int partition, CancellationToken cancel) => inner.AccountsAsync(partition, cancel);

    public async IAsyncEnumerable<StoredFrame> FramesAsync(int partition, long after, long upTo, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var frame in inner.FramesAsync(partition, after, upTo, cancel))
        {
            if (++_frames % 256 == 0) tell(_frames);
            yield return frame;
        }
    }

    public ValueTask<IReadOnlyList<JournalRow>> RowsAsync(RowQuery query, CancellationToken cancel) => inner.RowsAsync(query, cancel);

    public IAsyncEnumerable<JournalRow> RowsInOrderAsync(RowTable table, int partition, long after, CancellationToken cancel) => inner.RowsInOrderAsync(table, partition, after, cancel);

    public IAsyncEnumerable<ClosedDocument> ClosedAsync(int partition, CancellationToken cancel) => inner.ClosedAsync(partition, cancel);

    public ValueTask<IReadOnlyList<ClosedDocument>> FindClosedAsync(int partition, IReadOnlySet<ulong> ids, CancellationToken cancel) => inner.FindClosedAsync(partition, ids, cancel);

    public ValueTask<JournalRow?> DecisionByKeyAsync(long keyHash, CancellationToken cancel) => inner.DecisionByKeyAsync(keyHash, cancel);

    public ValueTask<long> CountRowsAsync(RowTable table, int? partition, CancellationToken cancel) => inner.CountRowsAsync(table, partition, cancel);

    public ValueTask<IReadOnlyList<MessageRow>> MessagesAsync(int sender, int receiver, long after, int limit, CancellationToken cancel) => inner.MessagesAsync(sender, receiver, after, limit, cancel);

    public ValueTask<string?> PartyNameAsync(string customer, CancellationToken cancel) => inner.PartyNameAsync(customer, cancel);

    public ValueTask<IReadOnlyDictionary<string, string>> PartyNamesAsync(IReadOnlyCollection<string> customers, CancellationToken cancel) => inner.PartyNamesAsync(customers, cancel);
}
