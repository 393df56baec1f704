using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>Records of a stream follow what their partition has taken, without a gap and without a repetition.</summary>
public sealed class Streams
{
    private static readonly string Name = SourcePosition.OfKafka("orders", "AAAAAAAAAAAAAAAAAAAAAA", 0);

    [Fact]
    public async Task Records_that_do_not_follow_the_position_are_refused_and_change_nothing()
    {
        await using var bench = await Bench.StartAsync();
        await SendAsync(bench, after: -1, 0, 1);
        await Assert.ThrowsAsync<OutOfTurnException>(() => SendAsync(bench, after: 5, 6));
        await Assert.ThrowsAsync<OutOfTurnException>(() => SendAsync(bench, after: 0, 1));
        Assert.Equal((1, 2), await TakenAsync(bench));
        await SendAsync(bench, after: 1, 4);
        Assert.Equal((4, 3), await TakenAsync(bench));
        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    [Fact]
    public async Task What_was_dropped_with_the_memory_is_not_jumped_over_by_what_came_behind_it()
    {
        await using var bench = await Bench.StartAsync();
        await SendAsync(bench, after: -1, 0);
        bench.Journal.IsAway = true;
        await Assert.ThrowsAsync<EngineUnavailableException>(() => SendAsync(bench, after: 0, 1));
        bench.Journal.IsAway = false;
        await Bench.UntilAsync(() => bench.Engine.IsReady, "the engine comes back by itself");
        // The batch behind the dropped one was already on its way.
        await Assert.ThrowsAsync<OutOfTurnException>(() => SendAsync(bench, after: 1, 2));
        Assert.Equal((0, 1), await TakenAsync(bench));
        await SendAsync(bench, after: 0, 1);
        await SendAsync(bench, after: 1, 2);
        Assert.Equal((2, 3), await TakenAsync(bench));
    }

    [Fact]
    public async Task A_record_that_names_another_partitions_customer_is_a_dead_letter_where_it_stood()
    {
        await using var bench = await Bench.StartAsync();
        var record = new UndecodableRecord { Reason = "KEY_MISMATCH", Detail = "d", Record = "{}", Customer = bench.CustomerIn(1), Position = new SourcePosition(Name, 0) };
        var answer = Assert.Single(await bench.Engine.SubmitStreamAsync(0, Name, -1, [record]));
        Assert.Equal((OutcomeKind.Undecodable, 0), (answer.Outcome.Kind, answer.At.Partition));
        Assert.Equal(0, await bench.Engine.ReadAsync(0, book => book.Positions[Name]));
    }

    private static Task<IReadOnlyList<Answer>> SendAsync(Bench bench, long after, params long[] offsets)
    {
        var facts = new List<Fact>();
        foreach (var offset in offsets)
        {
            var order = bench.Order(bench.CustomerIn(0), $"O{offset}");
            order.Position = new SourcePosition(Name, offset);
            facts.Add(order);
        }

        return bench.Engine.SubmitStreamAsync(0, Name, after, facts);
    }

    private static Task<(long Position, int Orders)> TakenAsync(Bench bench)
    {
        var customer = bench.CustomerIn(0);
        return bench.Engine.ReadAsync(0, book => (book.Positions[Name], book.Detail(book.FindSlot(customer)).Orders.Count));
    }
}
