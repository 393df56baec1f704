using System.Threading.Channels;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Opening, recovering, losing and getting back partitions. An outage of the journal ends by itself: nothing is
/// answered meanwhile, and every partition whose memory was ahead is read back.
/// </summary>
public sealed partial class ExposureEngine
{
    private const int OutageWaitMax = 2_000, RecoveryLanes = 2;

    private static readonly TimeSpan ConfirmEvery = TimeSpan.FromSeconds(1), ConfirmedMax = TimeSpan.FromSeconds(3);

    private readonly Dictionary<int, PartitionHead> _heads = [];
    private readonly HashSet<int> _coming = [];
    private readonly Channel<(Partition Partition, Recovered? Recovered, Exception? Failed)> _arrivals =
        Channel.CreateUnbounded<(Partition, Recovered?, Exception?)>();

    /// <summary>Why a partition does not serve, by id + 1; <c>null</c> when it does.</summary>
    private readonly string?[] _serving;

    /// <summary>How often the journal went on without this process, by id + 1.</summary>
    private readonly int[] _overtaken;

    /// <summary>
    /// When the newest proof of ownership began: it says what was so then. A process that was paused behind its question would
    /// otherwise take an old answer for a new one.
    /// </summary>
    private long _confirmed;
    private long _askedAt, _sentAt;
    private Task<IReadOnlyList<PartitionHead>>? _confirming;

    private enum Reopened
    {
        /// <summary>The head is the last frame that this process knows to be committed.</summary>
        Before,

        /// <summary>The head is the frame that was on its way.</summary>
        After,

        /// <summary>Another owner has gone on from what this process committed.</summary>
        Moved,

        /// <summary>Closed: not ours, or its history is another one.</summary>
        Closed,
    }

    private bool IsConfirmed => _time.GetElapsedTime(Volatile.Read(ref _confirmed)) < ConfirmedMax;

    private static EngineUnavailableException Unconfirmed() => new("The database has not confirmed for three seconds that this process is the owner.");

    private void DemandServing(int partition)
    {
        if (_serving[partition + 1] is not { } why) return;
        if (!Owns(partition)) throw new PartitionElsewhereException(why);
        throw _partitions.GetValueOrDefault(partition)?.State == PartitionState.Closed ? Closed(partition) : new EngineUnavailableException(why);
    }

    private EngineUnavailableException Closed(int partition) => !Owns(partition) ? new PartitionElsewhereException(ElsewhereText(partition))
        : _partitions[partition].State == PartitionState.Closed
        ? new PartitionClosedException($"Partition {partition} is closed: {_partitions[partition].Why}.")
        : new EngineUnavailableException(_serving[partition + 1] ?? $"Partition {partition} is being recovered.");

    /// <summary>Stops a partition for good, with an alarm; the others go on.</summary>
    private void Close(Partition partition, string why)
    {
        if (partition.State == PartitionState.Closed) return;
        partition.Close(why);
        _needsPerson = true;
        DropSnapshot(partition);
        _serving[partition.Id + 1] = $"Partition {partition.Id} is closed: {why}.";
        Instruments.Closed.Add(1);
        foreach (var part in _filling.Works)
            if (Touches(part, partition)) part.Work.Fail(Closed(partition.Id));
        UpdateReady();
        Wake();
    }

    private void UpdateReady()
    {
        _ready = _partitions.Values.All(p => p.State == PartitionState.Elsewhere || _serving[p.Id + 1] is null);
        if (_partitions.Values.FirstOrDefault(p => p.State == PartitionState.Closed) is { } closed) _failure = _serving[closed.Id + 1];
        if (_partitions.Values.All(p => p.State is PartitionState.Closed or PartitionState.Elsewhere || _serving[p.Id + 1] is null)) _started.TrySetResult();
    }

    private async Task<PartitionHead> OpenHeadAsync(Partition partition, CancellationToken cancel)
    {
        var head = await _journal.OpenAsync(partition.Id, null, cancel) ?? throw new JournalBrokenException($"Partition {partition.Id} does not open.");
        partition.Epoch = head.Epoch;
        return head;
    }

