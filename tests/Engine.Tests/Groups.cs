using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>How many entries share a commit.</summary>
public sealed class Groups
{
    [Fact]
    public async Task A_drain_shares_commits_among_many_entries_and_leaves_none_behind()
    {
        await using var bench = await Bench.StartAsync();
        // The start itself asked things of the loop.
        bench.Clock.Advance(TimeSpan.FromSeconds(5));
        var sizes = await FeedAsync(bench, "a");
        Assert.True(sizes.Max() > 8_000, string.Join(' ', sizes));
        Assert.True(sizes.Max() <= 16_384 + ExposureEngine.SliceMax, string.Join(' ', sizes));
    }

    [Fact]
    public async Task While_commands_come_groups_stay_small()
    {
        await using var bench = await Bench.StartAsync();
        await bench.Engine.SubmitAsync(Bench.Limit(bench.CustomerIn(0), 10_000));
        await bench.Engine.SubmitAsync(new CheckCredit { Customer = bench.CustomerIn(0), Amount = 1, Currency = Bench.Eur, Actor = "a", Key = "k" });
        var sizes = await FeedAsync(bench, "b");
        Assert.True(sizes.Max() <= 2_048 + ExposureEngine.SliceMax, string.Join(' ', sizes));
    }

    /// <summary>Feeds 20,000 payments at once; returns the entries of each group.</summary>
    private static async Task<List<int>> FeedAsync(Bench bench, string prefix)
    {
        const int Facts = 20_000;
        var sent = bench.Journal.Sent.Count;
        var customers = Enumerable.Range(0, 50).Select(n => bench.CustomerIn(n % 2, n)).ToArray();
        var facts = Enumerable.Range(0, Facts).Select(i => (Fact)new PaymentReceived
        {
            Customer = customers[i % customers.Length], PaymentId = $"{prefix}{i}", EventId = $"{prefix}{i}", Source = "t", Amount = 1, Currency = Bench.Eur,
            ValueOn = DateOnly.FromDateTime(bench.Clock.GetUtcNow().UtcDateTime).DayNumber, Cleared = true,
        }).ToList();
        Assert.All(await bench.Engine.SubmitBatchAsync(facts), a => Assert.Equal(OutcomeKind.Applied, a.Outcome.Kind));
        var groups = bench.Journal.Sent.Skip(sent).Select(frames => frames.Sum(f => FrameCodec.Read(f.Payload).Entries.Count(e => e.Fact is PaymentReceived))).ToList();
        Assert.Equal(Facts, groups.Sum());
        return groups;
    }
}
