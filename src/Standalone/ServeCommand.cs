using System.CommandLine;
using System.Globalization;
using ExposureMonitor.Api;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure serve</c>: the API over the partitions of one database.</summary>
internal static class ServeCommand
{
    internal static System.CommandLine.Command Build()
    {
        var (database, clock, currency, partitions) = (Common.Database(), Common.Clock(), Common.BaseCurrency(), Common.Partitions());
        var port = new Option<int>("--port") { Description = "Port on the loopback.", DefaultValueFactory = _ => 8480 };
        var rate = new Option<int>("--rate") { Description = "Requests per second and key; 0 for no limit.", DefaultValueFactory = _ => 1_000 };
        var json = Common.Json();
        var demo = new Option<bool>("--demo") { Description = "Lets a generated trade history stream in after the start." };
        var command = new System.CommandLine.Command("serve", "Serves the API on the loopback.") { database, clock, currency, partitions, port, rate, demo, json };
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var address = parsed.GetValue(database)!;
            await using var metrics = new Disposing(new MetricsText());
            var journal = await Common.OpenOrCreateAsync(address, parsed.GetValue(clock) ?? "wall", parsed.GetValue(currency)!, parsed.GetValue(partitions), serve: true, cancel);
            await using var engine = new ExposureEngine(journal);
            await using var desk = new Desk(engine, new EventDecoder(), limiter: new Limiter(parsed.GetValue(rate)));
            await using var app = ApiHost.Build(parsed.GetValue(port), desk, metrics.Metrics);
            await app.StartAsync(cancel);
            await engine.StartAsync(cancel);
            await desk.BeginAsync(cancel);
            var fresh = desk.Keys.List().Count == 0 ? await FirstKeysAsync(desk.Keys, cancel) : [];
            Tell(parsed.GetValue(json), app.Urls.First(), fresh);
            if (parsed.GetValue(demo)) await Demo.RunAsync(parsed.GetValue(json), engine, new EventDecoder(), cancel);
            await app.WaitForShutdownAsync(cancel);
            return 0;
        }));
        return command;
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
