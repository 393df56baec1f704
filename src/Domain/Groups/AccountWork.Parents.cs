namespace ExposureMonitor.Domain;

/// <summary>
/// Who belongs to whom (credit.md 9.3, 9.4). A parent is a wish until the house, which sees the whole tree, has taken it. A move is
/// never refused for headroom: the new parent books what the customer uses before the old one gets its slice back.
/// </summary>
internal sealed partial class AccountWork
{
    /// <summary>A fact names another parent. Its day may lie ahead; then it is asked for on that day.</summary>
    private void WishParent(string parent, int effectiveOn)
    {
        var rare = book.RareFor(Slot);
        rare.ParentId = parent;
        if (rare.Group is null && parent.Length == 0) return;
        var group = rare.Group ??= new GroupState();
        (group.Wish, group.WishOn) = (parent, Math.Max(effectiveOn, 1));
        (group.WishEvent, group.WishType, group.WishEntry) = (_fact.EventId, FactCatalogue.WireTypeOf(_fact), AtText);
        if (effectiveOn > Context.Today && Context.Today != 0) book.Wake(Slot, effectiveOn);
        else AskForParent(group);
    }

    /// <summary>Wishes whose day has come are asked for.</summary>
    private void WishOfToday()
    {
        if (book.RareOf(Slot)?.Group is not { WishOn: not 0 } group) return;
        if (group.WishOn > Context.Today) book.Wake(Slot, group.WishOn);
        else AskForParent(group);
    }

    private void AskForParent(GroupState group)
    {
        group.WishOn = 0;
        if (group.Wish == group.Parent && !group.IsAsking) return;
        group.IsAsking = true;
        SendTo(Book.House, "", new GroupAsked { Child = Customer, ParentId = group.Wish, Version = ++group.Asked });
    }

    private Outcome TakeParent(GroupAnswered f)
    {
        if (book.RareOf(Slot) is not { Group: { } group } rare || !group.IsAsking || f.Version != group.Asked) return Outcome.Superseded;
        group.IsAsking = false;
        if (f.Reason.Length > 0)
        {
            // The event was applied, and then could not stand: it becomes a dead letter, and can be told again.
            Say(new ParkedFactLapsed { Reason = f.Reason, EventId = group.WishEvent, WireType = group.WishType, Entry = group.WishEntry, WaitedFor = $"parent '{f.ParentId}'" });
            rare.ParentId = group.Parent;
            return Outcome.Applied;
        }

        group.Parent = f.ParentId;
        if (group.Parent.Length > 0) group.PairWith(group.Parent).Former = false;
        else EndMove(group);
        return Outcome.Applied;
    }

    /// <summary>
    /// The move is done once the new parent has confirmed what the customer uses: from then on the slices of former
    /// parents go back, in this entry. Until then the customer obeys the smaller one.
    /// </summary>
    private static void EndMove(GroupState group)
    {
        var current = group.Current;
        if (current is not null && (!current.IsTold || (current.Binds && (current.ConfirmIn == 0 || current.SeenByParent < current.ConfirmIn)))) return;
        if (current is not null) current.ConfirmIn = 0;
        foreach (var pair in group.Held)
            if (pair != current) pair.Former = true;
    }

    /// <summary>A slice of a former parent is still held.</summary>
    private static bool IsMoving(GroupState group)
    {
        foreach (var pair in group.Held)
            if (!pair.Former && pair.Parent != group.Parent) return true;
        return false;
    }
}
