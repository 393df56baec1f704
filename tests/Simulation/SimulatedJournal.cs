using System.Runtime.CompilerServices;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Simulation;

/// <summary>A defect that the simulation must find; none in ordinary runs.</summary>
public enum Defect
{
    None, LosesCommit, FlipsBit, LosesRow, LosesMessage,
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

/// <summary>A journal in memory that fails by the dice: before, during and after commits. What it stored survives the engine.</summary>
internal sealed class SimulatedJournal(DatabaseInfo database, Dice dice, int faultPercent, Defect defect) : IJournal, IJournalReader
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, PartitionHead> _heads = Enumerable.Range(Book.House, database.Partitions + 1)
        .ToDictionary(id => id, id => new PartitionHead(id, 0, 0, new byte[32], 0));
    private readonly Dictionary<int, List<StoredFrame>> _frames = Enumerable.Range(Book.House, database.Partitions + 1).ToDictionary(id => id, _ => new List<StoredFrame>());
    private readonly Dictionary<(int, string), AccountRow> _accounts = [];
    private readonly Dictionary<int, PartitionStateRow> _states = [];
    private readonly Dictionary<(int, string), AccountRow> _older = [];
    private readonly Dictionary<int, PartitionStateRow> _olderStates = [];
    private readonly List<JournalRow> _rows = [];
    private readonly List<MessageRow> _messages = [];
    private readonly List<(int Partition, ClosedDocument Document)> _closed = [];
    private bool _spoiled;

    /// <summary>Faults so far, by kind.</summary>
    internal Dictionary<Fate, int> Fates { get; } = [];

    /// <summary>What happens to the next commits, before the dice are asked.</summary>
    internal Queue<Fate> Script { get; } = [];

    /// <summary>False while the run ends: no more faults.</summary>
    internal bool Faulty { get; set; } = true;

    public DatabaseInfo Database => database;

    public IJournalReader Reader => this;

    public ValueTask<PartitionHead?> OpenAsync(int partition, long? expectedEpoch, CancellationToken cancel)
    {
        lock (_gate)
        {
            var head = _heads[partition];
            if (expectedEpoch is { } expected && expected != head.Epoch) return ValueTask.FromResult<PartitionHead?>(null);
            return ValueTask.FromResult<PartitionHead?>(_heads[partition] = head with { Epoch = head.Epoch + 1 });
        }
    }

    public ValueTask<CommitResult> CommitAsync(IReadOnlyList<FrameCommit> frames, CancellationToken cancel)
    {
        lock (_gate)
        {
            var fate = Script.TryDequeue(out var told) ? told : Faulty && dice.Below(100) < faultPercent ? (Fate)(1 + dice.Below(6)) : Fate.Commits;
            Fates[fate] = Fates.GetValueOrDefault(fate) + 1;
            if (fate == Fate.TakenOver)
                foreach (var frame in frames) _heads[frame.Partition] = _heads[frame.Partition] with { Epoch = _heads[frame.Partition].Epoch + 1 };
            var missed = frames.Where(f => _heads[f.Partition] is var h && (h.Epoch != f.Epoch || h.Seq + 1 != f.Seq || !h.HeadHash.AsSpan().SequenceEqual(f.PreviousHash)))
                .Select(f => new FenceMiss(f.Partition, _heads[f.Partition].Epoch, _heads[f.Partition].Seq, true)).ToList();
            if (missed.Count > 0) return ValueTask.FromResult(new CommitResult(CommitStatus.Fenced, missed));
            if (fate == Fate.RollsBack) return ValueTask.FromResult(new CommitResult(CommitStatus.RolledBack, []));
            if (fate is Fate.Commits or Fate.CrashesAfter or Fate.UnknownDurable) Store(frames);
            return fate switch
            {
                Fate.CrashesBefore or Fate.CrashesAfter => throw new JournalUnavailableException("The process dies here."),
                Fate.UnknownLost or Fate.UnknownDurable => ValueTask.FromResult(new CommitResult(CommitStatus.Unknown, [])),
                _ => ValueTask.FromResult(CommitResult.Committed),
            };
        }
    }

    private void Store(IReadOnlyList<FrameCommit> frames)
    {
        var spoil = !_spoiled && defect != Defect.None && _rows.Count > 10 && frames.Any(f => f.Rows.Count > 0 && (defect != Defect.LosesMessage || f.Messages.Count > 0));
        _spoiled |= spoil;
        if (spoil && defect == Defect.LosesCommit) return;
        foreach (var frame in frames)
        {
            var payload = frame.Payload.ToArray();
            if (spoil && defect == Defect.FlipsBit) payload[^1] ^= 1;
            _frames[frame.Partition].Add(new StoredFrame(frame.Partition, frame.Seq, frame.Epoch, frame.Period, payload, frame.Crc));
            _rows.AddRange(spoil && defect == Defect.LosesRow ? frame.Rows.Skip(1) : frame.Rows);
            _messages.AddRange(spoil && defect == Defect.LosesMessage ? frame.Messages.Skip(1) : frame.Messages);
            _closed.RemoveAll(c => c.Partition == frame.Partition && c.Document.Day < frame.ForgetClosedBefore);
            _closed.AddRange(frame.Closed.Select(c => (frame.Partition, c)));
            _heads[frame.Partition] = _heads[frame.Partition] with { Seq = frame.Seq, HeadHash = frame.Hash };
        }
    }

