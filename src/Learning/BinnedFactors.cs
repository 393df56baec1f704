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
        var columns = new int[PaymentFactors.Count][];
        for (var f = 0; f < columns.Length; f++) columns[f] = new int[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            for (var f = 0; f < columns.Length; f++) columns[f][i] = row[f];
        }

        var (values, spare) = (new int[rows.Count], new int[rows.Count]);
        for (var f = 0; f < columns.Length; f++)
        {
            _edges[f] = EdgesOf(columns[f], values, spare);
            _bins[f] = BinsOf(_edges[f], columns[f]);
        }
    }

    internal int Count { get; }

    /// <summary>Bins of one factor, by case.</summary>
    internal byte[] Of(int factor) => _bins[factor];

    /// <summary>Bins of a factor, that of missing values included.</summary>
    internal int BinsOf(int factor) => _edges[factor].Length + 2;

    /// <summary>The largest value of a bin; the last bin has none.</summary>
    internal int EdgeOf(int factor, int bin) => _edges[factor][bin - 1];

    /// <summary>Bin of each value: how many edges are smaller, plus one. Halving without branches: values come in no order that a processor could foresee.</summary>
    private static byte[] BinsOf(int[] edges, int[] column)
    {
        Span<int> padded = stackalloc int[BinsMost];
        padded.Fill(int.MaxValue);
        edges.CopyTo(padded);
        var bins = new byte[column.Length];
        for (var i = 0; i < column.Length; i++)
        {
            var value = column[i];
            if (value == PaymentFactors.Missing) continue;
            var at = 0;
            for (var half = BinsMost / 2; half > 0; half /= 2) at += padded[at + half - 1] < value ? half : 0;
            bins[i] = (byte)(at + 1);
        }

        return bins;
    }

    private static int[] EdgesOf(int[] column, int[] values, int[] spare)
    {
        var count = 0;
        foreach (var value in column) if (value != PaymentFactors.Missing) values[count++] = value;
        if (count == 0) return [];
        var sorted = Sorted(values, spare, count);
        var edges = new List<int>();
        const int Most = BinsMost - 2;
        for (var i = 1; i < Most; i++)
        {
            var edge = sorted[(int)((long)count * i / Most)];
            if (edge < sorted[count - 1] && (edges.Count == 0 || edge > edges[^1])) edges.Add(edge);
        }

        return [.. edges];
    }

    /// <summary>Sorts the first values by their digits of eleven bits; a digit that all of them share is passed over.</summary>
    private static int[] Sorted(int[] values, int[] spare, int count)
    {
        const int Bits = 11, Digits = 1 << Bits;
        Span<int> places = stackalloc int[Digits];
        for (var shift = 0; shift < 32; shift += Bits)
        {
            places.Clear();
            // With its sign turned, a smaller number is one with smaller digits.
            for (var i = 0; i < count; i++) places[(int)(((uint)values[i] ^ 0x8000_0000) >> shift) & (Digits - 1)]++;
            if (places[(int)(((uint)values[0] ^ 0x8000_0000) >> shift) & (Digits - 1)] == count) continue;
            for (int digit = 0, before = 0; digit < Digits; digit++) (places[digit], before) = (before, before + places[digit]);
            for (var i = 0; i < count; i++) spare[places[(int)(((uint)values[i] ^ 0x8000_0000) >> shift) & (Digits - 1)]++] = values[i];
            (values, spare) = (spare, values);
        }

        return values;
    }
}
