using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>A journal on a real database, opened for writing by its one owner.</summary>
public interface IStoredJournal : IJournal, IJournalPruning, IOutboxCursors, IFeedMarks, IAlertStore
{
    /// <summary>What an operator should read at start; empty when all is well.</summary>
    IReadOnlyList<string> Warnings { get; }

    /// <summary>
    /// Marks the database as served: from now on commands that would write to it directly need <c>--offline</c>.
    /// </summary>
    ValueTask MarkServedAsync(CancellationToken cancel);
}
