using System.Data;
using ExposureMonitor.Engine;
using Npgsql;

namespace ExposureMonitor.Storage;

/// <summary>
/// The journal in PostgreSQL. One long-lived connection commits and opens partitions, and carries the owner's lock; one
/// more writes snapshots, so that they never stand in front of a commit; readers have a pool of their own.
/// </summary>
internal sealed partial class PostgreSqlJournal : IStoredJournal
{
    /// <summary>An open that waits longer ends the sessions that block it: a paused owner would hold it for ever.</summary>
    private static readonly TimeSpan BlockedMax = TimeSpan.FromSeconds(1);

    private readonly PostgreSqlAddress address;
    private readonly PostgreSqlOwnership ownership;
    private readonly NpgsqlDataSource source;
    private readonly PostgreSqlReader reader, reports;
    private readonly SemaphoreSlim committing = new(1, 1), snapshotting = new(1, 1);
    private readonly HashSet<int> periods = [];
    private NpgsqlConnection? committer, snapshots;

    private PostgreSqlJournal(
        PostgreSqlAddress address, PostgreSqlOwnership ownership, NpgsqlDataSource source, NpgsqlConnection committer,
        DatabaseInfo database)
    {
        this.address = address;
        this.ownership = ownership;
        this.source = source;
        this.committer = committer;
        Database = database;
        reader = new PostgreSqlReader(address, PostgreSqlDatabase.ReaderSource(address, reports: false), database);
        reports = new PostgreSqlReader(address, PostgreSqlDatabase.ReaderSource(address), database);
    }

    public DatabaseInfo Database { get; private set; }

    public IReadOnlyList<string> Warnings => [];

    public IJournalReader Reader => reader;

    public IJournalReader Reports => reports;

    /// <summary>The session that commits; tests end it.</summary>
    internal int? CommitterSession => committer?.ProcessID;

    public static async Task<PostgreSqlJournal> OpenAsync(
        PostgreSqlAddress address, PostgreSqlOwnership ownership, CancellationToken cancel)
    {
        var source = PostgreSqlDatabase.WriterSource(address);
        NpgsqlConnection? connection = null;
        try
        {
            connection = await PostgreSqlDatabase.OpenWriterAsync(source, address, cancel);
            var pending = await PostgreSqlDatabase.PendingAsync(connection, address, cancel); // refuses foreign and newer schemas first
            await PostgreSqlDatabase.TakeOwnershipAsync(connection, address, ownership, cancel);
            if (pending.Count > 0)
            {
                if (!await PostgreSqlDatabase.OwnsSchemaAsync(connection, cancel))
                    throw new DatabaseRefusedException($"{address.Display} needs the schema of this release ({pending[^1].Name}), and this role may not change it. "
                        + "Stop the services, then as the owner of the tables: exposure database prepare --db <the owner's address>");
                await PostgreSqlDatabase.MigrateAsync(connection, address, cancel);
            }

            var database = await PostgreSqlDatabase.ReadInfoAsync(connection, address, cancel);
            return new PostgreSqlJournal(address, ownership, source, connection, database);
        }
        catch (Exception e)
        {
            if (connection is not null) await connection.DisposeAsync();
            await source.DisposeAsync();
            if (e is NpgsqlException) throw PostgreSqlDatabase.Unavailable(address, e);
            throw;
        }
    }

