using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Deciding again what was dropped: a partition's memory is read back from the journal, and its unanswered facts follow.
/// What it does by itself (days, deadlines, messages, the house's entries) comes again by itself.
/// </summary>
public sealed partial class ExposureEngine
{
    /// <summary>Reads a partition back and applies its unanswered facts of both groups again, now in the group that fills.</summary>
    private async Task DecideAgainAsync(Partition partition, CommitGroup group, CancellationToken cancel)
    {
        await RestoreAsync(partition, cancel);
        // In their order: what was on its way, then what was being filled.
        List<(Work, int, int)> both = [.. group.Works, .. _filling.Works];
        var mine = both.Where(w => Touches(w, partition)).ToList();
        group.Works.RemoveAll(w => Touches(w, partition));
        _filling.Works.RemoveAll(w => Touches(w, partition));
        foreach (var entry in mine)
        {
            Repeat(entry, partition);
            _filling.Works.Add(entry);
        }

        ReadAgain(partition, group);
    }

    private void Repeat((Work Work, int From, int End) part, Partition partition)
    {
        for (var i = part.From; i < part.End && !part.Work.Done.Task.IsCompleted; i++)
            if (part.Work.Homes[i] == partition.Id && ApplyOne(part.Work, part.Work.Facts[i], partition.Id) is { } answer) part.Work.Answers[i] = answer;
    }

    /// <summary>
    /// The database refused a frame of this partition: its facts of that group are committed one by one. The one that is
    /// refused alone becomes a dead letter, and its caller hears why; a partition that is refused without one is closed.
    /// </summary>
    private async Task IsolateAsync(Partition partition, CommitGroup group, string? detail, CancellationToken cancel)
    {
        await RestoreAsync(partition, cancel);
        var found = false;
        foreach (var (work, from, end) in group.Works.Where(w => Touches(w, partition)).ToArray())
        {
            for (var i = from; i < end && !work.Done.Task.IsCompleted; i++)
            {
                if (work.Homes[i] != partition.Id) continue;
                if (ApplyOne(work, work.Facts[i], work.Homes[i]) is not { } answer) break;
                work.Answers[i] = answer;
                if (await CommitAloneAsync(partition) is not { } refused) continue;
                found = true;
                await RestoreAsync(partition, cancel);
                work.Answers[i] = new Answer(Outcome.Refused("COMMIT_REJECTED", refused), default, []);
                if (work.Facts[i] is not Command) await DeadLetterAsync(partition, work.Facts[i], refused);
            }
        }

        if (!found && partition.State == PartitionState.Open)
            Close(partition, $"the database refuses what the partition does by itself: {detail}");
        foreach (var part in _filling.Works.Where(w => Touches(w, partition)).ToArray()) Repeat(part, partition);
        ReadAgain(partition, group);
        if (partition.State == PartitionState.Closed) FailTouching(partition, group);
    }

    private async Task DeadLetterAsync(Partition partition, Fact fact, string refused)
    {
        var record = new UndecodableRecord
        {
            Customer = fact.Customer, Source = fact.Source, EventId = fact.EventId, Time = fact.Time, Position = fact.Position,
            Reason = "COMMIT_REJECTED", Detail = $"{FactCatalogue.WireTypeOf(fact)}: {refused}",
        };
        if (!TryApply(partition, record, out _)) return;
        if (await CommitAloneAsync(partition) is { } again) Close(partition, $"the database refuses a dead letter: {again}");
    }

    /// <summary>Commits the frame of one partition, without the pipeline; what the database refuses is returned.</summary>
    private async Task<string?> CommitAloneAsync(Partition partition)
    {
        var frame = partition.Seal();
        for (var tries = 0; ; tries++)
        {
            var result = await CommitAsync([frame.Commit], tries);
            switch (result.Status)
            {
                case CommitStatus.Committed:
                    Settle([frame]);
                    return null;
                case CommitStatus.Refused:
                    return result.Detail ?? "no reason given";
                case CommitStatus.RolledBack when tries < CommitTriesMax:
                    continue;
                default:
                    throw new JournalUnavailableException(result.Detail ?? "The journal does not commit.");
            }
        }
    }

    /// <summary>Reads of the partition saw what was dropped: they look again.</summary>
    private void ReadAgain(Partition partition, CommitGroup group)
    {
        List<Work> reads = [.. group.Reads.Where(r => r.ReadPartition == partition.Id), .. _filling.Reads.Where(r => r.ReadPartition == partition.Id)];
        group.Reads.RemoveAll(r => r.ReadPartition == partition.Id);
        _filling.Reads.RemoveAll(r => r.ReadPartition == partition.Id);
        foreach (var read in reads) TakeRead(read);
    }

    private bool Touches((Work Work, int From, int End) part, Partition partition)
    {
        for (var i = part.From; i < part.End; i++)
            if (part.Work.Homes[i] == partition.Id) return true;
        return false;
    }

    /// <summary>Everybody who waits for a fact of this partition is told that it was not committed.</summary>
    private void FailTouching(Partition partition, CommitGroup group)
    {
        foreach (var works in (ReadOnlySpan<List<(Work, int, int)>>)[group.Works, _filling.Works])
        {
            foreach (var part in works)
                if (Touches(part, partition)) part.Item1.Fail(Closed(partition.Id));
        }

        ReadAgain(partition, group);
    }
}
