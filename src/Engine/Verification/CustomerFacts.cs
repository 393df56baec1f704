using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>The facts that the journal has of some customers, for what is made of the whole history of each.</summary>
public static class CustomerFacts
{
    /// <summary>By customer, in the order of the journal: what was applied, and what was parked for a predecessor.</summary>
    /// <param name="reader">The journal.</param>
    /// <param name="partition">Of all of them.</param>
    /// <param name="newest">By customer, his newest entry (<see cref="AccountDetail.NewestSeq"/>, <see cref="AccountDetail.NewestIndex"/>); (0, 0) for one who has none.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="PrunedException">The journal of the partition has been pruned: what lies before its base is gone.</exception>
    /// <exception cref="JournalBrokenException">An entry does not stand where the one behind it says.</exception>
    public static async Task<IReadOnlyDictionary<string, List<Fact>>> OfAsync(IJournalReader reader, int partition, IReadOnlyDictionary<string, (long Seq, int Index)> newest, CancellationToken cancel)
    {
        if (await reader.BaseAsync(partition, cancel) is { } from)
            throw new PrunedException($"The journal of partition {partition} was pruned up to {new Instant(from.At)}: the movements before are gone, and no ledger can be made.");
        var found = await CustomerEntries.OfAsync(reader, partition, newest, above: 0, cancel);
        return found.ToDictionary(f => f.Key, f => f.Value.Where(e => e.Entry.Outcome is OutcomeKind.Applied or OutcomeKind.Parked).Select(e => Of(e.Entry)).ToList(), StringComparer.Ordinal);
    }

    private static Fact Of(Entry entry)
    {
        entry.Fact.Customer = entry.Customer;
        return entry.Fact;
    }
}
