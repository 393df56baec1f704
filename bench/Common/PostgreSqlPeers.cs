using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;

namespace ExposureMonitor.Bench;

/// <summary>The plain ways on PostgreSQL: a function per event with row locks, and a set-based merge of staged rows.</summary>
internal static class PostgreSqlPeers
{
    private const int Connections = 8;

    private const string Schema = """
        CREATE TABLE customer (id int PRIMARY KEY, credit bigint NOT NULL, orders bigint NOT NULL DEFAULT 0, delivered bigint NOT NULL DEFAULT 0,
          receivables bigint NOT NULL DEFAULT 0, unapplied bigint NOT NULL DEFAULT 0, held bigint NOT NULL DEFAULT 0) WITH (fillfactor = 70);
        CREATE TABLE document (event int PRIMARY KEY, customer int NOT NULL, kind int NOT NULL, amount bigint NOT NULL, open bigint NOT NULL, due int NOT NULL) WITH (fillfactor = 80);
        CREATE INDEX document_due ON document (customer, due) WHERE kind = 2 AND open > 0;
        CREATE FUNCTION take(n int, c int, k int, o int, a bigint, d int) RETURNS boolean LANGUAGE plpgsql AS $body$
        DECLARE r customer%ROWTYPE;
        BEGIN
          SELECT * INTO r FROM customer WHERE id = c FOR UPDATE;
          INSERT INTO document VALUES (n, c, k, a, a, d) ON CONFLICT DO NOTHING;
          IF NOT FOUND THEN RETURN false; END IF;
          IF o >= 0 THEN UPDATE document SET open = 0 WHERE event = o; END IF;
          IF k = 0 THEN
            IF greatest(0, r.orders + r.delivered + r.receivables - r.unapplied + a) <= r.credit THEN UPDATE customer SET orders = orders + a WHERE id = c;
            ELSE UPDATE customer SET held = held + a WHERE id = c; END IF;
          ELSIF k = 1 THEN UPDATE customer SET orders = orders - a, delivered = delivered + a WHERE id = c;
          ELSIF k = 2 THEN UPDATE customer SET delivered = delivered - a, receivables = receivables + a WHERE id = c;
          ELSE UPDATE customer SET unapplied = unapplied + a WHERE id = c; END IF;
          RETURN true;
        END $body$;
        """;

