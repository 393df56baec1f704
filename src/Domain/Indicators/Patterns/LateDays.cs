namespace ExposureMonitor.Domain;

/// <summary>
/// Days late of settled items in twelve monthly histograms of one bin a day from −30 to 120. Kept sparse: one number per
/// month and bin that has any, so that a customer with ten invoices a month takes some hundred bytes; at most 1,812 numbers. It
/// stands in place: a copy shows the same days, and must not be added to.
/// </summary>
internal struct LateDays
{
    internal const int First = -30, Last = 120, Bins = Last - First + 1, Months = 12;

    /// <summary>Month, bin and count, sorted: 24 bits of count, 8 of bin, the month above them.</summary>
    private long[]? _cells;
    private int _count;

    /// <summary>Bytes beside the place of the histograms themselves.</summary>
    internal readonly int Bytes => Memory.BytesOf(_cells);

    internal static int BinOf(int late) => Math.Clamp(late, First, Last) - First;

    internal void Add(int month, int late, int sign)
    {
        var key = ((long)month << 8) | (uint)BinOf(late);
        var at = _count;
        while (at > 0 && _cells![at - 1] >> 24 > key) at--;
        if (at > 0 && _cells![at - 1] >> 24 == key)
        {
            _cells[at - 1] += sign;
            if ((_cells[at - 1] & 0xFF_FFFF) != 0) return;
            Array.Copy(_cells, at, _cells, at - 1, _count - at);
            _count--;
            return;
        }

        if (sign < 0) return;
        Memory.Fit(ref _cells, _count + 1);
        Array.Copy(_cells, at, _cells, at + 1, _count - at);
        _cells[at] = (key << 24) | 1;
        _count++;
        Cut((int)(_cells[_count - 1] >> 32) - Months);
    }

    /// <summary>Adds the counts of the twelve months up to one to bins of the caller.</summary>
    internal readonly int Gather(int month, Span<int> bins)
    {
        var total = 0;
        for (var i = _count - 1; i >= 0; i--)
        {
            var of = (int)(_cells![i] >> 32);
            if (of > month) continue;
            if (of <= month - Months) break;
            var count = (int)(_cells[i] & 0xFF_FFFF);
            bins[(int)(_cells[i] >> 24) & 0xFF] += count;
            total += count;
        }

        return total;
    }

    /// <summary>
    /// Twice the median in days, and four times the median absolute deviation from it, both exact: an even number of values has
    /// the mean of the two in the middle.
    /// </summary>
    internal static (int Median2, int Mad4) Middle(ReadOnlySpan<int> bins, int total)
    {
        var (low, high) = ((total + 1) / 2, total / 2 + 1);
        int seen = 0, below = 0, above = 0;
        for (var bin = 0; bin < Bins && above == 0; bin++)
        {
            seen += bins[bin];
            if (below == 0 && seen >= low) below = bin + 1;
            if (seen >= high) above = bin + 1;
        }

        var median2 = below + above - 2 + 2 * First;
        // Deviations are multiples of half a day; they are counted outward from the median.
        seen = below = above = 0;
        for (var half = 0; half <= 2 * Bins && above == 0; half++)
        {
            seen += At(bins, median2 + half) + (half == 0 ? 0 : At(bins, median2 - half));
            if (below == 0 && seen >= low) below = half + 1;
            if (seen >= high) above = half + 1;
        }

        return (median2, below + above - 2);

        static int At(ReadOnlySpan<int> bins, int twice) => (twice & 1) != 0 || twice < 2 * First || twice > 2 * Last ? 0 : bins[twice / 2 - First];
    }

    internal void State(StateStream s)
    {
        _count = s.Count(_count);
        if (s.Reading) _cells = _count == 0 ? null : new long[_count];
        for (var i = 0; i < _count; i++) s.Do(ref _cells![i]);
    }

    private void Cut(int lastGone)
    {
        var gone = 0;
        while (gone < _count && _cells![gone] >> 32 <= lastGone) gone++;
        if (gone == 0) return;
        Array.Copy(_cells!, gone, _cells!, 0, _count - gone);
        _count -= gone;
    }
}
