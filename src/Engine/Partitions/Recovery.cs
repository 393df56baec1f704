using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>A journal that does not say what it must: stop, alarm, never go on.</summary>
public sealed class JournalBrokenException : Exception
{
    public JournalBrokenException(string message) : base(message)
    {
    }

    public JournalBrokenException() : this("The journal is broken.")
    {
    }

    public JournalBrokenException(string message, Exception inner) : base(message, inner)
    {
    }
}

/// <summary>A partition as it was recovered.</summary>
/// <param name="Book">As committed.</param>
/// <param name="Changes">What changed behind the snapshot, so that the next one writes it.</param>
/// <param name="Entries">Entries that were applied to get there.</param>
public sealed record Recovered(Book Book, AccountChanges Changes, long Entries);

/// <summary>Builds the book of a partition from its snapshot and the frames after it.</summary>
public static class Recovery
{
    /// <summary>A frame holds one entry at least, so that so many frames hold the whole window of event ids.</summary>
    private const int WindowFrames = 16_384;

    /// <summary>
    /// Reads partition state and account rows, then applies the frames above the snapshot up to the head. A snapshot
    /// that is not whole (a row lost, cut, behind, or of a snapshot that never ended) is left aside: the journal rebuilds everything.
    /// </summary>
    /// <exception cref="JournalBrokenException">
    /// CRC, chain, sequence, machine version or effects digest do not match, or a row is ahead of the journal.
    /// </exception>
    public static async Task<Recovered> RunAsync(IJournalReader reader, DatabaseInfo database, PartitionHead head, CancellationToken cancel)
    {
        var (book, changes, from) = await SnapshotAsync(reader, database, head, cancel)
            ?? (Partition.NewBook(head.Partition, database), new AccountChanges(), 0L);
        var replay = new Replay(book, head.Partition) { Applied = (at, _, _, _) => changes.Note(book.Touched, at.Seq) };
        // The window of event ids is rebuilt from older entries, as far back as it reaches.
        var window = Math.Max(0, from - WindowFrames);
        await foreach (var stored in reader.FramesAsync(head.Partition, window, head.Seq, cancel))
        {
            if (stored.Seq > from) replay.Apply(stored);
            else replay.Remember(stored);
        }

        if (Math.Max(0, replay.Seq) < head.Seq || (head.Seq > from && !replay.Hash.AsSpan().SequenceEqual(head.HeadHash)))
            throw new JournalBrokenException($"Partition {head.Partition}: the frames end at {replay.Seq}; the head says {head.Seq} with another hash.");
        return new Recovered(book, changes, replay.Entries);
    }

    /// <summary>The snapshot, or <c>null</c> when there is none or it is not whole.</summary>
    private static async Task<(Book, AccountChanges, long)?> SnapshotAsync(IJournalReader reader, DatabaseInfo database, PartitionHead head, CancellationToken cancel)
    {
        if (await reader.StateAsync(head.Partition, cancel) is not { } state) return null;
        if (state.SnapshotSeq > head.Seq)
            throw new JournalBrokenException($"Partition {head.Partition}: the snapshot of {state.SnapshotSeq} is ahead of the journal.");
        var book = Partition.NewBook(head.Partition, database);
        var whole = true;
        try
        {
            var changes = AccountChanges.Read(state.Bytes, out var bytes);
            book.ReadState(bytes);
            await foreach (var row in reader.AccountsAsync(head.Partition, cancel))
            {
                // Also beside a broken snapshot: money that the journal does not know must never be overlooked.
                if (row.AsOfSeq > head.Seq)
                    throw new JournalBrokenException($"Partition {head.Partition}: the row of customer '{row.Customer}' is ahead of the journal.");
                whole = whole && Hashing.XxHash64(row.State.Span) == row.Checksum && row.Slot == book.AccountCount
                    && changes.Holds(row.Slot, row.AsOfSeq, state.SnapshotSeq) && book.ReadAccount(row.State) == row.Slot;
            }

            if (whole && book.AccountCount == changes.Accounts) return (book, changes, state.SnapshotSeq);
        }
        catch (InvalidDataException)
        {
            // Cut bytes: the same as no snapshot.
        }

        Instruments.SnapshotsRejected.Add(1);
        return null;
    }
}

/// <summary>Applies stored frames to a book and checks everything that a frame claims.</summary>
public sealed class Replay(Book book, int partition)
{
    private readonly EffectBuffer _effects = new();
    private readonly ByteBuffer _scratch = new();

    /// <summary>Sequence of the last frame.</summary>
    public long Seq { get; private set; } = -1;

    /// <summary>Hash of the last frame.</summary>
    public byte[] Hash { get; private set; } = new byte[32];

    /// <summary>Epoch of the last frame.</summary>
    public long Epoch { get; private set; }

    /// <summary>Entries applied.</summary>
    public long Entries { get; private set; }

    /// <summary>Told of every entry after it was applied.</summary>
    public Action<EntryPosition, Entry, Outcome, IReadOnlyList<Effect>>? Applied { get; set; }

    /// <summary>Applies one frame.</summary>
    /// <exception cref="JournalBrokenException">The frame does not fit.</exception>
    public void Apply(StoredFrame stored)
    {
        var frame = Check(stored);
        ulong digest = 0;
        for (var index = 0; index < frame.Entries.Count; index++)
        {
            var entry = frame.Entries[index];
            var at = new EntryPosition(partition, stored.Seq, index);
            _effects.Clear();
            var outcome = PartitionMachine.Apply(book, entry.Fact, at, _effects);
            if (outcome.Kind != entry.Outcome || outcome.Reason != entry.Reason)
                throw new JournalBrokenException($"Entry {at}: replay says {outcome.Kind} {outcome.Reason}, the journal {entry.Outcome} {entry.Reason}.");
            digest = Partition.Digest(digest, _effects.Effects, _scratch);
            Entries++;
            Applied?.Invoke(at, entry, outcome, _effects.Effects);
        }

        if (digest != frame.EffectsDigest)
            throw new JournalBrokenException($"Partition {partition}, frame {stored.Seq}: the effects of the replay differ from what was decided.");
    }

    /// <summary>Checks a frame older than the snapshot and puts its event ids back into the window.</summary>
    public void Remember(StoredFrame stored)
    {
        foreach (var entry in Check(stored).Entries) PartitionMachine.Remember(book, entry.Fact);
    }

    private Frame Check(StoredFrame stored)
    {
        if (FrameCodec.Crc(stored.Payload) != stored.Crc)
            throw new JournalBrokenException($"Partition {partition}, frame {stored.Seq}: CRC mismatch.");
        Frame frame;
        try
        {
            frame = FrameCodec.Read(stored.Payload);
        }
        catch (InvalidDataException broken)
        {
            throw new JournalBrokenException($"Partition {partition}, frame {stored.Seq}: {broken.Message}", broken);
        }

        if (Seq >= 0 && stored.Seq != Seq + 1) throw new JournalBrokenException($"Partition {partition}: frame {stored.Seq} follows frame {Seq}.");
        if (Seq >= 0 && !frame.PreviousHash.AsSpan().SequenceEqual(Hash))
            throw new JournalBrokenException($"Partition {partition}, frame {stored.Seq}: the chain is broken.");
        if (stored.Epoch < Epoch) throw new JournalBrokenException($"Partition {partition}, frame {stored.Seq}: the epoch falls from {Epoch} to {stored.Epoch}.");
        (Seq, Epoch) = (stored.Seq, stored.Epoch);
        Hash = FrameCodec.Hash(partition, stored.Seq, stored.Epoch, stored.Payload);
        return frame;
    }
}
