using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>What the house journals, every partition journals once, in the house's order, also over a restart.</summary>
public sealed class HouseBroadcast
{
    private static readonly Currency Usd = Currency.Parse("USD");

    [Fact]
    public async Task The_switch_is_answered_when_every_partition_has_journaled_it()
    {
        await using var bench = await Bench.StartAsync(partitions: 5);
        var answer = await bench.Engine.SubmitAsync(new SwitchGlobalHold { On = true, Reason = "storm", Actor = "anna" });
        Assert.Equal(OutcomeKind.Applied, answer.Outcome.Kind);
        Assert.Empty(answer.NotYet);
        for (var partition = 0; partition < 5; partition++) Assert.Equal([(answer.At.Seq, answer.At.Index)], await ToldAsync(bench, partition));
    }

    [Fact]
    public async Task The_answer_names_a_partition_that_cannot_journal_it()
    {
        await using var bench = await Bench.StartAsync(partitions: 3);
        var victim = bench.CustomerIn(1);
        await bench.Engine.SubmitAsync(bench.Order(victim, "O1"));
        bench.Journal.Refuses = frame => frame.Partition == 1;
        // Its own day cannot be stored: a partition that is refused without a record to blame is closed.
        bench.Clock.Advance(TimeSpan.FromDays(1));
        await Bench.UntilAsync(() => bench.Engine.Failure is not null, $"the partition is closed {bench.Engine.IsReady} {bench.Journal.Sent.Count}");
        var answer = await bench.Engine.SubmitAsync(new SwitchGlobalHold { On = true, Reason = "storm", Actor = "anna" });
        Assert.Equal([1], answer.NotYet);
        await Assert.ThrowsAsync<PartitionClosedException>(() => bench.Engine.SubmitAsync(bench.Order(victim, "O2")));
        Assert.Equal([(answer.At.Seq, answer.At.Index)], await ToldAsync(bench, 0));
    }

    [Fact]
    public async Task A_process_that_dies_between_the_house_and_the_others_catches_up_before_it_serves()
    {
        await using var bench = await Bench.StartAsync();
        var customer = bench.CustomerIn(1);
        await bench.Engine.SubmitAsync(Bench.Limit(customer, 1_000));
        bench.Journal.IsGated = true;
        var sent = bench.Journal.Sent.Count;
        var order = bench.Engine.SubmitAsync(new SwitchGlobalHold { On = true, Reason = "storm", Actor = "anna" });
        await Bench.UntilAsync(() => bench.Journal.Sent.Count > sent, "the house's frame is sent");
        bench.Journal.Pass();
        await Bench.UntilAsync(() => bench.Journal.Sent.Count > sent + 1, "the others' frames are sent");
        bench.Journal.IsAway = true;
        bench.Journal.IsGated = false;
        bench.Journal.Pass();
        await Assert.ThrowsAsync<EngineUnavailableException>(() => order);
        Assert.Empty(await ToldAsync(bench, 1));

        await bench.ReopenAsync();
        Assert.Equal(Verdict.Refused, (await bench.Engine.SubmitAsync(Bench.Check(customer, 10, "k"))).Effects.OfType<CheckDecided>().Single().Decision);
        Assert.Single(await ToldAsync(bench, 0));
        Assert.Single(await ToldAsync(bench, 1));
        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    [Fact]
    public async Task Of_two_rates_the_newer_stands_and_of_two_of_one_moment_the_later()
    {
        await using var bench = await Bench.StartAsync(partitions: 3);
        var moment = Instant.From(bench.Clock.GetUtcNow());
        await bench.Engine.SubmitBatchAsync([Rate("a", 2, moment), Rate("b", 3, moment), Rate("c", 9, moment.Plus(-Instant.Second))]);
        for (var partition = 0; partition < 3; partition++)
            Assert.Equal("3", (await bench.Engine.ReadAsync(partition, book => book.Context.RateOf(Usd)))!.Rate.ToString().TrimEnd('0', '.'));
        await bench.ReopenAsync();
        Assert.Equal("3", (await bench.Engine.ReadAsync(2, book => book.Context.RateOf(Usd)))!.Rate.ToString().TrimEnd('0', '.'));
    }

    [Fact]
    public async Task A_fact_behind_a_rate_in_one_batch_is_judged_under_that_rate()
    {
        await using var bench = await Bench.StartAsync();
        var customer = bench.CustomerIn(1);
        await bench.Engine.SubmitAsync(Bench.Limit(customer, 1_000));
        var order = bench.Order(customer, "O1", 100);
        order.Currency = Usd;
        var answers = await bench.Engine.SubmitBatchAsync([Rate("a", 2, Instant.From(bench.Clock.GetUtcNow())), order]);
        Assert.Equal(Verdict.Approved, answers[1].Effects.OfType<CheckDecided>().Single().Decision is var verdict && verdict == Verdict.ApprovedWithWarnings ? Verdict.Approved : verdict);
        Assert.True(bench.Engine.TryGetRow(customer, out var row));
        Assert.Equal(200, row.Figures.OrdersInside);
    }

    private static FxRatePublished Rate(string id, long rate, Instant asOf) => new()
    {
        EventId = id, Source = "fx", From = Usd, To = Bench.Eur, Rate = new FxRate(rate * FxRate.Scale), AsOf = asOf, ApprovedBy = "second",
    };

    /// <summary>Places in the house's journal of the entries that a partition took from it.</summary>
    private static async Task<List<(long, int)>> ToldAsync(Bench bench, int partition)
    {
        var told = new List<(long, int)>();
        await foreach (var stored in bench.Journal.Inner.Reader.FramesAsync(partition, 0, long.MaxValue, default))
            foreach (var entry in FrameCodec.Read(stored.Payload).Entries)
                if (entry.Fact is IHouseBroadcast fact) told.Add((fact.HouseSeq, fact.HouseIndex));
        return told;
    }
}
