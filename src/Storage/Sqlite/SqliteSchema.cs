using Microsoft.Data.Sqlite;

namespace ExposureMonitor.Storage;

/// <summary>The tables on SQLite, as numbered migrations. A migration is never edited once it was released.</summary>
internal static class SqliteSchema
{
    internal static readonly string[] RowTables = ["decision", "hold", "signal", "limit_change", "audit", "outbox", "dead_letter"];

    /// <summary>Migration n stands at index n − 1.</summary>
    internal static readonly IReadOnlyList<string> Migrations = [Initial(), ByCustomer()];

    private static string Initial() => """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        -- The fence: every commit updates its row by compare-and-set, as the last statement of the transaction.
        CREATE TABLE partition (id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, head_hash BLOB NOT NULL, snapshot_seq INTEGER NOT NULL);
        -- Append only. Not WITHOUT ROWID: payloads are large, and large rows belong in a table tree.
        CREATE TABLE journal (partition INTEGER NOT NULL, seq INTEGER NOT NULL, period INTEGER NOT NULL, epoch INTEGER NOT NULL,
          payload BLOB NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (partition, seq));
        CREATE TABLE message (sender INTEGER NOT NULL, receiver INTEGER NOT NULL, n INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (sender, receiver, n)) WITHOUT ROWID;
        CREATE TABLE party (customer TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE account (partition INTEGER NOT NULL, slot INTEGER NOT NULL, customer TEXT NOT NULL, epoch INTEGER NOT NULL, as_of_seq INTEGER NOT NULL,
          state BLOB NOT NULL, checksum INTEGER NOT NULL, report TEXT NOT NULL, PRIMARY KEY (partition, slot));
        CREATE TABLE partition_state (partition INTEGER PRIMARY KEY, seq INTEGER NOT NULL, bytes BLOB NOT NULL);
        """ + string.Concat(RowTables.Select(table => $"""

        CREATE TABLE {table} (partition INTEGER NOT NULL, seq INTEGER NOT NULL, idx INTEGER NOT NULL, ordinal INTEGER NOT NULL, customer TEXT NOT NULL,
          subject TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, key INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (partition, seq, idx, ordinal));
        CREATE INDEX {table}_at ON {table} (at, partition, seq, idx, ordinal);
        """)) + """

        -- Serves the look-up of an idempotency key that is older than the process.
        CREATE INDEX decision_key ON decision (key) WHERE key <> 0;
        """;

    private static string ByCustomer() => string.Concat(RowTables.Where(table => table != "outbox").Select(table =>
        $"CREATE INDEX {table}_customer ON {table} (customer, at, partition, seq, idx, ordinal);\n"));

    /// <summary>Applies what is missing, each migration in its own transaction, up to <paramref name="upTo"/>.</summary>
    internal static void Migrate(SqliteConnection connection, int upTo = int.MaxValue)
    {
        Run(connection, "CREATE TABLE IF NOT EXISTS schema_migration (number INTEGER PRIMARY KEY) WITHOUT ROWID");
        using var query = connection.CreateCommand();
        query.CommandText = "SELECT coalesce(max(number), 0) FROM schema_migration";
        var done = (int)(long)query.ExecuteScalar()!;
        if (done > Migrations.Count) throw new InvalidOperationException($"The database has schema {done}; this version knows {Migrations.Count}.");
        for (var number = done + 1; number <= Math.Min(upTo, Migrations.Count); number++)
        {
            using var transaction = connection.BeginTransaction();
            Run(connection, Migrations[number - 1]);
            using var mark = connection.CreateCommand();
            mark.CommandText = "INSERT INTO schema_migration VALUES ($number)";
            mark.Parameters.AddWithValue("$number", number);
            mark.ExecuteNonQuery();
            transaction.Commit();
        }
    }

    internal static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        // The text is a constant of this class, never input.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
