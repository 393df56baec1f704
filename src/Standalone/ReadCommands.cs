using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Spectre.Console;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary>Commands that only read: they take no lock and bump no epoch, so they run beside a service.</summary>
internal static class ReadCommands
{
    internal static Command Show()
    {
        var (database, json) = (Common.Database(), Common.Json());
        var customer = new Argument<string>("customer") { Arity = ArgumentArity.ZeroOrOne, Description = "A customer; none for the whole book." };
        var at = new Option<string>("--at") { Description = "A past instant, RFC 3339, by arrival." };
        var seq = new Option<string>("--seq") { Description = "A past sequence of the partition." };
        var top = new Option<int>("--top") { DefaultValueFactory = _ => 20, Description = "Customers or orders shown, the largest exposure first." };
        var orders = new Option<bool>("--orders") { Description = "Open orders instead of figures." };
        var holds = new Option<bool>("--holds") { Description = "Held orders with their reasons instead of figures." };
        var command = new Command("show", "Shows exposure, limit and ageing, or orders and holds, now or as of the past.") { customer, database, json, at, seq, top, orders, holds };
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            await using var reader = await Common.ReaderAsync(parsed.GetValue(database)!, cancel);
            var info = reader.Database;
            var until = AsOf.Until(parsed.GetValue(at), parsed.GetValue(seq));
            if (until is null && (parsed.GetValue(at) ?? parsed.GetValue(seq)) is { } wrong)
                throw new InvalidOperationException($"'{wrong}': expected --at as RFC 3339, such as 2026-03-31T08:00:00Z, or --seq as a whole number.");
            until ??= new PastBound(new Instant(long.MaxValue), long.MaxValue);
            var details = new List<AccountDetail>();
            var rows = new List<(string Customer, AccountFigures Figures, int Today)>();
            var one = parsed.GetValue(customer);
            for (var partition = 0; partition < info.Partitions; partition++)
            {
                if (one is not null && Ids.PartitionOf(one, info.Partitions) != partition) continue;
                var book = await AsOf.BookAsync(reader, info, partition, until, cancel);
                for (var slot = 0; slot < book.AccountCount; slot++)
                {
                    if (one is not null && book.CustomerAt(slot) != one) continue;
                    rows.Add((book.CustomerAt(slot), book.Figures(slot), book.Today));
                    if (parsed.GetValue(orders) || parsed.GetValue(holds)) details.Add(book.Detail(slot));
                }
            }

            if (one is not null && rows.Count == 0) throw new InvalidOperationException($"No customer '{one}'.");
            if (parsed.GetValue(orders) || parsed.GetValue(holds)) OrderReport.Print(parsed.GetValue(json), details, parsed.GetValue(holds), parsed.GetValue(top));
            else Print(parsed.GetValue(json), rows, one is null ? parsed.GetValue(top) : 1);
            return 0;
        }));
        return command;
    }

    private static void Print(bool json, List<(string Customer, AccountFigures Figures, int Today)> rows, int top)
    {
        if (json)
        {
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
            {
                writer.WriteStartArray();
                foreach (var (customer, figures, today) in rows.OrderBy(r => r.Customer, StringComparer.Ordinal))
                {
                    writer.WriteStartObject();
                    writer.WriteString("customer", customer);
                    writer.WriteString("asOfDay", JsonFieldWriter.DateText(today));
                    AccountReport.Write(writer, figures);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            Console.WriteLine(Encoding.UTF8.GetString(stream.ToArray()));
            return;
        }

        var table = new Table().AddColumns("customer", "currency", "gross", "limit", "used %", "orders", "delivered", "receivables", "overdue", "held");
        foreach (var (customer, f, _) in rows.OrderByDescending(r => r.Figures.Gross).ThenBy(r => r.Customer, StringComparer.Ordinal).Take(top))
            table.AddRow(Markup.Escape(customer), f.Currency.Code, Amount(f.Gross, f.Currency), f.LimitKind == LimitKind.Amount ? Amount(f.Limit, f.Currency) : f.LimitKind.ToString(),
                f.UtilisationBp < 0 ? "" : (f.UtilisationBp / 100m).ToString("0.0", CultureInfo.InvariantCulture), Amount(f.OrdersInside, f.Currency), Amount(f.Delivered, f.Currency),
                Amount(f.Receivables, f.Currency), Amount(f.Overdue, f.Currency), f.HeldOrders.ToString(CultureInfo.InvariantCulture));
        AnsiConsole.Write(table);
        Console.WriteLine($"{rows.Count} customers");
    }

    private static string Amount(long minor, Currency currency)
    {
        decimal value = minor;
        for (var i = 0; i < currency.Digits; i++) value /= 10;
        return value.ToString("N" + currency.Digits, CultureInfo.InvariantCulture);
    }

    internal static Command Check()
    {
        var (database, json) = (Common.Database(), Common.Json());
        var customer = new Argument<string>("customer");
        var amount = new Argument<long>("amount") { Description = "Minor units." };
        var currency = new Option<string>("--currency") { DefaultValueFactory = _ => "EUR" };
        var (url, key) = (Remote.Url(), Remote.KeyEnvironment());
        var command = new Command("check", "What a credit check would say; nothing is reserved.") { customer, amount, currency, database, url, key, json };
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            if (parsed.GetValue(url) is { } service)
            {
                using var remote = Remote.Open(service, parsed.GetValue(key));
                var body = JsonSerializer.Serialize(new { amount = parsed.GetValue(amount), currency = parsed.GetValue(currency) });
                var told = await remote.PostAsync($"/customers/{Uri.EscapeDataString(parsed.GetValue(customer)!)}/credit-checks/what-if", body, cancel);
                Common.Print(parsed.GetValue(json), told, () => Console.WriteLine($"{told.GetProperty("decision").GetString()}: {told.GetProperty("figures")}"));
                return 0;
            }

            await using var reader = await Common.ReaderAsync(parsed.GetValue(database)!, cancel);
            var info = reader.Database;
            var id = parsed.GetValue(customer)!;
            var book = await AsOf.BookAsync(reader, info, Ids.PartitionOf(id, info.Partitions), new PastBound(new Instant(long.MaxValue), long.MaxValue), cancel);
            var answer = PartitionMachine.WhatIf(book, new CheckCredit { Customer = id, Amount = parsed.GetValue(amount), Currency = Currency.Parse(parsed.GetValue(currency)!) })
                ?? throw new InvalidOperationException($"No customer '{id}'.");
            if (parsed.GetValue(json))
            {
                Console.WriteLine(Encoding.UTF8.GetString(JsonFieldWriter.ToBytes(answer)));
                return 0;
            }

            Console.WriteLine($"{answer.Decision}: gross {answer.Figures!.Gross}, limit {answer.Figures.LimitKind} {answer.Figures.Limit}, after this {answer.Figures.AfterThis} {answer.Figures.Currency}");
            foreach (var reason in answer.Reasons) Console.WriteLine($"  {reason.Rule,-12} {reason.Reaction}: {reason.Observed} against {reason.Threshold}");
            return 0;
        }));
        return command;
    }

    internal static Command Verify()
    {
        var (database, json) = (Common.Database(), Common.Json());
        var command = new Command("verify", "Replays the journal from zero and proves it. Exit code 2 when a proof fails.") { database, json };
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            await using var reader = await Common.ReaderAsync(parsed.GetValue(database)!, cancel);
            var info = reader.Database;
            var report = await JournalVerifier.RunAsync(reader, info, cancel);
            Common.Print(parsed.GetValue(json), report, () =>
            {
                Console.WriteLine($"{report.Partitions} partitions, {report.Frames} frames, {report.Entries} entries, {report.Accounts} account rows, {report.Rows} rows, {report.Approvals} approvals");
                Console.WriteLine(report.Violation is null ? "PASS" : "FAIL: " + report.Violation);
            });
            return report.Violation is null ? 0 : 2;
        }));
        return command;
    }
}
