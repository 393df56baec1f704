using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>The last thousand durations, by the nearest rank.</summary>
public sealed class RecentTimesTests
{
    [Fact]
    public void Middle_and_slowest_hundredth_are_those_of_the_last_ones()
    {
        var times = new RecentTimes();
        Assert.Null(times.Percentiles());
        times.Add(TimeSpan.FromMicroseconds(7));
        Assert.Equal((TimeSpan.FromMicroseconds(7), TimeSpan.FromMicroseconds(7)), times.Percentiles());
        for (var i = 1; i <= 1_024; i++) times.Add(TimeSpan.FromMicroseconds(i * 10));
        Assert.Equal((TimeSpan.FromMicroseconds(5_120), TimeSpan.FromMicroseconds(10_140)), times.Percentiles());
        // What is older has left.
        for (var i = 0; i < 1_024; i++) times.Add(TimeSpan.FromMicroseconds(3));
        Assert.Equal((TimeSpan.FromMicroseconds(3), TimeSpan.FromMicroseconds(3)), times.Percentiles());
    }
}
