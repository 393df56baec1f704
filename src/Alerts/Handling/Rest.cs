namespace ExposureMonitor.Alerts;

/// <summary>What is wrong with a rest that somebody asks for.</summary>
public enum RestFault
{
    None,

    /// <summary>Neither a moment nor points, or a moment that is past or further off than <see cref="Silence.LongestUntilResolved"/>.</summary>
    Moment,

    /// <summary>No number of points from 1 to <see cref="Rest.PointsMost"/>.</summary>
    Points,

    /// <summary>The indicator is not measured in points of utilisation.</summary>
    Indicator,

    /// <summary>The customer does not use as many points of a limit now, or has none.</summary>
    Utilisation,
}

/// <summary>How long an alert rests: until a moment, or until the customer's utilisation is better by some points, whichever comes first.</summary>
/// <param name="BetterAtBp">It comes back at or below this utilisation, basis points; <c>null</c> when it waits for the moment alone.</param>
public readonly record struct Rest(DateTimeOffset Until, int? BetterAtBp)
{
    /// <summary>Percentage points that somebody may wait for.</summary>
    public const int PointsMost = 100;

    /// <summary>The indicator whose value is the utilisation.</summary>
    private const string UtilisationIndicator = "EW-01";

    /// <summary>What is asked for; or what is wrong with it.</summary>
    /// <param name="now">The moment of the wish.</param>
    /// <param name="until">When it ends at the latest; <c>null</c> for the longest time there is, where points are told.</param>
    /// <param name="points">Percentage points by which the utilisation is to become better; <c>null</c> when only a moment is told.</param>
    /// <param name="indicator">Of the alert.</param>
    /// <param name="utilisationBp">Of the customer now, basis points; <c>null</c> without a limit or when it is not known.</param>
    public static (Rest Asked, RestFault Fault) Of(DateTimeOffset now, DateTimeOffset? until, int? points, string indicator, int? utilisationBp)
    {
        var latest = now + Silence.LongestUntilResolved;
        if ((until is null && points is null) || until <= now || until > latest) return (default, RestFault.Moment);
        if (points is not { } better) return (new Rest(until!.Value, null), RestFault.None);
        if (better is < 1 or > PointsMost) return (default, RestFault.Points);
        if (indicator != UtilisationIndicator) return (default, RestFault.Indicator);
        return utilisationBp - (better * 100) is { } target and >= 0 ? (new Rest(until ?? latest, target), RestFault.None) : (default, RestFault.Utilisation);
    }

    /// <summary>Whether what somebody waits for has come about; <c>false</c> while the utilisation is not known.</summary>
    public static bool IsReached(int? betterAtBp, int? utilisationBp) => betterAtBp is { } target && utilisationBp is >= 0 and var used && used <= target;
}
