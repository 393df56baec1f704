using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Spectre.Console;

namespace ExposureMonitor.Standalone;

/// <summary>Open or held orders of a book for a terminal, or as JSON. Amounts in minor units.</summary>
internal static class OrderReport
{
    internal static void Print(bool json, List<AccountDetail> details, bool held, int top)
    {
        var orders = details.SelectMany(d => d.Orders, (d, o) => (d.Customer, Order: o, Hold: d.Holds.Find(h => h.OrderId == o.OrderId)))
            .Where(l => !held || l.Hold is not null).OrderByDescending(l => l.Order.Undelivered).ThenBy(l => l.Customer, StringComparer.Ordinal).ThenBy(l => l.Order.OrderId, StringComparer.Ordinal).ToList();
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(orders.Select(l => new
            {
                l.Customer, l.Order.OrderId, l.Order.Currency, ordered = Digits(l.Order.Ordered), undelivered = Digits(l.Order.Undelivered), state = l.Order.State.ToString(),
                shipOn = l.Order.ShipOn == 0 ? null : JsonFieldWriter.DateText(l.Order.ShipOn), needs = l.Hold is null ? null : Digits(l.Hold.Needs),
                reasons = l.Hold?.Reasons.Select(r => new { r.Rule, observed = Digits(r.Observed), threshold = Digits(r.Threshold), r.StillValid }),
            }), Common.JsonOptions));
            return;
        }

        var table = new Table().AddColumns("customer", "order", "currency", "undelivered", "state", "ship on", "reasons");
        foreach (var (customer, o, hold) in orders.Take(top))
            table.AddRow(Markup.Escape(customer), Markup.Escape(o.OrderId), o.Currency, Digits(o.Undelivered), o.State.ToString(), o.ShipOn == 0 ? "" : JsonFieldWriter.DateText(o.ShipOn),
                Markup.Escape(string.Join(", ", hold?.Reasons.Where(r => r.StillValid).Select(r => $"{r.Rule}: {Digits(r.Observed)} over {Digits(r.Threshold)}") ?? [])));
        AnsiConsole.Write(table);
        Console.WriteLine($"{orders.Count} orders");
    }

    /// <summary>By what name value entered and left, and what is odd about documents, as members of an open object.</summary>
    internal static void WriteNames(Utf8JsonWriter writer, AccountDetail detail)
    {
        writer.WritePropertyName("residues");
        JsonSerializer.Serialize(writer, detail.Residues.Select(r => new { name = r.Name.ToString(), r.Currency, amount = Digits(r.Amount) }), Common.JsonOptions);
        writer.WritePropertyName("marks");
        JsonSerializer.Serialize(writer, detail.Marks.Select(m => new { m.Mark, m.Document, m.Currency, amount = Digits(m.Amount) }), Common.JsonOptions);
    }

    /// <summary>The same for a terminal; nothing when there is nothing.</summary>
    internal static void PrintNames(AccountDetail detail)
    {
        if (detail.Residues.Count + detail.Marks.Count == 0) return;
        var table = new Table().AddColumns("by name", "document", "currency", "minor units");
        foreach (var r in detail.Residues) table.AddRow(r.Name.ToString(), "", r.Currency, Digits(r.Amount));
        foreach (var m in detail.Marks) table.AddRow(Markup.Escape(m.Mark), Markup.Escape(m.Document), m.Currency, Digits(m.Amount));
        AnsiConsole.Write(table);
    }

    private static string Digits(long value) => value.ToString(CultureInfo.InvariantCulture);
}
