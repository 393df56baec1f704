namespace ExposureMonitor.Domain;

/// <summary>
/// All parents of all customers: state of the house, the one place where the whole tree is visible, so that two changes at
/// once can make no cycle (credit.md 9.3). It knows names only; no figure of a group stands here.
/// </summary>
internal sealed class GroupTree
{
    private readonly SortedDictionary<string, string> _parents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> _children = new(StringComparer.Ordinal);

    /// <summary>How often the tree has changed since it is in memory.</summary>
    internal long Changes { get; private set; }

    /// <summary>Who has which parent, by child.</summary>
    internal IReadOnlyDictionary<string, string> Parents => _parents;

    /// <summary>Customers that have a parent.</summary>
    internal int Count => _parents.Count;

    internal string ParentOf(string child) => _parents.GetValueOrDefault(child, "");

    /// <summary>Children of a customer, in ordinal order.</summary>
    internal IReadOnlyCollection<string> ChildrenOf(string parent) => _children.TryGetValue(parent, out var children) ? children : [];

    /// <summary>
    /// Gives a customer another parent; "" for none. The tree is as before when the answer is a reason:
    /// <c>GROUP_CYCLE</c> or <c>GROUP_DEPTH</c>.
    /// </summary>
    /// <param name="depthMax">Levels that a tree may have; a customer alone is one.</param>
    internal string Place(string child, string parent, int depthMax)
    {
        if (parent.Length > 0 && Refusal(child, parent, depthMax) is { Length: > 0 } refusal) return refusal;
        if (_parents.TryGetValue(child, out var former))
        {
            if (former == parent) return "";
            _children[former].Remove(child);
            if (_children[former].Count == 0) _children.Remove(former);
            _parents.Remove(child);
            Changes++;
        }

        if (parent.Length == 0) return "";
        _parents[child] = parent;
        Changes++;
        if (!_children.TryGetValue(parent, out var children)) _children[parent] = children = new SortedSet<string>(StringComparer.Ordinal);
        children.Add(child);
        return "";
    }

    private string Refusal(string child, string parent, int depthMax)
    {
        var above = 1;
        // No path is longer than the policy ever allowed: the walk ends at a root, since the tree has no cycle.
        for (var at = parent; ; at = _parents[at], above++)
        {
            if (at == child) return "GROUP_CYCLE";
            if (!_parents.ContainsKey(at)) break;
        }

        return above + LevelsBelow(child, depthMax) > depthMax ? "GROUP_DEPTH" : "";
    }

    /// <summary>Levels of the tree under a customer, himself included; not looked at further than needed.</summary>
    private int LevelsBelow(string customer, int most)
    {
        if (most <= 0 || !_children.TryGetValue(customer, out var children)) return 1;
        var deepest = 0;
        foreach (var child in children) deepest = Math.Max(deepest, LevelsBelow(child, most - 1));
        return deepest + 1;
    }

    internal void State(StateStream s)
    {
        var edges = s.Reading ? [] : _parents.ToList();
        var count = s.Count(edges.Count);
        for (var i = 0; i < count; i++)
        {
            var (child, parent) = s.Reading ? ("", "") : (edges[i].Key, edges[i].Value);
            s.Do(ref child);
            s.Do(ref parent);
            if (s.Reading) Place(child, parent, int.MaxValue);
        }
    }
}
