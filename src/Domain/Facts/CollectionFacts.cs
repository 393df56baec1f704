namespace ExposureMonitor.Domain;

/// <summary><c>credit.dispute.opened.v1</c>: the buyer contests an item.</summary>
public sealed class DisputeOpened : Fact
{
    public string DisputeId { get; set; } = "";

    public string ItemId { get; set; } = "";

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public string Reason { get; set; } = "";

    public int OpenedOn { get; set; }

    public override string Document => DisputeId;

    public override int OwnDate => OpenedOn;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        DisputeId = v.Id(1, "disputeId", DisputeId);
        ItemId = v.Id(2, "itemId", ItemId);
        Amount = v.Amount(3, "amount", Amount);
        Currency = v.Currency(4, "currency", Currency);
        Reason = v.Text(5, "reason", Reason);
        OpenedOn = v.Date(6, "openedOn", OpenedOn);
    }
}

/// <summary><c>credit.dispute.closed.v1</c>: the dispute ended.</summary>
public sealed class DisputeClosed : Fact
{
    public string DisputeId { get; set; } = "";

    public DisputeOutcome Outcome { get; set; }

    public int ClosedOn { get; set; }

    public override string Document => DisputeId;

    private protected override void Body(FieldVisitor v)
    {
        DisputeId = v.Id(1, "disputeId", DisputeId);
        Outcome = v.Choice(2, "outcome", Outcome);
        ClosedOn = v.Date(3, "closedOn", ClosedOn);
    }
}

/// <summary><c>credit.dunning.sent.v1</c>: a reminder of some level went out.</summary>
public sealed class DunningSent : Fact
{
    public string DunningId { get; set; } = "";

    public IReadOnlyList<string> Items { get; set; } = [];

    public int Level { get; set; }

    public string Channel { get; set; } = "";

    public int SentOn { get; set; }

    public override string Document => DunningId;

    public override int OwnDate => SentOn;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        DunningId = v.Id(1, "dunningId", DunningId);
        Items = v.IdList(2, "items", Items);
        Level = (int)v.Number(3, "level", Level, least: -1, most: 99);
        Channel = v.Text(4, "channel", Channel, lengthMax: 64);
        SentOn = v.Date(5, "sentOn", SentOn);
    }
}

/// <summary><c>credit.statement.sent.v1</c>: a statement of account went out.</summary>
public sealed class StatementSent : Fact
{
    public string StatementId { get; set; } = "";

    public int PeriodFrom { get; set; }

    public int PeriodTo { get; set; }

    public long Opening { get; set; }

    public long Closing { get; set; }

    public Currency Currency { get; set; }

    public override string Document => StatementId;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        StatementId = v.Id(1, "statementId", StatementId);
        PeriodFrom = v.Date(2, "periodFrom", PeriodFrom);
        PeriodTo = v.Date(3, "periodTo", PeriodTo);
        Opening = v.Amount(4, "opening", Opening, floor: 0);
        Closing = v.Amount(5, "closing", Closing, floor: 0);
        Currency = v.Currency(6, "currency", Currency);
    }
}

/// <summary><c>credit.statement.answered.v1</c>: the customer answered it.</summary>
public sealed class StatementAnswered : Fact
{
    public string StatementId { get; set; } = "";

    public StatementAnswer Answer { get; set; }

    public IReadOnlyList<StatementDifference> Differences { get; set; } = [];

    public override string Document => StatementId;

    private protected override void Body(FieldVisitor v)
    {
        StatementId = v.Id(1, "statementId", StatementId);
        Answer = v.Choice(2, "answer", Answer);
        Differences = v.Items(3, "differences", Differences);
    }
}

/// <summary><c>credit.promise.made.v1</c>: a promise to pay.</summary>
public sealed class PromiseMade : Fact
{
    public string PromiseId { get; set; } = "";

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public int PromisedOn { get; set; }

    public IReadOnlyList<string> Items { get; set; } = [];

