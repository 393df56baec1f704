using ExposureMonitor.Engine;

namespace ExposureMonitor.Silo;

/// <summary>
/// Notes of the feed where several silos keep theirs in one table: that a feed is open is said of this silo, what it tries is said of the stream,
/// so that a record that ended one silo is known to the next one.
/// </summary>
internal sealed class SiloFeedMarks(IFeedMarks inner, string silo) : IFeedMarks
{
    private string Open => $"{FeedMark.Open}{silo}";

    public async ValueTask<IReadOnlyList<FeedMark>> MarksAsync(CancellationToken cancel) =>
        [.. (await inner.MarksAsync(cancel)).Where(m => m.Stream == Open || !m.Stream.StartsWith(FeedMark.Open, StringComparison.Ordinal)).Select(m => m.Stream == Open ? m with { Stream = FeedMark.Open } : m)];

    public ValueTask MarkAsync(IReadOnlyList<FeedMark> marks, IReadOnlyList<string> wiped, CancellationToken cancel) =>
        inner.MarkAsync([.. marks.Select(m => m.Stream == FeedMark.Open ? m with { Stream = Open } : m)], [.. wiped.Select(w => w == FeedMark.Open ? Open : w)], cancel);
}
