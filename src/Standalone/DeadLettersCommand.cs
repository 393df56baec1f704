using System.CommandLine;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure dead-letters</c>: list them, look at one, propose to replay one.</summary>
internal static class DeadLettersCommand
{
    internal static Command Build()
    {
        var command = Listing("dead-letters", "exposure dead-letters --db data/exposure.db --limit 20", "exposure dead-letters show 7-12-1",
            "EXPOSURE_KEY=$ADMIN exposure dead-letters replay 7-12-1 --file repaired.json --url http://localhost:8480");
        command.Subcommands.Add(Listing("list", "exposure dead-letters list --db data/exposure.db --limit 20"));
        command.Subcommands.Add(Show());
        command.Subcommands.Add(Replay());
        return command;
    }

    /// <summary>The list, by its own name and as what the command does without another word.</summary>
    private static Command Listing(string name, params string[] examples)
    {
        var (database, json) = (Common.Database(), Common.Json());
        var limit = new Option<int>("--limit") { DefaultValueFactory = _ => 50, Description = "At most 1,000." };
        var command = new Command(name, "Lists records that could not be applied.") { database, json, limit }.Examples(examples);
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            if (parsed.GetValue(limit) is < 1 or > 1_000) throw new InvalidOperationException("--limit: expected 1 to 1000.");
            await using var reader = await Common.ReaderAsync(parsed.GetValue(database)!, cancel);
            var rows = await reader.RowsAsync(new RowQuery { Table = RowTable.DeadLetter, Limit = parsed.GetValue(limit) }, cancel);
            if (parsed.GetValue(json)) Console.WriteLine("[" + string.Join(",", rows.Select(r => Encoding.UTF8.GetString(r.Json().Span))) + "]");
            else
                foreach (var row in rows) Console.WriteLine($"{row.Partition}-{row.Seq}-{row.Index}  {row.Kind,-22} {row.Customer,-20} {DetailOf(row)}");
            return 0;
        }));
        return command;
    }

    /// <summary>What was wrong, on one line.</summary>
    private static string DetailOf(JournalRow row)
    {
        using var body = JsonDocument.Parse(row.Body);
        var detail = body.RootElement.TryGetProperty("outcomeDetail", out var told) ? told.GetString() ?? "" : row.Subject;
        return detail.Length <= 120 ? detail : detail[..120] + "…";
    }

    private static Command Show()
    {
        var database = Common.Database();
        var entry = new Argument<string>("entry") { Description = "partition-sequence-index, as the list shows it." };
        var record = new Option<bool>("--record") { Description = "Only the record, to be repaired and replayed; one in Protobuf as the JSON that says the same." };
        var command = new Command("show", "Shows one dead letter with its record, as JSON.") { entry, database, record, Common.Json() }.Examples(
            "exposure dead-letters show 7-12-1 --db data/exposure.db", "exposure dead-letters show 7-12-1 --record > repaired.json");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            await using var reader = await Common.ReaderAsync(parsed.GetValue(database)!, cancel);
            var id = parsed.GetValue(entry)!;
            RowCursor? after = null;
            while (true)
            {
                var rows = await reader.RowsAsync(new RowQuery { Table = RowTable.DeadLetter, Limit = 1_000, After = after }, cancel);
                if (rows.FirstOrDefault(r => $"{r.Partition}-{r.Seq}-{r.Index}" == id) is { } found)
                {
                    Console.WriteLine(parsed.GetValue(record) ? await RecordOfAsync(reader, found, cancel) : Encoding.UTF8.GetString(found.Json().Span));
                    return 0;
                }

                if (rows.Count < 1_000) throw new InvalidOperationException($"No dead letter '{id}'.");
                var last = rows[^1];
                after = new RowCursor(last.At, last.Partition, last.Seq, last.Index, last.Ordinal);
            }
        }));
        return command;
    }

    /// <summary>What has to be repaired: the record that could not be read, or the event that was refused.</summary>
    private static async Task<string> RecordOfAsync(IStoredReader reader, JournalRow row, CancellationToken cancel)
    {
        using var body = JsonDocument.Parse(row.Json());
        // A fact that waited in vain stands in the entry in which it was parked.
        var at = body.RootElement.TryGetProperty("entry", out var parked) && EntryPosition.TryParse(parked.GetString(), out var earlier) ? earlier : new EntryPosition(row.Partition, row.Seq, row.Index);
        if (await History.EntryAsync(reader, at, cancel) is not { } found) throw new InvalidOperationException($"The journal has no entry {at}.");
        return found.Fact is UndecodableRecord dead ? new EventDecoder().ReadableOf(dead) ?? dead.Record : Encoding.UTF8.GetString(CloudEventWriter.Write(found.Fact, indented: true));
    }

    private static Command Replay()
    {
        var (url, key, json) = (Remote.Url(), Remote.KeyEnvironment(), Common.Json());
        var entry = new Argument<string>("entry") { Description = "partition-sequence-index, as the list shows it." };
        var file = new Option<FileInfo?>("--file") { Description = "The repaired event, in JSON or in Protobuf; without it the event goes as it is." };
        var command = new Command("replay", "Proposes to a running service to take a dead letter in again; an approver decides.") { entry, file, url, key, json }.Examples("EXPOSURE_KEY=$ADMIN exposure dead-letters replay 7-12-1 --file repaired.json --url http://localhost:8480");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            using var remote = Remote.Open(parsed.GetValue(url), parsed.GetValue(key));
            var body = parsed.GetValue(file) is not { } repaired ? null : !repaired.Exists ? throw new InvalidOperationException($"There is no file '{repaired.Name}'.") : await File.ReadAllBytesAsync(repaired.FullName, cancel);
            var told = await remote.PostRecordAsync($"/dead-letters/{Uri.EscapeDataString(parsed.GetValue(entry)!)}/replay", body, cancel);
            var id = told.GetProperty("id").GetString();
            Common.Print(parsed.GetValue(json), told, () => Console.WriteLine($"{id} waits for an approver: exposure proposals approve {id} --url {parsed.GetValue(url)}"));
            return 0;
        }));
        return command;
    }
}
