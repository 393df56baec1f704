using System.Diagnostics;
using System.Text;
using ExposureMonitor.Bench;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;

/// <summary>Who does the work: the engine by two ways in, and peers of each store.</summary>
internal static class Peers
{
    internal const uint Seed = 7;
    internal const int Slice = 5_000;

    internal static string[] Of(string store) => store == "sqlite"
        ? ["engine", "engine from a file", "transaction per event"]
        : ["engine", "engine from a file", "function per event", "set-based merge"];

    internal static bool IsSlow(string peer) => peer is "transaction per event" or "function per event";

    internal static string About(string peer) => peer switch
    {
        "engine" => $"batches of {Slice} facts, answered after their commit",
        "engine from a file" => "CloudEvents, a line each, decoded and fed as the import does",
        "transaction per event" => "one transaction per event: duplicate check, limit check, document row, customer row; one writer",
        "function per event" => "one call of a SQL function per event over 8 connections, row locks on the customer",
        _ => $"binary COPY of {Slice} rows into a staging table, one merge; answers after {Slice} events",
    };

    internal static async Task WorkAsync(string peer, string address, int count, int customers)
    {
        var events = Workload.Make(count, customers, Seed);
        switch (peer)
        {
            case "engine":
                await EngineAsync(address, customers, () => Facts(events));
                break;
            case "engine from a file":
                var file = address.EndsWith(".db", StringComparison.Ordinal) ? address + ".jsonl" : Path.GetTempFileName();
                await using (var writer = File.Create(file))
                    foreach (var e in events)
                    {
                        writer.Write(CloudEventWriter.Write(Workload.FactOf(e)));
                        writer.Write("\n"u8);
                    }

                await EngineAsync(address, customers, () => FromFile(file));
                break;
            case "transaction per event":
                SqlitePeer.Work(address, events, customers);
                break;
            case "function per event":
                await PostgreSqlPeers.FunctionAsync(address, events, customers);
                break;
            default:
                await PostgreSqlPeers.MergeAsync(address, events, customers, Slice);
                break;
        }
    }

    internal static async Task VerifyAsync(string peer, string address, long[] oracle)
    {
        if (peer.StartsWith("engine", StringComparison.Ordinal)) await Store.VerifyAsync(address, oracle);
        else if (peer == "transaction per event") Store.Compare(SqlitePeer.Gross(address, oracle.Length), oracle);
        else Store.Compare(await PostgreSqlPeers.GrossAsync(address, oracle.Length), oracle);
    }

    private static IEnumerable<Fact> Facts(Event[] events) => events.Select(Workload.FactOf);

    private static IEnumerable<Fact> FromFile(string file)
    {
        var decoder = new EventDecoder();
        foreach (var line in File.ReadLines(file)) yield return decoder.Decode(Encoding.UTF8.GetBytes(line), default);
    }

    private static async Task EngineAsync(string address, int customers, Func<IEnumerable<Fact>> facts)
    {
        await JournalFactory.CreateAsync(Store.AddressOf(address), new DatabaseInfo("bench", "EUR", 16, "wall", "UTC", false));
        var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(Store.AddressOf(address), offline: true));
        TimeSlices.Shorten();
        await engine.StartAsync();
        foreach (var slice in Workload.Openings(customers).Chunk(Slice)) await engine.SubmitBatchAsync(slice);
        using var process = Process.GetCurrentProcess();
        var (begun, cpu) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        await FeedAsync(engine, facts());
        process.Refresh();
        Worker.Done(Stopwatch.GetElapsedTime(begun), process.TotalProcessorTime - cpu);
    }

    /// <summary>Two batches on their way, so that one is decoded while the other is committed.</summary>
    internal static async Task FeedAsync(ExposureEngine engine, IEnumerable<Fact> facts)
    {
        Task<IReadOnlyList<Answer>>? before = null;
        foreach (var slice in facts.Chunk(Slice))
        {
            var next = engine.SubmitBatchAsync(slice);
            if (before is not null) Check(await before);
            before = next;
        }

        if (before is not null) Check(await before);
    }

    private static void Check(IReadOnlyList<Answer> answers)
    {
        foreach (var answer in answers)
            if (answer.Outcome.Kind != OutcomeKind.Applied) throw new InvalidOperationException($"{answer.Outcome}: no figure is printed.");
    }
}
