using System.Diagnostics;
using System.Globalization;
using ExposureMonitor.Bench;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;

/// <summary>Who does the work: the service from its topics, and PostgreSQL by itself from events in memory.</summary>
internal static class Peers
{
    internal const uint Seed = 7;

    private const int Slice = 5_000;

    internal static string Name(string peer) => peer switch
    {
        "json" => "service, JSON", "protobuf" => "service, Protobuf", "function" => "function per event", "merge10000" => "COPY and merge per 10,000", _ => "COPY and merge per 100,000",
    };

    internal static string About(string peer) => peer switch
    {
        "json" or "protobuf" => "from the topics through decoding to COMMIT; journal, decisions and proofs included",
        "function" => "plpgsql, events in memory, 8 connections, row locks on the customer",
        "merge10000" => "binary COPY into staging, one set-based merge; events in memory, 2 connections; waits for 10,000 events",
        _ => "the same; waits for 100,000 events",
    };

    /// <summary>Every thousandth event a second time, a little later.</summary>
    internal static IEnumerable<Event> WithDuplicates(Event[] events)
    {
        for (var i = 0; i < events.Length; i++)
        {
            yield return events[i];
            if (i % 1_000 == 999) yield return events[i - 7];
        }
    }

    internal static async Task WorkAsync(string[] told)
    {
        var (peer, address, bootstrap, prefix) = (told[0], told[1], told[5], told[6]);
        var (count, customers, partitions) = (Number(told[2]), Number(told[3]), Number(told[7]));
        if (peer is "json" or "protobuf")
        {
            await ServiceAsync(address, customers, bootstrap, prefix, partitions);
            return;
        }

        var events = WithDuplicates(Workload.Make(count, customers, Seed, Enum.Parse<Spread>(told[4]))).ToArray();
        if (peer == "function") await PostgreSqlPeers.FunctionAsync(address, events, customers);
        else await PostgreSqlPeers.MergeAsync(address, events, customers, peer == "merge10000" ? 10_000 : 100_000, connections: 2);
    }

    internal static async Task VerifyAsync(string peer, string address, long[] oracle)
    {
        if (peer is "json" or "protobuf") await Store.VerifyAsync(address, oracle);
        else Store.Compare(await PostgreSqlPeers.GrossAsync(address, oracle.Length), oracle);
    }

    /// <summary>The limits stand before; the clock runs from the first fetch until everything that the topics hold is committed.</summary>
    private static async Task ServiceAsync(string address, int customers, string bootstrap, string prefix, int partitions)
    {
        await JournalFactory.CreateAsync(Store.AddressOf(address), new DatabaseInfo("drain", "EUR", partitions, "wall", "UTC", false));
        var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(Store.AddressOf(address), offline: true));
        TimeSlices.Shorten();
        await engine.StartAsync();
        foreach (var slice in Workload.Openings(customers).Chunk(Slice)) await engine.SubmitBatchAsync(slice);
        using var process = Process.GetCurrentProcess();
        Worker.Begin();
        var (begun, cpu, allocated, paused) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime, GC.GetTotalAllocatedBytes(), GC.GetTotalPauseDuration());
        await using var feed = await KafkaFeed.StartAsync(engine, new EventDecoder(), Broker.OptionsOf(bootstrap, prefix), say: Console.WriteLine);
        await feed.CaughtUpAsync();
        var took = Stopwatch.GetElapsedTime(begun);
        process.Refresh();
        Worker.Done(took, process.TotalProcessorTime - cpu, Number(GC.GetTotalAllocatedBytes() - allocated), Number((GC.GetTotalPauseDuration() - paused).TotalMilliseconds));
    }

    private static string Number(double figure) => figure.ToString(CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
