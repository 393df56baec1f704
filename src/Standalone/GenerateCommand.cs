using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using ExposureMonitor.Ingest;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure generate</c>: a seeded book of B2B trade, to a file or to a running service, made as it is written.</summary>
internal static class GenerateCommand
{
    internal static Command Build()
    {
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1UL, Description = "Equal seeds give equal events." };
        var customers = new Option<int>("--customers") { DefaultValueFactory = _ => 200, Description = "Customers, 1 to 100,000,000." };
        var days = new Option<int>("--days") { DefaultValueFactory = _ => 90, Description = "Days of history, 1 to 20,000." };
        var start = new Option<string>("--start") { DefaultValueFactory = _ => "2026-01-01", Description = "First day." };
        var orders = new Option<int>("--orders") { DefaultValueFactory = _ => 25, Description = "Orders of a customer in 100 days, 0 to 100." };
        var currency = new Option<string>("--currency") { DefaultValueFactory = _ => "EUR", Description = "Currency of all documents." };
        var prefix = new Option<string>("--prefix") { DefaultValueFactory = _ => "C", Description = "How the ids of customers begin. Two histories with one prefix tell documents of the same ids, and the second one is refused as a conflict." };
        var clean = new Option<bool>("--clean") { Description = "No duplicates, late events or poison records." };
        var output = new Option<string>("--output") { Description = "File for one event per line (gzip when it ends in .gz); '-' or nothing for standard output." };
        var url = new Option<string?>("--url") { Description = "A running service to send to, such as http://localhost:8480." };
        var key = Remote.KeyEnvironment();
        var rate = new Option<int>("--rate") { Description = "Events per second; 0 as fast as it goes." };
        var factor = new Option<double>("--time-factor") { Description = "Seconds of the history per second, such as 86400 for a day a second; 0 as fast as it goes." };
        var (broker, config) = (KafkaCommand.Broker(), KafkaCommand.Config());
        broker.Description = "A Kafka to write to, such as localhost:9092.";
        var encoding = new Option<string>("--encoding") { DefaultValueFactory = _ => "json", Description = "json, or protobuf (docs/events/events.proto); a poison record that Protobuf cannot say stays JSON. For --kafka and --url." };
        encoding.AcceptOnlyFromAmong("json", "protobuf");
        var json = Common.Json();
        rate.Aliases.Add("--per-second");
        var command = new Command("generate", "Makes a seeded trade history: orders to payments, late payers, surges, returned payments, duplicates, late and poison records.")
        {
            seed, customers, days, start, orders, currency, prefix, clean, output, url, key, broker, config, encoding, rate, factor, json,
        }.Examples(
            "exposure generate --customers 1000 --days 365 --output trade.ndjson.gz",
            "exposure generate --customers 1000 --days 365 --kafka localhost:9092 --encoding protobuf",
            "EXPOSURE_KEY=$SERVICE exposure generate --customers 50 --url http://localhost:8480 --rate 200",
            "EXPOSURE_KEY=$SERVICE exposure generate --customers 100 --days 30 --prefix N --url http://localhost:8480 --time-factor 86400");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var options = new GeneratorOptions
            {
                Seed = parsed.GetValue(seed), Customers = Within("--customers", parsed.GetValue(customers), 1, 100_000_000), Days = Within("--days", parsed.GetValue(days), 1, 20_000),
                OrdersPerHundredDays = Within("--orders", parsed.GetValue(orders), 0, 100), IsDirty = !parsed.GetValue(clean), Currency = Domain.Currency.Parse(parsed.GetValue(currency)!).Code,
                Prefix = parsed.GetValue(prefix) is { Length: <= 20 } begin && Domain.Ids.IsValid(begin) ? begin : throw new ArgumentException("--prefix: expected 1 to 20 characters of A-Z a-z 0-9 . _ : -"),
                Start = DateOnly.TryParseExact(parsed.GetValue(start), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first) ? first : throw new ArgumentException("--start: expected a date as yyyy-MM-dd."),
            };
            Within("--rate", parsed.GetValue(rate), 0, 10_000_000);
            if (parsed.GetValue(factor) is var f && (f < 0 || !double.IsFinite(f))) throw new ArgumentException("--time-factor: expected a number from 0.");
            Func<GeneratedEvent, byte[]> encode = parsed.GetValue(encoding) == "protobuf" ? new ProtobufTwin().Of : made => System.Text.Encoding.UTF8.GetBytes(made.Json);
            var pace = new Pace(parsed.GetValue(rate), f, options.Start);
            string?[] targets = [parsed.GetValue(output), parsed.GetValue(url), parsed.GetValue(broker)];
            if (targets.Count(t => t is not null) > 1) throw new ArgumentException("--output, --url, --kafka: expected one of them.");
            if (parsed.GetValue(encoding) != "json" && targets[1] is null && targets[2] is null) throw new ArgumentException("--encoding: protobuf goes to --kafka or --url; a file has a line of JSON per event.");
            if (parsed.GetValue(broker) is { } kafka) return await WriteAsync(options, pace, encode, await KafkaWriter.OpenAsync(KafkaCommand.OptionsOf(kafka, parsed.GetValue(config))), parsed.GetValue(json), cancel);
            if (parsed.GetValue(url) is { } service) return await SendAsync(options, pace, encode, Remote.Open(service, parsed.GetValue(key)), parsed.GetValue(json), cancel);
            return await WriteAsync(options, pace, parsed.GetValue(output), parsed.GetValue(json), cancel);
        }, "The same command makes the same events again; a service takes none of them twice."));
        return command;
    }

    private static int Within(string name, int value, int least, int most) =>
        value >= least && value <= most ? value : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name}: expected {least} to {most}."));

    private static async Task<int> WriteAsync(GeneratorOptions options, Pace pace, string? path, bool json, CancellationToken cancel)
    {
        var toFile = path is not (null or "" or "-");
        var count = 0L;
        await using Stream stream = toFile ? File.Create(path!) : Console.OpenStandardOutput();
        await using var zipped = toFile && path!.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(stream, CompressionLevel.Fastest) : null;
        await using (var writer = new StreamWriter(zipped ?? stream, bufferSize: 1 << 16) { NewLine = "\n" })
        {
            // On standard output the events are the answer: nothing else is printed there.
            await Progress.RunAsync(json || !toFile, "generate", options.Days, async tell =>
            {
                foreach (var made in options.Days > 0 ? new Generator(options).Run() : [])
                {
                    cancel.ThrowIfCancellationRequested();
                    await pace.WaitAsync(made.At, 1, writer.FlushAsync, cancel);
                    await writer.WriteLineAsync(made.Json.AsMemory(), cancel);
                    if (++count % 1_000 == 0) tell(Math.Max(0, DateOnly.FromDateTime(made.At.UtcDateTime).DayNumber - options.Start.DayNumber));
                }

                tell(options.Days);
            });
        }

        if (toFile) Common.Print(json, new { events = count, file = path }, () => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} events in {path}")));
        return 0;
    }

    private static async Task<int> WriteAsync(GeneratorOptions options, Pace pace, Func<GeneratedEvent, byte[]> encode, KafkaWriter writer, bool json, CancellationToken cancel)
    {
        using var _ = writer;
        await Progress.RunAsync(json, "generate", options.Days, async tell =>
        {
            foreach (var made in new Generator(options).Run())
            {
                cancel.ThrowIfCancellationRequested();
                await pace.WaitAsync(made.At, 1, () => Task.CompletedTask, cancel);
                writer.Write(encode(made));
                tell(Math.Max(0, DateOnly.FromDateTime(made.At.UtcDateTime).DayNumber - options.Start.DayNumber));
            }

            writer.Flush(cancel);
            tell(options.Days);
        });
        Common.Print(json, new { events = writer.Written }, () => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{writer.Written} events, each on every replica")));
        return 0;
    }

    private static async Task<int> SendAsync(GeneratorOptions options, Pace pace, Func<GeneratedEvent, byte[]> encode, Remote remote, bool json, CancellationToken cancel)
    {
        using var _ = remote;
        var outcomes = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var count = 0L;
        await Progress.RunAsync(json, "generate", options.Days, async tell =>
        {
            var batch = new List<byte[]>();
            foreach (var made in new Generator(options).Run())
            {
                await pace.WaitAsync(made.At, 1, () => FlushAsync(batch), cancel);
                batch.Add(encode(made));
                if (batch.Count < Remote.BatchMost) continue;
                await FlushAsync(batch);
                tell(Math.Max(0, DateOnly.FromDateTime(made.At.UtcDateTime).DayNumber - options.Start.DayNumber));
            }

            await FlushAsync(batch);
            tell(options.Days);
        });
        Common.Print(json, new { events = count, outcomes }, () =>
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} events"));
            foreach (var (name, number) in outcomes) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {number,9} {name}"));
        });
        return 0;

        async Task FlushAsync(List<byte[]> batch)
        {
            if (batch.Count == 0) return;
            foreach (var (name, number) in await remote.PostEventsAsync(batch, cancel)) outcomes[name] = outcomes.GetValueOrDefault(name) + number;
            count += batch.Count;
            batch.Clear();
        }
    }

    /// <summary>How fast events leave: so many a second, or the history's own time sped up.</summary>
    private sealed class Pace(int rate, double factor, DateOnly start)
    {
        private readonly long _begun = Stopwatch.GetTimestamp();
        private readonly DateTimeOffset _start = new(start.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        private long _sent;

        /// <summary>Waits until it is the event's turn; what is already made leaves first.</summary>
        internal async Task WaitAsync(DateTimeOffset at, int events, Func<Task> flush, CancellationToken cancel)
        {
            var due = rate > 0 ? _sent / (double)rate : 0;
            if (factor > 0) due = Math.Max(due, (at - _start).TotalSeconds / factor);
            _sent += events;
            var left = due - Stopwatch.GetElapsedTime(_begun).TotalSeconds;
            if (left < 0.05) return;
            await flush();
            await Task.Delay(TimeSpan.FromSeconds(left), cancel);
        }
    }
}
