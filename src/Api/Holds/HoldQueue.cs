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

    /// <summary>Rows of a page at most.</summary>
    internal const int PageMost = 200;

    /// <summary>A page of the queue.</summary>
    /// <param name="Filter">Whose orders.</param>
    /// <param name="Number">From 1 on; one behind the last is the last.</param>
    /// <param name="Size">Rows of a page; 0 for the counts alone.</param>
    internal readonly record struct Page(BoardFilter Filter, Asked Asked, int Number, int Size);

    /// <summary>A page of the queue, what ships first in front, then the largest, then the oldest hold; what is said of the whole queue; and the customers who are in it.</summary>
    internal static async Task<(List<LiveRow> Rows, HashSet<string> Customers)> ReadAsync(Desk desk, Page page, CancellationToken cancel)
    {
        var bands = await desk.Bands.GetAsync(cancel);
        var (queue, asked) = (await FindAsync(desk, page.Filter, page.Asked.Customer, bands, cancel), page.Asked);
        var found = queue.FindAll(h => asked.Takes(h.Hold));
        var (customers, proposed, rules) = (new HashSet<string>(StringComparer.Ordinal), new SortedDictionary<string, int>(StringComparer.Ordinal), new SortedSet<string>(StringComparer.Ordinal));
        foreach (var (customer, hold) in queue)
        {
            customers.Add(customer);
            if (hold.State == OrderState.PendingApproval) proposed[hold.RequestedBy] = proposed.GetValueOrDefault(hold.RequestedBy) + 1;
            if (asked.IsInTab(hold)) rules.UnionWith(hold.Reasons.Where(r => r.StillValid).Select(r => r.Rule));
        }

        var number = page.Size == 0 ? 1 : Math.Clamp(page.Number, 1, Math.Max(1, (found.Count + page.Size - 1) / page.Size));
        var rows = new List<LiveRow>();
        await foreach (var line in LinesAsync(desk, [.. found.Skip((number - 1) * page.Size).Take(page.Size)], bands, cancel)) rows.Add(new LiveRow((string)line["id"]!, Utf8(line)));
        // Of all of them, also where a page shows none.
        rows.Add(new LiveRow(LiveRow.Whole, AccountJson.Bytes(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("total", queue.Count);
            json.WriteNumber("decide", queue.Count - proposed.Values.Sum());
            json.WriteNumber("matching", found.Count);
            json.WriteNumber("page", number);
            if (queue.Count > 0) json.WriteString("oldest", queue.Min(h => h.Hold.CreatedAt).ToString());
            json.WriteStartObject("proposed");
            foreach (var (who, count) in proposed) json.WriteNumber(who, count);
            json.WriteEndObject();
            json.WriteStartArray("rules");
            foreach (var rule in rules) json.WriteStringValue(rule);
            json.WriteEndArray();
            json.WriteEndObject();
        })));
        return (rows, customers);
    }

    /// <summary>Which held orders somebody asks for: a tab of the queue, a rule that holds them now, a customer, one order.</summary>
    /// <param name="Tab">decide, confirm (proposed by others), or "" for all.</param>
    /// <param name="Reader">Whose own proposals are not his to confirm; "" where nobody's are left out, so that all share what is found.</param>
    internal readonly record struct Asked(string Tab, string Rule, string Customer, string Order, string Reader)
    {
        internal static readonly (string, string)[] Query =
        [
            ("state", "decide: those that wait for a proposal; confirm: those that somebody else proposes to release; all without."), ("rule", "Only those that this rule holds now."),
            ("customer", "Only of this customer."), ("hold", "Only the order of this number."),
        ];

        internal static bool TryRead(IQueryCollection query, Caller caller, out Asked asked, out IResult? wrong)
        {
            var tab = query["state"].ToString();
            asked = new Asked(tab, query["rule"].ToString(), query["customer"].ToString(), query["hold"].ToString(), tab == "confirm" ? caller.Subject : "");
            wrong = tab is "" or "decide" or "confirm" ? null : Problems.Of(400, "BAD_STATE", "?state=: expected decide, confirm or nothing.");
            return wrong is null;
        }

        internal bool IsInTab(HoldLine hold) => Tab switch { "decide" => hold.State != OrderState.PendingApproval, "confirm" => hold.State == OrderState.PendingApproval && hold.RequestedBy != Reader, _ => true };

        internal bool Takes(HoldLine hold)
        {
            var rule = Rule;
            return IsInTab(hold) && (Order.Length == 0 || hold.OrderId == Order) && (rule.Length == 0 || hold.Reasons.Any(r => r.StillValid && r.Rule == rule));
        }
    }

    /// <summary>All held orders that a caller asks for, in the order of the queue and however many they are: how many there are, and the first of them as the queue shows them.</summary>
    internal static async Task<(int Total, List<JsonObject> First)> MatchingAsync(Desk desk, Caller caller, Asked asked, int most, CancellationToken cancel)
    {
        var bands = await desk.Bands.GetAsync(cancel);
        var found = (await FindAsync(desk, BoardFilter.Of(caller), asked.Customer, bands, cancel)).FindAll(h => asked.Takes(h.Hold));
        var first = new List<JsonObject>();
        await foreach (var line in LinesAsync(desk, [.. found.Take(most)], bands, cancel)) first.Add(line);
        return (found.Count, first);
    }

    private readonly record struct Held(string Customer, HoldLine Hold);

    /// <summary>Every held order of every customer whom a filter takes, however many, in the order of the queue.</summary>
    private static async Task<List<Held>> FindAsync(Desk desk, BoardFilter filter, string customer, Bands bands, CancellationToken cancel)
    {
        var customers = BoardFilter.Rows(BoardScan.Run(desk.Engine, filter with { Held = true, Search = customer.Length > 0 ? customer : filter.Search }, bands, int.MaxValue).InOrder());
        if (customer.Length > 0) customers.RemoveAll(c => c.Customer != customer);
        var all = await desk.HeldOrders.OfAsync(customers, cancel);
        var found = customers.Zip(all).SelectMany(both => both.Second.Select(hold => new Held(both.First.Customer, hold))).ToList();
        // An order without a day ships nowhere yet.
        found.Sort((a, b) => Place(a.Hold).CompareTo(Place(b.Hold)));
        return found;

        (int ShipOn, long Amount, long Since, string Order) Place(HoldLine hold) => (hold.ShipOn == 0 ? int.MaxValue : hold.ShipOn, -bands.Rank(hold.Amount, Currency.Parse(hold.Currency)), hold.CreatedAt.Micros, hold.OrderId);
    }

    private static async IAsyncEnumerable<JsonObject> LinesAsync(Desk desk, List<Held> found, Bands bands, [EnumeratorCancellation] CancellationToken cancel)
    {
        var names = await desk.Names.OfAsync(found.Select(f => f.Customer), cancel);
        foreach (var (customer, hold) in found)
            if (desk.Engine.TryGetRow(customer, out var row)) yield return await LineAsync(desk, row, hold, names.GetValueOrDefault(customer), bands, cancel);
    }

    private static async Task<JsonObject> LineAsync(Desk desk, PublishedRow row, HoldLine hold, string? name, Bands bands, CancellationToken cancel)
    {
        var line = JsonSerializer.SerializeToNode(AccountJson.Hold(row.Customer, hold), JsonSerializerOptions.Web)!.AsObject();
        var f = row.Figures;
        line["id"] = hold.HoldId;
        if (name is not null) line["name"] = name;
        line["segment"] = row.Segment;
        line["band"] = BoardFilter.NameOf(bands.Of(f));
        if (hold.ShipOn != 0) line["shipOn"] = JsonFieldWriter.DateText(hold.ShipOn);
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
