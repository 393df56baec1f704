namespace ExposureMonitor.Domain;

/// <summary><c>credit.cover.granted.v1</c>: cover begins.</summary>
public sealed class CoverGranted : CoverTermsFact
{
    public override string Document => CoverId;

    public override bool Creates => true;
}

/// <summary><c>credit.cover.changed.v1</c>: other terms of cover.</summary>
public sealed class CoverChanged : CoverTermsFact
{
    public override string Document => CoverId;
}

/// <summary><c>credit.cover.stopped.v1</c>: the insurer covers no later deliveries.</summary>
public sealed class CoverStopped : Fact
{
    public string CoverId { get; set; } = "";

    public long Version { get; set; }

    public int StoppedOn { get; set; }

    public string Reason { get; set; } = "";

    public override string Document => CoverId;

    private protected override void Body(FieldVisitor v)
    {
        CoverId = v.Id(1, "coverId", CoverId);
        Version = v.Number(2, "version", Version, least: 1);
        StoppedOn = v.Date(3, "stoppedOn", StoppedOn);
        Reason = v.Text(4, "reason", Reason);
    }
}

/// <summary><c>credit.cover.ended.v1</c>: all cover ends.</summary>
public sealed class CoverEnded : Fact
{
    public string CoverId { get; set; } = "";

    public long Version { get; set; }

    public int EndedOn { get; set; }

    public string Reason { get; set; } = "";

    public override string Document => CoverId;

    private protected override void Body(FieldVisitor v)
    {
        CoverId = v.Id(1, "coverId", CoverId);
        Version = v.Number(2, "version", Version, least: 1);
        EndedOn = v.Date(3, "endedOn", EndedOn);
        Reason = v.Text(4, "reason", Reason);
    }
}

/// <summary>What pays if the buyer does not.</summary>
public enum CoverKind : byte
{
    None, Insurance, BankGuarantee, ParentGuarantee, Deposit,
}

/// <summary>A cover has one use.</summary>
public enum CoverUse : byte
{
    None, RaisesLimit, ReducesRisk,
}

/// <summary>What an insurance covers after its end.</summary>
public enum CoverBasis : byte
{
    Claim, Delivery,
}

/// <summary>The terms of a cover.</summary>
public abstract class CoverTermsFact : Fact
{
    private protected CoverTermsFact()
    {
    }

    public string CoverId { get; set; } = "";

    public long Version { get; set; }

    public CoverKind Kind { get; set; }

    public string Provider { get; set; } = "";

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public int InsuredBp { get; set; }

    public long Deductible { get; set; }

    public int From { get; set; }

    public int To { get; set; }

    public CoverUse Use { get; set; }

    public int AddOnBp { get; set; }

    public int MepDays { get; set; }

    public int MaxTermsDays { get; set; }

    public int ClaimLagDays { get; set; }

    public CoverBasis Basis { get; set; }

    private protected override void Body(FieldVisitor v)
    {
        CoverId = v.Id(1, "coverId", CoverId);
        Version = v.Number(2, "version", Version, least: 1);
        Kind = v.Choice(3, "kind", Kind);
        Provider = v.Text(4, "provider", Provider, lengthMax: 128);
        Amount = v.Amount(5, "amount", Amount, floor: 0);
        Currency = v.Currency(6, "currency", Currency);
        InsuredBp = (int)v.Number(7, "insuredBp", InsuredBp, optional: true, most: 10_000);
        Deductible = v.Amount(8, "deductible", Deductible, optional: true, floor: 0);
        From = v.Date(9, "from", From);
        To = v.Date(10, "to", To, optional: true);
        Use = v.Choice(11, "use", Use);
        AddOnBp = (int)v.Number(12, "addOnBp", AddOnBp, optional: true, most: 10_000);
        MepDays = (int)v.Number(13, "mepDays", MepDays, optional: true, most: 9999);
        MaxTermsDays = (int)v.Number(14, "maxTermsDays", MaxTermsDays, optional: true, most: 9999);
        ClaimLagDays = (int)v.Number(15, "claimLagDays", ClaimLagDays, optional: true, most: 9999);
        Basis = v.Choice(16, "basis", Basis, optional: true);
    }
}