    public async ValueTask<PartitionHead?> OpenAsync(int partition, long? expectedEpoch, CancellationToken cancel)
    {
        await committing.WaitAsync(cancel);
        try
        {
            var connection = await CommitterAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await LockAsync(connection, partition, cancel);
            await using var command = expectedEpoch is { } epoch
                ? PostgreSqlDatabase.Command(connection, """
                    UPDATE partition SET epoch = epoch + 1 WHERE id = $1 AND epoch = $2 RETURNING epoch, seq, head_hash, snapshot_seq
                    """, partition, epoch)
                : PostgreSqlDatabase.Command(connection, """
                    UPDATE partition SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch, seq, head_hash, snapshot_seq
                    """, partition);
            PartitionHead? head = null;
            await using (var row = await command.ExecuteReaderAsync(cancel))
            {
                if (await row.ReadAsync(cancel))
                    head = new PartitionHead(partition, row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2), row.GetInt64(3));
            }

            // The row lock is held, so what the bump returned is what stands after this commit.
            await transaction.CommitAsync(cancel);
            return head;
        }
        catch (Exception e) when (IsAway(e))
        {
            await DiscardIfBrokenAsync(e);
            throw PostgreSqlDatabase.Unavailable(address, e);
        }
        finally
        {
            committing.Release();
        }
    }

    public async ValueTask<CommitResult> CommitAsync(IReadOnlyList<FrameCommit> frames, CancellationToken cancel)
    {
        var ordered = CommitContent.InLockOrder(frames);
        if (CommitContent.Refusal(ordered) is { } refusal) return new CommitResult(CommitStatus.Refused, [], refusal);
        if (cancel.IsCancellationRequested) return NotSent("cancelled before it was sent");
        await committing.WaitAsync(CancellationToken.None);
        try
        {
            NpgsqlConnection connection;
            try
            {
                connection = await CommitterAsync(cancel);
                await MakePeriodsAsync(connection, ordered, cancel);
            }
            catch (Exception e) when (IsAway(e) || e is JournalUnavailableException or OperationCanceledException)
            {
                await DiscardIfBrokenAsync(e);
                return NotSent(e.Message);
            }

            return await SendAsync(connection, ordered, cancel);
        }
        finally
        {
            committing.Release();
        }
    }

    public async ValueTask<bool> SaveSnapshotAsync(
        int partition, long epoch, IReadOnlyList<AccountRow> accounts, PartitionStateRow? state, CancellationToken cancel)
    {
        var ordered = CommitContent.InSlotOrder(partition, accounts);
        await snapshotting.WaitAsync(cancel);
        try
        {
            if (snapshots?.State != ConnectionState.Open)
            {
                if (snapshots is not null) await snapshots.DisposeAsync();
                snapshots = await PostgreSqlDatabase.OpenWriterAsync(source, address, cancel);
            }

            await using var batch = PostgreSqlBatches.Snapshot(snapshots, partition, epoch, ordered, state);
            await batch.PrepareAsync(cancel);
            await batch.ExecuteNonQueryAsync(cancel);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgreSqlErrors.SnapshotFenced)
        {
            return false;
        }
        catch (PostgresException e) when (PostgreSqlErrors.IsContent(e.SqlState))
        {
            throw new InvalidOperationException(
                $"The snapshot of partition {partition} holds what cannot be stored: {PostgreSqlErrors.Describe(e)}", e);
        }
        catch (Exception e) when (IsDriver(e))
        {
            throw PostgreSqlDatabase.Unavailable(address, e);
        }
        finally
        {
            snapshotting.Release();
        }
    }

    public async ValueTask<bool> OwnsAsync(CancellationToken cancel)
    {
        await committing.WaitAsync(cancel);
        try
        {
            await CommitterAsync(cancel); // a new connection takes the lock, or says who has it
            return ownership == PostgreSqlOwnership.Exclusive;
        }
        catch (Exception e) when (IsAway(e))
        {
            await DiscardIfBrokenAsync(e);
            throw PostgreSqlDatabase.Unavailable(address, e);
        }
        finally
        {
            committing.Release();
        }
    }

    public async ValueTask MarkServedAsync(CancellationToken cancel)
    {
        await committing.WaitAsync(cancel);
        try
        {
            await PostgreSqlDatabase.ExecuteAsync(await CommitterAsync(cancel), "UPDATE database_info SET was_served = true", cancel);
            Database = Database with { WasServed = true };
        }
        catch (Exception e) when (IsAway(e))
        {
            await DiscardIfBrokenAsync(e);
            throw PostgreSqlDatabase.Unavailable(address, e);
        }
        finally
        {
            committing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await committing.WaitAsync();
        await snapshotting.WaitAsync();
        await noting.WaitAsync();
        if (snapshots is not null) await snapshots.DisposeAsync();
        if (notes is not null) await notes.DisposeAsync();
        if (alerts is not null) await alerts.DisposeAsync();
        await DiscardCommitterAsync();
        await reader.DisposeAsync();
        await reports.DisposeAsync();
        await source.DisposeAsync();
        noting.Release();
        snapshotting.Release();
        committing.Release();
    }

    /// <summary>One round trip; whatever it ends with is sorted into an outcome.</summary>
    private async Task<CommitResult> SendAsync(NpgsqlConnection connection, FrameCommit[] frames, CancellationToken cancel)
    {
        try
        {
            await using var batch = PostgreSqlBatches.Commit(connection, frames);
            await batch.PrepareAsync(cancel); // a round trip only for statements that this connection has not seen
            await batch.ExecuteNonQueryAsync(cancel);
            return CommitResult.Committed;
        }
        catch (PostgresException e) when (connection.State == ConnectionState.Open)
        {
            var status = PostgreSqlErrors.Sort(e);
            var detail = PostgreSqlErrors.Describe(e);
            switch (status)
            {
                case CommitStatus.Fenced when e.SqlState == PostgreSqlErrors.FenceMissed:
                    return new CommitResult(status, PostgreSqlErrors.Missed(e.MessageText), detail);
                case CommitStatus.Fenced:
                    return await DuplicateAsync(connection, frames, detail, cancel);
                case CommitStatus.Unknown:
                    await DiscardCommitterAsync();
                    return new CommitResult(status, [], detail);
                default:
                    return new CommitResult(status, [], detail);
            }
        }
        catch (Exception e) when (IsAway(e) || e is OperationCanceledException)
        {
            // Broken, timed out or cancelled while it was under way: the server may have committed.
            await DiscardCommitterAsync();
            return new CommitResult(CommitStatus.Unknown, [], e.Message);
        }
        catch
        {
            // A bug of ours, perhaps with half a batch on the wire: closing the connection rolls it back.
            await DiscardCommitterAsync();
            throw;
        }
    }

    /// <summary>A frame is there already, so somebody wrote our sequence. The fence rows say who; nothing is guessed.</summary>
    private async Task<CommitResult> DuplicateAsync(
        NpgsqlConnection connection, FrameCommit[] frames, string detail, CancellationToken cancel)
    {
        try
        {
            var now = new Dictionary<int, FenceMiss>();
            await using var command = PostgreSqlDatabase.Command(connection,
                "SELECT id, epoch, seq, head_hash FROM partition WHERE id = ANY ($1)", (object)frames.Select(f => f.Partition).ToArray());
            await using (var row = await command.ExecuteReaderAsync(cancel))
            {
                while (await row.ReadAsync(cancel))
                {
                    var frame = Array.Find(frames, f => f.Partition == row.GetInt32(0))!;
                    now[frame.Partition] = new FenceMiss(frame.Partition, row.GetInt64(1), row.GetInt64(2),
                        row.GetFieldValue<byte[]>(3).AsSpan().SequenceEqual(frame.PreviousHash));
                }
            }

            var all = frames
                .Select(f => (Frame: f, Miss: now.GetValueOrDefault(f.Partition, new FenceMiss(f.Partition, -1, -1, false))))
                .ToArray();
            var missed = all
                .Where(p => p.Miss.EpochNow != p.Frame.Epoch || p.Miss.SeqNow != p.Frame.Seq - 1 || !p.Miss.HashEqual)
                .ToArray();

            // A frame beyond the head of an unmoved fence: the history is not one. All of them are named.
            return new CommitResult(CommitStatus.Fenced, [.. (missed.Length > 0 ? missed : all).Select(p => p.Miss)], detail);
        }
        catch (Exception e) when (IsAway(e) || e is OperationCanceledException)
        {
            await DiscardCommitterAsync();
            return new CommitResult(CommitStatus.Unknown, [], detail);
        }
    }

    /// <summary>
    /// Waits for the row as an open must: FOR UPDATE also waits for a snapshot's FOR KEY SHARE, which a bare UPDATE would
    /// pass. Whoever blocks longer than a moment is ended; lock_timeout bounds the whole.
    /// </summary>
    private async Task LockAsync(NpgsqlConnection connection, int partition, CancellationToken cancel)
    {
        var session = connection.ProcessID;
        await using var command = PostgreSqlDatabase.Command(connection, "SELECT 1 FROM partition WHERE id = $1 FOR UPDATE", partition);
        var locked = command.ExecuteScalarAsync(cancel);
        while (await Task.WhenAny(locked, Task.Delay(BlockedMax, CancellationToken.None)) != locked)
        {
            try
            {
                await using var other = await source.OpenConnectionAsync(cancel);
                await PostgreSqlDatabase.ExecuteAsync(other,
                    "SELECT pg_terminate_backend(pid) FROM unnest(pg_blocking_pids($1)) AS pid", cancel, session);
            }
            catch (Exception e) when (IsDriver(e) || e is OperationCanceledException)
            {
                break; // not allowed, or no connection left: then only the wait remains, and it says why it failed
            }
        }

        if (await locked is null) throw new InvalidOperationException($"There is no partition {partition}.");
    }

    /// <summary>Ranges of new months, and of the month after each, so that the turn of a month costs no commit anything.</summary>
    private async Task MakePeriodsAsync(NpgsqlConnection connection, FrameCommit[] frames, CancellationToken cancel)
    {
        foreach (var frame in frames)
        {
            if (periods.Contains(frame.Period)) continue;
            var next = frame.Period % 100 == 12 ? frame.Period + 89 : frame.Period + 1;
            await PostgreSqlDatabase.ExecuteAsync(connection, "SELECT make_journal_period($1)", cancel, frame.Period);
            await PostgreSqlDatabase.ExecuteAsync(connection, "SELECT make_journal_period($1)", cancel, next);
            periods.Add(frame.Period);
        }
    }

    /// <summary>The committer's connection; a new one takes the owner's lock before anything else happens on it.</summary>
    private async Task<NpgsqlConnection> CommitterAsync(CancellationToken cancel)
    {
        if (committer?.State == ConnectionState.Open) return committer;
        await DiscardCommitterAsync();
        NpgsqlConnection connection;
        try
        {
            connection = await PostgreSqlDatabase.OpenWriterAsync(source, address, cancel);
        }
        catch (DatabaseRefusedException refused)
        {
            // A replica after a failover, or other settings: not now, and perhaps again when somebody has looked.
            throw new JournalUnavailableException(refused.Message, refused);
        }

        try
        {
            await PostgreSqlDatabase.TakeOwnershipAsync(connection, address, ownership, cancel);
            return committer = connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            if (e is DatabaseRefusedException) throw new JournalUnavailableException(e.Message, e);
            throw;
        }
    }

    /// <summary>After an answer of the server the connection stays, and with it the owner's lock.</summary>
    private async Task DiscardIfBrokenAsync(Exception e)
    {
        if (e is not PostgresException || committer?.State != ConnectionState.Open) await DiscardCommitterAsync();
    }

    private async Task DiscardCommitterAsync()
    {
        if (committer is not null) await committer.DisposeAsync();
        committer = null;
    }

    private static CommitResult NotSent(string why) => new(CommitStatus.RolledBack, [], "not sent: " + why);

    /// <summary>
    /// The driver or the wire, not a bug of ours. A session that the server ends at the moment in which a command begins shows as an object that
    /// is disposed.
    /// </summary>
    private static bool IsDriver(Exception e) =>
        e is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException or ObjectDisposedException;

    /// <summary>The same of the session that commits: what it refuses once it is no longer open says that the server is away, too.</summary>
    private bool IsAway(Exception e) => IsDriver(e) || (e is InvalidOperationException && committer is not { State: ConnectionState.Open });
}
