using System.Globalization;
using ExposureMonitor.Engine;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ExposureMonitor.Storage;

/// <summary>Opening, checking, creating and migrating a SQLite file.</summary>
internal static class SqliteDatabase
{
    private const int BusyTimeoutSeconds = 5;

    /// <summary>File systems over a network: locks there are not reliable, and WAL needs shared memory.</summary>
    private static readonly string[] NetworkFileSystems =
        ["nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "afpfs", "webdav", "fuse.sshfs", "ncpfs"];

    /// <summary>
    /// The one connection that writes and checkpoints. WAL with automatic checkpoints off: a checkpoint inside of a commit
    /// would be its tail latency. Without memory mapping, because an I/O error there is a signal that ends the process.
    /// </summary>
    public static SqliteConnection OpenWriter(SqliteAddress address, bool create = false)
    {
        if (address.Synchronous is not ("FULL" or "EXTRA"))
            throw new DatabaseRefusedException(
                $"synchronous={address.Synchronous} may lose the last commits in a power cut. Only FULL and EXTRA are taken.");
        RefuseNetworkShare(address.File);
        var connection = Open(address, create ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite);
        try
        {
            // Relies on: nobody else has the file open in another journal mode; the mode stands in the file afterwards.
            Execute(connection, "PRAGMA journal_mode = WAL");
            Execute(connection, $"PRAGMA synchronous = {address.Synchronous}");
            Execute(connection, "PRAGMA wal_autocheckpoint = 0");
            Execute(connection, "PRAGMA foreign_keys = ON");
            Execute(connection, "PRAGMA cache_size = -16384");
            Demand(connection, address, "journal_mode", "wal", static value => value == "wal");
            Demand(connection, address, "synchronous", "FULL",
                static value => int.Parse(value, CultureInfo.InvariantCulture) >= 2);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A connection that cannot write: the file is opened read-only, and statements are held to queries.</summary>
    public static SqliteConnection OpenReader(SqliteAddress address)
    {
        var connection = Open(address, SqliteOpenMode.ReadOnly);
        Execute(connection, "PRAGMA query_only = ON");
        connection.CreateFunction("pinyin_matches", (string name, string letters) => Pinyin.Matches(name, letters), isDeterministic: true);
        return connection;
    }

    public static bool Exists(SqliteAddress address)
    {
        if (!File.Exists(address.File) || new FileInfo(address.File).Length == 0) return false;
        using var connection = OpenReader(address);
        return IsCreated(connection);
    }

    /// <summary>A process that was killed between the schema and the row of the creation has created nothing yet: the next one goes on.</summary>
    private static bool IsCreated(SqliteConnection connection)
    {
        if (!HasTable(connection, "database_info")) return false;
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM database_info";
        return (long)command.ExecuteScalar()! > 0;
    }

    public static void Create(SqliteAddress address, DatabaseInfo creation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(address.File)!);
        using var owner = OwnerLock.Take(address.File);
        using var connection = OpenWriter(address, create: true);
        if (IsCreated(connection))
            throw new DatabaseRefusedException($"{address.Display} exists already; it is created once.");
        Migrate(connection, address.Display);
        InsertCreation(connection, creation);
    }

    /// <summary>The row of the creation and one fence row per partition, the house (−1) included, in one transaction.</summary>
    public static void InsertCreation(SqliteConnection connection, DatabaseInfo creation)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        Execute(connection, "INSERT INTO database_info VALUES (1, $1, $2, $3, $4, $5, $6)", creation.EnvironmentId,
            creation.BaseCurrency, creation.Partitions, creation.ClockMode, creation.TimeZone, creation.WasServed ? 1 : 0);
        for (var id = -1; id < creation.Partitions; id++)
            Execute(connection, "INSERT INTO partition VALUES ($1, 0, 0, zeroblob(32), 0)", id);
        transaction.Commit();
    }

    public static DatabaseInfo ReadInfo(SqliteConnection connection, string display)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT environment_id, base_currency, partitions, clock_mode, time_zone, was_served FROM database_info";
        using var reader = command.ExecuteReader();
        if (!reader.Read()) throw new DatabaseRefusedException($"{display} was never completely created. Delete it and create it again.");
        return new DatabaseInfo(reader.GetString(0), reader.GetString(1), reader.GetInt32(2), reader.GetString(3),
            reader.GetString(4), reader.GetInt32(5) != 0);
    }

