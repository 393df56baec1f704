namespace ExposureMonitor.Domain;

/// <summary>Moments in an order's life where it is checked; hold at the earliest, never at the invoice.</summary>
public enum Checkpoint : byte
{
    Accept, Pick, Ship,
}

/// <summary>How the new limit is said.</summary>
public enum LimitChange : byte
{
    Absolute, ByAmount, ByShare,
}

/// <summary>What an exclusion lets pass.</summary>
public enum ExclusionKind : byte
{
    None,

    /// <summary>Ends the evaluation: no rule holds the order.</summary>
    ReleaseOrder,

    /// <summary>Rule 1 up to so many days past due.</summary>
    DaysOverdue,

    /// <summary>Rules 1 and 5 while the customer's whole overdue amount is at most this, minor units of the base currency.</summary>
    OverdueAmount,

    /// <summary>Rule 4 up to so many days after the expiry.</summary>
    LimitExpired,

    /// <summary>Rule 6 up to this order amount, minor units of the base currency.</summary>
    OrderAmount,

    /// <summary>Rule 7 up to this share of the limit, basis points.</summary>
    LimitUsed,

    /// <summary>Rule 8 up to this rank of terms, rule 9 up to this rank of discount.</summary>
    TermsRank,
    DiscountRank,
}

/// <summary>Excludes one order, or the customer, from blocking rules until a day; two people agree.</summary>
public sealed class SetExclusion : Command
{
    public string ExclusionId { get; set; } = "";

    public ExclusionKind Kind { get; set; }

    /// <summary>"" for all orders of the customer.</summary>
    public string OrderId { get; set; } = "";

    /// <summary>Up to where the rule is let pass, in the unit of the kind.</summary>
    public long Value { get; set; }

    public string Owner { get; set; } = "";

    /// <summary>Last day.</summary>
    public int EndsOn { get; set; }

    public string Reason { get; set; } = "";

    /// <summary>The second person who agrees.</summary>
    public string ApprovedBy { get; set; } = "";

    public override string Document => ExclusionId;

    private protected override void CommandBody(FieldVisitor v)
    {
        ExclusionId = v.Id(1, "exclusionId", ExclusionId);
        Kind = v.Choice(2, "kind", Kind);
        OrderId = v.Id(3, "orderId", OrderId, optional: true);
        Value = v.Amount(4, "value", Value, optional: true, floor: 0);
        Owner = v.Text(5, "owner", Owner, optional: false, lengthMax: 128);
        EndsOn = v.Date(6, "endsOn", EndsOn);
        Reason = v.Text(7, "reason", Reason, optional: false);
        ApprovedBy = v.Text(8, "approvedBy", ApprovedBy, lengthMax: 128);
    }
}

/// <summary>Ends an exclusion before its time; that only makes the desk stricter, so one person does it.</summary>
public sealed class EndExclusion : Command
{
    public string ExclusionId { get; set; } = "";

    public string Reason { get; set; } = "";

    public override string Document => ExclusionId;

    private protected override void CommandBody(FieldVisitor v)
    {
        ExclusionId = v.Id(1, "exclusionId", ExclusionId);
        Reason = v.Text(2, "reason", Reason);
    }
}

/// <summary>Lifts a forced hold; what the rules say of the order decides from then on. Two people agree, the second with authority.</summary>
public sealed class LiftForcedHold : HoldCommand
{
    /// <summary>The second person; <see cref="Command.Authority"/> is theirs.</summary>
    public string ApprovedBy { get; set; } = "";

    private protected override void CommandBody(FieldVisitor v)
    {
        base.CommandBody(v);
        ApprovedBy = v.Text(3, "approvedBy", ApprovedBy, lengthMax: 128);
    }
}

/// <summary>Stops a customer by a person's word: a forced hold on all that is undelivered, and on what comes.</summary>
public sealed class StopCustomer : Command
{
    public string Reason { get; set; } = "";

    private protected override void CommandBody(FieldVisitor v) => Reason = v.Text(1, "reason", Reason, optional: false);
}

/// <summary>Ends the stop; the rules judge each order again. Two people agree, the second with authority over all that is held.</summary>
public sealed class LiftStop : Command
{
    public string Reason { get; set; } = "";

    /// <summary>The second person; <see cref="Command.Authority"/> is theirs.</summary>
    public string ApprovedBy { get; set; } = "";

    private protected override void CommandBody(FieldVisitor v)
    {
        Reason = v.Text(1, "reason", Reason, optional: false);
        ApprovedBy = v.Text(2, "approvedBy", ApprovedBy, lengthMax: 128);
    }
}

/// <summary>Ends a signal that only a person can end: news from outside, or another way to pay that somebody looked into.</summary>
public sealed class CloseSignal : Command
{
    /// <summary>Number in the catalogue, such as <c>EW-42</c>.</summary>
    public string Indicator { get; set; } = "";

    /// <summary>What the signal is about.</summary>
    public string About { get; set; } = "";

    public string Reason { get; set; } = "";

    private protected override void CommandBody(FieldVisitor v)
    {
        Indicator = v.Text(1, "indicator", Indicator, optional: false, lengthMax: 16);
        About = v.Text(2, "about", About, lengthMax: 64);
        Reason = v.Text(3, "reason", Reason, optional: false);
    }
}
