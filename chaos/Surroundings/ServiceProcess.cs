using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace ExposureMonitor.Chaos;

/// <summary>One process of the product with its own proxy to the database.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource<JsonElement?> _serves = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private static readonly Lock Saying = new();

    private readonly string _said;
    private int _disposed;

    private ServiceProcess(string name, Process process, TcpProxy proxy, Uri url, string said)
    {
        (Name, _process, Proxy, Url, _said) = (name, process, proxy, url, said);
        _ = ListenAsync(process.StandardOutput, isError: false);
        _ = ListenAsync(process.StandardError, isError: true);
    }

    /// <summary>Its name in the sessions of the database.</summary>
    internal string Name { get; }

    internal TcpProxy Proxy { get; }

    /// <summary>Of its API.</summary>
    internal Uri Url { get; }

    internal bool HasEnded => _process.HasExited;

    /// <summary>The keys that a first start prints; nothing on later starts; <c>null</c> when it ended without serving.</summary>
    internal Task<JsonElement?> Serves => _serves.Task;

    internal static ServiceProcess Start(string executable, string folder, string name, int postgres, string kafka, int seed, string? bug, int databases = 1)
    {
        var port = FreePort.Next();
        return Start([executable], folder, name, new TcpProxy(postgres, seed), IPAddress.Loopback, port, bug, databases, db => ["serve", "--db", db, "--port", Text(port), "--rate", "0", "--kafka", kafka, "--json"]);
    }

    /// <summary>Starts a silo in its place: the same name and ports as the one before it.</summary>
    internal static ServiceProcess StartSilo(string executable, string folder, string name, SiloPlace place, int postgres, string kafka, int seed, int databases) =>
        Start([.. place.Inside, executable], folder, name, new TcpProxy(postgres, seed, place.Outside), place.ApiAddress, place.Port, null, databases, db =>
        [
            .. db.Split(PostgreSqlServer.Between).SelectMany((one, i) => (string[])[i == 0 ? "--Journal:Connection" : $"--Journal:Shards:{Text(i - 1)}", one]), "--Cluster:Id", place.Cluster, "--Cluster:SiloName", place.Name, "--Cluster:SiloPort", Text(place.SiloPort), "--Cluster:ProbeSeconds", "1", "--Cluster:MissedProbes", "2",
            "--Cluster:AdvertisedAddress", place.SiloAddress.ToString(), "--Api:Listen", place.ApiAddress.ToString(),
            "--Api:Port", Text(place.Port), "--Api:RatePerSecond", "0", "--Api:MovingWaitSeconds", "2", "--Kafka:Bootstrap", kafka,
        ]);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static ServiceProcess Start(string[] command, string folder, string name, TcpProxy proxy, IPAddress address, int port, string? bug, int databases, Func<string, string[]> arguments)
    {
        var start = new ProcessStartInfo(command[0], [.. command[1..], .. arguments(PostgreSqlServer.Address(proxy.Address, name, databases))])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder,
        };
        start.Environment["DOTNET_gcServer"] = "0";
        if (bug is not null) start.Environment["EXPOSURE_SEEDED_BUG"] = bug;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{command[^1]} does not start.");
        return new ServiceProcess(name, process, proxy, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{address}:{port}/api/v1/")), Path.Combine(folder, "service.log"));
    }

    internal void Signal(int signal)
    {
        if (!_process.HasExited) Shell.Send(_process.Id, signal);
    }

    /// <summary>kill -9, also of a stopped process.</summary>
    internal async Task KillAsync()
    {
        Signal(Shell.Kill);
        await _process.WaitForExitAsync();
        Proxy.Dispose();
    }

    /// <summary>SIGTERM; killed when it has not ended after a time. True when it ended by itself.</summary>
    internal async Task<bool> EndAsync(TimeSpan within)
    {
        Signal(Shell.Terminate);
        using var limit = new CancellationTokenSource(within);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            Proxy.Dispose();
            return true;
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            return false;
        }
    }

    private async Task ListenAsync(StreamReader reader, bool isError)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (!isError && line.StartsWith("{\"url\"", StringComparison.Ordinal))
            {
                using var json = JsonDocument.Parse(line);
                _serves.TrySetResult(json.RootElement.TryGetProperty("keys", out var keys) ? keys.Clone() : default(JsonElement));
                continue;
            }

            // One file for all: each line is written at its end, whoever wrote the one before.
            lock (Saying) File.AppendAllText(_said, $"{DateTime.UtcNow:HH:mm:ss.fff} {Name} {line}\n");
        }

        if (!isError) _serves.TrySetResult(null);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        if (!_process.HasExited) _process.Kill();
        Proxy.Dispose();
        _process.Dispose();
    }
}

/// <summary>Where a silo lives, whichever process that is.</summary>
/// <param name="Number">From 0.</param>
internal sealed record SiloPlace(int Number, string Name, int SiloPort, int Port)
{
    /// <summary>Silos of one cluster find each other; those of another one know nothing of them.</summary>
    internal string Cluster { get; init; } = "rig";

    /// <summary>Where the other silos reach it, and where callers do.</summary>
    internal IPAddress SiloAddress { get; init; } = IPAddress.Loopback;

    internal IPAddress ApiAddress { get; init; } = IPAddress.Loopback;

    /// <summary>Where it reaches the rig.</summary>
    internal IPAddress Outside { get; init; } = IPAddress.Loopback;

    /// <summary>What its process is started with.</summary>
    internal string[] Inside { get; init; } = [];
}
