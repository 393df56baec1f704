using System.CommandLine;
using System.Globalization;
using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure replay</c>: one CloudEvent per line into a database, in the order of the file.</summary>
internal static class ReplayCommand
{
    internal static Command Build()
    {
        var (database, json, clock, currency, partitions) = (Common.Database(), Common.Json(), Common.Clock(), Common.BaseCurrency(), Common.Partitions());
        var file = new Argument<FileInfo>("file") { Description = "CloudEvents, one per line." };
        var (url, key) = (Remote.Url(), Remote.KeyEnvironment());
        var offline = new Option<bool>("--offline") { Description = "Write to a database that a service has run on: no service is meant to run now." };
        var command = new Command("replay", "Replays a file of events into a database, or to a running service.") { file, database, json, clock, currency, partitions, offline, url, key }.Examples(
            "exposure replay trade.ndjson --db data/book.db --clock events", "EXPOSURE_KEY=$SERVICE exposure replay trade.ndjson.gz --url http://localhost:8480");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            if (parsed.GetValue(url) is { } service) return await SendAsync(Remote.Open(service, parsed.GetValue(key)), parsed.GetValue(file)!, parsed.GetValue(json), cancel);
            var content = await File.ReadAllBytesAsync(parsed.GetValue(file)!.FullName, cancel);
            var source = new FileFormat().SourceOf(content);
            var decoder = new EventDecoder();
            var facts = new List<Fact>();
            foreach (var record in decoder.Split(content, "application/x-ndjson")) facts.Add(decoder.Decode(record, new SourcePosition(source, facts.Count + 1)));
            await using var engine = new ExposureEngine(await Common.OpenOrCreateAsync(parsed.GetValue(database)!, parsed.GetValue(clock) ?? "", parsed.GetValue(currency)!, parsed.GetValue(partitions), serve: false, cancel, parsed.GetValue(offline)));
            await engine.StartAsync(cancel);
            var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
            // A record that could not be read has no time of its own: it stands where it stood in the file.
            for (var i = 1; i < facts.Count; i++)
                if (facts[i].Time.Micros == 0) facts[i].Time = facts[i - 1].Time;
            await Progress.RunAsync(parsed.GetValue(json), "replay", facts.Count, async tell =>
            {
                for (var from = 0; from < facts.Count; from += 2_000)
                {
                    var slice = facts.GetRange(from, Math.Min(2_000, facts.Count - from));
                    var answers = engine.Database.ClockMode == "events" ? await engine.FeedAsync(slice, cancel) : await engine.SubmitBatchAsync(slice, cancel);
                    foreach (var answer in answers) outcomes[answer.Outcome.Kind.ToString()] = outcomes.GetValueOrDefault(answer.Outcome.Kind.ToString()) + 1;
                    tell(from + slice.Count);
                }
            });
            Common.Print(parsed.GetValue(json), new { records = facts.Count, outcomes }, () =>
            {
                Console.WriteLine($"{facts.Count} records");
                foreach (var (name, count) in outcomes) Console.WriteLine($"  {count,9} {name}");
            });
            return 0;
        }));
        return command;
    }

    /// <summary>Sends the lines in batches; a repetition changes nothing, since every event has its id.</summary>
    private static async Task<int> SendAsync(Remote remote, FileInfo file, bool json, CancellationToken cancel)
    {
        using var _ = remote;
        var lines = (await File.ReadAllLinesAsync(file.FullName, cancel)).Where(l => l.Trim().Length > 0).ToList();
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        await Progress.RunAsync(json, "replay", lines.Count, async tell =>
        {
            var done = 0;
            foreach (var chunk in lines.Chunk(500))
            {
                // A second line, so that also a chunk of one is a batch with an answer per event.
                var answer = await remote.PostAsync("/events", string.Join('\n', chunk) + (chunk.Length == 1 ? "\n" + chunk[0] : ""), cancel, "application/x-ndjson");
                foreach (var result in answer.GetProperty("results").EnumerateArray().Take(chunk.Length))
                    outcomes[result.GetProperty("outcome").GetString()!] = outcomes.GetValueOrDefault(result.GetProperty("outcome").GetString()!) + 1;
                tell(done += chunk.Length);
            }
        });
        Common.Print(json, new { records = lines.Count, outcomes }, () =>
        {
            Console.WriteLine($"{lines.Count} records");
            foreach (var (name, count) in outcomes) Console.WriteLine($"  {count,9} {name}");
        });
        return 0;
    }
}
