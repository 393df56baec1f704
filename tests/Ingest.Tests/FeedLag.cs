using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>How far behind a partition of a topic is: since when what waits has been waiting, and nothing while nothing waits.</summary>
public sealed class FeedLag
{
    private static readonly DateTime Written = new(2026, 3, 2, 10, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void What_is_read_and_committed_to_the_end_is_behind_nothing()
    {
        Assert.Null(new FeedStream("credit.orders", "id", 3, 3) { End = 0 }.Status.BehindSince);
        Assert.Null(Stream(gathered: 9, durable: 9, end: 10).Status.BehindSince);
    }

    [Fact]
    public void What_waits_at_the_broker_or_on_its_way_is_as_old_as_the_newest_that_was_read()
    {
        Assert.Equal(Instant.From(new DateTimeOffset(Written)), Stream(gathered: 9, durable: 9, end: 12).Status.BehindSince);
        Assert.Equal(Instant.From(new DateTimeOffset(Written)), Stream(gathered: 9, durable: 4, end: 10).Status.BehindSince);
    }

    [Fact]
    public void Before_anything_was_read_the_last_sign_of_life_counts()
    {
        var alive = new DateTimeOffset(Written).AddMinutes(-3);
        Assert.Equal(Instant.From(alive), new FeedStream("credit.orders", "id", 0, 0) { Alive = alive, End = 7 }.Status.BehindSince);
    }

    private static FeedStream Stream(long gathered, long durable, long end) => new("credit.orders", "id", 0, 0) { GatheredUpTo = gathered, Durable = durable, End = end, NewestWritten = Written };
}