    internal static async Task FunctionAsync(string address, Event[] events, int customers)
    {
        await PrepareAsync(address, customers);
        var (begun, cpu) = Start();
        // A customer's events stay on one connection, in order.
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(lane => Task.Run(async () =>
        {
            await using var connection = new NpgsqlConnection(address);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("SELECT take($1, $2, $3, $4, $5, $6)", connection);
            for (var i = 0; i < 6; i++) command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = i == 4 ? NpgsqlDbType.Bigint : NpgsqlDbType.Integer });
            await command.PrepareAsync();
            foreach (var e in events)
            {
                if (e.Customer % Connections != lane) continue;
                object[] values = [e.Number, e.Customer, e.Kind, e.Of, e.Amount, Workload.Day + 30];
                for (var i = 0; i < 6; i++) command.Parameters[i].Value = values[i];
                await command.ExecuteScalarAsync();
            }
        })));
        Stop(begun, cpu);
    }

    /// <summary>Each connection merges the slices of its own customers, so that no two wait for one another.</summary>
    internal static async Task MergeAsync(string address, Event[] events, int customers, int slice, int connections = 1)
    {
        await PrepareAsync(address, customers);
        var lanes = Enumerable.Range(0, connections).Select(lane => events.Where(e => e.Customer % connections == lane).ToArray()).ToArray();
        for (var lane = 0; lane < connections; lane++) await RunAsync(address, $"CREATE UNLOGGED TABLE staging{lane} (event int, customer int, kind int, of_event int, amount bigint, due int)");
        var (begun, cpu) = Start();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(lane => Task.Run(() => LaneAsync(address, $"staging{lane}", lanes[lane], slice))));
        Stop(begun, cpu);
    }

    private static async Task LaneAsync(string address, string staging, Event[] events, int slice)
    {
        await using var connection = new NpgsqlConnection(address);
        await connection.OpenAsync();
        await using var merge = new NpgsqlCommand($"""
            WITH fresh AS (INSERT INTO document SELECT event, customer, kind, amount, amount, due FROM {staging} ON CONFLICT DO NOTHING RETURNING event, customer, kind, amount),
            sums AS (SELECT customer, sum(amount) FILTER (WHERE kind = 0) AS o, sum(amount) FILTER (WHERE kind = 1) AS d, sum(amount) FILTER (WHERE kind = 2) AS i,
              sum(amount) FILTER (WHERE kind = 3) AS p FROM fresh GROUP BY customer)
            UPDATE customer c SET
              orders = c.orders - coalesce(s.d, 0) + CASE WHEN greatest(0, c.orders + c.delivered + c.receivables - c.unapplied - coalesce(s.p, 0) + coalesce(s.o, 0)) <= c.credit THEN coalesce(s.o, 0) ELSE 0 END,
              held = c.held + CASE WHEN greatest(0, c.orders + c.delivered + c.receivables - c.unapplied - coalesce(s.p, 0) + coalesce(s.o, 0)) <= c.credit THEN 0 ELSE coalesce(s.o, 0) END,
              delivered = c.delivered + coalesce(s.d, 0) - coalesce(s.i, 0), receivables = c.receivables + coalesce(s.i, 0), unapplied = c.unapplied + coalesce(s.p, 0)
            FROM sums s WHERE s.customer = c.id
            """, connection);
        // Documents of the same slice are not seen by the statement that inserts them: what they close is closed by the next one.
        await using var close = new NpgsqlCommand($"UPDATE document d SET open = 0 FROM {staging} s WHERE s.of_event = d.event", connection);
        await using var empty = new NpgsqlCommand($"TRUNCATE {staging}", connection);
        foreach (var chunk in events.Chunk(slice))
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using (var copy = await connection.BeginBinaryImportAsync($"COPY {staging} FROM STDIN (FORMAT BINARY)"))
            {
                foreach (var e in chunk)
                {
                    await copy.StartRowAsync();
                    await copy.WriteAsync(e.Number, NpgsqlDbType.Integer);
                    await copy.WriteAsync(e.Customer, NpgsqlDbType.Integer);
                    await copy.WriteAsync(e.Kind, NpgsqlDbType.Integer);
                    await copy.WriteAsync(e.Of, NpgsqlDbType.Integer);
                    await copy.WriteAsync(e.Amount, NpgsqlDbType.Bigint);
                    await copy.WriteAsync(Workload.Day + 30, NpgsqlDbType.Integer);
                }

                await copy.CompleteAsync();
            }

            await merge.ExecuteNonQueryAsync();
            await close.ExecuteNonQueryAsync();
            await empty.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
        }
    }

    private static async Task RunAsync(string address, string sql)
    {
        await using var connection = new NpgsqlConnection(address);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    internal static async Task<long[]> GrossAsync(string address, int customers)
    {
        await using var connection = new NpgsqlConnection(address);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT id, greatest(0, orders + delivered + receivables - unapplied) FROM customer", connection);
        var gross = new long[customers];
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync()) gross[rows.GetInt32(0)] = rows.GetInt64(1);
        return gross;
    }

    private static async Task PrepareAsync(string address, int customers)
    {
        await RunAsync(address, Schema);
        await RunAsync(address, $"INSERT INTO customer (id, credit) SELECT i, {Workload.Limit} FROM generate_series(0, {customers - 1}) i");
        await RunAsync(address, "VACUUM ANALYZE customer");
    }

    private static (long Begun, TimeSpan Cpu) Start()
    {
        Worker.Begin();
        using var process = Process.GetCurrentProcess();
        return (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
    }

    private static void Stop(long begun, TimeSpan cpu)
    {
        using var process = Process.GetCurrentProcess();
        Worker.Done(Stopwatch.GetElapsedTime(begun), process.TotalProcessorTime - cpu);
    }
}
