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

    /// <summary>Adds what the tree says to some of the cases.</summary>
    internal void AddTo(double[] sums, ReadOnlySpan<int> rows, BinnedFactors cases)
    {
        var nodes = CollectionsMarshal.AsSpan(Nodes);
        var asked = new (byte[]? Bins, int Least, uint Width, int Below)[nodes.Length];
        for (var i = 0; i < asked.Length; i++)
        {
            ref readonly var node = ref nodes[i];
            // Below goes what lies between two bins: one comparison, whatever is to become of missing values.
            var least = node.MissingBelow ? 0 : 1;
            asked[i] = node.Factor < 0 ? default : (cases.Of(node.Factor), least, (uint)(node.Bin - least), node.Below);
        }

        foreach (var row in rows)
        {
            var at = 0;
            while (asked[at].Bins is { } bins)
            {
                ref readonly var node = ref asked[at];
                at = node.Below + (unchecked((uint)(bins[row] - node.Least)) <= node.Width ? 0 : 1);
            }

            sums[row] += nodes[at].Value;
        }
    }
}
