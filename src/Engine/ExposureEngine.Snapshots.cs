using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Snapshots never stand in front of a commit: the partition state is copied when a frame is sealed, the accounts that
/// had changed by then follow in slices behind later frames, and chunks are written beside the commits. Only when all
/// of them are written, the partition state is, and recovery starts there.
/// </summary>
public sealed partial class ExposureEngine
{
    private const int SnapshotEntries = 50_000;
    private const int SnapshotSlice = 256, SnapshotChunk = 1_024;

    /// <summary>
    /// Of so many entries one account is copied: an import that runs for hours must not outrun its snapshots, since what lies behind them is
    /// what a restart has to do again.
    /// </summary>
    private const int EntriesPerCopy = 4;

    private SnapshotRun? _snapshot;
    private Task<bool>? _writing;
    private int _snapshotNext;

    /// <summary>A snapshot that is being taken of one partition.</summary>
    /// <param name="partition">Its partition.</param>
    /// <param name="state">The partition state at <paramref name="seq"/>.</param>
    /// <param name="slots">Accounts whose row was older than that.</param>
    private sealed class SnapshotRun(Partition partition, long seq, byte[] state, int[] slots)
    {
        internal Partition Partition => partition;

        internal PartitionStateRow State { get; } = new(seq, state);

        internal Queue<int> Slots { get; } = new(slots);

        /// <summary>Copied, not written yet.</summary>
        internal List<CapturedAccount> Captured { get; } = [];

        /// <summary>On their way to the disk.</summary>
        internal List<CapturedAccount> Writing { get; } = [];

        internal bool StateIsWriting { get; set; }
    }

    /// <summary>An account as it stood behind a sealed frame.</summary>
    private readonly record struct CapturedAccount(int Slot, string Customer, long AsOf, int Today, byte[] State, AccountFigures Figures);

    /// <summary>Called when everything is sealed: books stand exactly at their frames.</summary>
    /// <param name="sealedEntries">Entries of these frames.</param>
    private void CaptureSnapshot(int sealedEntries)
    {
        if (_snapshot is null) BeginSnapshot(SnapshotEntries);
        if (_snapshot is { } run && run.Partition.Filled == 0) Capture(run, Math.Max(SnapshotSlice, sealedEntries / EntriesPerCopy));
    }

    private void BeginSnapshot(long entries)
    {
        for (var tried = 0; tried < _partitions.Count; tried++)
        {
            _snapshotNext = (_snapshotNext + 1) % _partitions.Count;
            var partition = _partitions[_snapshotNext - 1];
            if (partition.State != PartitionState.Open || partition.EntriesSinceSnapshot < entries || partition.Filled > 0) continue;
            _copying.Clear();
            partition.Changes.Write(_copying);
            partition.Book.WriteState(_copying);
            _snapshot = new SnapshotRun(partition, partition.Seq, _copying.Written.ToArray(), partition.Changes.TakeDirty());
            partition.EntriesSinceSnapshot = 0;
            return;
        }
    }

    private void Capture(SnapshotRun run, int most)
    {
        var (partition, book) = (run.Partition, run.Partition.Book);
        for (; most > 0 && run.Slots.TryDequeue(out var slot); most--)
        {
            _copying.Clear();
            book.WriteAccount(slot, _copying);
            run.Captured.Add(new CapturedAccount(slot, book.CustomerAt(slot), partition.Seq, book.Today, _copying.Written.ToArray(), book.Figures(slot)));
        }
    }

    /// <summary>Writes the next chunk when the last is written and the frames that it stands behind are committed.</summary>
    private async ValueTask WriteSnapshotAsync(CancellationToken cancel)
    {
        if (_writing is { IsCompleted: true } written)
        {
            _writing = null;
            await EndChunkAsync(written);
        }

        if (_snapshot is not { } run || _writing is not null || run.Partition.State != PartitionState.Open) return;
        // Idle: nothing is filled, so the books stand at their frames.
        if (run.Partition.Filled == 0) Capture(run, SnapshotSlice);
        var durable = run.Captured.FindIndex(c => c.AsOf > run.Partition.DurableSeq) is var first && first < 0 ? run.Captured.Count : first;
        var last = run.Slots.Count == 0 && durable == run.Captured.Count && durable <= SnapshotChunk && run.State.SnapshotSeq <= run.Partition.DurableSeq;
        if (!last && durable < SnapshotChunk)
        {
            if (run.Slots.Count > 0 && run.Partition.Filled == 0) Wake();
            return;
        }

        run.Writing.AddRange(run.Captured.Take(SnapshotChunk));
        run.Captured.RemoveRange(0, run.Writing.Count);
        run.StateIsWriting = last;
        var (id, epoch) = (run.Partition.Id, run.Partition.Epoch);
        CapturedAccount[] chunk = [.. run.Writing];
        _writing = Aside(() => _journal.SaveSnapshotAsync(id, epoch, [.. chunk.Select(c => RowOf(id, epoch, c))], last ? run.State : null, cancel).AsTask());
        WakeAfter(_writing);
    }

    private async Task EndChunkAsync(Task<bool> written)
    {
        if (_snapshot is not { } run) return;
        var saved = false;
        try
        {
            saved = await written;
        }
        catch (Exception failed) when (failed is JournalUnavailableException or InvalidOperationException or OperationCanceledException)
        {
            Instruments.SnapshotsFailed.Add(1);
        }

        if (!saved)
        {
            // Fenced, or the database is away: the next commit says which. The rows are taken again later.
            DropSnapshot(run.Partition);
            return;
        }

        run.Writing.Clear();
        if (run.StateIsWriting) _snapshot = null;
        else Wake();
    }

    /// <summary>Gives a snapshot up; what was captured counts as changed again.</summary>
    private void DropSnapshot(Partition partition)
    {
        if (_snapshot is not { } run || run.Partition != partition) return;
        foreach (var slot in run.Slots) partition.Changes.Spoil(slot);
        foreach (var captured in run.Captured) partition.Changes.Spoil(captured.Slot);
        foreach (var captured in run.Writing) partition.Changes.Spoil(captured.Slot);
        partition.EntriesSinceSnapshot += SnapshotEntries / 2;
        _snapshot = null;
    }

    /// <summary>At the end every partition is written, so that the next start has nothing to replay.</summary>
    private async Task FinishSnapshotsAsync(CancellationToken cancel)
    {
        for (var given = 0; given <= _partitions.Count;)
        {
            if (_snapshot is null) BeginSnapshot(1);
            if (_snapshot is not { } run) return;
            while (_snapshot == run)
            {
                if (run.Partition.State != PartitionState.Open) DropSnapshot(run.Partition);
                await WriteSnapshotAsync(cancel);
                if (_writing is not null) await Task.WhenAny(_writing);
            }

            // A snapshot that was given up is not begun for ever.
            if (run.Partition.EntriesSinceSnapshot > 0) given = _partitions.Count + 1;
        }
    }

    private static AccountRow RowOf(int partition, long epoch, CapturedAccount c) => new()
    {
        Partition = partition, Slot = c.Slot, Customer = c.Customer, Epoch = epoch, AsOfSeq = c.AsOf, State = c.State,
        Checksum = Hashing.XxHash64(c.State), Report = AccountReport.Of(c.Figures, c.Today),
    };
}
