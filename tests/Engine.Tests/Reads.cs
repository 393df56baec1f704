using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>Reads run between the entries of the loop: they change nothing, also when they throw, and what they throw is the caller's alone.</summary>
public sealed class Reads
{
    /// <summary>What a caller heard.</summary>
    private sealed class Told(string what) : Exception(what);

    [Fact]
    public async Task A_read_that_throws_is_answered_after_the_commit_of_what_it_saw_and_the_engine_goes_on()
    {
        await using var bench = await Bench.StartAsync();
        var customer = bench.CustomerIn(0);
        await bench.Engine.SubmitAsync(Bench.Limit(customer, 10_000));
        var sent = bench.Journal.Sent.Count;
        bench.Journal.IsGated = true;
        var order = bench.Engine.SubmitAsync(bench.Order(customer, "O1", 100));
        await Bench.UntilAsync(() => bench.Journal.Sent.Count > sent, "the group is sent");
        var read = bench.Engine.ReadAsync<int>(0, book => throw new Told($"{book.Figures(book.FindSlot(customer)).OrdersInside}"));
        // A read of another partition, behind it in the queue, shows that the loop has been at it.
        await bench.Engine.ReadAsync(1, book => book.AccountCount);
        Assert.False(read.IsCompleted || order.IsCompleted);
        bench.Journal.IsGated = false;
        bench.Journal.Pass();
        Assert.Equal("100", (await Assert.ThrowsAsync<Told>(() => read)).Message);
        await order;

        Assert.True(bench.Engine.IsReady);
        await bench.Engine.SubmitAsync(bench.Order(customer, "O2", 200));
        Assert.Equal(300, await bench.Engine.ReadAsync(0, book => book.Figures(book.FindSlot(customer)).OrdersInside));
        Assert.Null(await bench.VerifyAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_read_leaves_a_trace_in_the_book_wherever_it_ends(bool duringSweep)
    {
        await using var bench = await Bench.StartAsync();
        var customer = bench.CustomerIn(0);
        await bench.Engine.SubmitBatchAsync([Bench.Limit(customer, 250), bench.Order(customer, "O1", 100), bench.Order(customer, "O2", 200)]);
        var (checks, unfolded) = (0, 0);
        for (var round = 0; round < 20; round++)
        {
            Task<int>? read = null;
            // Told inside the loop: the day and the read wait for it together, and the read comes before the sweep of the day.
            await bench.Engine.ReadAsync(0, _ =>
            {
                if (duringSweep) bench.Clock.Advance(TimeSpan.FromDays(1));
                read = bench.Engine.ReadAsync<int>(0, Look);
                return 0;
            });
            Assert.Equal("half way", (await Assert.ThrowsAsync<Told>(() => read!)).Message);
        }

        Assert.Equal((80, duringSweep ? 20 : 0), (checks, unfolded));
        Assert.Null(await bench.VerifyAsync());

        int Look(Book book)
        {
            var before = StateOf(book);
            var slot = book.FindSlot(customer);
            if (book.SweepPending) unfolded++;
            foreach (var amount in (long[])[1, 100, 1_000, long.MaxValue])
                if (PartitionMachine.WhatIf(book, new CheckCredit { Customer = customer, Amount = amount, Currency = Bench.Eur, OrderId = "O3" }) is not null) checks++;
            PartitionMachine.WhatIf(book, new CheckCredit { Customer = customer, Amount = 1, Currency = Bench.Eur, OrderId = "O2", Checkpoint = Checkpoint.Ship });
            _ = (book.Detail(slot), book.LimitDetail(slot), book.Figures(slot), AuthorityNeeded.Of(book, Bench.Limit(customer, 1)), SecondPerson.Needed(book, Bench.Limit(customer, 1), hasRight: false));
            if (!before.AsSpan().SequenceEqual(StateOf(book))) throw new Told("it left a trace");
            throw new Told("half way");
        }
    }

    /// <summary>All that the book would be built from again.</summary>
    private static byte[] StateOf(Book book)
    {
        var buffer = new ByteBuffer();
        book.WriteState(buffer);
        for (var slot = 0; slot < book.AccountCount; slot++) book.WriteAccount(slot, buffer);
        return buffer.Written.ToArray();
    }
}
