using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// The loop: take work, apply, seal, send. One group of frames fills while the one before is on its way to the disk, and
/// is sent only when the outcome of that one is known. All partitions of the process share the transaction.
/// </summary>
public sealed partial class ExposureEngine
{
    /// <summary>
    /// Entries of a group while somebody waits for decisions; then filling waits for the commit before. Batches join only up to the second number: a
    /// decision that comes still joins, and neither its own commit nor the one before takes long.
    /// </summary>
    private const int GroupMax = 2_048, GroupOfBatchesMax = 512;

    /// <summary>
    /// Under a drain a group is sent when it has so many entries, and holds no more than the second number: what a commit and
    /// each of its frames cost is shared by all of them, and nobody waits for a single one.
    /// </summary>
    private const int DrainGroupMin = 8_192, DrainGroupMax = 16_384;

    /// <summary>So long after the last command its like is expected again, and groups stay small.</summary>
    private static readonly TimeSpan CommandsExpected = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of one partition's frame, likewise.</summary>
    private const int FrameBytesMax = 4 << 20;

    private const int ForesightMin = 8;

    /// <summary>Facts of one slice while nobody waits for a decision.</summary>
    private const int DrainSliceMax = 4_096;

    private readonly List<(Work Work, int From, int End)> _slice = [];
    private readonly ByteBuffer _copying = new();
    private readonly FactCodec _codec = new();
    private CommitGroup _filling = new(), _inFlight = new();
    private Task<CommitResult>? _committing;
    private Work? _batch;
    private readonly Foresight _foresight = new();
    private long _lastCommand;

    /// <summary>Entries of the group that fills.</summary>
    private int Filled
    {
        get
        {
            var filled = 0;
            foreach (var partition in _partitions.Values)
                if (partition.State == PartitionState.Open) filled += partition.Filled;
            return filled;
        }
    }

    /// <summary>The last slice was full of batches, and no command is expected.</summary>
    private bool _drains;

    private async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            BeginRecoveries(cancel);
            while (true)
            {
                await TakeArrivalsAsync(cancel);
                await TakeMovesAsync(cancel);
                await LookAroundAsync(cancel);
                if (_committing is { IsCompleted: true }) await FinishAsync(cancel);
                var took = await FillAsync(cancel);
                if (_committing is null && Filled is var filled && (filled > 0 || !_filling.IsEmpty) && !(_drains && filled < DrainGroupMin))
                {
                    Send();
                    continue;
                }

                if (took) continue;
                if (IsDrained) break;
                await IdleAsync(cancel);
                await SleepAsync();
            }

