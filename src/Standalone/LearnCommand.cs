using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Learning;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure learn</c>: scorecards fitted on a book's own past, that of a ledger file or of the service's own journal.</summary>
internal static class LearnCommand
{
    internal static Command Build()
    {
        var ledger = new LedgerOptions();
        var (database, json) = (Common.Database(), Common.Json());
        database.Description += " Its journal is read when no file is told; it is not changed, and a service may run on it.";
        var folder = new Option<DirectoryInfo>("--out") { Description = "Folder for the cards (<target>.scorecard) and for learned.json. Default: where you are." };
        var command = new Command("learn", "Fits scorecards for late payment and onset, walking forward in time, on the journal of a database or on a ledger file, and says what they are worth. Cards are files: nothing uses them before two people agree (`exposure scorecards propose`).")
        {
            database, json, folder,
        }.Examples("exposure learn --db data/exposure.db --out cards", "exposure learn --db postgres://reader@localhost/exposure --json", "exposure learn ledger.csv --currency EUR --out cards", "exposure learn ledger.csv --mapping ledger.json --json");
        ledger.AddTo(command, isOptional: true);
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var quiet = parsed.GetValue(json);
            if (ledger.IsTold(parsed) && parsed.GetResult(database) is { Implicit: false }) throw new ArgumentException("A file and --db are told: learn reads one of them.");
            var (walk, remarks) = ledger.IsTold(parsed) ? await WalkFileAsync(ledger, parsed, quiet, cancel) : await WalkJournalAsync(parsed.GetValue(database)!, quiet, cancel);
            Learned learned = null!;
            await Progress.RunAsync(quiet, "learn", 1000, tell => Task.Run(
                () => learned = Learner.Learn(walk, new JudgingPlan { Progress = (_, done) => { cancel.ThrowIfCancellationRequested(); tell(done * 8 / 10); } }), cancel));
            await WriteAsync(learned, remarks, parsed.GetValue(folder)?.FullName ?? Environment.CurrentDirectory, quiet, cancel);
            return 0;
        }));
        return command;
    }

    private static async Task<(LedgerWalk Walk, IReadOnlyList<string> Remarks)> WalkFileAsync(LedgerOptions ledger, ParseResult parsed, bool quiet, CancellationToken cancel)
    {
        using var read = await ledger.ReadAsync(parsed, quiet, cancel);
        var walk = new LedgerWalk();
        foreach (var fact in read.Plan.Read()) walk.Take(fact);
        walk.EndDay();
        if (walk.Cases.Count == 0) throw new InvalidDataException($"No invoice could be read: {read.Plan.Rejected.Count} of {read.Plan.Rows} rows were rejected. {read.FirstRejections()}");
        return (walk, read.Remarks);
    }

    private static async Task<(LedgerWalk Walk, IReadOnlyList<string> Remarks)> WalkJournalAsync(string told, bool quiet, CancellationToken cancel)
    {
        var journal = await ReadJournal.ReadAsync(told, quiet, cancel);
        return (journal.Book.Walk, [.. journal.Book.Remarks.Select(r => r.Text)]);
    }

    private static async Task WriteAsync(Learned learned, IReadOnlyList<string> remarks, string path, bool quiet, CancellationToken cancel)
    {
        Directory.CreateDirectory(path);
        List<object> written = [];
        foreach (var card in learned.Cards)
        {
            var text = ScorecardText.Write(card);
            var file = Path.Combine(path, card.Target + ".scorecard");
            await File.WriteAllTextAsync(file, text, cancel);
            var judged = learned.Report.Targets.FirstOrDefault(t => t.Name == card.Target)?.Scores[0].Auc.Value ?? double.NaN;
            written.Add(new { card.Target, version = ScorecardText.VersionOf(text), file, trees = card.Trees.Count, tables = card.Tables.Count, auc = judged });
            if (!quiet) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{card.Target}: version {ScorecardText.VersionOf(text)}, {card.Trees.Count} trees, {card.Tables.Count} tables; AUC of cards fitted before, on the latest fifth: {(double.IsNaN(judged) ? "cannot be told" : judged.ToString("0.000", CultureInfo.InvariantCulture))}; {file}"));
        }

        // A card of an earlier run would be taken for one of this book.
        foreach (var few in learned.TooLittle)
        {
            File.Delete(Path.Combine(path, few.Target + ".scorecard"));
            if (!quiet) Console.WriteLine($"{few.Target}: too little history for a card: {few.Late} late and {few.InTime} in time, of which it needs {few.Needed} each, {few.Needed / 2} of the late before the latest part; the shrunk share serves.");
        }

        var report = new { cards = written, tooLittle = learned.TooLittle, learned.Report, remarks };
        var encoded = JsonSerializer.Serialize(report, EvaluationJson.Options);
        await File.WriteAllTextAsync(Path.Combine(path, "learned.json"), encoded, cancel);
        if (quiet) Console.WriteLine(encoded);
        else foreach (var remark in remarks.Concat(learned.Report.Remarks)) Console.WriteLine(remark);
    }
}
