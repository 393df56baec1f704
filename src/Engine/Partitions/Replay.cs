using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>Applies stored frames to a book and checks everything that a frame claims.</summary>
public sealed class Replay(Book book, int partition)
{
    private readonly EffectBuffer _effects = new();
    private readonly EffectBytes _bytes = new();

    /// <summary>Sequence of the last frame; −1 before the first.</summary>
    public long Seq { get; private set; } = -1;

    /// <summary>Hash of the last frame.</summary>
    public byte[] Hash { get; private set; } = new byte[32];

    /// <summary>Epoch of the last frame.</summary>
    public long Epoch { get; private set; }

    /// <summary>Entries applied.</summary>
    public long Entries { get; private set; }

    /// <summary>Sequence of the partition state that the book was read from; 0 for an empty book.</summary>
    public long From { get; init; }

    /// <summary>
    /// Up to this frame some accounts of the book are newer than the partition: what they did is not done again, so that
    /// outcomes and effects of these frames cannot be compared.
    /// </summary>
    public long AheadUpTo { get; init; }

    /// <summary>Told of every entry before it is applied.</summary>
    public Action<EntryPosition, Entry>? Applying { get; set; }

    /// <summary>Told of every entry after it was applied.</summary>
    public Action<EntryPosition, Entry, Outcome, IReadOnlyList<Effect>>? Applied { get; set; }

    /// <summary>Told of every account that an entry touched.</summary>
    public Action<int>? Touched { get; set; }

    /// <summary>Begins behind the head at which a book stands.</summary>
    internal void Begin(PartitionHead head) => (Seq, Hash) = (head.Seq, head.HeadHash);

    /// <summary>Begins behind a base: the next frame has to follow its frame, and to name its hash.</summary>
    internal void Begin(PartitionBase from) => (Seq, Hash, Epoch) = (from.Seq, from.HeadHash, from.Epoch);

    /// <summary>Applies one frame.</summary>
    /// <exception cref="JournalBrokenException">The frame does not fit.</exception>
    public void Apply(StoredFrame stored)
    {
        var frame = Check(stored, Read(partition, stored));
        var compares = stored.Seq > AheadUpTo;
        ulong digest = 0;
        book.GoBy(frame.MachineVersion);
        for (var index = 0; index < frame.Entries.Count; index++)
        {
            var entry = frame.Entries[index];
            var at = new EntryPosition(partition, stored.Seq, index);
            _effects.Clear();
            Applying?.Invoke(at, entry);
            var outcome = PartitionMachine.Apply(book, entry.Fact, at, _effects);
            if (compares) Compare(at, entry, outcome);
            _bytes.Clear();
            digest = _bytes.Take(_effects.Effects, digest);
            Entries++;
            if (Touched is not null)
                foreach (var slot in book.Touched) Touched(slot);
            Applied?.Invoke(at, entry, outcome, _effects.Effects);
        }

        if (compares)
        {
            if (digest != frame.EffectsDigest)
                throw new JournalBrokenException($"Partition {partition}, frame {stored.Seq}: the effects of the replay differ from what was decided.");
            return;
        }

        // Accounts that are ahead sent theirs before; the frame says how far the numbers went.
        foreach (var (receiver, number) in frame.Sent) book.Sent[receiver] = Math.Max(book.Sent.GetValueOrDefault(receiver), number);
    }

    private void Compare(EntryPosition at, Entry entry, Outcome outcome)
    {
        if (outcome.Kind != entry.Outcome || outcome.Reason != entry.Reason)
            throw new JournalBrokenException($"Entry {at}, customer '{entry.Customer}': replay says {outcome.Kind} {outcome.Reason}, the journal {entry.Outcome} {entry.Reason}.");
        if (book.Previous != entry.Back)
            throw new JournalBrokenException($"Entry {at}, customer '{entry.Customer}': the customer's entry before is {book.Previous.Seq}-{book.Previous.Index}, the journal points to {entry.Back.Seq}-{entry.Back.Index}.");
        if (book.EnteredWindow != entry.EnteredWindow)
            throw new JournalBrokenException($"Entry {at}, customer '{entry.Customer}': the window of event ids differs from what the journal says.");
    }

    /// <summary>Checks a frame older than the snapshot and puts its event ids back into the window.</summary>
    /// <param name="stored">The frame as it is stored.</param>
    /// <param name="frame">The same, read.</param>
    internal void Remember(StoredFrame stored, Frame frame)
    {
        foreach (var entry in Check(stored, frame).Entries)
            if (entry.EnteredWindow) PartitionMachine.Remember(book, entry.Fact);
    }

    /// <summary>Checks the frame at which a state with its own window stands, so that the next has to follow it.</summary>
    /// <inheritdoc cref="Remember(StoredFrame, Frame)"/>
    internal void Pass(StoredFrame stored, Frame frame) => Check(stored, frame);

    /// <summary>Reads a frame whose bytes are sound.</summary>
    /// <exception cref="JournalBrokenException">The CRC differs, or the format is unknown.</exception>
    internal static Frame Read(int partition, StoredFrame stored) => Read(partition, stored, FrameCodec.Read);

    /// <summary>What a frame whose bytes are sound says of itself.</summary>
    /// <inheritdoc cref="Read(int, StoredFrame)"/>
    internal static FrameHead ReadHead(int partition, StoredFrame stored) => Read(partition, stored, FrameCodec.ReadHead);

    private static T Read<T>(int partition, StoredFrame stored, Func<ReadOnlyMemory<byte>, T> read)
    {
        if (FrameCodec.Crc(stored.Payload) != stored.Crc)
            throw new JournalBrokenException($"Partition {partition}, frame {stored.Seq}: CRC mismatch.");
        try
        {
            return read(stored.Payload);
        }
        catch (InvalidDataException broken)
        {
            throw new JournalBrokenException($"Partition {partition}, frame {stored.Seq}: {broken.Message}", broken);
        }
    }

    private Frame Check(StoredFrame stored, Frame frame)
    {
        if (Seq >= 0 && stored.Seq != Seq + 1) throw new JournalBrokenException($"Partition {partition}: frame {stored.Seq} follows frame {Seq}.");
        if (Seq < 0 && From == 0 && stored.Seq != 1) throw new JournalBrokenException($"Partition {partition}: the first frame is {stored.Seq}.");
        if ((Seq >= 0 || From == 0) && !frame.PreviousHash.AsSpan().SequenceEqual(Hash))
            throw new JournalBrokenException($"Partition {partition}, frame {stored.Seq}: the chain is broken.");
        if (stored.Epoch < Epoch) throw new JournalBrokenException($"Partition {partition}, frame {stored.Seq}: the epoch falls from {Epoch} to {stored.Epoch}.");
        (Seq, Epoch) = (stored.Seq, stored.Epoch);
        Hash = FrameCodec.Hash(partition, stored.Seq, stored.Epoch, stored.Payload);
        return frame;
    }
}
