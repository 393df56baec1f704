using System.Runtime.InteropServices;

namespace ExposureMonitor.Learning;

/// <summary>A tree while it is fitted: comparisons of bins, values on the scale of log-odds.</summary>
internal sealed class Tree
{
    internal struct Node
    {
        /// <summary>−1 for a leaf; a bin up to <see cref="Bin"/> goes below, bin 0 (missing) where <see cref="MissingBelow"/> says.</summary>
        internal int Factor, Bin, Below, Above;
        internal bool MissingBelow;
        internal double Value, Weight;

        /// <summary>The largest value that goes below, once <see cref="Bind"/> has told it.</summary>
        internal int Most;
    }

    internal List<Node> Nodes { get; } = [];

    /// <summary>Turns bins into values, so that the tree reads cases that were never put into bins.</summary>
    internal void Bind(BinnedFactors cases)
    {
        for (var i = 0; i < Nodes.Count; i++) if (Nodes[i].Factor >= 0) Nodes[i] = Nodes[i] with { Most = cases.EdgeOf(Nodes[i].Factor, Nodes[i].Bin) };
    }

    internal double Of(int[] factors)
    {
        var nodes = CollectionsMarshal.AsSpan(Nodes);
        var at = 0;
        while (nodes[at].Factor >= 0)
        {
            ref readonly var node = ref nodes[at];
            var value = factors[node.Factor];
            at = (value == Domain.PaymentFactors.Missing ? node.MissingBelow : value <= node.Most) ? node.Below : node.Above;
        }

        return nodes[at].Value;
    }

    /// <summary>Adds what the tree says to each case.</summary>
    internal void AddTo(double[] sums, BinnedFactors cases)
    {
        var nodes = CollectionsMarshal.AsSpan(Nodes);
        var bins = new byte[nodes.Length][];
        for (var i = 0; i < bins.Length; i++) bins[i] = nodes[i].Factor >= 0 ? cases.Of(nodes[i].Factor) : [];
        for (var i = 0; i < sums.Length; i++)
        {
            var at = 0;
            while (nodes[at].Factor >= 0)
            {
                ref readonly var node = ref nodes[at];
                int bin = bins[at][i];
                at = (bin == 0 ? node.MissingBelow : bin <= node.Bin) ? node.Below : node.Above;
            }

            sums[i] += nodes[at].Value;
        }
    }
}

/// <summary>
/// Grows one tree on first and second derivatives, leaf by leaf, the best split first. Own code: the histogram method fits
/// in a page, and no package of this runtime leaves integer points that explain themselves.
/// </summary>
internal sealed class TreeGrower(BinnedFactors cases, Growing how)
{
    private readonly int[] _order = new int[cases.Count];
    private readonly int[] _spare = new int[cases.Count];

    /// <summary>Derivatives of the cases of a leaf, side by side: asked for once per leaf and not once per factor.</summary>
    private readonly (double Slope, double Curve)[] _rows = new (double, double)[cases.Count];

    private struct Sums
    {
        internal double Slope, Curve, Count;
    }

    private sealed class Leaf
    {
        internal int Node, From, Count;
        internal double Slope, Curve;
        internal Sums[]? Histogram;
        internal double Gain;
        internal int Factor, Bin;
        internal bool MissingBelow;
    }

    /// <summary>Grows on the given cases; values are already multiplied by the rate.</summary>
    internal Tree Grow(ReadOnlySpan<int> chosen, double[] slopes, double[] curves, int[] factors)
    {
        chosen.CopyTo(_order);
        var offsets = new int[factors.Length];
        var size = 0;
        for (var i = 0; i < factors.Length; i++)
        {
            offsets[i] = size;
            size += cases.BinsOf(factors[i]);
        }

        var tree = new Tree();
        var root = new Leaf { Count = chosen.Length };
        for (var i = 0; i < chosen.Length; i++)
        {
            root.Slope += slopes[_order[i]];
            root.Curve += curves[_order[i]];
        }

        tree.Nodes.Add(new Tree.Node { Factor = -1, Value = Value(root), Weight = root.Curve });
        root.Histogram = Fill(root, slopes, curves, factors, offsets, size);
        Find(root, factors, offsets);
        var leaves = new List<Leaf> { root };
        while (leaves.Count < how.Leaves)
        {
            Leaf? best = null;
            foreach (var leaf in leaves) if (leaf.Gain > (best?.Gain ?? 1e-9)) best = leaf;
            if (best is null) break;
            var (below, above) = Split(tree, best, slopes, curves);
            // The larger child is what its sibling leaves of the parent.
            var (small, large) = below.Count <= above.Count ? (below, above) : (above, below);
            small.Histogram = Fill(small, slopes, curves, factors, offsets, size);
            large.Histogram = best.Histogram!;
            Subtract(large.Histogram, small.Histogram);
            Find(small, factors, offsets);
            Find(large, factors, offsets);
            leaves.Remove(best);
            leaves.Add(below);
            leaves.Add(above);
        }

        return tree;
    }

