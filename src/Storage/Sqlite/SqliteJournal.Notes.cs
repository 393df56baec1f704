using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>Cursors and marks, written on the one connection that writes.</summary>
internal sealed partial class SqliteJournal
{
    public async ValueTask<IReadOnlyDictionary<int, OutboxPlace>> CursorsAsync(string reader, CancellationToken cancel) => await this.reader.CursorsAsync(reader, cancel);

    public async ValueTask MoveCursorsAsync(string reader, IReadOnlyDictionary<int, OutboxPlace> places, CancellationToken cancel) =>
        await OnWriterAsync(w => w.Note(NoteStatements.Move(reader, places)), places.Count * RowBytes, cancel);

    public async ValueTask<IReadOnlyList<FeedMark>> MarksAsync(CancellationToken cancel) => await reader.MarksAsync(cancel);

    public async ValueTask MarkAsync(IReadOnlyList<FeedMark> marks, IReadOnlyList<string> wiped, CancellationToken cancel) =>
        await OnWriterAsync(w => w.Note(NoteStatements.Mark(marks, wiped)), (marks.Count + wiped.Count) * RowBytes, cancel);
}
