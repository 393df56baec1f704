using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>The facts that the journal has of some customers, for what is made of the whole history of each.</summary>
/// <remarks>
/// Implementation note: each entry points to the one before it of the same customer, so that only frames which have something of them are read. When these
/// turn out to lie close together the rest is read in one piece: a frame by itself costs several of a stream.
/// </remarks>
public static class CustomerFacts
{
    /// <summary>So many frames are read one by one before it is asked whether a stream would be cheaper.</summary>
    private const int ProbedMin = 32;

    /// <summary>A frame read by itself costs about as much as so many of a stream.</summary>
    private const int StreamedPerProbe = 4;

    /// <summary>By customer, in the order of the journal: what was applied, and what was parked for a predecessor.</summary>
    /// <param name="newest">By customer, his newest entry (<see cref="AccountDetail.NewestSeq"/>, <see cref="AccountDetail.NewestIndex"/>); (0, 0) for one who has none.</param>
    /// <exception cref="PrunedException">The journal of the partition has been pruned: what lies before its base is gone.</exception>
    /// <exception cref="JournalBrokenException">An entry does not stand where the one behind it says.</exception>
    public static async Task<IReadOnlyDictionary<string, List<Fact>>> OfAsync(IJournalReader reader, int partition, IReadOnlyDictionary<string, (long Seq, int Index)> newest, CancellationToken cancel)
    {
        if (await reader.BaseAsync(partition, cancel) is { } from)
            throw new PrunedException($"The journal of partition {partition} was pruned up to {new Instant(from.At)}: the movements before are gone, and no ledger can be made.");
        var found = newest.Keys.ToDictionary(c => c, _ => new List<Fact>(), StringComparer.Ordinal);
        // Newest first, whoever's it is: a frame that has something of several is read once.
        var wanted = new PriorityQueue<string, long>();
        var places = new Dictionary<string, (long Seq, int Index)>(newest, StringComparer.Ordinal);
        foreach (var (customer, place) in places)
            if (place.Seq > 0) wanted.Enqueue(customer, -place.Seq);
        var (probed, top) = (0L, wanted.TryPeek(out _, out var first) ? -first : 0);
        while (wanted.TryPeek(out _, out var minus))
        {
            var seq = -minus;
            if (probed >= ProbedMin && probed * StreamedPerProbe > top - seq)
            {
                await StreamAsync(reader, partition, seq, places, found, cancel);
                break;
            }

            probed++;
            var entries = (await FrameAsync(reader, partition, seq, cancel)).Entries;
            while (wanted.TryPeek(out var customer, out var priority) && -priority == seq)
            {
                wanted.Dequeue();
                var place = WalkBack(new EntryPosition(partition, seq, places[customer].Index), customer, entries, found[customer]);
                places[customer] = place;
                if (place.Seq > 0) wanted.Enqueue(customer, -place.Seq);
            }
        }

        // They were found newest first.
        foreach (var facts in found.Values) facts.Reverse();
        return found;
    }

    /// <summary>Takes what a frame has of a customer, from an entry back; returns where the one before the frame stands.</summary>
    private static (long Seq, int Index) WalkBack(EntryPosition at, string customer, IReadOnlyList<Entry> entries, List<Fact> facts)
    {
        for (var index = at.Index; ;)
        {
            if (index < 0 || index >= entries.Count || entries[index].Customer != customer)
                throw new JournalBrokenException($"Partition {at.Partition}, frame {at.Seq}: entry {index} is none of customer '{customer}', whose next entry points to it.");
            var entry = entries[index];
            Take(entry, facts);
            if (entry.Back.Seq != at.Seq) return entry.Back;
            index = entry.Back.Index;
        }
    }

    /// <summary>Reads everything up to a frame; what lies there of each customer goes behind what was found, newest first as well.</summary>
    private static async Task StreamAsync(IJournalReader reader, int partition, long upTo, Dictionary<string, (long Seq, int Index)> places, Dictionary<string, List<Fact>> found, CancellationToken cancel)
    {
        var older = found.Keys.ToDictionary(c => c, _ => new List<Fact>(), StringComparer.Ordinal);
        await foreach (var stored in reader.FramesAsync(partition, 0, upTo, cancel))
        {
            var entries = FrameCodec.Read(stored.Payload).Entries;
            for (var index = 0; index < entries.Count; index++)
            {
                var entry = entries[index];
                if (older.TryGetValue(entry.Customer, out var facts) && (stored.Seq, index).CompareTo(places[entry.Customer]) <= 0) Take(entry, facts);
            }
        }

        foreach (var (customer, facts) in older)
        {
            facts.Reverse();
            found[customer].AddRange(facts);
        }
    }

    private static async Task<Frame> FrameAsync(IJournalReader reader, int partition, long seq, CancellationToken cancel)
    {
        await foreach (var stored in reader.FramesAsync(partition, seq - 1, seq, cancel)) return FrameCodec.Read(stored.Payload);
        throw new JournalBrokenException($"Partition {partition} has no frame {seq}, to which an entry points.");
    }

    private static void Take(Entry entry, List<Fact> facts)
    {
        if (entry.Outcome is not (OutcomeKind.Applied or OutcomeKind.Parked)) return;
        entry.Fact.Customer = entry.Customer;
        facts.Add(entry.Fact);
    }
}