    /// <summary>Applies the steps that are missing, up to <paramref name="upTo"/> (tests stop earlier than the newest).</summary>
    public static void Migrate(SqliteConnection connection, string display, int upTo = int.MaxValue)
    {
        Execute(connection, """
            CREATE TABLE IF NOT EXISTS schema_migration (
              version    INTEGER PRIMARY KEY,
              name       TEXT NOT NULL,
              checksum   TEXT NOT NULL,
              applied_at TEXT NOT NULL
            ) STRICT
            """);
        foreach (var step in Pending(connection, display))
        {
            if (step.Version > upTo) return;
            using var transaction = connection.BeginTransaction(deferred: false);
            Execute(connection, step.Up);
            using (var check = connection.CreateCommand())
            {
                check.CommandText = step.Check;
                if (check.ExecuteScalar() is string wrong)
                    throw new DatabaseRefusedException($"Migration {step.Name} of {display} did not succeed: {wrong}.");
            }

            Execute(connection, "INSERT INTO schema_migration VALUES ($1, $2, $3, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
                step.Version, step.Name, step.Checksum);
            transaction.Commit();
        }
    }

    public static IReadOnlyList<Migration> Pending(SqliteConnection connection, string display)
    {
        if (!HasTable(connection, "schema_migration"))
            throw new DatabaseRefusedException($"{display} is no database of ExposureMonitor.");
        var applied = new List<(int, string, string)>();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT version, name, checksum FROM schema_migration ORDER BY version";
        using var reader = command.ExecuteReader();
        while (reader.Read()) applied.Add((reader.GetInt32(0), reader.GetString(1), reader.GetString(2)));
        return Migration.Pending(Migration.All("sqlite"), applied, display);
    }

    /// <summary>What an operator should know about the library in use.</summary>
    public static IReadOnlyList<string> Warnings(string version) => HasWalResetFix(Version.Parse(version))
        ? []
        : [$"SQLite {version} has the WAL-reset race (fixed in 3.51.3, 3.50.7, 3.44.6): writing and checkpointing from two "
            + "connections at the same instant can lose commits. This process does both on one connection only; "
            + "do not run a checkpoint, VACUUM or a writing tool on the file while it serves."];

    public static string LibraryVersion => raw.sqlite3_libversion().utf8_to_string();

    /// <summary>Runs one or more statements; parameters are $1, $2, ….</summary>
    public static int Execute(SqliteConnection connection, string sql, params ReadOnlySpan<object> parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < parameters.Length; i++)
            command.Parameters.AddWithValue("$" + (i + 1).ToString(CultureInfo.InvariantCulture), parameters[i]);
        return command.ExecuteNonQuery();
    }

    /// <summary>The fix was carried back into two older branches.</summary>
    private static bool HasWalResetFix(Version version) =>
        version >= new Version(3, 51, 3)
        || (version.Minor == 50 && version.Build >= 7)
        || (version.Minor == 44 && version.Build >= 6);

    private static SqliteConnection Open(SqliteAddress address, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = address.File, Mode = mode, Pooling = false, DefaultTimeout = BusyTimeoutSeconds,
        }.ToString());
        try
        {
            connection.Open();
            Execute(connection, $"PRAGMA busy_timeout = {BusyTimeoutSeconds * 1000}");
            Execute(connection, "PRAGMA mmap_size = 0");
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new JournalUnavailableException($"{address.Display} cannot be opened: {e.Message}", e);
        }
    }

    private static void Demand(
        SqliteConnection connection, SqliteAddress address, string pragma, string wanted, Func<string, bool> holds)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA " + pragma;
        var value = Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture)!;
        if (!holds(value)) throw new DatabaseRefusedException($"{address.Display}: {pragma} is {value}, needed is {wanted}.");
    }

    private static bool HasTable(SqliteConnection connection, string name)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = $1";
        command.Parameters.AddWithValue("$1", name);
        return (long)command.ExecuteScalar()! > 0;
    }

    private static void RefuseNetworkShare(string file)
    {
        // The longest mount point above the file is the one that holds it.
        var drive = DriveInfo.GetDrives()
            .Where(d => file.StartsWith(d.Name, StringComparison.Ordinal))
            .MaxBy(d => d.Name.Length);
        if (drive is { IsReady: true } && NetworkFileSystems.Contains(drive.DriveFormat, StringComparer.OrdinalIgnoreCase))
            throw new DatabaseRefusedException(
                $"{file} lies on a network share ({drive.DriveFormat}), where locks are not reliable. Use a local disk or PostgreSQL.");
    }
}
