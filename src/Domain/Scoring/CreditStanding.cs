namespace ExposureMonitor.Domain;

/// <summary>
/// How good a customer's credit is as of a business day, from what the account keeps, and what follows from the grade (credit.md 12 to 14, 16). Amounts are
/// minor units of the base currency; what cannot be told is <c>null</c>, never a guess.
/// </summary>
public sealed record CreditStanding
{
    /// <summary>The business day (day number).</summary>
    public required int AsOf { get; init; }

    public required Currency Currency { get; init; }

    /// <summary>The weighted score with its confidence and the part of each factor.</summary>
    public required CreditScore Score { get; init; }

    /// <summary>The ten factors with raw value, points, weight and the day of their data.</summary>
    public required IReadOnlyList<CreditFactor> Factors { get; init; }

    /// <summary>The computed grade: down at once, up at most one a day while scores are kept; "" without a score.</summary>
    public required string ComputedGrade { get; init; }

    /// <summary>What a person set, while it stands; "" without one. Both are kept.</summary>
    public required string PersonGrade { get; init; }

    /// <summary>Day from which the person's grade is stale; 0 for none.</summary>
    public required int PersonUntil { get; init; }

    /// <summary>The grade that serves, with what follows from it: the person's before the computed one.</summary>
    public required CreditGrade? Grade { get; init; }

    /// <summary>Invoices of the twelve months up to today, the running one included.</summary>
    public required long Sales { get; init; }

    /// <summary>The most that a limit may be by sales and grade, down.</summary>
    public required long? EligibleLimit { get; init; }

    /// <summary>When the customer is to be reviewed, and why.</summary>
    public required CreditReview Review { get; init; }

    /// <summary>Exposure less cover.</summary>
    public required long NetRisk { get; init; }

    /// <summary>PD of the grade × loss of an unsecured debt × net risk, up.</summary>
    public required long? ExpectedLoss { get; init; }

    /// <summary>The lifetime provision by bucket, and the account's part of what a portfolio loses in a year.</summary>
    public required ProvisionLine Provision { get; init; }

    /// <summary>Open receivables.</summary>
    public required long Receivables { get; init; }

    /// <summary>Days sales outstanding over those months, hundredths of a day; the same of what is not due, and by counting back.</summary>
    public required long? Dso { get; init; }

    public required long? BestDso { get; init; }

    public required long? CountBackDso { get; init; }

    /// <summary>Collection effectiveness over those months: what was collected of what could be, basis points; 10,000 is best.</summary>
    public required long? Cei { get; init; }

    /// <summary>Sales of those months ÷ the mean of what was owed when they began and what is now, hundredths.</summary>
    public required long? Turnover { get; init; }

    /// <summary>Overdue ÷ receivables, and overdue for more than 90 days ÷ receivables, basis points.</summary>
    public required long? OverdueBp { get; init; }

    public required long? Over90Bp { get; init; }

    /// <summary>Of the newest statement that was filed; <c>null</c> without one.</summary>
    public required FiledRatios? Ratios { get; init; }
}

/// <summary>Altman's zone and the ratios of a filed statement (credit.md 13.1), half up; <c>null</c> where an input is missing.</summary>
/// <param name="PeriodEnd">Day number.</param>
/// <param name="Z">Thousandths; <c>null</c> where no model fits.</param>
/// <param name="CurrentRatio">Current assets ÷ current liabilities, millionths; and below without the inventory.</param>
/// <param name="DebtRatio">Liabilities ÷ assets, millionths.</param>
/// <param name="NetMargin">Net income ÷ sales, millionths.</param>
/// <param name="IsStale">Older than 18 months: no factor reads it any more.</param>
public sealed record FiledRatios(int PeriodEnd, AltmanModel Model, AltmanZone Zone, long? Z, long? CurrentRatio, long? QuickRatio, long? DebtRatio, long? NetMargin, bool IsStale);
