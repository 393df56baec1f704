using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>Held orders as the desk works on them: with the customer's figures at the time of the check and now, and who looks at them.</summary>
internal static class HoldQueue
{
    private const int ThenMost = 5_000;

    /// <summary>The queue under a filter, what ships first in front, then the largest, then the oldest hold; and the customers that it shows.</summary>
    internal static async Task<(List<LiveRow> Rows, HashSet<string> Customers)> ReadAsync(Desk desk, BoardFilter filter, int top, CancellationToken cancel)
    {
        var bands = await desk.Bands.GetAsync(cancel);
        var customers = new HashSet<string>(StringComparer.Ordinal);
        var found = new List<(PublishedRow Row, HoldLine Hold, int ShipOn)>();
        var scan = BoardScan.Run(desk.Engine, filter with { Held = true }, bands, top);
        foreach (var row in BoardFilter.Rows(scan.InOrder()))
        {
            customers.Add(row.Customer);
            if (await OrdersEndpoints.DetailAsync(desk, row.Customer, cancel) is not { } detail) continue;
            foreach (var hold in detail.Holds) found.Add((row, hold, detail.Orders.Find(o => o.OrderId == hold.OrderId)?.ShipOn ?? 0));
        }

        found.Sort((a, b) => Place(a.Hold, a.ShipOn).CompareTo(Place(b.Hold, b.ShipOn)));
        if (found.Count > top) found.RemoveRange(top, found.Count - top);
        var names = await desk.Names.OfAsync(found.Select(f => f.Row.Customer), cancel);
        var rows = new List<LiveRow>(found.Count);
        foreach (var (row, hold, shipOn) in found) rows.Add(new LiveRow(hold.HoldId, await LineAsync(desk, row, hold, shipOn, names.GetValueOrDefault(row.Customer), bands, cancel)));
        // More than fit are told, never left out in silence.
        var total = scan.Sums.Values.Sum(s => s.HeldOrders);
        rows.Add(new LiveRow(LiveRow.Whole, AccountJson.Bytes(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("total", total);
            json.WriteEndObject();
        })));
        return (rows, customers);

        // An order without a day ships nowhere yet.
        (int ShipOn, long Amount, long Since, string Order) Place(HoldLine hold, int shipOn) => (shipOn == 0 ? int.MaxValue : shipOn, -bands.Rank(hold.Amount, Currency.Parse(hold.Currency)), hold.CreatedAt.Micros, hold.OrderId);
    }

    private static async Task<byte[]> LineAsync(Desk desk, PublishedRow row, HoldLine hold, int shipOn, string? name, Bands bands, CancellationToken cancel)
    {
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
        return Utf8(line);
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
