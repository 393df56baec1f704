using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace ExposureMonitor.Api;

/// <summary>Makes views of what a caller subscribes to.</summary>
internal static class LiveViews
{
    internal const int TopMost = 500;

    /// <summary>
    /// The view of one subscription: <c>board</c>, <c>tiles</c>, <c>holds</c>, <c>holds:count</c>, <c>alerts</c>, <c>alerts:count</c>, <c>customer:id</c>. Filters of a board and
    /// of the holds stand in the address, or behind a colon as an escaped query string, so that one stream can carry several.
    /// </summary>
    internal static (string Key, Func<LiveView> Make)? Of(Desk desk, HttpContext http, Caller caller, string sub, out IResult? wrong)
    {
        wrong = null;
        var scope = string.Join(',', caller.Segments.Order(StringComparer.Ordinal));
        var (kind, rest) = sub.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0 ? (sub[..colon], sub[(colon + 1)..]) : (sub, "");
        switch (kind)
        {
            case "customer" when Ids.IsValid(rest) && desk.Engine.TryGetRow(rest, out var known) && Desk.Sees(caller, known):
                return ($"{sub}|{scope}", () => new LiveView(sub, false, touched => touched.Contains(rest), _ => Task.FromResult(Customer(desk, caller, rest))));
            case "board" or "holds" or "tiles":
                var query = rest.Length == 0 ? http.Request.Query : new QueryCollection(QueryHelpers.ParseQuery(Uri.UnescapeDataString(rest)));
                if (!BoardFilter.TryRead(query, caller, out var filter, out wrong)) return null;
                if (!Desk.TryPage(query["top"], 50, out var top, out wrong, TopMost)) return null;
                return kind switch
                {
                    "board" => ($"{sub}|{top}|{filter}", () => new LiveView(sub, true, _ => true, cancel => BoardAsync(desk, filter, top, cancel))),
                    "tiles" => ($"{sub}|{filter}", () => new LiveView(sub, true, _ => true, async cancel => BoardTiles.Compute(desk.Engine, filter, await desk.Bands.GetAsync(cancel)))),
                    _ => HoldsOf(desk, query, caller, sub, filter, rest == "count" ? 0 : Math.Min(top, HoldQueue.PageMost), out wrong),
                };
            case "alerts" when rest is "" or "count":
                return ($"{sub}|{scope}", () => new LiveView(sub, true, _ => true, cancel => rest.Length == 0 ? WarningsEndpoints.ReadAsync(desk, caller, cancel) : WarningsEndpoints.CountAsync(desk, caller, cancel)) { IsAlerts = true });
            default:
                wrong = Problems.Of(400, "BAD_SUBS", "?subs=: expected board, tiles, holds, holds:count, alerts, alerts:count or customer:<id> of a known customer, with commas between.");
                return null;
        }
    }

    private static List<LiveRow> Customer(Desk desk, Caller caller, string customer) =>
        desk.Engine.TryGetRow(customer, out var row) && Desk.Sees(caller, row) ? [new LiveRow(customer, AccountJson.Row(row, null))] : [];

    private static async Task<List<LiveRow>> BoardAsync(Desk desk, BoardFilter filter, int top, CancellationToken cancel)
    {
        var bands = await desk.Bands.GetAsync(cancel);
        var scan = BoardScan.Run(desk.Engine, filter, bands, top);
        var rows = BoardFilter.Rows(scan.InOrder());
        var names = await desk.Names.OfAsync(rows.Select(r => r.Customer), cancel);
        var whole = AccountJson.Bytes(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("total", scan.Total);
            BoardTiles.WriteSums(json, scan.Sums);
            json.WriteEndObject();
        });
        return [.. rows.Select(row => new LiveRow(row.Customer, BoardRow.Of(row, names.GetValueOrDefault(row.Customer), bands, bands.GroupOf(row.Customer, filter.Scope, desk.Engine)))), new LiveRow(LiveRow.Whole, whole)];
    }

    private static (string, Func<LiveView>)? HoldsOf(Desk desk, IQueryCollection query, Caller caller, string sub, BoardFilter filter, int size, out IResult? wrong)
    {
        if (!HoldQueue.Asked.TryRead(query, caller, out var asked, out wrong) || !Desk.TryPage(query["page"], 1, out var page, out wrong, int.MaxValue, "page")) return null;
        return ($"{sub}|{size}|{page}|{asked}|{filter}", () => Holds(desk, sub, new(filter, asked, page, size)));
    }

    /// <summary>Only a customer that has holds, or had one in the view, makes the holds be read again; counts alone follow as a board does.</summary>
    private static LiveView Holds(Desk desk, string name, HoldQueue.Page page)
    {
        IReadOnlySet<string> shown = new HashSet<string>();
        var only = page.Asked.Customer;
        return new LiveView(name, page.Size == 0, touched => only.Length > 0 ? touched.Contains(only) : touched.Any(c => shown.Contains(c) || (desk.Engine.TryGetRow(c, out var row) && row.Figures.HeldOrders > 0)), async cancel =>
        {
            var (rows, customers) = await HoldQueue.ReadAsync(desk, page, cancel);
            shown = customers;
            return rows;
        }) { IsHolds = true };
    }
}
