namespace ExposureMonitor.Domain;

/// <summary>
/// What children of a lender wait for, in the order in which they are served. A balanced tree whose nodes know the least that is missing and
/// the sum of what was not refused below them, so that the next want that can be settled is found in O(log n), however many cannot.
/// </summary>
internal sealed class WantTree
{
    private sealed class Node
    {
        internal required LeaseGiven Child { get; init; }

        internal required ReleaseKey Key { get; init; }

        internal required Int128 Missing { get; init; }

        internal required bool IsRefused { get; init; }

        internal required uint Rank { get; init; }

        internal Node? Left, Right;

        // Of the node and all below it.
        internal Int128 Least, Open;
        internal bool HasOpen;

        internal Node Sum()
        {
            (Least, Open, HasOpen) = (Missing, IsRefused ? 0 : Missing, !IsRefused);
            if (Left is { } left) Add(left);
            if (Right is { } right) Add(right);
            return this;
        }

        private void Add(Node below)
        {
            Least = Int128.Min(Least, below.Least);
            Open += below.Open;
            HasOpen |= below.HasOpen;
        }

        /// <summary>Below or above a place in the order: keys, then children.</summary>
        internal int Compare(ReleaseKey key, string child) => Key.CompareTo(key) is not 0 and var order ? order : string.CompareOrdinal(Child.Child, child);
    }

    private Node? _root;
    private uint _dice = 2_463_534_242;

    internal bool IsEmpty => _root is null;

    internal void Add(LeaseGiven child, ReleaseKey key, Int128 missing, bool isRefused)
    {
        // The shape of the tree decides nothing but its depth.
        _dice ^= _dice << 13;
        _dice ^= _dice >> 17;
        _dice ^= _dice << 5;
        var (left, right) = Split(_root, key, child.Child);
        var node = new Node { Child = child, Key = key, Missing = missing, IsRefused = isRefused, Rank = _dice };
        _root = Join(Join(left, node.Sum()), right);
    }

    internal void Remove(LeaseGiven child, ReleaseKey key) => _root = Without(_root, key, child.Child);

    /// <summary>The first want behind a place that was not refused, or that the pool would do for; <c>null</c> when there is none.</summary>
    /// <param name="after">The child whose want was looked at last, under its key now; <c>null</c> at the beginning.</param>
    internal LeaseGiven? Next(LeaseGiven? after, Int128 pool) => Next(_root, after, pool);

    /// <summary>Sum of what is missing to wants that were not refused and whose turn comes before a key.</summary>
    internal Int128 OpenBefore(ReleaseKey key)
    {
        Int128 sum = 0;
        for (var at = _root; at is not null;)
        {
            if (at.Key.CompareTo(key) >= 0)
            {
                at = at.Left;
                continue;
            }

            sum += at.Open - (at.Right?.Open ?? 0);
            at = at.Right;
        }

        return sum;
    }

    private static LeaseGiven? Next(Node? at, LeaseGiven? after, Int128 pool)
    {
        if (at is null || (!at.HasOpen && at.Least > pool)) return null;
        if (after is null || at.Compare(after.Key, after.Child) > 0)
        {
            if (Next(at.Left, after, pool) is { } first) return first;
            if (!at.IsRefused || at.Missing <= pool) return at.Child;
            // Everything on the right is behind the place, too.
            after = null;
        }

        return Next(at.Right, after, pool);
    }

    /// <summary>What comes before a place, and the rest.</summary>
    private static (Node? Before, Node? Behind) Split(Node? at, ReleaseKey key, string child)
    {
        if (at is null) return default;
        if (at.Compare(key, child) < 0)
        {
            (at.Right, var behind) = Split(at.Right, key, child);
            return (at.Sum(), behind);
        }

        (var before, at.Left) = Split(at.Left, key, child);
        return (before, at.Sum());
    }

    private static Node? Join(Node? left, Node? right)
    {
        if (left is null || right is null) return left ?? right;
        if (left.Rank >= right.Rank)
        {
            left.Right = Join(left.Right, right);
            return left.Sum();
        }

        right.Left = Join(left, right.Left);
        return right.Sum();
    }

    private static Node? Without(Node? at, ReleaseKey key, string child)
    {
        if (at is null) return null;
        switch (at.Compare(key, child))
        {
            case 0: return Join(at.Left, at.Right);
            case < 0: at.Right = Without(at.Right, key, child); break;
            default: at.Left = Without(at.Left, key, child); break;
        }

        return at.Sum();
    }
}
