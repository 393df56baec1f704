using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>The facts of a customer are found from his newest entry back: whoever has little reads little, whatever others have.</summary>
public sealed class FactsOfCustomers
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Customer_among_many_entries_of_others_costs_the_frames_that_have_something_of_him()
    {
        await using var bench = await Bench.StartAsync(1);
        await bench.Engine.SubmitAsync(bench.Order("QUIET", "Q1"));
        for (var n = 0; n < 60; n++) await bench.Engine.SubmitAsync(bench.Order("BUSY", $"B{n}", 1));
        await bench.Engine.SubmitAsync(bench.Order("QUIET", "Q2"));
        for (var n = 60; n < 120; n++) await bench.Engine.SubmitAsync(bench.Order("BUSY", $"B{n}", 1));
        var (quiet, read) = await ReadAsync(bench, "QUIET");
        Assert.Equal(["Q1", "Q2"], quiet["QUIET"].Cast<OrderPlaced>().Select(o => o.OrderId));
        Assert.Equal(2, read);
        // Whoever has something in every frame is not asked frame by frame.
        var (busy, all) = await ReadAsync(bench, "BUSY");
        Assert.Equal(120, busy["BUSY"].Count);
        Assert.InRange(all, 120, 170);
    }

    [Fact]
    public async Task Several_customers_have_the_facts_that_a_whole_reading_finds_and_share_their_frames()
    {
        await using var bench = await Bench.StartAsync(1);
        var dice = new Random(5);
        string[] customers = [.. Enumerable.Range(0, 12).Select(n => $"C{n}")];
        for (var n = 0; n < 90; n++)
        {
            // Some of them twice: what did nothing is no fact of the customer.
            var batch = Enumerable.Range(0, 1 + dice.Next(6)).Select(i => (Fact)bench.Order(customers[Math.Min(dice.Next(12), dice.Next(12))], $"O{Math.Max(0, n - dice.Next(2))}-{i}")).ToList();
            await bench.Engine.SubmitBatchAsync(batch);
        }

        var expected = customers.ToDictionary(c => c, _ => new List<string>());
        await foreach (var frame in bench.Engine.Reader.FramesAsync(0, 0, long.MaxValue, None))
            foreach (var entry in FrameCodec.Read(frame.Payload).Entries)
                if (entry is { Outcome: OutcomeKind.Applied, Fact: OrderPlaced placed } && expected.TryGetValue(entry.Customer, out var orders)) orders.Add(placed.OrderId);
        var (facts, read) = await ReadAsync(bench, [.. customers, "NOBODY"]);
        foreach (var customer in customers) Assert.Equal(expected[customer], facts[customer].OfType<OrderPlaced>().Select(o => o.OrderId));
        Assert.Empty(facts["NOBODY"]);
        Assert.InRange(read, 1, 140);
    }

    [Fact]
    public async Task Signal_is_explained_by_the_frames_that_have_something_of_its_customer()
    {
        await using var bench = await Bench.StartAsync(1);
        await bench.Engine.SubmitAsync(Bench.Limit("QUIET", 1_000));
        for (var n = 0; n < 60; n++) await bench.Engine.SubmitAsync(bench.Order("BUSY", $"B{n}", 1));
        await bench.Engine.SubmitBatchAsync([.. Enumerable.Range(1, 10).Select(n => (Fact)bench.Order("QUIET", "Q" + n, 98))]);
        for (var n = 60; n < 120; n++) await bench.Engine.SubmitAsync(bench.Order("BUSY", $"B{n}", 1));
        var detail = await bench.Engine.ReadAsync(0, book => book.Detail(book.FindSlot("QUIET")));
        Assert.Equal(["EW-01"], detail.Signals.Select(s => s.Indicator));
        var before = bench.Journal.FramesRead;
        var explained = Assert.Single(await SignalExplanations.OfAsync(bench.Engine.Reader, 0, detail, None));
        Assert.Equal("eQ10", explained.Events[^1].EventId);
        Assert.Equal(9_800, explained.Condition!.Observed);
        Assert.Equal(2, bench.Journal.FramesRead - before);
    }

    [Fact]
    public async Task History_in_pages_is_the_whole_and_its_newest_page_reads_the_newest_frames()
    {
        await using var bench = await Bench.StartAsync(1);
        await bench.Engine.SubmitAsync(bench.Order("QUIET", "Q0"));
        for (var n = 0; n < 300; n++) await bench.Engine.SubmitAsync(bench.Order("BUSY", $"B{n}", 1));
        // The last one comes twice: nothing of the account changes, and the history has it.
        for (var n = 1; n < 8; n++) await bench.Engine.SubmitAsync(bench.Order("QUIET", $"Q{Math.Min(n, 6)}"));
        var before = bench.Journal.FramesRead;
        var newest = await History.OfAsync(bench.Engine.Reader, 0, "QUIET", (long.MaxValue, 0), 5, None);
        Assert.Equal(["Q6", "Q6", "Q5", "Q4", "Q3"], newest.Select(l => l.Document));
        Assert.Equal("Duplicate", newest[0].Outcome);
        Assert.InRange(bench.Journal.FramesRead - before, 1, 64);
        var rest = await History.OfAsync(bench.Engine.Reader, 0, "QUIET", (newest[^1].Seq, newest[^1].Index), 5, None);
        Assert.Equal(["Q2", "Q1", "Q0"], rest.Select(l => l.Document));
        Assert.Empty(await History.OfAsync(bench.Engine.Reader, 0, "QUIET", (rest[^1].Seq, rest[^1].Index), 5, None));
    }

    private static async Task<(IReadOnlyDictionary<string, List<Fact>> Facts, int Read)> ReadAsync(Bench bench, params string[] customers)
    {
        var newest = await bench.Engine.ReadAsync(0, book => customers.ToDictionary(c => c, c => book.FindSlot(c) is >= 0 and var slot && book.Detail(slot) is { } d ? (d.NewestSeq, d.NewestIndex) : default));
        var before = bench.Journal.FramesRead;
        var facts = await CustomerFacts.OfAsync(bench.Engine.Reader, 0, newest, None);
        return (facts, bench.Journal.FramesRead - before);
    }
}