    private double Value(Leaf leaf) => -leaf.Slope / (leaf.Curve + how.Shrink) * how.Rate;

    private static void Subtract(Sums[] from, Sums[] sums)
    {
        for (var i = 0; i < sums.Length; i++)
        {
            ref var at = ref from[i];
            at.Slope -= sums[i].Slope;
            at.Curve -= sums[i].Curve;
            at.Count -= sums[i].Count;
        }
    }

    private Sums[] Fill(Leaf leaf, double[] slopes, double[] curves, int[] factors, int[] offsets, int size)
    {
        var histogram = new Sums[size];
        var order = _order.AsSpan(leaf.From, leaf.Count);
        var rows = _rows.AsSpan(0, leaf.Count);
        for (var i = 0; i < order.Length; i++) rows[i] = (slopes[order[i]], curves[order[i]]);
        // Two factors at a time: sums of one bin wait for each other, those of two factors do not.
        for (var f = 0; f < factors.Length; f += 2)
        {
            var isPair = f + 1 < factors.Length;
            var next = isPair ? f + 1 : f;
            var (oneBins, twoBins) = (cases.Of(factors[f]), cases.Of(factors[next]));
            var one = histogram.AsSpan(offsets[f]);
            var two = histogram.AsSpan(offsets[next]);
            for (var i = 0; i < order.Length && i < rows.Length; i++)
            {
                var row = order[i];
                ref var sums = ref one[oneBins[row]];
                sums.Slope += rows[i].Slope;
                sums.Curve += rows[i].Curve;
                sums.Count++;
                if (!isPair) continue;
                sums = ref two[twoBins[row]];
                sums.Slope += rows[i].Slope;
                sums.Curve += rows[i].Curve;
                sums.Count++;
            }
        }

        return histogram;
    }

    private void Find(Leaf leaf, int[] factors, int[] offsets)
    {
        leaf.Gain = 0;
        if (leaf.Count < 2 * how.LeafLeast) return;
        var whole = leaf.Slope * leaf.Slope / (leaf.Curve + how.Shrink);
        for (var f = 0; f < factors.Length; f++)
        {
            var bins = cases.BinsOf(factors[f]);
            var sums = leaf.Histogram.AsSpan(offsets[f], bins);
            for (var missing = 0; missing < 2; missing++)
            {
                if (missing == 1 && sums[0].Count == 0) break;
                var (slope, curve, count) = missing == 1 ? (sums[0].Slope, sums[0].Curve, sums[0].Count) : (0, 0, 0);
                for (var bin = 1; bin < bins - 1; bin++)
                {
                    slope += sums[bin].Slope;
                    curve += sums[bin].Curve;
                    count += sums[bin].Count;
                    if (count < how.LeafLeast || leaf.Count - count < how.LeafLeast) continue;
                    var rest = leaf.Slope - slope;
                    var gain = slope * slope / (curve + how.Shrink) + rest * rest / (leaf.Curve - curve + how.Shrink) - whole;
                    if (gain <= leaf.Gain) continue;
                    (leaf.Gain, leaf.Factor, leaf.Bin, leaf.MissingBelow) = (gain, factors[f], bin, missing == 1);
                }
            }
        }
    }

    private (Leaf Below, Leaf Above) Split(Tree tree, Leaf leaf, double[] slopes, double[] curves)
    {
        var bins = cases.Of(leaf.Factor);
        var (below, above) = (new Leaf { From = leaf.From }, new Leaf());
        int left = leaf.From, right = 0;
        for (var i = leaf.From; i < leaf.From + leaf.Count; i++)
        {
            var row = _order[i];
            var isBelow = bins[row] == 0 ? leaf.MissingBelow : bins[row] <= leaf.Bin;
            if (isBelow) _order[left++] = row;
            else _spare[right++] = row;
            var side = isBelow ? below : above;
            side.Slope += slopes[row];
            side.Curve += curves[row];
        }

        Array.Copy(_spare, 0, _order, left, right);
        (below.Count, above.From, above.Count) = (left - leaf.From, left, right);
        (below.Node, above.Node) = (tree.Nodes.Count, tree.Nodes.Count + 1);
        tree.Nodes.Add(new Tree.Node { Factor = -1, Value = Value(below), Weight = below.Curve });
        tree.Nodes.Add(new Tree.Node { Factor = -1, Value = Value(above), Weight = above.Curve });
        tree.Nodes[leaf.Node] = tree.Nodes[leaf.Node] with { Factor = leaf.Factor, Bin = leaf.Bin, MissingBelow = leaf.MissingBelow, Below = below.Node, Above = above.Node };
        return (below, above);
    }
}
