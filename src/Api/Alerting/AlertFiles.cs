using System.Globalization;
using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Alerts and the delivery log as files, under the filters of their lists.</summary>
internal static class AlertFiles
{
    private const int Page = 500;

    private static readonly Words English = new(Language.English), Chinese = new(Language.Chinese);

    /// <summary>A record with the alert that it tells of; <c>null</c> when that has left.</summary>
    private sealed record Sent(DeliveryRow Row, AlertRow? Of);

    /// <summary>A row of the database with what it says.</summary>
    private sealed record Told(AlertRow Row, Alert Alert);

    private static readonly CsvColumn<Told>[] AlertColumns =
    [
        new("raisedAt", "Since", "触发时间", a => a.Row.RaisedAt.ToString()), new("severity", "Severity", "严重程度", (a, zh) => Named(a.Row.Severity, zh)), new("rule", "Rule", "规则", a => Csv.Text(a.Row.Rule)),
        new("title", "What", "内容", (a, zh) => Csv.Text((zh ? Chinese : English).Title(a.Alert))), new("about", "About", "对象", a => Csv.Text(a.Alert.About)), new("customer", "Customer", "客户", a => Csv.Text(a.Row.Customer)),
        new("name", "Name", "名称", a => Csv.Text(a.Alert.Name)), new("currency", "Currency", "币种", a => Csv.Text(a.Alert.Currency)), new("exposure", "Exposure", "敞口", a => Amount(a.Alert.Exposure, a.Alert.Currency)),
        new("limit", "Limit", "额度", a => Amount(a.Alert.Limit, a.Alert.Currency)), new("clears", "Clears", "解除条件", (a, zh) => Csv.Text(zh ? ClearWords.InChinese(a.Alert.Clears) : a.Alert.Clears)),
        new("state", "State", "状态", (a, zh) => Csv.Text(zh ? a.Row.State switch { AlertState.Firing => "触发中", AlertState.Resolved => "已解除", AlertState.Retracted => "已撤回", _ => "已通知" } : a.Row.State.ToString())),
        new("changedAt", "Changed", "变更时间", a => a.Row.ChangedAt.ToString()), new("handling", "Handling", "处理", (a, zh) => Csv.Text(zh ? a.Row.Handling switch { AlertHandling.Taken => "已认领", AlertHandling.Closed => "已关闭", _ => "未处理" } : a.Row.Handling.ToString())),
        new("handledBy", "By", "处理人", a => Csv.Text(a.Row.HandledBy)), new("handledAt", "At", "处理时间", a => AlertsEndpoints.Moment(a.Row.HandledAt) ?? ""),
        new("tag", "Useful?", "评价", (a, zh) => a.Row.Tag switch { AlertTag.Useful => zh ? "有用" : "useful", AlertTag.Noise => zh ? "噪声" : "noise", _ => "" }), new("id", "Alert", "预警编号", a => Csv.Text(a.Row.Id)), new("entry", "Journal entry", "流水位置", a => Csv.Text(a.Alert.Entry)),
    ];

    private static readonly CsvColumn<Sent>[] DeliveryColumns =
    [
        new("createdAt", "Written", "生成时间", d => d.Row.CreatedAt.ToString()), new("channel", "Channel", "渠道", d => Csv.Text(d.Row.Channel)), new("severity", "Severity", "严重程度", (d, zh) => Named(d.Row.Severity, zh)),
        new("rule", "Rule", "规则", d => Csv.Text(d.Of?.Rule)), new("customer", "Customer", "客户", d => Csv.Text(d.Of?.Customer)), new("transition", "What of it", "事项", d => Csv.Text(d.Row.Transition)),
        new("state", "State", "状态", (d, zh) => Csv.Text(zh ? InChinese(d.Row.State) : d.Row.State.ToString())), new("attempts", "Attempts", "尝试次数", d => d.Row.Attempts.ToString(CultureInfo.InvariantCulture)),
        new("firstSentAt", "First sent", "首次发送", d => AlertsEndpoints.Moment(d.Row.FirstSentAt) ?? ""), new("changedAt", "Changed", "变更时间", d => d.Row.ChangedAt.ToString()), new("answer", "Answer", "应答", d => Csv.Text(d.Row.Answer)),
        new("mutedBy", "Muted by", "静默依据", d => Csv.Text(d.Row.By)), new("route", "Route", "路由", d => Csv.Text(d.Row.Route)), new("messageId", "Message", "消息编号", d => Csv.Text(d.Row.MessageId)), new("alert", "Alert", "预警编号", d => Csv.Text(d.Row.Alert)),
        new("number", "Number", "序号", d => d.Row.Number.ToString(CultureInfo.InvariantCulture)),
    ];

