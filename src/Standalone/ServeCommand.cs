using System.CommandLine;
using System.Globalization;
using ExposureMonitor.Api;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure serve</c>: the API over the partitions of one database.</summary>
internal static class ServeCommand
{
    internal static Command Build()
    {
        var (database, clock, currency, partitions) = (Common.Database(), Common.Clock(), Common.BaseCurrency(), Common.Partitions());
        var port = new Option<int>("--port") { Description = "Port on the loopback.", DefaultValueFactory = _ => 8480 };
        var keys = Common.KeyFile();
        var rate = new Option<int>("--rate") { Description = "Requests per second and key; 0 for no limit.", DefaultValueFactory = _ => 1_000 };
        var json = Common.Json();
        var demo = new Option<bool>("--demo") { Description = "Lets a generated trade history stream in after the start." };
        var command = new Command("serve", "Serves the API on the loopback.") { database, clock, currency, partitions, port, keys, rate, demo, json };
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var address = parsed.GetValue(database)!;
            await using var metrics = new Disposing(new MetricsText());
            var journal = await Common.OpenOrCreateAsync(address, parsed.GetValue(clock) ?? "wall", parsed.GetValue(currency)!, parsed.GetValue(partitions), serve: true, cancel);
            await using var engine = new ExposureEngine(journal);
            var (ring, fresh) = KeyRing.OpenOrCreate(parsed.GetValue(keys) ?? Common.KeysOf(address));
            await using var desk = new Desk(engine, new EventDecoder(), ring, Common.BesideOf(address) + ".proposals.json", limiter: new Limiter(parsed.GetValue(rate)));
            await using var app = ApiHost.Build(parsed.GetValue(port), desk, metrics.Metrics);
            await app.StartAsync(cancel);
            await engine.StartAsync(cancel);
            Tell(parsed.GetValue(json), app.Urls.First(), fresh);
            if (parsed.GetValue(demo)) await Demo.RunAsync(parsed.GetValue(json), engine, new EventDecoder(), cancel);
            await app.WaitForShutdownAsync(cancel);
            return 0;
        }));
        return command;
    }

    private static void Tell(bool json, string url, IReadOnlyList<(string Who, string Key)> fresh)
    {
        if (json)
        {
            Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(new { url = url + "/api/v1", keys = fresh.ToDictionary(k => k.Who, k => k.Key) }));
            return;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ExposureMonitor serves {url}/api/v1"));
        if (fresh.Count == 0) return;
        Console.WriteLine("Keys, shown once:");
        foreach (var (who, key) in fresh) Console.WriteLine($"  {who.ToUpperInvariant()}={key}");
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
