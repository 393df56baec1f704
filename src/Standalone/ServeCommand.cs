using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json;
using ExposureMonitor.Api;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure serve</c>: the API over the partitions of one database.</summary>
internal static class ServeCommand
{
    internal static Command Build()
    {
        var (database, clock, currency, partitions) = (Common.Database(), Common.Clock(), Common.BaseCurrency(), Common.Partitions());
        var port = new Option<int>("--port") { Description = "Port; 0 takes a free one.", DefaultValueFactory = _ => 8480 };
        var listen = new Option<string?>("--listen") { Description = "Another address than the loopback, such as 0.0.0.0 in a container; put TLS in front of it." };
        var rate = new Option<int>("--rate") { Description = "Requests per second and key; 0 for no limit.", DefaultValueFactory = _ => 1_000 };
        var json = Common.Json();
        var demo = new Option<bool>("--demo") { Description = "Lets a generated trade history stream in after the first start, and prints what to try." };
        var (broker, config) = (KafkaCommand.Broker(), KafkaCommand.Config());
        var accept = new Option<string[]>("--accept") { Description = "A topic that was made again, whose records are missing, or whose keys stand in other partitions: read on all the same.", AllowMultipleArgumentsPerToken = true };
        var channels = ChannelsCommand.File();
        var newest = new Option<bool>("--newest-rules") { Description = "Partitions that an earlier release made go by the newest rules from now on; that release cannot open them any more." };
        var (places, anchorKey, restored) = (AnchorsCommand.Places(), AnchorsCommand.PrivateKey(), AnchorsCommand.AcceptRestored());
        var command = new Command("serve", "Serves the API, on the loopback unless told otherwise; reads Kafka, and writes what goes out to it, when told where it is.") { database, clock, currency, partitions, port, listen, rate, demo, broker, config, accept, newest, channels, places, anchorKey, restored, json }.Examples(
            "exposure serve --demo", "exposure serve --kafka localhost:9092", "exposure serve --channels channels.yaml", "exposure serve --db data/book.db --port 9000", "exposure serve --db postgres://exposure@db/exposure --listen 0.0.0.0");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var address = parsed.GetValue(database)!;
            if (parsed.GetValue(port) is < 0 or > 65_535) throw new ArgumentException("--port: expected 0 to 65535.");
            if (parsed.GetValue(rate) < 0) throw new ArgumentException("--rate: expected 0 or more.");
            IPAddress? told = null;
            if (parsed.GetValue(listen) is { } text && !IPAddress.TryParse(text, out told)) throw new ArgumentException($"--listen: '{text}' is no address such as 0.0.0.0.");
            var feed = parsed.GetValue(broker) is { } bootstrap ? KafkaCommand.OptionsOf(bootstrap, parsed.GetValue(config)) : null;
            // What is wrong about the file is told before anything is opened; what was set over the API joins it behind.
            var alerting = parsed.GetValue(channels);
            if (alerting is not null) ChannelsCommand.Load(alerting);
            TimeSlices.Shorten();
            var journal = await Common.OpenOrCreateAsync(address, parsed.GetValue(clock) ?? "wall", parsed.GetValue(currency)!, parsed.GetValue(partitions), serve: true, cancel);
            await using var anchors = await AnchorsCommand.StartAsync(address, parsed.GetValue(places), parsed.GetValue(anchorKey), parsed.GetValue(restored), cancel);
            await using var engine = new ExposureEngine(journal) { RaisesRules = parsed.GetValue(newest) };
            await using var metrics = new Disposing(new MetricsText(engine));
            var keys = new KeyRing(engine);
            var isDemo = parsed.GetValue(demo);
            var people = new SignIn(journal, keys) { Provider = Provider.FromEnvironment() };
            await using var desk = new Desk(engine, new EventDecoder(), limiter: new Limiter(parsed.GetValue(rate)), keys: keys)
            {
                Contracts = PublishedContracts.All(), BalanceLists = BalanceList.ReadBody, SignIn = people, Console = ConsoleFiles.Load(), Environment = Environment.GetEnvironmentVariable("EXPOSURE_ENVIRONMENT") ?? (isDemo ? "DEMO" : ""),
                Grafana = Dashboard.Address(Environment.GetEnvironmentVariable("EXPOSURE_GRAFANA"), "EXPOSURE_GRAFANA"), SealingKey = Environment.GetEnvironmentVariable(Alerts.SealedSecrets.KeyVariable), Anchors = anchors?.Keeper,
            };
            await using var app = ApiHost.Build(parsed.GetValue(port), desk, metrics.Metrics, told);
            try
            {
                await app.StartAsync(cancel);
            }
            catch (IOException taken)
            {
                throw new InvalidOperationException($"{taken.Message} Choose another port with --port.", taken);
            }

            await engine.StartAsync(cancel);
            await desk.BeginAsync(cancel);
            await using var kafka = feed is not null ? await KafkaServices.StartAsync(engine, journal, feed,
                (parsed.GetValue(accept) ?? []).ToHashSet(StringComparer.Ordinal), desk.Services.Enqueue, cancel) : null;
            if (alerting is not null) await AlertServices.CheckAsync(journal, alerting, desk, cancel);
            // The history of the demo is nobody's news: who is told of things hears of what comes behind it.
            await using var alerts = alerting is not null && !isDemo ? await AlertServices.StartAsync(engine, journal, alerting, desk, cancel) : null;
            if (!isDemo) await desk.ResumeAsync(cancel);
            var fresh = desk.Keys.List().Count == 0 ? await FirstKeysAsync(desk.Keys, cancel) : [];
            var asJson = parsed.GetValue(json);
            var passwords = await people.IsEmptyAsync(cancel) ? await People.FirstAsync(people, isDemo, cancel) : [];
            Tell(asJson, app.Urls.First(), fresh, passwords);
            if (isDemo) await Demo.RunAsync(asJson, app.Urls.First(), engine, new EventDecoder(), cancel);
            await using var news = alerting is not null && isDemo ? await AlertServices.StartAsync(engine, journal, alerting, desk, cancel) : null;
            if (isDemo) await desk.ResumeAsync(cancel);
            // Behind the history of the demo: what is measured of a book that is half read would stand for the day.
            await using var meter = PortfolioMeter.Begin(engine);
            var living = isDemo ? new LivingBook(engine).RunAsync(cancel) : Task.CompletedTask;
            if (!asJson) Console.WriteLine("Ctrl-C stops it; the same command goes on where it stopped.");
            var end = await UntilEndAsync(engine, desk, cancel);
            await living;
            return end;
        }));
        return command;
    }

    /// <summary>Runs until somebody stops it. An outage is told, and its end; an engine that gives up says so once. Its reads and its probes go on answering.</summary>
    private static async Task<int> UntilEndAsync(ExposureEngine engine, Desk desk, CancellationToken cancel)
    {
        var log = new ServiceLog();
        var (isAway, told) = (false, false);
        try
        {
            while (!told)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), cancel);
                while (engine.Notices.TryDequeue(out var notice)) await Console.Error.WriteLineAsync("exposure: " + notice);
                foreach (var line in log.Changes(desk.Services.Select(s => s.Look()))) await Console.Error.WriteLineAsync("exposure: " + line);
                if (engine is { NeedsPerson: true, Failure: { } failure })
                {
                    told = true;
                    await Console.Error.WriteLineAsync("exposure: a person is needed: " + failure);
                    await Console.Error.WriteLineAsync("exposure: what that names decides nothing any more. Put the cause right and start it again; what was committed stands.");
                }
                else if (engine.IsReady == isAway)
                {
                    // An engine without work notices an outage by asking in vain whether the partitions are still its own.
                    isAway = !isAway;
                    await Console.Error.WriteLineAsync("exposure: " + (isAway ? $"nothing is decided until this ends, which it does by itself: {engine.Failure ?? "the database does not answer, or a partition is read back"}" : "decides again."));
                }
            }

            await Task.Delay(Timeout.Infinite, cancel);
        }
        catch (OperationCanceledException)
        {
            // How a service is meant to end.
        }

        return engine.Failure is null ? 0 : 1;
    }

    /// <summary>Keys to begin with, for whoever owns the machine; the house keeps their hashes.</summary>
    private static async Task<IReadOnlyList<(string Who, string Key)>> FirstKeysAsync(KeyRing keys, CancellationToken cancel)
    {
        KeyWish[] wishes =
        [
            new("admin", Roles.Admin | Roles.Auditor), new("service", Roles.Service, MayCarryAuthority: true), new("analyst", Roles.Analyst), new("approver", Roles.Approver, 100_000_000),
        ];
        var fresh = new List<(string, string)>();
        foreach (var wish in wishes) fresh.Add((wish.Subject, (await keys.CreateAtConsoleAsync(wish, "setup", cancel)).Key));
        return fresh;
    }

    private static void Tell(bool json, string url, IReadOnlyList<(string Who, string Key)> fresh, IReadOnlyList<(string Who, string Password, string What)> passwords)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { url = url + "/api/v1", keys = fresh.ToDictionary(k => k.Who, k => k.Key), passwords = passwords.ToDictionary(p => p.Who, p => p.Password) }));
            return;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ExposureMonitor serves the console at {url} and the API at {url}/api/v1"));
        Console.WriteLine();
        if (passwords.Count > 0)
        {
            Console.WriteLine("Sign in to the console, shown this once:");
            Console.WriteLine();
            foreach (var (who, password, what) in passwords) Console.WriteLine($"  {who,-8} {password}   {what}");
            Console.WriteLine();
        }

        if (fresh.Count == 0)
        {
            Console.WriteLine("Its keys were shown at the first start. Lost? Stop it, and: exposure keys create <subject> --role <role> --offline");
            return;
        }

        Console.WriteLine("Keys, shown this once. Paste them into another shell:");
        Console.WriteLine();
        foreach (var (who, key) in fresh) Console.WriteLine($"  export {who.ToUpperInvariant()}={key}");
        Console.WriteLine();
    }

    private sealed class Disposing(MetricsText metrics) : IAsyncDisposable
    {
        internal MetricsText Metrics => metrics;

        public ValueTask DisposeAsync()
        {
            metrics.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
