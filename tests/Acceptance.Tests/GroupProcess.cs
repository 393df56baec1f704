using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>A <see cref="GroupHost"/> as its callers see it: every command is answered, or the process has died.</summary>
internal sealed class GroupProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<string?>> _open = [];
    private readonly Lock _in = new();

    /// <summary>No command takes so long; whoever waits longer waits for nothing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150), LastPatience = TimeSpan.FromSeconds(20);
    private long _number;
    private Task _listening = Task.CompletedTask;
    private volatile bool _isOver;

    private GroupProcess(string address, int engines, int seed)
    {
        string[] words = [typeof(GroupProcess).Assembly.Location, "groups", address, engines.ToString(CultureInfo.InvariantCulture), seed.ToString(CultureInfo.InvariantCulture)];
        _process = Process.Start(new ProcessStartInfo("dotnet", words) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    internal static async Task<GroupProcess> StartAsync(string address, int engines, int seed)
    {
        var process = new GroupProcess(address, engines, seed);
        if (await process._process.StandardOutput.ReadLineAsync() is not "ready") Assert.Fail($"The process of the groups did not start: {await process._errors}");
        process._listening = process.ListenAsync();
        return process;
    }

    private async Task ListenAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (_open.TryRemove(long.Parse(line[..space], CultureInfo.InvariantCulture), out var waits)) waits.TrySetResult(line[(space + 1)..]);
        }

        _isOver = true;
        foreach (var (_, waits) in _open) waits.TrySetResult(null);
    }

    /// <returns><c>null</c> when the process died before it answered: nobody knows what became of the command.</returns>
    internal async Task<string?> AskAsync(string command)
    {
        var answer = Ask(command);
        if (answer == await Task.WhenAny(answer, Task.Delay(Patience))) return await answer;
        var where = Ask("where");
        Assert.Fail($"'{command}' was not answered in {Patience.TotalSeconds} s. " + (where == await Task.WhenAny(where, Task.Delay(LastPatience)) ? await where : "Nor does the process say where it stands."));
        return null;
    }

    private Task<string?> Ask(string command)
    {
        var (number, waits) = (Interlocked.Increment(ref _number), new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously));
        _open[number] = waits;
        try
        {
            lock (_in)
            {
                _process.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{number} {command}"));
                _process.StandardInput.Flush();
            }
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException)
        {
            waits.TrySetResult(null);
        }

        if (_isOver) waits.TrySetResult(null);
        return waits.Task;
    }

    internal async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _listening;
    }

    /// <summary>It ends by itself, in order.</summary>
    internal async Task StopAsync()
    {
        await _process.StandardInput.WriteLineAsync("stop");
        await _process.StandardInput.FlushAsync();
        await _process.WaitForExitAsync();
        Assert.True(_process.ExitCode == 0, await _errors);
    }

    /// <summary>What it said before it died by itself; "" while it lives.</summary>
    internal async Task<string> LastWordsAsync() => _process.HasExited ? await _errors : "";

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
