using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>The journal goes and comes back: closed meanwhile, open again by itself.</summary>
public sealed class Outages
{
    [Fact]
    public async Task While_the_journal_is_away_everything_is_refused_and_afterwards_nothing_is_missing()
    {
        await using var bench = await Bench.StartAsync();
        var customer = bench.CustomerIn(0);
        await bench.Engine.SubmitAsync(Bench.Limit(customer, 1_000));
        bench.Journal.IsAway = true;
        await Assert.ThrowsAsync<EngineUnavailableException>(() => bench.Engine.SubmitAsync(Bench.Check(customer, 600, "k")));
        await Assert.ThrowsAsync<EngineUnavailableException>(() => bench.Engine.SubmitAsync(bench.Order(bench.CustomerIn(1), "O1")));
        await Assert.ThrowsAsync<EngineUnavailableException>(() => bench.Engine.ReadAsync(0, book => book.AccountCount));
        Assert.False(bench.Engine.IsReady);
        Assert.Contains("out of reach", bench.Engine.Failure, StringComparison.Ordinal);
        // Whoever watches the process must not end it: it comes back by itself.
        Assert.False(bench.Engine.NeedsPerson);

        bench.Journal.IsAway = false;
        await Bench.UntilAsync(() => bench.Engine.IsReady, "the engine comes back by itself");
        Assert.Null(bench.Engine.Failure);
        // What was refused was not done: the same headroom is still there, once.
        Assert.NotEmpty((await bench.Engine.SubmitAsync(Bench.Check(customer, 600, "k"))).Effects.OfType<CheckDecided>().Single().ReservationId);
        Assert.Empty((await bench.Engine.SubmitAsync(Bench.Check(customer, 600, "k2"))).Effects.OfType<CheckDecided>().Single().ReservationId);
        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    [Fact]
    public async Task An_owner_that_is_not_confirmed_for_three_seconds_answers_no_read()
    {
        await using var bench = await Bench.StartAsync();
        var customer = bench.CustomerIn(0);
        await bench.Engine.SubmitAsync(Bench.Limit(customer, 1_000));
        for (var second = 0; second < 5; second++)
        {
            bench.Clock.Advance(TimeSpan.FromSeconds(1));
            await Bench.UntilAsync(() => bench.Engine.IsReady, "an idle owner confirms its epoch by a read");
        }

        bench.Journal.IsBlind = true;
        for (var second = 0; second < 4; second++) bench.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(bench.Engine.IsReady);
        Assert.Throws<EngineUnavailableException>(() => bench.Engine.TryGetRow(customer, out _));
        await Assert.ThrowsAsync<EngineUnavailableException>(() => bench.Engine.ReadAsync(0, book => book.AccountCount));

        bench.Journal.IsBlind = false;
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        await Bench.UntilAsync(() => bench.Engine.IsReady, "a read that succeeds confirms again");
        Assert.True(bench.Engine.TryGetRow(customer, out _));
    }

    [Fact]
    public async Task An_answer_that_a_paused_process_finds_waiting_confirms_nothing()
    {
        await using var bench = await Bench.StartAsync();
        var customer = bench.CustomerIn(0);
        await bench.Engine.SubmitAsync(Bench.Limit(customer, 1_000));
        var held = new TaskCompletionSource();
        var before = bench.Journal.HeadsAsked;
        bench.Journal.HeadsHeld = held.Task;
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        await Bench.UntilAsync(() => bench.Journal.HeadsAsked > before, "an idle owner asks");

        // Ten seconds later the answer is there, and nothing newer is to be had.
        bench.Journal.IsBlind = true;
        bench.Clock.Advance(TimeSpan.FromSeconds(10));
        before = bench.Journal.HeadsAsked;
        held.SetResult();
        await Bench.UntilAsync(() => bench.Journal.HeadsAsked > before, "the old answer is taken, and the next question asked");
        Assert.False(bench.Engine.IsReady);
        Assert.Throws<EngineUnavailableException>(() => bench.Engine.TryGetRow(customer, out _));
    }

    [Fact]
    public async Task The_online_proof_finds_a_row_that_was_taken_away()
    {
        await using var bench = await Bench.StartAsync();
        await bench.Engine.SubmitAsync(bench.Order(bench.CustomerIn(0), "O1"));
        var proof = new OnlineProof(new WithoutOutbox(bench.Journal.Inner.Reader));
        Assert.Null(await new OnlineProof(bench.Journal.Inner.Reader).RunAsync(default));
        await bench.Engine.SubmitBatchAsync([Bench.Limit(bench.CustomerIn(0), 100), bench.Order(bench.CustomerIn(0), "O2", 90)]);
        Assert.True(await bench.Engine.Reader.CountRowsAsync(RowTable.Signal, null, default) > 0);
        Assert.Contains("outbox", await proof.RunAsync(default), StringComparison.Ordinal);
    }

    /// <summary>The journal as it would look after somebody emptied the outbox.</summary>
    private sealed class WithoutOutbox(IJournalReader inner) : DelegatingReader(inner)
    {
        public override IAsyncEnumerable<JournalRow> RowsInOrderAsync(RowTable table, int partition, long after, CancellationToken cancel) =>
            base.RowsInOrderAsync(table, table == RowTable.Outbox ? 4_000 : partition, after, cancel);
    }
}
