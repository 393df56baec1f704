using ExposureMonitor.Engine;
using Microsoft.Data.Sqlite;

namespace ExposureMonitor.Storage;

/// <summary>
/// The journal of the standalone edition in one SQLite file. One connection writes and checkpoints; readers have their
/// own, held to queries. The lock file makes this process the only owner; the fence decides should that ever fail.
/// </summary>
internal sealed partial class SqliteJournal : IStoredJournal
{
    /// <summary>Checkpoint after about this much was committed: small steps, so that the tail of a commit stays short.</summary>
    private const long CheckpointBytes = 4 << 20;

    /// <summary>What a row costs in the log besides its body; an estimate suffices for a threshold.</summary>
    private const long RowBytes = 512;

    private readonly SqliteAddress address;
    private readonly OwnerLock? owner;
    private readonly SqliteReader reader;
    private readonly SemaphoreSlim gate = new(1, 1);
    private SqliteWriter writer;
    // What an earlier process left in the log is not known: its first commit moves it, or kills in a row would let it grow for ever.
    private long bytesInLog = CheckpointBytes;
    private bool disposed;

    private SqliteJournal(SqliteAddress address, OwnerLock? owner, SqliteWriter writer, DatabaseInfo database)
    {
        this.address = address;
        this.owner = owner;
        this.writer = writer;
        Database = database;
        reader = new SqliteReader(address, database);
        Warnings = reader.Warnings;
    }

    public DatabaseInfo Database { get; private set; }

    public IReadOnlyList<string> Warnings { get; }

    public IJournalReader Reader => reader;

    /// <param name="bypassLock">For tests of the fence: a second owner, as a broken lock would allow it.</param>
    public static SqliteJournal Open(SqliteAddress address, bool bypassLock = false)
    {
        if (!File.Exists(address.File)) throw new DatabaseRefusedException($"{address.Display} does not exist; `exposure serve`, `import` or `replay` makes one.");
        var owner = bypassLock ? null : OwnerLock.Take(address.File);
        SqliteConnection? connection = null;
        try
        {
            connection = SqliteDatabase.OpenWriter(address);
            SqliteDatabase.Pending(connection, address.Display); // refuses foreign files and newer schemas before any change
            SqliteDatabase.Migrate(connection, address.Display);
            return new SqliteJournal(address, owner, new SqliteWriter(connection), SqliteDatabase.ReadInfo(connection, address.Display));
        }
        catch (Exception e)
        {
            connection?.Dispose();
            owner?.Dispose();
            if (e is SqliteException) throw SqliteReader.Unavailable(address, e);
            throw;
        }
    }

    public ValueTask<PartitionHead?> OpenAsync(int partition, long? expectedEpoch, CancellationToken cancel) =>
        OnWriterAsync(w => w.Open(partition, expectedEpoch), 0, cancel);

    public async ValueTask<CommitResult> CommitAsync(IReadOnlyList<FrameCommit> frames, CancellationToken cancel)
    {
        var ordered = CommitContent.InLockOrder(frames);
        if (CommitContent.Refusal(ordered) is { } refusal) return new CommitResult(CommitStatus.Refused, [], refusal);
        var bytes = 0L;
        foreach (var frame in ordered)
        {
            bytes += frame.Payload.Length + (1 + frame.Messages.Count + frame.Parties.Count) * RowBytes;
            foreach (var row in frame.Rows) bytes += row.Body.Length + RowBytes;
        }

        try
        {
            return await OnWriterAsync(w => w.Commit(ordered), bytes, cancel);
        }
        catch (Exception e) when (e is OperationCanceledException or JournalUnavailableException)
        {
            // Nothing was sent: cancelled in front of the gate, or the connection could not be opened again.
            return new CommitResult(CommitStatus.RolledBack, [], e.Message);
        }
    }

    public ValueTask<bool> SaveSnapshotAsync(
        int partition, long epoch, IReadOnlyList<AccountRow> accounts, PartitionStateRow? state, CancellationToken cancel)
    {
        var ordered = CommitContent.InSlotOrder(partition, accounts);
        var bytes = (state?.Bytes.Length ?? 0L) + ordered.Sum(a => a.State.Length + a.Report.Length + RowBytes);
        return OnWriterAsync(w => w.SaveSnapshot(partition, epoch, ordered, state), bytes, cancel);
    }

    /// <summary>The lock file is held for as long as this journal lives.</summary>
    public ValueTask<bool> OwnsAsync(CancellationToken cancel) => ValueTask.FromResult(owner is not null && !disposed);

    public async ValueTask MarkServedAsync(CancellationToken cancel)
    {
        await OnWriterAsync(static w => { w.MarkServed(); return true; }, 0, cancel);
        Database = Database with { WasServed = true };
    }

    public async ValueTask DisposeAsync()
    {
        await gate.WaitAsync();
        if (!disposed)
        {
            disposed = true;
            // The last connection that closes moves the log into the file, and a reader's may not write: a copy of the file alone would lack what stands in the log.
            await reader.DisposeAsync();
            writer.Dispose();
            owner?.Dispose(); // last: nobody opens the file while a page of it is still being written
        }

        gate.Release();
    }

    /// <summary>
    /// Runs work on the writer, off the caller's thread: the loop fills its next group meanwhile. The caller is answered
    /// before the checkpoint, which then keeps the gate: it never runs at the same instant as a commit.
    /// </summary>
    private async ValueTask<T> OnWriterAsync<T>(Func<SqliteWriter, T> work, long bytes, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = Task.Run(() =>
        {
            try
            {
                ObjectDisposedException.ThrowIf(disposed, this);
                if (writer.IsBroken) Reopen();
                answer.SetResult(work(writer));
                bytesInLog += bytes;
                if (bytesInLog >= CheckpointBytes && !writer.IsBroken) Checkpoint();
            }
            catch (Exception e)
            {
                // After the answer only the checkpoint can fail; then the next transaction meets the same trouble and says so.
                answer.TrySetException(e is SqliteException ? SqliteReader.Unavailable(address, e) : e);
            }
            finally
            {
                gate.Release();
            }
        }, CancellationToken.None);
        return await answer.Task;
    }

    /// <summary>A connection after an I/O error remembers too much; the lock file stays ours all along.</summary>
    private void Reopen()
    {
        var connection = SqliteDatabase.OpenWriter(address); // first: if it fails, the broken one keeps saying so
        writer.Dispose();
        writer = new SqliteWriter(connection);
        bytesInLog = CheckpointBytes;
    }

    private void Checkpoint()
    {
        // A long reader keeps pages in the log; then the next try comes after as much again, not after every commit.
        writer.Checkpoint();
        bytesInLog = 0;
    }
}
