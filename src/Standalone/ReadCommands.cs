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
        var top = new Option<int>("--top") { DefaultValueFactory = _ => 20 };
        var command = new Command("show", "Shows exposure, limit and ageing, now or as of the past.") { customer, database, json, at, seq, top };
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            await using var reader = await Common.ReaderAsync(parsed.GetValue(database)!, cancel);
            var info = reader.Database;
            var until = AsOf.Until(parsed.GetValue(at), parsed.GetValue(seq)) ?? new PastBound(new Instant(long.MaxValue), long.MaxValue);
            var rows = new List<(string Customer, AccountFigures Figures, int Today)>();
            var one = parsed.GetValue(customer);
            for (var partition = 0; partition < info.Partitions; partition++)
            {
                if (one is not null && Ids.PartitionOf(one, info.Partitions) != partition) continue;
                var book = await AsOf.BookAsync(reader, info, partition, until, cancel);
                for (var slot = 0; slot < book.AccountCount; slot++)
                    if (one is null || book.CustomerAt(slot) == one) rows.Add((book.CustomerAt(slot), book.Figures(slot), book.Today));
            }

            if (one is not null && rows.Count == 0) throw new InvalidOperationException($"No customer '{one}'.");
            Print(parsed.GetValue(json), rows, one is null ? parsed.GetValue(top) : 1);
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
        var command = new Command("check", "What a credit check would say; nothing is reserved.") { customer, amount, currency, database, json };
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
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

    internal static Command DeadLetters()
    {
        var (database, json) = (Common.Database(), Common.Json());
        var limit = new Option<int>("--limit") { DefaultValueFactory = _ => 50 };
        var command = new Command("dead-letters", "Lists records that could not be applied.") { database, json, limit };
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            await using var reader = await Common.ReaderAsync(parsed.GetValue(database)!, cancel);
            var rows = await reader.RowsAsync(new RowQuery { Table = RowTable.DeadLetter, Limit = parsed.GetValue(limit) }, cancel);
            if (parsed.GetValue(json)) Console.WriteLine("[" + string.Join(",", rows.Select(r => Encoding.UTF8.GetString(r.Body.Span))) + "]");
            else
                foreach (var row in rows) Console.WriteLine($"{row.Partition}-{row.Seq}-{row.Index}  {row.Kind,-22} {row.Customer,-20} {row.Subject}");
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
