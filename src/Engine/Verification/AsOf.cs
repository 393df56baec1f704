using System.Globalization;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>A bound in the past: a moment of arrival, or a sequence of the partition; both inclusive.</summary>
public sealed record PastBound(Instant At, long Seq);

/// <summary>The book as it stood at a past moment, rebuilt from the journal alone.</summary>
public static class AsOf
{
    /// <summary>No bound: everything that is committed.</summary>
    public static PastBound Now { get; } = new(new Instant(long.MaxValue), long.MaxValue);

    /// <summary>Reads a bound from texts; <c>null</c> when neither says one.</summary>
    public static PastBound? Until(string? at, string? seq)
    {
        if (long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var told)) return new PastBound(new Instant(long.MaxValue), told);
        if (DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)) return new PastBound(Instant.From(moment), long.MaxValue);
        return null;
    }

    /// <summary>
    /// The book at the head of the journal: the newest snapshot and the frames behind it, as recovery reads them, and from
    /// the beginning without a snapshot. A service that writes meanwhile may show a row that is newer than the head that was
    /// read before it: the reader looks again, and in the end takes the journal alone.
    /// </summary>
    public static async Task<Book> NowAsync(IJournalReader reader, DatabaseInfo database, int partition, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var head = (await reader.HeadsAsync(cancel)).First(h => h.Partition == partition);
            try
            {
                return (await Recovery.RunAsync(reader, database, head, cancel)).Book;
            }
            catch (JournalBrokenException)
            {
                // Whether the journal is broken, the replay from its beginning will tell.
            }
        }

        return await BookAsync(reader, database, partition, Now, cancel);
    }

    /// <summary>Replays the frames of a partition up to the bound, from its base if it has one; entries of a frame that arrived later are left out.</summary>
    /// <exception cref="PrunedException">The bound lies before the base.</exception>
    public static async Task<Book> BookAsync(IJournalReader reader, DatabaseInfo database, int partition, PastBound until, CancellationToken cancel)
    {
        var head = (await reader.HeadsAsync(cancel)).First(h => h.Partition == partition);
        var from = await BaseReading.FindAsync(reader, head, cancel);
        BaseReading.DemandReached(from, until);
        var book = from is null ? Partition.NewBook(partition, database) : (await BaseReading.BookAsync(reader, database, from, cancel)).Book;
        var effects = new EffectBuffer();
        await foreach (var stored in reader.FramesAsync(partition, from?.Seq ?? 0, until.Seq, cancel))
        {
            var frame = FrameCodec.Read(stored.Payload);
            book.GoBy(frame.MachineVersion);
            for (var index = 0; index < frame.Entries.Count; index++)
            {
                if (frame.Entries[index].Fact.Arrival > until.At) return book;
                effects.Clear();
                PartitionMachine.Apply(book, frame.Entries[index].Fact, new EntryPosition(partition, stored.Seq, index), effects);
            }
        }

        return book;
    }

    /// <summary>The figures of a customer before an entry and behind it, rebuilt from the journal alone; without those before where the entry opened the account, <c>null</c> where there is no such entry.</summary>
    /// <exception cref="PrunedException">The entry lies before the base.</exception>
    public static async Task<(AccountFigures? Before, AccountFigures After, int Today)?> AroundAsync(IJournalReader reader, DatabaseInfo database, EntryPosition at, string customer, CancellationToken cancel)
    {
        var head = (await reader.HeadsAsync(cancel)).First(h => h.Partition == at.Partition);
        var from = await BaseReading.FindAsync(reader, head, cancel);
        BaseReading.DemandReached(from, new PastBound(new Instant(long.MaxValue), at.Seq));
        var book = from is null ? Partition.NewBook(at.Partition, database) : (await BaseReading.BookAsync(reader, database, from, cancel)).Book;
        var effects = new EffectBuffer();
        await foreach (var stored in reader.FramesAsync(at.Partition, from?.Seq ?? 0, at.Seq, cancel))
        {
            var frame = FrameCodec.Read(stored.Payload);
            book.GoBy(frame.MachineVersion);
            for (var index = 0; index < frame.Entries.Count; index++)
            {
                var isIt = stored.Seq == at.Seq && index == at.Index;
                AccountFigures? before = isIt && book.FindSlot(customer) is var known && known >= 0 ? book.Figures(known) : null;
                effects.Clear();
                PartitionMachine.Apply(book, frame.Entries[index].Fact, new EntryPosition(at.Partition, stored.Seq, index), effects);
                if (isIt) return book.FindSlot(customer) is var slot && slot >= 0 ? (before, book.Figures(slot), book.Today) : null;
            }
        }

        return null;
    }
}

