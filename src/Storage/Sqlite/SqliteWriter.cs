using System.Data.Common;
using System.Globalization;
using ExposureMonitor.Engine;
using Microsoft.Data.Sqlite;

namespace ExposureMonitor.Storage;

/// <summary>
/// The one writing connection with its prepared statements. Every method is one transaction. One caller at a time.
/// After <see cref="IsBroken"/> the connection must be replaced: what SQLite keeps in memory is no longer trusted.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    private const int Busy = 5, Locked = 6, OutOfMemory = 7, Interrupted = 9, TooBig = 18, Constraint = 19, Mismatch = 20;

    private readonly SqliteConnection connection;
    private readonly SqliteCommand begin, commit, rollback, head, bump, bumpExpected, checkpoint;
    private readonly SqliteStatement insertFrame, insertPage, insertMessage, upsertParty, fence, upsertAccount, upsertState, moveSnapshot,
        dropStates, insertClosed, forgetClosed;
    private readonly SqliteRowInsert[] insertRow;

    public SqliteWriter(SqliteConnection connection)
    {
        this.connection = connection;

        // IMMEDIATE: the write lock is taken at once, so that no statement fails half-way because a reader became a writer.
        begin = Command("BEGIN IMMEDIATE");
        commit = Command("COMMIT");
        rollback = Command("ROLLBACK");
        insertFrame = Statement("""
            INSERT INTO journal (period, partition, seq, epoch, payload, crc) VALUES ($1, $2, $3, $4, $5, $6)
            """);

        // A body of JSON comes as bytes and is stored as text, so that json_valid and SQL tools read it; CAST copies no character.
        insertRow = new SqliteRowInsert[RowTables.All.Count];
        foreach (var table in RowTables.Written)
        {
            insertRow[(int)table] = new SqliteRowInsert(Statement($"""
                INSERT INTO {RowTables.Name(table)} ({RowTables.Columns})
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, {(JournalRow.IsBinary(table) ? "$11" : "CAST($11 AS TEXT)")})
                """));
        }

        insertPage = Statement("INSERT INTO decision_page (partition, seq, first_at, decisions, outgoing, keys, body) VALUES ($1, $2, $3, $4, $5, $6, $7)");
        insertMessage = Statement("INSERT INTO message (sender, receiver, number, body) VALUES ($1, $2, $3, $4)");
        upsertParty = Statement("""
            INSERT INTO party (customer, name) VALUES ($1, $2) ON CONFLICT (customer) DO UPDATE SET name = excluded.name
            """);
        insertClosed = Statement("INSERT INTO closed_document (partition, day, seq, bytes) VALUES ($1, $2, $3, $4)");
        forgetClosed = Statement("DELETE FROM closed_document WHERE partition = $1 AND day < $2");

        // The fence: no row changes when somebody else opened the partition or its history is another; then we roll back.
        fence = Statement("""
            UPDATE partition SET seq = $3 + 1, head_hash = $5 WHERE id = $1 AND epoch = $2 AND seq = $3 AND head_hash = $4
            """);
        head = Command("SELECT epoch, seq, head_hash, snapshot_seq FROM partition WHERE id = $1", 1);
        bump = Command("UPDATE partition SET epoch = epoch + 1 WHERE id = $1", 1);
        bumpExpected = Command("UPDATE partition SET epoch = epoch + 1 WHERE id = $1 AND epoch = $2", 2);

        // An older snapshot never replaces a newer one: a slow writer may come late. A newer epoch may write the same
        // sequence again: a row that failed its checksum is replaced so.
        upsertAccount = Statement("""
            INSERT INTO account (partition, slot, customer, epoch, as_of_seq, state, checksum, report)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (partition, slot) DO UPDATE SET customer = excluded.customer, epoch = excluded.epoch,
              as_of_seq = excluded.as_of_seq, state = excluded.state, checksum = excluded.checksum, report = excluded.report
            WHERE (excluded.as_of_seq, excluded.epoch) > (account.as_of_seq, account.epoch)
            """);
        upsertState = Statement("""
            INSERT INTO partition_state (partition, seq, bytes, event_window) VALUES ($1, $2, $3, $4)
            ON CONFLICT (partition, seq) DO UPDATE SET bytes = excluded.bytes, event_window = excluded.event_window
            """);
        moveSnapshot = Statement("UPDATE partition SET snapshot_seq = $2 WHERE id = $1 AND snapshot_seq < $2");

        // What lies below the newest state is dead, but for the one that recovery starts from.
        dropStates = Statement("""
            DELETE FROM partition_state
            WHERE partition = $1 AND seq < $2 AND seq <> (SELECT snapshot_seq FROM partition WHERE id = $1)
            """);

        // PASSIVE: waits for nobody and moves as many pages as the readers allow.
        checkpoint = Command("PRAGMA wal_checkpoint(PASSIVE)");
    }

    public bool IsBroken { get; private set; }

    /// <summary>Bumps the epoch, commits, and only then reads; <c>null</c> when the expected epoch no longer stands.</summary>
    public PartitionHead? Open(int partition, long? expectedEpoch)
    {
        Run(begin);
        try
        {
            var moved = expectedEpoch is { } epoch ? Run(bumpExpected, partition, epoch) : Run(bump, partition);
            if (moved == 0)
            {
                var exists = ReadHead(partition) is not null;
                Run(rollback);
                return exists ? null : throw new InvalidOperationException($"There is no partition {partition}.");
            }

            Run(commit);
        }
        catch (SqliteException)
        {
            Abandon(unknown: true);
            throw;
        }

        return ReadHead(partition);
    }

    /// <summary>All frames or none; the last statement is the fence.</summary>
    public CommitResult Commit(IReadOnlyList<FrameCommit> frames)
    {
        var stage = "begin";
        try
        {
            Run(begin);
            stage = "journal";
            foreach (var frame in frames)
                insertFrame.Run(frame.Period, frame.Partition, frame.Seq, frame.Epoch, frame.Payload, (long)frame.Crc);
            foreach (var frame in frames)
            {
                foreach (var row in frame.Rows)
                {
                    if (DecisionPage.Takes(row)) continue;
                    stage = RowTables.Name(row.Table);
                    insertRow[(int)row.Table].Run(row);
                }

                stage = "message";
                foreach (var message in frame.Messages)
                    insertMessage.Run(message.Sender, message.Receiver, message.Number, message.Body);
            }

            stage = "decision_page";
            foreach (var page in CommitContent.Pages(frames))
                insertPage.Run(page.Partition, page.Seq, page.FirstAt, page.Rows, page.Outgoing, page.Keys, page.Body);

            stage = "closed_document";
            foreach (var frame in frames)
            {
                if (frame.ForgetClosedBefore > 0) forgetClosed.Run(frame.Partition, (int)ClosedDocument.StoredDay(frame.ForgetClosedBefore));
            }

            foreach (var (partition, day, seq, bytes) in CommitContent.Closed(frames)) insertClosed.Run(partition, day, seq, bytes);
            stage = "party";
            foreach (var (customer, name) in CommitContent.Parties(frames)) upsertParty.Run(customer, name);
            stage = "fence";
            var missed = Fence(frames);
            if (missed.Count > 0)
            {
                Run(rollback);
                return new CommitResult(CommitStatus.Fenced, missed);
            }

            stage = "commit";
            Run(commit);
            return CommitResult.Committed;
        }
        catch (SqliteException e)
        {
            return Sort(e, stage, frames);
        }
    }

    /// <summary>Under the fence, which the write lock holds for us: nobody can bump between the look and the commit.</summary>
    public bool SaveSnapshot(int partition, long epoch, AccountRow[] accounts, PartitionStateRow? state)
    {
        Run(begin);
        try
        {
            var now = ReadHead(partition);
            if (now is null || now.Epoch != epoch || state?.SnapshotSeq > now.Seq || accounts.Any(a => a.AsOfSeq > now.Seq))
            {
                Run(rollback);
                return false;
            }

            foreach (var account in accounts)
                upsertAccount.Run(partition, account.Slot, account.Customer, account.Epoch, account.AsOfSeq, account.State,
                    unchecked((long)account.Checksum), account.Report);
            if (state is not null && state.SnapshotSeq >= now.SnapshotSeq)
            {
                upsertState.Run(partition, state.SnapshotSeq, state.Bytes, state.EventWindow);
                if (state.MovesSnapshot) moveSnapshot.Run(partition, state.SnapshotSeq);
                dropStates.Run(partition, state.SnapshotSeq);
            }

            Run(commit);
            return true;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is Constraint or Mismatch or TooBig)
        {
            Abandon(unknown: false);
            throw new InvalidOperationException($"The snapshot of partition {partition} holds what cannot be stored: {e.Message}", e);
        }
        catch (SqliteException)
        {
            Abandon(unknown: true);
            throw;
        }
    }

    /// <summary>Moves pages from the log into the file; returns how many are left behind, because of readers.</summary>
    public long Checkpoint()
    {
        using var reader = checkpoint.ExecuteReader();
        return reader.Read() ? reader.GetInt64(1) - reader.GetInt64(2) : 0;
    }

    /// <summary>Runs statements of notes in one transaction.</summary>
    public bool Note(IReadOnlyList<(string Sql, object[] Values)> statements)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        foreach (var (sql, values) in statements) SqliteDatabase.Execute(connection, sql, values);
        transaction.Commit();
        return true;
    }

    /// <summary>The same, but nothing at all when the first statement changes no row.</summary>
    public bool Guarded(IReadOnlyList<(string Sql, object[] Values)> statements)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        if (SqliteDatabase.Execute(connection, statements[0].Sql, statements[0].Values) == 0) return false;
        foreach (var (sql, values) in statements.Skip(1)) SqliteDatabase.Execute(connection, sql, values);
        transaction.Commit();
        return true;
    }

    /// <summary>Runs one statement that returns one row.</summary>
    public T Returned<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<object> values)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++) command.Parameters.AddWithValue("$" + (i + 1).ToString(CultureInfo.InvariantCulture), values[i]);
        using var row = command.ExecuteReader();
        row.Read();
        var told = read(row);
        // A statement that is not stepped to its end would keep its transaction open.
        while (row.Read())
        {
        }

        return told;
    }

    /// <summary>Runs one statement; returns how many rows it changed.</summary>
    public int Change(string sql, object[] values) => SqliteDatabase.Execute(connection, sql, values);

    public void MarkServed() => SqliteDatabase.Execute(connection, "UPDATE database_info SET was_served = 1");

    public void Dispose()
    {
        // Before the connection, which a statement that lives would keep open.
        foreach (var statement in (SqliteStatement[])[insertFrame, insertPage, insertMessage, upsertParty, fence, upsertAccount, upsertState, moveSnapshot, dropStates, insertClosed, forgetClosed])
            statement.Dispose();
        foreach (var table in RowTables.Written) insertRow[(int)table].Dispose();
        connection.Dispose();
    }

    private List<FenceMiss> Fence(IReadOnlyList<FrameCommit> frames)
    {
        var missed = new List<FenceMiss>();
        foreach (var frame in frames)
        {
            if (fence.Run(frame.Partition, frame.Epoch, frame.Seq - 1, frame.PreviousHash, frame.Hash) == 0)
                missed.Add(Miss(frame));
        }

        return missed;
    }

    private FenceMiss Miss(FrameCommit frame) => ReadHead(frame.Partition) is { } now
        ? new FenceMiss(frame.Partition, now.Epoch, now.Seq, now.HeadHash.AsSpan().SequenceEqual(frame.PreviousHash))
        : new FenceMiss(frame.Partition, -1, -1, false);

    private PartitionHead? ReadHead(int partition)
    {
        head.Parameters[0].Value = partition;
        using var reader = head.ExecuteReader();
        return reader.Read()
            ? new PartitionHead(partition, reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2), reader.GetInt64(3))
            : null;
    }

    private CommitResult Sort(SqliteException e, string stage, IReadOnlyList<FrameCommit> frames)
    {
        var detail = $"SQLite {e.SqliteExtendedErrorCode} at {stage}: {e.Message}";
        if (stage == "journal" && e.SqliteErrorCode == Constraint)
        {
            // The key of a frame that is there already: somebody wrote our sequence. The fence row says who.
            if (!Abandon(unknown: false)) return new CommitResult(CommitStatus.Unknown, [], detail);
            var missed = frames.Select(frame => (Frame: frame, Miss: Miss(frame)))
                .Where(pair => pair.Miss.EpochNow != pair.Frame.Epoch || pair.Miss.SeqNow != pair.Frame.Seq - 1 || !pair.Miss.HashEqual)
                .Select(pair => pair.Miss)
                .ToArray();
            // A frame beyond the head of an unmoved fence: the history is not one. All of them are named.
            return new CommitResult(CommitStatus.Fenced, missed.Length > 0 ? missed : [.. frames.Select(Miss)], detail);
        }

        if (e.SqliteErrorCode is Constraint or Mismatch or TooBig)
            return new CommitResult(Abandon(unknown: false) ? CommitStatus.Refused : CommitStatus.Unknown, [], detail);

        // An error of the COMMIT itself, but for a busy file, may have left the whole transaction in the log.
        var transient = e.SqliteErrorCode is Busy or Locked or OutOfMemory or Interrupted;
        var unknown = stage == "commit" && !transient;
        if (Abandon(unknown) && !unknown)
        {
            // Disk full or broken I/O before the COMMIT: nothing is kept, but the connection is not trusted any more.
            IsBroken |= !transient;
            return new CommitResult(CommitStatus.RolledBack, [], detail);
        }

        return new CommitResult(CommitStatus.Unknown, [], detail);
    }

    /// <summary>Ends the transaction, if there is one. False when even that failed: then the connection is broken.</summary>
    private bool Abandon(bool unknown)
    {
        IsBroken |= unknown;
        try
        {
            // SQLite rolls back by itself after some errors; a second ROLLBACK would be an error of its own.
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0) Run(rollback);
            return true;
        }
        catch (SqliteException)
        {
            IsBroken = true;
            return false;
        }
    }

    private SqliteStatement Statement(string sql) => new(connection, sql);

    private SqliteCommand Command(string sql, int parameters = 0)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 1; i <= parameters; i++)
            command.Parameters.Add(new SqliteParameter { ParameterName = "$" + i.ToString(CultureInfo.InvariantCulture) });
        return command;
    }

    private static int Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
        return command.ExecuteNonQuery();
    }
}
