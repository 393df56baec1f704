namespace ExposureMonitor.Domain;

/// <summary>How a customer orders: value by day, week and month in the base currency, and the gaps between days with an order.</summary>
internal sealed class OrderHabit
{
    /// <summary>Complete weeks that a surge is compared with.</summary>
    internal const int BaselineWeeks = 26;

    private const int WeeksKept = 32, MonthsKept = 20, ObjectBytes = 88;

    internal DaySeries Days;
    internal PeriodRing Weeks, Months;

    /// <summary>Day of the first order ever; the last day whose gap is counted below.</summary>
    internal int FirstOn, GapsTo;

    /// <summary>Baselines of this week and the last, until an order of an earlier week comes; no state, and made when one is asked for.</summary>
    private (int Week, (int Weeks, Int128 Median2, Int128 Mad4) Baseline)[]? _known;

    /// <summary>Gaps by length; the bins end at <see cref="GapEnds"/>. Made with the first.</summary>
    private int[]? _gaps;

    private const int GapBins = 16;

    /// <summary>Upper ends of the bins, in days.</summary>
    private static ReadOnlySpan<int> GapEnds => [1, 2, 3, 4, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 365];

    internal int Bytes => ObjectBytes + Days.Bytes + Weeks.Bytes + Months.Bytes + Memory.BytesOf(_gaps) + Memory.BytesOf(_known);

    internal void See(int day, long value)
    {
        Days.Add(day, 1, value);
        Weeks.Add(WeeksKept, Periods.WeekOf(day), 1, value);
        Months.Add(MonthsKept, Periods.MonthOf(day), 1, value);
        if (FirstOn == 0 || day < FirstOn) FirstOn = day;
        if (_known is not null && Periods.WeekOf(day) < Math.Max(_known[0].Week, _known[1].Week)) _known[0] = _known[1] = default;
    }

    /// <summary>Counts the gaps up to a day and forgets the days that nobody asks for any more.</summary>
    internal void FoldBefore(int day)
    {
        for (var i = 0; i < Days.Length && Days[i].Day < day; i++)
        {
            if (Days[i].Day <= GapsTo) continue;
            if (GapsTo != 0) (_gaps ??= new int[GapBins])[BinOf(Days[i].Day - GapsTo)]++;
            GapsTo = Days[i].Day;
        }

        Days.CutBefore(day - 14);
    }

    /// <summary>95th percentile of the gaps, as the upper end of its bin; 0 below five gaps.</summary>
    internal int LongGap(int day)
    {
        Span<int> gaps = stackalloc int[GapBins];
        gaps.Clear();
        _gaps.AsSpan().CopyTo(gaps);
        var last = GapsTo;
        for (var i = 0; i < Days.Length && Days[i].Day <= day; i++)
        {
            if (Days[i].Day <= GapsTo) continue;
            if (last != 0) gaps[BinOf(Days[i].Day - last)]++;
            last = Days[i].Day;
        }

        var total = 0;
        foreach (var count in gaps) total += count;
        if (total < 5) return 0;
        var seen = 0;
        for (var bin = 0; bin < gaps.Length; bin++)
        {
            seen += gaps[bin];
            if (seen * 100L >= total * 95L) return GapEnds[bin];
        }

        return GapEnds[^1];
    }

    /// <summary>The last day with an order up to a day, and the one before it; 0 without one.</summary>
    internal (int Last, int Before) LastTwo(int day)
    {
        var last = Days.LastUpTo(day);
        if (last == 0) return (Math.Min(GapsTo, day), 0);
        var before = Days.LastUpTo(last - 1);
        return (last, before != 0 ? before : GapsTo < last ? GapsTo : 0);
    }

    /// <summary>Median and MAD of the complete weeks before a day, doubled and times four; and of how many weeks.</summary>
    internal (int Weeks, Int128 Median2, Int128 Mad4) BaselineBefore(int day)
    {
        var week = Periods.WeekOf(day);
        ref var known = ref (_known ??= new (int, (int, Int128, Int128))[2])[week & 1];
        if (known.Week != week) known = (week, BaselineOf(week));
        return known.Baseline;
    }

    private (int Weeks, Int128 Median2, Int128 Mad4) BaselineOf(int week)
    {
        var count = FirstOn == 0 ? 0 : Math.Clamp(week - Periods.WeekOf(FirstOn), 0, BaselineWeeks);
        if (count == 0) return default;
        Span<long> values = stackalloc long[count];
        for (var i = 0; i < count; i++) values[i] = Weeks[week - 1 - i].Value;
        values.Sort();
        var median2 = (Int128)values[(count - 1) / 2] + values[count / 2];
        Span<Int128> away = stackalloc Int128[count];
        for (var i = 0; i < count; i++) away[i] = Int128.Abs(2 * (Int128)values[i] - median2);
        away.Sort();
        return (count, median2, away[(count - 1) / 2] + away[count / 2]);
    }

    internal void State(StateStream s)
    {
        s.Do(ref FirstOn);
        s.Do(ref GapsTo);
        Days.State(s);
        Weeks.State(s);
        Months.State(s);
        for (var i = 0; i < GapBins; i++)
        {
            var gaps = _gaps?[i] ?? 0;
            s.Do(ref gaps);
            if (s.Reading && gaps != 0) (_gaps ??= new int[GapBins])[i] = gaps;
        }
    }

    private static int BinOf(int gap)
    {
        var bin = 0;
        while (bin < GapBins - 1 && gap > GapEnds[bin]) bin++;
        return bin;
    }
}
