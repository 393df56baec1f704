namespace ExposureMonitor.Engine;

/// <summary>
/// The seam to pruning: writes a base, and drops what lies below the newest sealed one. Only the database's owner may; one
/// caller at a time, with no service beside it. Whatever instant it ends at, the next call finds a whole journal.
/// </summary>
public interface IJournalPruning
{
    /// <summary>Forgets a base that was never sealed, and gives the number of the next.</summary>
    /// <exception cref="InvalidOperationException">This role may not prune.</exception>
    ValueTask<long> BeginBaseAsync(CancellationToken cancel);

    /// <summary>Writes accounts of a base that is not sealed yet.</summary>
    ValueTask WriteBaseAsync(long number, int partition, IReadOnlyList<BaseAccount> accounts, CancellationToken cancel);

    /// <summary>Writes a partition of a base that is not sealed yet.</summary>
    ValueTask WriteBaseAsync(PartitionBase partition, CancellationToken cancel);

    /// <summary>Seals a base: from here on everybody reads from it.</summary>
    ValueTask SealBaseAsync(BaseSeal seal, CancellationToken cancel);

    /// <summary>A partition of a base, sealed or not; <c>null</c> when it has none.</summary>
    ValueTask<PartitionBase?> FindBaseAsync(long number, int partition, CancellationToken cancel);

    /// <summary>What the journal holds, by month and partition, in that order.</summary>
    ValueTask<IReadOnlyList<JournalRange>> RangesAsync(CancellationToken cancel);

    /// <summary>Drops a month of the journal; all of its frames have to lie at or below the sealed base.</summary>
    /// <param name="tell">Hears how many frames are gone.</param>
    /// <exception cref="InvalidOperationException">A frame of it lies above the base; nothing was dropped.</exception>
    ValueTask DropRangeAsync(int period, Action<long> tell, CancellationToken cancel);

    /// <summary>Drops the accounts of bases before the newest sealed one; what they say of themselves stays.</summary>
    ValueTask<long> DropOlderBasesAsync(CancellationToken cancel);
}

/// <summary>The frames of a month in one partition.</summary>
/// <param name="Period">Month as <c>yyyymm</c>.</param>
/// <param name="Bytes">Bytes of their payloads, or their share of the table of the month where months are tables.</param>
public sealed record JournalRange(int Period, int Partition, long FirstSeq, long LastSeq, long Frames, long Bytes);

/// <summary>The past that was asked for lies before the base of its partition: its frames were pruned.</summary>
public sealed class PrunedException : InvalidOperationException
{
    public PrunedException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    public PrunedException() : this("The journal was pruned.")
    {
    }

    public PrunedException(string message) : this(message, null)
    {
    }
}
