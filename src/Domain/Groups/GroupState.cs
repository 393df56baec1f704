namespace ExposureMonitor.Domain;

/// <summary>A check that is short of group headroom only and waits for the follow-up; its caller is answered by then.</summary>
internal sealed class WaitingCheck
{
    internal Fact Fact = null!;
    internal Instant Until;

    /// <summary>The entry that asked.</summary>
    internal EntryPosition Entry;

    /// <summary>The slice that it needs.</summary>
    internal long Want;
}

/// <summary>What an account knows of its group: its parents, the slices it holds and those it has lent. Most accounts have none.</summary>
internal sealed class GroupState
{
    /// <summary>The parent that stands in the tree; "" at the top.</summary>
    internal string Parent = "";

    /// <summary>Number of the last question to the house, and whether it is open.</summary>
    internal long Asked;
    internal bool IsAsking;

    /// <summary>The parent that is wished for, from which day, and the event that said so.</summary>
    internal string Wish = "", WishEvent = "", WishType = "", WishEntry = "";
    internal int WishOn;

    /// <summary>One pair per parent that the account has or had.</summary>
    internal readonly List<LeaseHeld> Held = [];

    /// <summary>Set once somebody has asked this account as a parent.</summary>
    internal Lender? Lender;

    internal readonly List<WaitingCheck> Checks = [];

    /// <summary>The pair with the parent that stands in the tree.</summary>
    internal LeaseHeld? Current => Parent.Length == 0 ? null : Find(Parent);

    private LeaseHeld? Find(string parent)
    {
        foreach (var pair in Held)
            if (pair.Parent == parent) return pair;
        return null;
    }

    internal LeaseHeld PairWith(string parent)
    {
        if (Find(parent) is { } known) return known;
        Held.Add(new LeaseHeld { Parent = parent });
        return Held[^1];
    }

    internal void State(StateStream s)
    {
        s.Do(ref Parent);
        s.Do(ref Asked);
        s.Do(ref IsAsking);
        s.Do(ref Wish);
        s.Do(ref WishEvent);
        s.Do(ref WishType);
        s.Do(ref WishEntry);
        s.Do(ref WishOn);
        s.List(Held, pair => pair.State(s));
        var lends = Lender is not null;
        s.Do(ref lends);
        if (lends) (Lender ??= new Lender()).State(s);
        s.List(Checks, check =>
        {
            s.Fact(ref check.Fact);
            s.Do(ref check.Until);
            s.Do(ref check.Want);
            var (partition, seq, index) = (check.Entry.Partition, check.Entry.Seq, check.Entry.Index);
            s.Do(ref partition);
            s.Do(ref seq);
            s.Do(ref index);
            check.Entry = new EntryPosition(partition, seq, index);
        });
    }
}
