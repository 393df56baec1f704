using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

internal static class PortfolioEndpoints
{
    internal static void MapPortfolio(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/portfolio", Roles.Readers, "Customers with their figures: filtered, sorted, in pages; the first page of ?limit=N is the top N.", (http, caller) =>
            ListAsync(desk, http, caller)).Pages().Asks(BoardFilter.Query).Fails(410).Tells(Shapes.Portfolio);
        api.For(desk, "GET", "/portfolio/aggregates", Roles.Readers, "Sums per group and currency.", (http, caller) =>
            AggregatesAsync(desk, http, caller)).Asks(("by", "segment, country, controller, group or grade.")).Asks(BoardFilter.Query).Tells(Shapes.Aggregates);
    }

    private static async Task<IResult> ListAsync(Desk desk, HttpContext http, Caller caller)
    {
        if (!BoardFilter.TryRead(http.Request.Query, caller, out var filter, out var wrong)) return wrong!;
        if (!Desk.TryPage(http.Request.Query["limit"], 50, out var limit, out var bad)) return bad!;
        string[] customers;
        string id;
        var from = 0;
        if (http.Request.Query["cursor"].ToString() is { Length: > 0 } cursor)
        {
            var parts = cursor.Split('.');
            if (parts.Length != 2 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out from)) return Problems.Of(400, "BAD_CURSOR", "?cursor=: expected the cursor of the page before.");
            id = parts[0];
            if (desk.Orders.Find(id, filter) is not { } frozen || from > frozen.Length) return Problems.Of(410, "CURSOR_GONE", "?cursor=: too old, or of another filter; begin with the first page again.");
            customers = frozen;
        }
        else
        {
            var rows = filter.Rows(desk.Engine, await desk.Bands.GetAsync(http.RequestAborted));
            customers = [.. rows.Select(r => r.Customer)];
            id = customers.Length > limit ? desk.Orders.Keep(filter, customers) : "";
        }

        var to = Math.Min(customers.Length, from + limit);
        return Results.Bytes(AccountJson.Bytes(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("total", customers.Length);
            json.WriteStartArray("customers");
            for (var i = from; i < to; i++)
                if (desk.Engine.TryGetRow(customers[i], out var row) && Desk.Sees(caller, row)) AccountJson.Write(json, row, null);
            json.WriteEndArray();
            if (to < customers.Length) json.WriteString("cursor", string.Create(CultureInfo.InvariantCulture, $"{id}.{to}"));
            json.WriteEndObject();
        }), "application/json");
    }

    private static async Task<IResult> AggregatesAsync(Desk desk, HttpContext http, Caller caller)
    {
        if (!BoardFilter.TryRead(http.Request.Query, caller, out var filter, out var wrong)) return wrong!;
        var by = http.Request.Query["by"].ToString();
        if (by is not ("segment" or "country" or "controller" or "group" or "grade")) return Problems.Of(400, "BAD_GROUP", "?by=: expected segment, country, controller, group or grade.");
        var bands = await desk.Bands.GetAsync(http.RequestAborted);
        var sums = new SortedDictionary<(string, string), (int Count, Int128 Gross, Int128 Limit, Int128 Receivables, Int128 Overdue, int Breached, int Held)>();
        foreach (var row in filter.Rows(desk.Engine, bands))
        {
            var name = by switch { "segment" => row.Segment, "country" => row.Country, "group" => bands.GroupOf(row.Customer, filter.Scope, desk.Engine), "grade" => CreditGrade.NameOf(row.Figures.Grade), _ => row.Controller };
            sums.TryGetValue((name, row.Figures.Currency.Code), out var s);
            var f = row.Figures;
            sums[(name, f.Currency.Code)] = (s.Count + 1, s.Gross + f.Gross, s.Limit + (f.LimitKind == LimitKind.Amount ? f.Limit : 0),
                s.Receivables + f.Receivables, s.Overdue + f.Overdue, s.Breached + (f.Breached ? 1 : 0), s.Held + f.HeldOrders);
        }

        return Results.Json(new
        {
            by,
            groups = sums.Select(pair => new
            {
                name = pair.Key.Item1, currency = pair.Key.Item2, customers = pair.Value.Count, gross = Text(pair.Value.Gross), limit = Text(pair.Value.Limit),
                receivables = Text(pair.Value.Receivables), overdue = Text(pair.Value.Overdue), breached = pair.Value.Breached, heldOrders = pair.Value.Held,
            }),
        });
    }

    private static string Text(Int128 value) => value.ToString(CultureInfo.InvariantCulture);
}
