using System.Runtime.CompilerServices;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Simulation;

/// <summary>A defect that the simulation must find; none in ordinary runs.</summary>
public enum Defect
{
    None, LosesCommit, FlipsBit, LosesRow, LosesMessage,

    /// <summary>Says "committed" before it is durable; a crash in between loses it.</summary>
    SpeaksBeforeCommit,

    /// <summary>Gives a frame twice to whoever reads them back.</summary>
    ReadsTwice,

    /// <summary>The newest frames are cut off and the head is set back with them, as from an older backup.</summary>
    LosesTail,

    /// <summary>An account row claims entries that the journal does not have.</summary>
    RowFromTheFuture,

    /// <summary>The epoch is not compared: a stale owner can commit.</summary>
    ForgetsEpoch,

    /// <summary>The feeder gives a record another position when it is delivered again.</summary>
    MovesPositions,

    /// <summary>A commit whose outcome is unknown is reported as committed, and is lost.</summary>
    UnknownIsSuccess,

    /// <summary>A dead letter is missing in the transaction of its entry.</summary>
    LosesDeadLetter,
}

/// <summary>What happens to the rows of a snapshot between two processes.</summary>
public enum Spoil
{
    Lost, Stale, Corrupt, NeverEnded, Future,
}

/// <summary>What the seeded journal does with a commit.</summary>
public enum Fate
{
    Commits, CrashesBefore, CrashesAfter, UnknownLost, UnknownDurable, RollsBack, TakenOver,
}

/// <summary>Holds a commit back until it is let go.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously), _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task Entered => _entered.Task;

    internal Task WaitAsync()
    {
        _entered.TrySetResult();
        return _open.Task;
    }

    internal void Release() => _open.TrySetResult();
}

