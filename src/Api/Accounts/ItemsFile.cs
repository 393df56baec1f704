using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>The open items of a customer as a file, and behind them what is not applied: as the page shows them, nothing netted.</summary>
internal static class ItemsFile
{
    /// <summary>A line of the file. A credit has no days, disputes and promises.</summary>
    private sealed record Line(string Kind, string Document, string Currency, long Amount, long Open, int IssuedOn = 0, int DueOn = 0, int DaysPastDue = 0, long Disputed = 0, int PromisedOn = 0);

    private static readonly CsvColumn<Line>[] Columns =
    [
        new("kind", "Kind", "类型", (l, zh) => WordOf(l.Kind, zh)), new("document", "Document", "单据", l => Csv.Text(l.Document)), new("issuedOn", "Issued", "开票日", l => Day(l.IssuedOn)), new("dueOn", "Due", "到期日", l => Day(l.DueOn)), new("currency", "Currency", "币种", l => l.Currency),
        new("amount", "Original", "原始金额", l => Money(l.Amount, l)), new("open", "Open", "未清金额", l => Money(l.Open, l)), new("daysPastDue", "Days overdue", "逾期天数", l => l.DaysPastDue > 0 ? l.DaysPastDue.ToString(CultureInfo.InvariantCulture) : ""),
        new("disputed", "Disputed", "争议金额", l => l.Disputed == 0 ? "" : Money(l.Disputed, l)), new("promisedOn", "Promised for", "承诺付款日", l => Day(l.PromisedOn)),
    ];

    internal static void MapItemsFile(this RouteGroupBuilder api, Desk desk) =>
        api.ForFile(desk, "/customers/{customer}/documents", Roles.Readers, "open-items", "Open items of the customer, and behind them money and credits that are not applied.", Columns, async (http, _) =>
        {
            if (await LettersEndpoints.LedgerAsync(desk, http.Customer(), http.RequestAborted) is not { } known) return new(Routing.UnknownCustomer(http.Customer()), []);
            var promises = known.Ledger.Promised.Where(p => p.StateAt(known.Ledger, known.Today) is PromiseState.Open or PromiseState.Broken).ToList();
            return new CsvFile.Found<Line>(null,
            [
                .. known.Detail.Items.Select(i => new Line("Item", i.ItemId, i.Currency, i.Amount, i.Open, i.IssuedOn, i.DueOn, i.DaysPastDue, i.Disputed, promises.Where(p => p.Items.Contains(i.ItemId)).Select(p => p.PromisedOn).DefaultIfEmpty().Max())),
                .. known.Detail.Credits.Select(c => new Line(c.Kind, c.Id, c.Currency, c.Amount, c.Unallocated)),
            ]);
        });

    private static string Day(int day) => day == 0 ? "" : JsonFieldWriter.DateText(day);

    private static string Money(long minor, Line line) => Csv.Amount(minor, Currency.Parse(line.Currency));

    private static string WordOf(string kind, bool zh) => Csv.Text(kind switch
    {
        "Item" => zh ? "未清项" : "Open item",
        "Payment" => zh ? "收款" : "Payment",
        "CreditNote" => zh ? "贷项通知单" : "Credit note",
        "Acceptance" => zh ? "银行承兑汇票" : "Bank acceptance",
        _ => kind,
    });
}
