using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Records of the journal as files, newest first, under the filter of their screen: what was decided about orders and limits, who did what, what could not be applied.</summary>
internal static class RecordsExport
{
    private const int Page = 500;

    /// <summary>Members of an audit entry that have a column of their own.</summary>
    private static readonly string[] Apart = ["actor", "type", "outcome", "reasonCode", "customer", "key"];

    /// <summary>A row with what its record says.</summary>
    private sealed record Line(JournalRow Row, JsonElement Told)
    {
        internal string At => new Instant(Row.At).ToString();

        internal string Entry => new EntryPosition(Row.Partition, Row.Seq, Row.Index).ToString();

        internal string Of(string name) => Told.TryGetProperty(name, out var told) ? told.ValueKind switch { JsonValueKind.String => told.GetString()!, JsonValueKind.Null => "", _ => told.GetRawText() } : "";

        /// <summary>Several names in one cell.</summary>
        internal string All(string name) => Told.TryGetProperty(name, out var told) && told.ValueKind == JsonValueKind.Array ? string.Join(" ", told.EnumerateArray().Select(e => e.ToString())) : "";

        internal string Amount(string name) => long.TryParse(Of(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var minor) && Currency.TryParse(Of("currency"), out var currency) ? Csv.Amount(minor, currency) : "";
    }

    private static readonly CsvColumn<Line> At = new("at", "Time", "时间", l => l.At), Customer = new("customer", "Customer", "客户", l => Csv.Text(l.Row.Customer)), Entry = new("entry", "Journal entry", "流水位置", l => l.Entry),
        Money = new("currency", "Currency", "币种", l => Csv.Text(l.Of("currency"))), Person = new("actor", "Person", "人员", l => Csv.Text(l.Of("actor"))), Reason = new("reason", "Reason", "原因", l => Csv.Text(l.Of("reason")));

    internal static void MapRecordsExport(this RouteGroupBuilder api, Desk desk)
    {
        Map("/audit", RowTable.Audit, Roles.Auditor, "audit", "The audit trail, newest first.",
        [
            At, Person, new("type", "Command", "操作", l => Csv.Text(l.Row.Kind)), Customer, new("outcome", "Outcome", "结果", l => Csv.Text(l.Of("outcome"))), new("reasonCode", "Reason", "原因", l => Csv.Text(l.Of("reasonCode"))), Entry,
            new("fields", "Fields", "内容", l => Csv.Text(string.Join("; ", l.Told.EnumerateObject().Where(f => !Apart.Contains(f.Name)).Select(f => f.Name + "=" + l.Of(f.Name))))),
        ]);
        Map("/hold-records", RowTable.Hold, Roles.Readers, "decided-holds", "What was decided about held orders, newest first.",
        [
            At, new("order", "Order", "订单", l => Csv.Text(l.Of("orderId"))), Customer, Money, new("amount", "Amount", "金额", l => l.Amount("amount")),
            new("state", "State", "状态", (l, zh) => l.Row.Kind switch { HoldChanged.Rejected => zh ? "已驳回" : "Rejected", HoldChanged.Released => zh ? "已放行" : "Released", HoldChanged.Held => zh ? "已冻结" : "On hold", var step => step }), Person, new("approver", "Second person", "复核人", l => Csv.Text(l.Of("approver"))), Reason,
            new("causes", "Made by", "依据", l => Csv.Text(l.All("causes"))), Entry,
        ], row => row.Kind is HoldChanged.Released or HoldChanged.Rejected).Asks(("steps", "all: every step in the life of a hold, not what was decided alone."));
        Map("/limit-changes", RowTable.LimitChange, Roles.Readers, "limit-changes", "Changes of limits, newest first.",
        [
            At, Customer, new("step", "Step", "步骤", l => Csv.Text(l.Row.Kind)), Money, new("before", "Before", "变更前", l => l.Amount("before")), new("after", "After", "变更后", l => l.Amount("after")), Person,
            new("approvedBy", "Approved by", "批准人", l => Csv.Text(l.All("approvedBy"))), Reason, Entry,
        ], row => !row.Kind.StartsWith("credit.effective-limit", StringComparison.Ordinal));
        MapDeadLetters(api, desk);

        RouteSpec Map(string path, RowTable table, Roles roles, string name, string summary, IReadOnlyList<CsvColumn<Line>> columns, Func<JournalRow, bool>? takes = null) =>
            api.ForFile(desk, path, roles, name, summary, columns, async (http, caller) => await ReadAsync(desk, http, caller, table, http.Request.Query["steps"] == "all" ? null : takes, (row, told) => new Line(row, told)))
                .Asks(("customer", "Only of this customer."), ("subject", "Only about this order, request or actor."), ("kind", "Only of this kind."), ("day", "Only of this day, as yyyy-MM-dd in the time zone of the credit control."));
    }

