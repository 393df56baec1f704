using System.Globalization;
using ExposureMonitor.Engine;
using Npgsql;

namespace ExposureMonitor.Storage;

/// <summary>Connecting, checking, creating and migrating a PostgreSQL database.</summary>
internal static class PostgreSqlDatabase
{
    /// <summary>Class of all advisory locks of the product; the migration 0001 uses it too.</summary>
    private const int LockClass = 4920613, OwnerLock = 1;

    /// <summary>Sessions that read for decisions and recovery, and those that read for people.</summary>
    private const int DecidersMax = 8, ReportersMax = 16;

    /// <summary>
    /// Physical connections of their own, without a pool: the advisory lock lives and dies with the connection, and a pool
    /// would hand it on. Prepared explicitly, with room for a whole frame in the buffer.
    /// </summary>
    public static NpgsqlDataSource WriterSource(PostgreSqlAddress address)
    {
        var builder = Common(address);
        builder.Pooling = false;
        builder.WriteBufferSize = 65536;
        return NpgsqlDataSource.Create(builder);
    }

    /// <summary>
    /// Pools of their own, so that readers never take the committer's place, nor reports that of decisions; their sessions
    /// cannot write, and a report that runs for minutes is ended: it would keep old versions of the fence's rows alive.
    /// </summary>
    public static NpgsqlDataSource ReaderSource(PostgreSqlAddress address, bool reports = true)
    {
        var builder = Common(address);
        builder.MaxPoolSize = reports ? ReportersMax : DecidersMax;
        builder.MinPoolSize = 0;
        // Ten rows of accounts fill the default: a system call for each of them.
        builder.ReadBufferSize = 65536;
        builder.Options = $"{builder.Options} -c default_transaction_read_only=on -c statement_timeout={(reports ? "60s" : "20s")}".Trim();
        return NpgsqlDataSource.Create(builder);
    }

    /// <summary>
    /// A connection that may write: on a primary, with settings under which a commit survives a power cut, with timeouts
    /// by which the server answers before the client gives up (an answer is an outcome, a timeout of ours is none).
    /// </summary>
    public static async Task<NpgsqlConnection> OpenWriterAsync(
        NpgsqlDataSource source, PostgreSqlAddress address, CancellationToken cancel)
    {
        var connection = await ConnectAsync(source, address, cancel);
        try
        {
            await RefuseUnsafeAsync(connection, address, cancel);
            await ExecuteAsync(connection, """
                SET statement_timeout = '20s'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '10s'
                """, cancel);
#if SEEDED_BUGS
            if (SeededBug.Is("D12")) await ExecuteAsync(connection, "SET synchronous_commit = off", cancel);
#endif
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public static async Task<NpgsqlConnection> ConnectAsync(NpgsqlDataSource source, PostgreSqlAddress address, CancellationToken cancel)
    {
        try
        {
            return await source.OpenConnectionAsync(cancel);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            throw Unavailable(address, e);
        }
    }

    /// <summary>Takes the lock of the owner on this session, or says who holds it. A moment's wait covers a restart.</summary>
    public static async Task TakeOwnershipAsync(
        NpgsqlConnection connection, PostgreSqlAddress address, PostgreSqlOwnership ownership, CancellationToken cancel)
    {
        if (ownership == PostgreSqlOwnership.Bypassed) return;
        var function = ownership == PostgreSqlOwnership.Shared ? "pg_advisory_lock_shared" : "pg_advisory_lock";
        try
        {
            await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture,
                $"SET lock_timeout = '1s'; SELECT {function}({LockClass}, {OwnerLock}); SET lock_timeout = '10s'"), cancel);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new DatabaseHeldException(address.Display, await HolderAsync(connection, cancel));
        }
    }

    public static async Task<bool> ExistsAsync(PostgreSqlAddress address, CancellationToken cancel)
    {
        await using var source = ReaderSource(address);
        await using var connection = await ConnectAsync(source, address, cancel);
        return await HasTableAsync(connection, "database_info", cancel);
    }

