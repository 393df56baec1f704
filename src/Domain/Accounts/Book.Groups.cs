namespace ExposureMonitor.Domain;

/// <summary>Who belongs to whom: in the house's book alone.</summary>
public sealed partial class Book
{
    internal GroupTree Tree { get; } = new();

    /// <summary>The parent of a customer, as the house's book has it; "" without one.</summary>
    public string ParentOf(string customer) => Tree.ParentOf(customer);

    /// <summary>Who stands at the top of a customer's group, as the house's book has it; the customer itself without a parent.</summary>
    public string TopOf(string customer)
    {
        // The tree has no cycle, so that every walk ends.
        for (var at = customer; ;)
        {
            if (Tree.ParentOf(at) is not { Length: > 0 } parent) return at;
            at = parent;
        }
    }

    /// <summary>The children of a customer, as the house's book has them, in ordinal order.</summary>
    public IReadOnlyCollection<string> ChildrenOf(string customer) => Tree.ChildrenOf(customer);

    /// <summary>
    /// Who has which parent, as the house's book has it, by child; <c>null</c> when nothing has changed since a number that this told before. Another
    /// book of the same house has other numbers.
    /// </summary>
    public IReadOnlyDictionary<string, string>? ParentsSince(ref long changes)
    {
        if (changes == Tree.Changes) return null;
        changes = Tree.Changes;
        return new Dictionary<string, string>(Tree.Parents, StringComparer.Ordinal);
    }

    /// <summary>A customer asks for a parent; he is answered in any case.</summary>
    internal Outcome TakeQuestion(GroupAsked f, EffectBuffer effects)
    {
        if (Partition != House) return Outcome.Refused("NOT_THE_HOUSE", "The house alone knows the whole tree.");
        var reason = Tree.Place(f.Child, f.ParentId, Context.Policy.Int(Parameter.GroupDepthMax));
        var answer = new GroupAnswered { ParentId = f.ParentId, Version = f.Version, Reason = reason };
        var to = Ids.PartitionOf(f.Child, Partitions);
        var number = Sent[to] = Sent.GetValueOrDefault(to) + 1;
        effects.Add(new MessageSent { To = f.Child, Receiver = to, Number = number, Fact = answer, Content = unchecked((long)answer.ContentHash(Scratch)) });
        return Outcome.Applied;
    }
}