    /// <summary>Recovers a partition that was opened, in place; a journal that proves nothing closes it.</summary>
    private async Task RecoverAsync(Partition partition, CancellationToken cancel)
    {
        try
        {
            Arrive(partition, await ReadBackAsync(_heads[partition.Id], cancel));
        }
        catch (JournalBrokenException broken)
        {
            Close(partition, broken.Message);
        }
    }

    /// <summary>Recovers the other partitions beside the loop, two at a time; each arrives when its book stands.</summary>
    private void BeginRecoveries(CancellationToken cancel)
    {
        var todo = _partitions.Values.Where(p => p.State == PartitionState.Away).ToList();
        _coming.UnionWith(todo.Select(p => p.Id));
        if (!IsShared) (_broadcastFrom, _toldUpTo) = ((_partitions[Book.House].Seq, int.MaxValue), _partitions[Book.House].Seq);
        var next = -1;
        for (var lane = 0; lane < RecoveryLanes; lane++) _ = Aside(LaneAsync);

        async Task LaneAsync()
        {
            while (Interlocked.Increment(ref next) is var at && at < todo.Count) await RecoverBesideAsync(todo[at], _heads[todo[at].Id], cancel);
        }
    }

    private async Task<Recovered> ReadBackAsync(PartitionHead head, CancellationToken cancel)
    {
        var begun = _time.GetTimestamp();
        var progress = _recovering[head.Partition] = new RecoveryProgress();
        try
        {
            var recovered = await Recovery.RunAsync(_journal.Reader, Database, head, cancel, progress);
            Instruments.Recovery.Record(_time.GetElapsedTime(begun).TotalSeconds);
            return recovered;
        }
        finally
        {
            _recovering.TryRemove(KeyValuePair.Create(head.Partition, progress));
        }
    }

    private async Task RecoverBesideAsync(Partition partition, PartitionHead head, CancellationToken cancel)
    {
        Recovered? recovered = null;
        Exception? failed = null;
        try
        {
            recovered = await ReadBackAsync(head, cancel);
        }
        catch (Exception e)
        {
            // Not judged here: the loop hears of it as an arrival.
            failed = e;
        }

        _arrivals.Writer.TryWrite((partition, recovered, failed));
        Wake();
    }

    private async Task TakeArrivalsAsync(CancellationToken cancel)
    {
        while (_arrivals.Reader.TryRead(out var arrival))
        {
            // Gone again before it came.
            if (arrival.Partition != _partitions[arrival.Partition.Id]) continue;
            _coming.Remove(arrival.Partition.Id);
            if (arrival.Failed is JournalUnavailableException away)
            {
                await OutageAsync(away.Message, cancel);
                continue;
            }

            if (arrival.Failed is JournalBrokenException broken) Close(arrival.Partition, broken.Message);
            else if (arrival.Failed is { } failed) throw failed;
            else Arrive(arrival.Partition, arrival.Recovered!);
            await TakeInAsync(arrival.Partition, cancel);
            _ticked = true;
        }
    }

    /// <summary>Catches up with the house, and with what was sent; an outage in between is dealt with, and reads every partition that is here back itself.</summary>
    private async Task TakeInAsync(Partition partition, CancellationToken cancel)
    {
        try
        {
            if (partition.State == PartitionState.Open) await CatchUpAsync(partition, cancel);
            // Only with all senders and receivers here it is known what is still to be taken.
            if (_coming.Count == 0) await LoadInboxAsync(null, cancel);
        }
        catch (JournalUnavailableException away) when (IsShared)
        {
            await OutageAsync(away.Message, cancel);
        }
    }

    private void Arrive(Partition partition, Recovered recovered)
    {
        partition.Restore(recovered, _heads[partition.Id]);
        partition.SnapshotAt = recovered.EntriesSinceSnapshot < QuietEntries ? _time.GetTimestamp() : null;
        if (recovered.Rebuilt is { } why)
        {
            Instruments.SnapshotsRejected.Add(1);
            Notices.Enqueue($"Partition {partition.Id} was made anew from its journal, since its rows were not believed. {why}");
        }

        if (partition.Id != Book.House) _published[partition.Id].Replace(partition.Id, partition.Book, partition.Seq);
        JudgeRules(partition);
    }

