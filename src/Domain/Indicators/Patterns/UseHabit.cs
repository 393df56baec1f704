using System.Runtime.CompilerServices;

namespace ExposureMonitor.Domain;

/// <summary>
/// How a customer uses the limit: utilisation of the last fifteen day-ends, least balance and sum of the day-ends of thirteen
/// weeks, and what was owed at the ends of twelve months. Days on which nothing happened are filled in when the account is looked at next: nothing moved in them. In place, as
/// nearly every customer has it.
/// </summary>
internal struct UseHabit
{
    internal const int DayEnds = 15, WeekCount = 13, MonthEnds = 12;

    /// <summary>Made when the first day ends.</summary>
    private UseRings? _rings;

    /// <summary>Receivables at the ends of months in the base currency, the newest last: that of the month before the day. Made when the first month ends.</summary>
    private long[]? _months;
    private long _balanceNow, _owedNow;

    /// <summary>The day that is not over yet, its figures so far, and the first day ever.</summary>
    internal int Day, FirstDay;
    private int _usedNow;

    /// <summary>Last day on which an item was settled that was old by then.</summary>
    internal int OldSettledOn;

    /// <summary>Bytes beside the place of the habit itself.</summary>
    internal readonly int Bytes => (_rings is null ? 0 : UseRings.ObjectBytes) + Memory.BytesOf(_months);

    /// <summary>Takes the figures of today; days since the last look ended as it left them.</summary>
    /// <param name="owed">The balance in the base currency, at the rates of today.</param>
    internal void Look(int today, int used, long balance, long owed)
    {
        if (Day == 0) (Day, FirstDay) = (today, today);
        else if (today > Day) End(today);
        (_usedNow, _balanceNow, _owedNow) = (used, balance, owed);
    }

    /// <summary>Utilisation at the end of a past day of the ring, in basis points.</summary>
    internal readonly int UsedAt(int day) => _rings is null ? 0 : _rings.Used[day % DayEnds];

    internal readonly int UsedNow => _usedNow;

    /// <summary>Σ of the utilisation at the last fifteen day-ends before a day, basis points; −1 while there were not as many. Days since the last look ended as it left them.</summary>
    internal readonly long UsedBefore(int today)
    {
        if (FirstDay == 0 || today - FirstDay < DayEnds) return -1;
        long sum = 0;
        for (var day = today - DayEnds; day < today; day++) sum += day >= Day ? _usedNow : UsedAt(day);
        return sum;
    }

    internal readonly bool HasRing => FirstDay != 0 && Day - FirstDay >= DayEnds - 1;

    /// <summary>Least day-end of thirteen complete weeks, and the sum of them over so many days; no days while they are not complete.</summary>
    internal readonly (long Least, Int128 Sum, int Days) Weeks()
    {
        var last = Periods.WeekOf(Day) - 1;
        if (_rings is null || FirstDay == 0 || Periods.WeekOf(FirstDay - 1) > last - WeekCount) return default;
        var (least, sum, days) = (long.MaxValue, (Int128)0, 0);
        for (var week = last - WeekCount + 1; week <= last; week++)
        {
            var at = week % (WeekCount + 1);
            least = Math.Min(least, _rings.Weeks[at].Least);
            sum += _rings.Weeks[at].Sum;
            days += _rings.DaysIn(at);
        }

        return (least, sum, days);
    }

    /// <summary>What was owed at the end of a month that is over, in the base currency: nothing before the first look; <c>null</c> where it is no longer kept.</summary>
    internal readonly long? OwedAt(int month)
    {
        if (FirstDay == 0 || month < Periods.MonthOf(FirstDay)) return 0;
        var back = Periods.MonthOf(Day) - 1 - month;
        return back < 0 ? _owedNow : _months is null || back >= _months.Length ? null : _months[_months.Length - 1 - back];
    }