    internal static void Map(RouteGroupBuilder api, Desk desk)
    {
        api.ForFile(desk, "/alerts", Roles.Readers, "alerts", "Alerts, newest first, under the filters of their list.", AlertColumns, async (http, caller) => AlertsEndpoints.TryAlerts(http.Request.Query, out var asked, out var bad)
                ? await ReadAsync<AlertRow, Told>(async after => desk.Alerts is not { } house ? [] : await house.Store.AlertsAsync(asked with { Limit = Page, After = after is null ? null : (after.RaisedAt, after.Id) }, http.RequestAborted),
                    rows => ValueTask.FromResult(rows.Where(r => AlertsEndpoints.Sees(desk, caller, r.Customer)).Select(r => new Told(r, AlertHouse.AlertOf(r)))))
                : new CsvFile.Found<Told>(bad, []))
            .Asks(("customer", "Only of this customer."), ("rule", "Only of this rule, such as EW-01 or HOLD."), ("state", "Firing, Resolved, Retracted or Told."), ("handling", "New, Taken or Closed."), ("tagged", "true: only those that somebody found useful or noise."),
                ("notices", "true: only what is no early warning, such as holds, stops and channels."), ("severity", "INFO, LOW, MED, HIGH or CRIT: this or worse."));
        api.ForFile(desk, "/deliveries", Roles.Readers, "deliveries", "What became of each message on its way to each channel, newest first.", DeliveryColumns, async (http, caller) => AlertsEndpoints.TryDeliveries(http.Request.Query, out var asked, out var bad)
                ? await ReadAsync<DeliveryRow, Sent>(async after => desk.Alerts is not { } house ? [] : await house.Store.DeliveriesAsync(asked with { Limit = Page, Before = after?.Number ?? 0 }, http.RequestAborted), async rows =>
                {
                    var alerts = rows.Count == 0 ? [] : (await desk.Alerts!.Store.AlertsAsync([.. rows.Select(r => r.Alert).Distinct(StringComparer.Ordinal)], http.RequestAborted)).ToDictionary(a => a.Id, StringComparer.Ordinal);
                    // Whoever sees a part of the book only, sees deliveries of its customers only.
                    return rows.Select(r => new Sent(r, alerts.GetValueOrDefault(r.Alert))).Where(d => AlertsEndpoints.Sees(desk, caller, d.Of?.Customer ?? ""));
                })
                : new CsvFile.Found<Sent>(bad, []))
            .Asks(("alert", "Only of this alert."), ("channel", "Only of this channel."), ("state", "Pending, Sent, Delivered, Accepted, Rejected, Dead, Suppressed or Skipped."));
    }

    /// <summary>All rows page by page; cut when there are more than a file has.</summary>
    private static async Task<CsvFile.Found<T>> ReadAsync<TRow, T>(Func<TRow?, Task<IReadOnlyList<TRow>>> page, Func<IReadOnlyList<TRow>, ValueTask<IEnumerable<T>>> shown) where TRow : class
    {
        var (lines, read) = (new List<T>(), 0);
        for (TRow? after = null; ;)
        {
            var rows = await page(after);
            lines.AddRange(await shown(rows));
            if (rows.Count < Page) return new(null, lines);
            if ((read += rows.Count) >= CsvFile.RowsMost) return new(null, lines, IsCut: true);
            after = rows[^1];
        }
    }

    private static string Named(Severity severity, bool zh) => zh ? Chinese.SeverityName(severity) : Severities.Name(severity);

    private static string Amount(long? minor, string currency) => minor is { } told && Currency.TryParse(currency, out var known) ? Csv.Amount(told, known) : "";

    private static string InChinese(DeliveryState state) => state switch
    {
        DeliveryState.Pending => "待发送", DeliveryState.Sent => "已发出", DeliveryState.Delivered => "已送达", DeliveryState.Accepted => "已受理", DeliveryState.Rejected => "被拒收", DeliveryState.Dead => "已放弃", DeliveryState.Suppressed => "已静默", _ => "已跳过",
    };
}
