using System.Runtime.Intrinsics;

namespace ExposureMonitor.Learning;

/// <summary>
/// Grows one tree on first and second derivatives, leaf by leaf, the best split first. Own code: the histogram method fits
/// in a page, and no package of this runtime leaves integer points that explain themselves.
/// </summary>
internal sealed class TreeGrower(BinnedFactors cases, Growing how)
{
    /// <summary>Places of a factor in a histogram.</summary>
    private const int Places = BinnedFactors.BinsMost;

    /// <summary>Where the three sums of a bin stand in its vector, whose last place stays empty.</summary>
    private const int Slope = 0, Curve = 1, Rows = 2;

    /// <summary>The cases that a tree grows from, leaf by leaf; and those of the other child while a leaf is split.</summary>
    private readonly int[] _order = new int[cases.Count], _spare = new int[cases.Count];

    /// <summary>The cases that it does not grow from.</summary>
    private readonly int[] _rest = new int[cases.Count];

    /// <summary>Derivatives of the cases of a leaf, side by side: asked for once per leaf and not once per factor.</summary>
    private readonly Vector128<double>[] _rows = new Vector128<double>[cases.Count];

    /// <summary>Histograms for the next tree: as large as they are, to make new ones would cost as much as to fill them.</summary>
    private readonly Stack<Vector256<double>[]> _histograms = new();
    private readonly List<Leaf> _leaves = [];
    private int _count, _restCount;

    private sealed class Leaf
    {
        internal int Node, From, Count;

        /// <summary>Sums of its cases: slope and curve.</summary>
        internal Vector128<double> Sums;
        internal Vector256<double>[]? Histogram;
        internal double Gain;
        internal int Factor, Bin;
        internal bool MissingBelow;
    }

    /// <summary>The cases that the next tree grows from.</summary>
    internal ReadOnlySpan<int> Chosen => _order.AsSpan(0, _count);

    /// <summary>Draws a share of the first cases for the next tree.</summary>
    internal void Draw(int first, double share, ref Dice dice)
    {
        (_count, _restCount) = (0, 0);
        for (var i = 0; i < first; i++)
        {
            // Into both, and one of them is written over: nobody could foresee into which.
            (_order[_count], _rest[_restCount]) = (i, i);
            var isChosen = dice.Share() < share ? 1 : 0;
            _count += isChosen;
            _restCount += 1 - isChosen;
        }

        for (var i = first; i < cases.Count; i++) _rest[_restCount++] = i;
    }

    /// <summary>Grows on the cases that were drawn; values are already multiplied by the rate.</summary>
    internal Tree Grow(double[] slopes, double[] curves, int[] factors)
    {
        var tree = new Tree();
        var root = new Leaf { Count = _count };
        foreach (var row in Chosen) root.Sums += Vector128.Create(slopes[row], curves[row]);
        tree.Nodes.Add(new Tree.Node { Factor = -1, Value = Value(root), Weight = root.Sums[Curve] });
        foreach (var leaf in _leaves) GiveBack(leaf);
        _leaves.Clear();
        _leaves.Add(root);
        if (how.Leaves > 1 && CanSplit(root))
        {
            root.Histogram = Fill(root, slopes, curves, factors);
            Find(root, factors);
        }

        while (_leaves.Count < how.Leaves)
        {
            Leaf? best = null;
            foreach (var leaf in _leaves) if (leaf.Gain > (best?.Gain ?? 1e-9)) best = leaf;
            if (best is null) break;
            var (below, above) = Split(tree, best, slopes, curves);
            _leaves.Remove(best);
            _leaves.Add(below);
            _leaves.Add(above);
            // Nobody asks for the histograms of leaves that stay leaves.
            if (_leaves.Count == how.Leaves || !CanSplit(below) && !CanSplit(above))
            {
                GiveBack(best);
                continue;
            }

            // The larger child is what its sibling leaves of the parent.
            var (small, large) = below.Count <= above.Count ? (below, above) : (above, below);
            small.Histogram = Fill(small, slopes, curves, factors);
            large.Histogram = best.Histogram!;
            Subtract(large.Histogram, small.Histogram);
            Find(small, factors);
            Find(large, factors);
        }

        return tree;
    }

    /// <summary>Adds what the tree that was grown last says to each case, those included that it was not grown from.</summary>
    internal void AddTo(double[] sums, Tree tree)
    {
        foreach (var leaf in _leaves)
        {
            var value = tree.Nodes[leaf.Node].Value;
            foreach (var row in _order.AsSpan(leaf.From, leaf.Count)) sums[row] += value;
        }

        tree.AddTo(sums, _rest.AsSpan(0, _restCount), cases);
    }

    private bool CanSplit(Leaf leaf) => leaf.Count >= 2 * how.LeafLeast;

    private double Value(Leaf leaf) => -leaf.Sums[Slope] / (leaf.Sums[Curve] + how.Shrink) * how.Rate;

    private void GiveBack(Leaf leaf)
    {
        if (leaf.Histogram is { } histogram) _histograms.Push(histogram);
        leaf.Histogram = null;
    }

