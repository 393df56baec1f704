using System.Globalization;
using System.Security.Cryptography;

namespace ExposureMonitor.Engine;

/// <summary>
/// What all places together say. An anchor counts when one place has it; two that differ under one number, or a number that
/// no place has, mean that somebody wrote there.
/// </summary>
public sealed class AnchorHistory
{
    private readonly Dictionary<int, List<(AnchoredHead Head, Anchor Anchor)>> _heads = [];
    private readonly Dictionary<long, (AnchoredBase Base, Anchor Anchor)> _bases = [];
    private readonly List<string> _notes = [];

    private AnchorHistory()
    {
    }

    /// <summary>Anchors that were read.</summary>
    public long Count { get; private set; }

    /// <summary>Times that a database behind its anchors was accepted.</summary>
    public int Restored { get; private set; }

    /// <summary>The newest one; <c>null</c> when there is none.</summary>
    public Anchor? Newest { get; private set; }

    /// <summary>What a person should read and that breaks nothing: lines that one of the places lacks.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>What <see cref="Anchor.Previous"/> of the next anchor has to be.</summary>
    internal byte[] NewestHash { get; private set; } = new byte[32];

    /// <summary>Reads the anchors of some directories and proves that they are one signed chain.</summary>
    /// <param name="publicKey">Checks signatures; without it only the chain is proved.</param>
    /// <exception cref="InvalidDataException">They are none, with the file, the line and the cause.</exception>
    public static AnchorHistory Read(IReadOnlyList<string> directories, string environment, ECDsa? publicKey)
    {
        var history = new AnchorHistory();
        var lines = new SortedDictionary<long, StoredAnchor>();
        foreach (var place in directories.Select(d => new AnchorPlace(d)))
        {
            var (first, last, count) = (0L, 0L, 0L);
            foreach (var stored in place.Read(publicKey))
            {
                if (!lines.TryAdd(stored.Anchor.Number, stored) && lines[stored.Anchor.Number].Line != stored.Line)
                    throw new InvalidDataException($"{stored.Where}: anchor {stored.Anchor.Number} is another one than in {lines[stored.Anchor.Number].Where}.");
                if (stored.Anchor.Number <= last) throw new InvalidDataException($"{stored.Where}: anchor {stored.Anchor.Number} follows {last}.");
                if (count++ == 0) first = stored.Anchor.Number;
                last = stored.Anchor.Number;
            }

            if (count == 0) history._notes.Add($"{place.Directory} has no anchors.");
            else if (last - first + 1 > count)
                history._notes.Add(string.Create(CultureInfo.InvariantCulture, $"{place.Directory} lacks {last - first + 1 - count} of the anchors {first} to {last}."));
        }

        foreach (var stored in lines.Values) history.Take(stored, environment);
        return history;
    }

    /// <summary>The newest file of one place: enough to go on from, since each file begins with the heads of all partitions.</summary>
    internal static AnchorHistory ReadNewest(AnchorPlace place, string environment, ECDsa? publicKey)
    {
        var history = new AnchorHistory();
        foreach (var stored in place.Read(publicKey, newestFileOnly: true)) history.Take(stored, environment);
        return history;
    }

    /// <summary>What was anchored of a partition since the last restore: the newest head of each day, in sequence.</summary>
    internal IEnumerable<(AnchoredHead Head, Anchor Anchor)> HeadsOf(int partition) =>
        _heads.TryGetValue(partition, out var heads) ? heads : [];

    internal IEnumerable<int> Partitions => _heads.Keys;

    /// <summary>The first anchor of a base since the last restore, or <c>null</c>.</summary>
    internal (AnchoredBase Base, Anchor Anchor)? BaseOf(long number) => _bases.TryGetValue(number, out var known) ? known : null;

    private void Take(StoredAnchor stored, string environment)
    {
        var anchor = stored.Anchor;
        if (anchor.Environment != environment)
            throw new InvalidDataException($"{stored.Where}: it is an anchor of environment {anchor.Environment}, the database is {environment}.");
        if (Newest is { } before)
        {
            if (anchor.Number != before.Number + 1) throw new InvalidDataException($"{stored.Where}: anchor {anchor.Number} follows {before.Number}; those between are nowhere.");
            if (!anchor.Previous.AsSpan().SequenceEqual(NewestHash)) throw new InvalidDataException($"{stored.Where}: anchor {anchor.Number} was made behind another anchor {before.Number} than the one that is there.");
        }

        if (anchor.Reason == AnchorReason.Restored)
        {
            _heads.Clear();
            _bases.Clear();
            Restored++;
        }

        if (anchor.Base is { } told && !_bases.TryAdd(told.Number, (told, anchor)) && !_bases[told.Number].Base.Digest.AsSpan().SequenceEqual(told.Digest))
            throw new InvalidDataException($"{stored.Where}: base {told.Number} is another one than anchor {_bases[told.Number].Anchor.Number} holds.");

        foreach (var head in anchor.Heads)
        {
            if (!_heads.TryGetValue(head.Partition, out var known)) _heads[head.Partition] = known = [];
            if (known.Count > 0 && known[^1].Head.Seq > head.Seq)
                throw new InvalidDataException($"{stored.Where}: partition {head.Partition} goes back from {known[^1].Head.Seq} to {head.Seq}.");

            // The newest of each day is enough: a frame holds the hash of the one before.
            if (known.Count > 0 && known[^1].Anchor.At.UtcDateTime.Date == anchor.At.UtcDateTime.Date) known.RemoveAt(known.Count - 1);
            known.Add((head, anchor));
        }

        (Newest, NewestHash) = (anchor, Anchor.HashOf(stored.Line));
        Count++;
    }
}
