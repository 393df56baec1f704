using System.CommandLine;
using System.Globalization;
using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure generate</c>: a seeded book of B2B trade, to a file or to a running service.</summary>
internal static class GenerateCommand
{
    internal static Command Build()
    {
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1UL, Description = "Equal seeds give equal events." };
        var customers = new Option<int>("--customers") { DefaultValueFactory = _ => 200 };
        var days = new Option<int>("--days") { DefaultValueFactory = _ => 90 };
        var start = new Option<string>("--start") { DefaultValueFactory = _ => "2026-01-01", Description = "First day." };
        var output = new Option<string>("--output") { Description = "File for one event per line; '-' for standard output." };
        var url = new Option<string>("--url") { Description = "A running service to send to, such as http://localhost:8480." };
        var key = new Option<string>("--key-env") { DefaultValueFactory = _ => "EXPOSURE_KEY", Description = "Environment variable with the service key." };
        var speed = new Option<int>("--per-second") { Description = "Events per second; 0 as fast as it goes." };
        var command = new Command("generate", "Makes a seeded trade history.") { seed, customers, days, start, output, url, key, speed };
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var events = new Generator(new GeneratorOptions
            {
                Seed = parsed.GetValue(seed), Customers = parsed.GetValue(customers), Days = parsed.GetValue(days),
                Start = DateOnly.ParseExact(parsed.GetValue(start)!, "yyyy-MM-dd", CultureInfo.InvariantCulture),
            }).Run();
            if (parsed.GetValue(url) is { } service) return await SendAsync(events, service, Environment.GetEnvironmentVariable(parsed.GetValue(key)!) ?? "", parsed.GetValue(speed), cancel);
            await using var writer = parsed.GetValue(output) is { } path and not "-" ? new StreamWriter(path) : new StreamWriter(Console.OpenStandardOutput());
            foreach (var made in events) await writer.WriteLineAsync(made.Json.AsMemory(), cancel);
            return 0;
        }));
        return command;
    }

    private static async Task<int> SendAsync(IReadOnlyList<GeneratedEvent> events, string service, string key, int perSecond, CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = new Uri(service) };
        http.DefaultRequestHeaders.Add("X-Api-Key", key);
        await Progress.RunAsync(json: false, "generate", events.Count, async tell =>
        {
            var (done, slice) = (0, perSecond > 0 ? Math.Min(perSecond, 500) : 500);
            foreach (var chunk in events.Chunk(slice))
            {
                using var body = new StringContent(string.Join('\n', chunk.Select(e => e.Json)), Encoding.UTF8, "application/x-ndjson");
                using var answer = await http.PostAsync(new Uri("/api/v1/events", UriKind.Relative), body, cancel);
                if (!answer.IsSuccessStatusCode) throw new HttpRequestException($"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancel)}");
                tell(done += chunk.Length);
                if (perSecond > 0) await Task.Delay(TimeSpan.FromSeconds((double)chunk.Length / perSecond), cancel);
            }
        });
        return 0;
    }
}

/// <summary><c>exposure replay</c>: one CloudEvent per line into a database, in the order of the file.</summary>
internal static class ReplayCommand
{
    internal static Command Build()
    {
        var (database, json, clock, currency, partitions) = (Common.Database(), Common.Json(), Common.Clock(), Common.BaseCurrency(), Common.Partitions());
        var file = new Argument<FileInfo>("file") { Description = "CloudEvents, one per line." };
        var (url, key) = (Remote.Url(), Remote.KeyEnvironment());
        var offline = new Option<bool>("--offline") { Description = "Write to a database that a service has run on: no service is meant to run now." };
        var command = new Command("replay", "Replays a file of events into a database, or to a running service.") { file, database, json, clock, currency, partitions, offline, url, key };
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
