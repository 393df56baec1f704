using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>What a partition may do now.</summary>
internal enum PartitionState
{
    /// <summary>Not recovered, or dropped: it takes nothing in.</summary>
    Away,

    /// <summary>Its book stands.</summary>
    Open,

    /// <summary>Its journal does not prove what it must, or another process has it: closed until somebody looks.</summary>
    Closed,

    /// <summary>Not of this process: of another one, or of none yet.</summary>
    Elsewhere,
}

/// <summary>
/// One partition in memory: its book, the frame that is being filled, and what the journal knows of it. The book runs
/// ahead of the disk by the frame that is being filled and the one that is on its way. Touched by the engine's loop only.
/// </summary>
internal sealed class Partition(int id, DatabaseInfo database)
{
    /// <summary>Rows of a list that is kept for the next frame.</summary>
    private const int FiguresKept = 4_096;

    private readonly ByteBuffer _entries = new();
    private readonly ByteBuffer _scratch = new();
    private readonly EffectBuffer _effects = new();
    private readonly EffectBytes _bodies = new();
    private readonly List<JournalRow> _rows = [];
    private readonly List<MessageRow> _messages = [];
    private readonly List<(string, string)> _parties = [];
    private readonly List<ClosedDocument> _closed = [];
    private readonly SortedDictionary<string, long> _moved = new(StringComparer.Ordinal);
    private readonly HashSet<int> _touched = [];
    private readonly Stack<List<AccountFigures>> _figures = [];
    private readonly Dictionary<ulong, (uint Content, long Seq)> _closing = [];
    private List<HouseEntry> _told = [];
    private List<CheckDecided> _late = [];
    private (string? Stream, long Offset) _movedTo;
    private ulong _digest;
    private Instant _newest;
    private int _forgetBefore;

    /// <summary>Checks that waited and were decided just now: look-ups of their keys that found nothing no longer hold.</summary>
    internal LateKeys LateKeys { get; } = new();

    internal int Id { get; } = id;

    internal PartitionState State { get; set; } = PartitionState.Away;

    /// <summary>Why it is closed; "" while it is not.</summary>
    internal string Why { get; private set; } = "";

    internal Book Book { get; private set; } = NewBook(id, database);

    /// <summary>Ids of closed documents: filled at open, and with each document that leaves.</summary>
    internal ClosedFilter Closed { get; private set; } = new();

    internal long Epoch { get; set; }

    /// <summary>Sequence of the newest sealed frame.</summary>
    internal long Seq { get; private set; }

    internal byte[] HeadHash { get; private set; } = new byte[32];

    /// <summary>Sequence of the newest frame that is known to be committed.</summary>
    internal long DurableSeq { get; private set; }

    internal byte[] DurableHash { get; private set; } = new byte[32];

    /// <summary>Place in the house's journal up to which this partition has committed the house's entries.</summary>
    internal (long Seq, int Index) JournaledHouse { get; private set; }

    /// <summary>What it applies of the present slice, in this order, while others are applied beside it.</summary>
    internal List<(Work Work, int Index)> Turn { get; } = [];

    /// <summary>The invariant that a fact of its turn broke; it is closed when the slice is done.</summary>
    internal string? Broke { get; set; }

    internal Foresight Foresight { get; } = new();

    /// <summary>Entries in the frame that is being filled.</summary>
    internal int Filled { get; private set; }

    /// <summary>Bytes in the frame that is being filled.</summary>
    internal int FilledBytes => _entries.Length;

    /// <summary>True while the book holds what the journal does not.</summary>
    internal bool IsAhead => Filled > 0 || Seq != DurableSeq;

    /// <summary>When each account changed last, and whose row is to be written.</summary>
    internal AccountChanges Changes { get; private set; } = new();

    internal long EntriesSinceSnapshot { get; set; }

    /// <summary>When its last snapshot began, or the partition came, as a timestamp; <c>null</c> when much had to be done again for it to come.</summary>
    internal long? SnapshotAt { get; set; }

    /// <summary>Bytes of the largest account of the last snapshot.</summary>
    internal int LargestAccount { get; set; }

    internal static Book NewBook(int id, DatabaseInfo database) =>
        new(id, Currency.Parse(database.BaseCurrency), database.ClockMode == "events", database.Partitions);

