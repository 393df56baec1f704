using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Open and held orders of the book and of a customer.</summary>
internal static class OrdersEndpoints
{
    internal static void MapOrders(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/orders", Roles.Readers, "Open orders of all customers, by customer and order.", (http, caller) =>
                PageAsync(desk, http, caller, "orders", row => row.Figures.OpenOrders > 0, Orders(http), (customer, order) => Json(customer, order)))
            .Pages().Asks(("state", "Only orders in this state: " + string.Join(", ", Enum.GetNames<OrderState>()) + ".")).Fails(503).Tells(Shapes.Orders);
        api.For(desk, "GET", "/holds", Roles.Readers, "Orders on hold with their reasons, by customer and order.", (http, caller) =>
                PageAsync(desk, http, caller, "holds", row => row.Figures.HeldOrders > 0, detail => detail.Holds.Where(OfState<HoldLine>(http, h => h.State)), AccountJson.Hold))
            .Pages().Asks(("state", "Only holds in this state: OnHold, PendingApproval or ReadyToRelease.")).Fails(503).Tells(Shapes.Holds);
        api.For(desk, "GET", "/customers/{customer}/orders", Roles.Readers, "Open orders of a customer.", async (http, _) =>
        {
            if (BadState(http) is { } wrong) return wrong;
            var customer = http.Customer();
            var detail = await DetailAsync(desk, customer, http.RequestAborted);
            return detail is null ? Routing.UnknownCustomer(customer) : Results.Json(new { customer, orders = Orders(http)(detail).Select(o => Json(customer, o)) });
        }).Asks(("state", "Only orders in this state.")).Fails(503).Tells(Shapes.Orders);
        api.For(desk, "GET", "/customers/{customer}/orders/{order}", Roles.Readers, "One open order, with its hold when it has one, and the steps of the check in the order of evaluation: passed, failed or skipped, and why.", async (http, _) =>
        {
            var customer = http.Customer();
            if (http.IdOf("order") is not { } id) return Routing.BadId("order");
            var detail = await DetailAsync(desk, customer, http.RequestAborted);
            if (detail is null) return Routing.UnknownCustomer(customer);
            var order = detail.Orders.Find(o => o.OrderId == id);
            var hold = detail.Holds.Find(h => h.OrderId == id);
            if (order is null) return Problems.Of(404, "UNKNOWN_ORDER", $"No open order '{id}'; the history has the closed ones.");
            var steps = hold is null ? [] : await desk.Engine.AskAsync(desk.Engine.PartitionOf(customer), BookQuestions.CheckSteps(new CheckStepsAsked(customer, id)), http.RequestAborted);
            return Results.Json(new
            {
                order = Json(customer, order), hold = hold is null ? null : AccountJson.Hold(customer, hold), detail.LimitVersion,
                steps = steps.Select(s => new { rule = s.Rule, state = s.State.ToString(), why = s.Why == CheckStepReason.None ? null : s.Why.ToString() }),
            });
        }).Fails(503).Tells(Shapes.Order);
    }

    internal static Task<AccountDetail?> DetailAsync(Desk desk, string customer, CancellationToken cancel) =>
        desk.Engine.AskAsync(desk.Engine.PartitionOf(customer), BookQuestions.Detail(customer), cancel);

    private static object Json(string customer, OrderLine o) => AccountJson.Order(customer, o);

    private static IResult? BadState(HttpContext http) => http.Request.Query["state"].ToString() is { Length: > 0 } told && !(char.IsAsciiLetter(told[0]) && Enum.TryParse<OrderState>(told, out _))
        ? Problems.Of(400, "BAD_STATE", "?state=: expected one of " + string.Join(", ", Enum.GetNames<OrderState>()) + ".")
        : null;

    private static Func<AccountDetail, IEnumerable<OrderLine>> Orders(HttpContext http) => detail => detail.Orders.Where(OfState<OrderLine>(http, o => o.State));

    private static Func<T, bool> OfState<T>(HttpContext http, Func<T, OrderState> state) =>
        Enum.TryParse<OrderState>(http.Request.Query["state"].ToString(), out var told) ? line => state(line) == told : _ => true;

    /// <summary>Pages over documents in the order of (customer, order), which no event changes: nothing is lost or doubled.</summary>
    private static async Task<IResult> PageAsync<T>(Desk desk, HttpContext http, Caller caller, string name, Func<PublishedRow, bool> has,
        Func<AccountDetail, IEnumerable<T>> lines, Func<string, T, object> json)
        where T : notnull
    {
        if (BadState(http) is { } wrong) return wrong;
        if (!Desk.TryPage(http.Request.Query["limit"], 100, out var limit, out var bad)) return bad!;
        var cursor = http.Request.Query["cursor"].ToString().Split('~');
        if (cursor[0].Length > 0 && (cursor.Length != 2 || !Ids.IsValid(cursor[0]) || !Ids.IsValid(cursor[1]))) return Problems.Of(400, "BAD_CURSOR", "?cursor=: expected the cursor of the page before.");
        var customers = new List<string>();
        foreach (var rows in desk.Engine.Published)
            rows.Visit(row =>
            {
                if (row.Customer is not null && has(row) && Desk.Sees(caller, row) && string.CompareOrdinal(row.Customer, cursor[0]) >= 0) customers.Add(row.Customer);
            });
        customers.Sort(StringComparer.Ordinal);
        var page = new List<object>();
        string? next = null, last = null;
        foreach (var customer in customers)
        {
            if (next is not null) break;
            if (await DetailAsync(desk, customer, http.RequestAborted) is not { } detail) continue;
            foreach (var line in lines(detail).OrderBy(IdOf, StringComparer.Ordinal))
            {
                if (customer == cursor[0] && string.CompareOrdinal(IdOf(line), cursor[1]) <= 0) continue;
                if (page.Count == limit)
                {
                    next = last;
                    break;
                }

                page.Add(json(customer, line));
                last = $"{customer}~{IdOf(line)}";
            }
        }

        return Results.Json(new Dictionary<string, object?> { [name] = page, ["cursor"] = next });
    }

    private static string IdOf<T>(T line) => line switch { OrderLine o => o.OrderId, HoldLine h => h.OrderId, _ => "" };
}
