using System.Data.Common;
using System.Runtime.CompilerServices;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>
/// The reads that both databases answer with the same SQL. Safe from any thread.
/// </summary>
/// <remarks>
/// Implementation note: streams read in chunks by key and hold no transaction between them, because a reader that stays
/// keeps SQLite's checkpoints and PostgreSQL's vacuum from moving on.
/// </remarks>
internal abstract partial class StoredReader : IStoredReader
{
    private const int ChunkAccounts = 2000, ChunkRows = 1000;

    /// <summary>Rows of dead letters carry whole records, and several partitions are read at once.</summary>
    private const int ChunkDeadLetters = 100;

    protected StoredReader(DatabaseInfo database, IReadOnlyList<string> warnings)
    {
        Database = database;
        Warnings = warnings;
    }

    public DatabaseInfo Database { get; }

    public IReadOnlyList<string> Warnings { get; }

    public ValueTask<IReadOnlyList<PartitionHead>> HeadsAsync(CancellationToken cancel) => QueryAsync(
        "SELECT id, epoch, seq, head_hash, snapshot_seq FROM partition ORDER BY id",
        static r => new PartitionHead(r.GetInt32(0), r.GetInt64(1), r.GetInt64(2), r.GetFieldValue<byte[]>(3), r.GetInt64(4)), cancel);

    public async ValueTask<PartitionStateRow?> StateAsync(int partition, CancellationToken cancel)
    {
        // The state at snapshot_seq, not simply the newest: one that moved no snapshot has account rows still to come.
        var rows = await QueryAsync("""
            SELECT s.seq, s.bytes, s.event_window FROM partition p JOIN partition_state s ON s.partition = p.id AND s.seq = p.snapshot_seq
            WHERE p.id = $1
            """, static r => new PartitionStateRow(r.GetInt64(0), r.GetFieldValue<byte[]>(1)) { EventWindow = r.IsDBNull(2) ? default : r.GetFieldValue<byte[]>(2) }, cancel, partition);
        return rows.Count > 0 ? rows[0] : null;
    }

    public IAsyncEnumerable<AccountRow> AccountsAsync(int partition, CancellationToken cancel) => AccountsAsync(partition, "report", cancel);

    public IAsyncEnumerable<AccountRow> AccountStatesAsync(int partition, CancellationToken cancel) => AccountsAsync(partition, "''", cancel);

    private async IAsyncEnumerable<AccountRow> AccountsAsync(int partition, string report, [EnumeratorCancellation] CancellationToken cancel)
    {
        // The next chunk is on its way while this one is worked on.
        var next = ChunkAsync(-1);
        try
        {
            while (true)
            {
                var rows = await next;
                var isLast = rows.Count < ChunkAccounts;
                if (!isLast) next = ChunkAsync(rows[^1].Slot);
                foreach (var row in rows) yield return row;
                if (isLast) yield break;
            }
        }
        finally
        {
            // Whoever stops early leaves nothing behind that still reads, nor a failure that nobody heard of.
            await Task.WhenAny(next);
            _ = next.Exception;
        }

        Task<IReadOnlyList<AccountRow>> ChunkAsync(long after) => QueryAsync($"""
            SELECT partition, slot, customer, epoch, as_of_seq, state, checksum, {report} FROM account
            WHERE partition = $1 AND slot > $2 ORDER BY slot LIMIT $3
            """, Account, cancel, partition, after, ChunkAccounts).AsTask();
    }

    public abstract IAsyncEnumerable<StoredFrame> FramesAsync(int partition, long after, long upTo, CancellationToken cancel);

    public async ValueTask<IReadOnlyList<JournalRow>> RowsAsync(RowQuery query, CancellationToken cancel)
    {
        var (sql, parameters) = RowTables.Select(query);
        var rows = await QueryAsync(sql, r => Row(query.Table, r), cancel, [.. parameters]);
        return HasPages(query.Table) ? await WithPagesAsync(query, rows, cancel) : rows;
    }

    public IAsyncEnumerable<JournalRow> RowsInOrderAsync(RowTable table, int partition, long after, CancellationToken cancel) =>
        HasPages(table) ? MergedInOrderAsync(table, partition, after, cancel) : UnpagedInOrderAsync(table, partition, after, cancel);