    /// <summary>The newest rules begin with the first entry of a frame: the frame names them, so that the release before stops there and skips nothing.</summary>
    private void JudgeRules(Partition partition)
    {
        if (partition.Book.Rules == PartitionMachine.Version) return;
        if (RaisesRules)
        {
            TryApply(partition, new RulesRaised { Version = PartitionMachine.Version }, out _);
            return;
        }

        if (_isToldOfRules) return;
        _isToldOfRules = true;
        Notices.Enqueue($"Partition {partition.Id}, and perhaps others, goes by rules {partition.Book.Rules} of its journal and not by the newest, {PartitionMachine.Version}: the release before can go on with it. Once nobody wants to go back, start with --newest-rules (a silo: Journal:NewestRules true).");
    }

    /// <summary>Opens a partition again under a new epoch, and says what its head is to this process.</summary>
    private async Task<Reopened> ReopenAsync(Partition partition, SealedFrame? sent, CancellationToken cancel)
    {
        var head = await _journal.OpenAsync(partition.Id, partition.Epoch, cancel);
        if (head is null)
        {
            // Another epoch than ours: an owner came between, or our own bump was not confirmed. The lock decides.
            if (!await _journal.OwnsAsync(cancel) || await _journal.OpenAsync(partition.Id, null, cancel) is not { } taken)
            {
                // Among several owners that is how partitions move: it comes back only if it is placed here again.
                if (IsShared) Lose(partition);
                else Close(partition, "another process owns it now");
                return Reopened.Closed;
            }

            head = taken;
        }

        partition.Epoch = head.Epoch;
        _heads[partition.Id] = head;
        if (head.Seq == partition.DurableSeq && head.HeadHash.AsSpan().SequenceEqual(partition.DurableHash)) return Reopened.Before;
        if (sent is not null && head.Seq == sent.Commit.Seq && head.HeadHash.AsSpan().SequenceEqual(sent.Commit.Hash)) return Reopened.After;
        if (head.Seq > partition.DurableSeq && await HoldsAsync(partition, cancel))
        {
            Interlocked.Increment(ref _overtaken[partition.Id + 1]);
            return Reopened.Moved;
        }

        Close(partition, $"the database ends at {head.Seq} and does not hold what this process committed at {partition.DurableSeq}");
        return Reopened.Closed;
    }

    /// <summary>True when the journal still has the last frame that this process committed.</summary>
    private async Task<bool> HoldsAsync(Partition partition, CancellationToken cancel)
    {
        if (partition.DurableSeq == 0) return true;
        await foreach (var stored in _journal.Reader.FramesAsync(partition.Id, partition.DurableSeq - 1, partition.DurableSeq, cancel))
            return FrameCodec.Hash(partition.Id, stored.Seq, stored.Epoch, stored.Payload).AsSpan().SequenceEqual(partition.DurableHash);
        return false;
    }

    /// <summary>Drops the memory of a partition that is open in the journal, and reads it back.</summary>
    private async Task RestoreAsync(Partition partition, CancellationToken cancel)
    {
        DropSnapshot(partition);
        if (await ReopenAsync(partition, null, cancel) == Reopened.Closed) return;
        await RecoverAsync(partition, cancel);
        if (partition.State != PartitionState.Open) return;
        await CatchUpAsync(partition, cancel);
        await LoadInboxAsync(partition, cancel);
        _ticked = true;
        Wake();
    }