            await FinishSnapshotsAsync(cancel);
            FailWaiting(new EngineUnavailableException("The engine has stopped."));
            FailMoves("The engine has stopped.");
        }
        catch (Exception broken)
        {
            // Whatever it was: this process no longer knows what is durable. Nothing more is answered.
            _failure = broken is JournalUnavailableException or JournalBrokenException ? broken.Message : broken.ToString();
            (_ready, _needsPerson) = (false, true);
            _commands.Writer.TryComplete();
            _batches.Writer.TryComplete();
            FailWaiting(new EngineUnavailableException(_failure));
            FailMoves(_failure);
            _started.TrySetException(broken);
            if (broken is not (JournalUnavailableException or JournalBrokenException or OperationCanceledException)) throw;
        }
    }

    /// <summary>Nothing waits, nothing is filled and nothing is on its way.</summary>
    private bool IsDrained => _stopping && _committing is null && Filled == 0 && _filling.IsEmpty && _batch is null && _telling.Count == 0 && _waits.Count == 0
        && _commands.Reader.Completion.IsCompleted && _batches.Reader.Completion.IsCompleted;

    /// <summary>Fills the group with one slice: what time and the house bring, messages, commands, then a part of a batch.</summary>
    private async ValueTask<bool> FillAsync(CancellationToken cancel)
    {
        // A partition that closes or comes back ends the wait for it.
        if (_telling.Count > 0) SettleTelling();
        if (_waits.Count > 0) LookAtWaits();
        _drains = false;
        if (IsFull) return false;
        var took = TakeBroadcast() | TakeTime();
        var facts = TakeMessages();
        took |= facts > 0;
        _slice.Clear();
        while (facts < SliceMax && _commands.Reader.TryRead(out var command))
        {
            Gather(command, command.Facts.Count, ref facts);
            _lastCommand = _time.GetTimestamp();
        }

        var most = ExpectsCommands ? SliceMax : DrainSliceMax;
        if (!ExpectsCommands || MayTakeBatches) took |= GatherBatches(ref facts, most);
        _drains = facts >= most && !ExpectsCommands;
        await LookUpClosedAsync(cancel);
        if (!IsConfirmed && _slice.Exists(s => s.Work.Read is not null)) await ConfirmNowAsync(cancel);
        if (!TakeSideBySide(facts))
            foreach (var (work, _, end) in _slice) Take(work, end);
        took |= _slice.Count > 0;
        return took | Sweep();
    }

    /// <summary>
    /// While decisions are asked for, batches are applied beside a commit: what could be sent does not wait for them. Reads fill nothing, so that
    /// however many there are they hold no batch up.
    /// </summary>
    private bool MayTakeBatches => Filled is var filled && (_committing is null ? filled == 0 && !_slice.Exists(static s => s.Work.Read is null) : filled < GroupOfBatchesMax);

    private bool ExpectsCommands => _lastCommand != 0 && _time.GetElapsedTime(_lastCommand) < CommandsExpected;

    private bool IsFull
    {
        get
        {
            var filled = Filled;
            if (filled >= GroupMax && (filled >= DrainGroupMax || ExpectsCommands)) return true;
            foreach (var partition in _partitions.Values)
                if (partition.FilledBytes > FrameBytesMax) return true;
            return false;
        }
    }

    private void Gather(Work work, int end, ref int facts)
    {
        _slice.Add((work, work.Taken, end));
        facts += Math.Max(1, end - work.Taken);
    }

    /// <summary>Batches come in their order, each cut to the slice, and behind a fact of the house only when all have taken it.</summary>
    private bool GatherBatches(ref int facts, int most)
    {
        var took = false;
        while (facts < most)
        {
            if (_batch is null && !_batches.Reader.TryRead(out _batch)) return took;
            if (_batch.Done.Task.IsCompleted)
            {
                _batch = null;
                continue;
            }

            if (_batch.Day > 0)
            {
                // A day comes alone: what was gathered before belongs to the day before.
                if (_slice.Count > 0) return took;
                if (Behind(0) is { } away)
                {
                    // A partition that came back without the day would judge the facts of the day by the day before.
                    _batch.Fail(Closed(away.Id));
                    _batch = null;
                    continue;
                }

                if (!AdvanceDay(_batch.Day, ref took)) return took;
                _filling.Works.Add((_batch, 0, 0));
                _batch = null;
                return true;
            }

            if (!IsTaken(_batch.Told)) return took;
            var end = Math.Min(_batch.Facts.Count, _batch.Taken + most - facts);
            for (var i = _batch.Taken; i < end; i++)
                if (_batch.Facts[i] is IHouseBroadcast) end = i + 1;
            Gather(_batch, end, ref facts);
            if (end < _batch.Facts.Count) return took;
            _batch = null;
        }

        return took;
    }

    private void Take(Work work, int end)
    {
        if (work.Read is not null)
        {
            TakeRead(work);
            return;
        }

        if (work is { Taken: 0, Stream: { } stream } && !IsItsTurn(work, stream.Partition, stream.Name, stream.After)) return;
        var from = work.Taken;
        for (; work.Taken < end && !work.Done.Task.IsCompleted; work.Taken++)
        {
            if ((work.Taken - from) % Foresight.Max == 0) Foresee(work, end);
            var answer = ApplyOne(work, work.Facts[work.Taken], work.Homes[work.Taken]);
            if (answer is null) break;
            work.Answers[work.Taken] = answer;
        }

        if (work.Taken > from) _filling.Works.Add((work, from, work.Taken));
    }

    /// <summary>Looks ahead at the next facts of a batch; for a few it would not pay.</summary>
    private void Foresee(Work work, int end)
    {
        var last = Math.Min(end, work.Taken + Foresight.Max);
        if (last - work.Taken < ForesightMin) return;
        for (var i = work.Taken; i < last; i++)
            if (_partitions[work.Homes[i]] is { State: PartitionState.Open } partition) _foresight.Add(partition.Book, work.Facts[i]);
        _foresight.Look();
    }

    /// <summary>A read is answered after the commit of what it saw; of a partition that is not ahead it saw committed entries only.</summary>
    private void TakeRead(Work work)
    {
        if (_partitions[work.ReadPartition] is not { State: PartitionState.Open } partition)
        {
            work.Fail(Closed(work.ReadPartition));
            return;
        }

        if (!IsConfirmed)
        {
            work.Fail(Unconfirmed());
            return;
        }

        work.Read!();
        if (partition.Filled > 0) _filling.Reads.Add(work);
        else if (partition.IsAhead) _inFlight.Reads.Add(work);
        else work.Done.TrySetResult([]);
    }

    /// <summary>
    /// Records of a stream follow what the partition has taken from it, without a gap: records that were dropped with the
    /// memory of their partition must not be jumped over by those behind them.
    /// </summary>
    private bool IsItsTurn(Work work, int home, string stream, long after)
    {
        if (_partitions[home] is not { State: PartitionState.Open } partition)
        {
            work.Fail(Closed(home));
            return false;
        }

        var taken = partition.Book.Positions.TryGetValue(stream, out var position) ? position : -1;
        if (taken == after) return true;
        work.Fail(new OutOfTurnException($"Partition {home} has taken {stream} up to {taken}; these records follow {after}."));
        return false;
    }

    /// <summary>The partition that takes a fact: the customer's, or the house for what has no customer.</summary>
    private int HomeOf(Fact fact) => fact.Home is { } home ? home
        : fact is IHouseBroadcast or DeskCommand ? Book.House
        : fact.Customer.Length > 0 ? PartitionOf(fact.Customer)
        : fact is Command ? Book.House : 0;

    /// <summary>Applies one fact of a piece of work; <c>null</c> when its partition is not open, and the work has failed.</summary>
    private Answer? ApplyOne(Work work, Fact fact, int home)
    {
        var partition = _partitions[home];
        if (partition.State != PartitionState.Open)
        {
            work.Fail(Closed(home));
            return null;
        }

        if (work.Seen >= 0 && work.Seen != _overtaken[home + 1])
        {
            work.Fail(new EngineUnavailableException($"Partition {home} was gone on with by another owner: what its keys decided has to be looked up again."));
            return null;
        }

        if (work.Seen >= 0 && fact is CheckCredit asked && partition.LateKeys.Has(asked))
        {
            work.Fail(new EngineUnavailableException("The check had waited and was decided meanwhile; ask again with the same key."));
            return null;
        }

        // Its place in the house's journal is for the house to say.
        if (fact is IHouseBroadcast told) (told.HouseSeq, told.HouseIndex) = (0, 0);
        fact.KnownClosed = KnownClosed(partition, fact);
        if (partition.Book.EventClock && !FireTimers(partition, fact.Time, int.MaxValue)) return Failed(work, partition);
        if (!TryApply(partition, fact, out var answer, keepsDecision: work.Stream is null)) return Failed(work, partition);
        if (fact is IHouseBroadcast && answer.Outcome.Kind == OutcomeKind.Applied) (work.Told, work.ToldSince) = (answer.At, 0);
        return answer;
    }

    private Answer? Failed(Work work, Partition partition)
    {
        work.Fail(Closed(partition.Id));
        return null;
    }

    /// <summary>Applies a fact; a machine that throws has broken an invariant, and its partition stops loudly.</summary>
    private bool TryApply(Partition partition, Fact fact, out Answer answer, bool keepsDecision = true)
    {
        if (TryApply(partition, fact, Instant.From(_time.GetUtcNow()), out answer, out var bug, keepsDecision)) return true;
        Close(partition, bug);
        return false;
    }

    private static bool TryApply(Partition partition, Fact fact, Instant arrival, out Answer answer, out string bug, bool keepsDecision)
    {
        Stamp(partition, fact, arrival);
        try
        {
            answer = partition.Apply(fact, keepsDecision);
            bug = "";
            return true;
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            answer = null!;
            bug = $"{FactCatalogue.WireTypeOf(fact)} of customer '{fact.Customer}' broke an invariant: {broken}";
            return false;
        }
    }

    /// <summary>The moment of arrival: the wall clock, or stream time; it never falls within a partition.</summary>
    private static void Stamp(Partition partition, Fact fact, Instant wall)
    {
        var now = partition.Book.EventClock ? partition.Book.StreamTime : wall;
        if (partition.Book.EventClock && fact.Time > now) now = fact.Time;
        fact.Arrival = now > partition.Book.StreamTime ? now : partition.Book.StreamTime;
        if (fact.Time.Micros == 0) fact.Time = fact.Arrival;
    }

    private T CopyOf<T>(T fact) where T : Fact
    {
        _copying.Clear();
        FactCodec.Write(fact, _copying);
        _codec.Read(_copying.Written.ToArray(), out var copy);
        return (T)copy;
    }
}
