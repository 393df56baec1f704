using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>
/// Where journals come from. A connection is <c>sqlite:path/to/file.db</c>, <c>postgres://user@host:port/name</c> or
/// <c>Host=…;Database=…</c>; several of PostgreSQL with <c> | </c> between them are one journal that is spread over them (<see cref="Together"/>).
/// </summary>
public static class JournalFactory
{
    /// <summary>
    /// Creates the schema with the row of the creation and all partitions. A PostgreSQL database has to exist and be
    /// empty; a SQLite file is made. Refuses a database that was created before.
    /// </summary>
    public static async Task CreateAsync(string connection, DatabaseInfo creation, CancellationToken cancel = default)
    {
        if (creation.Partitions is < 1 or > 4096)
            throw new InvalidOperationException($"A database has 1 to 4096 partitions, not {creation.Partitions}.");
        switch (DatabaseAddress.Parse(connection))
        {
            case SqliteAddress sqlite: SqliteDatabase.Create(sqlite, creation); break;
            case PostgreSqlAddress postgres: await PostgreSqlDatabase.CreateAsync(postgres, creation, cancel); break;
            case ShardedAddress sharded:
                foreach (var shard in sharded.Shards) await PostgreSqlDatabase.CreateAsync(shard, creation, cancel);
                break;
            default: throw new InvalidOperationException("There is no such kind of database.");
        }
    }

    /// <summary>
    /// Brings an existing PostgreSQL database to this release as the owner of its tables, and grants what a service and a
    /// reader need and no more: the service can change no journal, no row of an entry and no schema.
    /// </summary>
    /// <param name="writer">Role of the services, which exists; <c>null</c> to grant none.</param>
    /// <param name="reader">Role of reports and of commands that only read; likewise.</param>
    /// <exception cref="DatabaseRefusedException">It is no PostgreSQL database, or a role does not exist.</exception>
    public static async Task PrepareAsync(string connection, string? writer, string? reader, CancellationToken cancel = default)
    {
        if (DatabaseAddress.Parse(connection) is not (PostgreSqlAddress or ShardedAddress))
            throw new DatabaseRefusedException("A SQLite file has no roles; whoever may write the file may write everything.");
        foreach (var address in AllOf(connection))
        {
            await (await PostgreSqlJournal.OpenAsync(address, PostgreSqlOwnership.Exclusive, cancel)).DisposeAsync();
            await PostgreSqlRoles.GrantAsync(address, writer, reader, cancel);
        }
    }

    /// <summary>The address of one journal in several databases, in their order.</summary>
    public static string Together(IEnumerable<string> connections) => string.Join(DatabaseAddress.Between, connections);

    private static IReadOnlyList<PostgreSqlAddress> AllOf(string connection) => DatabaseAddress.Parse(connection) switch
    {
        PostgreSqlAddress one => [one],
        ShardedAddress several => several.Shards,
        _ => [],
    };

    /// <summary>A name for files that stand beside the database; holds no password and no separator of paths.</summary>
    public static string NameOf(string connection) => string.Join('_', (DatabaseAddress.Parse(connection) switch
    {
        SqliteAddress sqlite => Path.GetFileName(sqlite.File),
        PostgreSqlAddress or ShardedAddress when AllOf(connection)[0].Connection is var first => $"{first.Host}-{first.Port}-{first.Database ?? first.Username}",
        _ => "exposure",
    }).Split([.. Path.GetInvalidFileNameChars(), '/', ':']));

    /// <summary>The same PostgreSQL database, of several the first, in the form that Npgsql reads, for what keeps its own tables there.</summary>
    /// <exception cref="DatabaseRefusedException">It is no PostgreSQL database.</exception>
    public static string ConnectionStringOf(string connection) => AllOf(connection) is [var address, ..]
        ? address.Connection.ConnectionString
        : throw new DatabaseRefusedException("A SQLite file has one owner; a cluster needs PostgreSQL.");

    /// <summary>Whether <see cref="CreateAsync"/> has been run on it. A server that cannot be reached throws.</summary>
    public static async Task<bool> ExistsAsync(string connection, CancellationToken cancel = default) =>
        DatabaseAddress.Parse(connection) switch
        {
            SqliteAddress sqlite => SqliteDatabase.Exists(sqlite),
            PostgreSqlAddress postgres => await PostgreSqlDatabase.ExistsAsync(postgres, cancel),
            ShardedAddress sharded => await ExistAsync(sharded, cancel),
            _ => throw new InvalidOperationException("There is no such kind of database."),
        };

    private static async Task<bool> ExistAsync(ShardedAddress sharded, CancellationToken cancel)
    {
        var missing = new List<string>();
        foreach (var shard in sharded.Shards)
            if (!await PostgreSqlDatabase.ExistsAsync(shard, cancel)) missing.Add(shard.Display);
        if (missing.Count > 0 && missing.Count < sharded.Shards.Count) throw new DatabaseRefusedException($"Of the databases of this journal some were never created: {string.Join(", ", missing)}.");
        return missing.Count == 0;
    }

