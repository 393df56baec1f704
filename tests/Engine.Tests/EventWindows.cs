using ExposureMonitor.Domain;
using Microsoft.Data.Sqlite;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>Event ids outlive a process: beside the state of their partition, and in the frames where there they are missing or spoilt.</summary>
public sealed class EventWindows
{
    private const int Orders = 3_000;

    [Theory]
    [InlineData("", true)]
    [InlineData("UPDATE partition_state SET event_window = NULL", false)]
    [InlineData("UPDATE partition_state SET event_window = substr(event_window, 1, 4000)", false)]
    [InlineData("UPDATE partition_state SET event_window = zeroblob(length(event_window))", false)]
    public async Task What_came_before_a_start_is_known_behind_it_and_read_again_only_where_the_window_is_not_believed(string spoil, bool isShort)
    {
        await using var bench = await Bench.StartAsync(partitions: 1);
        await bench.Engine.SubmitBatchAsync([Bench.Limit("C", 1_000_000_000)]);
        for (var n = 0; n < Orders; n += 100) await bench.Engine.SubmitBatchAsync([.. Enumerable.Range(n, 100).Select(i => bench.Order("C", "O" + i))]);
        await bench.CloseAsync();
        if (spoil.Length > 0) Run(bench, spoil);
        await bench.OpenAsync();
        Assert.True(bench.Journal.FramesRead <= 6 == isShort, $"{bench.Journal.FramesRead} frames were read");
        foreach (var known in (int[])[0, 1, Orders / 2, Orders - 1]) Assert.Equal(OutcomeKind.Duplicate, (await bench.Engine.SubmitAsync(bench.Order("C", "O" + known))).Outcome.Kind);
        Assert.Equal(OutcomeKind.ConflictingDuplicate, (await bench.Engine.SubmitAsync(bench.Order("C", "O7", amount: 101))).Outcome.Kind);
        Assert.Equal(OutcomeKind.Applied, (await bench.Engine.SubmitAsync(bench.Order("C", "new"))).Outcome.Kind);
        Assert.Equal((Orders + 1) * 100L, await bench.Engine.ReadAsync(0, book => book.Figures(0).OrdersInside));
        Assert.Null(await bench.VerifyAsync());
    }

    [Fact]
    public async Task Frames_behind_a_state_have_to_follow_the_one_at_which_it_stands()
    {
        await using var bench = await Bench.StartAsync(partitions: 1);
        await bench.Engine.SubmitBatchAsync([.. Enumerable.Range(0, 50).Select(i => bench.Order("C", "O" + i))]);
        await bench.CloseAsync();
        await bench.OpenAsync();
        // It ends as if it were killed: the state stays where it was, and frames lie behind it.
        bench.Journal.Writing = () => throw new JournalUnavailableException("the disk is full");
        for (var n = 100; n < 103; n++) await bench.Engine.SubmitAsync(bench.Order("C", "O" + n));
        await bench.CloseAsync();
        Run(bench, "DELETE FROM journal WHERE partition = 0 AND seq = (SELECT snapshot_seq + 1 FROM partition WHERE id = 0)");
        await bench.OpenOnlyAsync();
        Assert.Contains("follows frame", bench.Engine.Failure, StringComparison.Ordinal);
    }

    private static void Run(Bench bench, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={bench.Address["sqlite:".Length..]};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.NotEqual(0, command.ExecuteNonQuery());
    }
}
