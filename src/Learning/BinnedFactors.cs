using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>Factor values of many cases, each put into one of at most 64 bins: what trees are grown from. Bin 0 is "cannot be told".</summary>
internal sealed class BinnedFactors
{
    /// <summary>Most bins of a factor.</summary>
    internal const int BinsMost = 64;

    private readonly byte[][] _bins;

    /// <summary>Edges of each factor: a value up to edge i stands in bin i + 1.</summary>
    private readonly int[][] _edges;

    /// <param name="rows">One row of all factors per case.</param>
    internal BinnedFactors(IReadOnlyList<int[]> rows)
    {
        Count = rows.Count;
        (_bins, _edges) = (new byte[PaymentFactors.Count][], new int[PaymentFactors.Count][]);
        var column = new int[rows.Count];
        for (var f = 0; f < PaymentFactors.Count; f++)
        {
            for (var i = 0; i < rows.Count; i++) column[i] = rows[i][f];
            _edges[f] = EdgesOf(column);
            var bins = new byte[rows.Count];
            for (var i = 0; i < rows.Count; i++) bins[i] = BinOf(_edges[f], column[i]);
            _bins[f] = bins;
        }
    }

    internal int Count { get; }

    /// <summary>Bins of one factor, by case.</summary>
    internal byte[] Of(int factor) => _bins[factor];

    /// <summary>Bins of a factor, that of missing values included.</summary>
    internal int BinsOf(int factor) => _edges[factor].Length + 2;

    /// <summary>The largest value of a bin; the last bin has none.</summary>
    internal int EdgeOf(int factor, int bin) => _edges[factor][bin - 1];

    private static byte BinOf(int[] edges, int value)
    {
        if (value == PaymentFactors.Missing) return 0;
        var at = Array.BinarySearch(edges, value);
        return (byte)((at < 0 ? ~at : at) + 1);
    }

    private static int[] EdgesOf(int[] column)
    {
        var values = column.Where(v => v != PaymentFactors.Missing).ToArray();
        Array.Sort(values);
        var edges = new List<int>();
        if (values.Length == 0) return [];
        const int Most = BinsMost - 2;
        for (var i = 1; i < Most; i++)
        {
            var edge = values[(int)((long)values.Length * i / Most)];
            if (edge < values[^1] && (edges.Count == 0 || edge > edges[^1])) edges.Add(edge);
        }

        return [.. edges];
    }
}
