using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>Two computations of one view that end in another order than they began.</summary>
public sealed class CrossedViews
{
    [Fact]
    public void Older_answer_that_comes_late_never_replaces_the_newer_one()
    {
        var view = new LiveView("holds", isBoard: false, _ => true, _ => Task.FromResult<List<LiveRow>>([]));
        var (first, second) = (view.Ask(), view.Ask());
        Assert.True(view.Take(second, [new LiveRow("O1", "released"u8.ToArray())], 1, DateTimeOffset.UnixEpoch));
        Assert.False(view.Take(first, [new LiveRow("O1", "on hold"u8.ToArray())], 2, DateTimeOffset.UnixEpoch));
        Assert.Equal(1, view.Version);
        Assert.False(view.Take(view.Ask(), [new LiveRow("O1", "released"u8.ToArray())], 3, DateTimeOffset.UnixEpoch));
        Assert.True(view.Take(view.Ask(), [new LiveRow("O1", "delivered"u8.ToArray())], 4, DateTimeOffset.UnixEpoch));
    }
}
