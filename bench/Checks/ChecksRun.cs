using System.Diagnostics;
using System.Globalization;
using ExposureMonitor.Bench;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;

/// <summary>One measured process.</summary>
/// <param name="rate">Checks a second of the open loop.</param>
/// <param name="hot">Share of the checks, in percent, that go to one customer.</param>
/// <param name="feed">Events a second beside the checks; <see cref="int.MaxValue"/> for all that the engine takes.</param>
/// <param name="spread">Which customers the events are for.</param>
internal sealed class ChecksRun(string address, int rate, int seconds, int customers, int hot, int feed, Spread spread)
{
    internal const long Amount = 100;

    /// <summary>Seconds before the measured ones: code is compiled anew while it runs, and the collector finds its measure.</summary>
    internal const int WarmUp = 10;

    private const int Callers = 64, FeedSlice = 200, FeedOnTheWay = 10, EventsMade = 1_000_000;

    internal static readonly string[] Figures = ["p50", "p90", "p99", "p99.9", "max"];

    private ExposureEngine _engine = null!;
    private long _approved;

    internal string Address => address;

    internal int Customers => customers;

    internal int Rate => rate;

    internal int Seconds => seconds;

    /// <summary>The customer of a check.</summary>
    internal int CustomerOf(long n) => n % 100 * 37 % 100 < hot ? 0 : (int)(n * 7919 % customers);

    /// <summary>How many events a second the engine takes when nobody asks.</summary>
    internal async Task DrainAsync()
    {
        await StartAsync();
        await FeedAsync(WarmUp);
        var (begun, fed) = (Stopwatch.GetTimestamp(), await FeedAsync(seconds));
        Tell([0], begun, fed);
    }

    /// <summary>Checks at their intended moments beside a feed.</summary>
    internal async Task OpenLoopAsync()
    {
        await StartAsync();
        using var stop = new CancellationTokenSource();
        var feeding = feed == 0 ? Task.FromResult(0L) : Task.Run(() => FeedAsync(int.MaxValue, stop.Token));
        await LoopAsync(rate, WarmUp, n => CheckAsync(CustomerOf(n), "w" + n));
        var begun = Stopwatch.GetTimestamp();
        var latencies = await LoopAsync(rate, seconds, n => CheckAsync(CustomerOf(n), "k" + n));
        await stop.CancelAsync();
        var took = Stopwatch.GetElapsedTime(begun);
        Tell(latencies, begun, (long)(await feeding * (took.TotalSeconds / (took.TotalSeconds + WarmUp))));
    }

    /// <summary>Callers that each wait for their answer before they ask again.</summary>
    internal async Task ClosedLoopAsync()
    {
        await StartAsync();
        await CallAsync(Callers, WarmUp, (caller, n) => CheckAsync(CustomerOf(n), $"w{caller}-{n}"));
        var begun = Stopwatch.GetTimestamp();
        var latencies = await CallAsync(Callers, seconds, (caller, n) => CheckAsync(CustomerOf(n), $"k{caller}-{n}"));
        Tell(latencies, begun, latencies.Length);
    }

    internal static async Task VerifyAsync(string address, long approved)
    {
        var reserved = await Store.ReservedAsync(address);
        if (reserved != approved) throw new InvalidOperationException($"{reserved} are reserved, {approved} were promised: no figure is printed.");
    }

