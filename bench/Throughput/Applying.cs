using System.Globalization;
using ExposureMonitor.Bench;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

/// <summary>The machine alone over the mix of the other programs, round after round: for a profiler, and to compare two states of it.</summary>
internal static class Applying
{
    private const int Partitions = 16;

    /// <summary>With the whole catalogue, and with EW-01 to EW-07 and EW-10 to EW-13 alone, in turns.</summary>
    internal static void Signals(int count, int customers, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            Console.Write("without, ");
            Run(count, customers, 1, foresees: true, hasPatterns: false);
            Console.Write("with,    ");
            Run(count, customers, 1, foresees: true);
        }
    }

    /// <summary>Everything two days late, as behind an outage: under the first rules, and under the newest, which note what was missed, in turns.</summary>
    internal static void Late(int count, int customers, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            foreach (var rules in (int[])[1, PartitionMachine.Version])
            {
                Console.Write($"rules {rules}, ");
                Run(count, customers, 1, foresees: true, daysLate: 2, rules: rules);
            }
        }
    }

    private static PolicyActivated Without() => new()
    {
        PolicyId = "bench", Version = 2, Arrival = Instant.From(DateOnly.FromDayNumber(Workload.Day)), Time = Instant.From(DateOnly.FromDayNumber(Workload.Day)),
        Parameters = [.. Enumerable.Range(1, 42).Where(n => n is > 13 or 8 or 9).Select(n => new PolicyParameter { Name = $"signal.{n:00}.on", Value = "0" }), new PolicyParameter { Name = "risk.on", Value = "0" }],
    };

    internal static void Run(int count, int customers, int rounds, bool foresees, bool hasPatterns = true, int daysLate = 0, int rules = PartitionMachine.Version)
    {
        var events = Workload.Make(count, customers, Peers.Seed);
        var foresight = new Foresight();
        for (var round = 0; round < rounds; round++)
        {
            Fact[] facts = [.. events.Select(Workload.FactOf)];
            var homes = facts.Select(f => Ids.PartitionOf(f.Customer, Partitions)).ToArray();
            Book[] books = [.. Enumerable.Range(0, Partitions).Select(id => new Book(id, Workload.Eur, eventClock: false, Partitions))];
            var (effects, seq, told) = (new EffectBuffer(), 1L, 0UL);
            for (var id = 0; id < Partitions; id++) PartitionMachine.Apply(books[id], new DayStarted { Day = Workload.Day + daysLate, Arrival = facts[0].Time }, new EntryPosition(id, seq, 0), effects);
            foreach (var book in books) book.GoBy(rules);
            for (var id = 0; id < Partitions && !hasPatterns; id++) PartitionMachine.Apply(books[id], Without(), new EntryPosition(id, ++seq, 0), effects);
            foreach (var opening in Workload.Openings(customers))
            {
                effects.Clear();
                (opening.Arrival, var home) = (opening.Time, Ids.PartitionOf(opening.Customer, Partitions));
                PartitionMachine.Apply(books[home], opening, new EntryPosition(home, ++seq, 0), effects);
            }

            GC.Collect();
            var (cpu, bytes) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
            for (var i = 0; i < facts.Length; i++)
            {
                if (foresees && i % Foresight.Max == 0)
                {
                    for (var k = i; k < Math.Min(facts.Length, i + Foresight.Max); k++) foresight.Add(books[homes[k]], facts[k]);
                    foresight.Look();
                }

                effects.Clear();
                facts[i].Arrival = facts[i].Time;
                PartitionMachine.Apply(books[homes[i]], facts[i], new EntryPosition(homes[i], ++seq, 0), effects);
                told += (ulong)effects.Effects.Count;
            }

            var (spent, allocated) = ((Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds / count, (GC.GetTotalAllocatedBytes() - bytes) / (double)count);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"apply: {spent:N0} ns, {allocated:N0} bytes, {told} effects"));
        }
    }

    /// <summary>The engine without a database, likewise.</summary>
    internal static async Task EngineAsync(int count, int customers, int rounds)
    {
        var events = Workload.Make(count, customers, Peers.Seed);
        for (var round = 0; round < rounds; round++)
        {
            Fact[] facts = [.. events.Select(Workload.FactOf)];
            await using var engine = new ExposureEngine(new NoJournal(new DatabaseInfo("bench", "EUR", Partitions, "wall", "UTC", false)));
            await engine.StartAsync();
            foreach (var slice in Workload.Openings(customers).Chunk(Peers.Slice)) await engine.SubmitBatchAsync(slice);
            GC.Collect();
            var (cpu, bytes) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
            await StreamAsync(engine, facts);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"engine: {(Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds / count:N0} ns, {(GC.GetTotalAllocatedBytes() - bytes) / (double)count:N0} bytes"));
        }
    }

    /// <summary>As Kafka brings them: a stream for each partition, a few hundred records at a time, several rounds on their way.</summary>
    private static async Task StreamAsync(ExposureEngine engine, Fact[] facts)
    {
        var streams = facts.GroupBy(f => engine.PartitionOf(f.Customer)).Select(g => (Home: g.Key, Name: $"bench:{g.Key}", Records: g.ToArray())).ToArray();
        foreach (var (_, name, records) in streams)
            for (var i = 0; i < records.Length; i++) records[i].Position = new SourcePosition(name, i);
        var onTheirWay = new Queue<Task>();
        for (var from = 0; streams.Any(s => from < s.Records.Length); from += Round)
        {
            foreach (var (home, name, records) in streams)
                if (from < records.Length) onTheirWay.Enqueue(engine.SubmitStreamAsync(home, name, from - 1, records[from..Math.Min(records.Length, from + Round)]));
            while (onTheirWay.Count > RoundsMax * streams.Length) await onTheirWay.Dequeue();
        }

        await Task.WhenAll(onTheirWay);
    }

    private const int Round = 256, RoundsMax = 4;
}
