using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>A fact of the journal.</summary>
/// <param name="KnownOn">Day number from which the house knew it.</param>
/// <param name="Fact">The fact, with its customer.</param>
/// <param name="At">Its entry.</param>
public readonly record struct KnownFact(int KnownOn, Fact Fact, EntryPosition At);

/// <summary>The facts of a whole book in the order in which they became known, for whoever learns from its past.</summary>
/// <param name="Facts">By day of knowledge, and within a day by entry.</param>
/// <param name="Loaded">How many of them were loaded as history: they arrived more than <see cref="LatenessDays"/> days after their time.</param>
/// <param name="Pruned">Partitions whose past is gone, with the moment up to which.</param>
public sealed record BookHistory(IReadOnlyList<KnownFact> Facts, int Loaded, IReadOnlyList<(int Partition, Instant UpTo)> Pruned)
{
    /// <summary>
    /// Days: what arrives within so many after its time is news, and known from its arrival. What arrives later is a past that was loaded (an import, a
    /// migration), and counts as known from its own time.
    /// </summary>
    public const int LatenessDays = 7;

    /// <summary>Reads all partitions once, from their bases on where the journal was pruned.</summary>
    /// <param name="reader">The journal; a service may write meanwhile.</param>
    /// <param name="partitions">How many there are.</param>
    /// <param name="wanted">Which facts are kept; all are read.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="JournalBrokenException">A frame is damaged.</exception>
    public static async Task<BookHistory> ReadAsync(IJournalReader reader, int partitions, Func<Fact, bool> wanted, CancellationToken cancel)
    {
        List<KnownFact> facts = [];
        List<(int Partition, Instant UpTo)> pruned = [];
        var loaded = 0;
        // What a service writes while this reads is left to the next one who asks, in all partitions alike.
        var heads = (await reader.HeadsAsync(cancel)).ToDictionary(h => h.Partition, h => h.Seq);
        for (var partition = 0; partition < partitions; partition++)
        {
            var from = await reader.BaseAsync(partition, cancel);
            if (from is not null) pruned.Add((partition, new Instant(from.At)));
            await foreach (var stored in reader.FramesAsync(partition, from?.Seq ?? 0, heads.GetValueOrDefault(partition), cancel))
            {
                var entries = Replay.Read(partition, stored).Entries;
                for (var index = 0; index < entries.Count; index++)
                {
                    var entry = entries[index];
                    // What waits for its predecessor takes effect with it, and makes no entry of its own then.
                    if (entry.Outcome is not (OutcomeKind.Applied or OutcomeKind.Parked) || entry.Customer.Length == 0 || !wanted(entry.Fact)) continue;
                    entry.Fact.Customer = entry.Customer;
                    var (told, arrived) = (entry.Fact.Time.UtcDate.DayNumber, entry.Fact.Arrival.UtcDate.DayNumber);
                    if (arrived - told > LatenessDays) loaded++;
                    facts.Add(new KnownFact(arrived - told > LatenessDays ? told : arrived, entry.Fact, new EntryPosition(partition, stored.Seq, index)));
                }
            }
        }

        // The sort keeps the order of the entries within a day.
        return new BookHistory([.. facts.OrderBy(f => f.KnownOn)], loaded, pruned);
    }
}
