namespace ExposureMonitor.Domain;

/// <summary>The figures at the moment of a decision, in minor units of <see cref="Currency"/>.</summary>
public sealed class DecisionFigures : IDescribed
{
    public string Currency { get; set; } = "";

    public long Gross { get; set; }

    public long NetRisk { get; set; }

    public LimitKind LimitKind { get; set; }

    public long Limit { get; set; }

    public long Available { get; set; }

    public long AfterThis { get; set; }

    public bool AtLimit { get; set; }

    public long PolicyVersion { get; set; }

    public long LimitVersion { get; set; }

    /// <summary>The figure that limit steps use: with the haircut for other currencies.</summary>
    public long GrossWithHaircut { get; set; }

    /// <summary>Since when a feed gives no sign of life; default while all do.</summary>
    public Instant StaleSince { get; set; }

    public void Describe(FieldVisitor v)
    {
        Currency = v.Text(1, "currency", Currency, lengthMax: 3);
        Gross = v.Amount(2, "gross", Gross, optional: true, floor: long.MinValue);
        NetRisk = v.Amount(3, "netRisk", NetRisk, optional: true, floor: long.MinValue);
        LimitKind = v.Choice(4, "limitKind", LimitKind, optional: true);
        Limit = v.Amount(5, "limit", Limit, optional: true, floor: long.MinValue);
        Available = v.Amount(6, "available", Available, optional: true, floor: long.MinValue);
        AfterThis = v.Amount(7, "afterThis", AfterThis, optional: true, floor: long.MinValue);
        AtLimit = v.Flag(8, "atLimit", AtLimit);
        PolicyVersion = v.Number(9, "policyVersion", PolicyVersion, optional: true);
        LimitVersion = v.Number(10, "limitVersion", LimitVersion, optional: true);
        GrossWithHaircut = v.Amount(11, "grossWithHaircut", GrossWithHaircut, optional: true, floor: long.MinValue);
        StaleSince = v.Moment(12, "staleness", StaleSince, optional: true);
    }
}

/// <summary>A fact for another account: it becomes a row of the same commit, and an entry of the receiver.</summary>
public sealed class MessageSent : Effect
{
    public override EffectTable Table => EffectTable.Message;

    public override string Kind => "message.sent";

    public override string Subject => To;

    public override bool GoesOut => false;

    /// <summary>The customer who is told.</summary>
    public string To { get; set; } = "";

    /// <summary>Partition of that customer.</summary>
    public int Receiver { get; set; }

    /// <summary>Number of the message between the two partitions, from 1 without a gap.</summary>
    public long Number { get; set; }

    /// <summary>Content hash of the fact.</summary>
    public long Content { get; set; }

    public required Fact Fact { get; init; }

    public override void Describe(FieldVisitor v)
    {
        To = v.Id(1, "to", To);
        Receiver = (int)v.Number(2, "receiver", Receiver, optional: true);
        Number = v.Number(3, "number", Number);
        Content = v.Number(4, "content", Content, optional: true, least: long.MinValue);
    }
}

/// <summary>What a check says.</summary>
public enum Verdict : byte
{
    Approved = 1, ApprovedWithWarnings, Held, Refused,
}

/// <summary><c>credit.check.decided.v1</c>: the answer to a check, or to an order that arrived.</summary>
public sealed class CheckDecided : Effect
{
    public override EffectTable Table => EffectTable.Decision;

    public override string Kind => "credit.check.decided.v1";

    public override string Subject => OrderId.Length > 0 ? OrderId : ReservationId;

    public Verdict Decision { get; set; }

    public string OrderId { get; set; } = "";

    public string ReservationId { get; set; } = "";

    public Instant ExpiresAt { get; set; }

    /// <summary>The entry of the question, when the answer waited for headroom of the group; "" when both are one entry.</summary>
    public string Asked { get; set; } = "";

    public long Amount { get; set; }

    public string Currency { get; set; } = "";

    public IReadOnlyList<HoldReason> Reasons { get; set; } = [];

    public DecisionFigures? Figures { get; set; }

    /// <summary>Which of the excuses of I6 lets an approval stand that the limit steps alone would not; "" for none.</summary>
    public string Excuse { get; set; } = "";

    /// <summary>The order is in the books already, so it is held; its rules would have refused it.</summary>
    public bool RefuseAdvised { get; set; }

    public string Actor { get; set; } = "";

    public string Key { get; set; } = "";

