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
        var at = 0;
        while (Nodes[at].Factor >= 0)
        {
            var node = Nodes[at];
            var value = factors[node.Factor];
            at = (value == Domain.PaymentFactors.Missing ? node.MissingBelow : value <= node.Most) ? node.Below : node.Above;
        }

        return Nodes[at].Value;
    }

    internal double Of(BinnedFactors cases, int i)
    {
        var at = 0;
        while (Nodes[at].Factor >= 0)
        {
            var node = Nodes[at];
            int bin = cases.Of(node.Factor)[i];
            at = (bin == 0 ? node.MissingBelow : bin <= node.Bin) ? node.Below : node.Above;
        }

        return Nodes[at].Value;
    }
}

/// <summary>
/// Grows one tree on first and second derivatives, leaf by leaf, the best split first. Own code: the histogram method fits
/// in a page, and no package of this runtime leaves integer points that explain themselves.
/// </summary>
internal sealed class TreeGrower(BinnedFactors cases, Growing how)
{
    private const int Stride = 3;

    private readonly int[] _order = new int[cases.Count];
    private readonly int[] _spare = new int[cases.Count];

    private sealed class Leaf
    {
        internal int Node, From, Count;
        internal double Slope, Curve;
        internal double[]? Histogram;
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
            size += cases.BinsOf(factors[i]) * Stride;
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
            for (var i = 0; i < size; i++) large.Histogram[i] -= small.Histogram[i];
            Find(small, factors, offsets);
            Find(large, factors, offsets);
            leaves.Remove(best);
            leaves.Add(below);
            leaves.Add(above);
        }

        return tree;
    }

    private double Value(Leaf leaf) => -leaf.Slope / (leaf.Curve + how.Shrink) * how.Rate;

    private double[] Fill(Leaf leaf, double[] slopes, double[] curves, int[] factors, int[] offsets, int size)
    {
        var histogram = new double[size];
        var rows = _order.AsSpan(leaf.From, leaf.Count);
        for (var f = 0; f < factors.Length; f++)
        {
            var bins = cases.Of(factors[f]);
            var sums = histogram.AsSpan(offsets[f]);
            foreach (var row in rows)
            {
                var at = bins[row] * Stride;
                sums[at] += slopes[row];
                sums[at + 1] += curves[row];
                sums[at + 2]++;
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
            var sums = leaf.Histogram.AsSpan(offsets[f], bins * Stride);
            for (var missing = 0; missing < 2; missing++)
            {
                if (missing == 1 && sums[2] == 0) break;
                var (slope, curve, count) = missing == 1 ? (sums[0], sums[1], sums[2]) : (0, 0, 0);
                for (var bin = 1; bin < bins - 1; bin++)
                {
                    slope += sums[bin * Stride];
                    curve += sums[bin * Stride + 1];
                    count += sums[bin * Stride + 2];
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
