using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// The entries that the journal has of some customers. Each points to the one before it of the same customer, so that only frames which have
/// something of them are read. When these turn out to lie close together the rest is read in one piece: a frame by itself costs several of a stream.
/// </summary>
internal static class CustomerEntries
{
    /// <summary>So many frames are read one by one before it is asked whether a stream would be cheaper.</summary>
    private const int ProbedMin = 32;

    /// <summary>A frame read by itself costs about as much as so many of a stream.</summary>
    private const int StreamedPerProbe = 4;

    /// <summary>By customer, in the order of the journal.</summary>
    /// <param name="reader">The journal.</param>
    /// <param name="partition">Of all of them.</param>
    /// <param name="newest">By customer, his newest entry; (0, 0) for one who has none.</param>
    /// <param name="above">Frames up to this one are not looked for: they were pruned.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="JournalBrokenException">An entry does not stand where the one behind it says, or a frame is not sound.</exception>
    internal static async Task<Dictionary<string, List<(EntryPosition At, Entry Entry)>>> OfAsync(IJournalReader reader, int partition,
        IReadOnlyDictionary<string, (long Seq, int Index)> newest, long above, CancellationToken cancel)
    {
        var found = newest.Keys.ToDictionary(c => c, _ => new List<(EntryPosition, Entry)>(), StringComparer.Ordinal);
        // Newest first, whoever's it is: a frame that has something of several is read once.
        var wanted = new PriorityQueue<string, long>();
        var places = new Dictionary<string, (long Seq, int Index)>(newest, StringComparer.Ordinal);
        foreach (var (customer, place) in places)
            if (place.Seq > above) wanted.Enqueue(customer, -place.Seq);
        var (probed, top) = (0L, wanted.TryPeek(out _, out var first) ? -first : 0);
        while (wanted.TryPeek(out _, out var minus))
        {
            var seq = -minus;
            if (probed >= ProbedMin && probed * StreamedPerProbe > top - seq)
            {
                await StreamAsync(reader, partition, above, seq, places, found, cancel);
                break;
            }

            probed++;
            var entries = await FrameAsync(reader, partition, seq, cancel);
            while (wanted.TryPeek(out var customer, out var priority) && -priority == seq)
            {
                wanted.Dequeue();
                var place = WalkBack(new EntryPosition(partition, seq, places[customer].Index), customer, entries, found[customer]);
                places[customer] = place;
                if (place.Seq > above) wanted.Enqueue(customer, -place.Seq);
            }
        }

        // They were found newest first.
        foreach (var entries in found.Values) entries.Reverse();
        return found;
    }

    /// <summary>The entries of one frame.</summary>
    internal static async Task<IReadOnlyList<Entry>> FrameAsync(IJournalReader reader, int partition, long seq, CancellationToken cancel)
    {
        await foreach (var stored in reader.FramesAsync(partition, seq - 1, seq, cancel)) return Replay.Read(partition, stored).Entries;
        throw new JournalBrokenException($"Partition {partition} has no frame {seq}, to which an entry points.");
    }

    /// <summary>Takes what a frame has of a customer, from an entry back; returns where the one before the frame stands.</summary>
    private static (long Seq, int Index) WalkBack(EntryPosition at, string customer, IReadOnlyList<Entry> entries, List<(EntryPosition, Entry)> found)
    {
        for (var index = at.Index; ;)
        {
            if (index < 0 || index >= entries.Count || entries[index].Customer != customer)
                throw new JournalBrokenException($"Partition {at.Partition}, frame {at.Seq}: entry {index} is none of customer '{customer}', whose next entry points to it.");
            found.Add((at with { Index = index }, entries[index]));
            if (entries[index].Back.Seq != at.Seq) return entries[index].Back;
            index = entries[index].Back.Index;
        }
    }

    /// <summary>Reads everything up to a frame; what lies there of each customer goes behind what was found, newest first as well.</summary>
    private static async Task StreamAsync(IJournalReader reader, int partition, long above, long upTo, Dictionary<string, (long Seq, int Index)> places,
        Dictionary<string, List<(EntryPosition, Entry)>> found, CancellationToken cancel)
    {
        var older = found.Keys.ToDictionary(c => c, _ => new List<(EntryPosition, Entry)>(), StringComparer.Ordinal);
        await foreach (var stored in reader.FramesAsync(partition, above, upTo, cancel))
        {
            var entries = Replay.Read(partition, stored).Entries;
            for (var index = 0; index < entries.Count; index++)
            {
                if (older.TryGetValue(entries[index].Customer, out var those) && (stored.Seq, index).CompareTo(places[entries[index].Customer]) <= 0)
                    those.Add((new EntryPosition(partition, stored.Seq, index), entries[index]));
            }
        }

        foreach (var (customer, entries) in older)
        {
            entries.Reverse();
            found[customer].AddRange(entries);
        }
    }
}