    /// <param name="s">Where it goes, or comes from.</param>
    /// <param name="format">Of the account; rows before format 8 know no ends of months.</param>
    internal void State(StateStream s, int format)
    {
        s.Do(ref Day);
        s.Do(ref FirstDay);
        s.Do(ref _usedNow);
        s.Do(ref _balanceNow);
        s.Do(ref OldSettledOn);
        for (var i = 0; i < DayEnds; i++)
        {
            var used = _rings?.Used[i] ?? 0;
            s.Do(ref used);
            if (s.Reading && used != 0) (_rings ??= new UseRings()).Used[i] = used;
        }

        for (var i = 0; i <= WeekCount; i++)
        {
            var (least, sum) = _rings?.Weeks[i] ?? default;
            var days = _rings?.DaysIn(i) ?? 0;
            s.Do(ref least);
            s.Do(ref sum);
            s.Do(ref days);
            if (s.Reading && (days != 0 || least != 0 || sum != 0)) (_rings ??= new UseRings()).SetWeek(i, least, sum, days);
        }

        if (format < 8) return;
        s.Do(ref _owedNow);
        var months = s.Count(_months?.Length ?? 0);
        if (months > MonthEnds) throw new InvalidDataException($"{months} ends of months are more than are kept.");
        if (s.Reading && months > 0) _months = new long[months];
        for (var i = 0; i < months; i++) s.Do(ref _months![i]);
    }

    /// <summary>Ends the days up to yesterday; of a long silence only what the rings reach.</summary>
    private void End(int today)
    {
        var rings = _rings ??= new UseRings();
        var from = Math.Max(Day, today - 7 * (WeekCount + 1));
        for (var day = from; day < today; day++)
        {
            rings.Used[day % DayEnds] = _usedNow;
            var at = Periods.WeekOf(day) % (WeekCount + 1);
            if ((day == from && from > Day) || day % 7 == 0) rings.SetWeek(at, 0, 0, 0);
            var (least, sum) = rings.Weeks[at];
            var days = rings.DaysIn(at);
            rings.SetWeek(at, days == 0 ? _balanceNow : Math.Min(least, _balanceNow), Rounding.Pin((Int128)sum + _balanceNow), days + 1);
        }

        EndMonths(Periods.MonthOf(today) - Periods.MonthOf(Day));
        Day = today;
    }

    /// <summary>So many months ended since the last look, all as it left them.</summary>
    private void EndMonths(int ended)
    {
        if (ended <= 0) return;
        var kept = Math.Min(_months?.Length ?? 0, Math.Max(0, MonthEnds - ended));
        var months = new long[Math.Min(MonthEnds, kept + ended)];
        if (kept > 0) Array.Copy(_months!, _months!.Length - kept, months, 0, kept);
        Array.Fill(months, _owedNow, kept, months.Length - kept);
        _months = months;
    }
}

/// <summary>Day-ends of <see cref="UseHabit"/>.</summary>
internal sealed class UseRings
{
    internal const int ObjectBytes = 16 + 64 + (UseHabit.WeekCount + 1) * 16 + 8;

    /// <summary>Utilisation in basis points at the end of each day, by day modulo the ring.</summary>
    internal UsedRing Used;

    /// <summary>By week modulo the ring, with the number of its day-ends below, four bits each.</summary>
    internal WeekRing Weeks;
    private long _weekDays;

    internal int DaysIn(int at) => (int)((_weekDays >> (4 * at)) & 15);

    internal void SetWeek(int at, long least, long sum, int days)
    {
        Weeks[at] = (least, sum);
        _weekDays = (_weekDays & ~(15L << (4 * at))) | ((long)days << (4 * at));
    }

    [InlineArray(UseHabit.DayEnds)]
    internal struct UsedRing
    {
        private int _first;
    }

    [InlineArray(UseHabit.WeekCount + 1)]
    internal struct WeekRing
    {
        private (long Least, long Sum) _first;
    }
}
