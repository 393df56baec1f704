using System.Globalization;
using System.Runtime.InteropServices;
using ExposureMonitor.Bench;

// From preloaded topics to durable state in PostgreSQL, beside what else PostgreSQL could do with the same events in memory.
//   dotnet run -c Release --project bench/Drain -- --events 1000000 --customers 10000
// Peers run interleaved on fresh databases; each process is killed and its database read by another one and compared with a
// sequential oracle before its figure counts.
if (args is ["--worker", .. var told])
{
    await Peers.WorkAsync(told);
    return 0;
}

var options = new Options(args, "broker", "events", "customers", "partitions", "encodings", "spreads", "rounds", "slow", "peers", "compression", "runtime", "output");
var (count, customers, partitions, rounds) = (options.Number("events", 1_000_000), options.Number("customers", 10_000), options.Number("partitions", 64), options.Number("rounds", 5));
// A peer that commits each event alone gets fewer events; its own figure is printed, nothing is extrapolated.
var slow = options.Number("slow", Math.Min(count, 50_000));
var (encodings, spreads, compression) = (options.Text("encodings", "json,protobuf").Split(','), options.Text("spreads", "uniform,zipf").Split(',').Select(s => Enum.Parse<Spread>(s, ignoreCase: true)).ToList(), options.Text("compression", "lz4"));
var peers = options.Text("peers", "function,merge10000,merge100000").Split(',', StringSplitOptions.RemoveEmptyEntries);
// Settings of the runtime that are compared in turns: --runtime DOTNET_TieredPGO=0,DOTNET_TieredPGO=1.
var settings = options.Text("runtime", "").Split(',');

using var broker = Broker.Open(options.Text("broker", Environment.GetEnvironmentVariable("EXPOSURE_KAFKA") ?? ""));
Console.WriteLine($"broker: {broker.About}");
await using var store = await Store.OpenAsync("postgresql", isTuned: true);
Console.WriteLine($"database: {store.Version}, {store.Settings}");
// Whoever interrupts the suite shall not have to look for its servers.
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var ended = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
foreach (var spread in spreads)
{
    var report = new Report("drain-" + spread.ToString().ToLowerInvariant(), store.Kind, store.Version, store.Settings);
    var events = Workload.Make(count, customers, Peers.Seed, spread);
    var oracle = Workload.Oracle(events, customers);
    var prefixes = new Dictionary<string, string>();
    foreach (var encoding in encodings)
    {
        prefixes[encoding] = string.Create(CultureInfo.InvariantCulture, $"drain{Environment.ProcessId}-{spread}-{encoding}").ToLowerInvariant();
        await broker.PreloadAsync(prefixes[encoding], Peers.WithDuplicates(events), encoding == "protobuf", partitions, compression);
    }

    for (var round = 0; round <= rounds; round++)
    {
        foreach (var (name, setting) in encodings.SelectMany(e => settings.Select(s => (e, s))).Concat(peers.Select(static p => (p, ""))))
        {
            var row = setting.Length == 0 ? Peers.Name(name) : $"{Peers.Name(name)}, {setting}";
            var isSlow = name == "function";
            var told_ = isSlow ? slow : count;
            var address = await store.NewAsync();
            var before = (Broker: 0.0, Database: 0.0);
            var used = before;
            var result = Worker.RunAndKill(
                () => before = (broker.CpuSeconds, ProcessTree.CpuSeconds(store.ServerProcess)),
                () => used = (broker.CpuSeconds - before.Broker, ProcessTree.CpuSeconds(store.ServerProcess) - before.Database),
                [name, address, Text(told_), Text(customers), spread.ToString(), broker.Bootstrap, prefixes.GetValueOrDefault(name, ""), Text(partitions)], setting);
            await Peers.VerifyAsync(name, address, isSlow ? Workload.Oracle(events[..told_], customers) : oracle);
            await store.DropAsync(address);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{spread}, round {round}: {row}: {told_ / result.Seconds:N0} events/s, verified; CPU ns/event: process {result.CpuSeconds * 1e9 / told_:N0}, PostgreSQL {used.Database * 1e9 / told_:N0}, broker {used.Broker * 1e9 / told_:N0}"));
            // The first round warms files, caches, the broker and the server.
            if (round == 0) continue;
            report.Add(row, "events/s", told_ / result.Seconds, Peers.About(name));
            report.Add(row + ": CPU of its process", "ns/event", result.CpuSeconds * 1e9 / told_);
            if (store.ServerProcess != 0) report.Add(row + ": CPU of PostgreSQL", "ns/event", used.Database * 1e9 / told_);
            if (result.Rest is [var allocated, var paused])
            {
                report.Add(row + ": allocated", "bytes/event", double.Parse(allocated, CultureInfo.InvariantCulture) / told_);
                report.Add(row + ": stopped for collections", "%", double.Parse(paused, CultureInfo.InvariantCulture) / result.Seconds / 10);
            }

            if (broker.IsOurs && prefixes.ContainsKey(name)) report.Add(row + ": CPU of the broker", "ns/event", used.Broker * 1e9 / told_);
        }
    }

    report.Write(options.Text("output", "bench/results"), new Dictionary<string, string>
    {
        ["broker"] = broker.About, ["events"] = Text(count), ["events of slow peers"] = Text(slow), ["customers"] = Text(customers), ["spread"] = spread.ToString(), ["partitions"] = Text(partitions),
        ["compression"] = compression, ["mix"] = "60 % orders, 25 % deliveries and invoices, 15 % payments; every thousandth event comes twice",
        ["topics"] = "filled before, read from the page cache", ["warm-up"] = "one round of all", ["gate"] = "killed with -9, read by another process, equal to a sequential oracle",
    });
}

return 0;

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    broker.Dispose();
    store.DisposeAsync().AsTask().Wait();
    Environment.Exit(130);
}

static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
