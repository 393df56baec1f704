namespace ExposureMonitor.Domain;

/// <summary>Asks whether an order may be accepted; an approval reserves the headroom.</summary>
public sealed class CheckCredit : Command
{
    public string OrderId { get; set; } = "";

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    /// <summary>0: ships at once.</summary>
    public int ShipOn { get; set; }

    public string Terms { get; set; } = "";

    public int DiscountRank { get; set; }

    /// <summary>Time to live of the reservation in minutes; 0 takes the policy's.</summary>
    public int LiveMinutes { get; set; }

    /// <summary>Accept asks before an order; Pick and Ship ask for an order that stands, and reserve nothing.</summary>
    public Checkpoint Checkpoint { get; set; }

    private protected override void CommandBody(FieldVisitor v)
    {
        OrderId = v.Id(1, "orderId", OrderId, optional: true);
        Amount = v.Amount(2, "amount", Amount);
        Currency = v.Currency(3, "currency", Currency);
        ShipOn = v.Date(4, "shipOn", ShipOn, optional: true);
        Terms = v.Text(5, "terms", Terms, lengthMax: 32);
        DiscountRank = (int)v.Number(6, "discountRank", DiscountRank, optional: true, most: 1000);
        LiveMinutes = (int)v.Number(7, "liveMinutes", LiveMinutes, optional: true, most: 43_200);
        Checkpoint = v.Choice(8, "checkpoint", Checkpoint, optional: true);
    }
}

/// <summary>Gives a reservation back before its time.</summary>
public sealed class EndReservation : Command
{
    public string ReservationId { get; set; } = "";

    private protected override void CommandBody(FieldVisitor v) => ReservationId = v.Id(1, "reservationId", ReservationId);
}

/// <summary>A command about the hold of one order.</summary>
public abstract class HoldCommand : Command
{
    private protected HoldCommand()
    {
    }

    public string OrderId { get; set; } = "";

    public string Reason { get; set; } = "";

    public override string Document => OrderId;

    private protected override void CommandBody(FieldVisitor v)
    {
        OrderId = v.Id(1, "orderId", OrderId);
        Reason = v.Text(2, "reason", Reason);
    }
}

/// <summary>Somebody asks that a held order be released; another person decides.</summary>
public sealed class RequestRelease : HoldCommand;

/// <summary>Approves a requested release. It binds the figures that were shown.</summary>
public sealed class ApproveRelease : HoldCommand
{
    /// <summary>The version of the order's terms that was shown.</summary>
    public long OrderVersion { get; set; } = -1;

    /// <summary>The version of the limit that was shown.</summary>
    public long LimitVersion { get; set; } = -1;

    /// <summary>The valid reasons that were shown; empty takes those that the requester saw.</summary>
    public IReadOnlyList<string> Reasons { get; set; } = [];

    private protected override void CommandBody(FieldVisitor v)
    {
        base.CommandBody(v);
        OrderVersion = v.Number(3, "orderVersion", OrderVersion, optional: true, least: -1);
        LimitVersion = v.Number(4, "limitVersion", LimitVersion, optional: true, least: -1);
        Reasons = v.IdList(5, "reasons", Reasons);
    }
}

/// <summary>Turns a requested release down; the order stays on hold.</summary>
public sealed class RejectRelease : HoldCommand;

/// <summary>Rejects a held order for good: it counts no more.</summary>
public sealed class RejectOrder : HoldCommand;

/// <summary>Holds an order by a person's word; no rule releases it.</summary>
public sealed class ForceHold : HoldCommand;

/// <summary>Asks for a limit, or sets it when the own authority allows.</summary>
public sealed class RequestLimit : Command
{
    public LimitKind Kind { get; set; }

    /// <summary>The new limit, or what is added to the present one; may be below 0 then.</summary>
    public long Amount { get; set; }

    /// <summary>How the new limit is said; a share counts in <see cref="ShareBp"/>.</summary>
    public LimitChange Change { get; set; }

    /// <summary>Basis points that are added to the present limit.</summary>
    public int ShareBp { get; set; }

    /// <summary>The result is rounded down to a multiple of this; 0 leaves it.</summary>
    public long RoundTo { get; set; }

    /// <summary>First day; 0 is at once.</summary>
    public int From { get; set; }

    /// <summary>Day on which it ends; 0 without end. <see cref="Days"/> says the same from its first day on.</summary>
    public int To { get; set; }

    public int Days { get; set; }

