using System.Globalization;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>Whoever wakes up does not wait for a thread that computes.</summary>
public sealed class TimeSliceTests
{
    [Fact]
    public void Threads_and_those_that_they_start_have_short_slices()
    {
        var taken = TimeSlices.Shorten();
        if (!OperatingSystem.IsLinux())
        {
            Assert.Equal(0, taken);
            return;
        }

        Assert.True(taken > 1, $"{taken} threads");
        long? slice = null;
        var started = new Thread(() => slice = SliceOfThisThread());
        started.Start();
        started.Join();
        // Kernels before 6.12, and those that are built without its statistics, do not tell.
        if (slice is { } nanoseconds) Assert.InRange(nanoseconds, 1, 3_000_000);
        if (slice is not null && Environment.OSVersion.Version >= new Version(6, 12)) Assert.Equal(100_000, slice);
    }

    private static long? SliceOfThisThread()
    {
        const string Statistics = "/proc/thread-self/sched";
        return File.Exists(Statistics) && File.ReadLines(Statistics).FirstOrDefault(l => l.StartsWith("se.slice", StringComparison.Ordinal)) is { } line
            ? long.Parse(line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture)
            : null;
    }
}
