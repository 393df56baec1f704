using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Learning;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure learn</c>: scorecards fitted on a book's own past.</summary>
internal static class LearnCommand
{
    internal static Command Build()
    {
        var ledger = new LedgerOptions();
        var json = Common.Json();
        var folder = new Option<DirectoryInfo>("--out") { Description = "Folder for the cards (<target>.scorecard) and for learned.json. Default: where you are." };
        var command = new Command("learn", "Fits scorecards for late payment and onset on a ledger, walking forward in time, and says what they are worth. Nothing uses a card before two people agreed to it.")
        {
            json, folder,
        }.Examples("exposure learn ledger.csv --currency EUR --out cards", "exposure learn ledger.csv --mapping ledger.json --json");
        ledger.AddTo(command);
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var quiet = parsed.GetValue(json);
            using var read = await ledger.ReadAsync(parsed, quiet, cancel);
            Learned learned = null!;
            await Progress.RunAsync(quiet, "learn", 1000, tell => Task.Run(
                () =>
                {
                    var walk = new LedgerWalk();
                    foreach (var fact in read.Plan.Read()) walk.Take(fact);
                    walk.EndDay();
                    if (walk.Cases.Count == 0) throw new InvalidDataException($"No invoice could be read: {read.Plan.Rejected.Count} of {read.Plan.Rows} rows were rejected. {read.FirstRejections()}");
                    learned = Learner.Learn(walk, new JudgingPlan { Progress = (_, done) => { cancel.ThrowIfCancellationRequested(); tell(done * 8 / 10); } });
                },
                cancel));
            var path = parsed.GetValue(folder)?.FullName ?? Environment.CurrentDirectory;
            Directory.CreateDirectory(path);
            List<object> written = [];
            foreach (var card in learned.Cards)
            {
                var text = ScorecardText.Write(card);
                var file = Path.Combine(path, card.Target + ".scorecard");
                await File.WriteAllTextAsync(file, text, cancel);
                var judged = learned.Report.Targets.FirstOrDefault(t => t.Name == card.Target)?.Scores[0].Auc.Value ?? double.NaN;
                written.Add(new { card.Target, version = ScorecardText.VersionOf(text), file, trees = card.Trees.Count, tables = card.Tables.Count, auc = judged });
                if (!quiet) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{card.Target}: version {ScorecardText.VersionOf(text)}, {card.Trees.Count} trees, {card.Tables.Count} tables; AUC of cards fitted before, on the latest fifth: {judged:0.000}; {file}"));
            }

            foreach (var target in (string[])["late5", "onset5", "late15", "onset15"])
                if (!learned.Cards.Any(c => c.Target == target) && !quiet) Console.WriteLine($"{target}: too little history; the shrunk share serves.");
            var report = new { cards = written, learned.Report, remarks = read.Remarks };
            await File.WriteAllTextAsync(Path.Combine(path, "learned.json"), JsonSerializer.Serialize(report, EvaluationJson.Options), cancel);
            if (quiet) Console.WriteLine(JsonSerializer.Serialize(report, EvaluationJson.Options));
            else foreach (var remark in read.Remarks.Concat(learned.Report.Remarks)) Console.WriteLine(remark);
            return 0;
        }));
        return command;
    }
}
