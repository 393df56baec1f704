using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ExposureMonitor.Chaos;

/// <summary>Other programs and signals to them.</summary>
internal static partial class Shell
{
    internal const int Kill = 9, Terminate = 15, Continue = 18, Stop = 19;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int pid, int signal);

    /// <summary>Sends a signal; false when there is no such process any more.</summary>
    internal static bool Send(int pid, int signal) => Signal(pid, signal) == 0;

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It ended with another code than 0.</exception>
    internal static async Task<string> RunAsync(string file, params string[] arguments)
    {
        var (code, output, errors) = await TryAsync(file, arguments);
        return code == 0 ? output : throw new InvalidOperationException($"{Path.GetFileName(file)} {string.Join(' ', arguments.Take(3))} ended with {code}: {errors}{output}");
    }

    /// <summary>Runs a program to its end and says how it ended.</summary>
    internal static async Task<(int Code, string Output, string Errors)> TryAsync(string file, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })
            ?? throw new Win32Exception($"{file} does not start.");
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }

    /// <summary>Runs a program whose children inherit its output and live on: it goes nowhere, since a pipe would stay open as long as they do.</summary>
    internal static Task<string> RunSilentlyAsync(params string[] command) => RunAsync("/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>&1", "sh", .. command]);
}
