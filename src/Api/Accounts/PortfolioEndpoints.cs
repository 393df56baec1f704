using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

internal static class PortfolioEndpoints
{
    private static readonly Dictionary<string, Func<PublishedRow, long>> Sorts = new(StringComparer.Ordinal)
    {
        ["gross"] = row => row.Figures.Gross,
        ["utilisation"] = row => row.Figures.UtilisationBp,
        ["overdue"] = row => row.Figures.Overdue,
        ["receivables"] = row => row.Figures.Receivables,
        ["available"] = row => row.Figures.Available,
        ["held"] = row => row.Figures.Held,
    };

    internal static void MapPortfolio(this IEndpointRouteBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/portfolio", Roles.Readers,
            "Customers: ?sort=gross|utilisation|overdue|receivables|available|held, ?order=asc, ?segment= ?country= ?controller= ?breached=true ?held=true, ?limit= ?cursor=.",
            (http, _) => Task.FromResult(List(desk, http)));
        api.For(desk, "GET", "/portfolio/aggregates", Roles.Readers, "Sums by ?by=segment|country|controller, per currency.", (http, _) =>
            Task.FromResult(Aggregates(desk, http)));
    }

    private static IResult List(Desk desk, HttpContext http)
    {
        var query = http.Request.Query;
        var sort = query.TryGetValue("sort", out var told) ? told.ToString() : "gross";
        if (!Sorts.TryGetValue(sort, out var key)) return Problems.Of(400, "BAD_SORT", "Sort by " + string.Join(", ", Sorts.Keys) + ".");
        var rows = Rows(desk, http);
        var ascending = query["order"] == "asc";
        // The customer's id breaks ties, so that a page never repeats or loses a row.
        rows.Sort((a, b) =>
        {
            var order = ascending ? key(a).CompareTo(key(b)) : key(b).CompareTo(key(a));
            return order != 0 ? order : string.CompareOrdinal(a.Customer, b.Customer);
        });
        var limit = Desk.Page(query["limit"], 50, 500);
        var from = 0;
        if (query["cursor"].ToString() is { Length: > 0 } cursor)
        {
            var parts = cursor.Split('~', 2);
            if (parts.Length != 2 || !long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
                return Problems.Of(400, "BAD_CURSOR", "The cursor is not one of ours.");
            from = rows.FindIndex(row => (ascending ? key(row).CompareTo(value) : value.CompareTo(key(row))) is var order
                && (order > 0 || (order == 0 && string.CompareOrdinal(row.Customer, parts[1]) > 0)));
            if (from < 0) from = rows.Count;
        }

        var to = Math.Min(rows.Count, from + limit);
        return Results.Bytes(AccountJson.Bytes(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("total", rows.Count);
            json.WriteStartArray("customers");
            for (var i = from; i < to; i++) AccountJson.Write(json, rows[i], null);
            json.WriteEndArray();
            if (to < rows.Count) json.WriteString("cursor", $"{key(rows[to - 1])}~{rows[to - 1].Customer}");
            json.WriteEndObject();
        }), "application/json");
    }

    private static List<PublishedRow> Rows(Desk desk, HttpContext http)
    {
        var query = http.Request.Query;
        var (segment, country, controller) = (query["segment"].ToString(), query["country"].ToString(), query["controller"].ToString());
        var (breached, held) = (query["breached"] == "true", query["held"] == "true");
        var list = new List<PublishedRow>();
        foreach (var rows in desk.Engine.Published)
            rows.Visit(row =>
            {
                if (row.Customer is null || (segment.Length > 0 && row.Segment != segment) || (country.Length > 0 && row.Country != country)
                    || (controller.Length > 0 && row.Controller != controller) || (breached && !row.Figures.Breached)
                    || (held && row.Figures.HeldOrders == 0)) return;
                list.Add(row);
            });
        return list;
    }

    private static IResult Aggregates(Desk desk, HttpContext http)
    {
        var by = http.Request.Query["by"].ToString();
        if (by is not ("segment" or "country" or "controller")) return Problems.Of(400, "BAD_GROUP", "Group by segment, country or controller.");
        var sums = new SortedDictionary<(string, string), (int Count, Int128 Gross, Int128 Limit, Int128 Receivables, Int128 Overdue, int Breached, int Held)>();
        foreach (var row in Rows(desk, http))
        {
            var name = by switch { "segment" => row.Segment, "country" => row.Country, _ => row.Controller };
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
