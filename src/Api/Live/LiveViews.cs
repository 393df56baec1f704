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

    private const int HoldsMost = 200;

    /// <summary>
    /// The view of one subscription: <c>board</c>, <c>holds</c>, <c>alerts</c>, <c>customer:id</c>. Filters of a board and
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
            case "board" or "holds":
                var query = rest.Length == 0 ? http.Request.Query : new QueryCollection(QueryHelpers.ParseQuery(Uri.UnescapeDataString(rest)));
                if (!BoardFilter.TryRead(query, caller, out var filter, out wrong)) return null;
                if (!Desk.TryPage(query["top"], 50, out var top, out wrong, TopMost)) return null;
                return kind == "board"
                    ? ($"{sub}|{top}|{filter}", () => new LiveView(sub, true, _ => true, _ => Task.FromResult(Board(desk, filter, top))))
                    : ($"{sub}|{top}|{filter}", () => Holds(desk, sub, filter, Math.Min(top, HoldsMost)));
            case "alerts" when rest.Length == 0:
                return ($"alerts|{scope}", () => new LiveView(sub, true, _ => true, cancel => AlertsAsync(desk, caller, cancel)));
            default:
                wrong = Problems.Of(400, "BAD_SUBS", "?subs=: expected board, holds, alerts or customer:<id> of a known customer, with commas between.");
                return null;
        }
    }

    private static List<LiveRow> Customer(Desk desk, Caller caller, string customer) =>
        desk.Engine.TryGetRow(customer, out var row) && Desk.Sees(caller, row) ? [new LiveRow(customer, AccountJson.Row(row, null))] : [];

    private static List<LiveRow> Board(Desk desk, BoardFilter filter, int top) =>
        [.. filter.Rows(desk.Engine).Take(top).Select(row => new LiveRow(row.Customer, AccountJson.Row(row, null)))];

    /// <summary>Only a customer that has holds, or had one in the view, makes the holds be read again.</summary>
    private static LiveView Holds(Desk desk, string name, BoardFilter filter, int top)
    {
        IReadOnlySet<string> shown = new HashSet<string>();
        return new LiveView(name, false, touched => touched.Any(c => shown.Contains(c) || (desk.Engine.TryGetRow(c, out var row) && row.Figures.HeldOrders > 0)), async cancel =>
        {
            var customers = new HashSet<string>(StringComparer.Ordinal);
            var rows = await HoldsAsync(desk, filter, top, customers, cancel);
            shown = customers;
            return rows;
        });
    }

    private static async Task<List<LiveRow>> HoldsAsync(Desk desk, BoardFilter filter, int top, HashSet<string> customers, CancellationToken cancel)
    {
        var rows = new List<LiveRow>();
        foreach (var row in filter.Rows(desk.Engine).Where(r => r.Figures.HeldOrders > 0))
        {
            if (rows.Count >= top) break;
            customers.Add(row.Customer);
            if (await OrdersEndpoints.DetailAsync(desk, row.Customer, cancel) is not { } detail) continue;
            foreach (var hold in detail.Holds.Take(top - rows.Count))
                rows.Add(new LiveRow(hold.HoldId, JsonSerializer.SerializeToUtf8Bytes(AccountJson.Hold(row.Customer, hold), JsonSerializerOptions.Web)));
        }

        return rows;
    }

    private static async Task<List<LiveRow>> AlertsAsync(Desk desk, Caller caller, CancellationToken cancel)
    {
        var newest = await desk.Engine.Reader.RowsAsync(new RowQuery { Table = RowTable.Signal, Limit = 100 }, cancel);
        return [.. newest.Where(r => caller.Segments.Count == 0 || desk.Sees(caller, r.Customer))
            .Select(r => new LiveRow(string.Create(CultureInfo.InvariantCulture, $"{r.Partition}-{r.Seq}-{r.Index}-{r.Ordinal}"), r.Json().ToArray()))];
    }
}
