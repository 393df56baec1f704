namespace ExposureMonitor.Domain;

/// <summary>What a lender's index has counted of a child: everything that a question over all children needs.</summary>
internal readonly record struct LeaseCount
{
    internal long Slice { get; init; }

    internal long Use { get; init; }

    internal bool IsMember { get; init; }

    internal bool WasLent { get; init; }

    /// <summary>What the child's want lacks; 0 while it does not ask.</summary>
    internal Int128 Missing { get; init; }

    internal ReleaseKey Key { get; init; }

    internal bool IsRefused { get; init; }

    /// <summary>A refusal of some want stands; and by how much the least order that was refused exceeds the slice, when it still waits.</summary>
    internal bool HasRefusal { get; init; }

    internal bool Waits { get; init; }

    internal Int128 Gap { get; init; }

    /// <summary>The least order lies beyond what was said to be in reach: the refusal ends when the pool can do for it.</summary>
    internal bool IsBeyond { get; init; }

    internal bool IsAwaited { get; init; }

    internal bool CanBeRecalled { get; init; }

    internal static LeaseCount Of(LeaseGiven c)
    {
        var waits = c is { Refused: not 0, Least: not 0, Leaving: false };
        return new LeaseCount
        {
            Slice = c.Slice, Use = c.Use, IsMember = !c.Leaving, WasLent = c is not { Granted: 0, Forced: 0 },
            Missing = c.Asks ? (Int128)c.Want - c.Slice : 0, Key = c.Asks ? c.Key : default, IsRefused = c.Asks && c.IsRefused,
            HasRefusal = c.Refused != 0, Waits = waits, Gap = waits ? (Int128)c.Least - c.Slice : 0, IsBeyond = waits && c.Least > c.Reach,
            IsAwaited = c.IsAwaited, CanBeRecalled = c is { Recall: 0, Slice: > 0, Outside: false },
        };
    }
}

/// <summary>
/// Sums and orders over the children of a lender, kept with each change of a child: a message of one child costs O(log n), however many
/// members the group has. Follows from the children alone; no state.
/// </summary>
internal sealed class LeaseIndex
{
    private readonly Dictionary<string, LeaseGiven> _byName = new(StringComparer.Ordinal);
    private readonly SortedSet<(Int128 Gap, int Place)> _beyond = [], _within = [];
    private readonly HashSet<LeaseGiven> _awaited = [], _recallable = [], _refused = [];

    /// <summary>Wants in release order.</summary>
    internal WantTree Wants { get; } = new();

    /// <summary>Sum of all slices, those in flight included, and of all reported use.</summary>
    internal Int128 Lent { get; private set; }

    internal Int128 Use { get; private set; }

    /// <summary>Children that have not left, and those that ever had a slice.</summary>
    internal int Members { get; private set; }

    internal int EverLent { get; private set; }

    internal IReadOnlyCollection<LeaseGiven> Recallable => _recallable;

    internal IReadOnlyCollection<LeaseGiven> Refused => _refused;

    internal LeaseGiven? Find(string child) => _byName.GetValueOrDefault(child);

    /// <summary>A child other than this one still owes its answer to a recall.</summary>
    internal bool IsAwaited(LeaseGiven? except) => _awaited.Count > (except is not null && _awaited.Contains(except) ? 1 : 0);

    /// <summary>The place of a child whose least refused order the pool could do for; −1 for none.</summary>
    internal int NextToLift(Int128 most) => _beyond.Count > 0 && _beyond.Min.Gap <= most ? _beyond.Min.Place : -1;

    /// <summary>Refused orders still wait somewhere; by how much the least of all exceeds its slice.</summary>
    internal bool HasWaiting(out Int128 gap)
    {
        gap = _beyond.Count == 0 ? _within.Count == 0 ? 0 : _within.Min.Gap : _within.Count == 0 ? _beyond.Min.Gap : Int128.Min(_within.Min.Gap, _beyond.Min.Gap);
        return _beyond.Count + _within.Count > 0;
    }

    internal void Add(LeaseGiven child)
    {
        _byName.Add(child.Child, child);
        Note(child);
    }

    /// <summary>Takes over what has changed at a child.</summary>
    internal void Note(LeaseGiven child)
    {
        var (was, now) = (child.Counted, LeaseCount.Of(child));
        if (was == now) return;
        child.Counted = now;
        Lent += (Int128)now.Slice - was.Slice;
        Use += (Int128)now.Use - was.Use;
        Members += (now.IsMember ? 1 : 0) - (was.IsMember ? 1 : 0);
        EverLent += (now.WasLent ? 1 : 0) - (was.WasLent ? 1 : 0);
        if (was.Missing != now.Missing || was.IsRefused != now.IsRefused || was.Key != now.Key)
        {
            if (was.Missing > 0) Wants.Remove(child, was.Key);
            if (now.Missing > 0) Wants.Add(child, now.Key, now.Missing, now.IsRefused);
        }

        if (was.Waits != now.Waits || was.Gap != now.Gap || was.IsBeyond != now.IsBeyond)
        {
            if (was.Waits) (was.IsBeyond ? _beyond : _within).Remove((was.Gap, child.Place));
            if (now.Waits) (now.IsBeyond ? _beyond : _within).Add((now.Gap, child.Place));
        }

        Keep(_awaited, child, now.IsAwaited);
        Keep(_recallable, child, now.CanBeRecalled);
        Keep(_refused, child, now.HasRefusal);
    }

    private static void Keep(HashSet<LeaseGiven> those, LeaseGiven child, bool isOne)
    {
        if (isOne) those.Add(child);
        else those.Remove(child);
    }
}
