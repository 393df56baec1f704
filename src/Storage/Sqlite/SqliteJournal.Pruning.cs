using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>
/// Bases, and frames that go. SQLite has no ranges: whole frames are deleted from the oldest on in small steps, each a
/// transaction of its own, so that the log stays short and a kill leaves the newer ones. The file keeps its size; what was
/// freed is used again.
/// </summary>
internal sealed partial class SqliteJournal
{
    public async ValueTask<long> BeginBaseAsync(CancellationToken cancel)
    {
        await OnWriterAsync(static w => w.Note([(BaseStatements.ForgetPartitions, [])]), RowBytes, cancel);
        await StepsAsync(BaseStatements.ForgetAccounts(unsealed: true), static _ => { }, cancel);
        return ((await reader.SealAsync(cancel))?.Number ?? 0) + 1;
    }

    public async ValueTask WriteBaseAsync(long number, int partition, IReadOnlyList<BaseAccount> accounts, CancellationToken cancel) => await OnWriterAsync(
        w => w.Note([.. accounts.Select(a => (BaseStatements.Account, (object[])[number, partition, a.Slot, a.Customer, a.State.ToArray()]))]),
        accounts.Sum(a => a.State.Length + RowBytes), cancel);

    public async ValueTask WriteBaseAsync(PartitionBase partition, CancellationToken cancel) => await OnWriterAsync(
        w => w.Note([(BaseStatements.Partition, BaseStatements.Values(partition))]), partition.State.Length + partition.Window.Length + partition.Proof.Length, cancel);

    public async ValueTask SealBaseAsync(BaseSeal seal, CancellationToken cancel) => await OnWriterAsync(
        w => w.Note([(BaseStatements.Seal, [seal.Number, seal.Before, seal.WrittenAt, seal.Digest])]), RowBytes, cancel);

    public ValueTask<PartitionBase?> FindBaseAsync(long number, int partition, CancellationToken cancel) => reader.FindBaseAsync(number, partition, cancel);

    public ValueTask<IReadOnlyList<JournalRange>> RangesAsync(CancellationToken cancel) => reader.RangesAsync(cancel);

    public async ValueTask DropRangeAsync(int period, Action<long> tell, CancellationToken cancel)
    {
        if ((await reader.AboveBaseAsync(period, BaseStatements.AboveBase, cancel)) is { } above) throw BaseStatements.NotBelow(period, above.Partition, above.Seq);
        for (var (id, gone) = (-1, 0L); id < Database.Partitions; id++)
        {
            var partition = id;
            var upTo = (await reader.BaseAsync(id, cancel))?.Seq ?? 0;
            gone += await StepsAsync($"""
                DELETE FROM journal WHERE partition = $1 AND period = $2 AND seq <=
                  (SELECT max(seq) FROM (SELECT seq FROM journal WHERE partition = $1 AND period = $2 AND seq <= $3 ORDER BY seq LIMIT {BaseStatements.Step}))
                """, done => tell(gone + done), cancel, partition, period, upTo);
        }
    }

    public ValueTask<long> DropOlderBasesAsync(CancellationToken cancel) => StepsAsync(BaseStatements.ForgetAccounts(unsealed: false), static _ => { }, cancel);

    /// <summary>Runs a statement until it changes nothing more; returns how many rows it changed in all.</summary>
    private async ValueTask<long> StepsAsync(string sql, Action<long> tell, CancellationToken cancel, params object[] values)
    {
        for (var all = 0L; ;)
        {
            var changed = await OnWriterAsync(w => w.Change(sql, values), CheckpointBytes / 8, cancel);
            if (changed == 0) return all;
            tell(all += changed);
        }
    }
}
