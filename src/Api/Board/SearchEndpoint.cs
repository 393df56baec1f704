using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>One box for a customer's code or name, and for the order on hold.</summary>
internal static class SearchEndpoint
{
    private const int Most = 20;

    internal static void MapSearch(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/search", Roles.Readers, "Customers by a part of their code or name, and orders on hold by a part of theirs; at most 20.", async (http, caller) =>
        {
            var text = http.Request.Query["q"].ToString().Trim();
            if (text.Length is 0 or > 80) return Problems.Of(400, "BAD_TEXT", "?q=: expected 1 to 80 characters.");
            var found = new SortedDictionary<string, PublishedRow>(StringComparer.Ordinal);
            // Whose code it is exactly stands first.
            if (desk.Engine.TryGetRow(text, out var exact) && Desk.Sees(caller, exact)) found[exact.Customer] = exact;
            var scan = new IdScan(text);
            foreach (var rows in desk.Engine.Published) rows.Scan(ref scan);
            foreach (var id in scan.Found)
                if (found.Count < Most && desk.Engine.TryGetRow(id, out var row) && Desk.Sees(caller, row)) found[id] = row;
            foreach (var (id, _) in await desk.Engine.Reader.FindPartiesAsync(text, Most, http.RequestAborted))
                if (found.Count < Most && desk.Engine.TryGetRow(id, out var row) && Desk.Sees(caller, row)) found[id] = row;
            var names = await desk.Names.OfAsync(found.Keys, http.RequestAborted);
            var bands = await desk.Bands.GetAsync(http.RequestAborted);
            return Results.Json(new
            {
                customers = found.Values.Select(r => new { id = r.Customer, name = names.GetValueOrDefault(r.Customer), segment = r.Segment, band = BoardFilter.NameOf(bands.Of(r.Figures)) }),
                holds = await HoldsAsync(desk, caller, text, http.RequestAborted),
            });
        }).Asks(("q", "A part of a code or a name.")).Fails(503).Tells(Shapes.Search);

    private static async Task<List<object>> HoldsAsync(Desk desk, Caller caller, string text, CancellationToken cancel)
    {
        var records = await desk.Engine.Reader.RowsAsync(new RowQuery { Table = RowTable.Hold, Subject = text, Limit = 5 }, cancel);
        return [.. records.Where(r => desk.Sees(caller, r.Customer)).DistinctBy(r => (r.Customer, r.Subject)).Select(r => new { customer = r.Customer, order = r.Subject })];
    }

    /// <summary>Ids that contain a text, without making a string of every id.</summary>
    private struct IdScan(string text) : IGlanceVisitor
    {
        private PublishedRows _rows = null!;

        internal List<string> Found { get; } = [];

        public void Begin(PublishedRows rows) => _rows = rows;

        public void Visit(in PublishedGlance row)
        {
            if (Found.Count < Most && _rows.IdContains(row.Slot, text)) Found.Add(_rows.CustomerAt(row.Slot));
        }
    }
}
