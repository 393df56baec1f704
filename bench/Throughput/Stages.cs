using System.Globalization;
using ExposureMonitor.Bench;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;

/// <summary>
/// Where an event's time goes: each step alone over the same events, in one process, by CPU and by allocated bytes. The
/// steps of the last two lines contain those above; what a database adds is the difference between them.
/// </summary>
internal static class Stages
{
    internal static async Task RunAsync(string store, int count, int customers, int rounds)
    {
        var events = Workload.Make(count, customers, Peers.Seed);
        var samples = new Dictionary<string, List<(double Cpu, double Bytes)>>();
        var (scratch, decoder, protobuf) = (new ByteBuffer(), new EventDecoder(), new ProtobufEventWriter());
        for (var round = 0; round <= rounds; round++)
        {
            Fact[] facts = [];
            Time("make the facts", () => facts = [.. events.Select(Workload.FactOf)]);
            byte[][] lines = [.. facts.Select(f => CloudEventWriter.Write(f))];
            Time("decode CloudEvents", () => Each(lines, line => decoder.Decode(line, default)));
            byte[][] messages = [.. facts.Select(f => protobuf.Write(f).ToArray())];
            Time("decode Protobuf", () => Each(messages, message => decoder.Decode(message, default)));
            Time("content hash", () => Each(facts, fact => fact.ContentHash(scratch)));
            Time("encode the fact", () => Each(facts, fact =>
            {
                scratch.Clear();
                FactCodec.Write(fact, scratch);
            }));
            Book[] books = [.. Enumerable.Range(0, Partitions).Select(id => new Book(id, Workload.Eur, eventClock: false, Partitions))];
            var effects = new EffectBuffer();
            for (var id = 0; id < Partitions; id++) PartitionMachine.Apply(books[id], new DayStarted { Day = Workload.Day, Arrival = facts[0].Time }, new EntryPosition(id, 1, 0), effects);
            foreach (var opening in Workload.Openings(customers))
            {
                effects.Clear();
                Apply(books, opening, effects);
            }

            var told = new List<Effect>();
            Time("apply", () => Each(facts, fact =>
            {
                effects.Clear();
                Apply(books, fact, effects);
                told.AddRange(effects.Effects);
            }));
            Time("effects as JSON", () => Each(told, effect => ExposureMonitor.Engine.JsonFieldWriter.ToBytes(effect)));
            Time("effects in binary", () => Each(told, effect =>
            {
                scratch.Clear();
                new BinaryFieldWriter(scratch).Write(effect);
            }));
            await EngineAsync("engine without a database", null, new NoJournal(new DatabaseInfo("bench", "EUR", Partitions, "wall", "UTC", false)), customers, [.. events.Select(Workload.FactOf)]);
            if (store == "memory") continue;
            await using var database = await Store.OpenAsync(store);
            var address = await database.NewAsync();
            await JournalFactory.CreateAsync(Store.AddressOf(address), new DatabaseInfo("bench", "EUR", Partitions, "wall", "UTC", false));
            await EngineAsync($"engine on {store}", database, await JournalFactory.OpenWriterAsync(Store.AddressOf(address), offline: true), customers, [.. events.Select(Workload.FactOf)]);
            await Store.VerifyAsync(address, Workload.Oracle(events, customers));
        }

        Print(samples, rounds);
        HeldOrders.Print();

        void Time(string stage, Action work)
        {
            var (cpu, bytes) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
            work();
            Note(stage, (Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds / count, (GC.GetTotalAllocatedBytes() - bytes) / (double)count);
        }

        void Note(string stage, double cpu, double bytes)
        {
            if (!samples.TryGetValue(stage, out var known)) samples[stage] = known = [];
            known.Add((cpu, bytes));
        }

        async Task EngineAsync(string stage, Store? served, IJournal journal, int opened, Fact[] facts)
        {
            await using var engine = new ExposureEngine(journal);
            await engine.StartAsync();
            foreach (var slice in Workload.Openings(opened).Chunk(Peers.Slice)) await engine.SubmitBatchAsync(slice);
            GC.Collect();
            var server = served is null ? 0 : await served.ServerCpuAsync();
            var (cpu, bytes) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
            await Peers.FeedAsync(engine, facts);
            Note(stage, (Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds / count, (GC.GetTotalAllocatedBytes() - bytes) / (double)count);
            if (store == "postgresql" && served is not null) Note("… and its server", (await served.ServerCpuAsync() - server) * 1e9 / count, 0);
        }
    }

    private const int Partitions = 16;

    private static readonly long[] Seq = new long[Partitions];

    private static void Apply(Book[] books, Fact fact, EffectBuffer effects)
    {
        var partition = Ids.PartitionOf(fact.Customer, Partitions);
        fact.Arrival = fact.Time;
        PartitionMachine.Apply(books[partition], fact, new EntryPosition(partition, ++Seq[partition], 0), effects);
    }

    private static void Each<T>(IReadOnlyList<T> items, Action<T> work)
    {
        for (var i = 0; i < items.Count; i++) work(items[i]);
    }

    private static void Print(Dictionary<string, List<(double Cpu, double Bytes)>> samples, int rounds)
    {
        Console.WriteLine($"| step | CPU ns/event, least of {rounds} | median | bytes/event |\n|---|---:|---:|---:|");
        foreach (var (stage, all) in samples)
        {
            // The first round compiles.
            var measured = all.Skip(1).OrderBy(s => s.Cpu).ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {stage} | {measured[0].Cpu:N0} | {measured[measured.Count / 2].Cpu:N0} | {measured[measured.Count / 2].Bytes:N0} |"));
        }
    }
}
