using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Under a drain the partitions of a slice are applied side by side: nothing that one fact changes belongs to two partitions, and the facts
/// of each come in their order, as ever. The loop takes part, and goes on when all of them are done.
/// </summary>
public sealed partial class ExposureEngine
{
    /// <summary>For fewer facts it would not pay.</summary>
    private const int SideBySideMin = 128;

    private readonly List<Partition> _turns = [];

    /// <summary>A simulation runs the loop on one thread, and on the clock of events time passes in all partitions with each fact.</summary>
    private bool MayGoSideBySide => _scheduler == TaskScheduler.Default && Environment.ProcessorCount > 1 && Database.ClockMode != "events";

    /// <summary>Applies the batches of the slice; false when it is nothing for many at once, and nothing was done.</summary>
    private bool TakeSideBySide(int facts)
    {
        if (facts < SideBySideMin || !MayGoSideBySide) return false;
        foreach (var (work, from, end) in _slice)
            if (work.Read is not null || work.Seen >= 0 || !OfCustomers(work, from, end)) return false;
        foreach (var (work, from, end) in _slice)
        {
            if (work.Done.Task.IsCompleted) continue;
            for (var i = from; i < end; i++)
            {
                var partition = _partitions[work.Homes[i]];
                if (partition.Turn.Count == 0) _turns.Add(partition);
                partition.Turn.Add((work, i));
            }
        }

        // The largest first: at the end nobody waits for a partition that was left till then.
        _turns.Sort(static (a, b) => b.Turn.Count.CompareTo(a.Turn.Count));
        SideBySide(_turns.Count, turn => ApplyTurn(_turns[turn]));
        foreach (var (work, from, end) in _slice)
        {
            if (work.Done.Task.IsCompleted) continue;
            work.Taken = end;
            _filling.Works.Add((work, from, end));
        }

        foreach (var partition in _turns)
        {
            partition.Turn.Clear();
            if (partition.Broke is { } bug) Close(partition, bug);
        }

        _turns.Clear();
        return true;
    }

    /// <summary>
    /// Each processor takes one after the other. <see cref="Parallel.For(int, int, Action{int})"/> by itself hands out up to sixteen at a
    /// time, a quarter of the partitions, for which the others then wait.
    /// </summary>
    private static void SideBySide(int count, Action<int> work)
    {
        var next = -1;
        Parallel.For(0, Math.Min(count, Environment.ProcessorCount), _ =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < count;) work(i);
        });
    }

    /// <summary>What the house tells holds the others up, and has an order of its own.</summary>
    private static bool OfCustomers(Work work, int from, int end)
    {
        for (var i = from; i < end; i++)
            if (work.Homes[i] == Book.House || work.Facts[i] is IHouseBroadcast) return false;
        return true;
    }

    /// <summary>The facts of one partition, in their order. Touches nothing else but their work.</summary>
    private void ApplyTurn(Partition partition)
    {
        var turn = partition.Turn;
        var now = default(Instant);
        for (var i = 0; i < turn.Count; i++)
        {
            if (i % Foresight.Max == 0)
            {
                // So many facts take less time than a record waits between two fetches: they arrived together.
                now = Instant.From(_time.GetUtcNow());
                Foresee(partition, i);
            }

            var (work, index) = turn[i];
            if (work.Done.Task.IsCompleted || (index == 0 && work.Stream is { } stream && !IsItsTurn(work, stream.Partition, stream.Name, stream.After))) continue;
            if (partition.State != PartitionState.Open || partition.Broke is not null)
            {
                work.Fail(Closed(partition.Id));
                continue;
            }

            var fact = work.Facts[index];
            fact.KnownClosed = KnownClosed(partition, fact);
            if (TryApply(partition, fact, now, out var answer, out var bug, keepsDecision: work.Stream is null)) work.Answers[index] = answer;
            else (partition.Broke, _) = (bug, work.Done.TrySetException(Closed(partition.Id)));
        }
    }

    private static void Foresee(Partition partition, int from)
    {
        var turn = partition.Turn;
        var end = Math.Min(turn.Count, from + Foresight.Max);
        if (partition.State != PartitionState.Open || end - from < ForesightMin) return;
        for (var i = from; i < end; i++) partition.Foresight.Add(partition.Book, turn[i].Work.Facts[turn[i].Index]);
        partition.Foresight.Look();
    }

    /// <summary>Seals what is filled, each partition by itself.</summary>
    private void Seal(CommitGroup group)
    {
        foreach (var partition in _partitions.Values)
            if (partition is { State: PartitionState.Open, Filled: > 0 }) _turns.Add(partition);
        var frames = new SealedFrame[_turns.Count];
        if (Filled < SideBySideMin || !MayGoSideBySide)
            for (var i = 0; i < frames.Length; i++) frames[i] = _turns[i].Seal();
        else SideBySide(frames.Length, i => frames[i] = _turns[i].Seal());
        _turns.Clear();
        group.Frames.AddRange(frames);
    }
}
