using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Ingest;
using ExposureMonitor.Learning;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure evaluate</c>: what scores and signals would have been worth on a ledger of the past.</summary>
internal static class EvaluateCommand
{
    internal static Command Build()
    {
        var ledger = new LedgerOptions();
        var json = Common.Json();
        var until = new Option<string>("--fit-until") { Description = "Fit once on what was known on this day (yyyy-MM-dd) and judge what was issued from it on. Default: the last fifth is judged, fitted anew each month." };
        var folder = new Option<DirectoryInfo>("--out") { Description = "Folder for <file>.evaluation.json, <file>.evaluation.html and <file>.rejected.csv. Default: where you are." };
        var draws = new Option<int>("--draws") { Description = "Draws of customers for the 95 % intervals.", DefaultValueFactory = _ => 200 };
        var plain = new Option<bool>("--no-signals") { Description = "Leaves the signals of the indicators out, which is faster." };
        var command = new Command("evaluate", "Judges scores and signals on a ledger, each invoice on the morning of its issue with what was known then. Writes nothing but reports.")
        {
            json, until, folder, draws, plain,
        }.Examples(
            "exposure evaluate ledger.csv",
            "exposure evaluate ledger.csv --currency EUR --fit-until 2025-10-01 --json",
            "exposure evaluate posten.csv --delimiter ';' --date-format dd.MM.yyyy --decimal , --map customer=Debitor document=Beleg issued=Belegdatum due=Faellig amount=Betrag settled=Zahldatum");
        ledger.AddTo(command);
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var quiet = parsed.GetValue(json);
            var fitUntil = parsed.GetValue(until) is { } text ? LedgerOptions.Day("--fit-until", text) : 0;
            using var read = await ledger.ReadAsync(parsed, quiet, cancel);
            EvaluationReport report = null!;
            await Progress.RunAsync(quiet, "evaluate", 1000, tell => Task.Run(
                () => report = Run(read, new JudgingPlan { FitUntil = fitUntil, Draws = Math.Clamp(parsed.GetValue(draws), 20, 2_000), Progress = (_, done) => tell(300 + done * 7 / 10) }, !parsed.GetValue(plain), done => tell(done * 3 / 10), cancel), cancel));
            var path = Path.Combine(parsed.GetValue(folder)?.FullName ?? Environment.CurrentDirectory, read.File.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path + ".evaluation.json", JsonSerializer.Serialize(report, EvaluationJson.Options), cancel);
            await File.WriteAllTextAsync(path + ".evaluation.html", EvaluationPage.Write(report, read.File.Name), cancel);
            await read.KeepRejectedAsync(path + ".rejected.csv", cancel);
            if (quiet) Console.WriteLine(JsonSerializer.Serialize(report, EvaluationJson.Options));
            else EvaluationText.Write(Console.Out, report, path);
            return 0;
        }));
        return command;
    }

    /// <summary>The walk and the machine see the same facts, one after the other; the machine runs while scores are judged.</summary>
    private static EvaluationReport Run(ReadLedger read, JudgingPlan plan, bool signals, Action<int> tell, CancellationToken cancel)
    {
        var (walk, machine) = (new LedgerWalk(), new OrdinaryPath(read.BaseCurrency));
        var done = 0;
        foreach (var fact in read.Plan.Read())
        {
            walk.Take(fact);
            if (++done % 5_000 != 0) continue;
            cancel.ThrowIfCancellationRequested();
            tell(1000 * done / Math.Max(1, read.Plan.Count));
        }

        walk.EndDay();
        if (walk.Cases.Count == 0) throw new InvalidDataException($"No invoice could be read: {read.Plan.Rejected.Count} of {read.Plan.Rows} rows were rejected. {read.FirstRejections()}");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = Task.Run(
            () =>
            {
                if (!signals) return;
                foreach (var fact in read.Plan.Read())
                {
                    stop.Token.ThrowIfCancellationRequested();
                    machine.Take(fact);
                }
            },
            CancellationToken.None);
        EvaluationReport report;
        try
        {
            report = Evaluation.Of(walk, plan with { Progress = (what, share) => { cancel.ThrowIfCancellationRequested(); plan.Progress?.Invoke(what, share); } }, []);
        }
        catch
        {
            // The ledger is let go of by the caller: nobody may read it any more.
            stop.Cancel();
            Task.WaitAny([running], CancellationToken.None);
            throw;
        }

        running.GetAwaiter().GetResult();
        if (signals)
        {
            var (from, until, asOf) = (report.JudgedFrom.DayNumber, (report.ToldUntil ?? report.AsOf).DayNumber, report.AsOf.DayNumber);
            report = report with { Signals = machine.Signals(walk.Cases, from, until, asOf), AnyDay = OrdinaryPath.AnyDay(walk.Cases, from, until, asOf) };
        }

        return report with { Remarks = [.. read.Remarks, .. report.Remarks], Columns = read.Columns, Unread = read.Unread, Rows = read.Plan.Rows, Rejected = read.Plan.Reasons.ToDictionary(r => r.Key, r => r.Value), Notes = read.Plan.Notes.ToDictionary(n => n.Key, n => n.Value) };
    }
}

/// <summary>How a report becomes JSON: what cannot be told is <c>null</c>.</summary>
internal static class EvaluationJson
{
    internal static JsonSerializerOptions Options { get; } = new(Common.JsonOptions) { Converters = { new NumberOrNull() } };

    private sealed class NumberOrNull : System.Text.Json.Serialization.JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value)) writer.WriteRawValue(Math.Round(value, 6).ToString("0.######", CultureInfo.InvariantCulture));
            else writer.WriteNullValue();
        }
    }
}
