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

    /// <summary>
    /// A book in which less happens is written in a quiet moment, when so many entries and so much time lie behind its last snapshot: the next start, or
    /// the next owner, has it the sooner. What had as much to do again when it came need not wait for the time. Looked for so often.
    /// </summary>
    private const int QuietEntries = 1_000;

    private static readonly TimeSpan QuietAfter = TimeSpan.FromMinutes(1), QuietLookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Accounts, and bytes of theirs, that are written in one transaction: a commit beside it waits for what it logs.</summary>
    private const int ChunkAccounts = 1_024, ChunkBytes = 256 << 10;

    /// <summary>
    /// While decisions are asked for, the writer rests after a chunk for so many times as long as that took: the database has the rest of the time
    /// for them. Not when a partition has so many entries behind its snapshot that a restart would be felt.
    /// </summary>
    private const int RestsPerChunk = 3, EntriesBehindMax = 4 * SnapshotEntries;

    /// <summary>
    /// Bytes of accounts that are copied at once: the loop stands still meanwhile, and an account may hold thousands of documents. The second
    /// number bounds it while decisions are asked for.
    /// </summary>
    private const int SliceBytes = 64 << 10, SliceBytesMax = 256 << 10;

    /// <summary>
    /// So many bytes are copied for an entry: an import that runs for hours must not outrun its snapshots, since what lies behind them is
    /// what a restart has to do again.
    /// </summary>
    private const int BytesPerEntry = 128;

    /// <summary>
    /// A partition with a very large account, which is copied and written in one piece, waits for so many entries that the piece costs a tenth of
    /// what they did: one entry for so many bytes of it. In a quiet moment the piece may cost more than what it saves.
    /// </summary>
    private const int BytesEarned = 16, BytesEarnedQuietly = 256;

    private SnapshotRun? _snapshot;
    private Task<bool>? _writing;
    private Task _resting = Task.CompletedTask;
    private long _chunkBegun;
    private int _snapshotNext;
    private long _quietLook;

    /// <summary>A snapshot that is being taken of one partition.</summary>
    /// <param name="partition">Its partition.</param>
    /// <param name="state">The partition state.</param>
    /// <param name="slots">Accounts whose row was older than that.</param>
    private sealed class SnapshotRun(Partition partition, PartitionStateRow state, int[] slots)
    {
        internal Partition Partition => partition;

        internal PartitionStateRow State => state;

        internal Queue<int> Slots { get; } = new(slots);

        /// <summary>Copied, not written yet.</summary>
        internal List<CapturedAccount> Captured { get; } = [];

        /// <summary>Bytes of these.</summary>
        internal long Bytes { get; set; }

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
        if (_snapshot is null) BeginSnapshot(static p => p.EntriesSinceSnapshot >= Math.Max(SnapshotEntries, p.LargestAccount / BytesEarned));
        if (_snapshot is { } run && run.Partition.Filled == 0) Capture(run, Math.Clamp((long)sealedEntries * BytesPerEntry, SliceBytes, ExpectsCommands ? SliceBytesMax : long.MaxValue));
    }

    /// <summary>Called while nothing is to be done.</summary>
    private void BeginQuietSnapshot()
    {
        if (_snapshot is not null || _stopping || _time.GetElapsedTime(_quietLook) < QuietLookEvery) return;
        _quietLook = _time.GetTimestamp();
        BeginSnapshot(p => p.EntriesSinceSnapshot >= Math.Max(QuietEntries, p.LargestAccount / BytesEarnedQuietly) && (p.SnapshotAt is not { } at || _time.GetElapsedTime(at) >= QuietAfter));
    }

    /// <summary>Begins with the next partition that is due.</summary>
    private void BeginSnapshot(Func<Partition, bool> isDue)
    {
        for (var tried = 0; tried < _partitions.Count; tried++)
        {
            _snapshotNext = (_snapshotNext + 1) % _partitions.Count;
            var partition = _partitions[_snapshotNext - 1];
            if (partition.State != PartitionState.Open || partition.Filled > 0 || !isDue(partition)) continue;
            _copying.Clear();
            partition.Changes.Write(_copying);
            partition.Book.WriteState(_copying);
            var state = new PartitionStateRow(partition.Seq, _copying.Written.ToArray()) { EventWindow = StoredWindow.Of(partition.Book, _copying) };
            _snapshot = new SnapshotRun(partition, state, partition.Changes.TakeDirty());
            (partition.EntriesSinceSnapshot, partition.LargestAccount, partition.SnapshotAt) = (0, 0, _time.GetTimestamp());
            return;
        }
    }

    /// <summary>Copies the next accounts, at least one, until they have so many bytes.</summary>
    private void Capture(SnapshotRun run, long bytes)
    {
        var (partition, book) = (run.Partition, run.Partition.Book);
        // What is copied waits in memory: no more than the writer has to do next.
        if (run.Bytes >= 2 * ChunkBytes && ExpectsCommands) return;
        while (bytes > 0 && run.Slots.TryDequeue(out var slot))
        {
            _copying.Clear();
            book.WriteAccount(slot, _copying);
            (bytes, run.Bytes) = (bytes - _copying.Written.Length, run.Bytes + _copying.Written.Length);
            partition.LargestAccount = Math.Max(partition.LargestAccount, _copying.Written.Length);
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

        if (_snapshot is not { } run || _writing is not null || run.Partition.State != PartitionState.Open || !(_resting.IsCompleted || _stopping)) return;
        // Idle: nothing is filled, so the books stand at their frames.
        if (run.Partition.Filled == 0) Capture(run, SliceBytes);
        var durable = run.Captured.FindIndex(c => c.AsOf > run.Partition.DurableSeq) is var first && first < 0 ? run.Captured.Count : first;
        var (chunk, isFull) = ChunkOf(run.Captured, durable);
        var last = run.Slots.Count == 0 && chunk == run.Captured.Count && run.State.SnapshotSeq <= run.Partition.DurableSeq;
        if (!last && !isFull)
        {
            if (run.Slots.Count > 0 && run.Partition.Filled == 0) Wake();
            return;
        }

        run.Writing.AddRange(run.Captured.Take(chunk));
        run.Captured.RemoveRange(0, chunk);
        foreach (var account in run.Writing) run.Bytes -= account.State.Length;
        run.StateIsWriting = last;
        _chunkBegun = _time.GetTimestamp();
        var (id, epoch) = (run.Partition.Id, run.Partition.Epoch);
        CapturedAccount[] accounts = [.. run.Writing];
        _writing = Aside(() => _journal.SaveSnapshotAsync(id, epoch, [.. accounts.Select(c => RowOf(id, epoch, c))], last ? run.State : null, cancel).AsTask());
        WakeAfter(_writing);
    }

    /// <summary>How many of the copies that may be written fill a chunk; all of them when they do not.</summary>
    private static (int Accounts, bool IsFull) ChunkOf(List<CapturedAccount> captured, int durable)
    {
        var (chunk, bytes) = (0, 0);
        while (chunk < durable && chunk < ChunkAccounts && bytes < ChunkBytes) bytes += captured[chunk++].State.Length;
        return (chunk, chunk == ChunkAccounts || bytes >= ChunkBytes);
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
        if (ExpectsCommands && !_stopping && _partitions.Values.All(static p => p.EntriesSinceSnapshot < EntriesBehindMax))
        {
            _resting = Task.Delay(RestsPerChunk * _time.GetElapsedTime(_chunkBegun), _time);
            WakeAfter(_resting);
        }
        else
        {
            Wake();
        }
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
            if (_snapshot is null) BeginSnapshot(static p => p.EntriesSinceSnapshot > 0);
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
