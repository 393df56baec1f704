using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using ExposureMonitor.Storage.Tests;
using Microsoft.Data.Sqlite;

namespace ExposureMonitor.Bench;

/// <summary>Fresh databases of one kind, and what is durable in them, read by a process that did not write it.</summary>
internal sealed class Store : IAsyncDisposable
{
    private readonly PostgreSqlServer? _server;
    private readonly List<string> _databases = [];

    private Store(string kind, PostgreSqlServer? server) => (Kind, _server) = (kind, server);

    internal string Kind { get; }

    internal string Folder { get; } = Directory.CreateTempSubdirectory("exposure-bench-").FullName;

    internal string Version { get; private set; } = "";

    /// <summary>Settings that decide about durability, the same for every peer.</summary>
    internal string Settings { get; private set; } = "";

    /// <summary>For every peer alike; a server that somebody else runs keeps its own settings, which are printed.</summary>
    private static readonly (string Name, string Value)[] Tuned =
    [
        ("shared_buffers", "2GB"), ("wal_buffers", "64MB"), ("max_wal_size", "8GB"), ("min_wal_size", "2GB"), ("checkpoint_timeout", "15min"), ("checkpoint_completion_target", "0.9"), ("wal_compression", "lz4"),
    ];

    /// <summary>Process id of the server's first process; 0 when it runs elsewhere.</summary>
    internal int ServerProcess { get; private set; }

    /// <param name="isTuned">The server gets the settings of a production database instead of its defaults.</param>
    internal static async Task<Store> OpenAsync(string kind, bool isTuned = false)
    {
        if (kind is not ("sqlite" or "postgresql")) throw new ArgumentException($"--store: '{kind}'; expected sqlite or postgresql.");
        if (kind == "sqlite")
        {
            using var memory = new SqliteConnection("Data Source=:memory:");
            memory.Open();
            return new Store(kind, null) { Version = "SQLite " + memory.ServerVersion, Settings = "journal_mode=WAL, synchronous=FULL" };
        }

        if (PostgreSqlServer.Missing is { } why) throw new InvalidOperationException(why);
        var server = new PostgreSqlServer();
        await server.InitializeAsync();
        var isOurs = Environment.GetEnvironmentVariable("EXPOSURE_POSTGRES") is not { Length: > 0 };
        if (isTuned && isOurs)
        {
            foreach (var (name, value) in Tuned) await server.AdministrateAsync($"ALTER SYSTEM SET {name} = '{value}'");
            server.RestartImmediately();
            Npgsql.NpgsqlConnection.ClearAllPools();
            await LogFilesAsync(server);
        }

        var settings = new List<string>();
        foreach (var name in (string[])["fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers", "wal_buffers", "max_wal_size", "min_wal_size", "checkpoint_timeout", "checkpoint_completion_target", "wal_compression", "commit_delay"])
            settings.Add($"{name}={await server.AdministrateAsync($"SHOW {name}")}");
        var process = isOurs ? int.Parse(File.ReadLines(Path.Combine((string)(await server.AdministrateAsync("SHOW data_directory"))!, "postmaster.pid")).First(), System.Globalization.CultureInfo.InvariantCulture) : 0;
        return new Store(kind, server) { Version = "PostgreSQL " + server.Version, Settings = string.Join(", ", settings), ServerProcess = process };
    }

    /// <summary>
    /// As on a server that has run for some time, the files of the log are there and used again. On a fresh one every 16 MB a commit first writes
    /// a file of zeros: tens of milliseconds that are not the cost of a commit.
    /// </summary>
    private static async Task LogFilesAsync(PostgreSqlServer server)
    {
        await server.AdministrateAsync("CREATE TABLE log_files (file int)");
        for (var file = 0; file < 120; file++)
        {
            await server.AdministrateAsync($"INSERT INTO log_files VALUES ({file})");
            await server.AdministrateAsync("SELECT pg_switch_wal()::text");
        }

        await server.AdministrateAsync("DROP TABLE log_files");
        await server.AdministrateAsync("CHECKPOINT");
    }