    public static async Task CreateAsync(PostgreSqlAddress address, DatabaseInfo creation, CancellationToken cancel)
    {
        await using var source = WriterSource(address);
        await using var connection = await OpenWriterAsync(source, address, cancel);
        await TakeOwnershipAsync(connection, address, PostgreSqlOwnership.Exclusive, cancel);
        if (await HasTableAsync(connection, "database_info", cancel))
            throw new DatabaseRefusedException($"{address.Display} exists already; it is created once.");
        await MigrateAsync(connection, address, cancel);
        await ExecuteAsync(connection, "UPDATE database_shard SET number = $1, count = $2", cancel, address.Shard.Number, address.Shard.Count);
        await InsertCreationAsync(connection, creation, cancel);
    }

    /// <summary>The row of the creation and one fence row per partition, the house (−1) included, in one transaction.</summary>
    public static async Task InsertCreationAsync(NpgsqlConnection connection, DatabaseInfo creation, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await ExecuteAsync(connection, "INSERT INTO database_info VALUES (1, $1, $2, $3, $4, $5, $6)", cancel, creation.EnvironmentId,
            creation.BaseCurrency, creation.Partitions, creation.ClockMode, creation.TimeZone, creation.WasServed);
        await ExecuteAsync(connection, """
            INSERT INTO partition SELECT id, 0, 0, decode(repeat('00', 32), 'hex'), 0 FROM generate_series(-1, $1 - 1) AS id
            """, cancel, creation.Partitions);
        await transaction.CommitAsync(cancel);
    }

    /// <summary>Whoever opened one of several databases alone would begin partitions anew that have their history in another one.</summary>
    private static async Task DemandShardAsync(NpgsqlConnection connection, PostgreSqlAddress address, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT number, count FROM database_shard", connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel)) throw new DatabaseRefusedException($"{address.Display} was never completely created. Drop it and create it again.");
        if ((reader.GetInt32(0), reader.GetInt32(1)) is var (number, count) && (number, count) != address.Shard)
            throw new DatabaseRefusedException(count == 1
                ? $"{address.Display} holds a whole journal, and is named as the {address.Shard.Number + 1}. of {address.Shard.Count} databases."
                : $"{address.Display} is the {number + 1}. of {count} databases of a journal, and is named as the {address.Shard.Number + 1}. of {address.Shard.Count}. Name all of them, in their order.");
    }

