using System.Diagnostics;
using ExposureMonitor.Bench;
using Microsoft.Data.Sqlite;

/// <summary>The plain way on SQLite: a table of documents, a row per customer, one transaction per event, prepared statements.</summary>
internal static class SqlitePeer
{
    internal static void Work(string address, Event[] events, int customers)
    {
        using var connection = new SqliteConnection("Data Source=" + address);
        connection.Open();
        Run(connection, "PRAGMA journal_mode=WAL");
        Run(connection, "PRAGMA synchronous=FULL");
        Run(connection, """
            CREATE TABLE customer (id INTEGER PRIMARY KEY, credit INTEGER NOT NULL, orders INTEGER NOT NULL DEFAULT 0, delivered INTEGER NOT NULL DEFAULT 0,
              receivables INTEGER NOT NULL DEFAULT 0, unapplied INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0);
            CREATE TABLE document (event INTEGER PRIMARY KEY, customer INTEGER NOT NULL, kind INTEGER NOT NULL, amount INTEGER NOT NULL, open INTEGER NOT NULL, due INTEGER NOT NULL);
            CREATE INDEX document_due ON document (customer, due) WHERE kind = 2 AND open > 0;
            """);
        Run(connection, $"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {customers - 1}) INSERT INTO customer (id, credit) SELECT i, {Workload.Limit} FROM n");
        using var insert = Prepare(connection, "INSERT INTO document VALUES ($n, $c, $k, $a, $a, $d)");
        using var close = Prepare(connection, "UPDATE document SET open = 0 WHERE event = $n");
        // The limit check of an order is part of its update: what does not fit is held.
        SqliteCommand[] update =
        [
            Prepare(connection, """
                UPDATE customer SET orders = orders + CASE WHEN max(0, orders + delivered + receivables - unapplied + $a) <= credit THEN $a ELSE 0 END,
                  held = held + CASE WHEN max(0, orders + delivered + receivables - unapplied + $a) <= credit THEN 0 ELSE $a END WHERE id = $c
                """),
            Prepare(connection, "UPDATE customer SET orders = orders - $a, delivered = delivered + $a WHERE id = $c"),
            Prepare(connection, "UPDATE customer SET delivered = delivered - $a, receivables = receivables + $a WHERE id = $c"),
            Prepare(connection, "UPDATE customer SET unapplied = unapplied + $a WHERE id = $c"),
        ];
        using var process = Process.GetCurrentProcess();
        var (begun, cpu) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        foreach (var e in events)
        {
            using var transaction = connection.BeginTransaction();
            Execute(insert, transaction, e.Number, e);
            if (e.Of >= 0) Execute(close, transaction, e.Of, e);
            Execute(update[e.Kind], transaction, e.Number, e);
            transaction.Commit();
        }

        process.Refresh();
        Worker.Done(Stopwatch.GetElapsedTime(begun), process.TotalProcessorTime - cpu);
    }

    internal static long[] Gross(string address, int customers)
    {
        using var connection = new SqliteConnection("Data Source=" + address);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, max(0, orders + delivered + receivables - unapplied) FROM customer";
        var gross = new long[customers];
        using var rows = command.ExecuteReader();
        while (rows.Read()) gross[rows.GetInt32(0)] = rows.GetInt64(1);
        return gross;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static SqliteCommand Prepare(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in (string[])["$n", "$c", "$k", "$a", "$d"])
            if (sql.Contains(name, StringComparison.Ordinal)) command.Parameters.Add(name, SqliteType.Integer);
        command.Prepare();
        return command;
    }

    private static void Execute(SqliteCommand command, SqliteTransaction transaction, int number, Event e)
    {
        command.Transaction = transaction;
        foreach (SqliteParameter parameter in command.Parameters)
            parameter.Value = parameter.ParameterName switch { "$n" => number, "$c" => e.Customer, "$k" => e.Kind, "$a" => e.Amount, _ => (object)(Workload.Day + 30) };
        command.ExecuteNonQuery();
    }
}