    public string MadeBy { get; set; } = "";

    public override string Document => PromiseId;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        PromiseId = v.Id(1, "promiseId", PromiseId);
        Amount = v.Amount(2, "amount", Amount);
        Currency = v.Currency(3, "currency", Currency);
        PromisedOn = v.Date(4, "promisedOn", PromisedOn);
        Items = v.IdList(5, "items", Items);
        MadeBy = v.Text(6, "madeBy", MadeBy);
    }
}

/// <summary><c>credit.promise.withdrawn.v1</c>: the promise no longer stands.</summary>
public sealed class PromiseWithdrawn : Fact
{
    public string PromiseId { get; set; } = "";

    public string Reason { get; set; } = "";

    public override string Document => PromiseId;

    private protected override void Body(FieldVisitor v)
    {
        PromiseId = v.Id(1, "promiseId", PromiseId);
        Reason = v.Text(2, "reason", Reason);
    }
}

/// <summary><c>credit.plan.agreed.v1</c>: instalments were agreed.</summary>
public sealed class PlanAgreed : Fact
{
    public string PlanId { get; set; } = "";

    public IReadOnlyList<string> Items { get; set; } = [];

    public IReadOnlyList<Instalment> Instalments { get; set; } = [];

    public Currency Currency { get; set; }

    public bool CrossDefault { get; set; }

    public override string Document => PlanId;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        PlanId = v.Id(1, "planId", PlanId);
        Items = v.IdList(2, "items", Items);
        Instalments = v.Items(3, "instalments", Instalments, optional: false);
        Currency = v.Currency(4, "currency", Currency);
        CrossDefault = v.Flag(5, "crossDefault", CrossDefault);
    }
}

/// <summary><c>credit.plan.ended.v1</c>: the plan was fulfilled, cancelled or broken.</summary>
public sealed class PlanEnded : Fact
{
    public string PlanId { get; set; } = "";

    public PlanOutcome Outcome { get; set; }

    public override string Document => PlanId;

    private protected override void Body(FieldVisitor v)
    {
        PlanId = v.Id(1, "planId", PlanId);
        Outcome = v.Choice(2, "outcome", Outcome);
    }
}

/// <summary><c>credit.external-exposure.reported.v1</c>: debt in a system that we do not see.</summary>
public sealed class ExternalExposureReported : Fact
{
    public string System { get; set; } = "";

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public int AsOn { get; set; }

    private protected override void Body(FieldVisitor v)
    {
        System = v.Text(1, "system", System, optional: false, lengthMax: 64);
        Amount = v.Amount(2, "amount", Amount, floor: 0);
        Currency = v.Currency(3, "currency", Currency);
        AsOn = v.Date(4, "asOn", AsOn);
    }
}

/// <summary>How a dispute ended.</summary>
public enum DisputeOutcome : byte
{
    None, Valid, Invalid, Withdrawn,
}

/// <summary>What the customer says to a statement.</summary>
public enum StatementAnswer : byte
{
    None, Agreed, Differences,
}

/// <summary>How a plan ended.</summary>
public enum PlanOutcome : byte
{
    None, Fulfilled, Cancelled, Broken,
}

/// <summary>One document on which the books differ.</summary>
public sealed class StatementDifference : IDescribed
{
    public string DocId { get; set; } = "";

    public long Ours { get; set; }

    public long Theirs { get; set; }

    public void Describe(FieldVisitor v)
    {
        DocId = v.Id(1, "docId", DocId);
        Ours = v.Amount(2, "ours", Ours, floor: 0);
        Theirs = v.Amount(3, "theirs", Theirs, floor: 0);
    }
}

/// <summary>One dated part of a payment plan.</summary>
public sealed class Instalment : IDescribed
{
    public int DueOn { get; set; }

    public long Amount { get; set; }

    public void Describe(FieldVisitor v)
    {
        DueOn = v.Date(1, "dueOn", DueOn);
        Amount = v.Amount(2, "amount", Amount);
    }
}
