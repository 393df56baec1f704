using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using ExposureMonitor.Engine;
using Microsoft.Data.Sqlite;

namespace ExposureMonitor.Storage;

/// <summary>Reads on SQLite: each call has its own query-only connection, so that readers never wait for the writer.</summary>
internal sealed class SqliteReader(string path) : IJournalReader
{
    internal static DatabaseInfo InfoOf(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name, value FROM meta";
        var meta = new Dictionary<string, string>(StringComparer.Ordinal);
        using var reader = command.ExecuteReader();
        while (reader.Read()) meta[reader.GetString(0)] = reader.GetString(1);
        return new DatabaseInfo(meta["environment"], meta["base_currency"], int.Parse(meta["partitions"], CultureInfo.InvariantCulture),
            meta["clock"], meta["time_zone"], meta.GetValueOrDefault("served") == "1");
    }

    public ValueTask<IReadOnlyList<PartitionHead>> HeadsAsync(CancellationToken cancel) => ValueTask.FromResult<IReadOnlyList<PartitionHead>>(Query(
        "SELECT id, epoch, seq, head_hash, snapshot_seq FROM partition ORDER BY id",
        r => new PartitionHead(r.GetInt32(0), r.GetInt64(1), r.GetInt64(2), (byte[])r[3], r.GetInt64(4))));

    public ValueTask<PartitionStateRow?> StateAsync(int partition, CancellationToken cancel) => new(Query(
        "SELECT seq, bytes FROM partition_state WHERE partition = $p", r => new PartitionStateRow(r.GetInt64(0), (byte[])r[1]), ("$p", partition)) is [var state, ..] ? state : null);

    public async IAsyncEnumerable<AccountRow> AccountsAsync(int partition, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var connection = SqliteJournal.Connect(path, SqliteOpenMode.ReadOnly);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT slot, customer, epoch, as_of_seq, state, checksum, report FROM account WHERE partition = $p ORDER BY slot";
        command.Parameters.AddWithValue("$p", partition);
        await using var r = await command.ExecuteReaderAsync(cancel);
        while (await r.ReadAsync(cancel))
            yield return new AccountRow
            {
                Partition = partition, Slot = r.GetInt32(0), Customer = r.GetString(1), Epoch = r.GetInt64(2), AsOfSeq = r.GetInt64(3),
                State = (byte[])r[4], Checksum = unchecked((ulong)r.GetInt64(5)), Report = r.GetString(6),
            };
    }

    public async IAsyncEnumerable<StoredFrame> FramesAsync(int partition, long after, long upTo, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var connection = SqliteJournal.Connect(path, SqliteOpenMode.ReadOnly);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT seq, epoch, period, payload, crc FROM journal WHERE partition = $p AND seq > $after AND seq <= $to ORDER BY seq";
        command.Parameters.AddWithValue("$p", partition);
        command.Parameters.AddWithValue("$after", after);
        command.Parameters.AddWithValue("$to", upTo);
        await using var r = await command.ExecuteReaderAsync(cancel);
        while (await r.ReadAsync(cancel))
            yield return new StoredFrame(partition, r.GetInt64(0), r.GetInt64(1), r.GetInt32(2), (byte[])r[3], (uint)r.GetInt64(4));
    }

