namespace ExposureMonitor.Domain;

/// <summary><c>credit.rating.received.v1</c>: an agency's rating.</summary>
public sealed class RatingReceived : Fact
{
    public string Agency { get; set; } = "";

    public string Scale { get; set; } = "";

    public string Value { get; set; } = "";

    public int RatedOn { get; set; }

    private protected override void Body(FieldVisitor v)
    {
        Agency = v.Text(1, "agency", Agency, optional: false, lengthMax: 64);
        Scale = v.Text(2, "scale", Scale, lengthMax: 64);
        Value = v.Text(3, "value", Value, lengthMax: 64);
        RatedOn = v.Date(4, "ratedOn", RatedOn);
    }
}

/// <summary><c>credit.rating.overridden.v1</c>: a person's grade.</summary>
public sealed class RatingOverridden : Fact
{
    public string Grade { get; set; } = "";

    public int StaleAt { get; set; }

    public string Reason { get; set; } = "";

    public string By { get; set; } = "";

    public IReadOnlyList<string> ApprovedBy { get; set; } = [];

    private protected override void Body(FieldVisitor v)
    {
        Grade = v.Text(1, "grade", Grade, optional: false, lengthMax: 64);
        StaleAt = v.Date(2, "staleAt", StaleAt, optional: true);
        Reason = v.Text(3, "reason", Reason);
        By = v.Text(4, "by", By, lengthMax: 128);
        ApprovedBy = v.IdList(5, "approvedBy", ApprovedBy);
    }
}

/// <summary><c>credit.financial-statement.filed.v1</c>: figures of a period.</summary>
public sealed class FinancialStatementFiled : Fact
{
    public int PeriodEnd { get; set; }

    public Currency Currency { get; set; }

    public bool Audited { get; set; }

    public bool Listed { get; set; }

    public bool Manufacturer { get; set; }

    public long TotalAssets { get; set; }

    public long CurrentAssets { get; set; }

    public long Inventory { get; set; }

    public long CurrentLiabilities { get; set; }

    public long TotalLiabilities { get; set; }

    public long RetainedEarnings { get; set; }

    public long Ebit { get; set; }

    public long NetIncome { get; set; }

    public long Sales { get; set; }

    public long CostOfSales { get; set; }

    public long Payables { get; set; }

    public long BookEquity { get; set; }

    public long MarketEquity { get; set; }

    private protected override void Body(FieldVisitor v)
    {
        PeriodEnd = v.Date(1, "periodEnd", PeriodEnd);
        Currency = v.Currency(2, "currency", Currency);
        Audited = v.Flag(3, "audited", Audited);
        Listed = v.Flag(4, "listed", Listed);
        Manufacturer = v.Flag(5, "manufacturer", Manufacturer);
        TotalAssets = v.Amount(6, "totalAssets", TotalAssets, floor: 0);
        CurrentAssets = v.Amount(7, "currentAssets", CurrentAssets, floor: 0);
        Inventory = v.Amount(8, "inventory", Inventory, floor: 0);
        CurrentLiabilities = v.Amount(9, "currentLiabilities", CurrentLiabilities, floor: 0);
        TotalLiabilities = v.Amount(10, "totalLiabilities", TotalLiabilities, floor: 0);
        RetainedEarnings = v.Amount(11, "retainedEarnings", RetainedEarnings, floor: -1_000_000_000_000_000);
        Ebit = v.Amount(12, "ebit", Ebit, floor: -1_000_000_000_000_000);
        NetIncome = v.Amount(13, "netIncome", NetIncome, floor: -1_000_000_000_000_000);
        Sales = v.Amount(14, "sales", Sales, floor: 0);
        CostOfSales = v.Amount(15, "costOfSales", CostOfSales, optional: true, floor: 0);
        Payables = v.Amount(16, "payables", Payables, optional: true, floor: 0);
        BookEquity = v.Amount(17, "bookEquity", BookEquity, floor: -1_000_000_000_000_000);
        MarketEquity = v.Amount(18, "marketEquity", MarketEquity, optional: true, floor: 0);
    }
}

/// <summary><c>credit.external-signal.received.v1</c>: news about the customer.</summary>
public sealed class ExternalSignalReceived : Fact
{
    public string SignalId { get; set; } = "";

    public ExternalSignalKind Kind { get; set; }

    public Severity Severity { get; set; }

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public int HappenedOn { get; set; }

    public string Reference { get; set; } = "";

    public override string Document => SignalId;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        SignalId = v.Id(1, "signalId", SignalId);
        Kind = v.Choice(2, "kind", Kind);
        Severity = v.Choice(3, "severity", Severity);
        Amount = v.Amount(4, "amount", Amount, optional: true, floor: 0);
        Currency = v.Currency(5, "currency", Currency, optional: true);
        HappenedOn = v.Date(6, "happenedOn", HappenedOn);
        Reference = v.Text(7, "reference", Reference);
    }
}

/// <summary><c>credit.review.completed.v1</c>: the account was reviewed.</summary>
public sealed class ReviewCompleted : Fact
{
    public int ReviewedOn { get; set; }

    public int NextOn { get; set; }

    /// <summary>The most that the review supports; −1 when it says nothing of it.</summary>
    public long EligibleMax { get; set; } = -1;

    public string By { get; set; } = "";

    public string Outcome { get; set; } = "";

    private protected override void Body(FieldVisitor v)
    {
        ReviewedOn = v.Date(1, "reviewedOn", ReviewedOn);
        NextOn = v.Date(2, "nextOn", NextOn, optional: true);
        EligibleMax = v.AmountOrNone(3, "eligibleMax", EligibleMax);
        By = v.Text(4, "by", By, lengthMax: 128);
        Outcome = v.Text(5, "outcome", Outcome, lengthMax: 64);
    }
}

/// <summary>Kind of news.</summary>
public enum ExternalSignalKind : byte
{
    None, Insolvency, Lawsuit, Management, Sector, Tax, Press, TermsRequest, InsurerCut,
}
