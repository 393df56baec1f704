using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>Two groups overlap, and nobody hears anything before its commit.</summary>
public sealed class Pipeline
{
    [Fact]
    public async Task Nothing_is_said_or_shown_before_its_commit_and_only_what_the_commit_holds()
    {
        await using var bench = await Bench.StartAsync();
        var customer = bench.CustomerIn(0);
        await bench.Engine.SubmitAsync(Bench.Limit(customer, 10_000));
        var sent = bench.Journal.Sent.Count;
        bench.Journal.IsGated = true;
        var first = bench.Engine.SubmitAsync(bench.Order(customer, "O1", 100));
        await Bench.UntilAsync(() => bench.Journal.Sent.Count > sent, "the first group is sent");
        // The second fills while the first is on its way; a read sees both.
        var second = bench.Engine.SubmitAsync(bench.Order(customer, "O2", 200));
        var read = bench.Engine.ReadAsync(0, book => book.Figures(book.FindSlot(customer)).OrdersInside);
        await Task.Yield();
        Assert.False(first.IsCompleted || second.IsCompleted || read.IsCompleted);
        Assert.True(bench.Engine.TryGetRow(customer, out var row));
        Assert.Equal(0, row.Figures.OrdersInside);

        bench.Journal.Pass();
        await first;
        await Bench.UntilAsync(() => bench.Journal.Sent.Count > sent + 1, "the second group is sent when the outcome of the first is known");
        Assert.False(second.IsCompleted);
        Assert.True(bench.Engine.TryGetRow(customer, out row));
        // The book holds both orders by now; the row is the one that was copied when the first frame was sealed.
        Assert.Equal((100, 2), (row.Figures.OrdersInside, bench.Journal.Sent[^1][0].Seq - bench.Journal.Sent[sent][0].Seq + 1));

        bench.Journal.IsGated = false;
        bench.Journal.Pass();
        await second;
        Assert.Contains(await read, (long[])[100, 300]);
        Assert.True(bench.Engine.TryGetRow(customer, out row));
        Assert.Equal(300, row.Figures.OrdersInside);
    }

