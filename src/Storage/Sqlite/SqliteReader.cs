using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ExposureMonitor.Engine;
using Microsoft.Data.Sqlite;

namespace ExposureMonitor.Storage;

/// <summary>
/// Reads on connections that cannot write; each call has one of its own while it lasts. SQLite answers on the calling
/// thread.
/// </summary>
internal sealed class SqliteReader : StoredReader
{
    private const int IdleMax = 8, ChunkFrames = 64;

    private readonly SqliteAddress address;
    private readonly ConcurrentBag<SqliteConnection> idle = [];
    private SqliteConnection? moment;
    private volatile bool disposed;

    public SqliteReader(SqliteAddress address, DatabaseInfo database)
        : base(database, SqliteDatabase.Warnings(SqliteDatabase.LibraryVersion)) => this.address = address;

    /// <summary>Opens a database; with <paramref name="ofOneMoment"/> every answer is of the moment in which it was opened.</summary>
    public static SqliteReader Open(SqliteAddress address, bool ofOneMoment = false)
    {
        if (!File.Exists(address.File)) throw new DatabaseRefusedException($"{address.Display} does not exist; `exposure serve`, `import` or `replay` makes one.");
        try
        {
            var connection = SqliteDatabase.OpenReader(address);
            try
            {
                // The first query behind it takes the snapshot, which lasts as long as the transaction.
                if (ofOneMoment) SqliteDatabase.Execute(connection, "BEGIN");
                Migration.DemandNone(SqliteDatabase.Pending(connection, address.Display), address.Display);
                var reader = new SqliteReader(address, SqliteDatabase.ReadInfo(connection, address.Display));
                if (ofOneMoment) (reader.moment, connection) = (connection, null);
                return reader;
            }
            finally
            {
                connection?.Dispose();
            }
        }
        catch (SqliteException e)
        {
            throw Unavailable(address, e);
        }
    }

    public static JournalUnavailableException Unavailable(SqliteAddress address, Exception e) =>
        new($"{address.Display} does not answer: {e.Message}", e);

    public override async IAsyncEnumerable<StoredFrame> FramesAsync(
        int partition, long after, long upTo, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (; ; )
        {
            // Served by the key (partition, seq). Frames never change, so chunks need no common snapshot.
            var frames = await QueryAsync("""
                SELECT partition, seq, epoch, period, payload, crc FROM journal
                WHERE partition = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4
                """, Frame, cancel, partition, after, upTo, ChunkFrames);
            foreach (var frame in frames) yield return frame;
            if (frames.Count < ChunkFrames) yield break;
            after = frames[^1].Seq;
        }
    }

    public override ValueTask<IReadOnlyList<JournalRange>> RangesAsync(CancellationToken cancel) => QueryAsync("""
        SELECT period, partition, min(seq), max(seq), count(*), sum(length(payload)) FROM journal GROUP BY period, partition ORDER BY period, partition
        """, Range, cancel);

    public override ValueTask DisposeAsync()
    {
        disposed = true;
        moment?.Dispose();
        while (idle.TryTake(out var connection)) connection.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override ValueTask<IReadOnlyList<(string Customer, string Name)>> NamesAsync(
        IReadOnlyCollection<string> customers, CancellationToken cancel) =>
        // One parameter, however many there are: SQLite has a maximum of parameters, but none for an array as JSON.
        QueryAsync("SELECT customer, name FROM party WHERE customer IN (SELECT value FROM json_each($1))",
            static r => (r.GetString(0), r.GetString(1)), cancel, JsonSerializer.Serialize(customers));

    protected override ValueTask<IReadOnlyList<(string Customer, string Name)>> InitialsAsync(string letters, int limit, CancellationToken cancel) =>
        QueryAsync("SELECT customer, name FROM party WHERE name GLOB '*[一-龥]*' AND pinyin_matches(name, $1) ORDER BY customer LIMIT $2",
            static r => (r.GetString(0), r.GetString(1)), cancel, letters, limit);

    protected override string InList => "IN (SELECT value FROM json_each($1))";

    protected override object ListOf(IReadOnlyCollection<string> texts) => JsonSerializer.Serialize(texts);

    protected override ValueTask<IReadOnlyList<T>> QueryAsync<T>(
        string sql, Func<DbDataReader, T> read, CancellationToken cancel, params object[] parameters)
    {
        cancel.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(disposed, this);
        if (moment is { } shared)
        {
            lock (shared) return ValueTask.FromResult(Query(shared, sql, read, parameters));
        }

        SqliteConnection? connection = null;
        try
        {
            if (!idle.TryTake(out connection)) connection = SqliteDatabase.OpenReader(address);
            var rows = Query(connection, sql, read, parameters);
            if (!disposed && idle.Count < IdleMax)
            {
                idle.Add(connection);
                connection = null;
            }

            return ValueTask.FromResult(rows);
        }
        finally
        {
            connection?.Dispose();
        }
    }

    private IReadOnlyList<T> Query<T>(SqliteConnection connection, string sql, Func<DbDataReader, T> read, object[] parameters)
    {
        try
        {
            var rows = new List<T>();
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < parameters.Length; i++)
                command.Parameters.AddWithValue("$" + (i + 1).ToString(CultureInfo.InvariantCulture), parameters[i]);
            using var reader = command.ExecuteReader();
            while (reader.Read()) rows.Add(read(reader));
            return rows;
        }
        catch (SqliteException e)
        {
            throw Unavailable(address, e);
        }
    }
}
