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
    private enum FileKind
    {
        Ledger, OrderLines, OrderLog, Hierarchy,
    }

    internal static Command Build() => new("import", "Imports a receivables ledger, order lines, or an order-to-cash log. Importing the same file twice changes nothing.")
    {
        Of(FileKind.Ledger, "ledger", "One invoice or credit note per row, with the day on which it was settled.", Imports.LedgerFields),
        Of(FileKind.OrderLines, "order-lines", "One line of an order per row; the lines of an order are added up.", Imports.OrderLineFields),
        Of(FileKind.OrderLog, "order-log", "One activity of an order line per row, as SAP logs them. Blocks and releases of the source are kept as notes, never applied.", Imports.OrderLogFields),
        Of(FileKind.Hierarchy, "hierarchy", "One customer per row with its parent from a day on, and its share in percent; an empty parent takes it out of its group.", Imports.HierarchyFields),
    };

    private static Command Of(FileKind kind, string name, string description, IReadOnlyList<string> fields)
    {
        var (database, json, clock, partitions, baseCurrency) = (Common.Database(), Common.Json(), Common.Clock(), Common.Partitions(), Common.BaseCurrency());
        var file = new Argument<FileInfo>("file") { Description = "The file; gzip is recognised." };
        var written = new FormatOptions(fields, "delimiter, encoding, dates, thousands, decimal, yes, no, columns, activities");
        var dates = new Option<string[]>("--date-format") { Description = "Such as yyyy-MM-dd (default), M/d/yyyy or epoch-ms; may be given several times.", AllowMultipleArgumentsPerToken = true };
        var yes = new Option<string[]>("--yes") { Description = "Ledger: words that mean yes in the column of disputes. Default: yes y true 1 x.", AllowMultipleArgumentsPerToken = true };
        var no = new Option<string[]>("--no") { Description = "Ledger: words that mean no in that column, beside nothing at all. Default: no n false 0 -.", AllowMultipleArgumentsPerToken = true };
        var currency = new Option<string>("--currency") { Description = "Currency of a file that has no column for it." };
        var noLimit = new Option<string>("--no-limit")
        {
            Description = "What a customer without a limit may order: 'unlimited' (all), or 'hold' (nothing until somebody decides).", Required = kind is FileKind.OrderLines or FileKind.OrderLog,
        };
        noLimit.AcceptOnlyFromAmong("unlimited", "hold");
        var folder = new Option<DirectoryInfo>("--out") { Description = "Folder for <file>.rejected.csv and <file>.notes.csv. Default: where you are." };
        var drawnUp = new Option<string>("--drawn-up") { Description = "Ledger: the day on which it was drawn up (yyyy-MM-dd); what is paid without a date was paid by then." };
        var (url, key, offline) = (Remote.Url(), Remote.KeyEnvironment(), Common.Offline());
        var dry = new Option<bool>("--dry-run") { Description = "Says what would happen, and writes nothing." };
        var command = new Command(name, description)
        {
            file, database, json, clock, partitions, baseCurrency, dates, folder, dry, offline, url, key,
        }.Examples(ExamplesOf(kind));
        written.AddTo(command);
        // A hierarchy has neither amounts nor limits.
        if (kind != FileKind.Hierarchy)
        {
            command.Options.Add(currency);
            command.Options.Add(noLimit);
        }

        if (kind == FileKind.Ledger)
        {
            command.Options.Add(drawnUp);
            command.Options.Add(yes);
            command.Options.Add(no);
        }

        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            // A name that is mistyped is told before columns that nobody can tell for it.
            if (parsed.GetValue(file) is { Exists: false } missing && !Directory.Exists(missing.FullName)) throw new InvalidDataException($"There is no file '{missing}'.");
            var format = await written.ReadAsync(parsed, cancel);
            format = format with
            {
                Dates = parsed.GetValue(dates) is { Length: > 0 } formats ? formats : format.Dates,
                Yes = parsed.GetValue(yes) is { Length: > 0 } words ? words : format.Yes, No = parsed.GetValue(no) is { Length: > 0 } others ? others : format.No,
            };
            foreach (var field in fields)
                if (field.EndsWith('*') && !format.Columns.ContainsKey(field.TrimEnd('*')))
                    throw new ArgumentException($"No column is told for '{field.TrimEnd('*')}': add --map {field.TrimEnd('*')}=<column>.");
            Currency? single = parsed.GetValue(currency) is { } code ? Currency.Parse(code) : null;
            if (kind != FileKind.Hierarchy && single is null && !format.Columns.ContainsKey("currency"))
                throw new ArgumentException("The file has no column for the currency: add --currency <code>" + (kind == FileKind.Ledger ? ", or --map currency=<column>." : "."));
            var source = parsed.GetValue(file)!;
            var unlimited = parsed.GetValue(noLimit) == "unlimited";
            var until = parsed.GetValue(drawnUp) is not { } day ? 0 : DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
                ? date.DayNumber : throw new ArgumentException($"--drawn-up: '{day}' is no date as yyyy-MM-dd.");
            var isDry = parsed.GetValue(dry);
            // Before the file is read, which may take long: a database that somebody else holds, or a clock that is not told.
            await using var target = isDry || parsed.GetValue(url) is not null ? null
                : await Target.OpenAsync(parsed.GetValue(database)!, parsed.GetValue(clock), parsed.GetValue(baseCurrency)!, parsed.GetValue(partitions), parsed.GetValue(offline), cancel);
            using var plan = await ToldStream.ReadAsync(source, $"read {source.Name}, bytes", parsed.GetValue(json), content => kind switch
            {
                FileKind.Ledger => Imports.Ledger(content, format, single, unlimited, until),
                FileKind.Hierarchy => Imports.Hierarchy(content, format),
                FileKind.OrderLines => Imports.OrderLines(content, format, single!.Value, unlimited),
                _ => Imports.OrderLog(content, format, single!.Value, unlimited),
            }, cancel);
            var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
            if (!isDry)
            {
                outcomes = parsed.GetValue(url) is { } service
                    ? await SendAsync(plan, Remote.Open(service, parsed.GetValue(key)), parsed.GetValue(json), cancel)
                    : await RunAsync(plan, target!, parsed.GetValue(json), cancel);
            }

            var path = Path.Combine(parsed.GetValue(folder)?.FullName ?? Environment.CurrentDirectory, source.Name);
            var rejected = isDry ? null : await KeepAsync(path + ".rejected.csv", "line,reason,found,row", plan.Rejected, r => [r.Line, r.Reason, r.Detail, r.Raw], cancel);
            var notes = isDry ? null : await KeepAsync(path + ".notes.csv", "line,note,customer,document,day", plan.NoteRows,
                n => [n.Line, n.What, n.Customer, n.Document, DateOnly.FromDayNumber(n.Day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)], cancel);
            Report(parsed.GetValue(json), plan, outcomes, rejected, notes, isDry);
            // Not one row fitted: that is a wrong mapping, not a bad row.
            return plan.Count == 0 && plan.Rows > 0 ? 1 : 0;
        }, "The same command goes on where this one stopped: what is in already counts once."));
        return command;
    }

    private static string[] ExamplesOf(FileKind kind) => kind switch
    {
        FileKind.Ledger =>
        [
            "exposure import ledger open.csv --dry-run --currency EUR --date-format dd.MM.yyyy --delimiter ';' --decimal , --thousands . \\",
            "  --encoding windows-1252 --map customer=Debitor document=Beleg issued=Belegdatum due=Faellig amount=Betrag settled=Zahldatum",
            "exposure import ledger open.csv --db data/book.db --clock events --mapping ledger.json --currency EUR",
            "exposure import ledger open.csv --mapping ledger.json --currency EUR --map open=OffenerBetrag --drawn-up 2026-03-31",
        ],
        FileKind.OrderLines =>
        [
            "exposure import order-lines lines.csv.gz --db data/book.db --clock events --currency GBP --no-limit unlimited \\",
            "  --date-format 'M/d/yyyy H:mm' --map customer=CustomerID order=InvoiceNo date=InvoiceDate quantity=Quantity price=UnitPrice",
        ],
        FileKind.Hierarchy => ["exposure import hierarchy groups.csv --db data/book.db --map customer=Debitor parent=Konzern share=Anteil from=AbDatum --date-format dd.MM.yyyy"],
        _ => ["exposure import order-log events.csv.gz --db data/orders.db --clock events --mapping log.json --currency USD --no-limit hold"],
    };

    private static async Task<SortedDictionary<string, int>> RunAsync(ImportPlan plan, Target target, bool json, CancellationToken cancel)
    {
        var engine = await target.StartAsync(cancel);
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var events = engine.Database.ClockMode == "events";
        await Progress.RunAsync(json, "import", plan.Count, async tell =>
        {
            var done = 0;
            foreach (var slice in plan.Read().Chunk(2_000))
            {
                var answers = events ? await engine.FeedAsync(slice, cancel) : await engine.SubmitBatchAsync(slice, cancel);
                foreach (var answer in answers)
                {
                    var name = answer.Outcome.Kind + (answer.Outcome.Reason.Length > 0 ? " " + answer.Outcome.Reason : "");
                    outcomes[name] = outcomes.GetValueOrDefault(name) + 1;
                }

                tell(done += slice.Length);
            }
        });
        return outcomes;
    }

    /// <summary>Sends the facts as events to a running service. Documents tell themselves, so a repetition changes nothing.</summary>
    private static async Task<SortedDictionary<string, int>> SendAsync(ImportPlan plan, Remote remote, bool json, CancellationToken cancel)
    {
        using var _ = remote;
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        await Progress.RunAsync(json, "import", plan.Count, async tell =>
        {
            var done = 0;
            foreach (var batch in Remote.Batches(plan.Read().Select(fact => CloudEventWriter.Write(fact))))
            {
                foreach (var (name, count) in await remote.PostEventsAsync(batch, cancel)) outcomes[name] = outcomes.GetValueOrDefault(name) + (int)count;
                tell(done += batch.Count);
            }
        });
        return outcomes;
    }

    /// <summary>Writes a report beside the file. Without rows there is none, also not that of an earlier import.</summary>
    private static async Task<string?> KeepAsync<T>(string path, string header, IReadOnlyCollection<T> rows, Func<T, object[]> columns, CancellationToken cancel)
    {
        if (rows.Count == 0)
        {
            File.Delete(path);
            return null;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var writer = new StreamWriter(path);
        await writer.WriteLineAsync(header.AsMemory(), cancel);
        foreach (var row in rows) await writer.WriteLineAsync(string.Join(',', columns(row).Select(Quoted)).AsMemory(), cancel);
        return path;
    }

    private static string Quoted(object value) => value is string text
        ? '"' + text.Replace("\"", "\"\"", StringComparison.Ordinal) + '"'
        : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    /// <summary>Rejected rows that the report shows; the file has all of them.</summary>
    private const int ShownMost = 5;

    private static void Report(bool json, ImportPlan plan, SortedDictionary<string, int> outcomes, string? rejected, string? notes, bool dry)
    {
        var reasons = plan.Reasons.OrderByDescending(r => r.Value).ToDictionary(r => r.Key, r => r.Value);
        Common.Print(json, new { plan.Source, plan.Rows, plan.Customers, facts = plan.Count, kinds = plan.Kinds, rejected = plan.Rejected.Count, reasons, notes = plan.Notes, outcomes, rejectedFile = rejected, notesFile = notes, first = plan.FirstDate, last = plan.LastDate, dryRun = dry }, () =>
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{plan.Rows} rows, {plan.Customers} customers, {plan.Count} facts, {plan.Rejected.Count} rejected{(plan.FirstDate is null ? "" : $", {plan.FirstDate:yyyy-MM-dd} to {plan.LastDate:yyyy-MM-dd}")}{(dry ? " (dry run: nothing was written)" : "")}"));
            if (dry) foreach (var (name, count) in plan.Kinds) Console.WriteLine($"  {count,9} would enter: {name}");
            foreach (var (name, count) in outcomes) Console.WriteLine($"  {count,9} {name}");
            foreach (var (name, count) in reasons) Console.WriteLine($"  {count,9} rejected: {name}");
            foreach (var row in plan.Rejected.Take(ShownMost)) Console.WriteLine($"            line {row.Line}: {row.Reason}: {row.Detail}");
            if (plan.Rejected.Count > ShownMost) Console.WriteLine($"            and {plan.Rejected.Count - ShownMost} more");
            foreach (var (name, count) in plan.Notes) Console.WriteLine($"  {count,9} note: {name}");
            if (outcomes.Keys.Any(k => k.Contains("TOO_OLD", StringComparison.Ordinal)))
                Console.WriteLine($"Documents older than the service remembers wait for a person. To load a whole history, an administrator first opens its load: POST /api/v1/opening-loads {{\"source\":\"{plan.Source}\",\"open\":true}}");
            if (plan.Kinds.ContainsKey(nameof(CustomerReparented)))
                Console.WriteLine("A parent that cannot stand (a cycle, too many levels) becomes a dead letter, and the customer keeps the one it has: exposure dead-letters list.");
            if (plan is { Count: 0, Rows: > 0 }) Console.WriteLine("No row became a fact, so nothing was taken in." + (plan.Notes.Count > 0 ? " What an activity means is told under 'activities' in the --mapping file." : ""));
            if (rejected is not null) Console.WriteLine($"Rejected rows with line and reason: {rejected}");
            if (notes is not null) Console.WriteLine($"Notes with line and document: {notes}");
        });
    }
}
