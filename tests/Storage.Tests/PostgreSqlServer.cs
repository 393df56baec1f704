using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Xunit;

namespace ExposureMonitor.Storage.Tests;

/// <summary>
/// A real PostgreSQL for tests: the server that <c>EXPOSURE_POSTGRES</c> names (a connection string whose role may create
/// databases), else one of our own in a temporary directory, with fsync on, stopped at the end. Other test projects link
/// this file. Where no server can be had, <see cref="Missing"/> says why and tests are skipped, unless
/// <c>EXPOSURE_REQUIRE_POSTGRES</c> is set, as where a machine promises one.
/// </summary>
public sealed class PostgreSqlServer : IAsyncLifetime
{
    private const string OverrideVariable = "EXPOSURE_POSTGRES", RequireVariable = "EXPOSURE_REQUIRE_POSTGRES";

    private static readonly Lazy<string?> MissingReason = new(FindMissing);

    private string? directory;
    private NpgsqlConnectionStringBuilder? administrator;

    /// <summary>Why there is no server, or <c>null</c>.</summary>
    public static string? Missing => MissingReason.Value;

    /// <summary>Which server the tests ran on.</summary>
    public string Version { get; private set; } = "";

    public async Task InitializeAsync()
    {
        if (Missing is not null) return;
        administrator = Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 } given
            ? new NpgsqlConnectionStringBuilder(given)
            : Start();
        Version = (string)(await AdministrateAsync("SHOW server_version"))!;
        Console.WriteLine($"PostgreSQL {Version} at {administrator.Host}:{administrator.Port}");
    }

    public Task DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (directory is null) return Task.CompletedTask;
        Run(Tool("pg_ctl"), "-D", Path.Combine(directory, "data"), "-m", "immediate", "-w", "stop");
        Directory.Delete(directory, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>An empty database of its own; returns its connection string.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = $"exposure_{Guid.NewGuid():N}";
        await AdministrateAsync($"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
        return new NpgsqlConnectionStringBuilder(administrator!.ConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>Drops a database, whoever is still connected.</summary>
    public Task DropDatabaseAsync(string connection) =>
        AdministrateAsync($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(connection).Database} WITH (FORCE)");

    /// <summary>One statement with the rights of the administrator; returns its first value.</summary>
    public async Task<object?> AdministrateAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(administrator!.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Kills the server without a shutdown and starts it again; its sessions break, what is committed stays.</summary>
    public void RestartImmediately()
    {
        if (directory is null) throw new InvalidOperationException("Only a server of our own is killed.");
        Run(Tool("pg_ctl"), "-D", Path.Combine(directory, "data"), "-l", Path.Combine(directory, "log"), "-m", "immediate", "-w", "restart");
    }

    private NpgsqlConnectionStringBuilder Start()
    {
        var initdb = Tool("initdb"); // before anything is left behind
        directory = Directory.CreateTempSubdirectory("exposure-postgres-").FullName;
        if (MustChangeUser) RunAsSelf("chown", "postgres", directory);
        var data = Path.Combine(directory, "data");
        Run(initdb, "-D", data, "-U", "exposure", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        var port = FreePort.Next();
        var options = string.Create(CultureInfo.InvariantCulture,
            $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={directory} -c fsync=on -c max_connections=200");
        Run(Tool("pg_ctl"), "-D", data, "-l", Path.Combine(directory, "log"), "-w", "-o", options, "start");
        return new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = port, Username = "exposure", Database = "postgres" };
    }

    /// <summary>PostgreSQL refuses to run as root; then it runs as the user of its package.</summary>
    private static bool MustChangeUser => Environment.UserName == "root";

    private static string? FindMissing()
    {
        if (Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 }) return null;
        if (Environment.GetEnvironmentVariable(RequireVariable) is { Length: > 0 }) return null;
        var reason = OperatingSystem.IsWindows() ? "no server of our own is started on Windows"
            : !Tools().Any() ? "initdb, pg_ctl and postgres are neither in the PATH nor below /usr/lib/postgresql"
            : MustChangeUser && !HasUser("postgres") ? "root may not run it, and there is no user postgres"
            : null;
        if (reason is null) return null;
        reason = $"No PostgreSQL: {reason}. Set {OverrideVariable} to a connection string.";
        Console.Error.WriteLine("SKIPPED: " + reason);
        return reason;
    }

    private static string Tool(string name) => Path.Combine(
        Tools().FirstOrDefault() ?? throw new InvalidOperationException("PostgreSQL is required here, but is not installed."), name);

    /// <summary>Directories with a whole server: packaged ones first, the newest in front, then the PATH.</summary>
    private static IEnumerable<string> Tools()
    {
        const string packaged = "/usr/lib/postgresql";
        var versions = Directory.Exists(packaged)
            ? Directory.GetDirectories(packaged).OrderByDescending(d => int.TryParse(Path.GetFileName(d), out var v) ? v : 0).Select(d => d + "/bin")
            : [];
        return versions.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .Where(d => d.Length > 0 && new[] { "initdb", "pg_ctl", "postgres" }.All(tool => IsThere(Path.Combine(d, tool))));
    }

    /// <summary>A link whose target was uninstalled still exists as a link.</summary>
    private static bool IsThere(string file) => File.Exists(File.Exists(file) ? File.ResolveLinkTarget(file, true)?.FullName ?? file : file);

    private static bool HasUser(string name) =>
        File.Exists("/etc/passwd") && File.ReadLines("/etc/passwd").Any(line => line.StartsWith(name + ":", StringComparison.Ordinal));

    private static void Run(string file, params string[] arguments)
    {
        if (MustChangeUser) RunAsSelf("runuser", ["-u", "postgres", "--", file, .. arguments]);
        else RunAsSelf(file, arguments);
    }

    private static void RunAsSelf(string file, params string[] arguments)
    {
        // Output goes nowhere: the server inherits it, and a pipe would stay open as long as the server runs.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/" };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec \"$@\" >/dev/null 2>&1");
        foreach (var argument in (string[])["sh", file, .. arguments]) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }
}
