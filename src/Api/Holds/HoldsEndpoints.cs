using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

internal static class HoldsEndpoints
{
    private const string OneHold = "/customers/{customer}/holds/{order}";

    internal static void MapHolds(this IEndpointRouteBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/holds", Roles.Readers, "Orders on hold with their reasons, largest first.", async (http, _) =>
        {
            var customers = new List<string>();
            foreach (var rows in desk.Engine.Published)
                rows.Visit(row =>
                {
                    if (row.Figures.HeldOrders > 0) customers.Add(row.Customer);
                });
            customers.Sort(StringComparer.Ordinal);
            var after = http.Request.Query["cursor"].ToString();
            var limit = Desk.Page(http.Request.Query["limit"], 100, 500);
            var page = customers.Where(c => string.CompareOrdinal(c, after) > 0).Take(limit + 1).ToList();
            var holds = new List<object>();
            foreach (var customer in page.Take(limit))
            {
                var detail = await DetailAsync(desk, customer, http.RequestAborted);
                if (detail is not null) holds.AddRange(detail.Holds.Select(h => AccountJson.Hold(customer, h)));
            }

            return Results.Json(new { holds, customers = customers.Count, cursor = page.Count > limit ? page[limit - 1] : null });
        });

        api.For(desk, "GET", OneHold, Roles.Readers, "Why an order is on hold.", async (http, _) =>
        {
            if (http.IdOf("customer") is not { } customer || http.IdOf("order") is not { } order) return ApiRoutes.BadId("order");
            var hold = (await DetailAsync(desk, customer, http.RequestAborted))?.Holds.Find(h => h.OrderId == order);
            return hold is null ? Problems.Of(404, "NOT_ON_HOLD", $"Order '{order}' is not on hold.") : Results.Json(AccountJson.Hold(customer, hold));
        });

        Map("request-release", Roles.Desk, "Asks that an order be released; another person decides.", () => new RequestRelease());
        Map("approve", Roles.Approver, "Approves a requested release.", () => new ApproveRelease());
        Map("reject-release", Roles.Approver, "Turns a requested release down.", () => new RejectRelease());
        Map("reject-order", Roles.Desk, "Rejects a held order for good.", () => new RejectOrder());
        Map("force", Roles.Desk, "Holds an order by a person's word.", () => new ForceHold());

        api.For(desk, "POST", "/global-hold", Roles.Desk, "Holds everything, or lifts that with a second person.", async (http, caller) =>
        {
            if (await Desk.BodyAsync(http, Desk.CommandMax) is not { } body) return Problems.Of(413, "TOO_LARGE", "The body is too large.");
            var command = new SwitchGlobalHold();
            if (desk.Decoder.Fill(command, body) is { } error) return Problems.Of(400, error.Reason, error.Detail);
            var second = http.Request.Headers["X-Second-Key"].ToString();
            (command.Actor, command.HouseSeq, command.ApprovedBy) = (caller.Subject, 0, "");
            if (second.Length > 0 && desk.SecondOf(second) is { } other && (other.Roles & Roles.Approver) != 0) command.ApprovedBy = other.Subject;
            command.Key = http.Request.Headers["Idempotency-Key"].ToString();
            var answer = await desk.Engine.SubmitAsync(command, http.RequestAborted);
            return answer.Outcome.Kind == OutcomeKind.Applied ? Results.Bytes(AnswerJson.Of(answer), "application/json") : Problems.Of(answer.Outcome);
        });

        void Map(string act, Roles roles, string summary, Func<HoldCommand> make) => api.For(desk, "POST", $"{OneHold}/{act}", roles, summary, (http, caller) =>
        {
            if (http.IdOf("customer") is not { } customer || http.IdOf("order") is not { } order) return Task.FromResult(ApiRoutes.BadId("order"));
            var command = make();
            (command.Customer, command.OrderId) = (customer, order);
            return desk.CommandAsync(http, caller, command);
        });
    }

    internal static Task<AccountDetail?> DetailAsync(Desk desk, string customer, CancellationToken cancel) =>
        desk.Engine.ReadAsync(desk.Engine.PartitionOf(customer), book => book.FindSlot(customer) is var slot && slot >= 0 ? book.Detail(slot) : null, cancel);
}