    public ValueTask<bool> SaveSnapshotAsync(int partition, long epoch, IReadOnlyList<AccountRow> accounts, PartitionStateRow? state, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (_heads[partition].Epoch != epoch) return ValueTask.FromResult(false);
            foreach (var row in accounts) _accounts[(partition, row.Customer)] = row;
            if (state is not null)
            {
                if (_states.TryGetValue(partition, out var old)) _olderStates[partition] = old;
                _states[partition] = state;
                _heads[partition] = _heads[partition] with { SnapshotSeq = state.SnapshotSeq };
            }

            return ValueTask.FromResult(true);
        }
    }

    public ValueTask<bool> OwnsAsync(CancellationToken cancel) => ValueTask.FromResult(true);

    public IAsyncEnumerable<JournalRow> RowsInOrderAsync(RowTable table, int partition, long after, CancellationToken cancel)
    {
        lock (_gate)
            return Told(_rows.Where(r => r.Table == table && r.Partition == partition && r.Seq > after).OrderBy(r => (r.Seq, r.Index, r.Ordinal)).ToList(), cancel);
    }

    public IAsyncEnumerable<ClosedDocument> ClosedAsync(int partition, CancellationToken cancel)
    {
        lock (_gate) return Told(_closed.Where(c => c.Partition == partition).Select(c => c.Document).OrderBy(d => d.Day).ToList(), cancel);
    }

    public ValueTask<IReadOnlyList<ClosedDocument>> FindClosedAsync(int partition, IReadOnlySet<ulong> ids, CancellationToken cancel)
    {
        lock (_gate)
            return ValueTask.FromResult<IReadOnlyList<ClosedDocument>>([.. _closed.Where(c => c.Partition == partition && ids.Contains(c.Document.IdHash)).Select(c => c.Document)]);
    }

    /// <summary>Remembers the rows as they stand, for a later <see cref="Spoil"/> to bring them back.</summary>
    internal void KeepOldRows()
    {
        lock (_gate)
            foreach (var (key, row) in _accounts) _older.TryAdd(key, row);
    }

    /// <summary>Spoils one account row; false when there is none that it could spoil.</summary>
    internal bool Spoil(Spoil how, Dice dice)
    {
        lock (_gate)
        {
            var keys = _accounts.Where(a => how != Simulation.Spoil.Stale || (_older.TryGetValue(a.Key, out var old) && old.AsOfSeq < a.Value.AsOfSeq))
                .Select(a => a.Key).Order().ToList();
            if (keys.Count == 0) return false;
            var key = keys[dice.Below(keys.Count)];
            var row = _accounts[key];
            switch (how)
            {
                case Simulation.Spoil.Lost:
                    _accounts.Remove(key);
                    return true;
                case Simulation.Spoil.Stale:
                    _accounts[key] = _older[key];
                    return true;
                case Simulation.Spoil.Corrupt:
                    var bytes = row.State.ToArray();
                    bytes[dice.Below(bytes.Length)] ^= (byte)(1 << dice.Below(8));
                    _accounts[key] = row with { State = bytes };
                    return true;
                case Simulation.Spoil.NeverEnded:
                    // The newest rows stand there, the state that belongs to them was never written.
                    _states[row.Partition] = _olderStates[row.Partition];
                    _heads[row.Partition] = _heads[row.Partition] with { SnapshotSeq = _olderStates[row.Partition].SnapshotSeq };
                    return true;
                default:
                    _accounts[key] = row with { AsOfSeq = _heads[row.Partition].Seq + 1 };
                    return true;
            }
        }
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
        lock (_gate) return Told(_frames[partition].Where(f => f.Seq > after && f.Seq <= upTo).ToList(), cancel);
    }

    public ValueTask<IReadOnlyList<JournalRow>> RowsAsync(RowQuery query, CancellationToken cancel)
    {
        lock (_gate)
            return ValueTask.FromResult<IReadOnlyList<JournalRow>>([.. _rows.Where(r => r.Table == query.Table && (query.Customer is null || r.Customer == query.Customer)).Take(query.Limit)]);
    }

    public ValueTask<JournalRow?> DecisionByKeyAsync(long keyHash, CancellationToken cancel)
    {
        lock (_gate) return ValueTask.FromResult(_rows.Find(r => r.Table == RowTable.Decision && r.Key == keyHash));
    }

    public ValueTask<long> CountRowsAsync(RowTable table, int? partition, CancellationToken cancel)
    {
        lock (_gate) return ValueTask.FromResult((long)_rows.Count(r => r.Table == table && (partition is null || r.Partition == partition)));
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

/// <summary>A clock that stands; what waits on it goes on at once, and nothing ticks by itself.</summary>
internal sealed class StandingClock : TimeProvider
{
    internal static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period == Timeout.InfiniteTimeSpan) ThreadPool.UnsafeQueueUserWorkItem(_ => callback(state), null);
        return new Idle();
    }

    private sealed class Idle : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