    public Currency Currency { get; set; }

    /// <summary>The limit version that was shown; another one is a conflict.</summary>
    public long Version { get; set; }

    public string Reason { get; set; } = "";

    private protected override void CommandBody(FieldVisitor v)
    {
        Kind = v.Choice(1, "kind", Kind);
        Amount = v.Amount(2, "amount", Amount, optional: true, floor: -1_000_000_000_000_000);
        Currency = v.Currency(3, "currency", Currency, optional: true);
        Version = v.Number(4, "version", Version, optional: true);
        Reason = v.Text(5, "reason", Reason);
        Change = v.Choice(6, "change", Change, optional: true);
        ShareBp = (int)v.Number(7, "shareBp", ShareBp, optional: true, least: -10_000, most: 1_000_000);
        RoundTo = v.Amount(8, "roundTo", RoundTo, optional: true, floor: 0);
        From = v.Date(9, "from", From, optional: true);
        To = v.Date(10, "to", To, optional: true);
        Days = (int)v.Number(11, "days", Days, optional: true, most: 36_500);
    }
}

/// <summary>Decides about a requested limit.</summary>
public sealed class DecideLimit : Command
{
    public string RequestId { get; set; } = "";

    public bool Approve { get; set; }

    public string Reason { get; set; } = "";

    public override string Document => RequestId;

    private protected override void CommandBody(FieldVisitor v)
    {
        RequestId = v.Id(1, "requestId", RequestId);
        Approve = v.Flag(2, "approve", Approve);
        Reason = v.Text(3, "reason", Reason);
    }
}

/// <summary>A command without a customer: taken by the house and told to every partition.</summary>
public abstract class HouseCommand : Command, IHouseBroadcast
{
    private protected HouseCommand()
    {
    }

    /// <inheritdoc/>
    public long HouseSeq { get; set; }

    /// <inheritdoc/>
    public int HouseIndex { get; set; }

    private protected sealed override void CommandBody(FieldVisitor v)
    {
        HouseCommandBody(v);
        HouseSeq = v.Number(54, "houseSeq", HouseSeq, optional: true);
        HouseIndex = (int)v.Number(55, "houseIndex", HouseIndex, optional: true);
    }

    private protected abstract void HouseCommandBody(FieldVisitor v);
}

/// <summary>The switch that holds everything.</summary>
public sealed class SwitchGlobalHold : HouseCommand
{
    public bool On { get; set; }

    public string Reason { get; set; } = "";

    /// <summary>The second person who agrees, needed to switch it off.</summary>
    public string ApprovedBy { get; set; } = "";

    private protected override void HouseCommandBody(FieldVisitor v)
    {
        On = v.Flag(1, "on", On);
        Reason = v.Text(2, "reason", Reason);
        ApprovedBy = v.Text(3, "approvedBy", ApprovedBy, lengthMax: 128);
    }
}

/// <summary>Opens or ends the opening load of a source: meanwhile its documents may be of any age.</summary>
public sealed class SwitchOpeningLoad : HouseCommand
{
    /// <summary>The <c>source</c> of its events.</summary>
    public string LoadSource { get; set; } = "";

    public bool Open { get; set; }

    public string Reason { get; set; } = "";

    private protected override void HouseCommandBody(FieldVisitor v)
    {
        LoadSource = v.Text(1, "source", LoadSource, optional: false, lengthMax: 200);
        Open = v.Flag(2, "open", Open);
        Reason = v.Text(3, "reason", Reason);
    }
}

/// <summary>Admits a document that was parked as TOO_OLD.</summary>
public sealed class AdmitDocument : Command
{
    /// <summary>The entry that parked it, as <c>partition-seq-index</c>.</summary>
    public string Entry { get; set; } = "";

    public string Reason { get; set; } = "";

    /// <summary>The second person who agrees.</summary>
    public string ApprovedBy { get; set; } = "";

    private protected override void CommandBody(FieldVisitor v)
    {
        Entry = v.Text(1, "entry", Entry, optional: false, lengthMax: 64);
        Reason = v.Text(2, "reason", Reason);
        ApprovedBy = v.Text(3, "approvedBy", ApprovedBy, lengthMax: 128);
    }
}

/// <summary>Ends the clock of events for good: from here on days follow the wall clock.</summary>
public sealed class SwitchToWallClock : HouseCommand
{
    private protected override void HouseCommandBody(FieldVisitor v)
    {
    }
}
