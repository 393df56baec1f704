using System.Data.Common;
using System.Runtime.CompilerServices;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>Reads of bases, and of what the journal holds by month.</summary>
internal abstract partial class StoredReader
{
    private const int ChunkBaseAccounts = 1_000;

    private const string BaseColumns = "number, partition, seq, epoch, head_hash, at, state, event_ids, proof, rows_digest, accounts, accounts_hash, digest, previous";

    public async ValueTask<PartitionBase?> BaseAsync(int partition, CancellationToken cancel) => await QueryAsync($"""
        SELECT {BaseColumns} FROM base_partition WHERE partition = $1 AND number = (SELECT max(number) FROM journal_base)
        """, Base, cancel, partition) is [var found, ..] ? found : null;

    public async IAsyncEnumerable<BaseAccount> BaseAccountsAsync(long number, int partition, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (var after = -1; ;)
        {
            var rows = await QueryAsync("""
                SELECT slot, customer, state FROM base_account WHERE number = $1 AND partition = $2 AND slot > $3 ORDER BY slot LIMIT $4
                """, static r => new BaseAccount(r.GetInt32(0), r.GetString(1), r.GetFieldValue<byte[]>(2)), cancel, number, partition, after, ChunkBaseAccounts);
            foreach (var row in rows) yield return row;
            if (rows.Count < ChunkBaseAccounts) yield break;
            after = rows[^1].Slot;
        }
    }

    public async ValueTask<BaseSeal?> SealAsync(CancellationToken cancel) => await QueryAsync(
        "SELECT number, before, written_at, digest FROM journal_base ORDER BY number DESC LIMIT 1",
        static r => new BaseSeal(r.GetInt64(0), r.GetInt32(1), r.GetInt64(2), r.GetFieldValue<byte[]>(3)), cancel) is [var newest, ..] ? newest : null;

    /// <summary>A partition of a base, sealed or not; <see cref="IJournalPruning.FindBaseAsync"/>.</summary>
    public async ValueTask<PartitionBase?> FindBaseAsync(long number, int partition, CancellationToken cancel) => await QueryAsync(
        $"SELECT {BaseColumns} FROM base_partition WHERE number = $1 AND partition = $2", Base, cancel, number, partition) is [var found, ..] ? found : null;

    /// <summary>What the journal holds; <see cref="IJournalPruning.RangesAsync"/>.</summary>
    public abstract ValueTask<IReadOnlyList<JournalRange>> RangesAsync(CancellationToken cancel);

    /// <summary>A frame of a month that the sealed base does not hold, or <c>null</c>.</summary>
    public async ValueTask<(int Partition, long Seq)?> AboveBaseAsync(int period, string sql, CancellationToken cancel) =>
        await QueryAsync(sql, static r => (r.GetInt32(0), r.GetInt64(1)), cancel, period) is [var above, ..] ? above : null;

    protected static JournalRange Range(DbDataReader r) => new(r.GetInt32(0), r.GetInt32(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5));

    private static PartitionBase Base(DbDataReader r) => new()
    {
        Number = r.GetInt64(0), Partition = r.GetInt32(1), Seq = r.GetInt64(2), Epoch = r.GetInt64(3), HeadHash = r.GetFieldValue<byte[]>(4), At = r.GetInt64(5),
        State = r.GetFieldValue<byte[]>(6), Window = r.GetFieldValue<byte[]>(7), Proof = r.GetFieldValue<byte[]>(8), RowsDigest = r.GetFieldValue<byte[]>(9),
        Accounts = r.GetInt32(10), AccountsHash = r.GetFieldValue<byte[]>(11), Digest = r.GetFieldValue<byte[]>(12), Previous = r.GetFieldValue<byte[]>(13),
    };
}