/// <summary>A journal in memory that fails by the dice: before, during and after commits. What it stored survives the engine.</summary>
internal sealed partial class SimulatedJournal(DatabaseInfo database, Dice dice, Swarm? swarm, Situations met, Defect defect) : IJournal, IJournalReader
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, PartitionHead> _heads = Enumerable.Range(Book.House, database.Partitions + 1)
        .ToDictionary(id => id, id => new PartitionHead(id, 0, 0, new byte[32], 0));
    private readonly Dictionary<int, List<StoredFrame>> _frames = Enumerable.Range(Book.House, database.Partitions + 1).ToDictionary(id => id, _ => new List<StoredFrame>());
    private readonly Dictionary<(int, string), AccountRow> _accounts = [];
    private readonly Dictionary<int, PartitionStateRow> _states = [];
    private readonly Dictionary<(int, string), AccountRow> _older = [];
    private readonly Dictionary<int, PartitionStateRow> _olderStates = [];
    private readonly Dictionary<long, JournalRow> _decisions = [];
    private readonly List<JournalRow> _rows = [];
    private readonly List<MessageRow> _messages = [];
    private readonly List<(int Partition, ClosedDocument Document)> _closed = [];
    private IReadOnlyList<FrameCommit>? _late;
    private Gate? _hold;
    private bool _spoiled;

    /// <summary>What happens to the next commits, before the dice are asked.</summary>
    internal Queue<Fate> Script { get; } = [];

    /// <summary>False while the run ends: no more faults.</summary>
    internal bool Faulty { get; set; } = true;

    /// <summary>Event ids of records whose content the database refuses.</summary>
    internal HashSet<string> Refuses { get; } = [];

    /// <summary>Commits that are durable.</summary>
    internal int Commits { get; private set; }

    /// <summary>True once another owner has bumped an epoch.</summary>
    internal bool TakenOver { get; private set; }

    internal Fate LastFate { get; private set; }

    /// <summary>Hash over all frames and what became of them.</summary>
    internal ulong Trace { get; private set; } = 1;

    public DatabaseInfo Database => database;

    public IJournalReader Reader => this;

    /// <summary>The next commit waits at a gate.</summary>
    internal Gate HoldNext() => _hold = new Gate();

    public ValueTask<PartitionHead?> OpenAsync(int partition, long? expectedEpoch, CancellationToken cancel)
    {
        lock (_gate)
        {
            // What was only promised is gone with the process that promised it.
            _late = null;
            if (partition == Book.House && defect == Defect.LosesTail && !_spoiled && _rows.Count > 20) CutTail();
            var head = _heads[partition];
            if (expectedEpoch is { } expected && expected != head.Epoch) return ValueTask.FromResult<PartitionHead?>(null);
            return ValueTask.FromResult<PartitionHead?>(_heads[partition] = head with { Epoch = head.Epoch + 1 });
        }
    }

    public async ValueTask<CommitResult> CommitAsync(IReadOnlyList<FrameCommit> frames, CancellationToken cancel)
    {
        if (_hold is { } hold)
        {
            _hold = null;
            met.Note(Situation.CommitHeldWhileMoreCame);
            await hold.WaitAsync();
        }

        lock (_gate) return Commit(frames);
    }

    private CommitResult Commit(IReadOnlyList<FrameCommit> frames)
    {
        var fate = Script.TryDequeue(out var told) ? told : Faulty && swarm is not null && dice.Below(100) < swarm.FaultPercent ? swarm.Fates[dice.Below(swarm.Fates.Count)] : Fate.Commits;
        LastFate = fate;
        foreach (var frame in frames) Trace = Hashing.XxHash64(frame.Payload.Span, unchecked(Trace * 31 + (ulong)fate));
        if (fate == Fate.TakenOver)
        {
            met.Note(Situation.TakenOver);
            TakenOver = true;
            foreach (var frame in frames) _heads[frame.Partition] = _heads[frame.Partition] with { Epoch = _heads[frame.Partition].Epoch + 1 };
        }

        var missed = frames.Where(f => _heads[f.Partition] is var h && ((h.Epoch != f.Epoch && defect != Defect.ForgetsEpoch) || h.Seq + 1 != f.Seq || !h.HeadHash.AsSpan().SequenceEqual(f.PreviousHash)))
            .Select(f => new FenceMiss(f.Partition, _heads[f.Partition].Epoch, _heads[f.Partition].Seq, _heads[f.Partition].HeadHash.AsSpan().SequenceEqual(f.PreviousHash))).ToList();
        if (missed.Count > 0) return new CommitResult(CommitStatus.Fenced, missed);
        if (Refuses.Count > 0 && frames.Any(IsRefused))
        {
            met.Note(Situation.RowRefused);
            return new CommitResult(CommitStatus.Refused, [], "A row has content that the database does not take.");
        }

        if (fate == Fate.RollsBack)
        {
            met.Note(Situation.RolledBack);
            return new CommitResult(CommitStatus.RolledBack, []);
        }

        if (fate is Fate.Commits or Fate.TakenOver or Fate.CrashesAfter or Fate.UnknownDurable) Store(frames);
        switch (fate)
        {
            case Fate.CrashesBefore or Fate.CrashesAfter:
                met.Note(fate == Fate.CrashesBefore ? Situation.CommitCrashedBefore : Situation.CommitCrashedAfter);
                throw new JournalUnavailableException("The process dies here.");
            case Fate.UnknownLost when defect == Defect.UnknownIsSuccess:
                return CommitResult.Committed;
            case Fate.UnknownLost or Fate.UnknownDurable:
                met.Note(fate == Fate.UnknownLost ? Situation.UnknownHadNotCommitted : Situation.UnknownHadCommitted);
                return new CommitResult(CommitStatus.Unknown, []);
            default:
                return CommitResult.Committed;
        }
    }

    private bool IsRefused(FrameCommit frame) =>
        FrameCodec.Read(frame.Payload).Entries.Any(e => e.Fact is not UndecodableRecord && Refuses.Contains(e.Fact.EventId) && e.Outcome != OutcomeKind.Duplicate);

    private void Store(IReadOnlyList<FrameCommit> frames)
    {
        if (defect == Defect.SpeaksBeforeCommit)
        {
            if (_late is { } late) Write(late, spoil: false);
            _late = frames;
            // The head moves at once, so that the owner notices nothing.
            foreach (var frame in frames) _heads[frame.Partition] = _heads[frame.Partition] with { Seq = frame.Seq, HeadHash = frame.Hash };
            return;
        }

        var spoil = !_spoiled && defect is Defect.LosesCommit or Defect.FlipsBit or Defect.LosesRow or Defect.LosesMessage or Defect.LosesDeadLetter && _rows.Count > 10
            && frames.Any(f => f.Rows.Count > 0 && (defect != Defect.LosesMessage || f.Messages.Count > 0) && (defect != Defect.LosesDeadLetter || f.Rows.Any(r => r.Table == RowTable.DeadLetter)));
        _spoiled |= spoil;
        if (spoil && defect == Defect.LosesCommit) return;
        Write(frames, spoil);
    }

    private void Write(IReadOnlyList<FrameCommit> frames, bool spoil)
    {
        Commits++;
        foreach (var frame in frames)
        {
            var payload = frame.Payload.ToArray();
            if (spoil && defect == Defect.FlipsBit) payload[^1] ^= 1;
            _frames[frame.Partition].Add(new StoredFrame(frame.Partition, frame.Seq, frame.Epoch, frame.Period, payload, frame.Crc));
            foreach (var row in spoil && defect == Defect.LosesRow ? frame.Rows.Skip(1) : frame.Rows)
            {
                if (spoil && defect == Defect.LosesDeadLetter && row.Table == RowTable.DeadLetter) continue;
                _rows.Add(row);
                if (row is { Table: RowTable.Decision, Key: not 0 }) _decisions.TryAdd(row.Key, row);
            }

            _messages.AddRange(spoil && defect == Defect.LosesMessage ? frame.Messages.Skip(1) : frame.Messages);
            _closed.RemoveAll(c => c.Partition == frame.Partition && c.Document.Day < frame.ForgetClosedBefore);
            _closed.AddRange(frame.Closed.Select(c => (frame.Partition, c)));
            _heads[frame.Partition] = _heads[frame.Partition] with { Seq = frame.Seq, HeadHash = frame.Hash };
        }
    }

    /// <summary>Snapshots that a dying process began or ended last; the engine itself goes on without one.</summary>
    internal int SnapshotCrashes { get; private set; }

    public ValueTask<bool> SaveSnapshotAsync(int partition, long epoch, IReadOnlyList<AccountRow> accounts, PartitionStateRow? state, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (_heads[partition].Epoch != epoch) return ValueTask.FromResult(false);
            var crash = Faulty && swarm is not null && dice.Below(100) < swarm.SnapshotCrashPercent ? 1 + dice.Below(2) : 0;
            if (crash != 0) SnapshotCrashes++;
            if (crash == 1) throw new JournalUnavailableException("The process dies before its snapshot.");
            foreach (var row in accounts)
                _accounts[(partition, row.Customer)] = defect == Defect.RowFromTheFuture ? row with { AsOfSeq = row.AsOfSeq + 1 } : row;
            if (state is not null)
            {
                if (_states.TryGetValue(partition, out var old)) _olderStates[partition] = old;
                _states[partition] = state;
                _heads[partition] = _heads[partition] with { SnapshotSeq = state.SnapshotSeq };
            }

            if (crash == 2) throw new JournalUnavailableException("The process dies behind its snapshot.");
            return ValueTask.FromResult(true);
        }
    }

    /// <summary>Killed engines live on here as processes that were paused would: the lock names none of them.</summary>
    public ValueTask<bool> OwnsAsync(CancellationToken cancel) => ValueTask.FromResult(false);

    public IAsyncEnumerable<JournalRow> RowsInOrderAsync(RowTable table, int partition, long after, CancellationToken cancel)
    {
        lock (_gate)
            return Told(_rows.Where(r => Stands(r, table) && r.Partition == partition && r.Seq > after).OrderBy(r => (r.Seq, r.Index, r.Ordinal)).ToList(), cancel);
    }

    private static bool Stands(JournalRow row, RowTable table) => row.Table == table || (table == RowTable.Outbox && row.GoesOut);

    public IAsyncEnumerable<ClosedDocument> ClosedAsync(int partition, CancellationToken cancel)
    {
        lock (_gate) return Told(_closed.Where(c => c.Partition == partition).Select(c => c.Document).OrderBy(d => d.Day).ToList(), cancel);
    }

    public ValueTask<IReadOnlyList<ClosedDocument>> FindClosedAsync(int partition, IReadOnlySet<ulong> ids, CancellationToken cancel)
    {
        lock (_gate)
            return ValueTask.FromResult<IReadOnlyList<ClosedDocument>>([.. _closed.Where(c => c.Partition == partition && ids.Contains(c.Document.IdHash)).Select(c => c.Document)]);
    }

    public ValueTask<IReadOnlyList<PartitionHead>> HeadsAsync(CancellationToken cancel)
    {
        lock (_gate) return ValueTask.FromResult<IReadOnlyList<PartitionHead>>([.. _heads.Values.OrderBy(h => h.Partition)]);
    }

    public ValueTask<PartitionStateRow?> StateAsync(int partition, CancellationToken cancel)
    {
        lock (_gate) return ValueTask.FromResult(_states.GetValueOrDefault(partition));
    }

    public IAsyncEnumerable<AccountRow> AccountsAsync(int partition, CancellationToken cancel)
    {
        lock (_gate) return Told(_accounts.Values.Where(r => r.Partition == partition).OrderBy(r => r.Slot).ToList(), cancel);
    }

    public IAsyncEnumerable<StoredFrame> FramesAsync(int partition, long after, long upTo, CancellationToken cancel)
    {
        lock (_gate)
        {
            var frames = _frames[partition].Where(f => f.Seq > after && f.Seq <= upTo).ToList();
            if (defect == Defect.ReadsTwice && frames.Count > 3) frames.Insert(2, frames[1]);
            return Told(frames, cancel);
        }
    }

    public ValueTask<IReadOnlyList<JournalRow>> RowsAsync(RowQuery query, CancellationToken cancel)
    {
        lock (_gate)
            return ValueTask.FromResult<IReadOnlyList<JournalRow>>([.. _rows.Where(r => r.Table == query.Table && (query.Customer is null || r.Customer == query.Customer)).Take(query.Limit)]);
    }

    public ValueTask<JournalRow?> DecisionByKeyAsync(long keyHash, CancellationToken cancel)
    {
        lock (_gate) return ValueTask.FromResult(_decisions.GetValueOrDefault(keyHash));
    }

    public ValueTask<long> CountRowsAsync(RowTable table, int? partition, CancellationToken cancel)
    {
        lock (_gate) return ValueTask.FromResult((long)_rows.Count(r => Stands(r, table) && (partition is null || r.Partition == partition)));
    }

    public ValueTask<IReadOnlyList<MessageRow>> MessagesAsync(int sender, int receiver, long after, int limit, CancellationToken cancel)
    {
        lock (_gate)
            return ValueTask.FromResult<IReadOnlyList<MessageRow>>([.. _messages.Where(m => m.Sender == sender && m.Receiver == receiver && m.Number > after).OrderBy(m => m.Number).Take(limit)]);
    }

    public ValueTask<string?> PartyNameAsync(string customer, CancellationToken cancel) => ValueTask.FromResult<string?>(null);

    public ValueTask<IReadOnlyDictionary<string, string>> PartyNamesAsync(IReadOnlyCollection<string> customers, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async IAsyncEnumerable<T> Told<T>(List<T> rows, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        foreach (var row in rows)
        {
            cancel.ThrowIfCancellationRequested();
            yield return row;
        }
    }
}
