using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Api;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using Spectre.Console;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure reconcile</c>: our receivables by company against the seller's own books. It reads the journal without a lock, beside a service or without one.</summary>
internal static class ReconcileCommand
{
    internal static Command Build()
    {
        var file = new Argument<FileInfo>("file") { Description = "The list: a row per customer, company and currency with what is open there; gzip is recognised. Below zero is a credit." };
        var (database, json) = (Common.Database(), Common.Json());
        var at = new Option<string>("--at") { Description = "A past day (yyyy-MM-dd, to its end in UTC) or instant (RFC 3339), by arrival. Default: now." };
        var position = new Option<string>("--at-position") { Description = "A past journal position: partition-sequence compares the customers of that partition alone; or a sequence of every partition." };
        var written = new FormatOptions(BalanceList.Fields, "delimiter, encoding, thousands, decimal, columns");
        var currency = new Option<string>("--currency") { Description = "Currency of a list that has no column for it." };
        var company = new Option<string>("--company") { Description = "The company of rows, and of our documents, that name none.", DefaultValueFactory = _ => "" };
        var top = new Option<int>("--top") { DefaultValueFactory = _ => 20, Description = "Differences shown, the largest first; --json and --csv have all." };
        var csv = new Option<FileInfo>("--csv") { Description = "Writes the differences to this file." };
        var command = new Command("reconcile", $"Compares our open receivables by company with a list out of the seller's own books. Who is missing on one side counts there as zero, and is said. Ends with {Common.Differ} when they differ.")
        {
            file, database, json, at, position, currency, company, top, csv,
        }.Examples(
            "exposure reconcile open-items.csv --db data/exposure.db", "exposure reconcile open-items.csv --at 2026-03-31 --csv differences.csv",
            "exposure reconcile salden.csv --delimiter ';' --decimal , --thousands . --map customer=Debitor company=Buchungskreis amount=Saldo --currency EUR --json");
        written.AddTo(command);
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var quiet = parsed.GetValue(json);
            var until = BoundOf(parsed.GetValue(at), parsed.GetValue(position), out var only, out var asOf);
            Currency? single = parsed.GetValue(currency) is { } code ? Currency.Parse(code) : null;
            var list = await ReadAsync(parsed.GetValue(file)!, await written.ReadAsync(parsed, cancel), single, parsed.GetValue(company)!);
            await using var stored = await Common.ReaderAsync(parsed.GetValue(database)!, cancel);
            var partitions = stored.Database.Partitions;
            if (only >= partitions) throw new ArgumentException($"--at-position: there is no partition {only}; the database has {partitions}, from 0.");
            var total = (await stored.HeadsAsync(cancel)).Where(h => h.Partition >= 0 && (only is null || h.Partition == only)).Sum(h => Math.Min(h.Seq, until.Seq));
            ReceivablesByCompany read = null!;
            await Progress.RunAsync(quiet || total < 20_000, "read the journal, frames", total, async tell => read = await ReceivablesByCompany.ReadAsync(new CountingReader(stored, tell), stored.Database, until, cancel, only));
            if (read.Unbalanced is { } flaw)
            {
                await Console.Error.WriteLineAsync($"exposure: the receivables by company do not add up to the book, so nothing is compared. {flaw}.");
                return 2;
            }

            var report = ReconciliationReport.Of(read, asOf, list.Balances, parsed.GetValue(company)!, only is null ? null : customer => Ids.PartitionOf(customer, partitions) == only);
            if (parsed.GetValue(csv) is { } to) await File.WriteAllTextAsync(to.FullName, string.Concat(report.Csv()), cancel);
            if (quiet) Console.WriteLine(JsonSerializer.Serialize(report.ToJson(), Common.JsonOptions));
            else Print(report, list, parsed.GetValue(top));
            return report.Agrees ? 0 : Common.Differ;
        }));
        return command;
    }

    private static async Task<BalanceList> ReadAsync(FileInfo file, FileFormat format, Currency? currency, string company)
    {
        if (Directory.Exists(file.FullName)) throw new InvalidDataException($"'{file}' is a folder: a file is expected.");
        if (!file.Exists) throw new InvalidDataException($"There is no file '{file}'.");
        return await Task.Run(() => BalanceList.Read(file.OpenRead, format, currency, company));
    }

    /// <summary>A past moment, and how it is called.</summary>
    private static PastBound BoundOf(string? at, string? position, out int? only, out string asOf)
    {
        (only, asOf) = (null, Instant.From(TimeProvider.System.GetUtcNow()).ToString());
        if (at is null && position is null) return AsOf.Now;
        if (at is not null && position is not null) throw new ArgumentException("--at and --at-position: one of them.");
        (var seq, only) = ReadCommands.PositionOf(position);
        var until = (at is null ? AsOf.Until(null, seq) : ReconciliationReport.Until(at)) ?? throw new ArgumentException($"'{at ?? position}': expected --at as yyyy-MM-dd or RFC 3339, such as 2026-03-31, or --at-position as partition-sequence, such as 7-1200.");
        asOf = at is null ? position! : until.At.ToString();
        return until;
    }

    private static void Print(ReconciliationReport report, BalanceList list, int top)
    {
        var (compared, (ours, theirs)) = (report.Compared, report.Compared.OneSided);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"as of {report.AsOf}: {compared.Balances.Count} balances, {compared.Differences.Count} differ; {ours} only in the book, {theirs} only in the list"));
        var totals = new Table().AddColumns("company", "currency", "ours", "list", "difference", "unapplied (ours)", "balances", "differ");
        foreach (var t in compared.Totals)
            totals.AddRow(Named(t.Company), t.Currency.Code, Amount(t.Ours, t.Currency), Amount(t.Theirs, t.Currency), Amount(t.Difference, t.Currency), Amount(t.Unapplied, t.Currency), Count(t.Balances), Count(t.Differing));
        AnsiConsole.Write(totals);
        if (!report.Agrees)
        {
            var differences = new Table().AddColumns("customer", "company", "currency", "ours", "list", "difference", "unapplied (ours)", "over all companies", "on");
            foreach (var (b, inAll) in compared.Differences.Take(top))
                differences.AddRow(Markup.Escape(b.Customer), Named(b.Company), b.Currency.Code, Amount(b.Ours, b.Currency), Amount(b.Theirs, b.Currency), Amount(b.Difference, b.Currency), Amount(b.Unapplied, b.Currency), Amount(inAll, b.Currency), ReconciliationReport.SideOf(b));
            AnsiConsole.Write(differences);
            if (compared.Differences.Count > top) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"and {compared.Differences.Count - top} more (--top, --csv)"));
        }

        if (list.Unnamed > 0) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{list.Unnamed} rows of the list name no company."));
        if (report.Rows.LeftOut > 0) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Rows.LeftOut} rows of the list are of customers in other partitions, and were left out."));
        if (report.Untold > 0)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Untold} open documents are from before {report.PrunedUpTo?.ToString() ?? "the journal"}, up to when the journal was pruned: their company is gone, and they stand under none."));
    }

    private static string Named(string company) => company.Length > 0 ? Markup.Escape(company) : "(none)";

    private static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Amount(Int128 minor, Currency currency) => ReadCommands.Amount(minor, currency);
}
