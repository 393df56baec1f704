namespace ExposureMonitor.Domain;

/// <summary>
/// Counts and values per business day, kept only for days that have any. What is added commutes, so the order of arrival
/// leaves no trace; days that nobody asks for any more are cut by their date. It stands in place: a copy shows the same days,
/// and must not be added to.
/// </summary>
internal struct DaySeries
{
    private (int Day, int Count, long Value)[]? _days;

    /// <summary>Number of days that have any.</summary>
    internal int Length { get; private set; }

    internal readonly (int Day, int Count, long Value) this[int index] => _days![index];

    /// <summary>Bytes beside the place of the series itself.</summary>
    internal readonly int Bytes => Memory.BytesOf(_days);

    /// <summary>Adds to a day; a day whose count falls to 0 leaves.</summary>
    internal void Add(int day, int count, long value)
    {
        var at = After(day - 1);
        if (at < Length && _days![at].Day == day)
        {
            _days[at] = (day, _days[at].Count + count, Rounding.Pin((Int128)_days[at].Value + value));
            if (_days[at].Count <= 0) RemoveAt(at);
            return;
        }

        if (count <= 0) return;
        Memory.Fit(ref _days, Length + 1);
        Array.Copy(_days, at, _days, at + 1, Length - at);
        _days[at] = (day, count, value);
        Length++;
    }

    /// <summary>Σ over days from one to another, both included.</summary>
    internal readonly (int Count, Int128 Value) Between(int from, int to)
    {
        var count = 0;
        Int128 value = 0;
        for (var at = After(from - 1); at < Length && _days![at].Day <= to; at++)
        {
            count += _days[at].Count;
            value += _days[at].Value;
        }

        return (count, value);
    }

    /// <summary>The last day that has any, up to a day; 0 without one.</summary>
    internal readonly int LastUpTo(int day) => After(day) is var at && at == 0 ? 0 : _days![at - 1].Day;

    /// <summary>The first day behind one that has any; 0 without one.</summary>
    internal readonly int FirstAfter(int day) => After(day) is var at && at < Length ? _days![at].Day : 0;

    /// <summary>Forgets days before one.</summary>
    internal void CutBefore(int day)
    {
        var gone = After(day - 1);
        if (gone == 0) return;
        Array.Copy(_days!, gone, _days!, 0, Length - gone);
        Length -= gone;
    }

    internal void State(StateStream s)
    {
        var count = s.Count(Length);
        if (s.Reading) (_days, Length) = (count == 0 ? null : new (int, int, long)[count], count);
        for (var i = 0; i < count; i++)
        {
            s.Do(ref _days![i].Day);
            s.Do(ref _days[i].Count);
            s.Do(ref _days[i].Value);
        }
    }

    /// <summary>Index of the first day behind one.</summary>
    private readonly int After(int day)
    {
        var at = Length;
        while (at > 0 && _days![at - 1].Day > day) at--;
        return at;
    }

    private void RemoveAt(int at)
    {
        Array.Copy(_days!, at + 1, _days!, at, Length - at - 1);
        Length--;
    }
}
