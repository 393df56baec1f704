using System.Diagnostics;
using System.Globalization;
using ExposureMonitor.Bench;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;

// Latency of a durable credit check, open loop: checks start at their intended moments whether the ones before were answered
// or not, and latency counts from the intended moment. Half of the checks go to one customer.
//   dotnet run -c Release --project bench/Latency -- --store sqlite
if (args is ["--worker", var load, var at, var r, var s, var c])
{
    await Latency.WorkAsync(load, at, int.Parse(r, CultureInfo.InvariantCulture), int.Parse(s, CultureInfo.InvariantCulture), int.Parse(c, CultureInfo.InvariantCulture));
    return 0;
}

var options = new Options(args, "store", "rate", "seconds", "customers", "rounds", "feed", "output");
await using var store = await Store.OpenAsync(options.Text("store", "sqlite"));
var (rate, seconds, customers, rounds) = (options.Number("rate", 500), options.Number("seconds", 60), options.Number("customers", 10_000), options.Number("rounds", 5));
var feed = options.Number("feed", 5_000);
var report = new Report("latency", store.Kind, store.Version, store.Settings);
foreach (var round in Enumerable.Range(0, rounds + 1))
{
    // Alone, beside a steady feed, and beside a feed that never ends.
    foreach (var name in (string[])["alone", string.Create(CultureInfo.InvariantCulture, $"beside {feed} events a second"), "beside a full drain"])
    {
        var address = await store.NewAsync();
        var result = Worker.RunAndKill(name, address, Text(rate), Text(round == 0 ? Math.Min(5, seconds) : seconds), Text(customers));
        await Latency.VerifyAsync(address, long.Parse(result.Rest[0], CultureInfo.InvariantCulture));
        await store.DropAsync(address);
        if (round == 0) continue;
        var remark = string.Create(CultureInfo.InvariantCulture, $"{rate} checks a second");
        foreach (var (figure, text) in Latency.Figures.Zip(result.Rest.Skip(2))) report.Add($"{name}, {figure}", "ms", double.Parse(text, CultureInfo.InvariantCulture), remark);
        if (name != "alone") report.Add($"{name}, fed", "events/s", double.Parse(result.Rest[1], CultureInfo.InvariantCulture));
    }
}

report.Write(options.Text("output", "bench/results"), new Dictionary<string, string>
{
    ["checks a second"] = Text(rate), ["seconds"] = Text(seconds), ["customers"] = Text(customers), ["loop"] = "open, intended start times, half of the checks on one customer",
    ["warm-up"] = "2 s of checks in each process, one round of all loads", ["gate"] = "killed with -9; what was approved equals what a fresh process finds reserved",
});
return 0;

static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

/// <summary>The measured process of the latency suite.</summary>
internal static class Latency
{
    private const long Amount = 100;

    internal static readonly string[] Figures = ["p50", "p90", "p99", "p99.9", "max"];

