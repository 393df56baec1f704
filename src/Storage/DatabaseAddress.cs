using Npgsql;

namespace ExposureMonitor.Storage;

/// <summary>
/// Where a database is: <c>sqlite:path/to/file.db</c>, <c>postgres://user@host:port/name?key=value</c>, or Npgsql's
/// <c>Host=…;Database=…</c>.
/// </summary>
internal abstract record DatabaseAddress
{
    private protected DatabaseAddress()
    {
    }

    /// <summary>For messages: never holds a password.</summary>
    public abstract string Display { get; }

    /// <summary>Between the addresses of several databases that hold one journal.</summary>
    public const string Between = " | ";

    public static DatabaseAddress Parse(string connection)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connection);
        if (connection.Contains(Between, StringComparison.Ordinal)) return ParseShards(connection.Split(Between));
        const string sqlite = "sqlite:";
        if (connection.StartsWith(sqlite, StringComparison.OrdinalIgnoreCase)) return ParseSqlite(connection[sqlite.Length..]);
        try
        {
            var builder = connection.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase)
                || connection.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase)
                ? FromUri(new Uri(connection))
                : new NpgsqlConnectionStringBuilder(connection);
            if (string.IsNullOrEmpty(builder.Host))
                throw new DatabaseRefusedException("The address names no host. Write sqlite:file.db, postgres://… or Host=….");
            return new PostgreSqlAddress(builder);
        }
        catch (Exception e) when (e is ArgumentException or UriFormatException or FormatException)
        {
            // The text itself stays out of the message: it may hold a password.
            throw new DatabaseRefusedException("The address of the database is none of sqlite:file.db, postgres://…, Host=….", e);
        }
    }

    private static ShardedAddress ParseShards(string[] connections)
    {
        if (connections.Any(string.IsNullOrWhiteSpace)) throw new DatabaseRefusedException("The address names several databases, and one of them is empty.");
        List<PostgreSqlAddress> shards = [.. connections.Select((c, i) => Parse(c.Trim()) is PostgreSqlAddress postgres
            ? postgres with { Shard = (i, connections.Length) } : throw new DatabaseRefusedException("A journal in several databases needs PostgreSQL for each of them."))];
        if (shards.DistinctBy(s => s.Display).Count() < shards.Count) throw new DatabaseRefusedException("The address names one database twice.");
        return new ShardedAddress(shards);
    }

    private static SqliteAddress ParseSqlite(string rest)
    {
        var question = rest.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? rest : rest[..question];
        if (path.StartsWith("//", StringComparison.Ordinal)) path = path[2..];
        if (path.Length == 0) throw new DatabaseRefusedException("The address names no file. Write sqlite:path/to/file.db.");
        var synchronous = "FULL";
        foreach (var (key, value) in question < 0 ? [] : Settings(rest[(question + 1)..]))
        {
            if (!key.Equals("synchronous", StringComparison.OrdinalIgnoreCase))
                throw new DatabaseRefusedException($"The address has an unknown setting '{key}'.");
            synchronous = value.ToUpperInvariant();
        }

        return new SqliteAddress(Path.GetFullPath(path), synchronous);
    }

    private static NpgsqlConnectionStringBuilder FromUri(Uri uri)
    {
        var builder = new NpgsqlConnectionStringBuilder { Host = Uri.UnescapeDataString(uri.Host) };
        if (uri.Port > 0) builder.Port = uri.Port;
        var database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        if (database.Length > 0) builder.Database = database;
        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0) builder.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1) builder.Password = Uri.UnescapeDataString(user[1]);
        foreach (var (key, value) in Settings(uri.Query.TrimStart('?'))) builder[Keyword(key)] = value;
        return builder;
    }

    /// <summary>libpq's words that Npgsql spells otherwise.</summary>
    private static string Keyword(string key) => key.ToLowerInvariant() switch
    {
        "sslmode" => "SSL Mode",
        "sslrootcert" => "Root Certificate",
        "application_name" => "Application Name",
        "connect_timeout" => "Timeout",
        "options" => "Options",
        "dbname" => "Database",
        "user" => "Username",
        _ => key,
    };

    private static IEnumerable<(string Key, string Value)> Settings(string query)
    {
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            yield return (Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        }
    }
}

/// <param name="File">Absolute path.</param>
/// <param name="Synchronous">FULL or EXTRA; anything below is refused when it is opened.</param>
internal sealed record SqliteAddress(string File, string Synchronous = "FULL") : DatabaseAddress
{
    public override string Display => "sqlite:" + File;
}

internal sealed record PostgreSqlAddress(NpgsqlConnectionStringBuilder Connection) : DatabaseAddress
{
    public override string Display => $"postgres://{Connection.Host}:{Connection.Port}/{Connection.Database ?? Connection.Username}";

    /// <summary>Which of how many databases of one journal it is meant to be; the only one unless told.</summary>
    public (int Number, int Count) Shard { get; init; } = (0, 1);
}

/// <param name="Shards">In their order, which is part of the data.</param>
internal sealed record ShardedAddress(IReadOnlyList<PostgreSqlAddress> Shards) : DatabaseAddress
{
    public override string Display => string.Join(Between, Shards.Select(s => s.Display));
}