    public override void Describe(FieldVisitor v)
    {
        Decision = v.Choice(1, "decision", Decision);
        OrderId = v.Id(2, "orderId", OrderId, optional: true);
        ReservationId = v.Id(3, "reservationId", ReservationId, optional: true);
        ExpiresAt = v.Moment(4, "expiresAt", ExpiresAt, optional: true);
        Amount = v.Amount(5, "amount", Amount, optional: true);
        Currency = v.Text(6, "currency", Currency, lengthMax: 3);
        Reasons = v.Items(7, "reasons", Reasons);
        Figures = v.Nested(8, "figures", Figures);
        Excuse = v.Text(9, "excuse", Excuse, lengthMax: 32);
        Actor = v.Text(10, "actor", Actor, lengthMax: 128);
        Key = v.Text(11, "key", Key, lengthMax: 200);
        RefuseAdvised = v.Flag(12, "refuseAdvised", RefuseAdvised);
        Asked = v.Text(13, "asked", Asked, lengthMax: 64);
    }
}

/// <summary>A step in the life of a hold: held, reason changed, requested, approved, released, rejected, overtaken.</summary>
public sealed class HoldChanged : Effect
{
    public override EffectTable Table => EffectTable.Hold;

    public override string Kind => Step;

    public override string Subject => OrderId;

    public override bool GoesOut => Step is Held or Released or Rejected;

    public const string Held = "credit.order.held.v1";
    public const string Released = "credit.order.released.v1";
    public const string Rejected = "credit.order.rejected.v1";
    public const string Judged = "hold.judged";
    public const string Ready = "hold.ready-to-release";
    public const string Requested = "hold.release-requested";
    public const string Approved = "hold.release-approved";
    public const string TurnedDown = "hold.release-rejected";
    public const string Lapsed = "hold.request-lapsed";
    public const string Acknowledged = "hold.acknowledged";
    public const string Escalated = "hold.escalated";
    public const string Ended = "hold.ended";
    public const string Lifted = "hold.lifted";

    public string Step { get; set; } = "";

    public string HoldId { get; set; } = "";

    public string OrderId { get; set; } = "";

    public long Amount { get; set; }

    public string Currency { get; set; } = "";

    public bool Forced { get; set; }

    public IReadOnlyList<HoldReason> Reasons { get; set; } = [];

    public string Actor { get; set; } = "";

    public string Approver { get; set; } = "";

    public string Reason { get; set; } = "";

    public Instant ValidUntil { get; set; }

    public long ValueCap { get; set; }

    public long Needs { get; set; }

    /// <summary>Where in its life the order was held.</summary>
    public string Checkpoint { get; set; } = "";

    public Instant CreatedAt { get; set; }

    public bool RefuseAdvised { get; set; }

    public string ReleaseId { get; set; } = "";

    /// <summary>Day on which somebody looks at the release again.</summary>
    public int ReviewOn { get; set; }

    /// <summary>Which of the excuses of I6 lets the release stand; "" when the order fits.</summary>
    public string Excuse { get; set; } = "";

    /// <summary>Headroom that was reserved for the released order and that it consumed, minor units of its currency.</summary>
    public long Reserved { get; set; }

    /// <summary>Positions of the facts that cured the hold, newest first.</summary>
    public IReadOnlyList<string> Causes { get; set; } = [];

    public DecisionFigures? Figures { get; set; }

    public override void Describe(FieldVisitor v)
    {
        Step = v.Text(1, "step", Step, lengthMax: 64);
        HoldId = v.Id(2, "holdId", HoldId, optional: true);
        OrderId = v.Id(3, "orderId", OrderId, optional: true);
        Amount = v.Amount(4, "amount", Amount, optional: true);
        Currency = v.Text(5, "currency", Currency, lengthMax: 3);
        Forced = v.Flag(6, "forced", Forced);
        Reasons = v.Items(7, "reasons", Reasons);
        Actor = v.Text(8, "actor", Actor, lengthMax: 128);
        Approver = v.Text(9, "approver", Approver, lengthMax: 300);
        Reason = v.Text(10, "reason", Reason);
        ValidUntil = v.Moment(11, "validUntil", ValidUntil, optional: true);
        ValueCap = v.Amount(12, "valueCap", ValueCap, optional: true);
        Needs = v.Amount(13, "needs", Needs, optional: true);
        Causes = v.IdList(14, "causes", Causes);
        Figures = v.Nested(15, "figures", Figures);
        Checkpoint = v.Text(16, "checkpoint", Checkpoint, lengthMax: 32);
        CreatedAt = v.Moment(17, "createdAt", CreatedAt, optional: true);
        RefuseAdvised = v.Flag(18, "refuseAdvised", RefuseAdvised);
        ReleaseId = v.Id(19, "releaseId", ReleaseId, optional: true);
        ReviewOn = v.Date(20, "reviewOn", ReviewOn, optional: true);
        Excuse = v.Text(21, "excuse", Excuse, lengthMax: 32);
        Reserved = v.Amount(22, "reserved", Reserved, optional: true);
    }
}

