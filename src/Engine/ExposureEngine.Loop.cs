using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// The loop: take work, apply, seal, commit, speak. All partitions of the process share a transaction, so that a group
/// fills while the one before is on its way to the disk.
/// </summary>
public sealed partial class ExposureEngine
{
    private const int CommitTriesMax = 8;
    private const int SnapshotEntries = 50_000;

    private readonly List<Work> _group = [];
    private readonly List<Work> _reads = [];

    private async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                Fill();
                if (_group.Count == 0 && _reads.Count == 0)
                {
                    if (_commands.Reader.Completion.IsCompleted && _batches.Reader.Completion.IsCompleted) return;
                    // Whoever completes the queues wakes the loop, too.
                    await _wake.WaitAsync(CancellationToken.None);
                    continue;
                }

                await CommitGroupAsync(cancel);
            }
        }
        catch (Exception broken)
        {
            // Whatever it was: this process no longer knows what is durable. Nothing more is answered.
            Fail(broken is JournalUnavailableException or JournalBrokenException ? broken.Message : broken.ToString());
            if (broken is not (JournalUnavailableException or JournalBrokenException or OperationCanceledException)) throw;
        }
    }

    private void Fail(string why)
    {
        (IsReady, Failure) = (false, why);
        _commands.Writer.TryComplete();
        _batches.Writer.TryComplete();
        var lost = new EngineUnavailableException(why);
        foreach (var work in _group) work.Done.TrySetException(lost);
        foreach (var work in _reads) work.Done.TrySetException(lost);
        while (_commands.Reader.TryRead(out var work) || _batches.Reader.TryRead(out work)) work.Done.TrySetException(lost);
    }

    /// <summary>Takes messages first, then commands, then batches up to a slice.</summary>
    private void Fill()
    {
        var facts = 0;
        TakeMessages(ref facts);
        while (facts < SliceMax && _commands.Reader.TryRead(out var command))
        {
            Take(command);
            facts += Math.Max(1, command.Facts.Count);
        }

        while (facts < SliceMax && _batches.Reader.TryRead(out var batch))
        {
            Take(batch);
            facts += Math.Max(1, batch.Facts.Count);
            if (batch.Day > 0) break;
        }
    }

    private void Take(Work work)
    {
        if (work.Read is not null)
        {
            _reads.Add(work);
            return;
        }

        _group.Add(work);
        ApplyWork(work);
    }

    private void ApplyWork(Work work)
    {
        work.Answers.Clear();
        if (work.Day > 0) StartDay(work.Day);
        if (work.IsTick) ApplyTick();
        foreach (var fact in work.Facts) work.Answers.Add(ApplyOne(fact));
    }

    private Answer ApplyOne(Fact fact)
    {
        if (fact is HouseFact or HouseCommand or SwitchToWallClock) return ApplyHouse(fact);
        var partition = _partitions[fact is DeskCommand ? Book.House : fact.Customer.Length == 0 ? 0 : PartitionOf(fact.Customer)];
        Stamp(partition, fact);
        if (partition.Book.EventClock) FireTimers(partition, fact.Time);
        var (outcome, at, effects) = partition.Apply(fact);
        return new Answer(outcome, at, effects);
    }

    /// <summary>The house decides first; every other partition takes the same fact over in the same transaction.</summary>
    private Answer ApplyHouse(Fact fact)
    {
        var house = _partitions[Book.House];
        Stamp(house, fact);
        var (outcome, at, effects) = house.Apply(fact);
        if (outcome.Kind == OutcomeKind.Applied)
        {
            foreach (var partition in _partitions.Values)
            {
                if (partition.Id == Book.House) continue;
                FinishSweep(partition);
                partition.Apply(CopyForPartition(fact, at, partition));
                FinishSweep(partition);
            }
        }

        return new Answer(outcome, at, effects);
    }

    private Fact CopyForPartition(Fact fact, EntryPosition at, Partition partition)
    {
        var buffer = new ByteBuffer();
        FactCodec.Write(fact, buffer);
        new FactCodec().Read(buffer.Written.ToArray(), out var copy);
        copy.Position = default;
        if (copy is HouseFact house) (house.HouseSeq, house.HouseIndex) = (at.Seq, at.Index);
        if (copy is HouseCommand command) command.HouseSeq = at.Seq;
        Stamp(partition, copy);
        return copy;
    }

    /// <summary>The moment of arrival: the wall clock, or stream time; it never falls within a partition.</summary>
    private void Stamp(Partition partition, Fact fact)
    {
        var now = partition.Book.EventClock ? partition.Book.StreamTime : Instant.From(_time.GetUtcNow());
        if (partition.Book.EventClock && fact.Time > now) now = fact.Time;
        fact.Arrival = now > partition.Book.StreamTime ? now : partition.Book.StreamTime;
        if (fact.Time.Micros == 0) fact.Time = fact.Arrival;
    }

    private void StartDay(int day)
    {
        foreach (var partition in _partitions.Values)
        {
            var start = Instant.From(DateOnly.FromDayNumber(day));
            if (partition.Book.EventClock) FireTimers(partition, start);
            FinishSweep(partition);
            var fact = new DayStarted { Day = day, Time = partition.Book.EventClock ? start : default };
            Stamp(partition, fact);
            partition.Apply(fact);
            FinishSweep(partition);
        }
    }

    private void FireTimers(Partition partition, Instant until)
    {
        while (partition.Book.NextDeadline <= until)
        {
            var due = new TimerDue { DueAt = partition.Book.NextDeadline, Time = partition.Book.NextDeadline };
            Stamp(partition, due);
            partition.Apply(due);
        }
    }

    private void FinishSweep(Partition partition)
    {
        while (partition.Book.SweepPending)
        {
            var sweep = new SweepDue { FromSlot = partition.Book.SweepFrom };
            Stamp(partition, sweep);
            partition.Apply(sweep);
        }
    }

    private void Tick()
    {
        if (!IsReady) return;
        if (_batches.Writer.TryWrite(new Work([]) { IsTick = true })) _wake.Release();
    }

    /// <summary>On the wall clock days and timers come by themselves, also when nothing else happens.</summary>
    private void ApplyTick()
    {
        var now = _time.GetUtcNow();
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, _zone).DateTime).DayNumber;
        foreach (var partition in _partitions.Values)
        {
            if (partition.Book.EventClock) continue;
            for (var day = partition.Book.Today == 0 ? today : partition.Book.Today + 1; day <= today; day++)
            {
                // What was due before the day began is done before it begins, also when a tick comes days later.
                FireTimers(partition, Earlier(StartOf(day), Instant.From(now)));
                FinishSweep(partition);
                var fact = new DayStarted { Day = day };
                Stamp(partition, fact);
                partition.Apply(fact);
                FinishSweep(partition);
            }

            FireTimers(partition, Instant.From(now));
        }
    }

    private static Instant Earlier(Instant a, Instant b) => a < b ? a : b;

    /// <summary>The first moment of a business day in the credit control's time zone.</summary>
    private Instant StartOf(int day)
    {
        var midnight = DateOnly.FromDayNumber(day).ToDateTime(TimeOnly.MinValue);
        // Where summer time begins at midnight, the day begins an hour later.
        while (_zone.IsInvalidTime(midnight)) midnight = midnight.AddMinutes(30);
        return Instant.From(new DateTimeOffset(midnight, _zone.GetUtcOffset(midnight)));
    }

    private async Task CommitGroupAsync(CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            var frames = new List<FrameCommit>();
            foreach (var partition in _partitions.Values)
                if (partition.Filled > 0) frames.Add(partition.Seal());
            var result = frames.Count == 0 ? CommitResult.Committed : await CommitAsync(frames, cancel);
            switch (result.Status)
            {
                case CommitStatus.Committed:
                    Speak(frames);
                    await SnapshotsAsync(cancel);
                    return;
                case CommitStatus.Fenced:
                    throw new JournalBrokenException("Fenced: " + string.Join("; ", result.Missed.Select(m =>
                        $"partition {m.Partition} has epoch {m.EpochNow}, sequence {m.SeqNow}, {(m.HashEqual ? "our" : "another")} head")));
                case CommitStatus.Unknown or CommitStatus.RolledBack when tries >= CommitTriesMax:
                    throw new JournalUnavailableException(result.Detail ?? "The journal does not commit.");
                case CommitStatus.Unknown or CommitStatus.RolledBack:
                    await Task.Delay(TimeSpan.FromMilliseconds(20 * (1 << tries)), _time, cancel);
                    if (result.Status != CommitStatus.Unknown) break;
                    if (await ReopenAsync(frames, cancel))
                    {
                        AnswerGroup();
                        return;
                    }

                    break;
                case CommitStatus.Refused:
                    await IsolateAsync(cancel);
                    break;
            }
        }
    }

    /// <summary>
    /// After an unknown commit: drops the memory and opens every partition again under a new epoch. The heads say what
    /// became of the frames. True when they are durable: then what was decided stands, and deciding again would reserve
    /// twice. Otherwise the group is decided again on what the journal holds.
    /// </summary>
    private async Task<bool> ReopenAsync(List<FrameCommit> sent, CancellationToken cancel)
    {
        var touched = sent.Select(f => (f.Partition, Customers: _partitions[f.Partition].TouchedCustomers())).ToList();
        _group.RemoveAll(work => work.IsMessage);
        await OpenAllAsync(cancel);
        var durable = sent.Count(f => _partitions[f.Partition] is var p && p.Seq == f.Seq && p.HeadHash.AsSpan().SequenceEqual(f.Hash));
        if (durable != 0 && durable != sent.Count)
            throw new JournalBrokenException($"{durable} of {sent.Count} frames of one transaction are durable.");
        if (durable == 0)
        {
            foreach (var work in _group) ApplyWork(work);
            return false;
        }

        foreach (var (partition, customers) in touched)
            if (customers.Length > 0) Live.Tell(partition, _partitions[partition].Seq, customers, []);
        return true;
    }

    /// <summary>Opens every partition again. Messages leave the group: the journal says which are still to be taken.</summary>
    private async Task OpenAllAsync(CancellationToken cancel)
    {
        foreach (var partition in _partitions.Values) await OpenAsync(partition, partition.Epoch, cancel);
        await LoadInboxAsync(cancel);
    }

    private async Task<CommitResult> CommitAsync(List<FrameCommit> frames, CancellationToken cancel)
    {
        var begun = _time.GetTimestamp();
        var result = await _journal.CommitAsync(frames, cancel);
        Instruments.Commit.Record(_time.GetElapsedTime(begun).TotalSeconds);
        return result;
    }

    /// <summary>
    /// After a refusal of the content: drops the memory and gives each record its own commit. One that the database
    /// refuses becomes a dead letter; those beside it are unharmed.
    /// </summary>
    private async Task IsolateAsync(CancellationToken cancel)
    {
        var messages = _group.RemoveAll(work => work.IsMessage);
        await OpenAllAsync(cancel);
        if (messages > 0 && _group.Count == 0) throw new JournalUnavailableException("The database refuses a message between partitions.");
        foreach (var work in _group)
        {
            work.Answers.Clear();
            if (work.Facts.Count == 0)
            {
                ApplyWork(work);
                if (!await CommitPieceAsync(cancel)) throw new JournalUnavailableException("The database refuses a day or a timer.");
            }

            foreach (var fact in work.Facts)
            {
                var answer = ApplyOne(fact);
                if (!await CommitPieceAsync(cancel))
                {
                    answer = new Answer(Outcome.Refused("COMMIT_REJECTED", "The database refuses the record."), default, []);
                    if (fact is not Command)
                        ApplyOne(new UndecodableRecord
                        {
                            Customer = fact.Customer, Reason = answer.Outcome.Reason, Detail = answer.Outcome.Detail, Position = fact.Position,
                            EventId = fact.EventId, Source = fact.Source,
                        });
                }

                work.Answers.Add(answer);
            }
        }
    }

    /// <summary>Commits what was applied since the last commit; false when the database refuses it, and the memory is as before.</summary>
    private async Task<bool> CommitPieceAsync(CancellationToken cancel)
    {
        var frames = _partitions.Values.Where(p => p.Filled > 0).Select(p => p.Seal()).ToList();
        if (frames.Count == 0) return true;
        var result = await CommitAsync(frames, cancel);
        if (result.Status == CommitStatus.Committed)
        {
            Settle(frames);
            return true;
        }

        if (result.Status != CommitStatus.Refused) throw new JournalUnavailableException(result.Detail ?? "The journal does not commit.");
        foreach (var partition in _partitions.Values) await OpenAsync(partition, partition.Epoch, cancel);
        return false;
    }

    private async Task OpenAsync(Partition partition, long? expectedEpoch, CancellationToken cancel)
    {
        var head = await _journal.OpenAsync(partition.Id, expectedEpoch, cancel)
            ?? throw new JournalBrokenException($"Partition {partition.Id} belongs to another process now.");
        if (expectedEpoch is not null && head.Seq < partition.Seq)
            throw new JournalBrokenException($"Partition {partition.Id}: the database ends at {head.Seq}, this process committed {partition.Seq}.");
        partition.Restore(await Recovery.RunAsync(_journal.Reader, Database, head, cancel), head);
        if (partition.Id == Book.House) return;
        Published[partition.Id].Clear();
        Publish(partition, [.. Enumerable.Range(0, partition.Book.AccountCount)]);
    }

    /// <summary>A process that stopped between the house's commit and the others' cannot be: they share it. Older houses may be ahead.</summary>
    private async Task CatchUpHouseAsync(CancellationToken cancel)
    {
        var house = _partitions[Book.House];
        var behind = _partitions.Values.Where(p => p.Id != Book.House).Min(p => p.Book.HouseSeq);
        await foreach (var stored in _journal.Reader.FramesAsync(Book.House, behind, house.Seq, cancel))
        {
            foreach (var entry in FrameCodec.Read(stored.Payload).Entries)
            {
                if (entry.Fact is not (HouseFact or HouseCommand) || entry.Outcome != OutcomeKind.Applied) continue;
                foreach (var partition in _partitions.Values)
                    if (partition.Id != Book.House && partition.Book.HouseSeq < stored.Seq)
                        throw new JournalBrokenException($"Partition {partition.Id} misses frame {stored.Seq} of the house.");
            }
        }
    }

    private void Speak(List<FrameCommit> frames)
    {
        Settle(frames);
        AnswerGroup();
    }

    private void AnswerGroup()
    {
        foreach (var work in _group)
        {
            foreach (var (fact, answer) in work.Facts.Zip(work.Answers)) Count(fact, answer);
            work.Done.TrySetResult(work.Answers);
        }

        _group.Clear();
        foreach (var read in _reads)
        {
            read.Read!();
            read.Done.TrySetResult([]);
        }

        _reads.Clear();
    }

    private void Settle(List<FrameCommit> frames)
    {
        foreach (var frame in frames)
        {
            var partition = _partitions[frame.Partition];
            var touched = partition.Committed(frame);
            foreach (var message in frame.Messages) _inbox.Enqueue(message);
            if (partition.Id == Book.House) continue;
            Publish(partition, touched);
            if (touched.Length > 0) Live.Tell(partition.Id, partition.Seq, [.. touched.Select(partition.Book.CustomerAt)], []);
        }
    }

    private void Publish(Partition partition, int[] slots)
    {
        var rows = new PublishedRow[slots.Length];
        for (var i = 0; i < slots.Length; i++)
        {
            var figures = partition.Book.Figures(slots[i]);
            figures.AsOf = partition.Seq;
            rows[i] = new PublishedRow(partition.Book.CustomerAt(slots[i]), partition.Id, partition.Book.NameOf(figures.Segment),
                partition.Book.NameOf(figures.Country), partition.Book.NameOf(figures.Controller), figures);
        }

        Published[partition.Id].Publish(rows);
    }

    private static void Count(Fact fact, Answer answer)
    {
        Instruments.Events.Add(1, new("type", FactCatalogue.WireTypeOf(fact)), new("outcome", answer.Outcome.Kind.ToString()));
        if (answer.Outcome.IsDead && fact is not Command) Instruments.DeadLetters.Add(1, new KeyValuePair<string, object?>("reason", answer.Outcome.Reason));
        foreach (var effect in answer.Effects)
        {
            if (effect is CheckDecided decided) Instruments.Decisions.Add(1, new KeyValuePair<string, object?>("decision", decided.Decision.ToString()));
            if (effect is SignalChanged signal) Instruments.Signals.Add(1, new("indicator", signal.Indicator), new("state", signal.State));
            if (effect is HoldChanged hold) Instruments.Holds.Add(1, new KeyValuePair<string, object?>("step", hold.Step));
        }
    }

    private async Task SnapshotsAsync(CancellationToken cancel)
    {
        foreach (var partition in _partitions.Values)
            if (partition.EntriesSinceSnapshot >= SnapshotEntries) await SnapshotAsync(partition, cancel);
    }

    /// <summary>
    /// Writes the accounts that changed and the partition state with the sequence that all of them hold, in one
    /// transaction: a snapshot is whole or is not there.
    /// </summary>
    private async Task SnapshotAsync(Partition partition, CancellationToken cancel)
    {
        if (partition.EntriesSinceSnapshot == 0) return;
        var buffer = new ByteBuffer();
        var rows = new List<AccountRow>(partition.Changes.Dirty.Count);
        foreach (var slot in partition.Changes.Dirty.Order()) rows.Add(RowOf(partition, slot, buffer));
        buffer.Clear();
        partition.Changes.Write(buffer);
        partition.Book.WriteState(buffer);
        if (!await _journal.SaveSnapshotAsync(partition.Id, partition.Epoch, rows, new PartitionStateRow(partition.Seq, buffer.Written.ToArray()), cancel))
            throw new JournalBrokenException($"Partition {partition.Id}: the snapshot was fenced.");
        partition.Changes.Written();
        partition.EntriesSinceSnapshot = 0;
    }

    private static AccountRow RowOf(Partition partition, int slot, ByteBuffer buffer)
    {
        buffer.Clear();
        partition.Book.WriteAccount(slot, buffer);
        var state = buffer.Written.ToArray();
        var f = partition.Book.Figures(slot);
        return new AccountRow
        {
            Partition = partition.Id, Slot = slot, Customer = partition.Book.CustomerAt(slot), Epoch = partition.Epoch, AsOfSeq = partition.Seq,
            State = state, Checksum = Hashing.XxHash64(state), Report = AccountReport.Of(f, partition.Book.Today),
        };
    }
}