    /// <summary>
    /// For a command: owns the database alone and migrates it. A database that a service ran on is opened only with
    /// <paramref name="offline"/>, by which the operator says that no service is meant to run now.
    /// </summary>
    /// <exception cref="DatabaseHeldException">Another process owns it.</exception>
    /// <exception cref="DatabaseRefusedException">It must not be opened this way; the message says why.</exception>
    public static async Task<IStoredJournal> OpenWriterAsync(string connection, bool offline, CancellationToken cancel = default)
    {
        var journal = await OpenAsync(connection, shared: false, cancel);
        if (!journal.Database.WasServed || offline) return journal;
        await journal.DisposeAsync();
        throw new DatabaseRefusedException(
            $"A service has run on {DatabaseAddress.Parse(connection).Display}. Send the command to it (--url), "
            + "or say that none is meant to run now (--offline).");
    }

    /// <summary>
    /// For a service: owns the database, migrates it and marks it as served. With <paramref name="shared"/> (silos of a
    /// cluster, PostgreSQL only) other services may own it as well; commands still may not.
    /// </summary>
    public static async Task<IStoredJournal> OpenServiceAsync(string connection, bool shared = false, CancellationToken cancel = default)
    {
        var journal = await OpenAsync(connection, shared, cancel);
        try
        {
            if (!journal.Database.WasServed) await journal.MarkServedAsync(cancel);
            return journal;
        }
        catch
        {
            await journal.DisposeAsync();
            throw;
        }
    }

    /// <summary>For whoever only reads, beside a running service or without one: takes no lock, bumps no epoch.</summary>
    public static Task<IStoredReader> OpenReaderAsync(string connection, CancellationToken cancel = default) => OpenReaderAsync(connection, ofOneMoment: false, cancel);

    /// <summary>
    /// The same, and every answer is of the moment in which it was opened, whatever a service commits meanwhile: what is compared with one another
    /// belongs together. Not for long-lived readers, since the database keeps that moment for as long.
    /// </summary>
    public static Task<IStoredReader> OpenMomentAsync(string connection, CancellationToken cancel = default) => OpenReaderAsync(connection, ofOneMoment: true, cancel);

    private static async Task<IStoredReader> OpenReaderAsync(string connection, bool ofOneMoment, CancellationToken cancel) =>
        DatabaseAddress.Parse(connection) switch
        {
            SqliteAddress sqlite => SqliteReader.Open(sqlite, ofOneMoment),
            PostgreSqlAddress postgres => await PostgreSqlReader.OpenAsync(postgres, ofOneMoment, cancel),
            ShardedAddress sharded => new ShardedStoredReader(await EachAsync<IStoredReader>(sharded, async s => await PostgreSqlReader.OpenAsync(s, ofOneMoment, cancel), r => r.Database)),
            _ => throw new InvalidOperationException("There is no such kind of database."),
        };

    private static async Task<IStoredJournal> OpenAsync(string connection, bool shared, CancellationToken cancel) =>
        DatabaseAddress.Parse(connection) switch
        {
            SqliteAddress when shared => throw new DatabaseRefusedException("A SQLite file has one owner; a cluster needs PostgreSQL."),
            SqliteAddress sqlite => SqliteJournal.Open(sqlite),
            PostgreSqlAddress postgres => await PostgreSqlJournal.OpenAsync(
                postgres, shared ? PostgreSqlOwnership.Shared : PostgreSqlOwnership.Exclusive, cancel),
            ShardedAddress sharded => new ShardedJournal(await EachAsync<IStoredJournal>(sharded,
                async s => await PostgreSqlJournal.OpenAsync(s, shared ? PostgreSqlOwnership.Shared : PostgreSqlOwnership.Exclusive, cancel), j => j.Database)),
            _ => throw new InvalidOperationException("There is no such kind of database."),
        };

    /// <summary>Opens each database; all have to be of one journal.</summary>
    private static async Task<IReadOnlyList<T>> EachAsync<T>(ShardedAddress sharded, Func<PostgreSqlAddress, Task<T>> open, Func<T, DatabaseInfo> info) where T : IAsyncDisposable
    {
        var opened = new List<T>();
        try
        {
            foreach (var shard in sharded.Shards)
            {
                opened.Add(await open(shard));
                if (info(opened[^1]) with { WasServed = false } != info(opened[0]) with { WasServed = false })
                    throw new DatabaseRefusedException($"{shard.Display} is of another journal than {sharded.Shards[0].Display}.");
            }

            return opened;
        }
        catch
        {
            foreach (var one in opened) await one.DisposeAsync();
            throw;
        }
    }
}
