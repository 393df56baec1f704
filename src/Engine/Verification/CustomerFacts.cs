using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>The facts that the journal has of some customers, for what is made of the whole history of each.</summary>
public static class CustomerFacts
{
    /// <summary>
    /// By customer, in the order of the journal: what was applied, and what was parked for a predecessor. One reading of a partition for all of them.
    /// </summary>
    /// <exception cref="PrunedException">The journal of the partition has been pruned: what lies before its base is gone.</exception>
    public static async Task<IReadOnlyDictionary<string, List<Fact>>> OfAsync(IJournalReader reader, int partition, IReadOnlySet<string> customers, CancellationToken cancel)
    {
        if (await reader.BaseAsync(partition, cancel) is { } from)
            throw new PrunedException($"The journal of partition {partition} was pruned up to {new Instant(from.At)}: the movements before are gone, and no ledger can be made.");
        var found = customers.ToDictionary(c => c, _ => new List<Fact>(), StringComparer.Ordinal);
        await foreach (var stored in reader.FramesAsync(partition, 0, long.MaxValue, cancel))
        {
            foreach (var entry in FrameCodec.Read(stored.Payload).Entries)
            {
                if (entry.Outcome is not (OutcomeKind.Applied or OutcomeKind.Parked) || !found.TryGetValue(entry.Customer, out var facts)) continue;
                entry.Fact.Customer = entry.Customer;
                facts.Add(entry.Fact);
            }
        }

        return found;
    }
}