    public ValueTask<IReadOnlyList<JournalRow>> RowsAsync(RowQuery query, CancellationToken cancel)
    {
        var sql = new StringBuilder("SELECT partition, seq, idx, ordinal, customer, subject, kind, at, key, body FROM ")
            .Append(SqliteSchema.RowTables[(int)query.Table]).Append(" WHERE 1 = 1");
        var values = new List<(string, object)>();
        Filter("customer", query.Customer);
        Filter("subject", query.Subject);
        Filter("kind", query.Kind);
        Filter("partition", query.Partition);
        if (query.After is { } a)
        {
            // Served by the index on (at, partition, seq, idx, ordinal), or by the customer's.
            sql.Append(" AND (at, partition, seq, idx, ordinal) ").Append(query.NewestFirst ? '<' : '>').Append(" ($at, $ap, $as, $ai, $ao)");
            values.AddRange([("$at", a.At), ("$ap", a.Partition), ("$as", a.Seq), ("$ai", a.Index), ("$ao", a.Ordinal)]);
        }

        var direction = query.NewestFirst ? " DESC" : "";
        sql.Append(CultureInfo.InvariantCulture, $" ORDER BY at{direction}, partition{direction}, seq{direction}, idx{direction}, ordinal{direction} LIMIT $limit");
        values.Add(("$limit", Math.Clamp(query.Limit, 1, 1_000)));
        return ValueTask.FromResult<IReadOnlyList<JournalRow>>(Query(sql.ToString(), r => Row(r, query.Table), [.. values]));

        void Filter(string column, object? value)
        {
            if (value is null) return;
            sql.Append(" AND ").Append(column).Append(" = $").Append(column);
            values.Add(("$" + column, value));
        }
    }

    public ValueTask<JournalRow?> DecisionByKeyAsync(long keyHash, CancellationToken cancel) => new(Query(
        "SELECT partition, seq, idx, ordinal, customer, subject, kind, at, key, body FROM decision WHERE key = $k AND key <> 0 LIMIT 1",
        r => Row(r, RowTable.Decision), ("$k", keyHash)) is [var row, ..] ? row : null);

    public ValueTask<long> CountRowsAsync(RowTable table, int? partition, CancellationToken cancel) => new(Query(
        "SELECT count(*) FROM " + SqliteSchema.RowTables[(int)table] + " WHERE $p IS NULL OR partition = $p",
        r => r.GetInt64(0), ("$p", (object?)partition ?? DBNull.Value))[0]);

    public ValueTask<IReadOnlyList<MessageRow>> MessagesAsync(int sender, int receiver, long after, int limit, CancellationToken cancel) => ValueTask.FromResult<IReadOnlyList<MessageRow>>(Query(
        "SELECT n, body FROM message WHERE sender = $s AND receiver = $r AND n > $n ORDER BY n LIMIT $limit",
        r => new MessageRow(sender, receiver, r.GetInt64(0), (byte[])r[1]), ("$s", sender), ("$r", receiver), ("$n", after), ("$limit", limit)));

    public ValueTask<string?> PartyNameAsync(string customer, CancellationToken cancel) => new(Query(
        "SELECT name FROM party WHERE customer = $c", r => r.GetString(0), ("$c", customer)) is [var name, ..] ? name : null);

    public async ValueTask<IReadOnlyDictionary<string, string>> PartyNamesAsync(IReadOnlyCollection<string> customers, CancellationToken cancel)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var customer in customers)
            if (await PartyNameAsync(customer, cancel) is { } name) names[customer] = name;
        return names;
    }

    private static JournalRow Row(SqliteDataReader r, RowTable table) => new()
    {
        Table = table, Partition = r.GetInt32(0), Seq = r.GetInt64(1), Index = r.GetInt32(2), Ordinal = r.GetInt32(3), Customer = r.GetString(4),
        Subject = r.GetString(5), Kind = r.GetString(6), At = r.GetInt64(7), Key = r.GetInt64(8), Body = (byte[])r[9],
    };

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params (string Name, object Value)[] values)
    {
        try
        {
            using var connection = SqliteJournal.Connect(path, SqliteOpenMode.ReadOnly);
            using var command = connection.CreateCommand();
            // Built from constants only; every value is a parameter.
#pragma warning disable CA2100
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
            using var reader = command.ExecuteReader();
            var list = new List<T>();
            while (reader.Read()) list.Add(read(reader));
            return list;
        }
        catch (SqliteException broken)
        {
            throw new JournalUnavailableException(broken.Message, broken);
        }
    }
}
