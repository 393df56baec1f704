namespace ExposureMonitor.Domain;

/// <summary>A rate of the journal: units of the base currency per unit of <see cref="From"/>.</summary>
public sealed record RateEntry(Currency From, FxRate Rate, Instant AsOf);

/// <summary>
/// What a partition knows beside its accounts, as of one fact: immutable, one version per day, rate, policy or switch.
/// An account folds the versions that it has not seen one by one.
/// </summary>
public sealed record PartitionContext
{
    /// <summary>Number of the version; grows by one.</summary>
    public int Version { get; init; }

    /// <summary>Stream time of the fact that made this version: an account folds it as of then.</summary>
    public Instant Since { get; init; }

    /// <summary>Place of the fact that made the version: what a fold does is put down to it, whenever the sweep comes.</summary>
    public EntryPosition MadeAt { get; init; }

    /// <summary>The business day (day number of <see cref="DateOnly"/>); 0 before the first.</summary>
    public int Today { get; init; }

    public Currency BaseCurrency { get; init; }

    public Policy Policy { get; init; } = Policy.Default;

    /// <summary>By numeric code of the currency.</summary>
    public IReadOnlyList<RateEntry> Rates { get; init; } = [];

    /// <summary>While on, checks are refused, arriving orders held, and nothing is released.</summary>
    public bool GlobalHold { get; init; }

    /// <summary>Sources whose opening load is open: their documents may be of any age. In ordinal order.</summary>
    public IReadOnlyList<string> OpeningLoads { get; init; } = [];

    /// <summary>Payment index of the portfolio, in hundredths.</summary>
    public int PortfolioIndex { get; init; } = 8_000;

    /// <summary>Figures of the portfolio and of its segments, one per segment, in ordinal order of the segment.</summary>
    public IReadOnlyList<PortfolioBaseline> Baselines { get; init; } = [];

    /// <summary>Figures of a segment, or of the whole portfolio when it has none of its own; <c>null</c> before the first.</summary>
    public PortfolioBaseline? BaselineOf(string segment)
    {
        PortfolioBaseline? whole = null;
        foreach (var baseline in Baselines)
        {
            if (baseline.Segment == segment) return baseline;
            if (baseline.Segment.Length == 0) whole = baseline;
        }

        return whole;
    }

    /// <summary>Which days are no business days.</summary>
    public BusinessCalendar Calendar { get; init; } = BusinessCalendar.Default;

    /// <summary>Feeds that have been silent for too long, each with the moment since when; in ordinal order.</summary>
    public IReadOnlyList<StaleFeed> StaleFeeds { get; init; } = [];

    /// <summary>True while what time alone would bring must wait: nothing may have come because nothing could come.</summary>
    public bool IsStale => StaleFeeds.Count > 0;

    /// <summary>
    /// Age in days of the older of the rates on the way from one currency to another: either may mislead a comparison.
    /// 0 when none is needed or its date is unknown.
    /// </summary>
    public int RateAge(Currency from, Currency to)
    {
        if (from == to) return 0;
        return Math.Max(AgeOf(from), AgeOf(to));

        int AgeOf(Currency currency) => currency != BaseCurrency && RateOf(currency) is { AsOf.Micros: not 0 } rate ? Today - rate.AsOf.UtcDate.DayNumber : 0;
    }

    /// <summary>The rate from a currency to the base currency; <c>null</c> when none was published.</summary>
    public RateEntry? RateOf(Currency currency)
    {
        if (currency == BaseCurrency) return new RateEntry(currency, FxRate.One, default);
        foreach (var rate in Rates)
            if (rate.From == currency) return rate;
        return null;
    }

    /// <summary>
    /// Converts through the base currency, half to even; <c>null</c> when a rate is missing.
    /// </summary>
    public Int128? Convert(Int128 minor, Currency from, Currency to)
    {
        if (from == to || minor == 0) return minor;
        if (RateOf(from) is not { } source || RateOf(to) is not { } target) return null;
        if (to == BaseCurrency) return source.Rate.Convert(minor, from, to);
        // One rounding only: minor × source ÷ target, scaled by the digits of both.
        return FxRate.Convert(minor, source.Rate.Trillionths, target.Rate.Trillionths, to.Digits - from.Digits);
    }
}