/// <summary>One entry of a customer's history.</summary>
public sealed record HistoryLine(long Seq, int Index, string Type, string Document, string EventId, string Source, string? Stream, long Offset,
    string Time, string Arrival, string Outcome, string Reason);

/// <summary>A customer's history, read from the frames of its partition.</summary>
public static class History
{
    /// <summary>Frames that are read at first; when they do not fill a page, twice as many, and so on.</summary>
    private const long FramesFirst = 64;

    /// <summary>Where the history of a partition begins after a pruning: its last sequence that is gone, and its moment; <c>null</c> when all of it is there.</summary>
    public static async Task<(long Seq, Instant At)?> BeginsAsync(IJournalReader reader, int partition, CancellationToken cancel) =>
        await reader.BaseAsync(partition, cancel) is { } from ? (from.Seq, new Instant(from.At)) : null;

    /// <summary>Entries before (sequence, index), newest first. A frame holds many entries: a page may end in the middle of one.</summary>
    public static async Task<IReadOnlyList<HistoryLine>> OfAsync(IJournalReader reader, int partition, string customer, (long Seq, int Index) before, int limit, CancellationToken cancel)
    {
        var first = (await reader.BaseAsync(partition, cancel))?.Seq ?? 0;
        var head = (await reader.HeadsAsync(cancel)).FirstOrDefault(h => h.Partition == partition)?.Seq ?? 0;
        var lines = new List<HistoryLine>();
        // From the newest back: a page is mostly in the last frames, and what has no pointer to it (a duplicate, a refusal) belongs to it as well.
        for (var (upTo, many) = (Math.Min(before.Seq, head), FramesFirst); upTo > first && lines.Count < limit; many *= 2)
        {
            var above = Math.Max(first, upTo - many);
            var piece = new List<HistoryLine>();
            await foreach (var stored in reader.FramesAsync(partition, above, upTo, cancel))
            {
                var entries = Replay.Read(partition, stored).Entries;
                for (var index = 0; index < entries.Count; index++)
                    if (entries[index].Customer == customer && (stored.Seq, index).CompareTo(before) < 0) piece.Add(LineOf(stored.Seq, index, entries[index]));
            }

            piece.Reverse();
            lines.AddRange(piece.Take(limit - lines.Count));
            upTo = above;
        }

        return lines;
    }

    /// <summary>One entry with its whole fact, or <c>null</c> when the journal has none there.</summary>
    /// <exception cref="PrunedException">Its frame lies before the base.</exception>
    public static async Task<(HistoryLine Line, Fact Fact)?> EntryAsync(IJournalReader reader, EntryPosition at, CancellationToken cancel)
    {
        if (await reader.BaseAsync(at.Partition, cancel) is { } from && at.Seq <= from.Seq)
            throw new PrunedException($"Entry {at} is gone: the journal of partition {at.Partition} was pruned up to sequence {from.Seq} of {new Instant(from.At)}. What it decided stands in the lists of decisions, holds, signals, limits, commands and dead letters.");
        await foreach (var stored in reader.FramesAsync(at.Partition, at.Seq - 1, at.Seq, cancel))
        {
            var entries = FrameCodec.Read(stored.Payload).Entries;
            if (at.Index < 0 || at.Index >= entries.Count) return null;
            var entry = entries[at.Index];
            // What the journal keeps of a customer is its slot's name; the fact itself leaves it out.
            entry.Fact.Customer = entry.Customer;
            return (LineOf(stored.Seq, at.Index, entry), entry.Fact);
        }

        return null;
    }

    private static HistoryLine LineOf(long seq, int index, Entry entry) => new(seq, index, FactCatalogue.WireTypeOf(entry.Fact), entry.Fact.Document, entry.Fact.EventId,
        entry.Fact.Source, entry.Fact.Position.Stream, entry.Fact.Position.Offset, entry.Fact.Time.ToString(), entry.Fact.Arrival.ToString(),
        entry.Outcome.ToString(), entry.Reason);
}
