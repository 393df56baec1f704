using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Learning.Tests;

/// <summary>Bins against their definition: edges are values at equal ranks, and a bin holds what is above one edge and up to the next.</summary>
public sealed class Bins
{
    [Theory]
    [InlineData(3)]
    [InlineData(400)]
    [InlineData(int.MaxValue)]
    public void Values_stand_in_the_bin_between_their_edges(int spread)
    {
        var dice = new Random(spread);
        int Value() => dice.Next(9) == 0 ? PaymentFactors.Missing : dice.Next(2) == 0 ? dice.Next(spread) : -dice.Next(spread);
        var rows = Enumerable.Range(0, 2_000).Select(_ => Enumerable.Range(0, PaymentFactors.Count).Select(f => f == 1 ? PaymentFactors.Missing : f == 2 ? 7 : Value()).ToArray()).ToList();
        var binned = new BinnedFactors(rows);
        for (var f = 0; f < PaymentFactors.Count; f++)
        {
            var sorted = rows.Select(r => r[f]).Where(v => v != PaymentFactors.Missing).Order().ToArray();
            var edges = Enumerable.Range(1, 61).Where(_ => sorted.Length > 0).Select(i => sorted[(int)((long)sorted.Length * i / 62)]).Where(e => e < sorted[^1]).Distinct().Order().ToArray();
            Assert.Equal(edges.Length + 2, binned.BinsOf(f));
            Assert.Equal(edges, Enumerable.Range(1, edges.Length).Select(bin => binned.EdgeOf(f, bin)));
            for (var i = 0; i < rows.Count; i++)
                Assert.Equal(rows[i][f] == PaymentFactors.Missing ? 0 : edges.Count(e => e < rows[i][f]) + 1, binned.Of(f)[i]);
        }
    }

    /// <summary>At the best weights nothing pulls any more: the errors weigh nothing but against the penalty.</summary>
    [Fact]
    public void Logistic_regression_ends_where_no_weight_pulls()
    {
        var walk = Books.Walk(Books.Facts(Books.Small(3)));
        var known = walk.Cases.Where(c => c.Late(5, walk.Today + 1) is not null).ToList();
        var late = known.Select(c => c.Late(5, walk.Today + 1)!.Value).ToArray();
        var fit = Logistic.Fit([.. known.Select(c => c.Factors)], late);
        var pull = fit.Start;
        for (var i = 0; i < late.Length; i++) pull += 1 / (1 + Math.Exp(-fit.Odds(known[i].Factors))) - (late[i] ? 1 : 0);
        Assert.Equal(0, pull, 6);
        var odds = known.Select(c => fit.Odds(c.Factors)).ToArray();
        Assert.True(Measures.Auc(odds, late, Measures.Rank(odds)) > 0.7);
    }
}