    public static async Task<DatabaseInfo> ReadInfoAsync(NpgsqlConnection connection, PostgreSqlAddress address, CancellationToken cancel)
    {
        await DemandShardAsync(connection, address, cancel);
        await using var command = new NpgsqlCommand(
            "SELECT environment_id, base_currency, partitions, clock_mode, time_zone, was_served FROM database_info", connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel))
            throw new DatabaseRefusedException($"{address.Display} was never completely created. Drop it and create it again.");
        return new DatabaseInfo(reader.GetString(0), reader.GetString(1), reader.GetInt32(2), reader.GetString(3),
            reader.GetString(4), reader.GetBoolean(5));
    }

    /// <summary>Applies the steps that are missing, each in one transaction with its check and its record.</summary>
    public static async Task MigrateAsync(
        NpgsqlConnection connection, PostgreSqlAddress address, CancellationToken cancel, int upTo = int.MaxValue)
    {
        await ExecuteAsync(connection, """
            CREATE TABLE IF NOT EXISTS schema_migration (
              version    int PRIMARY KEY,
              name       text NOT NULL,
              checksum   text NOT NULL,
              applied_at timestamptz NOT NULL DEFAULT now()
            )
            """, cancel);
        foreach (var step in await PendingAsync(connection, address, cancel))
        {
            if (step.Version > upTo) return;
            await using var transaction = await connection.BeginTransactionAsync(cancel);

            // Building an index over years of rows may take longer than any commit is allowed to.
            await ExecuteAsync(connection, "SET LOCAL statement_timeout = 0", cancel);

            // Several silos may start at once: the second waits here, and finds the step done.
            await ExecuteAsync(connection, "LOCK TABLE schema_migration IN EXCLUSIVE MODE", cancel);
            var done = await ScalarAsync(connection, "SELECT 1 FROM schema_migration WHERE version = $1", cancel, step.Version);
            if (done is not null) continue;
            await ExecuteAsync(connection, step.Up, cancel);
            if (await ScalarAsync(connection, step.Check, cancel) is string wrong)
                throw new DatabaseRefusedException($"Migration {step.Name} of {address.Display} did not succeed: {wrong}.");
            await ExecuteAsync(connection, "INSERT INTO schema_migration (version, name, checksum) VALUES ($1, $2, $3)", cancel,
                step.Version, step.Name, step.Checksum);
            await transaction.CommitAsync(cancel);
        }
    }

    public static async Task<IReadOnlyList<Migration>> PendingAsync(
        NpgsqlConnection connection, PostgreSqlAddress address, CancellationToken cancel)
    {
        if (!await HasTableAsync(connection, "schema_migration", cancel))
            throw new DatabaseRefusedException($"{address.Display} is no database of ExposureMonitor. Create it first.");
        var applied = new List<(int, string, string)>();
        await using var command = new NpgsqlCommand("SELECT version, name, checksum FROM schema_migration ORDER BY version", connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel)) applied.Add((reader.GetInt32(0), reader.GetString(1), reader.GetString(2)));
        return Migration.Pending(Migration.All("postgres"), applied, address.Display);
    }

    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel, params object[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        await command.ExecuteNonQueryAsync(cancel);
    }

    public static async Task<object?> ScalarAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancel, params object[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteScalarAsync(cancel);
    }

    public static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params ReadOnlySpan<object> parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in parameters) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    public static JournalUnavailableException Unavailable(PostgreSqlAddress address, Exception e) => new(e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } missing =>
            $"{address.Display}: {missing.MessageText}. The owner of the tables grants what a service needs by exposure database prepare --writer ROLE, and what verify and show need by --reader ROLE.",
        PostgresException refused => $"{address.Display} refuses: {refused.Message}",
        _ => $"{address.Display} does not answer: {e.Message}",
    }, e);

    private static NpgsqlConnectionStringBuilder Common(PostgreSqlAddress address)
    {
        var builder = new NpgsqlConnectionStringBuilder(address.Connection.ConnectionString) { MaxAutoPrepare = 0 };

        // A server that is not there is known to be so within the second in which callers must be told.
        if (!address.Connection.ContainsKey("Timeout")) builder.Timeout = 3;

        // Whoever is refused reads this name: it has to lead to a process.
        if (string.IsNullOrEmpty(builder.ApplicationName))
        {
            builder.ApplicationName = string.Create(
                CultureInfo.InvariantCulture, $"exposure {Environment.ProcessId}@{Environment.MachineName}");
        }

        return builder;
    }

    private static async Task RefuseUnsafeAsync(NpgsqlConnection connection, PostgreSqlAddress address, CancellationToken cancel)
    {
        if (await ScalarAsync(connection, "SELECT pg_is_in_recovery()", cancel) is true)
            throw new DatabaseRefusedException(
                $"{address.Display} is a replica: it shows another order of commits than the primary. Use the primary.");
        foreach (var setting in (string[])["fsync", "full_page_writes", "synchronous_commit"])
        {
            if (await ScalarAsync(connection, "SELECT current_setting($1)", cancel, setting) is "off")
                throw new DatabaseRefusedException(
                    $"{address.Display} runs with {setting} = off and may lose what it confirmed. Set it to on.");
        }

        if (await ScalarAsync(connection, "SHOW server_encoding", cancel) is not "UTF8")
            throw new DatabaseRefusedException($"{address.Display} has another encoding than UTF8 and cannot hold every name.");
    }

    private static async Task<string> HolderAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        // pg_locks and pg_stat_activity show sessions of the same role to everybody; of another role's the rest is not said.
        var holders = await ScalarAsync(connection, """
            SELECT string_agg(format('%s (session %s of %s%s)', coalesce(nullif(a.application_name, ''), 'a program without a name'), a.pid, coalesce(a.usename, 'another role'),
                     ' from ' || host(a.client_addr) || ', since ' || to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')), ' and ')
              FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
             WHERE l.locktype = 'advisory' AND l.granted AND l.classid::bigint = $1 AND l.objid::bigint = $2
               AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """, cancel, (long)LockClass, (long)OwnerLock);
        return holders as string ?? "a session that has just ended; try again";
    }

    /// <summary>Whether this session's role may change the schema. A service should not; its migrations are then another's work.</summary>
    public static async Task<bool> OwnsSchemaAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        await ScalarAsync(connection, "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'partition'::regclass", cancel) is true;

    private static async Task<bool> HasTableAsync(NpgsqlConnection connection, string name, CancellationToken cancel) =>
        await ScalarAsync(connection, "SELECT to_regclass($1)::text", cancel, name) is string;
}
