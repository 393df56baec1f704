using System.Globalization;
using ExposureMonitor.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Who decides about what: roles by kind of proposal, and what one person alone may do by the policy in force.</summary>
internal static class ApprovalsEndpoint
{
    internal static void MapApprovals(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/approvals", Roles.Readers | Roles.Admin, "The approval matrix: which roles decide about each kind of proposal, and the policy's bounds for limits and releases (amounts in minor units of the base currency, -1 for none).", async (http, _) =>
        {
            var context = (await desk.Bands.GetAsync(http.RequestAborted)).Context;
            var policy = context.Policy;
            return Results.Json(new
            {
                kinds = Enum.GetValues<ProposalKind>().Select(kind => new { kind = kind.ToString(), roles = KeyRing.Single.Where(r => (HouseDesk.DecidersOf(kind) & r) != 0).Select(r => r.ToString()) }),
                currency = context.BaseCurrency.Code, directLimit = policy[Parameter.DirectLimit] != 0, limitRaiseFactor = policy[Parameter.LimitRaiseFactor],
                limitCap = Digits(policy[Parameter.LimitAbsoluteCap]), twoApproversAbove = Digits(policy[Parameter.TwoApproversAbove]),
            });
        }).Fails(503).Tells(Shapes.Approvals);

    private static string Digits(long value) => value.ToString(CultureInfo.InvariantCulture);
}
