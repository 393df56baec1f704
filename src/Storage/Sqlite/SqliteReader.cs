using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ExposureMonitor.Engine;
using Microsoft.Data.Sqlite;

namespace ExposureMonitor.Storage;

/// <summary>
/// Reads on connections that cannot write. Safe from any thread; each call has a connection of its own while it lasts.
/// </summary>
/// <remarks>
/// Implementation note: SQLite answers on the calling thread. Streams read in chunks by key and hold no read transaction
/// between them, because a reader that stays would keep checkpoints from moving on.
/// </remarks>
internal sealed class SqliteReader : IStoredReader
{
    private const int IdleMax = 8, ChunkRows = 1000, ChunkFrames = 64;

    private readonly SqliteAddress address;
    private readonly ConcurrentBag<SqliteConnection> idle = [];
    private volatile bool disposed;

    public SqliteReader(SqliteAddress address, DatabaseInfo database)
    {
        this.address = address;
        Database = database;
        Warnings = SqliteDatabase.Warnings(SqliteDatabase.LibraryVersion);
    }

    public DatabaseInfo Database { get; }

    public IReadOnlyList<string> Warnings { get; }

    public static SqliteReader Open(SqliteAddress address)
    {
        if (!File.Exists(address.File)) throw new DatabaseRefusedException($"{address.Display} does not exist. Create it first.");
        try
        {
            using var connection = SqliteDatabase.OpenReader(address);
            Migration.DemandNone(SqliteDatabase.Pending(connection, address.Display), address.Display);
            return new SqliteReader(address, SqliteDatabase.ReadInfo(connection, address.Display));
        }
        catch (SqliteException e)
        {
            throw Unavailable(address, e);
        }
    }

    public static JournalUnavailableException Unavailable(SqliteAddress address, Exception e) =>
        new($"{address.Display} does not answer: {e.Message}", e);

    public ValueTask<IReadOnlyList<PartitionHead>> HeadsAsync(CancellationToken cancel) => QueryAsync(
        "SELECT id, epoch, seq, head_hash, snapshot_seq FROM partition ORDER BY id",
        static r => new PartitionHead(r.GetInt32(0), r.GetInt64(1), r.GetInt64(2), r.GetFieldValue<byte[]>(3), r.GetInt64(4)), cancel);

    public async ValueTask<PartitionStateRow?> StateAsync(int partition, CancellationToken cancel)
    {
        // The state at snapshot_seq, not simply the newest: one that moved no snapshot has account rows still to come.
        var rows = await QueryAsync("""
            SELECT s.seq, s.bytes FROM partition p JOIN partition_state s ON s.partition = p.id AND s.seq = p.snapshot_seq
            WHERE p.id = $1
            """, static r => new PartitionStateRow(r.GetInt64(0), r.GetFieldValue<byte[]>(1)), cancel, partition);
        return rows.Count > 0 ? rows[0] : null;
    }

    public async IAsyncEnumerable<AccountRow> AccountsAsync(int partition, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (var after = -1L; ;)
        {
            var rows = await QueryAsync("""
                SELECT partition, slot, customer, epoch, as_of_seq, state, checksum, report FROM account
                WHERE partition = $1 AND slot > $2 ORDER BY slot LIMIT $3
                """, Account, cancel, partition, after, ChunkRows);
            foreach (var row in rows) yield return row;
            if (rows.Count < ChunkRows) yield break;
            after = rows[^1].Slot;
        }
    }

    public async IAsyncEnumerable<StoredFrame> FramesAsync(
        int partition, long after, long upTo, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (; ; )
        {
            // Served by the key (partition, seq). Frames never change, so chunks need no common snapshot.
            var frames = await QueryAsync("""
                SELECT partition, seq, epoch, period, payload, crc FROM journal
                WHERE partition = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4
                """, static r => new StoredFrame(r.GetInt32(0), r.GetInt64(1), r.GetInt64(2), r.GetInt32(3),
                    r.GetFieldValue<byte[]>(4), (uint)r.GetInt64(5)), cancel, partition, after, upTo, ChunkFrames);
            foreach (var frame in frames) yield return frame;
            if (frames.Count < ChunkFrames) yield break;
            after = frames[^1].Seq;
        }
    }

    public ValueTask<IReadOnlyList<JournalRow>> RowsAsync(RowQuery query, CancellationToken cancel)
    {
        var (sql, parameters) = RowTables.Select(query, static n => "$" + n.ToString(CultureInfo.InvariantCulture));
        return QueryAsync(sql, r => Row(query.Table, r), cancel, [.. parameters]);
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
        return rows[0];
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
        // One parameter, however many there are: SQLite has a maximum of parameters, but none for an array as JSON.
        var rows = await QueryAsync(
            "SELECT customer, name FROM party WHERE customer IN (SELECT value FROM json_each($1))",
            static r => (r.GetString(0), r.GetString(1)), cancel, JsonSerializer.Serialize(customers));
        return rows.ToDictionary(row => row.Item1, row => row.Item2, StringComparer.Ordinal);
    }

    public ValueTask DisposeAsync()
    {
        disposed = true;
        while (idle.TryTake(out var connection)) connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private static AccountRow Account(SqliteDataReader r) => new()
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

    private static JournalRow Row(RowTable table, SqliteDataReader r) => new()
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
        Body = r.GetFieldValue<byte[]>(9),
    };

    private ValueTask<IReadOnlyList<T>> QueryAsync<T>(
        string sql, Func<SqliteDataReader, T> read, CancellationToken cancel, params object[] parameters)
    {
        cancel.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(disposed, this);
        SqliteConnection? connection = null;
        try
        {
            if (!idle.TryTake(out connection)) connection = SqliteDatabase.OpenReader(address);
            var rows = new List<T>();
            using (var command = connection.CreateCommand())
            {
                command.CommandText = sql;
                for (var i = 0; i < parameters.Length; i++)
                    command.Parameters.AddWithValue("$" + (i + 1).ToString(CultureInfo.InvariantCulture), parameters[i]);
                using var reader = command.ExecuteReader();
                while (reader.Read()) rows.Add(read(reader));
            }

            if (!disposed && idle.Count < IdleMax)
            {
                idle.Add(connection);
                connection = null;
            }

            return ValueTask.FromResult<IReadOnlyList<T>>(rows);
        }
        catch (SqliteException e)
        {
            throw Unavailable(address, e);
        }
        finally
        {
            connection?.Dispose();
        }
    }
}
