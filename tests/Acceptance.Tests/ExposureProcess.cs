using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>The product's executable as a process of its own, that can be killed like by <c>kill -9</c>.</summary>
internal sealed class ExposureProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private ExposureProcess(string folder, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "exposure.dll"), .. arguments])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Runs a command to its end, or kills it when it still runs after a time: 137 then.</summary>
    internal static async Task<int> RunAsync(string folder, TimeSpan? killAfter, params string[] arguments)
    {
        using var run = new ExposureProcess(folder, arguments);
        var output = run._process.StandardOutput.ReadToEndAsync();
        if (killAfter is { } moment)
        {
            using var timer = new CancellationTokenSource(moment);
            try
            {
                await run._process.WaitForExitAsync(timer.Token);
            }
            catch (OperationCanceledException)
            {
                run._process.Kill();
            }
        }

        await run._process.WaitForExitAsync();
        await output;
        if (run._process.ExitCode is not (0 or 137)) Assert.Fail($"{string.Join(' ', arguments)} ended with {run._process.ExitCode}: {await run._errors}{await output}");
        return run._process.ExitCode;
    }

    /// <summary>Runs a command to whatever end, and tells what it printed.</summary>
    internal static async Task<(int Code, string Output, string Errors)> TellAsync(string folder, params string[] arguments)
    {
        using var run = new ExposureProcess(folder, arguments);
        var output = await run._process.StandardOutput.ReadToEndAsync();
        await run._process.WaitForExitAsync();
        return (run._process.ExitCode, output, await run._errors);
    }

    /// <summary>Starts the service on a free port and waits until it says where it is.</summary>
    internal static async Task<(ExposureProcess Service, Uri Url, IReadOnlyDictionary<string, string> Keys)> ServeAsync(string folder, string database, params string[] more)
    {
        var service = new ExposureProcess(folder, ["serve", "--db", database, "--port", "0", "--rate", "0", "--json", .. more]);
        var line = await service._process.StandardOutput.ReadLineAsync();
        if (line is null) Assert.Fail($"serve said nothing: {await service._errors}");
        using var json = JsonDocument.Parse(line);
        var keys = json.RootElement.GetProperty("keys").EnumerateObject().ToDictionary(k => k.Name, k => k.Value.GetString()!);
        return (service, new Uri(json.RootElement.GetProperty("url").GetString() + "/"), keys);
    }

    /// <summary>Ends it as an operator does; its exit code and what it said on the way.</summary>
    internal async Task<(int Code, string Errors)> EndAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        return (_process.ExitCode, await _errors);
    }

    /// <summary>How long each of its threads may compute while another waits, in nanoseconds, by thread; empty where the kernel does not tell.</summary>
    internal IReadOnlyDictionary<string, long> Slices()
    {
        var slices = new Dictionary<string, long>();
        if (!File.Exists($"/proc/{_process.Id}/sched")) return slices;
        foreach (var task in Directory.GetDirectories($"/proc/{_process.Id}/task"))
        {
            try
            {
                if (File.ReadLines(Path.Combine(task, "sched")).FirstOrDefault(l => l.StartsWith("se.slice", StringComparison.Ordinal)) is not { } line) continue;
                slices[Path.GetFileName(task) + " " + File.ReadAllText(Path.Combine(task, "comm")).Trim()] = long.Parse(line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..], System.Globalization.CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The thread has ended meanwhile.
            }
        }

        return slices;
    }

    internal void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }
}
