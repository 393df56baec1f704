namespace ExposureMonitor.Domain;

/// <summary>
/// How a customer uses the limit: utilisation of the last fifteen day-ends, least balance and sum of the day-ends of thirteen
/// weeks. Days on which nothing happened are filled in when the account is looked at next: nothing moved in them.
/// </summary>
internal sealed class UseHabit
{
    internal const int DayEnds = 15, WeekCount = 13;

    /// <summary>Utilisation in basis points at the end of each day, by day modulo the ring; made when the first day ends.</summary>
    private int[]? _used;

    /// <summary>By week modulo the ring, with the number of its day-ends below, four bits each; made when the first day ends.</summary>
    private (long Least, long Sum)[]? _weeks;
    private long _weekDays;

    /// <summary>The day that is not over yet, its figures so far, and the first day ever.</summary>
    internal int Day, FirstDay;
    private int _usedNow;
    private long _balanceNow;

    /// <summary>Last day on which an item was settled that was old by then.</summary>
    internal int OldSettledOn;

    internal int Bytes => 88 + (_used is null ? 0 : 24 + DayEnds * 4 + 24 + (WeekCount + 1) * 16);

    /// <summary>Takes the figures of today; days since the last look ended as it left them.</summary>
    internal void Look(int today, int used, long balance)
    {
        if (Day == 0) (Day, FirstDay) = (today, today);
        else if (today > Day) End(today);
        (_usedNow, _balanceNow) = (used, balance);
    }

    /// <summary>Utilisation at the end of a past day of the ring, in basis points.</summary>
    internal int UsedAt(int day) => _used is null ? 0 : _used[day % DayEnds];

    internal int UsedNow => _usedNow;

    internal bool HasRing => FirstDay != 0 && Day - FirstDay >= DayEnds - 1;

    /// <summary>Least day-end of thirteen complete weeks, and the sum of them over so many days; no days while they are not complete.</summary>
    internal (long Least, Int128 Sum, int Days) Weeks()
    {
        var last = Periods.WeekOf(Day) - 1;
        if (_weeks is null || FirstDay == 0 || Periods.WeekOf(FirstDay - 1) > last - WeekCount) return default;
        var (least, sum, days) = (long.MaxValue, (Int128)0, 0);
        for (var week = last - WeekCount + 1; week <= last; week++)
        {
            var at = week % (WeekCount + 1);
            least = Math.Min(least, _weeks[at].Least);
            sum += _weeks[at].Sum;
            days += DaysIn(at);
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
        for (var i = 0; i < DayEnds; i++)
        {
            var used = _used?[i] ?? 0;
            s.Do(ref used);
            if (s.Reading && used != 0) (_used ??= new int[DayEnds])[i] = used;
        }

        for (var i = 0; i <= WeekCount; i++)
        {
            var (least, sum) = _weeks?[i] ?? default;
            var days = DaysIn(i);
            s.Do(ref least);
            s.Do(ref sum);
            s.Do(ref days);
            if (s.Reading && (days != 0 || least != 0 || sum != 0)) SetWeek(i, least, sum, days);
        }
    }

    private int DaysIn(int at) => (int)((_weekDays >> (4 * at)) & 15);

    private void SetWeek(int at, long least, long sum, int days)
    {
        (_weeks ??= new (long, long)[WeekCount + 1])[at] = (least, sum);
        _weekDays = (_weekDays & ~(15L << (4 * at))) | ((long)days << (4 * at));
    }

    /// <summary>Ends the days up to yesterday; of a long silence only what the rings reach.</summary>
    private void End(int today)
    {
        var from = Math.Max(Day, today - 7 * (WeekCount + 1));
        for (var day = from; day < today; day++)
        {
            (_used ??= new int[DayEnds])[day % DayEnds] = _usedNow;
            var at = Periods.WeekOf(day) % (WeekCount + 1);
            if ((day == from && from > Day) || day % 7 == 0) SetWeek(at, 0, 0, 0);
            var (least, sum) = _weeks?[at] ?? default;
            SetWeek(at, DaysIn(at) == 0 ? _balanceNow : Math.Min(least, _balanceNow), Rounding.Pin((Int128)sum + _balanceNow), DaysIn(at) + 1);
        }

        Day = today;
    }
}
