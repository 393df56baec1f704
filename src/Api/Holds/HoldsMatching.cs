using System.Globalization;
using System.Text.Json.Nodes;
using ExposureMonitor.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>The hold queue beyond the rows that a page has loaded: all that match, for one word about many, and as a file.</summary>
internal static class HoldsMatching
{
    /// <summary>A file of more held orders says that it was cut.</summary>
    private const int FileMost = 10_000;

    private static readonly CsvColumn<JsonObject>[] Columns =
    [
        new("order", "Order", "订单", l => Csv.Text(Of(l, "orderId"))), new("customer", "Customer", "客户", l => Csv.Text(Of(l, "customer"))), new("name", "Name", "名称", l => Csv.Text(Of(l, "name"))), new("segment", "Segment", "信用段", l => Csv.Text(Of(l, "segment"))),
        new("currency", "Currency", "币种", l => Of(l, "currency")), new("amount", "Amount", "金额", l => Money(Of(l, "amount"), Of(l, "currency"))),
        new("rules", "Rules broken", "触发规则", l => Csv.Text(string.Join(" ", l["reasons"]!.AsArray().Where(r => (bool)r!["stillValid"]!).Select(r => (string?)r!["rule"])))),
        new("limitCurrency", "Currency of the limit", "额度币种", l => Of(Now(l), "currency")),
        new("overThen", "Over limit then", "检查时超额", l => l["then"] is JsonObject then ? Over(then, Of(then, "afterThis"), "0") : ""),
        new("overNow", "Over limit now", "当前超额", l => Over(Now(l), Of(Now(l), "gross"), Of(Now(l), "currency") == Of(l, "currency") ? Of(l, "amount") : "0")),
        new("overdueNow", "Overdue now", "当前逾期", l => Money(Of(Now(l), "overdue"), Of(Now(l), "currency"))), new("days", "Oldest days overdue", "最长逾期天数", l => Now(l)["oldestDays"]!.ToString()),
        new("since", "Held since", "冻结时间", l => Of(l, "createdAt")), new("lapses", "Proposal lapses", "提请失效", l => Of(l, "lapsesAt")), new("ships", "Ships", "发货日", l => Of(l, "shipOn")), new("requestedBy", "Proposed by", "经办人", l => Csv.Text(Of(l, "requestedBy"))),
        new("reason", "Reason of the proposal", "提请原因", l => Csv.Text(Of(l, "requestReason"))), new("takenBy", "Taken by", "处理人", l => Csv.Text(Of(l, "takenBy"))), new("assignedTo", "Looked after by", "负责人", l => Csv.Text(Of(l, "assignedTo"))),
        new("state", "State", "状态", (l, zh) => Of(l, "state") switch { "PendingApproval" => zh ? "待复核" : "Awaiting second person", "ReadyToRelease" => zh ? "可放行" : "Ready to release", _ => zh ? "已冻结" : "On hold" }),
    ];

    internal static void MapHoldsMatching(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/holds/matching", Roles.Readers, $"How many held orders match, in the whole queue, and the first {BulkEndpoint.Most} of them as the queue shows them: as many as one word about many takes.", async (http, caller) =>
        {
            if (!HoldQueue.Asked.TryRead(http.Request.Query, caller, out var asked, out var wrong)) return wrong!;
            var (total, first) = await HoldQueue.MatchingAsync(desk, caller, asked, BulkEndpoint.Most, http.RequestAborted);
            return Results.Json(new { total, holds = first });
        }).Asks(HoldQueue.Asked.Query).Fails(503).Tells(Shapes.HoldsMatching);
        api.ForFile(desk, "/holds", Roles.Readers, "holds", "Held orders in the order of the queue.", Columns, async (http, caller) =>
        {
            if (!HoldQueue.Asked.TryRead(http.Request.Query, caller, out var asked, out var wrong)) return new(wrong, []);
            var (total, first) = await HoldQueue.MatchingAsync(desk, caller, asked, FileMost, http.RequestAborted);
            return new CsvFile.Found<JsonObject>(null, first, IsCut: total > first.Count);
        }).Asks(HoldQueue.Asked.Query);
    }

    private static string Of(JsonObject line, string name) => line[name]?.ToString() ?? "";

    private static JsonObject Now(JsonObject line) => line["now"]!.AsObject();

    private static string Money(string minor, string currency) => Csv.Amount(long.Parse(minor, CultureInfo.InvariantCulture), Currency.Parse(currency));

    /// <summary>By how much an exposure with an order is above the limit; empty when it is not, or there is none.</summary>
    private static string Over(JsonObject figures, string gross, string order)
    {
        if (Of(figures, "limit") is not { Length: > 0 } limit) return "";
        // Beyond the range of an amount only what no currency has.
        var over = Int128.Parse(gross, CultureInfo.InvariantCulture) + Int128.Parse(order, CultureInfo.InvariantCulture) - Int128.Parse(limit, CultureInfo.InvariantCulture);
        return over > 0 ? Csv.Amount(long.CreateSaturating(over), Currency.Parse(Of(figures, "currency"))) : "";
    }
}