    /// <summary>Takes the book that recovery has built; everything in memory until now is forgotten.</summary>
    internal void Restore(Recovered recovered, PartitionHead head)
    {
        (Book, Closed, Epoch) = (recovered.Book, recovered.Closed, head.Epoch);
        (Seq, HeadHash, DurableSeq, DurableHash) = (head.Seq, head.HeadHash, head.Seq, head.HeadHash);
        JournaledHouse = (Book.HouseSeq, Book.HouseIndex);
        (Changes, EntriesSinceSnapshot) = (recovered.Changes, recovered.EntriesSinceSnapshot);
        _closing.Clear();
        Discard();
        (State, Why) = (PartitionState.Open, "");
    }

    internal void Close(string why)
    {
        Discard();
        (State, Why, Broke) = (PartitionState.Closed, why, null);
    }

    /// <summary>What is known of a closed document before its commit.</summary>
    internal bool IsClosing(ulong idHash, out uint content)
    {
        var found = _closing.TryGetValue(idHash, out var known);
        content = known.Content;
        return found;
    }

    /// <summary>Applies a fact and adds its entry to the frame.</summary>
    /// <param name="fact">Stamped.</param>
    /// <param name="keepsDecision">Somebody wants to see the decision about an order that arrived; else it is only counted.</param>
    internal Answer Apply(Fact fact, bool keepsDecision)
    {
        var at = new EntryPosition(Id, Seq + 1, Filled);
        _effects.Clear();
        var outcome = PartitionMachine.Apply(Book, fact, at, _effects);
        var (content, bytes) = Book.EntryContent is { } known ? (known, Book.EntryBytes) : (fact.ContentHash(_scratch), _scratch);
        var slot = Book.EntrySlot >= 0 || fact.Customer.Length == 0 ? Book.EntrySlot : Book.FindSlot(fact.Customer);
        FrameCodec.WriteEntry(_entries, slot, fact, content, bytes.Written, Book.Previous, outcome, Book.EnteredWindow);
        if (fact.Position.IsKnown) Move(fact.Position.Stream!, fact.Position.Offset);
        if (fact.Arrival > _newest) _newest = fact.Arrival;
        if (outcome.Kind == OutcomeKind.Applied) NoteFor(fact, at);
        _digest = _bodies.Take(_effects.Effects, _digest);
        Rows.Add(_rows, _parties, at, fact, outcome, _effects.Effects, _bodies, Book);
        // By number: an enumerator of an interface is an object, and this runs for every event.
        var effects = _effects.Effects;
        for (var i = 0; i < effects.Count; i++)
        {
            if (effects[i] is MessageSent sent) _messages.Add(Messages.RowOf(Id, sent, fact));
            if (effects[i] is DocumentClosed closed) Note(closed);
            if (effects[i] is not CheckDecided { Asked.Length: > 0 } late) continue;
            _late.Add(late);
            LateKeys.Note(late, fact.Arrival);
        }

        var (touched, shown) = (Book.Touched, Book.Shown);
        for (var i = 0; i < touched.Count; i++)
        {
            _touched.Add(touched[i]);
            Changes.Note(touched[i], at.Seq);
        }

        for (var i = 0; i < shown.Count; i++) _touched.Add(shown[i]);
        Filled++;
        EntriesSinceSnapshot++;
        // What is kept here lives until its group is committed, and is moved by every collection until then.
        return effects.Count == 0 ? new Answer(outcome, at, [])
            : !keepsDecision && effects is [CheckDecided decided] ? new Answer(outcome, at, []) { Decided = decided.Decision }
            : new Answer(outcome, at, [.. effects]);
    }

    /// <summary>Records of one stream come many at a time: only the last of them is entered.</summary>
    private void Move(string stream, long offset)
    {
        if (_movedTo.Stream is { } last && last != stream) _moved[last] = _movedTo.Offset;
        _movedTo = (stream, offset);
    }

    private void NoteFor(Fact fact, EntryPosition at)
    {
        // The days of a told history pass as fast as it is read, and its files come again, grown or read otherwise: nothing is forgotten.
        if (fact is DayStarted day && !Book.EventClock) _forgetBefore = day.Day - ClosedDocument.KeepDays;
        if (Id == Book.House && fact is IHouseBroadcast) _told.Add(new HouseEntry(at, fact));
    }

    private void Note(DocumentClosed closed)
    {
        _closed.Add(new ClosedDocument(closed.IdHash, closed.Content32, closed.Day));
        _closing[closed.IdHash] = (closed.Content32, Seq + 1);
        Closed.Add(closed.IdHash);
    }

