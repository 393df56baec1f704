namespace ExposureMonitor.Domain;

/// <summary>
/// Counts and values of the last weeks or months, by the number of the period. What is added commutes; what is older than
/// the given number of periods is dropped. It takes as many places as the customer has had periods, and never more.
/// </summary>
internal sealed class PeriodRing(int size)
{
    private (int Count, long Value)[] _periods = [];
    private int _oldest, _length;

    internal int Bytes => 40 + _periods.Length * 16;

    internal void Add(int period, int count, long value)
    {
        if (period <= 0 || (_length > 0 && period <= _oldest + _length - 1 - size)) return;
        Reach(period);
        ref var at = ref _periods[period - _oldest];
        at = (at.Count + count, Rounding.Pin((Int128)at.Value + value));
    }

    internal (int Count, long Value) this[int period] => period < _oldest || period >= _oldest + _length ? default : _periods[period - _oldest];

    /// <summary>Σ over periods from one to another, both included.</summary>
    internal (int Count, Int128 Value) Between(int from, int to)
    {
        var count = 0;
        Int128 value = 0;
        for (var period = Math.Max(from, _oldest); period <= to && period < _oldest + _length; period++)
        {
            count += _periods[period - _oldest].Count;
            value += _periods[period - _oldest].Value;
        }

        return (count, value);
    }

    internal void State(StateStream s)
    {
        // Empty periods in front depend on the order of arrival, and are not told.
        var empty = 0;
        while (empty < _length - 1 && _periods[empty] == default) empty++;
        var (oldest, length) = (_oldest + empty, _length - empty);
        s.Do(ref oldest);
        length = s.Count(length);
        if (s.Reading) (_periods, _oldest, _length, empty) = (new (int, long)[length], oldest, length, 0);
        for (var i = empty; i < empty + length; i++)
        {
            s.Do(ref _periods[i].Count);
            s.Do(ref _periods[i].Value);
        }
    }

    /// <summary>Makes the periods from the oldest to the newest of them all stand side by side.</summary>
    private void Reach(int period)
    {
        if (_length == 0) (_oldest, _length, _periods) = (period, 1, _periods.Length == 0 ? new (int, long)[1] : _periods);
        var (oldest, newest) = (Math.Min(_oldest, period), Math.Max(_oldest + _length - 1, period));
        oldest = Math.Max(oldest, newest - size + 1);
        if (oldest == _oldest && newest == _oldest + _length - 1) return;
        var needed = newest - oldest + 1;
        var moved = needed <= _periods.Length ? _periods : new (int, long)[Math.Min(size, Math.Max(needed, 2 * _periods.Length))];
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
