using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>Log-odds that were fitted, to integer points on the scale of credit.md 13.2.</summary>
internal sealed class CardMaker
{
    /// <summary>Hundredths of a point per unit of log-odds.</summary>
    private static readonly double Scale = Scorecard.PointsToDouble / Math.Log(2);

    private readonly List<ScoreTree> _trees = [];
    private readonly List<ScoreTable> _tables = [];
    private double _base;

    internal void AddBase(double odds) => _base += odds;

    internal void AddTables(PlainTables plain, BinnedFactors cases, double weight)
    {
        // The middle of each table goes into the base: an explanation then says what differs from a usual invoice.
        foreach (var table in plain.Points(cases, Scale * weight))
        {
            var bins = cases.Of(table.Factor);
            long sum = 0;
            foreach (var bin in bins) sum += table.Points[bin];
            var mean = (int)(sum / Math.Max(1, bins.Length));
            _tables.Add(new ScoreTable(table.Factor, table.Edges, [.. table.Points.Select(p => p - mean)]));
            _base -= mean / Scale;
        }
    }

    internal void AddTree(Tree tree, BinnedFactors cases, double weight)
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

        _base += sums[0] / weights[0] * weight;
        if (nodes.Count == 1) return;
        _trees.Add(new ScoreTree(nodes.Select((node, i) => new ScoreNode(
            node.Factor, node.Factor < 0 ? 0 : cases.EdgeOf(node.Factor, node.Bin), node.MissingBelow, node.Below, node.Above, (int)Math.Round(-sums[i] / weights[i] * weight * Scale)))));
    }

    internal Scorecard Make(string target, int days) => new() { Target = target, Days = days, Base = PointsOf(_base), Tables = _tables, Trees = _trees, Chances = ChanceTable };

    /// <summary>Points of log-odds of being late.</summary>
    internal static int PointsOf(double odds) => (int)Math.Round(Scorecard.PointsAtFiftyToOne - Scale * (odds + Math.Log(50)));

    /// <summary>Log-odds of being late at a score.</summary>
    internal static double OddsOf(int points) => (Scorecard.PointsAtFiftyToOne - points) / Scale - Math.Log(50);

    /// <summary>Chance of being late by score, ppm.</summary>
    internal static IReadOnlyList<int> ChanceTable { get; } =
        [.. Enumerable.Range(0, 351).Select(place => (int)Math.Round(1_000_000 / (1 + Math.Exp((Scorecard.ChanceFrom + place * Scorecard.ChanceStep - Scorecard.PointsAtFiftyToOne) / Scale + Math.Log(50)))))];
}
