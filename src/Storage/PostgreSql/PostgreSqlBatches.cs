using ExposureMonitor.Engine;
using Npgsql;
using NpgsqlTypes;

namespace ExposureMonitor.Storage;

/// <summary>
/// The batches of a commit and of a snapshot. A batch is one round trip and one implicit transaction: the server commits
/// at its end, and the first error rolls all of it back. Texts of statements never vary with their content, so that each
/// is prepared once per connection.
/// </summary>
internal static class PostgreSqlBatches
{
#if SEEDED_BUGS
    private static readonly string Fence = SeededBug.Is("1") ? "SELECT fence($1, ARRAY(SELECT epoch FROM partition WHERE id = ANY ($1) AND cardinality($2) > 0 ORDER BY id), $3, $4, $5)"
        : SeededBug.Is("4") ? "UPDATE partition p SET seq = u.seq + 1, head_hash = u.new_hash FROM unnest($1, $2, $3, $4, $5) AS u(id, epoch, seq, hash, new_hash) WHERE p.id = u.id AND p.epoch = u.epoch AND p.seq = u.seq AND p.head_hash = u.hash"
        : "SELECT fence($1, $2, $3, $4, $5)";
#else
    private const string Fence = "SELECT fence($1, $2, $3, $4, $5)";
#endif

    /// <param name="frames">By partition: rows are locked in that order.</param>
    public static NpgsqlBatch Commit(NpgsqlConnection connection, FrameCommit[] frames)
    {
        var batch = new NpgsqlBatch(connection);
        Add(batch, "INSERT INTO journal (period, partition, seq, epoch, payload, crc) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)",
            Integers(frames, static f => f.Period), Integers(frames, static f => f.Partition), Bigints(frames, static f => f.Seq),
            Bigints(frames, static f => f.Epoch), Bytes(frames, static f => f.Payload), Bigints(frames, static f => f.Crc));
        foreach (var table in RowTables.Written) AddRows(batch, table, frames);
        AddPages(batch, frames);
        AddMessages(batch, frames);
        AddClosed(batch, frames);
        AddParties(batch, CommitContent.Parties(frames));

        // Last, always: a process that is paused while it sends holds no fence row, and the raise takes back all of the above.
        Add(batch, Fence, Integers(frames, static f => f.Partition), Bigints(frames, static f => f.Epoch),
            Bigints(frames, static f => f.Seq - 1), Bytes(frames, static f => f.PreviousHash), Bytes(frames, static f => f.Hash));
        return batch;
    }

    /// <param name="accounts">By slot: rows are locked in that order.</param>
    public static NpgsqlBatch Snapshot(
        NpgsqlConnection connection, int partition, long epoch, AccountRow[] accounts, PartitionStateRow? state)
    {
        var batch = new NpgsqlBatch(connection);
        var newest = accounts.Aggregate(state?.SnapshotSeq ?? 0, static (max, account) => Math.Max(max, account.AsOfSeq));

        // First: holds the partition row, so that an open either comes before and we are refused, or waits for our end.
        Add(batch, "SELECT snapshot_guard($1, $2, $3)", Value(partition), Value(epoch), Value(newest));
        if (accounts.Length > 0)
        {
            // An older snapshot never replaces a newer one: a slow writer may come late. A newer epoch may write the same
            // sequence again: a row that failed its checksum is replaced so.
            Add(batch, """
                INSERT INTO account (partition, slot, customer, epoch, as_of_seq, state, checksum, report)
                SELECT $1, u.slot, u.customer, u.epoch, u.as_of_seq, u.state, u.checksum, u.report::json
                  FROM unnest($2, $3, $4, $5, $6, $7, $8) AS u(slot, customer, epoch, as_of_seq, state, checksum, report)
                ON CONFLICT (partition, slot) DO UPDATE SET customer = excluded.customer, epoch = excluded.epoch,
                  as_of_seq = excluded.as_of_seq, state = excluded.state, checksum = excluded.checksum, report = excluded.report
                WHERE (excluded.as_of_seq, excluded.epoch) > (account.as_of_seq, account.epoch)
                """, Value(partition), Integers(accounts, static a => a.Slot), Texts(accounts, static a => a.Customer),
                Bigints(accounts, static a => a.Epoch), Bigints(accounts, static a => a.AsOfSeq), Bytes(accounts, static a => a.State),
                Bigints(accounts, static a => unchecked((long)a.Checksum)), Texts(accounts, static a => a.Report));
        }

        if (state is not null) AddState(batch, partition, state);
        return batch;
    }

