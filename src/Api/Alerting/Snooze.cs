using ExposureMonitor.Alerts;
using Microsoft.AspNetCore.Http;

namespace ExposureMonitor.Api;

/// <summary>Asks for the utilisation where a rest needs it, and says what is wrong with a wish.</summary>
internal static class Snooze
{
    /// <summary>What is asked for, by the utilisation of now; or what is wrong with it.</summary>
    /// <param name="points">Percentage points; <c>null</c> when only a moment is told.</param>
    internal static async Task<(Rest Asked, IResult? Wrong)> OfAsync(Desk desk, DateTimeOffset? until, int? points, string rule, string customer, CancellationToken cancel)
    {
        int? used = points is not null && (await UtilisationNow.OfAsync(desk.Engine, [customer], cancel)).TryGetValue(customer, out var bp) ? bp : null;
        var (asked, fault) = Rest.Of(desk.Time.GetUtcNow(), until, points, rule, used);
        return (asked, fault switch
        {
            RestFault.None => null,
            RestFault.Moment => Problems.Of(422, "BAD_UNTIL", "$.until: expected a moment within the next thirty days, or betterBy."),
            RestFault.Points => Problems.Of(422, "BAD_POINTS", $"$.betterBy: expected 1 to {Rest.PointsMost} percentage points of utilisation."),
            RestFault.Indicator => Problems.Of(422, "NO_UTILISATION", $"$.betterBy: {rule} is not measured in points of utilisation; say until when it is to rest."),
            _ => Problems.Of(422, "NO_UTILISATION", "$.betterBy: the customer does not use as many points of a limit now."),
        });
    }

    /// <summary>Whether what somebody waits for has come about.</summary>
    internal static bool IsReached(Desk desk, string customer, int? betterAtBp) =>
        betterAtBp is not null && desk.Engine.TryGetRow(customer, out var row) && Rest.IsReached(betterAtBp, row.Figures.UtilisationBp);
}
