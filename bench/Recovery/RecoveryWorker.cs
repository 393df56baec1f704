using System.Diagnostics;
using System.Globalization;
using ExposureMonitor.Bench;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;

/// <summary>The measured processes: one loads the book, the others open what was killed; all end in the middle of their work.</summary>
internal static class RecoveryWorker
{
    internal const int ChecksPerSecond = 100;

    private const long Amount = 100;
    private static long _promised;

    internal static async Task LoadAsync(string address, int customers, int each, int rate, int seconds)
    {
        await JournalFactory.CreateAsync(Store.AddressOf(address), new DatabaseInfo("bench", "EUR", 16, "wall", "UTC", false));
        var engine = await OpenAsync(address);
        TimeSlices.Shorten();
        await engine.StartAsync();
        Task<IReadOnlyList<Answer>>? before = null;
        foreach (var slice in new RealisticBook(customers, each, DateOnly.FromDateTime(DateTime.UtcNow).DayNumber).Facts().Chunk(5_000))
        {
            var next = engine.SubmitBatchAsync(slice);
            if (before is not null) await before;
            before = next;
        }

        if (before is not null) await before;
        await WorkAsync(engine, customers, rate, seconds, "l", TimeSpan.Zero, new TaskCompletionSource<double>());
        Worker.Done(default, default, Promised());
    }

    internal static async Task OpenAsync(string address, int customers, int each, int rate, int seconds, int round)
    {
        using var process = Process.GetCurrentProcess();
        double Since() => (DateTime.Now - process.StartTime).TotalSeconds;
        var engine = await OpenAsync(address);
        TimeSlices.Shorten();
        var starting = engine.StartAsync();
        var (first, open) = (0.0, new HashSet<int>());
        for (var n = 0; open.Count < engine.Database.Partitions; n = (n + 1) % customers)
        {
            var customer = RealisticBook.NameOf(n);
            if (open.Contains(engine.PartitionOf(customer))) continue;
            if (await CheckAsync(engine, customer, string.Create(CultureInfo.InvariantCulture, $"first-{round}-{n}")) && open.Add(engine.PartitionOf(customer)) && first == 0) first = Since();
            if (starting.IsFaulted) await starting;
        }

        var all = Since();
        await starting;
        var caughtUp = new TaskCompletionSource<double>();
        var working = WorkAsync(engine, customers, rate, seconds, "r" + round, TimeSpan.FromSeconds(Since()), caughtUp);
        var late = await caughtUp.Task;
        process.Refresh();
        var cpu = process.TotalProcessorTime.TotalSeconds;
        // Some more load, so that the next kill meets work as well.
        await working;
        Worker.Done(default, default, [Promised(), .. new[] { first, all, late, cpu }.Select(f => f.ToString(CultureInfo.InvariantCulture))]);
    }

    internal static async Task VerifyAsync(string address, long promised)
    {
        var reserved = await Store.ReservedAsync(address);
        if (reserved < promised) throw new InvalidOperationException($"{reserved} are reserved, {promised} were promised: no figure is printed.");
    }

    private static async Task<ExposureEngine> OpenAsync(string address) => new(await JournalFactory.OpenWriterAsync(Store.AddressOf(address), offline: true));

    private static string Promised() => Volatile.Read(ref _promised).ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// Events and checks at their rates, which go on behind the given seconds until the process is killed. The schedule of the
    /// events began so long ago as <paramref name="behind"/> says: what was due then comes at once.
    /// </summary>
    private static async Task WorkAsync(ExposureEngine engine, int customers, int rate, int seconds, string name, TimeSpan behind, TaskCompletionSource<double> caughtUp)
    {
        var begun = Stopwatch.GetTimestamp();
        TimeSpan Elapsed() => Stopwatch.GetElapsedTime(begun) + behind;
        _ = Task.Run(async () =>
        {
            for (var n = 0; ; n++)
            {
                await CheckAsync(engine, RealisticBook.NameOf((int)(n * 7919L % customers)), string.Create(CultureInfo.InvariantCulture, $"{name}-{n}"));
                await Task.Delay(1_000 / ChecksPerSecond);
            }
        });
        _ = Task.Run(async () =>
        {
            // As a feed does: whatever is due goes in, much at once when it is late, and the next is on its way before the last is acknowledged.
            const int least = 500, most = 16_384;
            var day = DateOnly.FromDateTime(DateTime.UtcNow).DayNumber;
            Task before = Task.CompletedTask;
            for (var from = 0L; ;)
            {
                var late = (long)(Elapsed().TotalSeconds * rate) - from;
                if (late < least)
                {
                    await before;
                    // On schedule for the first time, with everything answered: nothing of what was due is left.
                    caughtUp.TrySetResult(Elapsed().TotalSeconds);
                    await Task.Delay(TimeSpan.FromSeconds((least - late) / (double)rate));
                    late = least;
                }

                var (begin, slice) = (from, (int)Math.Min(late, most));
                var next = engine.SubmitBatchAsync([.. Enumerable.Range(0, slice).Select(i => FactOf(name, begin + i, customers, day))]);
                await before;
                before = next;
                from += slice;
            }
        });
        await caughtUp.Task;
        await Task.Delay(TimeSpan.FromSeconds(seconds));
    }

    private static Fact FactOf(string name, long n, int customers, int day)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{name}-{n / 2}");
        // An order, then its delivery.
        Fact fact = n % 2 == 0
            ? new OrderPlaced { OrderId = "O" + id, Amount = 500, Currency = RealisticBook.Eur, OrderedOn = day, ShipOn = day + 3 }
            : new DeliveryPosted { DeliveryId = "D" + id, OrderId = "O" + id, Amount = 500, Currency = RealisticBook.Eur, ShippedOn = day };
        (fact.Customer, fact.Source, fact.EventId) = (RealisticBook.NameOf((int)(n / 2 * 104_729L % customers)), "bench", $"{name}-{n}");
        return fact;
    }

    private static async Task<bool> CheckAsync(ExposureEngine engine, string customer, string key)
    {
        try
        {
            var answer = await engine.SubmitAsync(new CheckCredit { Customer = customer, Amount = Amount, Currency = RealisticBook.Eur, Actor = "bench", Key = key, LiveMinutes = 1_000 });
            if (answer.Effects.OfType<CheckDecided>().Single().ReservationId.Length > 0) Interlocked.Add(ref _promised, Amount);
            return true;
        }
        catch (EngineUnavailableException)
        {
            // The partition does not serve yet: somebody who is told so comes again.
            await Task.Delay(2);
            return false;
        }
    }
}
