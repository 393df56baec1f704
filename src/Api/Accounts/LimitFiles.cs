using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>The lists beside the limits as files: what ends soon, and limits behind which something is missing.</summary>
internal static class LimitFiles
{
    private sealed record Named<T>(T Line, string? Name, int Today);

    private static readonly CsvColumn<Named<EndingLine>>[] EndingColumns =
    [
        new("on", "Last day", "最后一天", l => JsonFieldWriter.DateText(l.Line.On)), new("daysLeft", "Days left", "剩余天数", l => (l.Line.On - l.Today).ToString(System.Globalization.CultureInfo.InvariantCulture)),
        new("customer", "Customer", "客户", l => Csv.Text(l.Line.Customer)), new("name", "Name", "名称", l => Csv.Text(l.Name)), new("kind", "What", "事项", (l, zh) => Csv.Text(WordOf(l.Line.Kind, zh))), new("id", "Id", "编号", l => Csv.Text(l.Line.Id)),
        new("currency", "Currency", "币种", l => l.Line.Currency), new("amount", "Value", "金额", l => l.Line.Amount == 0 ? "" : Money(l.Line.Amount, l.Line.Currency)),
    ];

    private static readonly CsvColumn<Named<LimitGapLine>>[] GapColumns =
    [
        new("customer", "Customer", "客户", l => Csv.Text(l.Line.Customer)), new("name", "Name", "名称", l => Csv.Text(l.Name)), new("reviewedOn", "Last review", "最近复审", l => l.Line.ReviewedOn == 0 ? "" : JsonFieldWriter.DateText(l.Line.ReviewedOn)),
        new("currency", "Currency", "币种", l => l.Line.Currency), new("limit", "Credit limit", "信用额度", (l, zh) => l.Line.Kind == LimitKind.Amount ? Money(l.Line.Limit, l.Line.Currency) : zh ? "不限额" : "unlimited"),
        new("insured", "Insured limit", "保险限额", l => Money(l.Line.Insured, l.Line.Currency)), new("gross", "Credit exposure", "信用敞口", l => Money(l.Line.Gross, l.Line.Currency)),
    ];

    internal static void MapLimitFiles(this RouteGroupBuilder api, Desk desk)
    {
        api.ForFile(desk, "/endings", Roles.Readers, "endings", "What ends or is due within some days, the first in front.", EndingColumns, async (http, caller) =>
        {
            if (EndingsEndpoint.Wrong(http, out var days, out var kind) is { } wrong) return new(wrong, []);
            var found = await desk.Endings.GetAsync(http.RequestAborted);
            var mine = EndingsEndpoint.Of(desk, caller, found, days).Where(l => kind.Length == 0 || l.Kind.ToString() == kind).ToList();
            var shown = mine.Take(CsvFile.RowsMost).ToList();
            var names = await desk.Names.OfAsync(shown.Select(l => l.Customer), http.RequestAborted);
            return new(null, [.. shown.Select(l => new Named<EndingLine>(l, names.GetValueOrDefault(l.Customer), found.Today))], shown.Count < mine.Count, found.IsWhole);
        }).Asks(("days", $"How far ahead, 1 to {EndingsSoon.DaysMost}; 30 without."), ("kind", EndingsEndpoint.Kinds));
        api.ForFile(desk, "/limit-gaps", Roles.Readers, "limit-gaps", "Limits behind which something is missing, the most at stake in front.", GapColumns, async (http, caller) =>
        {
            if (LimitGapsEndpoint.Wrong(http, out var kind) is { } wrong) return new(wrong, []);
            var found = await desk.LimitGaps.GetAsync(kind, caller, http.RequestAborted);
            var shown = found.Lines.Where(l => desk.Engine.TryGetRow(l.Customer, out var row) && Desk.Sees(caller, row)).ToList();
            var names = await desk.Names.OfAsync(shown.Select(l => l.Customer), http.RequestAborted);
            return new(null, [.. shown.Select(l => new Named<LimitGapLine>(l, names.GetValueOrDefault(l.Customer), found.Today))], shown.Count < found.Count, found.IsWhole);
        }).Asks(("kind", "Unreviewed or Underinsured; Unreviewed without."));
    }

    private static string Money(long minor, string currency) => Csv.Amount(minor, Currency.Parse(currency));

    private static string WordOf(EndingKind kind, bool zh) => kind switch
    {
        EndingKind.Limit => zh ? "信用额度" : "Credit limit",
        EndingKind.TemporaryLimit => zh ? "临时额度" : "Temporary limit",
        EndingKind.Cover => zh ? "保障" : "Cover",
        EndingKind.Promise => zh ? "承诺付款" : "Promise to pay",
        _ => zh ? "信用复审" : "Credit review",
    };
}
