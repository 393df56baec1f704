using System.Globalization;
using System.Net;
using Npgsql;

namespace ExposureMonitor.Chaos;

/// <summary>A PostgreSQL of the rig's own, with the settings of production, that is restarted, robbed of sessions, and lied about.</summary>
internal sealed partial class PostgreSqlServer : IAsyncDisposable
{
    private readonly string _folder, _tools;
    private readonly NpgsqlDataSource _admin;
    private long _read;

    private PostgreSqlServer(string folder, string tools, int port, int databases)
    {
        (_folder, _tools, Port, Databases) = (folder, tools, port, databases);
        _admin = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={port};Username=exposure;Database=exposure;Application Name=nemesis;Pooling=false;Timeout=5");
    }

    internal int Port { get; }

    /// <summary>How many hold the journal.</summary>
    internal int Databases { get; }

    /// <summary>Address past the proxies, for the command line.</summary>
    internal string Direct => Address(new IPEndPoint(IPAddress.Loopback, Port), "exposure-verify", Databases);

    /// <summary>Writes that the fence refused, by the name of the process that sent them: the server's own log says so.</summary>
    internal Dictionary<string, int> Fenced { get; } = [];

    /// <summary>Between the addresses of several databases, as the product reads them.</summary>
    internal const string Between = " | ";

    internal static string Address(IPEndPoint at, string name, int databases = 1) =>
        string.Join(Between, Enumerable.Range(0, databases).Select(i => $"postgres://exposure@{at}/{NameOf(i)}?application_name={name}"));

    private static string NameOf(int database) => database == 0 ? "exposure" : string.Create(CultureInfo.InvariantCulture, $"exposure_{database}");

    internal static async Task<PostgreSqlServer> StartAsync(string folder, int databases = 1)
    {
        var server = new PostgreSqlServer(Path.Combine(folder, "postgres"), Tools() ?? throw new InvalidOperationException("PostgreSQL is not installed: its initdb is looked for below /usr/lib/postgresql."), FreePort.Next(), databases);
        Directory.CreateDirectory(server._folder);
        if (Environment.UserName == "root") await Shell.RunAsync("chown", "postgres", server._folder);
        await server.ToolAsync("initdb", "-D", server.Data, "-U", "exposure", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        await server.StartServerAsync();
        await using (var first = new NpgsqlConnection($"Host=127.0.0.1;Port={server.Port};Username=exposure;Database=postgres;Pooling=false"))
        {
            await first.OpenAsync();
            for (var i = 0; i < databases; i++)
            {
                await using var create = new NpgsqlCommand($"CREATE DATABASE {NameOf(i)} TEMPLATE template0 ENCODING 'UTF8'", first);
                await create.ExecuteNonQueryAsync();
            }
        }

        await server.TeachToLieAsync();
        return server;
    }

    /// <summary>Whether there is one to run on.</summary>
    internal static bool IsThere => Tools() is not null;

    private static string? Tools() =>
        Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => d + "/bin").LastOrDefault(d => File.Exists(d + "/initdb")) : null;

    private string Data => Path.Combine(_folder, "data");

    private string Log => Path.Combine(_folder, "log");

    private Task StartServerAsync() => ToolAsync("pg_ctl", "-D", Data, "-l", Log, "-w", "-o", string.Create(CultureInfo.InvariantCulture,
        $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={_folder} -c fsync=on -c full_page_writes=on -c synchronous_commit=on -c max_connections=200 -c shared_buffers=256MB -c max_wal_size=4GB -c log_line_prefix='%p|%a|'"), "start");

    /// <summary>What a lost connection or a failed-over lock would do: for as long as the row says so, anybody gets the owner's lock.</summary>
    private async Task TeachToLieAsync()
    {
        await RunAsync("""
            CREATE SCHEMA lie;
            CREATE TABLE lie.told (every_lock boolean NOT NULL);
            INSERT INTO lie.told VALUES (false);
            CREATE FUNCTION lie.pg_advisory_lock(a int, b int) RETURNS void LANGUAGE plpgsql AS $$
            BEGIN
              IF NOT (SELECT every_lock FROM lie.told) THEN PERFORM pg_catalog.pg_advisory_lock(a, b); END IF;
            END $$;
            ALTER ROLE exposure SET search_path = public, lie, pg_catalog;
            """);
    }

    internal Task LieAsync(bool lie) => AgainAsync(async () =>
    {
        await RunAsync(lie ? "UPDATE lie.told SET every_lock = true" : "UPDATE lie.told SET every_lock = false");
        return true;
    });

    /// <summary>Tries again: on a machine that stands still for a while the rig's own requests run out of time as well.</summary>
    private static async Task<T> AgainAsync<T>(Func<Task<T>> what)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await what();
            }
            catch (Exception away) when (tries < 5 && away is (NpgsqlException or InvalidOperationException or TimeoutException))
            {
                await Task.Delay(2_000);
            }
        }
    }

    /// <summary>The server dies as by a crash and comes back.</summary>
    internal Task CrashAsync() => AgainAsync(() => ToolAsync("pg_ctl", "-D", Data, "-l", Log, "-m", "immediate", "-w", "restart"));

    /// <summary>Ends sessions of a process by the server's own function; how many there were.</summary>
    internal Task<int> EndSessionsAsync(string name, int most) => AgainAsync(async () =>
    {
        await using var connection = await _admin.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid() ORDER BY random() LIMIT $2) s", connection);
        command.Parameters.AddWithValue(name);
        command.Parameters.AddWithValue(most);
        return (int)(long)(await command.ExecuteScalarAsync())!;
    });

    /// <summary>kill -9 of one session's server process, which takes the whole server through its crash recovery.</summary>
    internal Task<bool> KillBackendAsync(string name) => AgainAsync(async () =>
    {
        await using var connection = await _admin.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT pid FROM pg_stat_activity WHERE application_name = $1 ORDER BY (state = 'active') DESC, random() LIMIT 1", connection);
        command.Parameters.AddWithValue(name);
        return await command.ExecuteScalarAsync() is int pid && Shell.Send(pid, Shell.Kill);
    });

    /// <summary>Reads on in the server's log.</summary>
    internal void ReadLog()
    {
        if (!File.Exists(Log)) return;
        using var stream = new FileStream(Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = _read;
        using var reader = new StreamReader(stream, leaveOpen: true);
        while (reader.ReadLine() is { } line)
        {
            if (!line.Contains("ERROR:  fenced: ", StringComparison.Ordinal) && !line.Contains("duplicate key value violates unique constraint \"journal", StringComparison.Ordinal)) continue;
            var parts = line.Split('|');
            if (parts.Length < 3) continue;
            Fenced[parts[1]] = Fenced.GetValueOrDefault(parts[1]) + 1;
        }

        _read = stream.Length;
    }

    internal async Task RunAsync(string sql)
    {
        await using var connection = await _admin.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>True as soon as it takes sessions again; false when it does not within half a minute.</summary>
    internal async Task<bool> IsUpAsync()
    {
        for (var i = 0; i < 60; i++)
        {
            try
            {
                await RunAsync("SELECT 1");
                return true;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(500);
            }
        }

        return false;
    }

    private Task<string> ToolAsync(string tool, params string[] arguments) =>
        Shell.RunSilentlyAsync(Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--", Path.Combine(_tools, tool), .. arguments] : [Path.Combine(_tools, tool), .. arguments]);

    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();
        await ToolAsync("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
    }
}
