namespace ExposureMonitor.Domain;

/// <summary>
/// A fact that one account tells another, also in the same partition. It travels as a numbered message, never by a
/// topic, and the receiver's position says which one it took last.
/// </summary>
public interface IAccountMessage;

/// <summary>An order gets another payer: what is undelivered comes here and is checked as if it were placed.</summary>
public sealed class OrderTransferred : OrderTermsFact, IAccountMessage
{
    /// <summary>The payer who gives it away; he counts it until he is answered.</summary>
    public string FromPayer { get; set; } = "";

    /// <summary>Version of the payer field.</summary>
    public long Version { get; set; }

    /// <summary>Version of the terms.</summary>
    public long TermsVersion { get; set; }

    public OrderStatus Status { get; set; }

    public long StatusVersion { get; set; }

    /// <summary>Value delivered or invoiced directly under all payers before, minor units.</summary>
    public long HandedOver { get; set; }

    public int OrderedOn { get; set; }

    /// <summary>Latest final delivery so far.</summary>
    public Instant FinalAt { get; set; }

    /// <summary>Latest reversal or re-opening so far.</summary>
    public Instant ReopenedAt { get; set; }

    private protected override void Body(FieldVisitor v)
    {
        TermsBody(v);
        FromPayer = v.Id(20, "fromPayer", FromPayer);
        Version = v.Number(21, "version", Version, least: 1);
        TermsVersion = v.Number(22, "termsVersion", TermsVersion, optional: true);
        Status = v.Choice(23, "status", Status, optional: true);
        StatusVersion = v.Number(24, "statusVersion", StatusVersion, optional: true);
        HandedOver = v.Amount(25, "handedOver", HandedOver, optional: true, floor: 0);
        OrderedOn = v.Date(26, "orderedOn", OrderedOn, optional: true);
        FinalAt = v.Moment(27, "finalAt", FinalAt, optional: true);
        ReopenedAt = v.Moment(28, "reopenedAt", ReopenedAt, optional: true);
    }
}

/// <summary>The receipt for <see cref="OrderTransferred"/>: only now the old payer stops counting the order.</summary>
public sealed class OrderTransferAnswered : Fact, IAccountMessage
{
    public string OrderId { get; set; } = "";

    /// <summary>Version of the payer field that is answered.</summary>
    public long Version { get; set; }

    /// <summary>False when the new payer's account could not take the order; it stays where it was.</summary>
    public bool Taken { get; set; }

    public override string Document => OrderId;

    private protected override void Body(FieldVisitor v)
    {
        OrderId = v.Id(1, "orderId", OrderId);
        Version = v.Number(2, "version", Version, least: 1);
        Taken = v.Flag(3, "taken", Taken);
    }
}
