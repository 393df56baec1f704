using System.Globalization;
using ExposureMonitor.Bench;

// Groups: how many checks of a member have to ask their parent, and how long those take, at 10, 100 and 1,000 members, spread evenly and by
// Zipf 0.99, by callers that wait for each answer and then give the headroom back. And what a check inside its slice costs against one of a customer
// without a group: the machine alone, in turns.
// --only slice (that), or parent: what a parent pays for a message of a member, by how many it has.
//   dotnet run -c Release --project bench/Groups -- --store sqlite
var options = new Options(args, "only", "store", "seconds", "rounds", "callers", "used", "output");
if (options.Text("only", "") is { Length: > 0 } only)
{
    if (only is not ("slice" or "parent")) throw new ArgumentException($"--only {only}: expected slice or parent.");
    for (var round = 0; round < options.Number("rounds", 5); round++)
    {
        if (only == "parent")
        {
            foreach (var members in (int[])[10, 100, 1_000, 10_000]) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{members,6} members: {ParentCost.Measure(members)}"));
            continue;
        }

        var (plain, slice) = SliceCost.Measure();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"customer without a group {plain:0} ns, member inside its slice {slice:0} ns, {slice / plain:0.000}"));
    }

    return;
}

await using var store = await Store.OpenAsync(options.Text("store", "sqlite"));
var (seconds, rounds, callers, used) = (options.Number("seconds", 10), options.Number("rounds", 3), options.Number("callers", 16), options.Number("used", 70));
var report = new Report("groups", store.Kind, store.Version, store.Settings);
for (var round = 0; round < rounds; round++)
{
    var (alone, member) = SliceCost.Measure();
    report.Add("check of a customer without a group", "ns", alone, "machine alone, in memory");
    report.Add("check of a member inside its slice", "ns", member, "machine alone, in memory");
    report.Add("member against customer without a group", "ratio", member / alone);
    foreach (var members in (int[])[10, 100, 1_000])
    {
        var cost = ParentCost.Measure(members);
        report.Add(string.Create(CultureInfo.InvariantCulture, $"{members} members, a report at the parent"), "ns", cost.Report, "machine alone, in memory");
        report.Add(string.Create(CultureInfo.InvariantCulture, $"{members} members, a slice asked for, granted and given back, at the parent"), "ns", cost.Grant, "machine alone, in memory");
        foreach (var isZipf in (bool[])[false, true])
        {
            var address = await store.NewAsync();
            var run = new GroupRun(Store.AddressOf(address), members, isZipf, callers, seconds, used);
            await run.GoAsync();
            await store.DropAsync(address);
            var name = string.Create(CultureInfo.InvariantCulture, $"{members} members, {(isZipf ? "Zipf 0.99" : "uniform")}");
            report.Add($"{name}, asked", "%", run.AskedShare * 100, "checks that had to ask");
            report.Add($"{name}, p99 of those that asked", "ms", run.AskedP99);
            report.Add($"{name}, p99 of all", "ms", run.P99);
            report.Add($"{name}, checks", "checks/s", run.PerSecond);
            report.Add($"{name}, approved", "%", run.ApprovedShare * 100);
        }
    }
}

report.Write(options.Text("output", "bench/results"), new Dictionary<string, string>
{
    ["callers"] = callers.ToString(CultureInfo.InvariantCulture), ["seconds"] = seconds.ToString(CultureInfo.InvariantCulture), ["limit"] = $"the checks on their way and those kept are {used} % of it",
    ["gate"] = "the journal is verified, and what was approved is what is reserved, never above the limit",
});
