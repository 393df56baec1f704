namespace ExposureMonitor.Domain;

/// <summary>
/// Counts and values of the last weeks or months, by the number of the period. What is added commutes; what is older than
/// the given number of periods is dropped. It takes as many places as the customer has had periods, and never more. It stands
/// in place: a copy shows the same periods, and must not be added to.
/// </summary>
internal struct PeriodRing
{
    private (int Count, long Value)[]? _periods;
    private int _oldest, _length;

    /// <summary>Bytes beside the place of the ring itself.</summary>
    internal readonly int Bytes => Memory.BytesOf(_periods);

    /// <summary>Adds to a period.</summary>
    /// <param name="size">How many periods are kept, counted back from the newest; the same at each call.</param>
    /// <param name="period">Number of the week or month.</param>
    /// <param name="count">What is counted, negative when it is taken back.</param>
    /// <param name="value">Minor units of the base currency.</param>
    internal void Add(int size, int period, int count, long value)
    {
        if (period <= 0 || (_length > 0 && period <= _oldest + _length - 1 - size)) return;
        Reach(size, period);
        ref var at = ref _periods![period - _oldest];
        at = (at.Count + count, Rounding.Pin((Int128)at.Value + value));
    }

    internal readonly (int Count, long Value) this[int period] => period < _oldest || period >= _oldest + _length ? default : _periods![period - _oldest];

    /// <summary>Σ over periods from one to another, both included.</summary>
    internal readonly (int Count, Int128 Value) Between(int from, int to)
    {
        var count = 0;
        Int128 value = 0;
        for (var period = Math.Max(from, _oldest); period <= to && period < _oldest + _length; period++)
        {
            count += _periods![period - _oldest].Count;
            value += _periods[period - _oldest].Value;
        }

        return (count, value);
    }

    internal void State(StateStream s)
    {
        // Empty periods in front depend on the order of arrival, and are not told.
        var empty = 0;
        while (empty < _length - 1 && _periods![empty] == default) empty++;
        var (oldest, length) = (_oldest + empty, _length - empty);
        s.Do(ref oldest);
        length = s.Count(length);
        if (s.Reading) (_periods, _oldest, _length, empty) = (length == 0 ? null : new (int, long)[length], oldest, length, 0);
        for (var i = empty; i < empty + length; i++)
        {
            s.Do(ref _periods![i].Count);
            s.Do(ref _periods[i].Value);
        }
    }

    /// <summary>Makes the periods from the oldest to the newest of them all stand side by side.</summary>
    private void Reach(int size, int period)
    {
        if (_length == 0) (_oldest, _length, _periods) = (period, 1, _periods ?? new (int, long)[1]);
        var (oldest, newest) = (Math.Min(_oldest, period), Math.Max(_oldest + _length - 1, period));
        oldest = Math.Max(oldest, newest - size + 1);
        if (oldest == _oldest && newest == _oldest + _length - 1) return;
        var needed = newest - oldest + 1;
        var moved = needed <= _periods!.Length ? _periods : new (int, long)[needed <= 4 ? needed : Math.Min(size, (needed + 3) & ~3)];
        // What both hold moves to its new place; everything else is empty.
        var (from, to) = (Math.Max(oldest, _oldest), Math.Min(newest, _oldest + _length - 1));
        var kept = Math.Max(0, to - from + 1);
        if (kept > 0) Array.Copy(_periods, from - _oldest, moved, from - oldest, kept);
        var start = kept > 0 ? from - oldest : 0;
        Array.Clear(moved, 0, start);
        Array.Clear(moved, start + kept, moved.Length - start - kept);
        (_periods, _oldest, _length) = (moved, oldest, needed);
    }
}

/// <summary>Numbers of months and weeks.</summary>
internal static class Periods
{
    /// <summary>Weeks run from Monday; day 0 of <see cref="DateOnly"/> was one.</summary>
    internal static int WeekOf(int day) => day / 7;

    internal static int MonthOf(int day)
    {
        if (day <= 0) return 0;
        var date = DateOnly.FromDayNumber(day);
        return date.Year * 12 + date.Month - 1;
    }

    /// <summary>First day of a month.</summary>
    internal static int StartOf(int month) => new DateOnly(month / 12, month % 12 + 1, 1).DayNumber;
}
