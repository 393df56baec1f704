using System.Globalization;
using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>What people were told, and what became of each message, as files.</summary>
internal static class AlertFiles
{
    private const int Page = 500;

    private sealed record Line(AlertRow Row, Alert Alert);

    private static readonly CsvColumn<Line>[] Alerts =
    [
        new("severity", "Severity", "严重程度", l => Severities.Name(l.Row.Severity)), new("rule", "Rule", "规则", l => Csv.Text(l.Row.Rule)), new("title", "Alert", "预警", (l, zh) => Csv.Text((zh ? AlertsEndpoints.Chinese : AlertsEndpoints.English).Title(l.Alert))),
        new("customer", "Customer", "客户", l => Csv.Text(l.Row.Customer)), new("name", "Name", "名称", l => Csv.Text(l.Alert.Name)), new("raisedAt", "Since", "触发时间", l => l.Row.RaisedAt.ToString()), new("changedAt", "Changed", "变更时间", l => l.Row.ChangedAt.ToString()),
        new("state", "State", "状态", (l, zh) => l.Row.State switch { AlertState.Firing => zh ? "触发中" : "firing", AlertState.Resolved => zh ? "已解除" : "resolved", AlertState.Retracted => zh ? "已撤回" : "retracted", _ => zh ? "已通知" : "told" }),
        new("handledBy", "Taken by", "认领人", l => Csv.Text(l.Row.HandledBy)), new("tag", "Useful?", "评价", (l, zh) => AlertTags.Word(l.Row.Tag) switch { "useful" => zh ? "有用" : "useful", "noise" => zh ? "噪声" : "noise", _ => "" }),
    ];

    private static readonly CsvColumn<DeliveryRow>[] Deliveries =
    [
        new("at", "Time", "时间", d => AlertsEndpoints.Moment(d.FirstSentAt) ?? d.CreatedAt.ToString()), new("alert", "Alert", "预警", d => Csv.Text(d.Alert)), new("channel", "Channel", "渠道", d => Csv.Text(d.Channel)), new("route", "Route", "路由", d => Csv.Text(d.Route)),
        new("transition", "About", "通知内容", d => Csv.Text(d.Transition)), new("severity", "Severity", "严重程度", d => Severities.Name(d.Severity)), new("state", "State", "状态", d => d.State.ToString()), new("answer", "Answer", "应答", d => Csv.Text(d.Answer)),
        new("attempts", "Tries", "次数", d => d.Attempts.ToString(CultureInfo.InvariantCulture)), new("messageId", "Message id", "消息编号", d => Csv.Text(d.MessageId)), new("mutedBy", "Muted by", "静默", d => Csv.Text(d.By)), new("changedAt", "Changed", "变更时间", d => AlertsEndpoints.Moment(d.ChangedAt) ?? ""),
    ];

    internal static void Map(RouteGroupBuilder api, Desk desk)
    {
        api.ForFile(desk, "/alerts", Roles.Readers, "alerts", "Alerts, newest first.", Alerts, async (http, caller) =>
        {
            var query = http.Request.Query;
            if (AlertsEndpoints.WrongIn(query, Page, out AlertQuery asked) is { } wrong) return new(wrong, []);
            if (query["notices"].ToString() is not ("" or "true")) return new(Problems.Of(400, "BAD_NOTICES", "?notices=: expected true, or nothing."), []);
            var lines = new List<Line>();
            if (desk.Alerts is not { } house) return new(null, lines);
            while (true)
            {
                var rows = await house.Store.AlertsAsync(asked, http.RequestAborted);
                lines.AddRange(rows.Where(r => AlertsEndpoints.Sees(desk, caller, r.Customer) && (query["notices"] != "true" || !r.Rule.StartsWith("EW-", StringComparison.Ordinal))).Select(r => new Line(r, AlertHouse.AlertOf(r))));
                if (lines.Count > CsvFile.RowsMost) return new(null, lines[..CsvFile.RowsMost], IsCut: true);
                if (rows.Count < Page) return new(null, lines);
                asked = asked with { After = (rows[^1].RaisedAt, rows[^1].Id) };
            }
        }).Asks(("customer", "Only of this customer."), ("rule", "Only of this rule, such as EW-01 or HOLD."), ("state", "Firing, Resolved, Retracted or Told."), ("handling", "New, Taken or Closed."), ("tagged", "true: only those that somebody found useful or noise."),
            ("severity", "INFO, LOW, MED, HIGH or CRIT: this or worse."), ("notices", "true: only what is no early-warning signal, such as held orders and stops."));

        api.ForFile(desk, "/deliveries", Roles.Readers, "deliveries", "What became of each message on its way to each channel, newest first.", Deliveries, async (http, caller) =>
        {
            if (AlertsEndpoints.WrongIn(http.Request.Query, Page, out DeliveryQuery asked) is { } wrong) return new(wrong, []);
            var lines = new List<DeliveryRow>();
            if (desk.Alerts is not { } house) return new(null, lines);
            while (true)
            {
                var rows = await house.Store.DeliveriesAsync(asked, http.RequestAborted);
                lines.AddRange(await AlertsEndpoints.SeenAsync(desk, house, caller, rows, http.RequestAborted));
                if (lines.Count > CsvFile.RowsMost) return new(null, lines[..CsvFile.RowsMost], IsCut: true);
                if (rows.Count < Page) return new(null, lines);
                asked = asked with { Before = rows[^1].Number };
            }
        }).Asks(("alert", "Only of this alert."), ("channel", "Only of this channel."), ("state", "Pending, Sent, Delivered, Accepted, Rejected, Dead, Suppressed or Skipped."));
    }
}
