using System.Runtime.CompilerServices;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>
/// Reads of a journal that stands in several databases: what belongs to a partition is read where the partition is, what spans partitions is
/// asked of all and merged in the one order that rows have.
/// </summary>
internal class ShardedReader(IReadOnlyList<IJournalReader> shards, int partitions) : IJournalReader
{
    public async ValueTask<IReadOnlyList<PartitionHead>> HeadsAsync(CancellationToken cancel)
    {
        // Each database has a row for every partition; those of the others never move there.
        var all = await AllAsync(r => r.HeadsAsync(cancel));
        return [.. all[0].Select((head, i) => all[ShardOf(head.Partition)][i])];
    }

    public ValueTask<PartitionStateRow?> StateAsync(int partition, CancellationToken cancel) => Of(partition).StateAsync(partition, cancel);

    public IAsyncEnumerable<AccountRow> AccountsAsync(int partition, CancellationToken cancel) => Of(partition).AccountsAsync(partition, cancel);

    public IAsyncEnumerable<AccountRow> AccountStatesAsync(int partition, CancellationToken cancel) => Of(partition).AccountStatesAsync(partition, cancel);

    public IAsyncEnumerable<StoredFrame> FramesAsync(int partition, long after, long upTo, CancellationToken cancel) => Of(partition).FramesAsync(partition, after, upTo, cancel);

    public ValueTask<PartitionBase?> BaseAsync(int partition, CancellationToken cancel) => Of(partition).BaseAsync(partition, cancel);

    public IAsyncEnumerable<BaseAccount> BaseAccountsAsync(long number, int partition, CancellationToken cancel) => Of(partition).BaseAccountsAsync(number, partition, cancel);

    public ValueTask<BaseSeal?> SealAsync(CancellationToken cancel) => shards[0].SealAsync(cancel);

    public async ValueTask<IReadOnlyList<JournalRow>> RowsAsync(RowQuery query, CancellationToken cancel)
    {
        if (query.Partition is { } one) return await Of(one).RowsAsync(query, cancel);
        var all = (await AllAsync(r => r.RowsAsync(query, cancel))).SelectMany(rows => rows);
        return [.. (query.NewestFirst ? all.OrderByDescending(PlaceOf) : all.OrderBy(PlaceOf)).Take(query.Limit)];
    }

    private static (long, int, long, int, int) PlaceOf(JournalRow row) => (row.At, row.Partition, row.Seq, row.Index, row.Ordinal);

    public IAsyncEnumerable<JournalRow> RowsInOrderAsync(RowTable table, int partition, long after, CancellationToken cancel) => Of(partition).RowsInOrderAsync(table, partition, after, cancel);

    public IAsyncEnumerable<ClosedDocument> ClosedAsync(int partition, CancellationToken cancel) => Of(partition).ClosedAsync(partition, cancel);

    public ValueTask<IReadOnlyList<ClosedDocument>> FindClosedAsync(int partition, IReadOnlySet<ulong> ids, CancellationToken cancel) => Of(partition).FindClosedAsync(partition, ids, cancel);

    public async ValueTask<JournalRow?> DecisionByKeyAsync(long keyHash, CancellationToken cancel) =>
        (await AllAsync(r => r.DecisionByKeyAsync(keyHash, cancel))).FirstOrDefault(row => row is not null);

    public async ValueTask<long> CountRowsAsync(RowTable table, int? partition, CancellationToken cancel) =>
        partition is { } one ? await Of(one).CountRowsAsync(table, one, cancel) : (await AllAsync(r => r.CountRowsAsync(table, null, cancel))).Sum();

    // A message stands where its sender does: it was committed with it.
    public ValueTask<IReadOnlyList<MessageRow>> MessagesAsync(int sender, int receiver, long after, int limit, CancellationToken cancel) => Of(sender).MessagesAsync(sender, receiver, after, limit, cancel);

    public async ValueTask<IReadOnlyList<MessageRow>> MessagesBehindAsync(IReadOnlyList<MessagePair> pairs, int limit, CancellationToken cancel)
    {
        var parts = await Task.WhenAll(pairs.GroupBy(p => ShardOf(p.Sender)).Select(part => shards[part.Key].MessagesBehindAsync([.. part], limit, cancel).AsTask()));
        return [.. parts.SelectMany(rows => rows).OrderBy(m => (m.Sender, m.Receiver, m.Number))];
    }

    // The name of a customer is committed with his partition.
    public ValueTask<string?> PartyNameAsync(string customer, CancellationToken cancel) => Of(PartitionOf(customer)).PartyNameAsync(customer, cancel);

    public async ValueTask<IReadOnlyDictionary<string, string>> FindPartiesAsync(string text, int limit, CancellationToken cancel) =>
        Merged(await AllAsync(r => r.FindPartiesAsync(text, limit, cancel)), limit);

    public async ValueTask<IReadOnlyDictionary<string, string>> PartyNamesAsync(IReadOnlyCollection<string> customers, CancellationToken cancel) =>
        Merged(await Task.WhenAll(customers.GroupBy(c => ShardOf(PartitionOf(c))).Select(part => shards[part.Key].PartyNamesAsync([.. part], cancel).AsTask())), int.MaxValue);

    private static Dictionary<string, string> Merged(IEnumerable<IReadOnlyDictionary<string, string>> parts, int limit) =>
        parts.SelectMany(p => p).OrderBy(p => p.Key, StringComparer.Ordinal).Take(limit).ToDictionary(StringComparer.Ordinal);

    private int ShardOf(int partition) => ShardedJournal.ShardOf(partition, shards.Count);

    private IJournalReader Of(int partition) => shards[ShardOf(partition)];

    private int PartitionOf(string customer) => Ids.PartitionOf(customer, partitions);

    private Task<T[]> AllAsync<T>(Func<IJournalReader, ValueTask<T>> ask) => Task.WhenAll(shards.Select(s => ask(s).AsTask()));
}

/// <summary>The same for whoever reads beside the services. A moment is one of each database: what crossed between them may stand in one and not yet in the other.</summary>
internal sealed class ShardedStoredReader(IReadOnlyList<IStoredReader> shards) : ShardedReader(shards, shards[0].Database.Partitions), IStoredReader
{
    public DatabaseInfo Database => shards[0].Database;

    public IReadOnlyList<string> Warnings => [.. shards.SelectMany(s => s.Warnings)];

    public async ValueTask<IReadOnlyList<JournalRange>> RangesAsync(CancellationToken cancel)
    {
        var all = new List<JournalRange>();
        foreach (var shard in shards) all.AddRange(await shard.RangesAsync(cancel));
        return [.. all.OrderBy(r => (r.Period, r.Partition))];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var shard in shards) await shard.DisposeAsync();
    }
}
