using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ExposureMonitor.Learning.Tests;

/// <summary>Measures against their definitions.</summary>
public sealed class MeasureTests
{
    [Fact]
    public void Auc_is_the_share_of_pairs_in_order_with_ties_half() => Prop.ForAll(
        Gen.Zip(Gen.Choose(0, 4), Gen.Elements(true, false)).ListOf(12).ToArbitrary(), rows =>
        {
            var (risk, late) = (rows.Select(r => (double)r.Item1).ToArray(), rows.Select(r => r.Item2).ToArray());
            double pairs = 0, won = 0;
            for (var i = 0; i < risk.Length; i++)
                for (var j = 0; j < risk.Length; j++)
                {
                    if (!late[i] || late[j]) continue;
                    pairs++;
                    won += risk[i] > risk[j] ? 1 : risk[i] == risk[j] ? 0.5 : 0;
                }

            var auc = Measures.Auc(risk, late, Measures.Rank(risk));
            return pairs == 0 ? double.IsNaN(auc) : Math.Abs(auc - won / pairs) < 1e-9;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_weight_counts_like_so_many_cases()
    {
        double[] risk = [3, 2, 1, 2];
        bool[] late = [true, false, false, true];
        double[] more = [3, 3, 2, 1, 2, 2];
        bool[] moreLate = [true, true, false, false, true, true];
        Assert.Equal(Measures.Auc(more, moreLate, Measures.Rank(more)), Measures.Auc(risk, late, Measures.Rank(risk), [2, 1, 1, 2]), 9);
    }

    [Fact]
    public void Average_precision_of_a_known_order()
    {
        // Late at places 1 and 3: (1/1 + 2/3) / 2.
        double[] risk = [4, 3, 2, 1];
        Assert.Equal((1 + 2.0 / 3) / 2, Measures.AveragePrecision(risk, [true, false, true, false], Measures.Rank(risk)), 9);
    }

    [Fact]
    public void Draws_take_whole_customers()
    {
        foreach (var draw in Measures.Draws(["a", "b", "a", "c", "b"], 50, 3))
        {
            Assert.Equal(draw[0], draw[2]);
            Assert.Equal(draw[1], draw[4]);
            Assert.Equal(3, draw[0] + draw[1] + draw[3]);
        }
    }
}