    /// <summary>
    /// The journal is out of reach: whoever waits is told so, what was not committed is dropped, and the loop tries again
    /// until the database is back. Nothing is taken in meanwhile.
    /// </summary>
    private async Task OutageAsync(string detail, CancellationToken cancel)
    {
        Instruments.Outages.Add(1);
        var why = $"The journal is out of reach: {detail}";
        for (var i = 0; i < _serving.Length; i++)
            if (_partitions[i - 1].State is not (PartitionState.Closed or PartitionState.Elsewhere)) _serving[i] = why;
        (_failure, _ready) = (why, false);
        foreach (var partition in _partitions.Values)
        {
            DropSnapshot(partition);
            if (partition is { State: PartitionState.Open, IsAhead: true }) partition.State = PartitionState.Away;
        }

        for (var tries = 0; !_stopping; tries++)
        {
            FailWaiting(new EngineUnavailableException(why));
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(OutageWaitMax, 20 << Math.Min(tries, 7)) + Random.Shared.Next(50)), _time, cancel);
                await ReturnAsync(cancel);
                return;
            }
            catch (JournalUnavailableException away)
            {
                why = $"The journal is out of reach: {away.Message}";
                _failure = why;
            }
        }

        FailWaiting(new EngineUnavailableException(why));
    }

    /// <summary>The database answers again: partitions that were not ahead go on, the others are read back.</summary>
    private async Task ReturnAsync(CancellationToken cancel)
    {
        foreach (var partition in _partitions.Values.ToArray())
        {
            if (partition.State is PartitionState.Closed or PartitionState.Elsewhere || _coming.Contains(partition.Id)) continue;
            switch (await ReopenAsync(partition, null, cancel))
            {
                case Reopened.Before when partition.State == PartitionState.Open:
                    continue;
                case Reopened.Closed:
                    continue;
            }

            partition.State = PartitionState.Away;
            await RecoverAsync(partition, cancel);
        }

        foreach (var partition in _partitions.Values)
            if (partition.State == PartitionState.Open) await CatchUpAsync(partition, cancel);
        if (_coming.Count == 0) await LoadInboxAsync(null, cancel);
        Volatile.Write(ref _confirmed, _time.GetTimestamp());
        _failure = null;
        _ticked = true;
        UpdateReady();
        Wake();
    }

    /// <summary>Everybody who waits, wherever they wait.</summary>
    private void FailWaiting(Exception why)
    {
        foreach (var group in (ReadOnlySpan<CommitGroup>)[_inFlight, _filling])
        {
            foreach (var (work, _, _) in group.Works) work.Fail(why);
            foreach (var read in group.Reads) read.Fail(why);
            group.Clear();
        }

        foreach (var (work, _, _) in _slice) work.Fail(why);
        foreach (var work in _telling) work.Fail(why);
        _telling.Clear();
        FailWaits(why);
        _batch?.Fail(why);
        _batch = null;
        while (_commands.Reader.TryRead(out var work) || _batches.Reader.TryRead(out work)) work.Fail(why);
    }

    /// <summary>While nothing is to be done: snapshots, and the confirmation that the partitions are still ours.</summary>
    private async Task IdleAsync(CancellationToken cancel)
    {
        BeginQuietSnapshot();
        await WriteSnapshotAsync(cancel);
        if (_confirming is { IsCompleted: true }) await ConfirmAsync(cancel);
        if (_confirming is not null || _time.GetElapsedTime(_confirmed) < ConfirmEvery) return;
        _confirming = AskHeadsAsync(cancel);
        WakeAfter(_confirming);
    }

    private Task<IReadOnlyList<PartitionHead>> AskHeadsAsync(CancellationToken cancel)
    {
        _askedAt = _time.GetTimestamp();
        return HeadsAsync(cancel);
    }

    private void Confirmed(long since)
    {
        if (since > _confirmed) Volatile.Write(ref _confirmed, since);
    }

    /// <summary>The heads; a reader that throws at once fails the task like one that throws later.</summary>
    private async Task<IReadOnlyList<PartitionHead>> HeadsAsync(CancellationToken cancel) => await _journal.Reader.HeadsAsync(cancel);

    /// <summary>A read waits for an owner that was not confirmed for long: it is confirmed first, or the read refused.</summary>
    private async Task ConfirmNowAsync(CancellationToken cancel)
    {
        _confirming ??= AskHeadsAsync(cancel);
        await Task.WhenAny(_confirming);
        await ConfirmAsync(cancel);
    }

    /// <summary>What the read said: our epochs stand, or a partition has another owner.</summary>
    private async Task ConfirmAsync(CancellationToken cancel)
    {
        var task = _confirming!;
        _confirming = null;
        if (!task.IsCompletedSuccessfully) return;
        foreach (var head in await task)
        {
            if (_partitions[head.Partition] is not { State: PartitionState.Open } partition || head.Epoch <= partition.Epoch) continue;
            // A commit on its way will miss its fence, and say so itself.
            if (_committing is not null) return;
            try
            {
                if (partition.Filled == 0 && await ReopenAsync(partition, null, cancel) == Reopened.Moved) await RestoreAsync(partition, cancel);
            }
            catch (JournalUnavailableException away)
            {
                await OutageAsync(away.Message, cancel);
                return;
            }
        }

        Confirmed(_askedAt);
    }
}