    private async IAsyncEnumerable<JournalRow> UnpagedInOrderAsync(
        RowTable table, int partition, long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        // Whole frames at a time would need no cursor inside of one; a frame may be larger than a chunk, so the key has all three.
        var (seq, idx, ordinal) = (after, int.MaxValue, int.MaxValue);
        var chunk = table == RowTable.DeadLetter ? ChunkDeadLetters : ChunkRows;
        for (; ; )
        {
            var rows = await QueryAsync($"""
                SELECT {RowTables.Columns} FROM {RowTables.Name(table)}
                WHERE partition = $1 AND (seq, idx, ordinal) > ($2, $3, $4) ORDER BY seq, idx, ordinal LIMIT $5
                """, r => Row(table, r), cancel, partition, seq, idx, ordinal, chunk);
            foreach (var row in rows) yield return row;
            if (rows.Count < chunk) yield break;
            (seq, idx, ordinal) = (rows[^1].Seq, rows[^1].Index, rows[^1].Ordinal);
        }
    }

    public async IAsyncEnumerable<ClosedDocument> ClosedAsync(int partition, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (var (day, seq) = (-1L, 0L); ;)
        {
            var chunks = await QueryAsync("""
                SELECT day, seq, bytes FROM closed_document
                WHERE partition = $1 AND (day, seq) > ($2, $3) ORDER BY day, seq LIMIT $4
                """, static r => (Day: r.GetInt32(0), Seq: r.GetInt64(1), Bytes: r.GetFieldValue<byte[]>(2)), cancel, partition, day, seq, ChunkRows);
            foreach (var chunk in chunks)
            {
                foreach (var document in ClosedDocument.Unpack(chunk.Bytes)) yield return document;
            }

            if (chunks.Count < ChunkRows) yield break;
            (day, seq) = (chunks[^1].Day, chunks[^1].Seq);
        }
    }

    public async ValueTask<IReadOnlyList<ClosedDocument>> FindClosedAsync(int partition, IReadOnlySet<ulong> ids, CancellationToken cancel)
    {
        // Records of fourteen bytes have no index of their own: a look-up reads the partition's records once for all ids
        // of a slice. The filter in memory sees to it that there is seldom a reason to.
        var found = new Dictionary<ulong, ClosedDocument>();
        if (ids.Count == 0) return [];
        await foreach (var document in ClosedAsync(partition, cancel))
        {
            if (ids.Contains(document.IdHash)) found[document.IdHash] = document;
        }

        return [.. found.Values];
    }

    public async ValueTask<JournalRow?> DecisionByKeyAsync(long keyHash, CancellationToken cancel)
    {
        // A key may come again after its 30 days: the newest stands. "key <> 0" lets the partial index serve.
        var rows = await QueryAsync($"""
            SELECT {RowTables.Columns} FROM decision WHERE key = $1 AND key <> 0
            ORDER BY at DESC, partition DESC, seq DESC, idx DESC, ordinal DESC LIMIT 1
            """, static r => Row(RowTable.Decision, r), cancel, keyHash);
        return rows.Count > 0 ? rows[0] : null;
    }

    public async ValueTask<long> CountRowsAsync(RowTable table, int? partition, CancellationToken cancel)
    {
        var sql = $"SELECT count(*) FROM {RowTables.Name(table)}";
        var rows = partition is { } id
            ? await QueryAsync(sql + " WHERE partition = $1", static r => r.GetInt64(0), cancel, id)
            : await QueryAsync(sql, static r => r.GetInt64(0), cancel);
        return HasPages(table) ? rows[0] + await CountPagedAsync(table, partition, cancel) : rows[0];
    }

    public ValueTask<IReadOnlyList<MessageRow>> MessagesAsync(
        int sender, int receiver, long after, int limit, CancellationToken cancel) => QueryAsync("""
            SELECT sender, receiver, number, body FROM message
            WHERE sender = $1 AND receiver = $2 AND number > $3 ORDER BY number LIMIT $4
            """, static r => new MessageRow(r.GetInt32(0), r.GetInt32(1), r.GetInt64(2), r.GetFieldValue<byte[]>(3)),
        cancel, sender, receiver, after, Math.Max(0, limit));

    public async ValueTask<string?> PartyNameAsync(string customer, CancellationToken cancel) =>
        (await PartyNamesAsync([customer], cancel)).GetValueOrDefault(customer);

    public async ValueTask<IReadOnlyDictionary<string, string>> PartyNamesAsync(
        IReadOnlyCollection<string> customers, CancellationToken cancel)
    {
        var rows = await NamesAsync(customers, cancel);
        return rows.ToDictionary(row => row.Customer, row => row.Name, StringComparer.Ordinal);
    }

