using Xunit;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>How a service begins and ends, seen from outside.</summary>
public sealed class Serving
{
    private const long SliceNanoseconds = 100_000;

    [Fact]
    public async Task Service_that_was_stopped_leaves_a_file_that_is_a_backup_by_itself()
    {
        using var work = new Workplace();
        var (service, _, _) = await ExposureProcess.ServeAsync(work.Folder, work.Database);
        using var __ = service;
        Assert.Equal((0, ""), await service.EndAsync());
        Assert.False(File.Exists(work.Database + "-wal"), "what stands in the log would be missing in a copy of the file");
        File.Copy(work.Database, Path.Combine(work.Folder, "copy.db"));
        var (code, output, errors) = await ExposureProcess.TellAsync(work.Folder, "verify", "--db", "copy.db");
        Assert.True(code == 0, errors + output);
        // Its keys were told to the house: a copy without them would verify as well.
        var keys = await ExposureProcess.TellAsync(work.Folder, "keys", "list", "--db", "copy.db");
        Assert.Contains("approver", keys.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threads_of_a_service_make_way_soon_for_whoever_wakes_up()
    {
        using var work = new Workplace();
        var (service, _, _) = await ExposureProcess.ServeAsync(work.Folder, work.Database);
        using var __ = service;
        var slices = service.Slices();
        // Kernels before 6.12, and those that are built without its statistics, do not tell.
        if (slices.Count == 0 || Environment.OSVersion.Version < new Version(6, 12)) return;
        Assert.True(slices.Count(s => s.Value == SliceNanoseconds) > slices.Count / 2, string.Join(", ", slices.Select(s => $"{s.Key}: {s.Value}")));
    }
}
