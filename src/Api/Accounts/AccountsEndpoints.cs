using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

internal static class AccountsEndpoints
{
    internal static void MapAccounts(this IEndpointRouteBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/customers/{customer}", Roles.Readers, "Exposure by component, limit, ageing.", async (http, _) =>
        {
            if (http.IdOf("customer") is not { } customer) return ApiRoutes.BadId("customer");
            if (!desk.Engine.TryGetRow(customer, out var row)) return Problems.Of(404, "UNKNOWN_CUSTOMER", $"No customer '{customer}'.");
            var etag = $"\"{row.Partition}-{row.Figures.AsOf}\"";
            http.Response.Headers.ETag = etag;
            if (http.Request.Headers.IfNoneMatch == etag) return Results.StatusCode(304);
            return Results.Bytes(AccountJson.Row(row, await desk.Engine.Reader.PartyNameAsync(customer, http.RequestAborted)), "application/json");
        });

        api.For(desk, "GET", "/customers/{customer}/documents", Roles.Readers, "Open orders, items, credits, holds, reservations, signals, parked facts.", async (http, _) =>
        {
            if (http.IdOf("customer") is not { } customer) return ApiRoutes.BadId("customer");
            var detail = await HoldsEndpoints.DetailAsync(desk, customer, http.RequestAborted);
            return detail is null ? Problems.Of(404, "UNKNOWN_CUSTOMER", $"No customer '{customer}'.") : Results.Json(AccountJson.Detail(detail));
        });

        api.For(desk, "GET", "/customers/{customer}/history", Roles.Readers, "Every entry of the customer with source, position and outcome, newest first.", async (http, _) =>
        {
            if (http.IdOf("customer") is not { } customer) return ApiRoutes.BadId("customer");
            var limit = Desk.Page(http.Request.Query["limit"], 100, 500);
            var before = long.TryParse(http.Request.Query["cursor"], NumberStyles.None, CultureInfo.InvariantCulture, out var told) ? told : long.MaxValue;
            var entries = await History.OfAsync(desk.Engine.Reader, desk.Engine.PartitionOf(customer), customer, before, limit, http.RequestAborted);
            return Results.Json(new { entries, cursor = entries.Count == limit ? entries[^1].Seq.ToString(CultureInfo.InvariantCulture) : null });
        });

        api.For(desk, "GET", "/customers/{customer}/as-of", Roles.Readers, "Exposure at a past instant (?at=) or journal sequence (?seq=).", async (http, _) =>
        {
            if (http.IdOf("customer") is not { } customer) return ApiRoutes.BadId("customer");
            var until = AsOf.Until(http.Request.Query["at"], http.Request.Query["seq"]);
            if (until is null) return Problems.Of(400, "BAD_TIME", "Give ?at= (RFC 3339) or ?seq= (a sequence of the customer's partition).");
            var book = await AsOf.BookAsync(desk.Engine.Reader, desk.Engine.Database, desk.Engine.PartitionOf(customer), until, http.RequestAborted);
            var slot = book.FindSlot(customer);
            if (slot < 0) return Problems.Of(404, "UNKNOWN_CUSTOMER", $"No customer '{customer}' at that moment.");
            return Results.Text(AccountReport.Of(book.Figures(slot), book.Today), "application/json");
        });

        api.For(desk, "POST", "/customers/{customer}/limit-requests", Roles.Desk, "Asks for a limit; another person decides.", (http, caller) =>
            http.IdOf("customer") is { } customer
                ? desk.CommandAsync(http, caller, new RequestLimit { Customer = customer })
                : Task.FromResult(ApiRoutes.BadId("customer")));

        api.For(desk, "POST", "/customers/{customer}/limit-decisions", Roles.Approver, "Approves or rejects a requested limit.", (http, caller) =>
            http.IdOf("customer") is { } customer
                ? desk.CommandAsync(http, caller, new DecideLimit { Customer = customer })
                : Task.FromResult(ApiRoutes.BadId("customer")));
    }
}
