using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// I1 for what the house tells all: a partition journals every broadcast entry of the house up to its place there, each
/// once, in the house's order and with the house's content; none is missing. The house's frames are read along.
/// </summary>
internal sealed class HouseProof(IJournalReader reader, int partition) : IAsyncDisposable
{
    private readonly List<(EntryPosition At, (long Seq, int Index) Place, ulong Content)> _taken = [];
    private readonly Queue<((long Seq, int Index) Place, ulong Content)> _told = new();
    private readonly ByteBuffer _scratch = new();
    private IAsyncEnumerator<StoredFrame>? _frames;
    private (long Seq, int Index) _behind;
    private long _from, _read;

    /// <summary>Goes on from a base: the partition is at a place of the house, whose frames are kept behind another.</summary>
    /// <param name="place">What the house told up to here was taken.</param>
    /// <param name="from">The house's own base.</param>
    /// <param name="told">What it told up to its base and behind the place.</param>
    internal void Begin((long Seq, int Index) place, long from, IEnumerable<((long Seq, int Index) Place, ulong Content)> told)
    {
        (_behind, _from) = (place, from);
        foreach (var entry in told) _told.Enqueue(entry);
    }

    /// <summary>What the house told up to one of its frames and the partition has not taken; ends the proof.</summary>
    internal async ValueTask<List<((long Seq, int Index) Place, ulong Content)>> RestAsync(long upTo, CancellationToken cancel)
    {
        var rest = new List<((long Seq, int Index) Place, ulong Content)>();
        while (partition != Book.House && await NextAsync(upTo, cancel) is { } next && next.Place.Seq <= upTo) rest.Add(next);
        return rest;
    }

    internal void Entry(EntryPosition at, Fact fact)
    {
        if (partition == Book.House || fact is not IHouseBroadcast { HouseSeq: > 0 } told) return;
        var place = (told.HouseSeq, told.HouseIndex);
        // The house itself does not know the place where its entry will stand.
        (told.HouseSeq, told.HouseIndex) = (0, 0);
        _taken.Add((at, place, fact.ContentHash(_scratch)));
        (told.HouseSeq, told.HouseIndex) = place;
    }

    /// <summary>Compares what the frame took with what comes next in the house's journal.</summary>
    internal async ValueTask<string?> EndFrameAsync(CancellationToken cancel)
    {
        foreach (var (at, place, content) in _taken)
        {
            if (await NextAsync(long.MaxValue, cancel) is not { } next) return $"Entry {at}: the house has no entry {place.Seq}-{place.Index} that it told to all.";
            if (next.Place != place) return $"Entry {at}: takes {place.Seq}-{place.Index} of the house where {next.Place.Seq}-{next.Place.Index} was due.";
            if (next.Content != content) return $"Entry {at}: says other than {place.Seq}-{place.Index} of the house.";
        }

        _taken.Clear();
        return null;
    }

    private async ValueTask<((long Seq, int Index) Place, ulong Content)?> NextAsync(long upTo, CancellationToken cancel)
    {
        _frames ??= reader.FramesAsync(Book.House, _from, long.MaxValue, cancel).GetAsyncEnumerator(cancel);
        while (_told.Count == 0)
        {
            if (_read >= upTo || !await _frames.MoveNextAsync()) return null;
            _read = _frames.Current.Seq;
            var entries = Replay.Read(Book.House, _frames.Current).Entries;
            for (var index = 0; index < entries.Count; index++)
                if (entries[index] is { Fact: IHouseBroadcast, Outcome: OutcomeKind.Applied } && (_read, index).CompareTo(_behind) > 0) _told.Enqueue(((_frames.Current.Seq, index), entries[index].Fact.ContentHash(_scratch)));
        }

        return _told.Dequeue();
    }

    public async ValueTask DisposeAsync()
    {
        if (_frames is not null) await _frames.DisposeAsync();
    }
}
