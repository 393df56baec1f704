using System.CommandLine;
using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure import</c>: a ledger or an order log into a database, in time order.</summary>
internal static class ImportCommand
{
    internal static Command Build()
    {
        var command = new Command("import", "Imports a receivables ledger or an order-to-cash log.");
        command.Subcommands.Add(Of("ledger", "Invoices with due and settlement dates. Fields: " + string.Join(", ", Imports.LedgerFields) + ".", isLog: false));
        command.Subcommands.Add(Of("order-log", "An order-to-cash event log. Fields: " + string.Join(", ", Imports.OrderLogFields) + ".", isLog: true));
        return command;
    }

    private static Command Of(string name, string description, bool isLog)
    {
        var (database, json, clock, partitions, baseCurrency) = (Common.Database(), Common.Json(), Common.Clock(), Common.Partitions(), Common.BaseCurrency());
        var file = new Argument<FileInfo>("file") { Description = "The file; gzip is recognised." };
        var map = new Option<string[]>("--map") { Description = "field=column, once per field.", Required = true, AllowMultipleArgumentsPerToken = true };
        var delimiter = new Option<string>("--delimiter") { DefaultValueFactory = _ => "," };
        var encoding = new Option<string>("--encoding") { DefaultValueFactory = _ => "utf-8" };
        var dates = new Option<string[]>("--date-format") { Description = "Such as yyyy-MM-dd or M/d/yyyy; may be given twice.", DefaultValueFactory = _ => ["yyyy-MM-dd"] };
        var thousands = new Option<string>("--thousands") { DefaultValueFactory = _ => "" };
        var point = new Option<string>("--decimal") { DefaultValueFactory = _ => "." };
        var currency = new Option<string>("--currency") { Description = "Currency of a file that has no column for it." };
        var noLimit = new Option<string>("--no-limit") { Description = "What 'no limit' means: unlimited or hold.", Required = isLog };
        var dry = new Option<bool>("--dry-run") { Description = "Says what would happen, and writes nothing." };
        var command = new Command(name, description) { file, database, json, clock, partitions, baseCurrency, map, delimiter, encoding, dates, thousands, point, currency, noLimit, dry };
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var told = parsed.GetValue(noLimit) ?? "hold";
            if (told is not ("unlimited" or "hold")) throw new ArgumentException("--no-limit is unlimited or hold.");
            var format = new FileFormat
            {
                Delimiter = parsed.GetValue(delimiter)!, Encoding = parsed.GetValue(encoding)!, Dates = parsed.GetValue(dates)!,
                Thousands = parsed.GetValue(thousands)!, Decimal = parsed.GetValue(point)!, Columns = Mapping(parsed.GetValue(map)!, isLog ? Imports.OrderLogFields : Imports.LedgerFields),
            };
            var source = parsed.GetValue(file)!;
            var content = await File.ReadAllBytesAsync(source.FullName, cancel);
            Currency? fixedCurrency = parsed.GetValue(currency) is { } code ? Currency.Parse(code) : null;
            if (isLog && fixedCurrency is null) throw new ArgumentException("An order log needs --currency.");
            var plan = isLog
                ? Imports.OrderLog(content, format, fixedCurrency!.Value, told == "unlimited")
                : Imports.Ledger(content, format, fixedCurrency, told == "unlimited");
            var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
            if (!parsed.GetValue(dry))
                outcomes = await RunAsync(plan, parsed.GetValue(database)!, parsed.GetValue(clock), parsed.GetValue(baseCurrency)!, parsed.GetValue(partitions), parsed.GetValue(json), cancel);
            var rejected = await KeepRejectedAsync(plan, source.FullName, parsed.GetValue(dry), cancel);
            Report(parsed.GetValue(json), plan, outcomes, rejected, parsed.GetValue(dry));
            return 0;
        }));
        return command;
    }

    private static async Task<SortedDictionary<string, int>> RunAsync(ImportPlan plan, string address, string? clock, string baseCurrency, int partitions, bool json, CancellationToken cancel)
    {
        if (clock is null && !await JournalFactory.ExistsAsync(Common.Address(address), cancel)) throw new InvalidOperationException("The database is new: tell --clock events (judge day by day) or --clock wall.");
        await using var engine = new ExposureEngine(await Common.OpenOrCreateAsync(address, clock ?? "events", baseCurrency, partitions, serve: false, cancel));
        await engine.StartAsync(cancel);
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var events = engine.Database.ClockMode == "events";
        await Common.WithProgressAsync(json, "import", plan.Facts.Count, async tell =>
        {
            for (var from = 0; from < plan.Facts.Count; from += 2_000)
            {
                var slice = plan.Facts.GetRange(from, Math.Min(2_000, plan.Facts.Count - from));
                var answers = events ? await engine.FeedAsync(slice, cancel) : await engine.SubmitBatchAsync(slice, cancel);
                foreach (var answer in answers)
                {
                    var name = answer.Outcome.Kind + (answer.Outcome.Reason.Length > 0 ? " " + answer.Outcome.Reason : "");
                    outcomes[name] = outcomes.GetValueOrDefault(name) + 1;
                }

                tell(from + slice.Count);
            }
        });
        return outcomes;
    }

    private static Dictionary<string, string> Mapping(string[] told, IReadOnlyList<string> fields)
    {
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in told)
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0 || !fields.Any(f => f.TrimEnd('*') == pair[..at])) throw new ArgumentException($"--map {pair}: expected field=column with one of {string.Join(", ", fields)}.");
            columns[pair[..at]] = pair[(at + 1)..];
        }

        foreach (var field in fields)
            if (field.EndsWith('*') && !columns.ContainsKey(field.TrimEnd('*'))) throw new ArgumentException($"--map {field.TrimEnd('*')}=<column> is missing.");
        return columns;
    }

    private static async Task<string?> KeepRejectedAsync(ImportPlan plan, string file, bool dry, CancellationToken cancel)
    {
        if (plan.Rejected.Count == 0 || dry) return null;
        var path = Path.Combine(Environment.CurrentDirectory, Path.GetFileName(file) + ".rejected.csv");
        await using var writer = new StreamWriter(path);
        await writer.WriteLineAsync("line,reason,row");
        foreach (var row in plan.Rejected)
            await writer.WriteLineAsync($"{row.Line},\"{row.Reason.Replace("\"", "\"\"", StringComparison.Ordinal)}\",\"{row.Raw.Replace("\"", "\"\"", StringComparison.Ordinal)}\"".AsMemory(), cancel);
        return path;
    }

    private static void Report(bool json, ImportPlan plan, SortedDictionary<string, int> outcomes, string? rejected, bool dry)
    {
        var reasons = plan.Rejected.GroupBy(r => r.Reason).OrderByDescending(g => g.Count()).Take(10).ToDictionary(g => g.Key, g => g.Count());
        Common.Print(json, new { plan.Source, plan.Rows, plan.Customers, facts = plan.Facts.Count, rejected = plan.Rejected.Count, reasons, notes = plan.Notes, outcomes, rejectedFile = rejected, dryRun = dry }, () =>
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{plan.Rows} rows, {plan.Customers} customers, {plan.Facts.Count} facts, {plan.Rejected.Count} rejected{(dry ? " (dry run)" : "")}"));
            foreach (var (name, count) in outcomes) Console.WriteLine($"  {count,9} {name}");
            foreach (var (name, count) in reasons) Console.WriteLine($"  {count,9} rejected: {name}");
            foreach (var (name, count) in plan.Notes) Console.WriteLine($"  {count,9} note: {name}");
            if (rejected is not null) Console.WriteLine($"Rejected rows with line and reason: {rejected}");
        });
    }
}
