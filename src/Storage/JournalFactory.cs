using System.Globalization;
using ExposureMonitor.Engine;
using Microsoft.Data.Sqlite;

namespace ExposureMonitor.Storage;

/// <summary>Opens and creates databases by their address: <c>sqlite:path</c>, or a plain path.</summary>
public static class JournalFactory
{
    /// <summary>True when the database exists.</summary>
    public static bool Exists(string address) => File.Exists(PathOf(address));

    /// <summary>Creates a database with its partitions; the house comes on top.</summary>
    /// <exception cref="InvalidOperationException">It exists already.</exception>
    public static void Create(string address, DatabaseInfo info)
    {
        var path = PathOf(address);
        if (File.Exists(path)) throw new InvalidOperationException($"'{path}' exists already.");
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
        // Made beside and moved, so that a crash leaves no half database under the name.
        var making = path + ".making";
        File.Delete(making);
        using (var connection = SqliteJournal.Connect(making, SqliteOpenMode.ReadWriteCreate))
        {
            SqliteSchema.Migrate(connection);
            using var transaction = connection.BeginTransaction();
            foreach (var (name, value) in (ReadOnlySpan<(string, string)>)
                [("environment", info.EnvironmentId), ("base_currency", info.BaseCurrency), ("partitions", info.Partitions.ToString(CultureInfo.InvariantCulture)),
                 ("clock", info.ClockMode), ("time_zone", info.TimeZone), ("served", "0")])
                Insert(connection, "INSERT INTO meta VALUES ($a, $b)", name, value);
            for (var id = -1; id < info.Partitions; id++) Insert(connection, "INSERT INTO partition VALUES ($a, 0, 0, $b, 0)", id, new byte[32]);
            transaction.Commit();
            SqliteSchema.Run(connection, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE");
        }

        File.Move(making, path);
    }

    /// <summary>Opens for writing: one owner at a time.</summary>
    /// <exception cref="InvalidOperationException">Another process holds it, or it does not exist.</exception>
    public static IJournal Open(string address) => SqliteJournal.Open(Existing(address));

    /// <summary>Opens for reading: takes no lock and bumps no epoch.</summary>
    public static (IJournalReader Reader, DatabaseInfo Info) OpenReader(string address)
    {
        var path = Existing(address);
        using var connection = SqliteJournal.Connect(path, SqliteOpenMode.ReadOnly);
        return (new SqliteReader(path), SqliteReader.InfoOf(connection));
    }

    /// <summary>The file of an address.</summary>
    public static string PathOf(string address)
    {
        if (address.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) || address.StartsWith("Host=", StringComparison.OrdinalIgnoreCase))
            throw new InvalidOperationException("This build stores on SQLite only: give sqlite:<path>.");
        return address.StartsWith("sqlite:", StringComparison.Ordinal) ? address[7..] : address;
    }

    private static string Existing(string address) =>
        File.Exists(PathOf(address)) ? PathOf(address) : throw new InvalidOperationException($"There is no database '{PathOf(address)}'.");

    private static void Insert(SqliteConnection connection, string sql, object a, object b)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$a", a);
        command.Parameters.AddWithValue("$b", b);
        command.ExecuteNonQuery();
    }
}
