namespace ExposureMonitor.Domain;

/// <summary>The group of one customer: slices that it holds, and the members that it lends to. Amounts are minor units.</summary>
public sealed class GroupDetail : IDescribed
{
    /// <summary>The parent that stands in the tree; "" at the top.</summary>
    public string Parent { get; set; } = "";

    /// <summary>The parent that the house was asked for and has not answered yet; "" for none.</summary>
    public string AskedParent { get; set; } = "";

    /// <summary>Share of the customer's exposure that counts at its parent, basis points.</summary>
    public int ShareBp { get; set; }

    public bool OutsideGroup { get; set; }

    /// <summary>Slices by parent; a former parent's stays until it balances.</summary>
    public IReadOnlyList<SliceLine> Slices { get; set; } = [];

    /// <summary>Currency of what stands below; unset for a customer without members.</summary>
    public Currency Currency { get; set; }

    /// <summary>An amount binds the members.</summary>
    public LimitKind LimitKind { get; set; }

    public long Limit { get; set; }

    /// <summary>Exposure of the customer itself.</summary>
    public long OwnUse { get; set; }

    /// <summary>The own exposure and what the members reported.</summary>
    public long Use { get; set; }

    /// <summary>Use over limit, basis points; 0 without a limit of an amount.</summary>
    public long UtilisationBp { get; set; }

    /// <summary>Sum of all slices, those on their way included.</summary>
    public long Lent { get; set; }

    /// <summary>What may still be lent; below 0 after forced value or a cut.</summary>
    public long Pool { get; set; }

    public IReadOnlyList<MemberLine> Members { get; set; } = [];

    /// <summary>The partition and frame of the customer's last change: limit, own use, pool and slices are as of it.</summary>
    public int AsOfPartition { get; set; }

    public long AsOfSeq { get; set; }

    public void Describe(FieldVisitor v)
    {
        Parent = v.Id(1, "parent", Parent, optional: true);
        AskedParent = v.Id(2, "askedParent", AskedParent, optional: true);
        ShareBp = (int)v.Number(3, "shareBp", ShareBp);
        OutsideGroup = v.Flag(4, "outsideGroup", OutsideGroup);
        Slices = v.Items(5, "slices", Slices);
        Currency = v.Currency(6, "currency", Currency, optional: true);
        LimitKind = v.Choice(7, "limitKind", LimitKind, optional: true);
        Limit = v.Amount(8, "limit", Limit, optional: true, floor: 0);
        OwnUse = v.Amount(9, "ownUse", OwnUse, optional: true, floor: 0);
        Use = v.Amount(10, "use", Use, optional: true, floor: 0);
        UtilisationBp = v.Number(11, "utilisationBp", UtilisationBp, optional: true);
        Lent = v.Amount(12, "lent", Lent, optional: true, floor: long.MinValue);
        Pool = v.Amount(13, "pool", Pool, optional: true, floor: long.MinValue);
        Members = v.Items(14, "members", Members);
        AsOfPartition = (int)v.Number(15, "asOfPartition", AsOfPartition, optional: true);
        AsOfSeq = v.Number(16, "asOfSeq", AsOfSeq, optional: true);
    }
}

/// <summary>A slice as its holder has it: slice = granted + forced − returned.</summary>
public sealed class SliceLine : IDescribed
{
    public string Parent { get; set; } = "";

    public Currency Currency { get; set; }

    /// <summary>The limit of the group as last told.</summary>
    public LimitKind LimitKind { get; set; }

    public long Limit { get; set; }

    public long Slice { get; set; }

    public long Granted { get; set; }

    public long Forced { get; set; }

    public long Returned { get; set; }

    /// <summary>The slice that is asked for; 0 for none.</summary>
    public long Want { get; set; }

    /// <summary>The parent wants back what is not used.</summary>
    public bool Recalled { get; set; }

    /// <summary>The customer has another parent, or none, since.</summary>
    public bool Former { get; set; }

    public void Describe(FieldVisitor v)
    {
        Parent = v.Id(1, "parent", Parent);
        Currency = v.Currency(2, "currency", Currency, optional: true);
        LimitKind = v.Choice(3, "limitKind", LimitKind, optional: true);
        Limit = v.Amount(4, "limit", Limit, optional: true, floor: 0);
        Slice = v.Amount(5, "slice", Slice, optional: true, floor: 0);
        Granted = v.Amount(6, "granted", Granted, optional: true, floor: 0);
        Forced = v.Amount(7, "forced", Forced, optional: true, floor: 0);
        Returned = v.Amount(8, "returned", Returned, optional: true, floor: 0);
        Want = v.Amount(9, "want", Want, optional: true, floor: 0);
        Recalled = v.Flag(10, "recalled", Recalled);
        Former = v.Flag(11, "former", Former);
    }
}

/// <summary>A member as its parent has it: the slice is booked, the use is as of the position that the member named.</summary>
public sealed class MemberLine : IDescribed
{
    public string Customer { get; set; } = "";

    /// <summary>Share of the member's exposure that counts, basis points.</summary>
    public int ShareBp { get; set; }

    public long Slice { get; set; }

    public long Granted { get; set; }

    public long Forced { get; set; }

    public long Returned { get; set; }

    /// <summary>Exposure of the member and of those below it, its share taken.</summary>
    public long Use { get; set; }

    /// <summary>The member's partition and frame that <see cref="Use"/> is as of.</summary>
    public int AsOfPartition { get; set; }

    public long AsOfSeq { get; set; }

    public long Want { get; set; }

    /// <summary>The want could not be met.</summary>
    public bool Refused { get; set; }

    public bool Recalled { get; set; }

    public bool OutsideGroup { get; set; }

    /// <summary>Has another parent, or none; its totals stay until they balance.</summary>
    public bool Former { get; set; }

    public void Describe(FieldVisitor v)
    {
        Customer = v.Id(1, "customer", Customer);
        ShareBp = (int)v.Number(2, "shareBp", ShareBp, optional: true);
        Slice = v.Amount(3, "slice", Slice, optional: true, floor: long.MinValue);
        Granted = v.Amount(4, "granted", Granted, optional: true, floor: 0);
        Forced = v.Amount(5, "forced", Forced, optional: true, floor: 0);
        Returned = v.Amount(6, "returned", Returned, optional: true, floor: 0);
        Use = v.Amount(7, "use", Use, optional: true, floor: 0);
        AsOfPartition = (int)v.Number(8, "asOfPartition", AsOfPartition, optional: true);
        AsOfSeq = v.Number(9, "asOfSeq", AsOfSeq, optional: true);
        Want = v.Amount(10, "want", Want, optional: true, floor: 0);
        Refused = v.Flag(11, "refused", Refused);
        Recalled = v.Flag(12, "recalled", Recalled);
        OutsideGroup = v.Flag(13, "outsideGroup", OutsideGroup);
        Former = v.Flag(14, "former", Former);
    }
}
