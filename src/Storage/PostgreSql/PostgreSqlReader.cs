using System.Data.Common;
using System.Runtime.CompilerServices;
using ExposureMonitor.Engine;
using Npgsql;

namespace ExposureMonitor.Storage;

/// <summary>Reads through a pool of sessions that cannot write.</summary>
internal sealed class PostgreSqlReader : StoredReader
{
    private const int ChunkFrames = 64;

    private readonly PostgreSqlAddress address;
    private readonly NpgsqlDataSource source;
    private readonly SemaphoreSlim turn = new(1);
    private NpgsqlConnection? moment;

    public PostgreSqlReader(PostgreSqlAddress address, NpgsqlDataSource source, DatabaseInfo database) : base(database, [])
    {
        this.address = address;
        this.source = source;
    }

    /// <summary>Opens a database; with <paramref name="ofOneMoment"/> every answer is of the moment in which it was opened.</summary>
    public static async Task<PostgreSqlReader> OpenAsync(PostgreSqlAddress address, bool ofOneMoment, CancellationToken cancel)
    {
        var source = PostgreSqlDatabase.ReaderSource(address);
        try
        {
            var connection = await PostgreSqlDatabase.ConnectAsync(source, address, cancel);
            try
            {
                // The first query behind it takes the snapshot, which lasts as long as the transaction.
                if (ofOneMoment) await PostgreSqlDatabase.ExecuteAsync(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", cancel);
                Migration.DemandNone(await PostgreSqlDatabase.PendingAsync(connection, address, cancel), address.Display);
                var reader = new PostgreSqlReader(address, source, await PostgreSqlDatabase.ReadInfoAsync(connection, address, cancel));
                if (ofOneMoment) (reader.moment, connection) = (connection, null);
                return reader;
            }
            finally
            {
                if (connection is not null) await connection.DisposeAsync();
            }
        }
        catch (Exception e)
        {
            await source.DisposeAsync();
            if (e is NpgsqlException) throw PostgreSqlDatabase.Unavailable(address, e);
            throw;
        }
    }

    public override async IAsyncEnumerable<StoredFrame> FramesAsync(
        int partition, long after, long upTo, [EnumeratorCancellation] CancellationToken cancel)
    {
        // Range by range: each has its own key (period, partition, seq), and the period never falls along the sequence, so
        // this is the order of the sequence. A range exists before its first frame; frames up to upTo are in these.
        var periods = await QueryAsync("SELECT period FROM journal_period ORDER BY period", static r => r.GetInt32(0), cancel);
        foreach (var period in periods)
        {
            for (var more = true; more && after < upTo;)
            {
                var frames = await QueryAsync("""
                    SELECT partition, seq, epoch, period, payload, crc FROM journal
                    WHERE period = $1 AND partition = $2 AND seq > $3 AND seq <= $4 ORDER BY seq LIMIT $5
                    """, Frame, cancel, period, partition, after, upTo, ChunkFrames);
                foreach (var frame in frames) yield return frame;
                if (frames.Count > 0) after = frames[^1].Seq;
                more = frames.Count == ChunkFrames;
            }
        }
    }

    /// <summary>
    /// From the ends of the keys and the sizes of the tables: counting years of frames one by one would take longer than a
    /// report may. Frames have no gap within a partition, and the bytes of a range are shared among its partitions by frames.
    /// </summary>
    public override async ValueTask<IReadOnlyList<JournalRange>> RangesAsync(CancellationToken cancel)
    {
        var all = new List<JournalRange>();
        foreach (var period in await QueryAsync("SELECT period FROM journal_period ORDER BY period", static r => r.GetInt32(0), cancel))
        {
            var ranges = await QueryAsync("""
                SELECT $1, p.id, e.first, e.last, e.last - e.first + 1, pg_total_relation_size(to_regclass('journal_' || $1)) FROM partition p
                CROSS JOIN LATERAL (SELECT (SELECT min(seq) FROM journal WHERE period = $1 AND partition = p.id), (SELECT max(seq) FROM journal WHERE period = $1 AND partition = p.id)) AS e(first, last)
                WHERE e.first IS NOT NULL ORDER BY p.id
                """, Range, cancel, period);
            var frames = ranges.Sum(r => r.Frames);
            all.AddRange(ranges.Select(r => r with { Bytes = (long)((Int128)r.Bytes * r.Frames / frames) }));
        }

        return all;
    }

    public override async ValueTask DisposeAsync()
    {
        if (moment is { } shared) await shared.DisposeAsync();
        await source.DisposeAsync();
        turn.Dispose();
    }

    protected override ValueTask<IReadOnlyList<(string Customer, string Name)>> NamesAsync(
        IReadOnlyCollection<string> customers, CancellationToken cancel) =>
        QueryAsync("SELECT customer, name FROM party WHERE customer = ANY ($1)",
            static r => (r.GetString(0), r.GetString(1)), cancel, (object)customers.ToArray());

    protected override ValueTask<IReadOnlyList<(string Customer, string Name)>> InitialsAsync(string letters, int limit, CancellationToken cancel) =>
        QueryAsync("SELECT customer, name FROM party WHERE name ~ $1 ORDER BY customer LIMIT $2",
            static r => (r.GetString(0), r.GetString(1)), cancel, Pinyin.PatternOf(letters), limit);

    protected override string InList => "= ANY ($1)";

    protected override object ListOf(IReadOnlyCollection<string> texts) => texts.ToArray();

    protected override async ValueTask<IReadOnlyList<T>> QueryAsync<T>(
        string sql, Func<DbDataReader, T> read, CancellationToken cancel, params object[] parameters)
    {
        try
        {
            if (moment is { } shared)
            {
                // A session answers one query after the other.
                await turn.WaitAsync(cancel);
                try
                {
                    return await RowsAsync(shared, sql, read, parameters, cancel);
                }
                finally
                {
                    turn.Release();
                }
            }

            await using var connection = await source.OpenConnectionAsync(cancel);
            return await RowsAsync(connection, sql, read, parameters, cancel);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            throw PostgreSqlDatabase.Unavailable(address, e);
        }
    }

    private static async Task<IReadOnlyList<T>> RowsAsync<T>(NpgsqlConnection connection, string sql, Func<DbDataReader, T> read, object[] parameters, CancellationToken cancel)
    {
        await using var command = PostgreSqlDatabase.Command(connection, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancel)) rows.Add(read(reader));
        return rows;
    }

    /// <summary>One question for all pairs: each is a look into the key of the table.</summary>
    public ValueTask<IReadOnlyList<MessageRow>> MessagesBehindAsync(IReadOnlyList<MessagePair> pairs, int limit, CancellationToken cancel) => QueryAsync("""
        SELECT m.sender, m.receiver, m.number, m.body
          FROM unnest($1, $2, $3) AS p(sender, receiver, after)
         CROSS JOIN LATERAL (SELECT * FROM message WHERE sender = p.sender AND receiver = p.receiver AND number > p.after ORDER BY number LIMIT $4) AS m
         ORDER BY m.sender, m.receiver, m.number
        """, static r => new MessageRow(r.GetInt32(0), r.GetInt32(1), r.GetInt64(2), r.GetFieldValue<byte[]>(3)), cancel,
        (object)pairs.Select(p => p.Sender).ToArray(), pairs.Select(p => p.Receiver).ToArray(), pairs.Select(p => p.After).ToArray(), limit);
}
