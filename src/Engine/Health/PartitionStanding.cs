namespace ExposureMonitor.Engine;

/// <summary>How a partition of this process does.</summary>
public enum PartitionCondition
{
    /// <summary>It takes facts in and answers.</summary>
    Serving,

    /// <summary>It is read back, or waits for the journal.</summary>
    Recovering,

    /// <summary>Its journal does not prove what it must: somebody has to look.</summary>
    Closed,
}

/// <summary>A partition of this process in numbers, which may be a moment old.</summary>
/// <param name="Partition">The house is -1.</param>
/// <param name="SnapshotAge">Since its last snapshot began, or since it came with little to do again; <c>null</c> when much had to be, or while it does not serve.</param>
/// <param name="EntriesSinceSnapshot">Entries that a start would have to do again.</param>
/// <param name="Commands">Commands that were handed in and have no answer yet.</param>
/// <param name="Batched">Facts of batches, likewise.</param>
/// <param name="Reads">Questions to its book, likewise.</param>
public sealed record PartitionStanding(int Partition, PartitionCondition Condition, TimeSpan? SnapshotAge, long EntriesSinceSnapshot, long Commands, long Batched, long Reads);
