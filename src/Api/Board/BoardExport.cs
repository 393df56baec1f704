using System.Globalization;
using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>The board as a file: the same question, so the same rows, order and columns.</summary>
internal static class BoardExport
{
    /// <summary>More rows are said to be left out, in a header and in the name of the file.</summary>
    private const int RowsMost = 100_000, Chunk = 500;

    private static readonly (string Name, string English, string Chinese, Func<PublishedRow, string?, Bands, bool, string> Of)[] Columns =
    [
        ("band", "Band", "区间", (r, _, b, zh) => Csv.Text(BandWord(b.Of(r.Figures), zh))),
        ("customer", "Customer", "客户", (r, _, _, _) => Csv.Text(r.Customer)),
        ("name", "Name", "名称", (_, n, _, _) => Csv.Text(n)),
        ("group", "Group", "集团客户", (_, _, _, _) => ""),
        ("segment", "Segment", "信用段", (r, _, _, _) => Csv.Text(r.Segment)),
        ("country", "Country", "国家", (r, _, _, _) => Csv.Text(r.Country)),
        ("owner", "Owner", "负责人", (r, _, _, _) => Csv.Text(r.Controller)),
        ("grade", "Risk class", "风险等级", (r, _, _, _) => CreditGrade.NameOf(r.Figures.Grade)),
        ("risk", "Risk state", "风险状态", (r, _, _, _) => r.Figures.RiskState.ToString()),
        ("limit", "Credit limit", "信用额度", (r, _, _, _) => r.Figures.LimitKind == LimitKind.Amount ? Csv.Amount(r.Figures.Limit, r.Figures.Currency) : ""),
        ("gross", "Credit exposure", "信用敞口", (r, _, _, _) => Csv.Amount(r.Figures.Gross, r.Figures.Currency)),
        ("utilisation", "Utilisation %", "额度使用率 %", (r, _, _, _) => Csv.Share(r.Figures.UtilisationBp)),
        ("available", "Available credit", "可用额度", (r, _, _, _) => r.Figures.LimitKind == LimitKind.Amount ? Csv.Amount(r.Figures.Available, r.Figures.Currency) : ""),
        ("overdue", "Overdue", "逾期", (r, _, _, _) => Csv.Amount(r.Figures.Overdue, r.Figures.Currency)),
        ("days", "Oldest days overdue", "最长逾期天数", (r, _, _, _) => r.Figures.OldestDays.ToString(CultureInfo.InvariantCulture)),
        ("held", "Held orders", "冻结订单", (r, _, _, _) => r.Figures.HeldOrders.ToString(CultureInfo.InvariantCulture)),
    ];

    internal static void MapBoardExport(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/board/export", Roles.Readers, $"The board as CSV with the same filter, order and columns; at most {RowsMost} rows. Every export stands in the audit trail.", async (http, caller) =>
        {
            if (!BoardFilter.TryRead(http.Request.Query, caller, out var filter, out var wrong)) return wrong!;
            var lang = http.Request.Query["lang"].ToString();
            if (lang is not ("" or "en" or "zh" or "codes")) return Problems.Of(400, "BAD_LANGUAGE", "?lang=: expected en, zh or codes.");
            var wanted = http.Request.Query["columns"].ToString() is { Length: > 0 } told ? told.Split(',') : [.. Columns.Select(c => c.Name)];
            if (wanted.FirstOrDefault(w => !Columns.Any(c => c.Name == w)) is { } unknown) return Problems.Of(400, "BAD_COLUMN", $"?columns=: '{(unknown.Length <= 60 ? unknown : unknown[..60])}' is none of {string.Join(", ", Columns.Select(c => c.Name))}.");
            var columns = wanted.Select(w => Columns.First(c => c.Name == w)).ToList();
            var bands = await desk.Bands.GetAsync(http.RequestAborted);
            var scan = BoardScan.Run(desk.Engine, filter, bands, RowsMost);
            var rows = scan.InOrder();
            var now = desk.Time.GetUtcNow();
            // Before the first byte leaves: an export that is not in the audit trail does not happen.
            await desk.Engine.SubmitAsync(new NoteExport { What = "board", Query = Cut(http.Request.QueryString.Value ?? ""), Rows = rows.Count, Actor = caller.Subject }, http.RequestAborted);
            var band = http.Request.Query["band"].ToString() is { Length: > 0 } b && b.All(c => char.IsAsciiLetter(c) || c == ',') ? "_" + b.Replace(',', '-') : "";
            http.Response.ContentType = "text/csv; charset=utf-8";
            http.Response.Headers.ContentDisposition = $"attachment; filename=\"board{band}_{now:yyyy-MM-dd'T'HHmm}Z{(scan.Total > rows.Count ? "_first-" + rows.Count.ToString(CultureInfo.InvariantCulture) : "")}.csv\"";
            http.Response.Headers["X-As-Of"] = Instant.From(now).ToString();
            http.Response.Headers["X-Total-Rows"] = scan.Total.ToString(CultureInfo.InvariantCulture);
            if (scan.Total > rows.Count) http.Response.Headers["X-Rows-Left-Out"] = (scan.Total - rows.Count).ToString(CultureInfo.InvariantCulture);
            await http.Response.WriteAsync("\uFEFF" + Csv.Line(columns.SelectMany(c => Heads(c.Name, lang == "codes" ? c.Name : lang == "zh" ? c.Chinese : c.English, lang))), http.RequestAborted);
            foreach (var chunk in rows.Chunk(Chunk))
            {
                var part = BoardFilter.Rows([.. chunk]);
                var names = columns.Exists(c => c.Name == "name") ? await desk.Engine.Reader.PartyNamesAsync([.. part.Select(r => r.Customer)], http.RequestAborted) : new Dictionary<string, string>();
                var text = new StringBuilder();
                foreach (var row in part)
                    text.Append(Csv.Line(columns.SelectMany(c => Cells(c.Name, c.Name == "group" ? Csv.Text(bands.GroupOf(row.Customer, filter.Scope, desk.Engine)) : c.Of(row, names.GetValueOrDefault(row.Customer), bands, lang == "zh"), row))));
                await http.Response.WriteAsync(text.ToString(), http.RequestAborted);
            }

            return Results.Empty;
        }).Asks(("columns", "Columns in their order: " + string.Join(", ", Columns.Select(c => c.Name)) + "."), ("lang", "Language of the heads: en, zh or codes.")).Asks(BoardFilter.Query).Answers(200, "text/csv").Fails(503);

    private static string Cut(string text) => text.Length <= 400 ? text : text[..400];

    /// <summary>An amount says its currency in the column before the first one.</summary>
    private static IEnumerable<string> Heads(string name, string head, string lang) =>
        name == "limit" ? [Csv.Text(lang switch { "zh" => "币种", "codes" => "currency", _ => "Currency" }), Csv.Text(head)] : [Csv.Text(head)];

    private static IEnumerable<string> Cells(string name, string cell, PublishedRow row) => name == "limit" ? [row.Figures.Currency.Code, cell] : [cell];

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
