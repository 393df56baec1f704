using System.Text;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>Gauges of the partitions of this process, taken when somebody asks. The house is the partition -1.</summary>
internal static class PartitionGauges
{
    internal static void Write(StringBuilder text, Desk desk)
    {
        var standing = desk.Engine.Standing();
        BookGauges.Head(text, "exposure_partitions", "Partitions that this process owns, by state.");
        foreach (var condition in Enum.GetValues<PartitionCondition>())
            BookGauges.Line(text, $"exposure_partitions{{state=\"{condition.ToString().ToLowerInvariant()}\"}}", standing.Count(p => p.Condition == condition));
        BookGauges.Head(text, "exposure_partition_queue_depth", "What was handed in for a partition and has no answer yet: commands, facts of batches, reads.");
        foreach (var p in standing)
            foreach (var (kind, depth) in (ReadOnlySpan<(string, long)>)[("command", p.Commands), ("batch", p.Batched), ("read", p.Reads)])
                BookGauges.Line(text, $"exposure_partition_queue_depth{{partition=\"{p.Partition}\",kind=\"{kind}\"}}", depth);
        BookGauges.Head(text, "exposure_snapshot_age_seconds", "Since the last snapshot of a partition began; nothing is said of one that came with much to do again.");
        foreach (var p in standing)
            if (p.SnapshotAge is { } age) BookGauges.Line(text, $"exposure_snapshot_age_seconds{{partition=\"{p.Partition}\"}}", (long)age.TotalSeconds);
        BookGauges.Head(text, "exposure_snapshot_behind_entries", "Entries of a partition that a start would have to do again.");
        foreach (var p in standing) BookGauges.Line(text, $"exposure_snapshot_behind_entries{{partition=\"{p.Partition}\"}}", p.EntriesSinceSnapshot);
    }
}
