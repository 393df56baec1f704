using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using ExposureMonitor.Bench;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;

/// <summary>The two measured processes: one loads, a fresh one opens what the first left behind.</summary>
internal static class GrowthWorker
{
    private const int Slice = 5_000, Partitions = 16;

    internal static async Task LoadAsync(string address, RealisticBook book)
    {
        await JournalFactory.CreateAsync(Store.AddressOf(address), new DatabaseInfo("bench", "EUR", Partitions, "events", "UTC", false));
        var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(Store.AddressOf(address), offline: true));
        await engine.StartAsync();
        await engine.StartDaysAsync(RealisticBook.Day);
        using var process = Process.GetCurrentProcess();
        var (begun, cpu) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        var events = 0L;
        Task<IReadOnlyList<Answer>>? before = null;
        foreach (var slice in book.Facts().Chunk(Slice))
        {
            var next = engine.SubmitBatchAsync(slice);
            if (before is not null) Check(await before);
            before = next;
            events += slice.Length;
        }

        if (before is not null) Check(await before);
        process.Refresh();
        Worker.Done(Stopwatch.GetElapsedTime(begun), process.TotalProcessorTime - cpu, events.ToString(CultureInfo.InvariantCulture));
    }

    internal static async Task OpenAsync(string address, RealisticBook book)
    {
        using var process = Process.GetCurrentProcess();
        var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(Store.AddressOf(address), offline: true));
        await engine.StartAsync();
        var asked = RealisticBook.NameOf(7 % book.Customers);
        await engine.ReadAsync(engine.PartitionOf(asked), b => b.Figures(b.FindSlot(asked)).Gross);
        var (restart, first) = (DateTime.Now - process.StartTime, Resident("VmRSS"));
        process.Refresh();
        var cpu = process.TotalProcessorTime;
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var (resident, highest, heap) = (Resident("VmRSS"), Resident("VmHWM"), GC.GetTotalMemory(false) >> 20);
        // The digest makes strings by the million, so the memory is read before it; it counts only if the digest is right.
        var shown = RealisticBook.Shown(engine);
        var habits = await HabitsAsync(engine) / book.Customers;
        Worker.Done(restart, cpu, [shown, .. new[] { first, resident, highest, heap, habits }.Select(f => f.ToString(CultureInfo.InvariantCulture))]);
    }

    /// <summary>Bytes that the indicators' habits of all customers take.</summary>
    private static async Task<long> HabitsAsync(ExposureEngine engine)
    {
        var bytes = 0L;
        for (var partition = 0; partition < Partitions; partition++)
        {
            bytes += await engine.ReadAsync(partition, static b =>
            {
                var sum = 0L;
                for (var slot = 0; slot < b.AccountCount; slot++) sum += b.BytesOfHabits(slot);
                return sum;
            });
        }

        return bytes;
    }

    /// <summary>A line of the kernel's account of this process, in MB.</summary>
    private static long Resident(string name)
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) >> 10;
    }

    private static void Check(IReadOnlyList<Answer> answers)
    {
        foreach (var answer in answers)
            if (answer.Outcome.Kind != OutcomeKind.Applied) throw new InvalidOperationException($"{answer.Outcome}: no figure is printed.");
    }
}
