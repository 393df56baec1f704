namespace ExposureMonitor.Domain;

/// <summary>
/// The last event ids of a partition with their content, rebuilt from the entries at recovery. Open addressing with id and
/// content side by side: every event looks here, and each look that leaves the cache costs as much as a rule.
/// </summary>
internal sealed class EventWindow
{
    /// <summary>Event ids that a partition remembers.</summary>
    internal const int Size = PartitionMachine.WindowSize;

    /// <summary>Identity 0 is an empty place.</summary>
    private (ulong Identity, ulong Content)[] _places = new (ulong, ulong)[64];

    /// <summary>The ids in the order in which they came, from <see cref="_oldest"/> on once the window is full.</summary>
    private ulong[] _order = new ulong[32];
    private int _count, _oldest, _foreseen;

    /// <summary>Puts an event in; false when its id is there already, and what that means.</summary>
    internal bool Enter(Fact fact, ulong content, out Outcome graded)
    {
        graded = default;
        var identity = fact.Foreseen.Identity is not 0 and var known ? known : Identity(fact);
        _foreseen = 0;
#if SEEDED_BUGS
        if (SeededBug.Is("7")) return true;
#endif
        var (places, mask) = (_places, _places.Length - 1);
        for (var at = Home(identity, mask); places[at].Identity != 0; at = (at + 1) & mask)
        {
            if (places[at].Identity != identity) continue;
#if SEEDED_BUGS
            if (SeededBug.Is("9") && !_order.AsSpan(0, _count)[^Math.Min(2, _count)..].Contains(identity)) return true;
#endif
            graded = places[at].Content == content ? Outcome.Duplicate : Outcome.Conflict($"Event '{fact.EventId}' of '{fact.Source}' came before with other content.");
            return false;
        }

        Add(identity, content);
        return true;
    }

    /// <summary>True while the id of the event is among the last ones.</summary>
    internal bool Holds(Fact fact)
    {
        var (identity, mask) = (Identity(fact), _places.Length - 1);
        var at = Home(identity, mask);
        while (_places[at].Identity != 0 && _places[at].Identity != identity) at = (at + 1) & mask;
        return _places[at].Identity != 0;
    }

    private void Add(ulong identity, ulong content)
    {
        if (_count == Size)
        {
            Remove(_order[_oldest]);
            _order[_oldest] = identity;
            _oldest = (_oldest + 1) % Size;
        }
        else
        {
            if (_count == _order.Length) Grow();
            _order[_count++] = identity;
        }

        Put(_places, identity, content);
    }

    /// <summary>Writes the ids with their content in the order in which they came.</summary>
    internal void Write(ByteBuffer to)
    {
        to.Varint((ulong)_count);
        var mask = _places.Length - 1;
        for (var i = 0; i < _count; i++)
        {
            var identity = _order[_count < Size ? i : (_oldest + i) % Size];
            var at = Home(identity, mask);
            while (_places[at].Identity != identity) at = (at + 1) & mask;
            to.Fixed64(identity);
            to.Fixed64(_places[at].Content);
        }
    }

    /// <summary>Reads them into an empty window.</summary>
    internal void Read(ReadOnlySpan<byte> from)
    {
        var reader = new ByteReader(from);
        var count = reader.Int();
        if (count > Size || _count > 0) throw new InvalidDataException($"A window of {count} event ids does not fit.");
        for (var i = 0; i < count; i++)
        {
            var identity = reader.Fixed64();
            if (identity == 0) throw new InvalidDataException("An event id of a window is none.");
            Add(identity, reader.Fixed64());
        }

        if (reader.Remaining > 0) throw new InvalidDataException("Bytes follow the window of event ids.");
    }

    /// <summary>Reads the places that the event, and the one that leaves for it, will need; returns what stands there, so that the read happens.</summary>
    internal ulong Foresee(ulong identity)
    {
        var mask = _places.Length - 1;
        var leaving = _count == Size ? _order[(_oldest + _foreseen++) % Size] : 0;
        return _places[Home(identity, mask)].Identity ^ _places[Home(leaving, mask)].Identity;
    }

    /// <summary>Takes an id out; what stands behind it in its run moves up.</summary>
    private void Remove(ulong identity)
    {
        var (places, mask) = (_places, _places.Length - 1);
        var gap = Home(identity, mask);
        while (places[gap].Identity != identity) gap = (gap + 1) & mask;
        for (var at = (gap + 1) & mask; places[at].Identity is not 0 and var other; at = (at + 1) & mask)
        {
            // An entry moves into the gap unless its home lies behind the gap.
            if (((at - Home(other, mask)) & mask) < ((at - gap) & mask)) continue;
            places[gap] = places[at];
            gap = at;
        }

        places[gap] = default;
    }

    private void Grow()
    {
        Array.Resize(ref _order, _order.Length * 2);
        var places = Memory.Of<(ulong Identity, ulong Content)>(_places.Length * 2);
        foreach (var (identity, content) in _places)
            if (identity != 0) Put(places, identity, content);
        _places = places;
    }

    private static void Put((ulong Identity, ulong Content)[] places, ulong identity, ulong content)
    {
        var mask = places.Length - 1;
        var at = Home(identity, mask);
        while (places[at].Identity != 0) at = (at + 1) & mask;
        places[at] = (identity, content);
    }

    private static int Home(ulong identity, int mask) => (int)(identity & (uint)mask);

    /// <summary>Hash of kind, source and id; never 0.</summary>
    internal static ulong Identity(Fact fact) =>
        Hashing.Text(fact.EventId, Hashing.Text(fact.Source, (ulong)FactCatalogue.NumberOf(fact))) is not 0 and var identity ? identity : 1;
}
