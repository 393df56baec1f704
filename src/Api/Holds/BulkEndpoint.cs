using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>One word about many held orders: each has its own result, and what is refused stops no other.</summary>
internal static class BulkEndpoint
{
    internal const int Most = 200;

    /// <summary>One order, as it was shown.</summary>
    internal sealed record Item(string Customer, string Order, long OrderVersion = -1, long LimitVersion = -1, IReadOnlyList<string>? Reasons = null);

    /// <summary>What is asked about all of them.</summary>
    internal sealed record Bulk(string Act, IReadOnlyList<Item> Items, string? ReasonCode = null, string? Reason = null, string? ExpectedOn = null, bool FiguresOpened = false);

    internal static void MapBulk(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "POST", "/holds/bulk", Roles.Desk, $"Proposes, confirms or turns down up to {Most} held orders; one result per order. A shared reason needs a shared rule; to confirm, the list of figures has to be opened.", async (http, caller) =>
        {
            var (bulk, misread) = await http.AskedAsync<Bulk>("BAD_BULK", "{act, items: [{customer, order, orderVersion?, limitVersion?, reasons?}], reasonCode?, reason?, expectedOn?, figuresOpened?}");
            if (bulk is null) return misread!;
            if (Desk.BadKey(http, out var key) is { } missing) return missing;
            if (bulk is not { Items.Count: > 0 and <= Most } || bulk.Items.DistinctBy(i => (i.Customer, i.Order)).Count() != bulk.Items.Count || bulk.Items.Any(i => !Ids.IsValid(i.Customer) || !Ids.IsValid(i.Order)))
                return Problems.Of(400, "BAD_BULK", $"$.items: expected 1 to {Most} different orders.");
            if (bulk.Act is not ("request-release" or "approve" or "reject-release")) return Problems.Of(400, "BAD_BULK", "$.act: expected request-release, approve or reject-release.");
            if (bulk.Act != "request-release" && (caller.Roles & Roles.Approver) == 0) return Problems.Of(403, "ROLE", "Only an Approver decides about releases.");
            if (bulk.Act == "approve" && !bulk.FiguresOpened) return Problems.Of(422, "FIGURES_NOT_OPENED", "$.figuresOpened: whoever confirms many has opened the list of their figures.");
            var reason = "";
            if (bulk.Act != "approve")
            {
                var composed = JsonSerializer.SerializeToUtf8Bytes(new { bulk.ReasonCode, bulk.Reason, bulk.ExpectedOn }, JsonSerializerOptions.Web);
                var codes = await ReasonCodes.OfAsync(desk, bulk.Act == "request-release", http.RequestAborted);
                if (ReasonCodes.Compose(ref composed, caller with { Session = caller.Session ?? Anybody }, codes) is { } bad) return bad;
                reason = JsonDocument.Parse(composed).RootElement.GetProperty("reason").GetString() ?? "";
            }

            return await RunAsync(desk, http, caller, bulk, reason, key);
        }).Takes(new BulkBody()).Commands().Tells(Shapes.Bulk);

    /// <summary>A shared reason is given by somebody, also where a system asks.</summary>
    private static readonly Session Anybody = new("", "", default, default, "", false);

    private static async Task<IResult> RunAsync(Desk desk, HttpContext http, Caller caller, Bulk bulk, string reason, string key)
    {
        var holds = new List<HoldLine?>();
        foreach (var item in bulk.Items)
            holds.Add(desk.Engine.TryGetRow(item.Customer, out var row) && Desk.Sees(caller, row)
                ? (await OrdersEndpoints.DetailAsync(desk, item.Customer, http.RequestAborted))?.Holds.Find(h => h.OrderId == item.Order) : null);
        var shared = holds.OfType<HoldLine>().Select(h => h.Reasons.Where(r => r.StillValid).Select(r => r.Rule).ToHashSet(StringComparer.Ordinal)).Aggregate((HashSet<string>?)null, (all, one) => all is null ? one : [.. all.Intersect(one)]);
        if (bulk.Act == "request-release" && shared is { Count: 0 }) return Problems.Of(422, "NO_SHARED_RULE", "$.items: no rule holds all of these orders, so no reason fits all of them. Propose them by rule.");
        var results = new List<object>();
        for (var i = 0; i < bulk.Items.Count; i++)
        {
            var item = bulk.Items[i];
            if (!desk.Engine.TryGetRow(item.Customer, out var row) || !Desk.Sees(caller, row))
            {
                results.Add(new { item.Customer, item.Order, status = 404, code = "UNKNOWN_CUSTOMER", detail = $"No customer '{item.Customer}'.", by = (string?)null });
                continue;
            }

            HoldCommand command = bulk.Act switch
            {
                "request-release" => new RequestRelease(),
                "approve" => new ApproveRelease { OrderVersion = item.OrderVersion, LimitVersion = item.LimitVersion, Reasons = item.Reasons ?? [] },
                _ => new RejectRelease(),
            };
            (command.Customer, command.OrderId, command.Reason) = (item.Customer, item.Order, reason);
            Answer? told = null;
            // Each under a key of its own: a repetition finds what was done, and goes on with what was not.
            var answered = await desk.OnceAsync(caller, command, $"{key}#{item.Customer}/{item.Order}", answer =>
            {
                told = answer;
                return Results.Empty;
            });
            results.Add(told is { } answer ? Result(item, answer.Outcome) : Repeated(item, answered));
        }

        return Results.Json(new { results });
    }

    private static object Result(Item item, Outcome outcome) => outcome.Kind == OutcomeKind.Applied
        ? new { item.Customer, item.Order, status = 200, code = "APPLIED", detail = "", by = (string?)null }
        : new { item.Customer, item.Order, status = Problems.StatusOf(outcome), code = outcome.Reason, detail = outcome.Detail, by = (string?)null };

    /// <summary>A key that came before: what is durable answers.</summary>
    private static object Repeated(Item item, IResult answered)
    {
        var status = (answered as IStatusCodeHttpResult)?.StatusCode ?? 200;
        return new { item.Customer, item.Order, status, code = status == 200 ? "APPLIED" : "CONFLICT", detail = "", by = (string?)null };
    }

    /// <summary>The shape of the body for the contract.</summary>
    private sealed class BulkBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Text(1, "act", "", optional: false);
            v.Items<ItemBody>(2, "items", []);
            v.Text(3, "reasonCode", "");
            v.Text(4, "reason", "");
            v.Date(5, "expectedOn", 0, optional: true);
            v.Flag(6, "figuresOpened", false);
        }
    }

    private sealed class ItemBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Id(1, "customer", "");
            v.Id(2, "order", "");
            v.Number(3, "orderVersion", -1, optional: true, least: -1);
            v.Number(4, "limitVersion", -1, optional: true, least: -1);
            v.IdList(5, "reasons", []);
        }
    }
}
