namespace ExposureMonitor.Engine;

/// <summary>What the feed has written down about records of a stream.</summary>
/// <param name="Stream">Name of the stream in positions, or <see cref="Open"/>.</param>
/// <param name="First">Offset of the first record that is tried.</param>
/// <param name="Last">Offset of the last one.</param>
/// <param name="Deaths">How often the process has ended while exactly these were tried.</param>
public sealed record FeedMark(string Stream, long First, long Last, int Deaths)
{
    /// <summary>Stands while a feed runs; who finds it at the start knows that the last one did not end by itself.</summary>
    public const string Open = "*";
}

/// <summary>
/// Notes of the feed by which it finds a record that ends the process. They have to survive the process, not a power cut: a note
/// that is lost lets the record be tried once more.
/// </summary>
public interface IFeedMarks
{
    /// <summary>All notes.</summary>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    ValueTask<IReadOnlyList<FeedMark>> MarksAsync(CancellationToken cancel);

    /// <summary>Writes notes, instead of those of the same streams, and wipes those of others; all or nothing.</summary>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    ValueTask MarkAsync(IReadOnlyList<FeedMark> marks, IReadOnlyList<string> wiped, CancellationToken cancel);
}
