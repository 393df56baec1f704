namespace ExposureMonitor.Domain;

/// <summary>
/// <c>credit.group.asked.v1</c>: a customer asks the house, where the whole tree stands, whether he may have this parent.
/// Until it answers he holds what needs the group.
/// </summary>
public sealed class GroupAsked : Fact, IAccountMessage
{
    /// <summary>Who asks.</summary>
    public string Child { get; set; } = "";

    /// <summary>The parent that he shall have; "" for none.</summary>
    public string ParentId { get; set; } = "";

    /// <summary>Number of the question, growing per child: only the answer to the last one counts.</summary>
    public long Version { get; set; }

    private protected override void Body(FieldVisitor v)
    {
        Child = v.Id(1, "child", Child);
        ParentId = v.Id(2, "parentId", ParentId, optional: true);
        Version = v.Number(3, "version", Version, least: 1);
    }
}

/// <summary><c>credit.group.answered.v1</c>: the house took the edge into the tree, or says why it cannot stand.</summary>
public sealed class GroupAnswered : Fact, IAccountMessage
{
    public string ParentId { get; set; } = "";

    /// <summary>Number of the question.</summary>
    public long Version { get; set; }

    /// <summary>"" when it stands; else <c>GROUP_CYCLE</c> or <c>GROUP_DEPTH</c>.</summary>
    public string Reason { get; set; } = "";

    private protected override void Body(FieldVisitor v)
    {
        ParentId = v.Id(1, "parentId", ParentId, optional: true);
        Version = v.Number(2, "version", Version, least: 1);
        Reason = v.Text(3, "reason", Reason, lengthMax: 64);
    }
}

/// <summary>
/// What a child tells its parent about the headroom that it was lent: its whole state for the pair, so that a message that
/// is lost, doubled or overtaken changes nothing (credit.md 9.2). Totals only rise and the largest counts; of the rest the
/// highest number counts. All amounts are minor units of the group's currency, the child's share taken.
/// </summary>
public abstract class LeaseReport : Fact, IAccountMessage
{
    private protected LeaseReport()
    {
    }

    public string Child { get; set; } = "";

    /// <summary>Number of the child's state, from 1.</summary>
    public long Version { get; set; }

    /// <summary>All that was ever given back.</summary>
    public long Returned { get; set; }

    /// <summary>All use above the slice that the parent had to book.</summary>
    public long Forced { get; set; }

    /// <summary>The slice that the child wants for its next order; 0 for none.</summary>
    public long Want { get; set; }

    /// <summary>Number of the want; grows when it changes.</summary>
    public long WantNumber { get; set; }

    /// <summary>The least slice that would do for any of its orders that were refused; 0 without one.</summary>
    public long Least { get; set; }

    /// <summary>True when a check waits, and no order: it comes behind all orders.</summary>
    public bool IsCheck { get; set; }

    /// <summary>The first key of the release order: the priority class, unless the policy orders otherwise.</summary>
    public long KeyFirst { get; set; }

    /// <summary>The second key: the promised date.</summary>
    public long KeySecond { get; set; }

    /// <summary>The third key: when the order was taken.</summary>
    public Instant KeyAt { get; set; }

    /// <summary>The order, or the check; the last key.</summary>
    public string KeyId { get; set; } = "";

    /// <summary>Exposure of the child and of those below it; the sum over the children is the use of the group.</summary>
    public long Use { get; set; }

    /// <summary>Partition and frame that <see cref="Use"/> is as of.</summary>
    public int AsOfPartition { get; set; }

    public long AsOfSeq { get; set; }

    /// <summary>The last recall that the child, and all below it, have answered.</summary>
    public long Answered { get; set; }

    /// <summary>Has another parent now: nothing is lent to it any more.</summary>
    public bool Leaving { get; set; }

    /// <summary>Asks for an answer, whatever it is.</summary>
    public bool Confirm { get; set; }

    /// <summary>Share of the child's exposure that counts in the group, basis points.</summary>
    public int ShareBp { get; set; }

    /// <summary>The group's limit does not bind the child; all of its use is forced.</summary>
    public bool OutsideGroup { get; set; }

    public override string Document => Child;

