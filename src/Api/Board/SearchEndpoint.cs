using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>One box for a customer's code or name, for the order on hold, and for the number of an order or invoice.</summary>
internal static class SearchEndpoint
{
    private const int Most = 20, LeastOfNumber = 3;

    internal static void MapSearch(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/search", Roles.Readers, $"Customers by a part of their code or name, and held orders by their number; at most {Most}. Where there is neither, customers who have an open order or invoice of this very number.", async (http, caller) =>
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
            var holds = await HoldsAsync(desk, caller, text, http.RequestAborted);
            return Results.Json(new
            {
                customers = found.Values.Select(r => new { id = r.Customer, name = names.GetValueOrDefault(r.Customer), segment = r.Segment, band = BoardFilter.NameOf(bands.Of(r.Figures)) }),
                holds,
                documents = found.Count == 0 && holds.Count == 0 && text.Length >= LeastOfNumber && Ids.IsValid(text) ? await DocumentsAsync(desk, caller, text, http.RequestAborted) : [],
            });
        }).Asks(("q", $"A part of a code or a name, or a whole number of a document of {LeastOfNumber} characters or more.")).Fails(503).Tells(Shapes.Search);

    private static async Task<List<object>> HoldsAsync(Desk desk, Caller caller, string text, CancellationToken cancel)
    {
        var records = await desk.Engine.Reader.RowsAsync(new RowQuery { Table = RowTable.Hold, Subject = text, Limit = 5 }, cancel);
        return [.. records.Where(r => desk.Sees(caller, r.Customer)).DistinctBy(r => (r.Customer, r.Subject)).Select(r => new { customer = r.Customer, order = r.Subject })];
    }

    /// <summary>No index knows whose a number is: the accounts are looked at in parts, and only for what nothing else explains.</summary>
    private static async Task<List<object>> DocumentsAsync(Desk desk, Caller caller, string text, CancellationToken cancel)
    {
        var found = new List<object>();
        for (var partition = 0; partition < desk.Engine.Database.Partitions && found.Count < Most; partition++)
        {
            try
            {
                for (int? from = 0; from is { } slot && found.Count < Most;)
                {
                    var page = await desk.Engine.AskAsync(partition, BookQuestions.Holders(new HoldersAsked(slot, text)), cancel);
                    found.AddRange(page.Holders.Where(h => desk.Engine.TryGetRow(h.Customer, out var row) && Desk.Sees(caller, row)).Take(Most - found.Count).Select(h => new { customer = h.Customer, document = h.Document, isOrder = h.IsOrder }));
                    from = page.Next == 0 ? null : page.Next;
                }
            }
            catch (EngineUnavailableException)
            {
                // It is read back: what is there is found in a moment.
            }
        }

        return found;
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
