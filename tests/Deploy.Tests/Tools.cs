using System.Diagnostics;
using Xunit;

namespace ExposureMonitor.Deploy.Tests;

/// <summary>Programs that an operator has and a machine of a developer may lack.</summary>
internal static class Tools
{
    internal static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "ExposureMonitor.sln"))) folder = folder.Parent;
            return folder.FullName;
        }
    }

    internal static bool Has(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => d.Length > 0 && File.Exists(Path.Combine(d, tool)));

    /// <summary>Runs a program; what it said when it ended with success.</summary>
    internal static string Run(string tool, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors.GetAwaiter().GetResult()}{output}");
        return output;
    }
}

/// <summary>A test that needs a program; skipped, with the reason, where it is missing.</summary>
public sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(string tool)
    {
        if (!Tools.Has(tool)) Skip = $"No {tool} in the PATH.";
    }
}

/// <summary>The same for several cases.</summary>
public sealed class ToolTheoryAttribute : TheoryAttribute
{
    public ToolTheoryAttribute(string tool)
    {
        if (!Tools.Has(tool)) Skip = $"No {tool} in the PATH.";
    }
}
