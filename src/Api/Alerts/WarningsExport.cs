using System.Globalization;
using System.Text.Json.Nodes;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Early warnings as a file, under the filters of their screen.</summary>
internal static class WarningsExport
{
    private static readonly string[] States = ["", "firing", "resolved"];

    private static readonly CsvColumn<JsonObject>[] Columns =
    [
        new("severity", "Severity", "严重程度", (l, zh) => Csv.Text(zh ? Of(l, "severity") switch { "Info" => "提示", "Low" => "低", "Medium" => "中", "High" => "高", "Critical" => "严重", var other => other } : Of(l, "severity"))),
        new("indicator", "Signal", "预警信号", l => Csv.Text(Of(l, "indicator"))), new("about", "About", "对象", l => Csv.Text(Of(l, "about"))), new("customer", "Customer", "客户", l => Csv.Text(Of(l, "customer"))), new("name", "Name", "名称", l => Csv.Text(Of(l, "name"))),
        new("value", "Value", "值", l => Figure(l, "value")), new("was", "Value the time before", "上次值", l => Figure(l, "was")), new("threshold", "Fires at", "触发值", l => Figure(l, "threshold")), new("unit", "Unit", "单位", l => UnitOf(l) switch { "bp" => "%", "daysHundredths" => "days", var unit => unit }),
        new("clears", "Clears", "解除条件", (l, zh) => Csv.Text(zh && Of(l, "clearsZh") is { Length: > 0 } chinese ? chinese : Of(l, "clears"))), new("at", "Since", "触发时间", l => Of(l, "at")), new("firstAt", "First raised", "首次触发", l => Of(l, "firstAt") is { Length: > 0 } first ? first : Of(l, "at")),
        new("count", "Times raised", "触发次数", l => Of(l, "count") is { Length: > 0 } count ? count : "1"), new("takenBy", "Taken by", "认领人", l => Csv.Text(Mark(l, "takenBy"))), new("snoozedUntil", "Snoozed until", "提醒时间", l => Mark(l, "snoozedUntil")), new("resolvedBy", "Closed by", "关闭人", l => Csv.Text(Mark(l, "resolvedBy"))),
        new("note", "Note", "说明", l => Csv.Text(Mark(l, "note"))), new("tag", "Useful?", "评价", (l, zh) => Mark(l, "tag") switch { "useful" => zh ? "有用" : "useful", "noise" => zh ? "噪声" : "noise", _ => "" }),
        new("state", "State", "状态", (l, zh) => Of(l, "state") switch { SignalChanged.Raised => zh ? "触发中" : "firing", SignalChanged.Resolved => zh ? "已解除" : "resolved", _ => zh ? "已撤回" : "retracted" }),
    ];

    internal static void MapWarningsExport(this RouteGroupBuilder api, Desk desk) =>
        api.ForFile(desk, "/warnings", Roles.Readers, "warnings", "The newest state of each early-warning signal with the marks of people, newest first.", Columns, async (http, caller) =>
        {
            var query = http.Request.Query;
            var (state, rule, customer, who, tag) = (query["state"].ToString(), query["rule"].ToString(), query["customer"].ToString(), query["takenBy"].ToString(), query["tag"].ToString());
            Severity? least = null;
            if (query["severity"].ToString() is { Length: > 0 } told)
            {
                if (!Enum.GetNames<Severity>().Contains(told)) return new(Problems.Of(400, "BAD_SEVERITY", "?severity=: expected one of " + string.Join(", ", Enum.GetNames<Severity>()) + "."), []);
                least = Enum.Parse<Severity>(told);
            }

            if (!States.Contains(state)) return new(Problems.Of(400, "BAD_STATE", "?state=: expected firing, resolved or nothing."), []);
            if (tag is not ("" or "useful" or "noise" or "none")) return new(Problems.Of(400, "BAD_TAG", "?tag=: expected useful, noise, none or nothing."), []);
            var rows = await WarningsEndpoints.ReadAsync(desk, caller, http.RequestAborted);
            var isCut = false;
            var shown = new List<JsonObject>();
            foreach (var row in rows)
            {
                var line = JsonNode.Parse(row.Json)!.AsObject();
                if (row.Id == LiveRow.Whole) isCut = (bool)line["cut"]!;
                else if (Takes(line)) shown.Add(line);
            }

            return new CsvFile.Found<JsonObject>(null, shown, isCut);

            bool Takes(JsonObject l) =>
                (state.Length == 0 || (state == "firing") == (Of(l, "state") == SignalChanged.Raised && Mark(l, "resolvedBy").Length == 0)) && (least is null || (Enum.TryParse<Severity>(Of(l, "severity"), out var severity) && severity >= least))
                && (rule.Length == 0 || Of(l, "indicator") == rule) && (customer.Length == 0 || Of(l, "customer") == customer)
                && (who.Length == 0 || (who == "nobody" ? Mark(l, "takenBy").Length == 0 : Mark(l, "takenBy") == who)) && (tag.Length == 0 || (Mark(l, "tag") is { Length: > 0 } said ? said : "none") == tag);
        }).Asks(("state", "firing: those that fire and that nobody has closed; resolved: the others; both without."), ("severity", "This or worse."), ("rule", "Only of this signal, such as EW-01."), ("customer", "Only of this customer."),
            ("takenBy", "Only taken by this person; nobody: only those that are free."), ("tag", "useful, noise, or none."));

    private static string Of(JsonObject line, string name) => line[name]?.ToString() ?? "";

    private static string Mark(JsonObject line, string name) => line["mark"] is JsonObject mark ? Of(mark, name) : "";

    private static string UnitOf(JsonObject line) => SignalUnits.Of(Of(line, "indicator"), long.TryParse(Of(line, "moved"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var moved) ? moved : 0);

    /// <summary>Shares as a percentage and days as days, as on the screen; other figures in the unit that stands beside them.</summary>
    private static string Figure(JsonObject line, string name) => !long.TryParse(Of(line, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? ""
        : UnitOf(line) is "bp" or "daysHundredths" ? (value / 100m).ToString("0.00", CultureInfo.InvariantCulture) : value.ToString(CultureInfo.InvariantCulture);
}
