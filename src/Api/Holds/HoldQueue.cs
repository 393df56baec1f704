using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;

namespace ExposureMonitor.Api;

/// <summary>Held orders as the desk works on them: with the customer's figures at the time of the check and now, and who looks at them.</summary>
internal static class HoldQueue
{
    private const int ThenMost = 5_000;

    /// <summary>The queue under a filter, what ships first in front, then the largest, then the oldest hold; and the customers that it shows.</summary>
    internal static async Task<(List<LiveRow> Rows, HashSet<string> Customers)> ReadAsync(Desk desk, BoardFilter filter, int top, CancellationToken cancel)
    {
        var bands = await desk.Bands.GetAsync(cancel);
        var scan = BoardScan.Run(desk.Engine, filter with { Held = true }, bands, top);
        var customers = BoardFilter.Rows(scan.InOrder());
        var found = await FindAsync(desk, customers, static _ => true, bands, cancel);
        // Each tab has its own first rows: many that are proposed already hide none that wait for a proposal.
        var (decide, confirm) = (0, 0);
        var shown = found.Where(h => (h.Hold.State == OrderState.PendingApproval ? confirm++ : decide++) < top).ToList();
        var rows = new List<LiveRow>(shown.Count);
        await foreach (var line in LinesAsync(desk, shown, bands, cancel)) rows.Add(new LiveRow((string)line["id"]!, Utf8(line)));
        // More than fit are told, never left out in silence.
        var total = scan.Sums.Values.Sum(s => s.HeldOrders);
        rows.Add(new LiveRow(LiveRow.Whole, AccountJson.Bytes(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("total", total);
            json.WriteNumber("decide", decide);
            json.WriteEndObject();
        })));
        return (rows, [.. customers.Select(c => c.Customer)]);
    }

    /// <summary>Which held orders somebody asks for: a tab of the queue, a rule that holds them now, a customer.</summary>
    /// <param name="Tab">decide, confirm (proposed by others), or "" for all.</param>
    internal readonly record struct Asked(string Tab, string Rule, string Customer)
    {
        internal static readonly (string, string)[] Query =
            [("state", "decide: those that wait for a proposal; confirm: those that somebody else proposes to release; all without."), ("rule", "Only those that this rule holds now."), ("customer", "Only of this customer.")];

        internal static bool TryRead(HttpContext http, out Asked asked, out IResult? wrong)
        {
            var query = http.Request.Query;
            asked = new Asked(query["state"].ToString(), query["rule"].ToString(), query["customer"].ToString());
            wrong = asked.Tab is "" or "decide" or "confirm" ? null : Problems.Of(400, "BAD_STATE", "?state=: expected decide, confirm or nothing.");
            return wrong is null;
        }

        internal bool Takes(HoldLine hold, Caller caller)
        {
            var rule = Rule;
            return Tab switch { "decide" => hold.State != OrderState.PendingApproval, "confirm" => hold.State == OrderState.PendingApproval && hold.RequestedBy != caller.Subject, _ => true }
                && (rule.Length == 0 || hold.Reasons.Any(r => r.StillValid && r.Rule == rule));
        }
    }

    /// <summary>All held orders that a caller asks for, in the order of the queue and however many they are: how many there are, and the first of them as the queue shows them.</summary>
    internal static async Task<(int Total, List<JsonObject> First)> MatchingAsync(Desk desk, Caller caller, Asked asked, int most, CancellationToken cancel)
    {
        var bands = await desk.Bands.GetAsync(cancel);
        var customers = new List<PublishedRow>();
        foreach (var rows in desk.Engine.Published)
            rows.Visit(row =>
            {
                if (row.Customer is not null && row.Figures.HeldOrders > 0 && Desk.Sees(caller, row) && (asked.Customer.Length == 0 || row.Customer == asked.Customer)) customers.Add(row);
            });
        var found = await FindAsync(desk, customers, hold => asked.Takes(hold, caller), bands, cancel);
        var first = new List<JsonObject>();
        await foreach (var line in LinesAsync(desk, [.. found.Take(most)], bands, cancel)) first.Add(line);
        return (found.Count, first);
    }

    private readonly record struct Held(PublishedRow Row, HoldLine Hold, int ShipOn);

    private static async Task<List<Held>> FindAsync(Desk desk, IReadOnlyList<PublishedRow> customers, Func<HoldLine, bool> takes, Bands bands, CancellationToken cancel)
    {
        var found = new List<Held>();
        foreach (var row in customers)
        {
            if (await OrdersEndpoints.DetailAsync(desk, row.Customer, cancel) is not { } detail) continue;
            foreach (var hold in detail.Holds.Where(takes)) found.Add(new Held(row, hold, detail.Orders.Find(o => o.OrderId == hold.OrderId)?.ShipOn ?? 0));
        }

        found.Sort((a, b) => Place(a.Hold, a.ShipOn).CompareTo(Place(b.Hold, b.ShipOn)));
        return found;

        // An order without a day ships nowhere yet.
        (int ShipOn, long Amount, long Since, string Order) Place(HoldLine hold, int shipOn) => (shipOn == 0 ? int.MaxValue : shipOn, -bands.Rank(hold.Amount, Currency.Parse(hold.Currency)), hold.CreatedAt.Micros, hold.OrderId);
    }

    private static async IAsyncEnumerable<JsonObject> LinesAsync(Desk desk, List<Held> found, Bands bands, [EnumeratorCancellation] CancellationToken cancel)
    {
        var names = await desk.Names.OfAsync(found.Select(f => f.Row.Customer), cancel);
        foreach (var held in found) yield return await LineAsync(desk, held, names.GetValueOrDefault(held.Row.Customer), bands, cancel);
    }

    private static async Task<JsonObject> LineAsync(Desk desk, Held held, string? name, Bands bands, CancellationToken cancel)
    {
        var (row, hold, shipOn) = held;
        var line = JsonSerializer.SerializeToNode(AccountJson.Hold(row.Customer, hold), JsonSerializerOptions.Web)!.AsObject();
        var f = row.Figures;
        line["id"] = hold.HoldId;
        if (name is not null) line["name"] = name;
        line["segment"] = row.Segment;
        line["band"] = BoardFilter.NameOf(bands.Of(f));
        if (shipOn != 0) line["shipOn"] = JsonFieldWriter.DateText(shipOn);
        line["now"] = new JsonObject
        {
            ["currency"] = f.Currency.Code, ["gross"] = Digits(f.Gross), ["limit"] = f.LimitKind == LimitKind.Amount ? Digits(f.Limit) : null, ["available"] = f.LimitKind == LimitKind.Amount ? Digits(f.Available) : null,
            ["overdue"] = Digits(f.Overdue), ["oldestDays"] = f.OldestDays,
        };
        line["then"] = (await ThenAsync(desk, row.Customer, hold, cancel))?.DeepClone();
        if (desk.Looking.Of(row.Customer + "/" + hold.OrderId) is { } looking) line["takenBy"] = looking.By;
        if ((await desk.HoldNotes.AssignedAsync(cancel)).TryGetValue(row.Customer + "/" + hold.OrderId, out var assigned)) line["assignedTo"] = assigned;
        return line;
    }

    /// <summary>The figures that stood in the record of the hold.</summary>
    private static async Task<JsonNode?> ThenAsync(Desk desk, string customer, HoldLine hold, CancellationToken cancel)
    {
        if (desk.HoldFigures.TryGetValue(hold.HoldId, out var known)) return known;
        var records = await desk.Engine.Reader.RowsAsync(new RowQuery { Table = RowTable.Hold, Customer = customer, Subject = hold.OrderId, Kind = HoldChanged.Held, Limit = 20 }, cancel);
        var first = records.Select(r => r.Effect()).OfType<HoldChanged>().LastOrDefault(h => h.HoldId == hold.HoldId);
        if (first?.Figures is not { } f) return null;
        if (desk.HoldFigures.Count > ThenMost) desk.HoldFigures.Clear();
        return desk.HoldFigures[hold.HoldId] = new JsonObject { ["currency"] = f.Currency, ["gross"] = Digits(f.Gross), ["limit"] = f.LimitKind == LimitKind.Amount ? Digits(f.Limit) : null, ["afterThis"] = Digits(f.AfterThis) };
    }

    private static byte[] Utf8(JsonObject line) => AccountJson.Bytes(json => line.WriteTo(json));

    private static string Digits(long value) => value.ToString(CultureInfo.InvariantCulture);
}