    [Fact]
    public async Task A_decision_joins_the_next_group_however_much_a_feed_brings()
    {
        await using var bench = await Bench.StartAsync();
        var customer = bench.CustomerIn(0);
        await bench.Engine.SubmitAsync(Bench.Limit(customer, 10_000_000));
        await bench.Engine.SubmitAsync(Bench.Check(customer, 1, "k0"));
        var sent = bench.Journal.Sent.Count;
        bench.Journal.IsGated = true;
        var first = bench.Engine.SubmitAsync(bench.Order(customer, "O"));
        await Bench.UntilAsync(() => bench.Journal.Sent.Count > sent, "the first group is sent");
        var feed = bench.Engine.SubmitBatchAsync([.. Enumerable.Range(0, 5_000).Select(i => bench.Order(customer, "F" + i))]);
        try
        {
            // Each read ends a slice, and takes a part of the feed with it.
            for (var i = 0; i < 20; i++) await ReadAsync();
            var check = bench.Engine.SubmitAsync(Bench.Check(customer, 1, "k1"));
            await ReadAsync();
            bench.Journal.Pass();
            await first;
            await Bench.UntilAsync(() => bench.Journal.Sent.Count > sent + 1, "the next group is sent");
            Assert.InRange(bench.Journal.Sent[^1].Sum(f => FrameCodec.ReadHead(f.Payload).Entries), 512, 1_024);
            bench.Journal.Pass();
            Assert.NotEmpty((await check).Effects.OfType<CheckDecided>().Single().ReservationId);
            Assert.False(feed.IsCompleted);
        }
        finally
        {
            bench.Journal.IsGated = false;
            bench.Journal.Pass();
        }

        await feed;

        // While a group is full nothing is read: that must fail, and not wait for ever.
        Task ReadAsync() => bench.Engine.ReadAsync(1, book => book.AccountCount).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_read_of_a_partition_that_is_not_ahead_does_not_wait_for_the_commit_of_another()
    {
        await using var bench = await Bench.StartAsync();
        var sent = bench.Journal.Sent.Count;
        bench.Journal.IsGated = true;
        var order = bench.Engine.SubmitAsync(bench.Order(bench.CustomerIn(0), "O1"));
        await Bench.UntilAsync(() => bench.Journal.Sent.Count > sent, "the group is sent");
        Assert.Equal(0, await bench.Engine.ReadAsync(1, book => book.AccountCount));
        Assert.False(order.IsCompleted);
        bench.Journal.IsGated = false;
        bench.Journal.Pass();
        await order;
    }

    [Fact]
    public async Task What_is_rolled_back_goes_out_again_byte_for_byte()
    {
        await using var bench = await Bench.StartAsync();
        var sent = bench.Journal.Sent.Count;
        for (var i = 0; i < 3; i++) bench.Journal.NextRollsBack();
        Assert.Equal(OutcomeKind.Applied, (await bench.Engine.SubmitAsync(bench.Order(bench.CustomerIn(0), "O1"))).Outcome.Kind);
        var tries = bench.Journal.Sent.Skip(sent).Take(4).ToList();
        Assert.Equal(4, tries.Count);
        Assert.All(tries, frames => Assert.Equal(tries[0][0].Hash, Assert.Single(frames).Hash));
        Assert.All(tries, frames => Assert.True(frames[0].Payload.Span.SequenceEqual(tries[0][0].Payload.Span)));
        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_unknown_commit_is_resolved_and_a_check_reserves_once(bool durable)
    {
        await using var bench = await Bench.StartAsync();
        var customer = bench.CustomerIn(1);
        await bench.Engine.SubmitAsync(Bench.Limit(customer, 1_000));
        bench.Journal.NextIsUnknown(durable);
        var answer = await bench.Engine.SubmitAsync(Bench.Check(customer, 700, "k"));
        Assert.NotEmpty(answer.Effects.OfType<CheckDecided>().Single().ReservationId);
        Assert.True(bench.Engine.TryGetRow(customer, out var row));
        Assert.Equal(700, row.Figures.Reserved);
        Assert.Equal(1, await bench.Engine.Reader.CountRowsAsync(RowTable.Decision, null, default));
        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    [Fact]
    public async Task A_key_that_another_owner_decided_meanwhile_is_not_decided_again()
    {
        await using var bench = await Bench.StartAsync();
        var customer = bench.CustomerIn(0);
        await bench.Engine.SubmitBatchAsync([Bench.Limit(customer, 1_000)]);
        bench.Journal.NextIsDecidedElsewhere(0);
        var check = Bench.Check(customer, 700, "k1");
        await Assert.ThrowsAsync<EngineUnavailableException>(() => bench.Engine.SubmitAsync(check, bench.Engine.Overtaken(check)));
        Assert.Equal(1, await bench.Engine.Reader.CountRowsAsync(RowTable.Decision, null, default));
        Assert.True(bench.Engine.TryGetRow(customer, out var row));
        Assert.Equal(700, row.Figures.Reserved);
        // Looked up after that, the next one is decided.
        Assert.Equal(OutcomeKind.Applied, (await bench.Engine.SubmitAsync(Bench.Check(customer, 200, "k2"), bench.Engine.Overtaken(check))).Outcome.Kind);
        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    [Fact]
    public async Task A_partition_that_was_taken_over_does_not_stop_the_innocent_ones()
    {
        await using var bench = await Bench.StartAsync();
        var sent = bench.Journal.Sent.Count;
        bench.Journal.IsGated = true;
        bench.Journal.NextIsTakenOver(1);
        // Both partitions in one commit.
        var batch = bench.Engine.SubmitBatchAsync([bench.Order(bench.CustomerIn(0), "O1"), bench.Order(bench.CustomerIn(1), "O2")]);
        await Bench.UntilAsync(() => bench.Journal.Sent.Count > sent, "the group is sent");
        bench.Journal.IsGated = false;
        bench.Journal.Pass();
        Assert.All(await batch, a => Assert.Equal(OutcomeKind.Applied, a.Outcome.Kind));
        var (before, after) = (bench.Journal.Sent[sent], bench.Journal.Sent[sent + 1]);
        Assert.Equal(before.Single(f => f.Partition == 0).Hash, after.Single(f => f.Partition == 0).Hash);
        Assert.Equal(before.Single(f => f.Partition == 1).Epoch + 2, after.Single(f => f.Partition == 1).Epoch);
        Assert.True(before.Single(f => f.Partition == 1).Payload.Span.SequenceEqual(after.Single(f => f.Partition == 1).Payload.Span));
        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    [Fact]
    public async Task A_history_that_changed_behind_us_closes_its_partition_and_no_other()
    {
        await using var bench = await Bench.StartAsync();
        var (mine, other) = (bench.CustomerIn(0), bench.CustomerIn(1));
        await bench.Engine.SubmitBatchAsync([bench.Order(mine, "O1"), bench.Order(other, "O2")]);
        // Somebody writes a frame of ours that we do not know.
        var head = (await bench.Journal.Inner.Reader.HeadsAsync(default)).Single(h => h.Partition == 0);
        var foreign = bench.Journal.Sent[^1].First(f => f.Partition == 0) with
        {
            Seq = head.Seq + 1, Epoch = head.Epoch, PreviousHash = head.HeadHash, Hash = new byte[32], Rows = [], Closed = [], Messages = [], Parties = [],
        };
        Assert.Equal(CommitStatus.Committed, (await bench.Journal.Inner.CommitAsync([foreign], default)).Status);
        await Assert.ThrowsAsync<PartitionClosedException>(() => bench.Engine.SubmitAsync(bench.Order(mine, "O3")));
        Assert.True(bench.Engine.NeedsPerson);
        Assert.Contains("History changed behind us", bench.Engine.Failure, StringComparison.Ordinal);
        Assert.False(bench.Engine.IsReady);
        Assert.Equal(OutcomeKind.Applied, (await bench.Engine.SubmitAsync(bench.Order(other, "O4"))).Outcome.Kind);
    }

    [Fact]
    public async Task A_record_that_the_database_refuses_becomes_a_dead_letter_and_those_beside_it_are_unharmed()
    {
        await using var bench = await Bench.StartAsync();
        bench.Journal.Refuses = frame => FrameCodec.Read(frame.Payload).Entries.Any(e => e.Fact is OrderPlaced { OrderId: "O3" });
        var facts = Enumerable.Range(0, 6).Select(n => (Fact)bench.Order(bench.CustomerIn(n % 2), $"O{n}")).ToList();
        var answers = await bench.Engine.SubmitBatchAsync(facts);
        for (var n = 0; n < 6; n++)
            Assert.Equal(n == 3 ? (OutcomeKind.Refused, "COMMIT_REJECTED") : (OutcomeKind.Applied, ""), (answers[n].Outcome.Kind, answers[n].Outcome.Reason));
        var dead = Assert.Single(await bench.Engine.Reader.RowsAsync(new RowQuery { Table = RowTable.DeadLetter }, default));
        Assert.Equal(("COMMIT_REJECTED", "eO3", 1), (dead.Kind, dead.Subject, dead.Partition));
        for (var n = 0; n < 2; n++)
        {
            Assert.True(bench.Engine.TryGetRow(bench.CustomerIn(n), out var row));
            Assert.Equal(n == 1 ? 200 : 300, row.Figures.Held);
        }

        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }
}
