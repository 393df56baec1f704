using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ExposureMonitor.Chaos.Alerting;

/// <summary>A process that was killed at a moment; until the next one serves, what a slow server shows is the dead one's.</summary>
internal readonly record struct Kill(DateTime At, DateTime ServedAgain);

/// <summary>The product's service, in its place: the same database, channels and port, whichever process that is.</summary>
internal sealed class AlertService(string executable, string folder, string database, string channels) : IAsyncDisposable
{
    private readonly int _port = FreePort.Next();
    private readonly StreamWriter _said = new(Path.Combine(folder, "service.log"));
    private Process? _process;

    internal Uri Url => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}/api/v1/"));

    /// <summary>Of the first start.</summary>
    internal IReadOnlyDictionary<string, string> Keys { get; private set; } = new Dictionary<string, string>();

    /// <summary>Each kill, and when the process behind it served.</summary>
    internal List<Kill> Kills { get; } = [];

    /// <summary>Starts it and waits until it serves.</summary>
    internal async Task StartAsync()
    {
        var start = new ProcessStartInfo(executable, ["serve", "--db", database, "--port", _port.ToString(CultureInfo.InvariantCulture), "--rate", "0", "--channels", channels, "--json"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder,
        };
        start.Environment["DOTNET_gcServer"] = "0";
        _process = Process.Start(start) ?? throw new RigException($"{executable} does not start.");
        _ = HearAsync(_process.StandardError);
        var line = _process.StandardOutput.ReadLineAsync();
        if (!await Clock.EndsAsync(line, 600_000) || await line is not { } told) throw new ViolationException($"liveness: the service does not start; see {folder}/service.log.");
        using var json = JsonDocument.Parse(told);
        var keys = json.RootElement.GetProperty("keys").EnumerateObject().ToDictionary(k => k.Name, k => k.Value.GetString()!, StringComparer.Ordinal);
        if (keys.Count > 0) Keys = keys;
        _ = HearAsync(_process.StandardOutput);
        if (Kills.Count > 0) Kills[^1] = Kills[^1] with { ServedAgain = DateTime.UtcNow };
    }

    /// <summary>kill -9.</summary>
    internal async Task KillAsync()
    {
        Kills.Add(new Kill(DateTime.UtcNow, DateTime.MaxValue));
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>CPU seconds and megabytes of the process that runs now.</summary>
    internal (double Cpu, double Megabytes) Used()
    {
        _process!.Refresh();
        return (_process.TotalProcessorTime.TotalSeconds, _process.WorkingSet64 / 1e6);
    }

    internal HttpClient Client(string key)
    {
        var http = new HttpClient { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(30) };
        http.DefaultRequestHeaders.Add("X-Api-Key", Keys[key]);
        return http;
    }

    public async ValueTask DisposeAsync()
    {
        // The run may have ended it already, and somebody who interrupts ends it once more.
        if (Interlocked.Exchange(ref _process, null) is not { } process) return;
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task HearAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_said)
            {
                _said.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {line}");
                _said.Flush();
            }
        }
    }
}