    /// <summary>A dead letter, and what became of it.</summary>
    private sealed record Dead(Line Line, (string State, string By, string Why) Settled);

    private static void MapDeadLetters(RouteGroupBuilder api, Desk desk) =>
        api.ForFile<Dead>(desk, "/dead-letters", Roles.Analyst | Roles.Approver | Roles.Auditor | Roles.Admin, "dead-letters", "Records that could not be applied, newest first.",
        [
            new("reason", "Reason", "原因", d => Csv.Text(d.Line.Of("reasonCode") is { Length: > 0 } code ? code : d.Line.Row.Kind)), new("detail", "Detail", "说明", d => Csv.Text(d.Line.Of("outcomeDetail"))), new("record", "Record", "记录", d => Csv.Text(d.Line.Of("eventId"))),
            new("customer", "Customer", "客户", d => Csv.Text(d.Line.Row.Customer)), new("at", "Time", "时间", d => d.Line.At), new("entry", "Journal entry", "流水位置", d => d.Line.Entry),
            new("settled", "Settled", "了结", (d, zh) => d.Settled.State switch { "replayed" => zh ? "已重放" : "replayed", "discarded" => zh ? "已放弃" : "discarded", _ => "" }), new("settledBy", "Settled by", "了结人", d => Csv.Text(d.Settled.By)), new("settledWhy", "Why", "理由", d => Csv.Text(d.Settled.Why)),
        ], async (http, caller) =>
        {
            if (http.Request.Query["state"].ToString() is not ("" or "open" or "settled") and var bad) return new(Problems.Of(400, "BAD_STATE", $"?state=: expected open, settled or nothing, not '{(bad.Length <= 60 ? bad : bad[..60])}'."), []);
            var wanted = http.Request.Query["state"].ToString();
            var settled = await DeadLettersEndpoints.SettledAsync(desk, http.RequestAborted);
            var found = await ReadAsync(desk, http, caller, RowTable.DeadLetter, null, (row, told) =>
            {
                var line = new Line(row, told);
                return new Dead(line, settled.GetValueOrDefault(line.Entry));
            });
            return wanted.Length == 0 ? found : found with { Rows = [.. found.Rows.Where(d => (d.Settled.State is not null) == (wanted == "settled"))] };
        }).Asks(("state", "open or settled; both without."));

    /// <summary>All rows that the caller sees, page by page; cut when there are more than a file has.</summary>
    private static async Task<CsvFile.Found<T>> ReadAsync<T>(Desk desk, HttpContext http, Caller caller, RowTable table, Func<JournalRow, bool>? takes, Func<JournalRow, JsonElement, T> make)
    {
        var query = http.Request.Query;
        if (!RecordsEndpoints.TryDay(desk, query["day"], out var day, out var bad)) return new(bad, []);
        var asked = new RowQuery { Table = table, Customer = Told(query["customer"]), Subject = Told(query["subject"]), Kind = Told(query["kind"]), Limit = Page };
        var (lines, read) = (new List<T>(), 0);
        for (RowCursor? after = day is { } wanted ? RecordsEndpoints.Before(wanted.Until) : null; ;)
        {
            var found = await desk.Engine.Reader.RowsAsync(asked with { After = after }, http.RequestAborted);
            foreach (var row in found)
            {
                if (day is { } only && row.At < only.From) return new(null, lines);
                if (takes?.Invoke(row) == false || (caller.Segments.Count > 0 && (row.Customer.Length == 0 || !desk.Sees(caller, row.Customer)))) continue;
                using var told = JsonDocument.Parse(row.Json());
                lines.Add(make(row, told.RootElement.Clone()));
            }

            if (found.Count < Page) return new(null, lines);
            if ((read += found.Count) >= CsvFile.RowsMost) return new(null, lines, IsCut: true);
            after = new RowCursor(found[^1].At, found[^1].Partition, found[^1].Seq, found[^1].Index, found[^1].Ordinal);
        }
    }

    private static string? Told(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
