using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// What was handed in and has no answer yet, by partition: all partitions of a process share its queues, so that these do not say whose
/// work it is that waits. Safe from any thread.
/// </summary>
/// <param name="places">The house and all partitions.</param>
internal sealed class QueueDepths(int places)
{
    private readonly long[] _depths = new long[places];

    /// <summary>Adds the facts of a piece of work, or takes them off; a read counts as one.</summary>
    internal void Add(Work work, int sign)
    {
        if (work.Read is not null)
        {
            Interlocked.Add(ref _depths[work.ReadPartition + 1], sign);
            return;
        }

        var homes = work.Homes;
        // One partition at a time: whoever reads a topic hands in a partition's records, and a command is alone.
        for (var from = 0; from < homes.Length;)
        {
            var end = from + 1;
            while (end < homes.Length && homes[end] == homes[from]) end++;
            Interlocked.Add(ref _depths[homes[from] + 1], sign * (end - from));
            from = end;
        }
    }

    /// <summary>How much waits for a partition; <see cref="Book.House"/> is one.</summary>
    internal long Of(int partition) => Math.Max(0, Volatile.Read(ref _depths[partition + 1]));
}
