using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>Log-odds of fitted trees to integer points on the scale of credit.md 13.2.</summary>
internal static class CardMaker
{
    /// <summary>Hundredths of a point per unit of log-odds.</summary>
    private static readonly double Scale = Scorecard.PointsToDouble / Math.Log(2);

    internal static Scorecard Make(string target, int days, Boosting fit, BinnedFactors cases)
    {
        var (slope, shift) = fit.Honest;
        var trees = new List<ScoreTree>(fit.Trees.Count);
        var root = fit.Start * slope + shift;
        foreach (var tree in fit.Trees)
        {
            var nodes = tree.Nodes;
            // Means from the leaves up, so that the parts of an explanation are what each comparison changed.
            var (sums, weights) = (new double[nodes.Count], new double[nodes.Count]);
            for (var i = nodes.Count - 1; i >= 0; i--)
            {
                var node = nodes[i];
                weights[i] = node.Factor < 0 ? Math.Max(node.Weight, 1e-9) : weights[node.Below] + weights[node.Above];
                sums[i] = node.Factor < 0 ? node.Value * weights[i] : sums[node.Below] + sums[node.Above];
            }

            root += sums[0] / weights[0] * slope;
            trees.Add(new ScoreTree(nodes.Select((node, i) => new ScoreNode(
                node.Factor, node.Factor < 0 ? 0 : cases.EdgeOf(node.Factor, node.Bin), node.MissingBelow, node.Below, node.Above, (int)Math.Round(-sums[i] / weights[i] * slope * Scale)))));
        }

        return new Scorecard { Target = target, Days = days, Base = PointsOf(root), Trees = trees, Chances = ChanceTable };
    }

    /// <summary>Points of log-odds of being late.</summary>
    internal static int PointsOf(double odds) => (int)Math.Round(Scorecard.PointsAtThirtyToOne - Scale * (odds + Math.Log(30)));

    /// <summary>Chance of being late by score, ppm.</summary>
    internal static IReadOnlyList<int> ChanceTable { get; } =
        [.. Enumerable.Range(0, 351).Select(place => (int)Math.Round(1_000_000 / (1 + Math.Exp((Scorecard.ChanceFrom + place * Scorecard.ChanceStep - Scorecard.PointsAtThirtyToOne) / Scale + Math.Log(30)))))];
}
