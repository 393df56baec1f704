using System.Globalization;
using ExposureMonitor.Bench;

// Latency of a durable credit check, open loop: checks start at their intended moments whether the ones before were answered
// or not, and latency counts from the intended moment. Alone, beside half and four fifths of the events that the engine can
// drain, beside a full drain; spread over all customers, and with half of them on one customer. Then how many a second, by
// callers that wait. Peer (PostgreSQL): a function that locks the customer's row.
//   dotnet run -c Release --project bench/Checks -- --store postgresql
if (args is ["--worker", var mode, var at, .. var numbers])
{
    var n = numbers.Select(t => int.Parse(t, CultureInfo.InvariantCulture)).ToArray();
    var run = new ChecksRun(at, n[0], n[1], n[2], n[3], n[4], (Spread)n[5]);
    await (mode switch { "drain" => run.DrainAsync(), "open" => run.OpenLoopAsync(), "closed" => run.ClosedLoopAsync(), "peer-open" => RowLockPeer.OpenLoopAsync(run), _ => RowLockPeer.ClosedLoopAsync(run) });
    return 0;
}

var options = new Options(args, "store", "rate", "seconds", "customers", "rounds", "spread", "loads", "output");
await using var store = await Store.OpenAsync(options.Text("store", "sqlite"), isTuned: true);
var (rate, seconds, customers, rounds) = (options.Number("rate", 500), options.Number("seconds", 60), options.Number("customers", 10_000), options.Number("rounds", 5));
// Which of them: `--loads half` looks at one again without the hour that all five rounds take.
var loads = options.Text("loads", "alone,half,most,full,closed").Split(',');
// As in the drain that the loads are shares of; hot: every tenth event is for one customer, whose open orders grow by thousands a second.
var events = Enum.Parse<Spread>(options.Text("spread", "uniform"), ignoreCase: true);
var report = new Report("checks", store.Kind, store.Version, store.Settings);
for (var round = 0; round <= rounds; round++)
{
    var length = round == 0 ? Math.Min(5, seconds) : seconds;
    var drain = (int)double.Parse((await RunAsync("drain", 0, 0, length, int.MaxValue)).Rest[1], CultureInfo.InvariantCulture);
    if (round == 0)
    {
        // Each process warms up by itself; this is for the server and the files.
        await RunAsync("open", rate, 0, length, drain / 2);
        continue;
    }

    report.Add("drain without checks", "events/s", drain, "batches of 200 from one feeder, ten on their way");
    foreach (var hot in (int[])[0, 50])
    {
        var spread = hot == 0 ? "spread" : "half on one customer";
        foreach (var (load, name, feed) in ((string, string, int)[])[("alone", "alone", 0), ("half", "at 50 % of the drain", drain / 2), ("most", "at 80 % of the drain", drain * 4 / 5), ("full", "beside a full drain", int.MaxValue)])
        {
            if (!loads.Contains(load)) continue;
            var result = await RunAsync("open", rate, hot, length, feed);
            foreach (var (figure, text) in ChecksRun.Figures.Zip(result.Rest.Skip(2)))
                if (figure is "p50" or "p99" or "p99.9") report.Add($"{name}, {spread}, {figure}", "ms", Number(text), string.Create(CultureInfo.InvariantCulture, $"{rate} checks a second"));
            if (feed > 0) report.Add($"{name}, {spread}, fed", "events/s", Number(result.Rest[1]));
        }

        if (!loads.Contains("closed")) continue;
        var closed = await RunAsync("closed", 0, hot, length);
        report.Add($"checks a second, {spread}", "checks/s", Number(closed.Rest[1]), "64 callers that wait for each answer");
        report.Add($"checks a second, {spread}, p99", "ms", Number(closed.Rest[4]));
        if (store.Kind != "postgresql") continue;
        var peer = await RunAsync("peer-open", rate, hot, length);
        var peerClosed = await RunAsync("peer-closed", 0, hot, length);
        report.Add($"row lock alone, {spread}, p99", "ms", Number(peer.Rest[4]), string.Create(CultureInfo.InvariantCulture, $"{rate} checks a second over {RowLockPeer.Connections} connections"));
        report.Add($"row lock, checks a second, {spread}", "checks/s", Number(peerClosed.Rest[1]), "a caller for each connection");
        report.Add($"row lock, checks a second, {spread}, p99", "ms", Number(peerClosed.Rest[4]));
    }
}

report.Write(options.Text("output", "bench/results"), new Dictionary<string, string>
{
    ["checks a second"] = Text(rate), ["seconds"] = Text(seconds), ["customers"] = Text(customers), ["events"] = events.ToString(), ["loop"] = "open, intended start times; closed where checks a second are counted",
    ["warm-up"] = $"{ChecksRun.WarmUp} s of checks in each process, one round of the drain and half of it", ["gate"] = "killed with -9; what was approved equals what a fresh process finds reserved",
});
return 0;

async Task<Worker.Result> RunAsync(string mode, int rate, int hot, int seconds, int feed = 0)
{
    var address = await store.NewAsync();
    var result = Worker.RunAndKill(mode, address, Text(rate), Text(seconds), Text(customers), Text(hot), Text(feed), Text((int)events));
    var approved = long.Parse(result.Rest[0], CultureInfo.InvariantCulture);
    await (mode.StartsWith("peer", StringComparison.Ordinal) ? RowLockPeer.VerifyAsync(address, approved) : ChecksRun.VerifyAsync(address, approved));
    await store.DropAsync(address);
    Console.Error.WriteLine($"{mode}, {hot} % on one customer, fed {(feed == int.MaxValue ? "all" : Text(feed))}: {string.Join(", ", ChecksRun.Figures.Zip(result.Rest.Skip(2), static (figure, text) => $"{figure} {text}"))}, {result.Rest[1]} a second, verified");
    return result;
}

static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