    private protected override void Body(FieldVisitor v)
    {
        Child = v.Id(1, "child", Child);
        Version = v.Number(2, "version", Version, least: 1);
        Returned = v.Amount(3, "returned", Returned, optional: true, floor: 0);
        Forced = v.Amount(4, "forced", Forced, optional: true, floor: 0);
        Want = v.Amount(5, "want", Want, optional: true, floor: 0);
        WantNumber = v.Number(6, "wantNumber", WantNumber, optional: true);
        Least = v.Amount(7, "least", Least, optional: true, floor: 0);
        IsCheck = v.Flag(8, "isCheck", IsCheck);
        KeyFirst = v.Number(9, "keyFirst", KeyFirst, optional: true, least: long.MinValue);
        KeySecond = v.Number(10, "keySecond", KeySecond, optional: true, least: long.MinValue);
        KeyAt = v.Moment(11, "keyAt", KeyAt, optional: true);
        KeyId = v.Text(12, "keyId", KeyId, lengthMax: 100);
        Use = v.Amount(13, "use", Use, optional: true, floor: 0);
        AsOfPartition = (int)v.Number(14, "asOfPartition", AsOfPartition, optional: true);
        AsOfSeq = v.Number(15, "asOfSeq", AsOfSeq, optional: true);
        Answered = v.Number(16, "answered", Answered, optional: true);
        Leaving = v.Flag(17, "leaving", Leaving);
        Confirm = v.Flag(18, "confirm", Confirm);
        ShareBp = (int)v.Number(19, "shareBp", ShareBp, optional: true);
        OutsideGroup = v.Flag(20, "outsideGroup", OutsideGroup);
    }
}

/// <summary><c>credit.lease.asked.v1</c>: the child wants a larger slice, or none any more.</summary>
public sealed class LeaseAsked : LeaseReport;

/// <summary><c>credit.lease.returned.v1</c>: the child gives back what it does not use.</summary>
public sealed class LeaseReturned : LeaseReport;

/// <summary><c>credit.lease.forced.v1</c>: the child uses more than its slice, and the parent has to book it.</summary>
public sealed class LeaseForced : LeaseReport;

/// <summary><c>credit.lease.reported.v1</c>: the child's use changed inside its slice.</summary>
public sealed class LeaseReported : LeaseReport;

/// <summary>What a parent tells a child: its whole state for the pair, under the same rules.</summary>
public abstract class LeaseStatement : Fact, IAccountMessage
{
    private protected LeaseStatement()
    {
    }

    public string Parent { get; set; } = "";

    /// <summary>Number of the parent's state, from 1.</summary>
    public long Version { get; set; }

    /// <summary>All that was ever lent to the child, forced value apart.</summary>
    public long Granted { get; set; }

    /// <summary>An amount binds the children; anything else does not.</summary>
    public LimitKind LimitKind { get; set; }

    /// <summary>The limit of the group, of those above it too.</summary>
    public long Limit { get; set; }

    public Currency Currency { get; set; }

    /// <summary>Number of the recall; while there is one the child gives back at once what it does not use. 0 for none.</summary>
    public long Recall { get; set; }

    /// <summary>Number of the want that cannot be met; 0 for none.</summary>
    public long Refused { get; set; }

    /// <summary>The largest slice that could have been given then.</summary>
    public long Reach { get; set; }

    /// <summary>The last number of the child's state that the parent has seen.</summary>
    public long Seen { get; set; }

    public override string Document => Parent;

    private protected override void Body(FieldVisitor v)
    {
        Parent = v.Id(1, "parent", Parent);
        Version = v.Number(2, "version", Version, least: 1);
        Granted = v.Amount(3, "granted", Granted, optional: true, floor: 0);
        LimitKind = v.Choice(4, "limitKind", LimitKind, optional: true);
        Limit = v.Amount(5, "limit", Limit, optional: true, floor: 0);
        Currency = v.Currency(6, "currency", Currency, optional: true);
        Recall = v.Number(7, "recall", Recall, optional: true);
        Refused = v.Number(8, "refused", Refused, optional: true);
        Reach = v.Amount(9, "reach", Reach, optional: true, floor: long.MinValue);
        Seen = v.Number(10, "seen", Seen, optional: true);
    }
}

/// <summary><c>credit.lease.granted.v1</c>: a slice grew.</summary>
public sealed class LeaseGranted : LeaseStatement;

/// <summary><c>credit.lease.recalled.v1</c>: somebody in the group is short; what is not used comes back.</summary>
public sealed class LeaseRecalled : LeaseStatement;

/// <summary><c>credit.lease.refused.v1</c>: all that can be collected does not do.</summary>
public sealed class LeaseRefused : LeaseStatement;

/// <summary><c>credit.lease.told.v1</c>: the limit of the group, or the end of a recall or of a refusal.</summary>
public sealed class LeaseTold : LeaseStatement;
