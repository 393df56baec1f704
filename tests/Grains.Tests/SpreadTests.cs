using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Grains.Tests;

/// <summary>The map from partitions to silos: even, the same everywhere, and steady.</summary>
public sealed class SpreadTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(16, 3)]
    [InlineData(64, 3)]
    [InlineData(64, 7)]
    [InlineData(256, 10)]
    [InlineData(2, 5)]
    public void Each_silo_has_as_many_as_the_others_or_one_more(int partitions, int silos)
    {
        var owners = Spread.Over(partitions, Names(silos));
        Assert.Equal(partitions + 1, owners.Length);
        var loads = Enumerable.Range(0, silos).Select(s => owners.Count(o => o == s)).ToArray();
        Assert.True(loads.Max() - loads.Min() <= 1, string.Join(' ', loads));
    }

    [Fact]
    public void The_order_of_the_silos_decides_nothing()
    {
        string[] names = [.. Names(5)], other = [.. names.Reverse()];
        Assert.Equal(Spread.Over(64, names).Select(i => names[i]), Spread.Over(64, other).Select(i => other[i]));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    public void When_a_silo_comes_or_goes_few_others_move(int silos)
    {
        var (before, after) = (Names(silos), Names(silos + 1));
        var (from, to) = (Spread.Over(256, before).Select(i => before[i]).ToArray(), Spread.Over(256, after).Select(i => after[i]).ToArray());
        var moved = from.Zip(to).Count(p => p.First != p.Second);
        var least = 257 / (silos + 1);
        // What the new one gets has to move; evenness costs some more, and never as much as a new deal.
        Assert.InRange(moved, least, 3 * least);
        Assert.InRange(from.Zip(to).Count(p => p.First != p.Second && p.Second != after[^1]), 0, 2 * least);
    }

    [Fact]
    public void Without_silos_nobody_owns_anything() => Assert.Empty(Spread.Over(64, []));

    private static IReadOnlyList<string> Names(int silos) => [.. Enumerable.Range(0, silos).Select(i => $"silo-{i}")];
}
