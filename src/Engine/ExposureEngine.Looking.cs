using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// What the other owners have committed, seen in the database a few times a second: what the house told, messages to partitions of this
/// process, heads for readers of what goes out, and that our epochs still stand.
/// </summary>
public sealed partial class ExposureEngine
{
    /// <summary>How long a copy of another owner's rows may be shown; as long as an owner may go unconfirmed.</summary>
    private static TimeSpan MirroredMax => ConfirmedMax;

    /// <summary>By id + 1: not here.</summary>
    private readonly bool[] _elsewhere;

    /// <summary>By id + 1, how far partitions elsewhere have journaled what the house told, as their owners said.</summary>
    private readonly (long Seq, int Index)[] _journaledElsewhere;

    /// <summary>By id + 1, the newest sequence whose messages were asked for.</summary>
    private readonly long[] _messagesUpTo;

    /// <summary>By id + 1, when the rows of a partition elsewhere were copied last (a timestamp); 0 for never.</summary>
    private readonly long[] _mirrored;

    private readonly Lock _journaledGate = new();

    /// <summary>Entries of the house up to this frame stand in the broadcast list, or have been taken by all.</summary>
    private long _toldUpTo;

    private Task<Looked>? _looking;
    private long _lookedAt, _placesToldAt;
    private bool _placesMoved, _looksSoon;

    private sealed record Looked(IReadOnlyList<PartitionHead> Heads, IReadOnlyList<(MessagePair Pair, IReadOnlyList<MessageRow> Rows)> Messages);

    private bool HouseIsHere => _partitions[Book.House].State is PartitionState.Open or PartitionState.Closed;

    /// <summary>Notes how far partitions of another process have journaled what the house told. Places never go back.</summary>
    public void NoteJournaled(IReadOnlyDictionary<int, (long Seq, int Index)> places)
    {
        lock (_journaledGate)
            foreach (var (partition, place) in places)
                if (place.CompareTo(_journaledElsewhere[partition + 1]) > 0) _journaledElsewhere[partition + 1] = place;
        Wake();
    }

    /// <summary>Looks at once what the others have committed, instead of with the next tick.</summary>
    public void LookSoon()
    {
        Volatile.Write(ref _looksSoon, true);
        Wake();
    }

    /// <summary>How far a partition is known to have journaled what the house told.</summary>
    private (long Seq, int Index) JournaledOf(Partition partition)
    {
        if (partition.State != PartitionState.Elsewhere) return partition.JournaledHouse;
        lock (_journaledGate) return _journaledElsewhere[partition.Id + 1];
    }

    /// <summary>The rows of a partition of this process behind a sequence, for a process that shows them, too.</summary>
    /// <exception cref="EngineUnavailableException">It does not serve here.</exception>
    public byte[] RowsBehind(int partition, long behind)
    {
        DemandServing(partition);
        if (!IsConfirmed) throw Unconfirmed();
        return MirroredRows.Write(_published[partition], behind);
    }

    /// <summary>Copies what the other owners show now; whoever reads rows of all partitions does this first.</summary>
    /// <exception cref="EngineUnavailableException">The owner of a partition does not answer.</exception>
    public async Task MirrorAsync(TimeSpan notOlderThan, CancellationToken cancel = default)
    {
        if (_others is null) return;
        await Task.WhenAll(Enumerable.Range(0, Database.Partitions)
            .Where(id => !Owns(id) && (_mirrored[id + 1] == 0 || _time.GetElapsedTime(Volatile.Read(ref _mirrored[id + 1])) > notOlderThan))
            .Select(id => MirrorAsync(id, cancel)).ToList());
    }

    private async Task MirrorAsync(int partition, CancellationToken cancel)
    {
        var asked = _time.GetTimestamp();
        var rows = await _others!.RowsAsync(partition, _published[partition].Complete, cancel);
        // Between the question and its answer the partition may have come here: its own rows are newer.
        var (touched, seq) = _published[partition].Mirror(rows, () => !Owns(partition));
        Volatile.Write(ref _mirrored[partition + 1], asked);
        if (touched.Count > 0) Live.Tell(partition, seq, touched, []);
    }

    /// <summary>Rows of a partition elsewhere are shown while they are fresh.</summary>
    private void DemandMirrored(int partition)
    {
        var at = Volatile.Read(ref _mirrored[partition + 1]);
        if (at == 0 || _time.GetElapsedTime(at) > MirroredMax) throw new PartitionElsewhereException(ElsewhereText(partition));
    }

    /// <summary>Begins a look when it is time, and takes what the last one saw.</summary>
    private async Task LookAroundAsync(CancellationToken cancel)
    {
        if (_others is null) return;
        TellAwaited();
        if (_looking is { IsCompleted: true } looked)
        {
            _looking = null;
            if (looked.IsCompletedSuccessfully) await TakeLookAsync(await looked, cancel);
            else Array.Clear(_messagesUpTo);
        }

        if (_placesMoved || _time.GetElapsedTime(_placesToldAt) > ConfirmEvery) TellPlaces();
        if (_looking is not null || (!Volatile.Read(ref _looksSoon) && _lookedAt != 0 && _time.GetElapsedTime(_lookedAt) < TickEvery)) return;
        Volatile.Write(ref _looksSoon, false);
        _lookedAt = _time.GetTimestamp();
        var pairs = PairsToAsk();
        _looking = Aside(() => LookAsync(pairs, cancel));
        WakeAfter(_looking);
    }

