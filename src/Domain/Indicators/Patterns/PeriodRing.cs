namespace ExposureMonitor.Domain;

/// <summary>
/// Counts and values of the last weeks or months, by the number of the period. What is added commutes; what is older than
/// the ring reaches is dropped.
/// </summary>
internal sealed class PeriodRing(int size)
{
    private readonly (int Count, long Value)[] _periods = new (int, long)[size];

    /// <summary>The newest period that has anything.</summary>
    internal int Newest { get; private set; }

    internal int Bytes => 32 + size * 16;

    internal void Add(int period, int count, long value)
    {
        if (period <= Newest - size || period < 0) return;
        if (Newest == 0) Newest = period;
        for (; Newest < period; Newest++) _periods[(Newest + 1) % size] = default;
        ref var at = ref _periods[period % size];
        at = (at.Count + count, Rounding.Pin((Int128)at.Value + value));
    }

    internal (int Count, long Value) this[int period] => period > Newest || period <= Newest - size || period < 0 ? default : _periods[period % size];

    /// <summary>Σ over periods from one to another, both included.</summary>
    internal (int Count, Int128 Value) Between(int from, int to)
    {
        var count = 0;
        Int128 value = 0;
        for (var period = from; period <= to; period++)
        {
            var (n, sum) = this[period];
            count += n;
            value += sum;
        }

        return (count, value);
    }

    internal void State(StateStream s)
    {
        var newest = Newest;
        s.Do(ref newest);
        Newest = newest;
        for (var i = 0; i < size; i++)
        {
            s.Do(ref _periods[i].Count);
            s.Do(ref _periods[i].Value);
        }
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
