using System.Globalization;
using ExposureMonitor.Bench;

// What a million customers cost in memory and at a restart, and whether the cost of an event grows with the open items of
// its customer.
//   dotnet run -c Release --project bench/Growth -- --store sqlite
//   dotnet run -c Release --project bench/Growth -- --flat [10 1000 ...]   only the latter, in memory
// One process loads and is killed; a fresh one opens the database, answers, and is compared with the oracle: no figure otherwise.
if (args is ["--worker", var role, var at, var n, var e])
{
    var book = new RealisticBook(int.Parse(n, CultureInfo.InvariantCulture), int.Parse(e, CultureInfo.InvariantCulture), RealisticBook.Day);
    await (role == "load" ? GrowthWorker.LoadAsync(at, book) : GrowthWorker.OpenAsync(at, book));
    return 0;
}

if (args is ["--flat", .. var sizes])
{
    int[]? counts = sizes.Length == 0 ? null : [.. sizes.Select(s => int.Parse(s, CultureInfo.InvariantCulture))];
    foreach (var arrival in Enum.GetValues<Arrival>())
        foreach (var (open, nanoseconds) in FlatCost.Measure(arrival, counts)) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{arrival,-15} {open,8:N0} open items  median {nanoseconds.Order().ElementAt(nanoseconds.Count / 2),12:N0} ns  min {nanoseconds.Min(),12:N0}  max {nanoseconds.Max(),12:N0}"));
    return 0;
}

var options = new Options(args, "store", "customers", "each", "rounds", "output");
await using var store = await Store.OpenAsync(options.Text("store", "sqlite"));
var (customers, each, rounds) = (options.Number("customers", 1_000_000), options.Number("each", 5), options.Number("rounds", 3));
var report = new Report("growth", store.Kind, store.Version, store.Settings);
foreach (var (open, nanoseconds) in FlatCost.Measure(Arrival.Today))
    foreach (var sample in nanoseconds) report.Add(string.Create(CultureInfo.InvariantCulture, $"one event, customer with {open:N0} open items"), "ns", sample, "the machine alone: invoice, payment, allocation");

var address = await store.NewAsync();
string[] size = [customers.ToString(CultureInfo.InvariantCulture), each.ToString(CultureInfo.InvariantCulture)];
var loaded = Worker.RunAndKill(["load", address, .. size]);
var events = long.Parse(loaded.Rest[0], CultureInfo.InvariantCulture);
report.Add("load", "events/s", events / loaded.Seconds, "opening, limit, terms, items, orders; answered after their commit");
report.Add("load, CPU of the process", "ns/event", loaded.CpuSeconds * 1e9 / events);
var oracle = new RealisticBook(customers, each, RealisticBook.Day).Oracle();
for (var round = 0; round < rounds; round++)
{
    // The first opening comes after a kill, the later ones too: a killed reader writes nothing.
    var opened = Worker.RunAndKill(["open", address, .. size]);
    var figures = opened.Rest.Skip(1).Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray();
    if (opened.Rest[0] != oracle) throw new InvalidOperationException($"The digest of all customers is {opened.Rest[0]}, the oracle's {oracle}: no figure is printed.");
    report.Add("restart to first answer", "s", opened.Seconds, "from the start of the process until every partition serves");
    report.Add("restart, CPU of the process", "s", opened.CpuSeconds);
    report.Add("resident at the first answer", "MB", figures[0], "VmRSS");
    report.Add("resident", "MB", figures[1], "VmRSS after a collection");
    report.Add("resident, highest", "MB", figures[2], "VmHWM");
    report.Add("heap", "MB", figures[3], "live objects");
    report.Add("habits of the indicators, a customer", "bytes", figures[4], "in the heap above: what EW-20 to EW-41 remember of a customer");
}

await store.DropAsync(address);
report.Write(options.Text("output", "bench/results"), new Dictionary<string, string>
{
    ["customers"] = size[0], ["open items each"] = size[1], ["events"] = events.ToString(CultureInfo.InvariantCulture),
    ["customer"] = "opened with name, segment, country; a limit, terms; every fifth with an open order",
    ["gate"] = "killed with -9, read by a fresh process, digest over every customer's figures equal to the oracle's",
});
return 0;
