namespace ExposureMonitor.Ingest.Tests;

/// <summary>Where things stand in the source tree, and where the real ledgers are.</summary>
internal static class Repository
{
    internal static string Root { get; } = FindRoot();

    internal static bool UpdateContracts => Environment.GetEnvironmentVariable("UPDATE_CONTRACTS") == "1";

    /// <summary>A real ledger: from the folder that EXPOSURE_DATA names, else from <c>shared/data</c> beside or above the tree.</summary>
    internal static string? Data(string file)
    {
        var named = Environment.GetEnvironmentVariable("EXPOSURE_DATA");
        if (named is not null && File.Exists(Path.Combine(named, file))) return Path.Combine(named, file);
        for (var folder = new DirectoryInfo(Root); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", file);
            if (File.Exists(path)) return path;
        }

        return null;
    }

    private static string FindRoot()
    {
        // From where the test runs: paths that the compiler keeps are rewritten in deterministic builds.
        var here = AppContext.BaseDirectory;
        var folder = new DirectoryInfo(here);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ExposureMonitor.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The source tree was not found above " + here);
    }
}

/// <summary>A test on a real ledger; where the ledger is absent the test is reported as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealDataFactAttribute : Xunit.FactAttribute
{
    public RealDataFactAttribute(string file)
    {
        if (Repository.Data(file) is null) Skip = $"The ledger {file} is absent: set EXPOSURE_DATA to its folder.";
    }
}