    public async ValueTask<IReadOnlyDictionary<string, string>> FindPartiesAsync(string text, int limit, CancellationToken cancel)
    {
        // The signs of LIKE are letters of a name like any others.
        var pattern = "%" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";
        var rows = await QueryAsync(@"SELECT customer, name FROM party WHERE lower(name) LIKE lower($1) ESCAPE '\' ORDER BY customer LIMIT $2",
            static r => (Customer: r.GetString(0), Name: r.GetString(1)), cancel, pattern, limit);
        var found = rows.ToDictionary(row => row.Customer, row => row.Name, StringComparer.Ordinal);
        if (found.Count < limit && Pinyin.IsInitials(text))
            foreach (var (customer, name) in await InitialsAsync(text, limit - found.Count, cancel)) found.TryAdd(customer, name);
        return found;
    }

    /// <summary>Names of which characters in a row begin with these letters in pinyin; <see cref="Pinyin.IsInitials"/> says yes to them.</summary>
    protected abstract ValueTask<IReadOnlyList<(string Customer, string Name)>> InitialsAsync(string letters, int limit, CancellationToken cancel);

    /// <summary>Cursors of a reader of the outbox; <see cref="IOutboxCursors.CursorsAsync"/>.</summary>
    public async ValueTask<IReadOnlyDictionary<int, OutboxPlace>> CursorsAsync(string reader, CancellationToken cancel)
    {
        var rows = await QueryAsync(NoteStatements.Cursors, static r => (Partition: r.GetInt32(0), Place: new OutboxPlace(r.GetInt64(1), r.GetInt32(2), r.GetInt32(3))), cancel, reader);
        return rows.ToDictionary(r => r.Partition, r => r.Place);
    }

    /// <summary>Notes of the feed; <see cref="IFeedMarks.MarksAsync"/>.</summary>
    public ValueTask<IReadOnlyList<FeedMark>> MarksAsync(CancellationToken cancel) =>
        QueryAsync(NoteStatements.Marks, static r => new FeedMark(r.GetString(0), r.GetInt64(1), r.GetInt64(2), r.GetInt32(3)), cancel);

    /// <summary>Notes of the desk; <see cref="IDeskNotes.DeskNotesAsync"/>.</summary>
    public ValueTask<IReadOnlyList<DeskNote>> DeskNotesAsync(string kind, CancellationToken cancel) => QueryAsync(NoteStatements.DeskNotes, DeskNoteOf, cancel, kind);

    /// <summary>One note of the desk; <see cref="IDeskNotes.NoteAsync"/>.</summary>
    public async ValueTask<DeskNote?> DeskNoteAsync(string kind, string id, CancellationToken cancel) =>
        await QueryAsync(NoteStatements.DeskNote, DeskNoteOf, cancel, kind, id) is { Count: > 0 } found ? found[0] : null;

    private static DeskNote DeskNoteOf(DbDataReader r) => new(r.GetString(0), r.GetString(1), r.GetInt64(2), r.GetString(3));

    public abstract ValueTask DisposeAsync();

    /// <summary>Names of those customers that have one.</summary>
    protected abstract ValueTask<IReadOnlyList<(string Customer, string Name)>> NamesAsync(
        IReadOnlyCollection<string> customers, CancellationToken cancel);

    /// <summary>Runs a query with parameters $1, $2, …; errors become <see cref="JournalUnavailableException"/>.</summary>
    protected abstract ValueTask<IReadOnlyList<T>> QueryAsync<T>(
        string sql, Func<DbDataReader, T> read, CancellationToken cancel, params object[] parameters);

    /// <summary>Columns: partition, seq, epoch, period, payload, crc.</summary>
    protected static StoredFrame Frame(DbDataReader r) => new(
        r.GetInt32(0), r.GetInt64(1), r.GetInt64(2), r.GetInt32(3), r.GetFieldValue<byte[]>(4), (uint)r.GetInt64(5));

    private static AccountRow Account(DbDataReader r) => new()
    {
        Partition = r.GetInt32(0),
        Slot = r.GetInt32(1),
        Customer = r.GetString(2),
        Epoch = r.GetInt64(3),
        AsOfSeq = r.GetInt64(4),
        State = r.GetFieldValue<byte[]>(5),
        Checksum = unchecked((ulong)r.GetInt64(6)),
        Report = r.GetString(7),
    };

    private static JournalRow Row(RowTable table, DbDataReader r) => new()
    {
        Table = table,
        Partition = r.GetInt32(0),
        Seq = r.GetInt64(1),
        Index = r.GetInt32(2),
        Ordinal = r.GetInt32(3),
        Customer = r.GetString(4),
        Subject = r.GetString(5),
        Kind = r.GetString(6),
        At = r.GetInt64(7),
        Key = r.GetInt64(8),
        GoesOut = r.GetBoolean(9),
        Body = r.GetFieldValue<byte[]>(10),
    };
}
