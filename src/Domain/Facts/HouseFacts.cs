namespace ExposureMonitor.Domain;

/// <summary><c>credit.fx-rate.published.v1</c>: a rate: quote units of To per unit of From.</summary>
public sealed class FxRatePublished : HouseFact
{
    public Currency From { get; set; }

    public Currency To { get; set; }

    public FxRate Rate { get; set; }

    public Instant AsOf { get; set; }

    public string RateSet { get; set; } = "";

    /// <summary>The second person, needed for a rate far from the last.</summary>
    public string ApprovedBy { get; set; } = "";

    private protected override void Body(FieldVisitor v)
    {
        From = v.Currency(1, "from", From);
        To = v.Currency(2, "to", To);
        Rate = v.Rate(3, "rate", Rate);
        AsOf = v.Moment(4, "asOf", AsOf);
        RateSet = v.Text(5, "rateSet", RateSet, lengthMax: 64);
        ApprovedBy = v.Text(6, "approvedBy", ApprovedBy, lengthMax: 128);
        HouseBody(v);
    }
}

/// <summary><c>credit.policy.activated.v1</c>: a version of the policy takes effect, with its whole content.</summary>
public sealed class PolicyActivated : HouseFact
{
    public string PolicyId { get; set; } = "";

    public long Version { get; set; }

    public Instant EffectiveAt { get; set; }

    public string Digest { get; set; } = "";

    public IReadOnlyList<PolicyParameter> Parameters { get; set; } = [];

    private protected override void Body(FieldVisitor v)
    {
        PolicyId = v.Id(1, "policyId", PolicyId);
        Version = v.Number(2, "version", Version, least: 1);
        EffectiveAt = v.Moment(3, "effectiveAt", EffectiveAt, optional: true);
        Digest = v.Text(4, "digest", Digest, lengthMax: 128);
        Parameters = v.Items(5, "parameters", Parameters);
        HouseBody(v);
    }
}

/// <summary><c>credit.calendar.published.v1</c>: holidays and weekends.</summary>
public sealed class CalendarPublished : HouseFact
{
    public string CalendarId { get; set; } = "";

    public IReadOnlyList<string> Holidays { get; set; } = [];

    public IReadOnlyList<string> Weekend { get; set; } = [];

    private protected override void Body(FieldVisitor v)
    {
        CalendarId = v.Id(1, "calendarId", CalendarId);
        Holidays = v.IdList(2, "holidays", Holidays);
        Weekend = v.IdList(3, "weekend", Weekend);
        HouseBody(v);
    }
}

/// <summary><c>credit.portfolio.measured.v1</c>: figures of the whole portfolio, for shrinkage and concentration.</summary>
public sealed class PortfolioMeasured : HouseFact
{
    public int AsOn { get; set; }

    public string Segment { get; set; } = "";

    public long Receivables { get; set; }

    public long UncoveredEad { get; set; }

    public int OverdueShareBp { get; set; }

    public int LateSharePpm { get; set; }

    public int MedianDaysLate { get; set; }

    public int PaymentIndex { get; set; }

    /// <summary>Median of the orders of a customer and week, and its median absolute deviation, minor units.</summary>
    public long WeeklyOrders { get; set; }

    public long WeeklyOrdersMad { get; set; }

    private protected override void Body(FieldVisitor v)
    {
        AsOn = v.Date(1, "asOn", AsOn);
        Segment = v.Text(2, "segment", Segment, lengthMax: 64);
        Receivables = v.Amount(3, "receivables", Receivables, floor: 0);
        UncoveredEad = v.Amount(4, "uncoveredEad", UncoveredEad, optional: true, floor: 0);
        OverdueShareBp = (int)v.Number(5, "overdueShareBp", OverdueShareBp, optional: true, most: 1_000_000);
        LateSharePpm = (int)v.Number(6, "lateSharePpm", LateSharePpm, optional: true, most: 1000000);
        MedianDaysLate = (int)v.Number(7, "medianDaysLate", MedianDaysLate, optional: true, least: -9999, most: 9999);
        PaymentIndex = (int)v.Number(8, "paymentIndex", PaymentIndex, optional: true, most: 10000);
        WeeklyOrders = v.Amount(9, "weeklyOrders", WeeklyOrders, optional: true, floor: 0);
        WeeklyOrdersMad = v.Amount(10, "weeklyOrdersMad", WeeklyOrdersMad, optional: true, floor: 0);
        HouseBody(v);
    }
}

/// <summary>
/// A fact that the house journals first and every other partition takes from the house's committed frames, as an entry
/// of its own. Where it stood in the house is the partition's position.
/// </summary>
public interface IHouseBroadcast
{
    /// <summary>Sequence of the house's frame; 0 in the house itself.</summary>
    long HouseSeq { get; set; }

    /// <summary>Index of the entry in that frame.</summary>
    int HouseIndex { get; set; }
}

/// <summary>A fact without a customer: journaled by the house first, then once by every partition.</summary>
public abstract class HouseFact : Fact, IHouseBroadcast
{
    private protected HouseFact()
    {
    }

    /// <inheritdoc/>
    public long HouseSeq { get; set; }

    /// <inheritdoc/>
    public int HouseIndex { get; set; }

    private protected void HouseBody(FieldVisitor v)
    {
        HouseSeq = v.Number(54, "houseSeq", HouseSeq, optional: true);
        HouseIndex = (int)v.Number(55, "houseIndex", HouseIndex, optional: true);
    }
}

/// <summary>A named value of a policy.</summary>
public sealed class PolicyParameter : IDescribed
{
    public string Name { get; set; } = "";

    public string Value { get; set; } = "";

    public void Describe(FieldVisitor v)
    {
        Name = v.Text(1, "name", Name, optional: false, lengthMax: 128);
        Value = v.Text(2, "value", Value, optional: false, lengthMax: 32);
    }
}
