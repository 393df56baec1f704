namespace ExposureMonitor.Domain;

/// <summary><c>credit.limit.set.v1</c>: the decided limit, with dated steps.</summary>
public sealed class LimitSet : Fact
{
    public long Version { get; set; }

    public IReadOnlyList<LimitStep> Steps { get; set; } = [];

    public Currency Currency { get; set; }

    /// <summary>The most that may be granted; −1 when the fact says nothing of it.</summary>
    public long EligibleMax { get; set; } = -1;

    public bool Mandatory { get; set; }

    public bool OutsideGroup { get; set; }

    public string Reason { get; set; } = "";

    public string SetBy { get; set; } = "";

    public IReadOnlyList<string> ApprovedBy { get; set; } = [];

    private protected override void Body(FieldVisitor v)
    {
        Version = v.Number(1, "version", Version, least: 1);
        Steps = v.Items(2, "steps", Steps, optional: false);
        Currency = v.Currency(3, "currency", Currency);
        EligibleMax = v.AmountOrNone(4, "eligibleMax", EligibleMax);
        Mandatory = v.Flag(5, "mandatory", Mandatory);
        OutsideGroup = v.Flag(6, "outsideGroup", OutsideGroup);
        Reason = v.Text(7, "reason", Reason);
        SetBy = v.Text(8, "setBy", SetBy, lengthMax: 128);
        ApprovedBy = v.IdList(9, "approvedBy", ApprovedBy);
    }
}

/// <summary><c>credit.limit.removed.v1</c>: nobody has decided any more.</summary>
public sealed class LimitRemoved : Fact
{
    public long Version { get; set; }

    public string Reason { get; set; } = "";

    public string SetBy { get; set; } = "";

    private protected override void Body(FieldVisitor v)
    {
        Version = v.Number(1, "version", Version, least: 1);
        Reason = v.Text(2, "reason", Reason);
        SetBy = v.Text(3, "setBy", SetBy, lengthMax: 128);
    }
}

/// <summary><c>credit.temporary-limit.granted.v1</c>: a limit for a while, perhaps for named orders.</summary>
public sealed class TemporaryLimitGranted : Fact
{
    public string TemporaryId { get; set; } = "";

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public Instant From { get; set; }

    public Instant To { get; set; }

    public IReadOnlyList<string> Orders { get; set; } = [];

    public bool Once { get; set; }

    public string Reason { get; set; } = "";

    public IReadOnlyList<string> ApprovedBy { get; set; } = [];

    public override string Document => TemporaryId;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        TemporaryId = v.Id(1, "temporaryId", TemporaryId);
        Amount = v.Amount(2, "amount", Amount, floor: 0);
        Currency = v.Currency(3, "currency", Currency);
        From = v.Moment(4, "from", From);
        To = v.Moment(5, "to", To);
        Orders = v.IdList(6, "orders", Orders);
        Once = v.Flag(7, "once", Once);
        Reason = v.Text(8, "reason", Reason);
        ApprovedBy = v.IdList(9, "approvedBy", ApprovedBy);
    }
}

/// <summary><c>credit.temporary-limit.ended.v1</c>: it ends before its time.</summary>
public sealed class TemporaryLimitEnded : Fact
{
    public string TemporaryId { get; set; } = "";

    public string Reason { get; set; } = "";

    public override string Document => TemporaryId;

    private protected override void Body(FieldVisitor v)
    {
        TemporaryId = v.Id(1, "temporaryId", TemporaryId);
        Reason = v.Text(2, "reason", Reason);
    }
}

/// <summary><c>credit.seasonal-limit.set.v1</c>: an uplift that comes back each year; month × 100 + day.</summary>
public sealed class SeasonalLimitSet : Fact
{
    public string SeasonId { get; set; } = "";

    public int FromMonthDay { get; set; }

    public int ToMonthDay { get; set; }

    public int UpliftBp { get; set; }

    public override string Document => SeasonId;

    private protected override void Body(FieldVisitor v)
    {
        SeasonId = v.Id(1, "seasonId", SeasonId);
        FromMonthDay = (int)v.Number(2, "fromMonthDay", FromMonthDay, least: 101, most: 1231);
        ToMonthDay = (int)v.Number(3, "toMonthDay", ToMonthDay, least: 101, most: 1231);
        UpliftBp = (int)v.Number(4, "upliftBp", UpliftBp, most: 1_000_000);
    }
}

/// <summary><c>credit.seasonal-limit.removed.v1</c>: the season is no more.</summary>
public sealed class SeasonalLimitRemoved : Fact
{
    public string SeasonId { get; set; } = "";

    public override string Document => SeasonId;

    private protected override void Body(FieldVisitor v)
    {
        SeasonId = v.Id(1, "seasonId", SeasonId);
    }
}

/// <summary><c>credit.terms.assigned.v1</c>: the customer's usual terms.</summary>
public sealed class TermsAssigned : Fact
{
    public string Terms { get; set; } = "";

    public int NetDays { get; set; }

    public TermsKind Kind { get; set; }

    public int Rank { get; set; }

    public int DiscountRank { get; set; }

    public int DiscountBp { get; set; }

    public int DiscountDays { get; set; }

    private protected override void Body(FieldVisitor v)
    {
        Terms = v.Text(1, "terms", Terms, optional: false, lengthMax: 32);
        NetDays = (int)v.Number(2, "netDays", NetDays, most: 9999);
        Kind = v.Choice(3, "kind", Kind, optional: true);
        Rank = (int)v.Number(4, "rank", Rank, most: 9999);
        DiscountRank = (int)v.Number(5, "discountRank", DiscountRank, optional: true, most: 9999);
        DiscountBp = (int)v.Number(6, "discountBp", DiscountBp, optional: true, most: 1_000_000);
        DiscountDays = (int)v.Number(7, "discountDays", DiscountDays, optional: true, most: 9999);
    }
}

/// <summary><c>credit.moratorium.set.v1</c>: a pause of the count of days for holds.</summary>
public sealed class MoratoriumSet : Fact
{
    public int From { get; set; }

    public int To { get; set; }

    public string Reason { get; set; } = "";

    private protected override void Body(FieldVisitor v)
    {
        From = v.Date(1, "from", From);
        To = v.Date(2, "to", To);
        Reason = v.Text(3, "reason", Reason);
    }
}

/// <summary>A limit is one of three things (credit.md 8.1).</summary>
public enum LimitKind : byte
{
    NotSet, Unlimited, Amount,
}

/// <summary>How terms count.</summary>
public enum TermsKind : byte
{
    None, Net, EndOfMonth, Prepay,
}

/// <summary>A dated step of a limit: from its first day to before its last.</summary>
public sealed class LimitStep : IDescribed
{
    public int From { get; set; }

    /// <summary>0: without end.</summary>
    public int To { get; set; }

    public LimitKind Kind { get; set; }

    public long Amount { get; set; }

    public void Describe(FieldVisitor v)
    {
        From = v.Date(1, "from", From);
        To = v.Date(2, "to", To, optional: true);
        Kind = v.Choice(3, "kind", Kind);
        Amount = v.Amount(4, "amount", Amount, optional: true, floor: 0);
    }
}