/// <summary>A reservation that ended unused, in whole or in part.</summary>
public sealed class ReservationEnded : Effect
{
    public override EffectTable Table => EffectTable.Decision;

    public override string Kind => "credit.reservation.expired.v1";

    public override string Subject => ReservationId;

    public string ReservationId { get; set; } = "";

    public long Amount { get; set; }

    public string Currency { get; set; } = "";

    public string Reason { get; set; } = "";

    public override void Describe(FieldVisitor v)
    {
        ReservationId = v.Id(1, "reservationId", ReservationId);
        Amount = v.Amount(2, "amount", Amount, optional: true);
        Currency = v.Text(3, "currency", Currency, lengthMax: 3);
        Reason = v.Text(4, "reason", Reason);
    }
}

/// <summary>A limit that was set, asked for, approved or turned down: who, before, after, why.</summary>
public sealed class LimitChanged : Effect
{
    public override EffectTable Table => EffectTable.LimitChange;

    public override string Kind => Step;

    public override string Subject => RequestId;

    public override bool GoesOut => Step == "credit.effective-limit.changed.v1";

    public string Step { get; set; } = "";

    public string RequestId { get; set; } = "";

    public LimitKind KindBefore { get; set; }

    public long Before { get; set; }

    public LimitKind KindAfter { get; set; }

    public long After { get; set; }

    public string Currency { get; set; } = "";

    public long Version { get; set; }

    public string Actor { get; set; } = "";

    public IReadOnlyList<string> ApprovedBy { get; set; } = [];

    public string Reason { get; set; } = "";

    public override void Describe(FieldVisitor v)
    {
        Step = v.Text(1, "step", Step, lengthMax: 64);
        RequestId = v.Id(2, "requestId", RequestId, optional: true);
        KindBefore = v.Choice(3, "kindBefore", KindBefore, optional: true);
        Before = v.Amount(4, "before", Before, optional: true, floor: 0);
        KindAfter = v.Choice(5, "kindAfter", KindAfter, optional: true);
        After = v.Amount(6, "after", After, optional: true, floor: 0);
        Currency = v.Text(7, "currency", Currency, lengthMax: 3);
        Version = v.Number(8, "version", Version, optional: true);
        Actor = v.Text(9, "actor", Actor, lengthMax: 128);
        ApprovedBy = v.IdList(10, "approvedBy", ApprovedBy);
        Reason = v.Text(11, "reason", Reason);
    }
}

/// <summary>A command that was refused or taken, for the audit trail.</summary>
public sealed class AuditNoted : Effect
{
    public override EffectTable Table => EffectTable.Audit;

    public override string Kind => Act;

    public override string Subject => About;

    public override bool GoesOut => false;

    public string Act { get; set; } = "";

    public string About { get; set; } = "";

    public string Actor { get; set; } = "";

    public string Before { get; set; } = "";

    public string After { get; set; } = "";

    public string Reason { get; set; } = "";

    public override void Describe(FieldVisitor v)
    {
        Act = v.Text(1, "act", Act, lengthMax: 64);
        About = v.Text(2, "about", About, lengthMax: 200);
        Actor = v.Text(3, "actor", Actor, lengthMax: 128);
        Before = v.Text(4, "before", Before);
        After = v.Text(5, "after", After);
        Reason = v.Text(6, "reason", Reason);
    }
}

/// <summary>A parked fact whose predecessor did not come in time.</summary>
public sealed class ParkedFactLapsed : Effect
{
    public override EffectTable Table => EffectTable.DeadLetter;

    public override string Kind => Reason;

    public override string Subject => EventId;

    /// <summary>NO_PREDECESSOR, or why it was refused once its predecessor had come.</summary>
    public string Reason { get; set; } = "";

    public string EventId { get; set; } = "";

    public string WireType { get; set; } = "";

    /// <summary>The entry that parked it: its fact stands there and can be replayed.</summary>
    public string Entry { get; set; } = "";

    public string WaitedFor { get; set; } = "";

    public override void Describe(FieldVisitor v)
    {
        Reason = v.Text(5, "reason", Reason, lengthMax: 64);
        EventId = v.Text(1, "eventId", EventId, lengthMax: 200);
        WireType = v.Text(2, "type", WireType, lengthMax: 100);
        Entry = v.Text(3, "entry", Entry, lengthMax: 64);
        WaitedFor = v.Text(4, "waitedFor", WaitedFor, lengthMax: 100);
    }
}

/// <summary>The name of a customer became known. It never enters a frame: it stands in the table of parties.</summary>
public sealed class PartyNamed : Effect
{
    public override EffectTable Table => EffectTable.Party;

    public override string Kind => "party.named";

    public override bool GoesOut => false;

    public string Name { get; set; } = "";

    public override void Describe(FieldVisitor v) => Name = v.Text(1, "name", Name, lengthMax: 200);
}
