using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
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
            // Like any other address of a customer: who is hidden from the caller and who is nobody get one answer.
            if (!desk.Engine.TryGetRow(http.Customer(), out PublishedRow _)) return Routing.UnknownCustomer(http.Customer());
            var hold = (await OrdersEndpoints.DetailAsync(desk, http.Customer(), http.RequestAborted))?.Holds.Find(h => h.OrderId == order);
            return hold is null ? Problems.Of(404, "NOT_ON_HOLD", $"Order '{order}' is not on hold.") : Results.Json(AccountJson.Hold(http.Customer(), hold));
        }).Fails(503).Tells(Shapes.Hold);

        Map("request-release", Roles.Desk, "Asks that an order be released; another person decides. A person gives a code and a text; reasonCode, expectedOn and reason become the reason that is kept.", () => new RequestRelease(), forRelease: true);
        Map("approve", Roles.Approver, "Approves a requested release; not the own, and up to the own authority. orderVersion, limitVersion and reasons are what was shown: an order, limit or set of valid reasons that differs by now is a conflict.", () => new ApproveRelease());
        Map("reject-release", Roles.Approver, "Turns a requested release down; the order stays on hold.", () => new RejectRelease(), forRelease: false);
        Map("reject-order", Roles.Desk, "Rejects a held order for good.", () => new RejectOrder(), forRelease: false);
        Map("force", Roles.Desk, "Holds an order by a person's word; no rule releases it.", () => new ForceHold());

        api.For(desk, "POST", OneHold + "/look", Roles.Desk, "Says that the caller looks at a held order, for two minutes; tells who does.", async (http, caller) =>
        {
            if (http.IdOf("order") is not { } order) return Routing.BadId("order");
            var (by, until, isNew) = desk.Looking.Take(http.Customer() + "/" + order, caller.Subject);
            if (isNew) await desk.Live.RefreshAsync(v => v.IsHolds, http.RequestAborted);
            return Results.Json(new { by, until = Instant.From(until).ToString() });
        }).Tells(Shapes.Looking);
        api.For(desk, "DELETE", OneHold + "/look", Roles.Desk, "Says that the caller looks no more.", async (http, caller) =>
        {
            if (http.IdOf("order") is not { } order) return Routing.BadId("order");
            if (desk.Looking.Drop(http.Customer() + "/" + order, caller.Subject)) await desk.Live.RefreshAsync(v => v.IsHolds, http.RequestAborted);
            return Results.NoContent();
        }).Answers(204);

        HoldNotes.Map(api, desk, OneHold);

        void Map(string act, Roles roles, string summary, Func<HoldCommand> make, bool? forRelease = null) => api.For(desk, "POST", $"{OneHold}/{act}", roles, summary, async (http, caller) =>
        {
            if (http.IdOf("order") is not { } order) return Routing.BadId("order");
            if (await Desk.BodyAsync(http, Desk.CommandMax) is not { } body) return Routing.TooLarge(Desk.CommandMax);
            if (forRelease is { } release)
            {
                var codes = await ReasonCodes.OfAsync(desk, release, http.RequestAborted);
                if (ReasonCodes.Compose(ref body, caller, codes) is { } missing) return missing;
            }

            var command = make();
            (command.Customer, command.OrderId) = (http.Customer(), order);
            Answer? told = null;
            var result = await desk.CommandAsync(http, caller, command, body, answer =>
            {
                told = answer;
                return Desk.Told(answer);
            });
            return told is { } answer && IsConflict(answer.Outcome) ? await ConflictAsync(desk, command.Customer, order, answer.Outcome, http.RequestAborted) ?? result : result;
        }).Takes(forRelease is null ? make() : new WithCode(make())).Commands().Tells(Shapes.Commanded);
    }

    private static bool IsConflict(Outcome outcome) => outcome.Reason is "NOT_ON_HOLD" or "NO_REQUEST" or "ALREADY_REQUESTED" or "VERSION_CONFLICT";

    /// <summary>The slower of two people learns who was faster, and with what.</summary>
    internal static async Task<IResult?> ConflictAsync(Desk desk, string customer, string order, Outcome outcome, CancellationToken cancel)
    {
        var rows = await desk.Engine.Reader.RowsAsync(new RowQuery { Table = RowTable.Hold, Customer = customer, Subject = order, Limit = 1 }, cancel);
        if (rows.Count == 0 || rows[0].Effect() is not HoldChanged last) return null;
        var by = last.Approver.Length > 0 && last.Step is HoldChanged.Released or HoldChanged.TurnedDown or HoldChanged.Approved ? last.Approver : last.Actor;
        return Problems.Of(409, outcome.Reason.Length > 0 ? outcome.Reason : "CONFLICT", outcome.Detail, ("by", by), ("step", last.Step), ("at", new Instant(rows[0].At).ToString()), ("otherReason", last.Reason));
    }

    /// <summary>The fields of a command and the code of its reason, for the contract.</summary>
    private sealed class WithCode(HoldCommand command) : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            command.Describe(v);
            v.Text(30, "reasonCode", "", lengthMax: 64);
            v.Date(31, "expectedOn", 0, optional: true);
        }
    }
}