    /// <summary>Starts work at its intended moments, whatever became of what was started before; nanoseconds from those moments.</summary>
    internal static async Task<double[]> LoopAsync(int rate, int seconds, Func<long, Task> work)
    {
        var (done, latencies) = (new Task[rate * seconds], new double[rate * seconds]);
        // A thread of its own: one of the pool's that naps would be missing to what is measured.
        await Task.Factory.StartNew(() => Begin(rate, work, done, latencies), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAll(done);
        return latencies;
    }

    private static void Begin(int rate, Func<long, Task> work, Task[] done, double[] latencies)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var n = 0; n < done.Length; n++)
        {
            var due = begun + (long)(n * (double)Stopwatch.Frequency / rate);
            // The kernel's timer: a loop that watches the clock would take half of a two-core machine from what it measures.
            for (var left = due - Stopwatch.GetTimestamp(); left > 0; left = due - Stopwatch.GetTimestamp())
                Nap.For(left * 1_000_000_000 / Stopwatch.Frequency);
            done[n] = TimedAsync(work(n), due, latencies, n);
        }
    }

    internal static async Task<double[]> CallAsync(int callers, int seconds, Func<int, long, Task> work)
    {
        var end = Stopwatch.GetTimestamp() + seconds * Stopwatch.Frequency;
        var all = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var latencies = new List<double>();
            for (long n = caller; Stopwatch.GetTimestamp() is var begun && begun < end; n += callers)
            {
                await work(caller, n);
                latencies.Add((Stopwatch.GetTimestamp() - begun) * 1e9 / Stopwatch.Frequency);
            }

            return latencies;
        })));
        return [.. all.SelectMany(l => l)];
    }

    /// <summary>Says what was approved, a rate, and where the latencies lie; then waits to be killed.</summary>
    internal static void Tell(double[] latencies, long begun, long count, long approved)
    {
        var took = Stopwatch.GetElapsedTime(begun);
        Array.Sort(latencies);
        string At(double share) => (latencies[Math.Min(latencies.Length - 1, (int)(latencies.Length * share))] / 1e6).ToString(CultureInfo.InvariantCulture);
        using var process = Process.GetCurrentProcess();
        Worker.Done(took, process.TotalProcessorTime, approved.ToString(CultureInfo.InvariantCulture), (count / took.TotalSeconds).ToString("F0", CultureInfo.InvariantCulture),
            At(0.5), At(0.9), At(0.99), At(0.999), At(1));
    }

    private void Tell(double[] latencies, long begun, long count) => Tell(latencies, begun, count, Volatile.Read(ref _approved));

    private static async Task TimedAsync(Task work, long due, double[] latencies, int n)
    {
        await work.ConfigureAwait(false);
        latencies[n] = (Stopwatch.GetTimestamp() - due) * 1e9 / Stopwatch.Frequency;
    }

    private async Task StartAsync()
    {
        await JournalFactory.CreateAsync(Store.AddressOf(address), new DatabaseInfo("bench", "EUR", 16, "wall", "UTC", false));
        _engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(Store.AddressOf(address), offline: true));
        TimeSlices.Shorten();
        await _engine.StartAsync();
        foreach (var slice in Workload.Openings(customers).Chunk(5_000)) await _engine.SubmitBatchAsync(slice);
    }

    private async Task CheckAsync(int customer, string key)
    {
        var answer = await _engine.SubmitAsync(new CheckCredit { Customer = Workload.CustomerOf(customer), Amount = Amount, Currency = Workload.Eur, Actor = "bench", Key = key, LiveMinutes = 1_000 }).ConfigureAwait(false);
        if (answer.Effects.OfType<CheckDecided>().Single().ReservationId.Length > 0) Interlocked.Add(ref _approved, Amount);
    }

    private Event[]? _events;
    private int _next, _passed;

    /// <summary>Feeds the customers that are checked: others would be an easier life. Stops by time or when told.</summary>
    private async Task<long> FeedAsync(int seconds, CancellationToken stop = default)
    {
        _events ??= Workload.Make(EventsMade, customers, 11, spread);
        var (fed, begun) = (0L, Stopwatch.GetTimestamp());
        var onTheWay = new Queue<Task>();
        while (!stop.IsCancellationRequested && Stopwatch.GetElapsedTime(begun).TotalSeconds < seconds)
        {
            if (feed < int.MaxValue && fed / (double)feed - Stopwatch.GetElapsedTime(begun).TotalSeconds is var early and > 0) await Task.Delay(TimeSpan.FromSeconds(early), CancellationToken.None);
            var slice = new Fact[FeedSlice];
            for (var i = 0; i < FeedSlice; i++) slice[i] = Workload.FactOf(Following());
            onTheWay.Enqueue(_engine.SubmitBatchAsync(slice, CancellationToken.None));
            fed += FeedSlice;
            if (onTheWay.Count >= FeedOnTheWay) await onTheWay.Dequeue();
        }

        await Task.WhenAll(onTheWay);
        return fed;
    }

    /// <summary>The events again and again, each time as others: under numbers of their own.</summary>
    private Event Following()
    {
        if (_next == EventsMade) (_next, _passed) = (0, _passed + EventsMade);
        var e = _events![_next++];
        return e with { Number = e.Number + _passed, Of = e.Of < 0 ? e.Of : e.Of + _passed };
    }
}
