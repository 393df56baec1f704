namespace ExposureMonitor.Domain;

/// <summary>What was seen of one invoice: that it was settled, or that money came for it for the first time.</summary>
internal struct Observation
{
    /// <summary>Business day; and the day of issue, which orders what happened on one day.</summary>
    internal int On, IssuedOn;

    /// <summary>Hash of the invoice's id: the last word on the order.</summary>
    internal ulong Id;

    /// <summary>Days past due, negative before it; days since the issue.</summary>
    internal short Late, Days;
    internal ObservationMarks Marks;

    internal readonly int CompareTo(in Observation other)
    {
        if (On != other.On) return On.CompareTo(other.On);
        return IssuedOn != other.IssuedOn ? IssuedOn.CompareTo(other.IssuedOn) : Id.CompareTo(other.Id);
    }
}

[Flags]
internal enum ObservationMarks : byte
{
    None = 0,

    /// <summary>A discount was offered; it was taken.</summary>
    Discountable = 1,
    DiscountTaken = 2,

    /// <summary>The first payment was below 95 % of the invoice.</summary>
    Part = 4,
}

/// <summary>
/// The newest observations in the order of their own dates, whatever the order of arrival; older ones are taken out
/// in that order, so that they can be folded into what cannot be unfolded. It stands in place: a copy shows the same, and must not be added to.
/// </summary>
internal struct Trail
{
    private Observation[]? _items;

    internal int Count { get; private set; }

    /// <summary>Bytes beside the place of the trail itself.</summary>
    internal readonly int Bytes => Memory.BytesOf(_items);

    internal readonly ref readonly Observation this[int index] => ref _items![index];

    /// <summary>The newest that was taken out: nothing before it can find its place any more.</summary>
    internal Observation Taken;

    /// <summary>Takes an observation in, and tells its place; -1 when that place is gone already.</summary>
    internal int Add(in Observation seen)
    {
        if (seen.CompareTo(Taken) <= 0) return -1;
        Memory.Fit(ref _items, Count + 1);
        var (at, end) = (0, Count);
        // Nearly all come behind the last one, or near it.
        if (end > 0 && _items[end - 1].CompareTo(seen) <= 0) at = end;
        while (at < end)
        {
            var middle = (at + end) / 2;
            if (_items[middle].CompareTo(seen) > 0) end = middle;
            else at = middle + 1;
        }

        Array.Copy(_items, at, _items, at + 1, Count - at);
        _items[at] = seen;
        Count++;
        return at;
    }

    /// <summary>Takes an observation back, and tells where it stood; -1 when it is not here.</summary>
    internal int Remove(int on, ulong id)
    {
        for (var at = UpTo(on) - 1; at >= 0 && _items![at].On == on; at--)
        {
            if (_items[at].Id != id) continue;
            Array.Copy(_items, at + 1, _items, at, Count - at - 1);
            Count--;
            return at;
        }

        return -1;
    }

    /// <summary>Number of observations up to a day.</summary>
    internal readonly int UpTo(int day)
    {
        if (Count == 0 || _items![Count - 1].On <= day) return Count;
        var (at, end) = (0, Count - 1);
        while (at < end)
        {
            var middle = (at + end) / 2;
            if (_items[middle].On > day) end = middle;
            else at = middle + 1;
        }

        return at;
    }

    /// <summary>The first day behind one on which something was seen; 0 without one.</summary>
    internal readonly int NextAfter(int day) => UpTo(day) is var at && at < Count ? _items![at].On : 0;

    /// <summary>How many of the oldest are before a day with so many others behind them that are, too.</summary>
    internal readonly int Old(int before, int least) => Count <= least ? 0 : Math.Max(0, UpTo(before - 1) - least);

    /// <summary>Takes the oldest out.</summary>
    internal void Take(int count)
    {
        if (count == 0) return;
        Taken = _items![count - 1];
        Array.Copy(_items, count, _items, 0, Count -= count);
    }

    internal void State(StateStream s)
    {
        var count = s.Count(Count);
        if (s.Reading) (_items, Count) = (count == 0 ? null : new Observation[count], count);
        Do(s, ref Taken);
        for (var i = 0; i < count; i++) Do(s, ref _items![i]);
    }

    private static void Do(StateStream s, ref Observation o)
    {
        var marks = (byte)o.Marks;
        s.Do(ref o.On);
        s.Do(ref o.IssuedOn);
        s.Do(ref o.Id);
        s.Do(ref o.Late);
        s.Do(ref o.Days);
        s.Do(ref marks);
        o.Marks = (ObservationMarks)marks;
    }
}