    private static void AddState(NpgsqlBatch batch, int partition, PartitionStateRow state)
    {
        // A state below the snapshot that stands is of no use to anybody and is left out.
        Add(batch, """
            INSERT INTO partition_state (partition, seq, bytes, event_window)
            SELECT $1, $2, $3, $4 FROM partition WHERE id = $1 AND snapshot_seq <= $2
            ON CONFLICT (partition, seq) DO UPDATE SET bytes = excluded.bytes, event_window = excluded.event_window
            """, Value(partition), Value(state.SnapshotSeq),
            new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = state.Bytes, NpgsqlDbType = NpgsqlDbType.Bytea },
            new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = state.EventWindow, NpgsqlDbType = NpgsqlDbType.Bytea });
        if (state.MovesSnapshot)
        {
            Add(batch, "UPDATE partition SET snapshot_seq = $2 WHERE id = $1 AND snapshot_seq < $2",
                Value(partition), Value(state.SnapshotSeq));
        }

        // What lies below the newest state is dead, but for the one that recovery starts from.
        Add(batch, """
            DELETE FROM partition_state s USING partition p
            WHERE p.id = $1 AND s.partition = $1 AND s.seq < $2 AND s.seq <> p.snapshot_seq AND p.snapshot_seq <= $2
            """, Value(partition), Value(state.SnapshotSeq));
    }

    private static void AddRows(NpgsqlBatch batch, RowTable table, FrameCommit[] frames)
    {
        var rows = Collect(frames, static f => f.Rows, row => row.Table == table && !DecisionPage.Takes(row));
        if (rows.Count == 0) return;

        // A body of JSON comes as bytes, too; bytes that are no UTF-8 or no JSON are refused by the server (class 22).
        Add(batch, $"""
            INSERT INTO {RowTables.Name(table)} ({RowTables.Columns})
            SELECT u.partition, u.seq, u.idx, u.ordinal, u.customer, u.subject, u.kind, u.at, u.key, u.goes_out,
              {(JournalRow.IsBinary(table) ? "u.body" : "convert_from(u.body, 'UTF8')::json")}
              FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                AS u(partition, seq, idx, ordinal, customer, subject, kind, at, key, goes_out, body)
            """, Integers(rows, static r => r.Partition), Bigints(rows, static r => r.Seq), Integers(rows, static r => r.Index),
            Integers(rows, static r => r.Ordinal), Texts(rows, static r => r.Customer), Texts(rows, static r => r.Subject),
            Texts(rows, static r => r.Kind), Bigints(rows, static r => r.At), Bigints(rows, static r => r.Key),
            Column(rows, static r => r.GoesOut, NpgsqlDbType.Boolean), Bytes(rows, static r => r.Body));
    }

    private static void AddPages(NpgsqlBatch batch, FrameCommit[] frames)
    {
        var pages = CommitContent.Pages(frames);
        if (pages.Count == 0) return;
        Add(batch, "INSERT INTO decision_page (partition, seq, first_at, decisions, outgoing, keys, body) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)",
            Integers(pages, static p => p.Partition), Bigints(pages, static p => p.Seq), Bigints(pages, static p => p.FirstAt),
            Integers(pages, static p => p.Rows), Integers(pages, static p => p.Outgoing), Bytes(pages, static p => p.Keys), Bytes(pages, static p => p.Body));
    }

    private static void AddMessages(NpgsqlBatch batch, FrameCommit[] frames)
    {
        var messages = Collect(frames, static f => f.Messages, static _ => true);
        if (messages.Count == 0) return;
        Add(batch, "INSERT INTO message (sender, receiver, number, body) SELECT * FROM unnest($1, $2, $3, $4)",
            Integers(messages, static m => m.Sender), Integers(messages, static m => m.Receiver),
            Bigints(messages, static m => m.Number), Bytes(messages, static m => m.Body));
    }

    private static void AddClosed(NpgsqlBatch batch, FrameCommit[] frames)
    {
        foreach (var frame in frames)
        {
            if (frame.ForgetClosedBefore <= 0) continue;
            Add(batch, "DELETE FROM closed_document WHERE partition = $1 AND day < $2", Value(frame.Partition),
                Value((int)ClosedDocument.StoredDay(frame.ForgetClosedBefore)));
        }

        var rows = CommitContent.Closed(frames);
        if (rows.Count == 0) return;
        Add(batch, "INSERT INTO closed_document (partition, day, seq, bytes) SELECT * FROM unnest($1, $2, $3, $4)",
            Integers(rows, static r => r.Partition), Integers(rows, static r => r.Day), Bigints(rows, static r => r.Seq),
            Bytes(rows, static r => r.Bytes));
    }

    private static void AddParties(NpgsqlBatch batch, SortedDictionary<string, string> parties)
    {
        if (parties.Count == 0) return;
        Add(batch, """
            INSERT INTO party (customer, name) SELECT * FROM unnest($1, $2)
            ON CONFLICT (customer) DO UPDATE SET name = excluded.name
            """, Texts(parties.Keys.ToArray(), static k => k), Texts(parties.Values.ToArray(), static v => v));
    }

    private static List<T> Collect<T>(FrameCommit[] frames, Func<FrameCommit, IReadOnlyList<T>> of, Func<T, bool> wanted)
    {
        var all = new List<T>();
        foreach (var frame in frames)
        {
            foreach (var item in of(frame))
            {
                if (wanted(item)) all.Add(item);
            }
        }

        return all;
    }

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        batch.BatchCommands.Add(command);
    }

    private static NpgsqlParameter<int> Value(int value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Integer };

    private static NpgsqlParameter<long> Value(long value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    private static NpgsqlParameter<int[]> Integers<T>(IReadOnlyList<T> items, Func<T, int> of) => Column(items, of, NpgsqlDbType.Integer);

    private static NpgsqlParameter<long[]> Bigints<T>(IReadOnlyList<T> items, Func<T, long> of) => Column(items, of, NpgsqlDbType.Bigint);

    private static NpgsqlParameter<string[]> Texts<T>(IReadOnlyList<T> items, Func<T, string> of) => Column(items, of, NpgsqlDbType.Text);

    /// <summary>Slices of pooled buffers go out without a copy.</summary>
    private static NpgsqlParameter<ReadOnlyMemory<byte>[]> Bytes<T>(IReadOnlyList<T> items, Func<T, ReadOnlyMemory<byte>> of) =>
        Column(items, of, NpgsqlDbType.Bytea);

    private static NpgsqlParameter<TValue[]> Column<T, TValue>(IReadOnlyList<T> items, Func<T, TValue> of, NpgsqlDbType type)
    {
        var values = new TValue[items.Count];
        for (var i = 0; i < values.Length; i++) values[i] = of(items[i]);
        return new NpgsqlParameter<TValue[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
    }
}
