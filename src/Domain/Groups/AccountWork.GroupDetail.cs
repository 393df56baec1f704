namespace ExposureMonitor.Domain;

/// <summary>What a group page shows: the pairs, and the figures that the next entry would be judged by.</summary>
internal sealed partial class AccountWork
{
    /// <returns><c>null</c> for a customer that never had a parent or a member.</returns>
    internal GroupDetail? DetailOfGroup()
    {
        if (book.RareOf(Slot) is not { Group: { } group } rare) return null;
        var detail = new GroupDetail
        {
            Parent = group.Parent, AskedParent = group.IsAsking ? group.Wish : "", ShareBp = ShareOf(rare), OutsideGroup = rare.OutsideGroup,
            Slices = [.. group.Held.Select(LineOf)], AsOfPartition = book.Partition, AsOfSeq = Account.LastSeq,
        };
        if (group.Lender is not { } lender) return detail;
        var terms = TermsOf(group, lender);
        (detail.Currency, detail.LimitKind, detail.Limit, detail.OwnUse) = (lender.Currency, terms.KindTold, terms.LimitTold, terms.OwnUse);
        (detail.Use, detail.Lent) = (Rounding.Pin(GroupUse(lender)), Rounding.Pin(lender.Lent));
        if (terms.Binds) (detail.Pool, detail.UtilisationBp) = (Rounding.Pin(terms.Capacity - terms.OwnUse - lender.Lent), GroupUtilisation(lender, terms, up: true));
        detail.Members = [.. lender.Children.Select(LineOf)];
        return detail;
    }

    internal long? PoolOfGroup()
    {
        if (book.RareOf(Slot) is not { Group: { Lender: { } lender } group }) return null;
        var terms = TermsOf(group, lender);
        return terms.Binds ? Rounding.Pin(terms.Capacity - terms.OwnUse - lender.Lent) : 0;
    }

    private static SliceLine LineOf(LeaseHeld pair) => new()
    {
        Parent = pair.Parent, Currency = pair.Currency, LimitKind = pair.LimitKind, Limit = pair.Limit, Slice = pair.Slice, Granted = pair.Granted,
        Forced = pair.Forced, Returned = pair.Returned, Want = pair.Want, Recalled = pair.Recall > 0, Former = pair.Former,
    };

    private static MemberLine LineOf(LeaseGiven pair) => new()
    {
        Customer = pair.Child, ShareBp = pair.ShareBp, Slice = pair.Slice, Granted = pair.Granted, Forced = pair.Forced, Returned = pair.Returned,
        Use = pair.Use, AsOfPartition = pair.AsOfPartition, AsOfSeq = pair.AsOfSeq, Want = pair.Want, Refused = pair.Refused != 0,
        Recalled = pair.Recall > 0, OutsideGroup = pair.Outside, Former = pair.Leaving,
    };
}

public sealed partial class Book
{
    /// <summary>What a parent may still lend; <c>null</c> for a customer without members, 0 while no limit of an amount binds them.</summary>
    public long? PoolOf(int slot)
    {
        Work.Begin(slot, Context, default, StreamTime, new EffectBuffer());
        return Work.PoolOfGroup();
    }

    /// <summary>The group of a customer, or <c>null</c> when it never had one.</summary>
    public GroupDetail? GroupOf(int slot)
    {
        Work.Begin(slot, Context, default, StreamTime, new EffectBuffer());
        return Work.DetailOfGroup();
    }
}
