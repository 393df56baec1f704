namespace ExposureMonitor.Domain;

/// <summary>
/// How a customer uses the limit: utilisation of the last fifteen day-ends, least balance and sum of the day-ends of thirteen
/// weeks. Days on which nothing happened are filled in when the account is looked at next: nothing moved in them.
/// </summary>
internal sealed class UseHabit
{
    internal const int DayEnds = 15, WeekCount = 13;

    /// <summary>Utilisation in basis points at the end of each day, by day modulo the ring.</summary>
    private readonly int[] _used = new int[DayEnds];
    private readonly (long Least, long Sum, int Days)[] _weeks = new (long, long, int)[WeekCount + 1];

    /// <summary>The day that is not over yet, its figures so far, and the first day ever.</summary>
    internal int Day, FirstDay;
    private int _usedNow;
    private long _balanceNow;

    /// <summary>Last day on which an item was settled that was old by then.</summary>
    internal int OldSettledOn;

    internal int Bytes => 96 + DayEnds * 4 + (WeekCount + 1) * 24;

    /// <summary>Takes the figures of today; days since the last look ended as it left them.</summary>
    internal void Look(int today, int used, long balance)
    {
        if (Day == 0) (Day, FirstDay) = (today, today);
        else if (today > Day) End(today);
        (_usedNow, _balanceNow) = (used, balance);
    }

    /// <summary>Utilisation at the end of a past day of the ring, in basis points.</summary>
    internal int UsedAt(int day) => _used[day % DayEnds];

    internal int UsedNow => _usedNow;

    internal bool HasRing => FirstDay != 0 && Day - FirstDay >= DayEnds - 1;

    /// <summary>Least day-end of thirteen complete weeks, and the sum of them over so many days; no days while they are not complete.</summary>
    internal (long Least, Int128 Sum, int Days) Weeks()
    {
        var last = Periods.WeekOf(Day) - 1;
        if (FirstDay == 0 || Periods.WeekOf(FirstDay - 1) > last - WeekCount) return default;
        var (least, sum, days) = (long.MaxValue, (Int128)0, 0);
        for (var week = last - WeekCount + 1; week <= last; week++)
        {
            ref var at = ref _weeks[week % (WeekCount + 1)];
            least = Math.Min(least, at.Least);
            sum += at.Sum;
            days += at.Days;
        }

        return (least, sum, days);
    }

    internal void State(StateStream s)
    {
        s.Do(ref Day);
        s.Do(ref FirstDay);
        s.Do(ref _usedNow);
        s.Do(ref _balanceNow);
        s.Do(ref OldSettledOn);
        for (var i = 0; i < DayEnds; i++) s.Do(ref _used[i]);
        for (var i = 0; i <= WeekCount; i++)
        {
            s.Do(ref _weeks[i].Least);
            s.Do(ref _weeks[i].Sum);
            s.Do(ref _weeks[i].Days);
        }
    }

    /// <summary>Ends the days up to yesterday; of a long silence only what the rings reach.</summary>
    private void End(int today)
    {
        var from = Math.Max(Day, today - 7 * (WeekCount + 1));
        for (var day = from; day < today; day++)
        {
            _used[day % DayEnds] = _usedNow;
            ref var week = ref _weeks[Periods.WeekOf(day) % (WeekCount + 1)];
            if (day == from && from > Day || day % 7 == 0) week = default;
            week = (week.Days == 0 ? _balanceNow : Math.Min(week.Least, _balanceNow), Rounding.Pin((Int128)week.Sum + _balanceNow), week.Days + 1);
        }

        Day = today;
    }
}