    /// <summary>Address of an empty database.</summary>
    internal async Task<string> NewAsync()
    {
        if (_server is null) return Path.Combine(Folder, $"{Guid.NewGuid():N}.db");
        var connection = await _server.NewDatabaseAsync();
        _databases.Add(connection);
        return connection;
    }

    /// <summary>Gives the room of a finished round back.</summary>
    internal async Task DropAsync(string address)
    {
        if (_server is not null)
        {
            _databases.Remove(address);
            await _server.DropDatabaseAsync(address);
            return;
        }

        foreach (var file in Directory.GetFiles(Folder, Path.GetFileName(address) + "*")) File.Delete(file);
    }

    /// <summary>The address as the product takes it.</summary>
    internal static string AddressOf(string address) => address.EndsWith(".db", StringComparison.Ordinal) ? "sqlite:" + address : address;

    /// <summary>The book of a killed process, opened afresh, against the oracle, after the journal has proved itself.</summary>
    internal static async Task VerifyAsync(string address, long[] oracle)
    {
        // Of one moment: a session of the killed process may still be at its last statement.
        await using var reader = await JournalFactory.OpenMomentAsync(AddressOf(address));
        var proof = await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None);
        if (proof.Violation is { } violation) throw new InvalidOperationException($"{violation}: no figure is printed.");
        var actual = new long[oracle.Length];
        for (var partition = 0; partition < reader.Database.Partitions; partition++)
        {
            var book = await AsOf.BookAsync(reader, reader.Database, partition, new PastBound(new Instant(long.MaxValue), long.MaxValue), CancellationToken.None);
            for (var slot = 0; slot < book.AccountCount; slot++) actual[int.Parse(book.CustomerAt(slot)[1..], System.Globalization.CultureInfo.InvariantCulture)] = book.Figures(slot).Gross;
        }

        Compare(actual, oracle);
    }

    /// <summary>What a killed process left reserved, read afresh, after the journal has proved itself.</summary>
    internal static async Task<Int128> ReservedAsync(string address)
    {
        await using var reader = await JournalFactory.OpenMomentAsync(AddressOf(address));
        var proof = await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None);
        if (proof.Violation is { } violation) throw new InvalidOperationException($"{violation}: no figure is printed.");
        Int128 reserved = 0;
        for (var partition = 0; partition < reader.Database.Partitions; partition++)
        {
            var book = await AsOf.NowAsync(reader, reader.Database, partition, CancellationToken.None);
            for (var slot = 0; slot < book.AccountCount; slot++) reserved += book.Figures(slot).Reserved;
        }

        return reserved;
    }

    internal static void Compare(long[] actual, long[] oracle)
    {
        for (var c = 0; c < oracle.Length; c++)
            if (actual[c] != oracle[c]) throw new InvalidOperationException($"Customer {c} has {actual[c]}, the oracle {oracle[c]}: no figure is printed.");
    }

    /// <summary>CPU seconds of the server's processes so far, for sessions that live; 0 for an embedded store.</summary>
    internal async Task<double> ServerCpuAsync()
    {
        if (_server is null) return 0;
        const int TicksPerSecond = 100;
        var pids = (string?)await _server.AdministrateAsync("SELECT string_agg(pid::text, ' ') FROM pg_stat_activity") ?? "";
        var seconds = 0.0;
        foreach (var pid in pids.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            // The session that asks is among them and may be gone.
            if (!File.Exists($"/proc/{pid}/stat")) continue;
            var stat = await File.ReadAllTextAsync($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            seconds += (double.Parse(fields[11], System.Globalization.CultureInfo.InvariantCulture) + double.Parse(fields[12], System.Globalization.CultureInfo.InvariantCulture)) / TicksPerSecond;
        }

        return seconds;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }
}