    internal static async Task WorkAsync(string load, string address, int rate, int seconds, int customers)
    {
        await JournalFactory.CreateAsync(Store.AddressOf(address), new DatabaseInfo("bench", "EUR", 16, "wall", "UTC", false));
        var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(Store.AddressOf(address), offline: true));
        await engine.StartAsync();
        foreach (var slice in Workload.Openings(customers).Chunk(5_000)) await engine.SubmitBatchAsync(slice);
        using var stop = new CancellationTokenSource();
        var perSecond = load == "alone" ? 0 : load.StartsWith("beside a", StringComparison.Ordinal) ? int.MaxValue : int.Parse(load.Split(' ')[1], CultureInfo.InvariantCulture);
        var feeding = perSecond == 0 ? Task.FromResult(0L) : Task.Run(() => FeedAsync(engine, customers, perSecond, stop.Token));
        await ChecksAsync(engine, rate, 2, customers, "w");
        using var process = Process.GetCurrentProcess();
        var (begun, cpu) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        var (latencies, approved) = await ChecksAsync(engine, rate, seconds, customers, "k");
        var took = Stopwatch.GetElapsedTime(begun);
        process.Refresh();
        cpu = process.TotalProcessorTime - cpu;
        await stop.CancelAsync();
        var fed = await feeding;
        latencies.Sort();
        string At(double share) => (latencies[Math.Min(latencies.Count - 1, (int)(latencies.Count * share))] / 1e6).ToString(CultureInfo.InvariantCulture);
        Worker.Done(took, cpu, approved.ToString(CultureInfo.InvariantCulture), (fed / (took.TotalSeconds + 2)).ToString("F0", CultureInfo.InvariantCulture), At(0.5), At(0.9), At(0.99), At(0.999), At(1));
    }

    private static long _approvedBefore;

    private static async Task<(List<double> Nanoseconds, long Approved)> ChecksAsync(ExposureEngine engine, int rate, int seconds, int customers, string key)
    {
        var count = rate * seconds;
        var (begun, done) = (Stopwatch.GetTimestamp(), new Task<bool>[count]);
        var latencies = new double[count];
        for (var n = 0; n < count; n++)
        {
            var due = begun + (long)(n * (double)Stopwatch.Frequency / rate);
            // Sleeps are too coarse for the last stretch.
            while (Stopwatch.GetTimestamp() < due)
            {
                if (due - Stopwatch.GetTimestamp() > Stopwatch.Frequency / 500) Thread.Sleep(1);
                else Thread.Yield();
            }

            done[n] = CheckAsync(engine, n % 2 == 0 ? 0 : n % customers, key + n, due, latencies, n);
        }

        var approved = (await Task.WhenAll(done)).Count(a => a);
        _approvedBefore += approved * Amount;
        return ([.. latencies], _approvedBefore);
    }

    private static async Task<bool> CheckAsync(ExposureEngine engine, int customer, string key, long due, double[] latencies, int n)
    {
        var answer = await engine.SubmitAsync(new CheckCredit { Customer = Workload.CustomerOf(customer), Amount = Amount, Currency = Workload.Eur, Actor = "bench", Key = key, LiveMinutes = 1_000 }).ConfigureAwait(false);
        latencies[n] = (Stopwatch.GetTimestamp() - due) * 1e9 / Stopwatch.Frequency;
        return answer.Effects.OfType<CheckDecided>().Single().ReservationId.Length > 0;
    }

    private static async Task<long> FeedAsync(ExposureEngine engine, int customers, int perSecond, CancellationToken stop)
    {
        var (fed, begun) = (0L, Stopwatch.GetTimestamp());
        // Other customers than those that are checked would be an easier life: they are the same.
        foreach (var slice in Workload.Make(2_000_000, customers, 11).Chunk(200))
        {
            if (stop.IsCancellationRequested) break;
            if (perSecond < int.MaxValue && fed / (double)perSecond - Stopwatch.GetElapsedTime(begun).TotalSeconds is var early and > 0) await Task.Delay(TimeSpan.FromSeconds(early), CancellationToken.None);
            await engine.SubmitBatchAsync([.. slice.Select(Workload.FactOf)], CancellationToken.None);
            fed += slice.Length;
        }

        return fed;
    }

    internal static async Task VerifyAsync(string address, long approved)
    {
        await using var reader = await JournalFactory.OpenReaderAsync(Store.AddressOf(address));
        var proof = await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None);
        if (proof.Violation is { } violation) throw new InvalidOperationException($"{violation}: no figure is printed.");
        Int128 reserved = 0;
        for (var partition = 0; partition < reader.Database.Partitions; partition++)
        {
            var book = await AsOf.BookAsync(reader, reader.Database, partition, new PastBound(new Instant(long.MaxValue), long.MaxValue), CancellationToken.None);
            for (var slot = 0; slot < book.AccountCount; slot++) reserved += book.Figures(slot).Reserved;
        }

        if (reserved != approved) throw new InvalidOperationException($"{reserved} are reserved, {approved} were promised: no figure is printed.");
    }
}