    private async Task<Looked> LookAsync(IReadOnlyList<MessagePair> pairs, CancellationToken cancel)
    {
        // The messages first: heads that are read later cover them.
        var messages = pairs.Count == 0 ? [] : await _journal.Reader.MessagesBehindAsync(pairs, MessagePage, cancel);
        var rows = messages.ToLookup(m => (m.Sender, m.Receiver));
        return new Looked(await _journal.Reader.HeadsAsync(cancel), [.. pairs.Select(p => (p, (IReadOnlyList<MessageRow>)[.. rows[(p.Sender, p.Receiver)]]))]);
    }

    /// <summary>Pairs of a sender elsewhere that has committed since it was asked for, and a receiver here.</summary>
    private List<MessagePair> PairsToAsk()
    {
        var pairs = new List<MessagePair>();
        if (_coming.Count > 0) return pairs;
        foreach (var sender in _partitions.Values)
        {
            if (sender.State != PartitionState.Elsewhere || Bell.Head(sender.Id) <= _messagesUpTo[sender.Id + 1]) continue;
            _messagesUpTo[sender.Id + 1] = Bell.Head(sender.Id);
            foreach (var receiver in _partitions.Values)
                if (receiver.State == PartitionState.Open && receiver != sender) pairs.Add(new MessagePair(sender.Id, receiver.Id, receiver.Book.TakenFrom(sender.Id)));
        }

        return pairs;
    }

    private async Task TakeLookAsync(Looked looked, CancellationToken cancel)
    {
        foreach (var (pair, rows) in looked.Messages) TakeLooked(pair, rows);
        foreach (var head in looked.Heads)
        {
            var partition = _partitions[head.Partition];
            if (partition.State == PartitionState.Elsewhere) Bell.Ring(head.Partition, head.Seq);
            if (partition.State != PartitionState.Open || head.Epoch <= partition.Epoch) continue;
            // A commit on its way will miss its fence, and say so itself.
            if (_committing is not null) return;
            try
            {
                if (partition.Filled == 0) await ReopenAsync(partition, null, cancel);
            }
            catch (JournalUnavailableException away)
            {
                await OutageAsync(away.Message, cancel);
                return;
            }
        }

        Confirmed(_lookedAt);
        var house = looked.Heads.First(h => h.Partition == Book.House);
        if (HouseIsHere || house.Seq <= _toldUpTo) return;
        try
        {
            await FollowHouseAsync(house.Seq, cancel);
        }
        catch (JournalUnavailableException)
        {
            // The next look reads it.
        }
    }

    /// <summary>Messages are taken when they still follow what the receiver has taken; a receiver that was read back asks again.</summary>
    private void TakeLooked(MessagePair pair, IReadOnlyList<MessageRow> rows)
    {
        var receiver = _partitions[pair.Receiver];
        if (rows.Count == 0 || receiver.State != PartitionState.Open) return;
        if (receiver.Book.TakenFrom(pair.Sender) != pair.After)
        {
            _messagesUpTo[pair.Sender + 1] = 0;
            return;
        }

        if (rows[0].Number != pair.After + 1)
        {
            Close(receiver, $"it took message {pair.After} of partition {pair.Sender}; the next one is {rows[0].Number}");
            return;
        }

        foreach (var row in rows) _inbox.Enqueue(row);
        // A full page: there may be more.
        if (rows.Count == MessagePage) _messagesUpTo[pair.Sender + 1] = 0;
    }

    /// <summary>Adds what the house has told up to a frame to the list that partitions of this process take from.</summary>
    private async Task FollowHouseAsync(long upTo, CancellationToken cancel)
    {
        if (upTo <= _toldUpTo) return;
        var (from, told) = (_toldUpTo, new List<HouseEntry>());
        await foreach (var entry in HouseEntriesAsync(from, upTo, cancel)) told.Add(entry);
        _broadcast.AddRange(told);
        _toldUpTo = upTo;
    }

    private async IAsyncEnumerable<HouseEntry> HouseEntriesAsync(long after, long upTo, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var stored in _journal.Reader.FramesAsync(Book.House, after, upTo, cancel))
        {
            var entries = Replay.Read(Book.House, stored).Entries;
            for (var index = 0; index < entries.Count; index++)
                if (entries[index] is { Fact: IHouseBroadcast, Outcome: OutcomeKind.Applied }) yield return new HouseEntry(new EntryPosition(Book.House, stored.Seq, index), entries[index].Fact);
        }
    }

    /// <summary>The newest frame of the house that is committed: known where it is owned, read elsewhere.</summary>
    private async Task<long> HouseSeqAsync(CancellationToken cancel) => HouseIsHere || _others is null
        ? _partitions[Book.House].DurableSeq
        : (await _journal.Reader.HeadsAsync(cancel)).First(h => h.Partition == Book.House).Seq;

    private void TellPlaces()
    {
        (_placesMoved, _placesToldAt) = (false, _time.GetTimestamp());
        if (_others is null || HouseIsHere) return;
        var places = _partitions.Values.Where(p => p is { State: PartitionState.Open, Id: not Book.House }).ToDictionary(p => p.Id, p => p.JournaledHouse);
        if (places.Count > 0) _others.Journaled(places);
    }
}
