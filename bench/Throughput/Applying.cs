using System.Globalization;
using ExposureMonitor.Bench;
using ExposureMonitor.Domain;

/// <summary>The machine alone over the mix of the other programs, round after round: for a profiler, and to compare two states of it.</summary>
internal static class Applying
{
    private const int Partitions = 16;

    internal static void Run(int count, int customers, int rounds, bool foresees)
    {
        var events = Workload.Make(count, customers, Peers.Seed);
        var foresight = new Foresight();
        for (var round = 0; round < rounds; round++)
        {
            Fact[] facts = [.. events.Select(Workload.FactOf)];
            var homes = facts.Select(f => Ids.PartitionOf(f.Customer, Partitions)).ToArray();
            Book[] books = [.. Enumerable.Range(0, Partitions).Select(id => new Book(id, Workload.Eur, eventClock: false, Partitions))];
            var (effects, seq, told) = (new EffectBuffer(), 1L, 0UL);
            for (var id = 0; id < Partitions; id++) PartitionMachine.Apply(books[id], new DayStarted { Day = Workload.Day, Arrival = facts[0].Time }, new EntryPosition(id, seq, 0), effects);
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
}
