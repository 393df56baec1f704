using System.Globalization;
using ExposureMonitor.Bench;

// What a kill -9 under load costs: until the first decision, until every partition decides, and until what came in meanwhile
// is committed.
//   dotnet run -c Release --project bench/Recovery -- --store postgresql
// The last process is killed too; then a fresh one proves the journal and finds reserved what was promised, or no figure is printed.
if (args is ["--worker", var role, var at, .. var numbers])
{
    var n = numbers.Select(t => int.Parse(t, CultureInfo.InvariantCulture)).ToArray();
    await (role == "load" ? RecoveryWorker.LoadAsync(at, n[0], n[1], n[2], n[3]) : RecoveryWorker.OpenAsync(at, n[0], n[1], n[2], n[3], n[4]));
    return 0;
}

var options = new Options(args, "store", "customers", "each", "rate", "seconds", "rounds", "output");
await using var store = await Store.OpenAsync(options.Text("store", "postgresql"), isTuned: true);
var (customers, each, rounds) = (options.Number("customers", 1_000_000), options.Number("each", 5), options.Number("rounds", 5));
var (rate, seconds) = (options.Number("rate", 5_000), options.Number("seconds", 20));
var report = new Report("recovery", store.Kind, store.Version, store.Settings);
var address = await store.NewAsync();
var promised = 0L;
Promise(Worker.RunAndKill(["load", address, Text(customers), Text(each), Text(rate), Text(seconds)]));
for (var round = 1; round <= rounds; round++)
{
    var opened = Promise(Worker.RunAndKill(["open", address, Text(customers), Text(each), Text(rate), Text(seconds), Text(round)]));
    var figures = opened.Rest.Skip(1).Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray();
    report.Add("first decision", "s", figures[0], "from the start of the process; durable");
    report.Add("every partition decides", "s", figures[1]);
    report.Add("caught up", "s", figures[2], string.Create(CultureInfo.InvariantCulture, $"{rate} events a second came in all the while"));
    report.Add("CPU until then", "s", figures[3]);
}

await RecoveryWorker.VerifyAsync(address, promised);
await store.DropAsync(address);
report.Write(options.Text("output", "bench/results"), new Dictionary<string, string>
{
    ["customers"] = Text(customers), ["open items each"] = Text(each), ["events a second"] = Text(rate), ["checks a second"] = Text(RecoveryWorker.ChecksPerSecond),
    ["kill"] = string.Create(CultureInfo.InvariantCulture, $"-9, after {seconds} s of events and checks, in the middle of both"),
    ["gate"] = "the journal of the last killed process proves itself; at least what was promised is reserved",
});
return 0;

Worker.Result Promise(Worker.Result result)
{
    promised += long.Parse(result.Rest[0], CultureInfo.InvariantCulture);
    return result;
}

static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
