using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>
/// Reads of a database that some other process may own. Takes no lock, bumps no epoch and applies no migration.
/// </summary>
public interface IStoredReader : IJournalReader, IAsyncDisposable
{
    /// <summary>What the database was created with, as of opening.</summary>
    DatabaseInfo Database { get; }

    /// <summary>What an operator should read at start; empty when all is well.</summary>
    IReadOnlyList<string> Warnings { get; }

    /// <summary>What the journal holds, by month and partition, in that order.</summary>
    ValueTask<IReadOnlyList<JournalRange>> RangesAsync(CancellationToken cancel);
}
