using System.CommandLine;
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
        var file = new Argument<FileInfo>("file") { Description = "CloudEvents, one per line; gzip is recognised." };
        var (url, key) = (Remote.Url(), Remote.KeyEnvironment());
        var offline = Common.Offline();
        var command = new Command("replay", "Replays a file of events into a database, or to a running service.") { file, database, json, clock, currency, partitions, offline, url, key }.Examples(
            "exposure replay trade.ndjson --db data/book.db --clock events", "EXPOSURE_KEY=$SERVICE exposure replay trade.ndjson.gz --url http://localhost:8480");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var (told, quiet) = (parsed.GetValue(file)!, parsed.GetValue(json));
            await using var target = parsed.GetValue(url) is not null ? null
                : await Target.OpenAsync(parsed.GetValue(database)!, parsed.GetValue(clock), parsed.GetValue(currency)!, parsed.GetValue(partitions), parsed.GetValue(offline), cancel);
            // Twice from front to back: the name of the source follows from the whole content.
            var (source, total) = await ToldStream.ReadAsync(told, $"read {told.Name}, bytes", quiet, EventFile.Measure, cancel);
            if (parsed.GetValue(url) is { } service) return await SendAsync(Remote.Open(service, parsed.GetValue(key)), told, total, quiet, cancel);
            var engine = await target!.StartAsync(cancel);
            var outcomes = new SortedDictionary<string, long>(StringComparer.Ordinal);
            await Progress.RunAsync(quiet, "replay", total, async tell =>
            {
                var done = 0;
                foreach (var slice in Facts(told, source).Chunk(SliceMost))
                {
                    var answers = engine.Database.ClockMode == "events" ? await engine.FeedAsync(slice, cancel) : await engine.SubmitBatchAsync(slice, cancel);
                    foreach (var answer in answers)
                    {
                        var name = answer.Outcome.Kind + (answer.Outcome.Reason.Length > 0 ? " " + answer.Outcome.Reason : "");
                        outcomes[name] = outcomes.GetValueOrDefault(name) + 1;
                    }

                    tell(done += slice.Length);
                }
            });
            Report(quiet, total, outcomes);
            return 0;
        }, "The same command goes on where this one stopped: what is in already counts once."));
        return command;
    }

    private const int SliceMost = 2_000;

    private static IEnumerable<Fact> Facts(FileInfo file, string source)
    {
        var decoder = new EventDecoder();
        using var content = file.OpenRead();
        var (number, last) = (0, default(Instant));
        foreach (var record in EventFile.Read(content))
        {
            var fact = decoder.Decode(record, new SourcePosition(source, ++number));
            // A record that could not be read has no time of its own: it stands where it stood in the file.
            if (fact.Time.Micros == 0) fact.Time = last;
            last = fact.Time;
            yield return fact;
        }
    }

    /// <summary>Sends the lines in batches; a repetition changes nothing, since every event has its id.</summary>
    private static async Task<int> SendAsync(Remote remote, FileInfo file, int total, bool json, CancellationToken cancel)
    {
        using var _ = remote;
        var outcomes = new SortedDictionary<string, long>(StringComparer.Ordinal);
        await Progress.RunAsync(json, "replay", total, async tell =>
        {
            using var content = file.OpenRead();
            var done = 0;
            foreach (var batch in Remote.Batches(EventFile.Read(content)))
            {
                foreach (var (name, count) in await remote.PostEventsAsync(batch, cancel)) outcomes[name] = outcomes.GetValueOrDefault(name) + count;
                tell(done += batch.Count);
            }
        });
        Report(json, total, outcomes);
        return 0;
    }

    private static void Report(bool json, int records, SortedDictionary<string, long> outcomes) => Common.Print(json, new { records, outcomes }, () =>
    {
        Console.WriteLine($"{records} records");
        foreach (var (name, count) in outcomes) Console.WriteLine($"  {count,9} {name}");
    });
}
