using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>The board as a file: the same question, so the same rows, order and columns.</summary>
internal static class BoardExport
{
    /// <summary>A row that a scan has chosen, and by which bands and for whom.</summary>
    private readonly record struct Chosen(RankedRow At, Bands Bands, string Scope);

    private sealed record Line(PublishedRow Row, string? Name, Bands Bands, string Scope)
    {
        internal AccountFigures Figures => Row.Figures;

        internal string Money(long minor) => Csv.Amount(minor, Row.Figures.Currency);
    }

    private static CsvColumn<Line>[] Columns(Desk desk) =>
    [
        new("band", "Band", "区间", (l, zh) => Csv.Text(BandWord(l.Bands.Of(l.Figures), zh))),
        new("customer", "Customer", "客户", l => Csv.Text(l.Row.Customer)),
        new("name", "Name", "名称", l => Csv.Text(l.Name)),
        new("group", "Group", "集团客户", l => Csv.Text(l.Bands.GroupOf(l.Row.Customer, l.Scope, desk.Engine))),
        new("segment", "Segment", "信用段", l => Csv.Text(l.Row.Segment)),
        new("country", "Country", "国家", l => Csv.Text(l.Row.Country)),
        new("owner", "Owner", "负责人", l => Csv.Text(l.Row.Controller)),
        new("grade", "Risk class", "风险等级", l => CreditGrade.NameOf(l.Figures.Grade)),
        new("risk", "Risk state", "风险状态", l => l.Figures.RiskState.ToString()),
        new("limit", "Credit limit", "信用额度", l => l.Figures.LimitKind == LimitKind.Amount ? l.Money(l.Figures.Limit) : "") { Before = new("currency", "Currency", "币种", l => l.Figures.Currency.Code) },
        new("gross", "Credit exposure", "信用敞口", l => l.Money(l.Figures.Gross)),
        new("utilisation", "Utilisation %", "额度使用率 %", l => Csv.Share(l.Figures.UtilisationBp)),
        new("available", "Available credit", "可用额度", l => l.Figures.LimitKind == LimitKind.Amount ? l.Money(l.Figures.Available) : ""),
        new("overdue", "Overdue", "逾期", l => l.Money(l.Figures.Overdue)),
        new("days", "Oldest days overdue", "最长逾期天数", l => l.Figures.OldestDays.ToString(CultureInfo.InvariantCulture)),
        new("held", "Held orders", "冻结订单", l => l.Figures.HeldOrders.ToString(CultureInfo.InvariantCulture)),
    ];

    internal static void MapBoardExport(this RouteGroupBuilder api, Desk desk) =>
        api.ForFile(desk, "/board", Roles.Readers, "board", "The board with the same filter, order and columns.", Columns(desk), async (http, caller) =>
        {
            if (!BoardFilter.TryRead(http.Request.Query, caller, out var filter, out var wrong)) return new CsvFile.Found<Chosen>(wrong, []);
            var bands = await desk.Bands.GetAsync(http.RequestAborted);
            var scan = BoardScan.Run(desk.Engine, filter, bands, CsvFile.RowsMost);
            var chosen = scan.InOrder().ConvertAll(at => new Chosen(at, bands, filter.Scope));
            var band = http.Request.Query["band"].ToString() is { Length: > 0 } b && b.All(c => char.IsAsciiLetter(c) || c == ',') ? "_" + b.Replace(',', '-') : "";
            return new CsvFile.Found<Chosen>(null, chosen, IsCut: scan.Total > chosen.Count) { Suffix = band };
        }, async (some, cancel) =>
        {
            var rows = BoardFilter.Rows([.. some.Select(c => c.At)]);
            var names = await desk.Engine.Reader.PartyNamesAsync([.. rows.Select(r => r.Customer)], cancel);
            return [.. rows.Select(row => new Line(row, names.GetValueOrDefault(row.Customer), some[0].Bands, some[0].Scope))];
        }).Asks(BoardFilter.Query);

    private static string BandWord(Band band, bool zh) => band switch
    {
        Band.NoLimit => zh ? "无额度" : "no limit",
        Band.Within => zh ? "额度内" : "within limit",
        Band.Watch => zh ? "关注" : "watch",
        Band.Critical => zh ? "紧急" : "critical",
        Band.Over => zh ? "超额" : "over limit",
        _ => zh ? "严重超额" : "hard breach",
    };
}
