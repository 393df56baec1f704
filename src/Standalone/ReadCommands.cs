using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Alerts;
using ExposureMonitor.Api;
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
        var seq = new Option<string>("--at-position") { Description = "A past journal position: partition-sequence, as entries and answers name it, or a sequence alone." };
        seq.Aliases.Add("--seq");
        var top = new Option<int>("--top") { DefaultValueFactory = _ => 20, Description = "Customers or orders shown, the largest exposure first." };
        var orders = new Option<bool>("--orders") { Description = "Open orders instead of figures." };
        var group = new Option<bool>("--group") { Description = "The customer's group: slices, members, shares and the position of each figure." };
        var holds = new Option<bool>("--holds") { Description = "Held orders with their reasons instead of figures." };
        var score = new Option<bool>("--score") { Description = "How the customer will pay instead: chances, expected days of payment, factors with their points, and the facts behind them. Reads the journal of the whole book." };
        var credit = new Option<bool>("--credit") { Description = "The customer's credit instead: weighted score with its factors, grade, what it supports, DSO, and the ratios of the last filed statement." };
        var provision = new Option<bool>("--provision") { Description = "Provision and expected loss instead: receivables by bucket of the ageing and by grade, with cover, lifetime provision and the loss of a year; of a customer or the whole book." };
        var cards = new Option<DirectoryInfo>("--cards") { Description = "With --score: folder of cards that `exposure learn` wrote, to score with instead of those in force (`exposure scorecards list`). Where there is none the shrunk share serves." };
        var command = new Command("show", "Shows exposure, limit and ageing, orders and holds, or a score, now or as of the past.") { customer, database, json, at, seq, top, orders, holds, group, score, credit, provision, cards }.Examples(
            "exposure show --db data/exposure.db --top 10", "exposure show DEMO --holds", "exposure show DEMO --credit --at 2026-03-31T08:00:00Z", "exposure show --provision --at 2026-03-31T22:00:00Z", "exposure show HOLDING --group", "exposure show DEMO --at 2026-03-31T08:00:00Z --json", "exposure show DEMO --at-position 7-1200",
            "exposure show DEMO --score --cards cards");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            if (parsed.GetValue(cards) is not null && !parsed.GetValue(score)) throw new ArgumentException("--cards goes with --score.");
            if (parsed.GetValue(score))
            {
                if (parsed.GetValue(customer) is not { } whose || parsed.GetValue(seq) is not null || parsed.GetValue(orders) || parsed.GetValue(holds) || parsed.GetValue(group) || parsed.GetValue(credit) || parsed.GetValue(provision))
                    throw new ArgumentException("--score needs a customer, and is shown alone: of now, or --at the end of a past day.");
                var moment = parsed.GetValue(at) is not { } then ? null : AsOf.Until(then, null) ?? throw new ArgumentException($"'{then}': expected --at as RFC 3339, such as 2026-03-31T08:00:00Z; a score is of the end of that day, with the cards of that moment.");
                await ScoreReport.RunAsync(parsed.GetValue(database)!, whose, parsed.GetValue(cards), moment, parsed.GetValue(json), cancel);
                return 0;
            }

            if (parsed.GetValue(credit) && (parsed.GetValue(customer) is null || parsed.GetValue(orders) || parsed.GetValue(holds) || parsed.GetValue(group))) throw new ArgumentException("--credit needs a customer, and is shown alone.");
            if (parsed.GetValue(provision) && (parsed.GetValue(orders) || parsed.GetValue(holds) || parsed.GetValue(group) || parsed.GetValue(credit))) throw new ArgumentException("--provision is shown alone.");
            await using var stored = await Common.ReaderAsync(parsed.GetValue(database)!, cancel);
            var info = stored.Database;
            var (position, only) = PositionOf(parsed.GetValue(seq));
            var until = AsOf.Until(parsed.GetValue(at), position);
            if (until is null && (parsed.GetValue(at) ?? parsed.GetValue(seq)) is { } wrong)
                throw new ArgumentException($"'{wrong}': expected --at as RFC 3339, such as 2026-03-31T08:00:00Z, or --at-position as partition-sequence, such as 7-1200.");
            until ??= AsOf.Now;
            var details = new List<AccountDetail>();
            AccountDetail? named = null;
            CreditStanding? standing = null;
            var (losses, rates, asOfDay) = (new ProvisionMatrix(), (IReadOnlyList<int>)[], 0);
            IReadOnlyList<SignalExplanation> signals = [];
            var groups = new List<(string Customer, GroupDetail Group)>();
            var rows = new List<(string Customer, AccountFigures Figures, int Today)>();
            var one = parsed.GetValue(customer);
            var mine = Enumerable.Range(0, info.Partitions).Where(p => (one is null || Ids.PartitionOf(one, info.Partitions) == p) && (only is null || only == p)).ToList();
            var total = (await stored.HeadsAsync(cancel)).Where(h => mine.Contains(h.Partition)).Sum(h => Math.Min(h.Seq, until.Seq));
            await Progress.RunAsync(parsed.GetValue(json) || total < 20_000, "show", total, async tell =>
            {
                var reader = new CountingReader(stored, tell);
                foreach (var partition in mine)
                {
                    // Account rows are the newest ones: a past moment needs the frames from the beginning.
                    var book = until == AsOf.Now ? await AsOf.NowAsync(reader, info, partition, cancel) : await AsOf.BookAsync(reader, info, partition, until, cancel);
                    if (parsed.GetValue(provision)) (rates, asOfDay) = (ProvisionMatrix.RatesOf(book.Context.Policy), Math.Max(asOfDay, book.Today));
                    for (var slot = 0; slot < book.AccountCount; slot++)
                    {
                        if (one is not null && book.CustomerAt(slot) != one) continue;
                        if (parsed.GetValue(provision)) losses.Add(book.ProvisionOf(slot, slot + 1, []));
                        rows.Add((book.CustomerAt(slot), book.Figures(slot), book.Today));
                        // A customer that has members shows them without being asked.
                        if ((one is not null || parsed.GetValue(group)) && book.GroupOf(slot) is { } shared && (parsed.GetValue(group) || shared.Members.Count > 0)) groups.Add((book.CustomerAt(slot), shared));
                        if (parsed.GetValue(credit)) standing = book.CreditOf(slot);
                        else if (parsed.GetValue(orders) || parsed.GetValue(holds)) details.Add(book.Detail(slot));
                        else if (one is not null) named = book.Detail(slot);
                    }
                }
            });

            if (one is not null && named is not null)
                signals = await SignalExplanations.OfAsync(stored, Ids.PartitionOf(one, info.Partitions), named, cancel);
            if (one is not null && rows.Count == 0) throw new InvalidOperationException($"No customer '{one}'{(until == AsOf.Now ? "" : " at that moment")}.");
            if (parsed.GetValue(provision)) Common.Print(parsed.GetValue(json), ProvisionReport.Of(losses, asOfDay, info.BaseCurrency, rates, isWhole: true), () => ProvisionText.Print(losses, asOfDay, info.BaseCurrency, rates));
            else if (standing is not null) Common.Print(parsed.GetValue(json), CreditReport.Of(one!, standing), () => CreditText.Print(one!, standing));
            else if (parsed.GetValue(orders) || parsed.GetValue(holds)) OrderReport.Print(parsed.GetValue(json), details, parsed.GetValue(holds), parsed.GetValue(top));
            else if (parsed.GetValue(group)) GroupReport.Print(parsed.GetValue(json), groups, one is null ? parsed.GetValue(top) : int.MaxValue,
                one is null ? "There is no group." : $"Customer '{one}' belongs to no group and has no members.");
            else
            {
                Print(parsed.GetValue(json), rows, one is null ? parsed.GetValue(top) : 1, named, signals, groups, info.BaseCurrency);
                if (!parsed.GetValue(json)) GroupReport.Print(json: false, groups, int.MaxValue);
            }

            return 0;
        }));
        return command;
    }

    /// <summary>The sequence of a position, and its partition when it names one.</summary>
    internal static (string? Seq, int? Partition) PositionOf(string? told) => told?.Split('-') is [var partition, var seq, ..] && int.TryParse(partition, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? (seq, number) : (told, null);

    private static void Print(bool json, List<(string Customer, AccountFigures Figures, int Today)> rows, int top, AccountDetail? named, IReadOnlyList<SignalExplanation> signals, List<(string Customer, GroupDetail Group)> groups, string baseCurrency)
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
                    if (named is not null)
                    {
                        OrderReport.WriteNames(writer, named);
                        writer.WritePropertyName("signals");
                        JsonSerializer.Serialize(writer, signals.Select(s => SignalReport.Of(s)), Common.JsonOptions);
                        if (groups.Count > 0)
                        {
                            writer.WritePropertyName("group");
                            writer.WriteRawValue(JsonFieldWriter.ToBytes(groups[0].Group));
                        }
                    }

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
        if (named is null) Console.WriteLine($"{rows.Count} customers");
        else
        {
            OrderReport.PrintNames(named);
            SignalText.Print(signals, rows[0].Figures.Currency, baseCurrency);
        }
    }

    internal static string Amount(Int128 minor, Currency currency)
    {
        var value = (decimal)minor;
        for (var i = 0; i < currency.Digits; i++) value /= 10;
        return value.ToString("N" + currency.Digits, CultureInfo.InvariantCulture);
    }

    internal static Command Check()
    {
        var (database, json) = (Common.Database(), Common.Json());
        var customer = new Argument<string>("customer") { Description = "The customer who would pay." };
        var amount = new Argument<string>("amount") { Description = "Value of the order in minor units: 250000 is 2,500.00 EUR." };
        var currency = new Option<string>("--currency") { DefaultValueFactory = _ => "EUR", Description = "Currency of the order." };
        var (url, key) = (Remote.Url(), Remote.KeyEnvironment());
        var command = new Command("check", "What a credit check would say; nothing is reserved.") { customer, amount, currency, database, url, key, json }.Examples(
            "exposure check DEMO 250000 --currency EUR", "EXPOSURE_KEY=$ANALYST exposure check DEMO 250000 --url http://localhost:8480 --json");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            if (!long.TryParse(parsed.GetValue(amount), NumberStyles.None, CultureInfo.InvariantCulture, out var minor) || minor == 0)
                throw new ArgumentException($"'{parsed.GetValue(amount)}': expected the value of the order in minor units, such as 250000 for 2,500.00 EUR.");
            if (parsed.GetValue(url) is { } service)
            {
                using var remote = Remote.Open(service, parsed.GetValue(key));
                var body = JsonSerializer.Serialize(new { amount = minor, currency = parsed.GetValue(currency) });
                var told = await remote.PostAsync($"/customers/{Uri.EscapeDataString(parsed.GetValue(customer)!)}/credit-checks/what-if", body, cancel);
                Tell(parsed.GetValue(json), told);
                return 0;
            }

            await using var reader = await Common.ReaderAsync(parsed.GetValue(database)!, cancel);
            var info = reader.Database;
            var id = parsed.GetValue(customer)!;
            var book = await AsOf.NowAsync(reader, info, Ids.PartitionOf(id, info.Partitions), cancel);
            var answer = PartitionMachine.WhatIf(book, new CheckCredit { Customer = id, Amount = minor, Currency = Currency.Parse(parsed.GetValue(currency)!) })
                ?? throw new InvalidOperationException($"No customer '{id}'.");
            var head = (await reader.HeadsAsync(cancel)).First(h => h.Partition == Ids.PartitionOf(id, info.Partitions));
            using var same = JsonDocument.Parse(DecisionJson.Of(answer, new EntryPosition(head.Partition, head.Seq, 0), whatIf: true));
            Tell(parsed.GetValue(json), same.RootElement);
            return 0;
        }));
        return command;
    }

    /// <summary>A decision, from a service or from a file: the same words.</summary>
    private static void Tell(bool json, JsonElement d) => Common.Print(json, d, () =>
    {
        Console.WriteLine($"{d.GetProperty("decision").GetString()}: gross {d.GetProperty("gross").GetString()}, limit {d.GetProperty("limitKind").GetString()} {d.GetProperty("limit").GetString()}, "
            + $"after this {d.GetProperty("afterThis").GetString()} {d.GetProperty("limitCurrency").GetString()} (a what-if: nothing is reserved)");
        foreach (var r in d.GetProperty("reasons").EnumerateArray())
            Console.WriteLine($"  {r.GetProperty("step").GetString()} {r.GetProperty("ruleId").GetString(),-16} {r.GetProperty("reaction").GetString()}: {r.GetProperty("observed").GetString()} against {r.GetProperty("threshold").GetString()}");
    });

    internal static Command Verify()
    {
        var (database, json, places, key) = (Common.Database(), Common.Json(), AnchorsCommand.Places(), AnchorsCommand.PublicKey());
        var command = new Command("verify", "Replays the journal from zero, or from its base where older months were pruned, and proves it. Exit code 2 when a proof fails.") { database, places, key, json }.Examples(
            "exposure verify --db data/exposure.db", "exposure verify --db postgres://exposure@db/exposure --json", "exposure verify --anchors /mnt/a --anchors /mnt/b --anchor-key anchor.pub.pem");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            AnchorHistory? anchors;
            await using (var named = await Common.ReaderAsync(parsed.GetValue(database)!, cancel))
                anchors = AnchorsCommand.Read(parsed.GetValue(places), parsed.GetValue(key), named.Database.EnvironmentId);
            // Opened behind them: what is anchored meanwhile may be newer than what is proved.
            await using var reader = await Common.ReaderAsync(parsed.GetValue(database)!, cancel);
            var total = 0L;
            foreach (var head in await reader.HeadsAsync(cancel)) total += head.Seq - ((await reader.BaseAsync(head.Partition, cancel))?.Seq ?? 0);
            VerificationReport report = null!;
            await Progress.RunAsync(parsed.GetValue(json) || total < 20_000, "verify", total, async tell => report = await JournalVerifier.RunAsync(new CountingReader(reader, tell), reader.Database, cancel, anchors));
            Common.Print(parsed.GetValue(json), report, () =>
            {
                Console.WriteLine($"{report.Partitions} partitions, {report.Frames} frames, {report.Entries} entries, {report.Accounts} account rows, {report.Rows} rows, {report.Approvals} approvals");
                if (report.Base is { } from) TellBase(from);
                foreach (var note in anchors?.Notes ?? []) Console.WriteLine("anchors: " + note);
                if (anchors is not null) Console.WriteLine($"{anchors.Count} anchors up to number {anchors.Newest?.Number ?? 0}{(parsed.GetValue(key) is null ? "; signatures not checked (--anchor-key)" : ", signed")}");
                Console.WriteLine(report.Violation is null ? "PASS" : "FAIL: " + report.Violation);
            });
            return report.Violation is null ? 0 : 2;
        }));
        return command;
    }

    /// <summary>What a proof that begins at a base says, and what it cannot say any more.</summary>
    private static void TellBase(BaseReport from)
    {
        Console.WriteLine($"begins at base {from.Number} of {from.WrittenAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z: {from.Frames} frames before it were pruned");
        Console.WriteLine("  proved: everything behind the base; that the base, and the rows and messages of entries before it, are as they were when it was sealed");
        Console.WriteLine("  not proved any more: those entries themselves; they were proved before their frames went");
        if (from.IsAnchored == false) Console.WriteLine("  no anchor holds this base: whoever owns the database could have written it anew");
        if (from.Anchors > 0) Console.WriteLine($"  pruned: {from.Anchors} anchored heads lie before the base, and have no frame to be compared with");
    }
}
