using System.Diagnostics;
using System.Globalization;
using ExposureMonitor.Bench;

// Events per second, durable: the engine fed in memory and from a file, beside what else could do the same work.
//   dotnet run -c Release --project bench/Throughput -- --store sqlite
// Peers run interleaved on fresh databases; each is killed and compared with a sequential oracle before its figure counts.
if (args is ["--worker", var peer, var at, var n, var c])
{
    await Peers.WorkAsync(peer, at, int.Parse(n, CultureInfo.InvariantCulture), int.Parse(c, CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["--stages", var on, .. var more])
{
    var told = new Options(more, "events", "customers", "rounds");
    await Stages.RunAsync(on, told.Number("events", 200_000), told.Number("customers", 10_000), told.Number("rounds", 3));
    return 0;
}

if (args is ["--engine", .. var alone])
{
    var own = new Options(alone, "events", "customers", "rounds");
    await Applying.EngineAsync(own.Number("events", 200_000), own.Number("customers", 10_000), own.Number("rounds", 5));
    return 0;
}

if (args is ["--signals", .. var catalogue])
{
    var own = new Options(catalogue, "events", "customers", "rounds");
    Applying.Signals(own.Number("events", 200_000), own.Number("customers", 10_000), own.Number("rounds", 5));
    return 0;
}

if (args is ["--late", .. var behind])
{
    var own = new Options(behind, "events", "customers", "rounds");
    Applying.Late(own.Number("events", 200_000), own.Number("customers", 10_000), own.Number("rounds", 5));
    return 0;
}

if (args is ["--apply", .. var rest])
{
    var own = new Options(rest, "events", "customers", "rounds", "foresight");
    Applying.Run(own.Number("events", 200_000), own.Number("customers", 10_000), own.Number("rounds", 5), own.Number("foresight", 1) != 0);
    return 0;
}

var options = new Options(args, "store", "events", "customers", "rounds", "slow", "output");
await using var store = await Store.OpenAsync(options.Text("store", "sqlite"));
var (events, customers, rounds) = (options.Number("events", 200_000), options.Number("customers", 10_000), options.Number("rounds", 5));
// A peer that commits each event alone gets fewer events; its own figure is printed, nothing is extrapolated.
var slow = options.Number("slow", Math.Min(events, 5_000));
var report = new Report("throughput", store.Kind, store.Version, store.Settings);
foreach (var round in Enumerable.Range(0, rounds + 1))
{
    foreach (var name in Peers.Of(store.Kind))
    {
        var count = Peers.IsSlow(name) ? slow : events;
        var address = await store.NewAsync();
        var result = Worker.RunAndKill(name, address, count.ToString(CultureInfo.InvariantCulture), customers.ToString(CultureInfo.InvariantCulture));
        await Peers.VerifyAsync(name, address, Workload.Oracle(Workload.Make(count, customers, Peers.Seed), customers));
        await store.DropAsync(address);
        // The first round warms files, caches and the server.
        if (round == 0) continue;
        report.Add(name, "events/s", count / result.Seconds, Peers.About(name));
        report.Add(name + ", CPU of the process", "ns/event", result.CpuSeconds * 1e9 / count);
    }
}

report.Write(options.Text("output", "bench/results"), new Dictionary<string, string>
{
    ["events"] = events.ToString(CultureInfo.InvariantCulture), ["events of slow peers"] = slow.ToString(CultureInfo.InvariantCulture),
    ["customers"] = customers.ToString(CultureInfo.InvariantCulture), ["mix"] = "60 % orders, 25 % deliveries and invoices, 15 % payments; a tenth on one customer",
    ["warm-up"] = "one round of all peers", ["gate"] = "killed with -9, read by another process, equal to a sequential oracle",
});
return 0;
