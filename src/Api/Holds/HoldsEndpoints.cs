using ExposureMonitor.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

internal static class HoldsEndpoints
{
    private const string OneHold = "/customers/{customer}/holds/{order}";

    internal static void MapHolds(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "GET", OneHold, Roles.Readers, "Why an order is on hold.", async (http, _) =>
        {
            if (http.IdOf("order") is not { } order) return Routing.BadId("order");
            var hold = (await OrdersEndpoints.DetailAsync(desk, http.Customer(), http.RequestAborted))?.Holds.Find(h => h.OrderId == order);
            return hold is null ? Problems.Of(404, "NOT_ON_HOLD", $"Order '{order}' is not on hold.") : Results.Json(AccountJson.Hold(http.Customer(), hold));
        }).Fails(503).Tells(Shapes.Hold);

        Map("request-release", Roles.Desk, "Asks that an order be released; another person decides.", () => new RequestRelease());
        Map("approve", Roles.Approver, "Approves a requested release; not the own, and up to the own authority. orderVersion, limitVersion and reasons are what was shown: an order, limit or set of valid reasons that differs by now is a conflict.", () => new ApproveRelease());
        Map("reject-release", Roles.Approver, "Turns a requested release down; the order stays on hold.", () => new RejectRelease());
        Map("reject-order", Roles.Desk, "Rejects a held order for good.", () => new RejectOrder());
        Map("force", Roles.Desk, "Holds an order by a person's word; no rule releases it.", () => new ForceHold());

        void Map(string act, Roles roles, string summary, Func<HoldCommand> make) => api.For(desk, "POST", $"{OneHold}/{act}", roles, summary, (http, caller) =>
        {
            if (http.IdOf("order") is not { } order) return Task.FromResult(Routing.BadId("order"));
            var command = make();
            (command.Customer, command.OrderId) = (http.Customer(), order);
            return desk.CommandAsync(http, caller, command);
        }).Takes(make()).Commands().Tells(Shapes.Commanded);
    }
}
