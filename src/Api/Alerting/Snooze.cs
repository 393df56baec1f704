using ExposureMonitor.Alerts;
using Microsoft.AspNetCore.Http;

namespace ExposureMonitor.Api;

/// <summary>How long an alert rests: until a moment, or until the customer's utilisation is better by some points, whichever comes first.</summary>
/// <param name="BetterAtBp">It comes back at or below this utilisation, basis points; <c>null</c> when it waits for the moment alone.</param>
internal readonly record struct Snooze(DateTimeOffset Until, int? BetterAtBp)
{
    /// <summary>Points that somebody may wait for.</summary>
    private const int PointsMost = 100;

    /// <summary>The indicator whose value is the utilisation.</summary>
    private const string Utilisation = "EW-01";

    /// <summary>What is asked for, by the utilisation of now; or what is wrong with it.</summary>
    /// <param name="points">Percentage points; <c>null</c> when only a moment is told.</param>
    internal static async Task<(Snooze Asked, IResult? Wrong)> OfAsync(Desk desk, DateTimeOffset? until, int? points, string rule, string customer, CancellationToken cancel)
    {
        var now = desk.Time.GetUtcNow();
        var latest = now + Silence.LongestUntilResolved;
        if (until is null && points is null || until <= now || until > latest) return (default, Problems.Of(422, "BAD_UNTIL", "$.until: expected a moment within the next thirty days, or betterBy."));
        if (points is not { } better) return (new Snooze(until!.Value, null), null);
        if (better is < 1 or > PointsMost) return (default, Problems.Of(422, "BAD_POINTS", $"$.betterBy: expected 1 to {PointsMost} percentage points of utilisation."));
        if (rule != Utilisation) return (default, Problems.Of(422, "NO_UTILISATION", $"$.betterBy: {rule} is not measured in points of utilisation; say until when it is to rest."));
        var used = await UtilisationNow.OfAsync(desk.Engine, [customer], cancel);
        return used.TryGetValue(customer, out var bp) && bp - (better * 100) is >= 0 and var target
            ? (new Snooze(until ?? latest, target), null)
            : (default, Problems.Of(422, "NO_UTILISATION", "$.betterBy: the customer does not use as many points of a limit now."));
    }

    /// <summary>Whether what somebody waits for has come about; <c>false</c> while the utilisation is not known.</summary>
    internal static bool IsReached(Desk desk, string customer, int? betterAtBp) => betterAtBp is { } target && desk.Engine.TryGetRow(customer, out var row) && row.Figures.UtilisationBp is >= 0 and var bp && bp <= target;
}
