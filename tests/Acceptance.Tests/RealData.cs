using Xunit;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>Real ledgers and order logs: found beside the repository or through EXPOSURE_DATA; without them a test is skipped, loudly.</summary>
internal static class RealData
{
    internal static string? Folder
    {
        get
        {
            if (Environment.GetEnvironmentVariable("EXPOSURE_DATA") is { Length: > 0 } told) return told;
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
                if (Directory.Exists(Path.Combine(folder.FullName, "shared", "data"))) return Path.Combine(folder.FullName, "shared", "data");
            return null;
        }
    }
}

/// <summary>A test that needs a file of real data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsDataAttribute : FactAttribute
{
    public NeedsDataAttribute(string file)
    {
        if (RealData.Folder is not { } folder || !File.Exists(Path.Combine(folder, file)))
            Skip = $"SKIPPED: '{file}' was not found; set EXPOSURE_DATA to the folder that holds it.";
    }
}

/// <summary>A folder of its own that goes away with the test.</summary>
internal sealed class Workplace : IDisposable
{
    internal string Folder { get; } = Directory.CreateTempSubdirectory("exposure").FullName;

    internal string Database => Path.Combine(Folder, "book.db");

    internal string Address => "sqlite:" + Database;

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