    /// <summary>
    /// Seals the frame and copies the rows of the accounts that it touched: from here on the book goes on with the next
    /// frame, and what may be shown after the commit is what stood here.
    /// </summary>
    internal SealedFrame Seal()
    {
        if (_movedTo.Stream is { } stream) _moved[stream] = _movedTo.Offset;
        _scratch.Clear();
        FrameCodec.WriteHeader(_scratch, HeadHash, _moved, _messages, _digest, Filled, Book.Rules);
        _scratch.Raw(_entries.Written);
        var payload = _scratch.Written.ToArray();
        var date = _newest.UtcDate;
        var commit = new FrameCommit
        {
            Partition = Id, Epoch = Epoch, Seq = Seq + 1, PreviousHash = HeadHash,
            Hash = FrameCodec.Hash(Id, Seq + 1, Epoch, payload), Period = date.Year * 100 + date.Month,
            Payload = payload, Crc = FrameCodec.Crc(payload), Rows = [.. _rows], Messages = [.. _messages], Parties = [.. _parties],
            Closed = [.. _closed], ForgetClosedBefore = _forgetBefore,
        };
        var frame = new SealedFrame(this, commit, FiguresOf(_touched, Seq + 1), (Book.HouseSeq, Book.HouseIndex), _told, _late);
        (Seq, HeadHash) = (commit.Seq, commit.Hash);
        if (_told.Count > 0) _told = [];
        if (_late.Count > 0) _late = [];
        Discard();
        return frame;
    }

    /// <summary>The same frame under the epoch that holds now; its content is byte for byte what it was.</summary>
    internal void SealAgain(SealedFrame frame)
    {
        var commit = frame.Commit;
        frame.Commit = commit with { Epoch = Epoch, Hash = FrameCodec.Hash(Id, commit.Seq, Epoch, commit.Payload.Span) };
        HeadHash = frame.Commit.Hash;
    }

    /// <summary>The figures of some accounts as they stand, in a list that comes back when the frame is settled.</summary>
    private List<AccountFigures> FiguresOf(HashSet<int> slots, long asOf)
    {
        if (!_figures.TryPop(out var rows)) rows = [];
        if (Id == Book.House) return rows;
        foreach (var slot in slots)
        {
            var figures = Book.Figures(slot);
            figures.AsOf = asOf;
            rows.Add(figures);
        }

        return rows;
    }

    /// <summary>The rows of a settled frame are shown; a later frame uses the list again, unless it grew out of all measure.</summary>
    internal void GiveBack(List<AccountFigures> rows)
    {
        rows.Clear();
        if (rows.Capacity <= FiguresKept) _figures.Push(rows);
    }

    /// <summary>The frame is durable.</summary>
    internal void Committed(SealedFrame frame)
    {
        (DurableSeq, DurableHash, JournaledHouse) = (frame.Commit.Seq, frame.Commit.Hash, frame.House);
        foreach (var closed in frame.Commit.Closed)
            if (_closing.TryGetValue(closed.IdHash, out var known) && known.Seq <= frame.Commit.Seq) _closing.Remove(closed.IdHash);
    }

    private void Discard()
    {
        _entries.Clear();
        _bodies.Drop();
        _rows.Clear();
        _messages.Clear();
        _parties.Clear();
        _closed.Clear();
        _moved.Clear();
        _movedTo = default;
        _touched.Clear();
        _told.Clear();
        _late.Clear();
        (_digest, Filled, _forgetBefore) = (0, 0, 0);
    }
}

/// <summary>An entry of the house that every partition takes over.</summary>
internal sealed record HouseEntry(EntryPosition At, Fact Fact);

/// <summary>A sealed frame with what may be said of it after its commit.</summary>
/// <param name="Partition">Its partition.</param>
/// <param name="commit">What goes to the journal.</param>
/// <param name="Rows">The accounts that it touched, as they stood when it was sealed.</param>
/// <param name="House">Place in the house's journal up to which the partition had come.</param>
/// <param name="Told">Entries for the other partitions; only the house has some.</param>
/// <param name="Late">Answers to checks that waited for headroom of their group.</param>
internal sealed class SealedFrame(Partition partition, FrameCommit commit, List<AccountFigures> rows, (long Seq, int Index) house, List<HouseEntry> told, List<CheckDecided> late)
{
    internal Partition Partition => partition;

    internal FrameCommit Commit { get; set; } = commit;

    internal List<AccountFigures> Rows => rows;

    internal (long Seq, int Index) House => house;

    internal List<HouseEntry> Told => told;

    internal List<CheckDecided> Late => late;
}
