using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>Snapshots keep up with an import, and stay out of the way of decisions.</summary>
public sealed class SnapshotPace
{
    private const int Interval = 50_000, ChunkBytes = 256 << 10;

    private int _orders;

    [Fact]
    public async Task An_import_does_not_outrun_its_snapshots()
    {
        await using var bench = await Bench.StartAsync(partitions: 1);
        await FeedAsync(bench, 2 * Interval + 10_000, customers: 2_000);
        // Two are due by now; one that is being written goes on beside whatever comes, and the next begins with a commit.
        var more = 0;
        for (; bench.Journal.Chunks.Count(c => c.StateSeq is not null) < 2 && more < Interval / 10; more++) await FeedAsync(bench, 1, customers: 2_000);
        Assert.Equal(2, bench.Journal.Chunks.Count(c => c.StateSeq is not null));
        await bench.ReopenAsync();
        // Nothing is left to do again after a stop, and all accounts are there.
        Assert.Equal(2_000, await bench.Engine.ReadAsync(0, book => book.AccountCount));
        Assert.Equal((2L * Interval + 10_000 + more) * 100, await bench.Engine.ReadAsync(0, book => Enumerable.Range(0, book.AccountCount).Sum(slot => book.Figures(slot).OrdersInside)));
    }

    [Fact]
    public async Task A_chunk_is_as_large_as_one_that_a_commit_can_wait_for()
    {
        await using var bench = await Bench.StartAsync(partitions: 1);
        await FeedAsync(bench, 60_000, customers: 500);
        await Bench.UntilAsync(() => bench.Journal.Chunks.Any(c => c.StateSeq is not null), "a snapshot is whole");
        var chunks = bench.Journal.Chunks.ToList();
        Assert.True(chunks.Count > 4, $"{chunks.Count} chunks");
        // It ends with the account that fills it.
        Assert.All(chunks, c => Assert.True(c.Accounts.SkipLast(1).Sum(a => a.Bytes) < ChunkBytes, $"{c.Accounts.Sum(a => a.Bytes)} bytes"));
        Assert.Equal(500, chunks.SelectMany(c => c.Accounts).Select(a => a.Customer).Distinct().Count());
    }

    [Fact]
    public async Task A_very_large_account_is_written_when_enough_has_happened_to_be_worth_it()
    {
        await using var bench = await Bench.StartAsync(partitions: 1);
        for (var fed = 0; fed < 11 * Interval / 5; fed += Interval / 5)
        {
            await FeedAsync(bench, Interval / 5, customers: 1);
            await bench.Engine.ReadAsync(0, book => book.Today);
        }

        await Bench.UntilAsync(() => !bench.Journal.Chunks.IsEmpty, "a snapshot is written");
        var sizes = bench.Journal.Chunks.SelectMany(c => c.Accounts).Select(a => a.Bytes).ToList();
        // Every interval would have been two; the row of about two megabytes earns the next with a hundred thousand entries.
        Assert.Single(sizes);
        Assert.True(sizes[0] > 1 << 20, $"{sizes[0]} bytes");
    }

    [Fact]
    public async Task The_writer_rests_while_decisions_are_asked_for()
    {
        await using var bench = await Bench.StartAsync(partitions: 1);
        await bench.Engine.SubmitAsync(Bench.Check("asks", 1, "k"));
        bench.Clock.HoldsSingle = true;
        // Each chunk takes the database ten milliseconds.
        bench.Journal.Writing = () => bench.Clock.Advance(TimeSpan.FromMilliseconds(10));
        await FeedAsync(bench, Interval + 5_000, customers: 500);
        await Bench.UntilAsync(() => !bench.Journal.Chunks.IsEmpty, "a chunk is written");
        for (var i = 0; i < 50; i++) await bench.Engine.SubmitAsync(Bench.Check("asks", 1, "a" + i));
        Assert.Single(bench.Journal.Chunks);
        // Three times as long as the chunk took, and it goes on.
        bench.Clock.Advance(TimeSpan.FromMilliseconds(29));
        for (var i = 0; i < 50; i++) await bench.Engine.SubmitAsync(Bench.Check("asks", 1, "b" + i));
        Assert.Single(bench.Journal.Chunks);
        bench.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await Bench.UntilAsync(() => bench.Journal.Chunks.Count == 2, "the next chunk");
        // A stop does not wait for the end of a rest.
        await bench.Engine.StopAsync();
        Assert.Contains(bench.Journal.Chunks, c => c.StateSeq is not null);
    }

    [Fact]
    public async Task A_book_in_which_little_happens_is_written_once_a_minute_in_a_quiet_moment()
    {
        await using var bench = await Bench.StartAsync(partitions: 1);
        await FeedAsync(bench, 900, customers: 50);
        // Too little to be worth it, however long ago.
        await PassAsync(bench, TimeSpan.FromMinutes(10));
        Assert.Empty(bench.Journal.Chunks);
        await FeedAsync(bench, 2_000, customers: 50);
        await PassAsync(bench, TimeSpan.FromSeconds(2));
        await Bench.UntilAsync(() => Wholes(bench) == 1, "a snapshot is whole");
        // The next has to wait, for time and not for entries.
        await FeedAsync(bench, 2_000, customers: 50);
        await PassAsync(bench, TimeSpan.FromSeconds(55));
        Assert.Equal(1, Wholes(bench));
        await PassAsync(bench, TimeSpan.FromSeconds(10));
        await Bench.UntilAsync(() => Wholes(bench) == 2, "the next snapshot is whole");
    }

    [Fact]
    public async Task What_had_much_to_do_again_is_written_as_soon_as_nothing_else_is_to_be_done()
    {
        await using var bench = await Bench.StartAsync(partitions: 1);
        await FeedAsync(bench, 2_000, customers: 50);
        // It ends as if it were killed: nothing is written at its end.
        bench.Journal.Writing = () => throw new JournalUnavailableException("the disk is full");
        await bench.ReopenAsync();
        await PassAsync(bench, TimeSpan.FromSeconds(3));
        await Bench.UntilAsync(() => Wholes(bench) == 1, "a snapshot is whole");
        Assert.Equal(2_000L * 100, await bench.Engine.ReadAsync(0, book => Enumerable.Range(0, book.AccountCount).Sum(slot => book.Figures(slot).OrdersInside)));
    }

    private static int Wholes(Bench bench) => bench.Journal.Chunks.Count(c => c.StateSeq is not null);

    /// <summary>Time goes by, a second at a time, and the engine looks around in each.</summary>
    private static async Task PassAsync(Bench bench, TimeSpan span)
    {
        for (var second = 0; second < span.TotalSeconds; second++)
        {
            bench.Clock.Advance(TimeSpan.FromSeconds(1));
            await bench.Engine.ReadAsync(0, book => book.Today);
        }
    }

    private async Task FeedAsync(Bench bench, int orders, int customers)
    {
        // With a limit: what is held costs more, and is not what this is about.
        if (_orders == 0) await bench.Engine.SubmitBatchAsync([.. Enumerable.Range(0, customers).Select(i => Bench.Limit($"C{i}", 1_000_000_000))]);
        foreach (var slice in Enumerable.Range(_orders, orders).Chunk(5_000))
            await bench.Engine.SubmitBatchAsync([.. slice.Select(i => bench.Order($"C{i % customers}", "O" + i))]);
        _orders += orders;
    }
}