    private static void Subtract(Vector256<double>[] from, Vector256<double>[] sums)
    {
        for (var i = 0; i < from.Length && i < sums.Length; i++) from[i] -= sums[i];
    }

    private Vector256<double>[] Fill(Leaf leaf, double[] slopes, double[] curves, int[] factors)
    {
        if (!_histograms.TryPop(out var histogram) || histogram.Length < factors.Length * Places) histogram = new Vector256<double>[factors.Length * Places];
        else Array.Clear(histogram);
        var order = _order.AsSpan(leaf.From, leaf.Count);
        var rows = _rows.AsSpan(0, leaf.Count);
        for (var i = 0; i < order.Length; i++) rows[i] = Vector128.Create(slopes[order[i]], curves[order[i]]);
        // Several factors at a time: sums of one bin wait for each other, those of several factors do not.
        var one = Vector128.Create(1.0, 0);
        var f = 0;
        for (; f + 3 < factors.Length; f += 4)
        {
            var (bins, bins1, bins2, bins3) = (cases.Of(factors[f]), cases.Of(factors[f + 1]), cases.Of(factors[f + 2]), cases.Of(factors[f + 3]));
            var sums = histogram.AsSpan(f * Places, Places);
            var sums1 = histogram.AsSpan((f + 1) * Places, Places);
            var sums2 = histogram.AsSpan((f + 2) * Places, Places);
            var sums3 = histogram.AsSpan((f + 3) * Places, Places);
            for (var i = 0; i < order.Length && i < rows.Length; i++)
            {
                var row = order[i];
                var added = Vector256.Create(rows[i], one);
                sums[bins[row]] += added;
                sums1[bins1[row]] += added;
                sums2[bins2[row]] += added;
                sums3[bins3[row]] += added;
            }
        }

        for (; f < factors.Length; f++)
        {
            var bins = cases.Of(factors[f]);
            var sums = histogram.AsSpan(f * Places, Places);
            for (var i = 0; i < order.Length && i < rows.Length; i++) sums[bins[order[i]]] += Vector256.Create(rows[i], one);
        }

        return histogram;
    }

    private void Find(Leaf leaf, int[] factors)
    {
        leaf.Gain = 0;
        if (!CanSplit(leaf)) return;
        var (slopes, curves) = (leaf.Sums[Slope], leaf.Sums[Curve]);
        var whole = slopes * slopes / (curves + how.Shrink);
        for (var f = 0; f < factors.Length; f++)
        {
            var bins = cases.BinsOf(factors[f]);
            var sums = leaf.Histogram.AsSpan(f * Places, bins);
            for (var missing = 0; missing < 2; missing++)
            {
                if (missing == 1 && sums[0][Rows] == 0) break;
                var below = missing == 1 ? sums[0] : default;
                for (var bin = 1; bin < bins - 1; bin++)
                {
                    below += sums[bin];
                    var count = below[Rows];
                    if (count < how.LeafLeast || leaf.Count - count < how.LeafLeast) continue;
                    var (slope, curve) = (below[Slope], below[Curve]);
                    var rest = slopes - slope;
                    var gain = slope * slope / (curve + how.Shrink) + rest * rest / (curves - curve + how.Shrink) - whole;
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
        var (least, width) = (leaf.MissingBelow ? 0 : 1, (uint)(leaf.Bin - (leaf.MissingBelow ? 0 : 1)));
        int left = leaf.From, right = 0;
        Vector128<double> sums = default, others = default;
        for (var i = leaf.From; i < leaf.From + leaf.Count; i++)
        {
            var row = _order[i];
            var isBelow = unchecked((uint)(bins[row] - least)) <= width;
            // Into both, as above: a place of the order that is written over was read already.
            (_order[left], _spare[right]) = (row, row);
            left += isBelow ? 1 : 0;
            right += isBelow ? 0 : 1;
            // What does not count adds 0 on its side, which changes no sum.
            var (added, mask) = (Vector128.Create(slopes[row], curves[row]), Vector128.Create(isBelow ? -1L : 0).AsDouble());
            sums += added & mask;
            others += Vector128.AndNot(added, mask);
        }

        (below.Sums, above.Sums) = (sums, others);
        Array.Copy(_spare, 0, _order, left, right);
        (below.Count, above.From, above.Count) = (left - leaf.From, left, right);
        (below.Node, above.Node) = (tree.Nodes.Count, tree.Nodes.Count + 1);
        tree.Nodes.Add(new Tree.Node { Factor = -1, Value = Value(below), Weight = sums[Curve] });
        tree.Nodes.Add(new Tree.Node { Factor = -1, Value = Value(above), Weight = others[Curve] });
        tree.Nodes[leaf.Node] = tree.Nodes[leaf.Node] with { Factor = leaf.Factor, Bin = leaf.Bin, MissingBelow = leaf.MissingBelow, Below = below.Node, Above = above.Node };
        return (below, above);
    }
}
