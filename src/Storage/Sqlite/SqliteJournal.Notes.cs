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

    public ValueTask<IReadOnlyList<DeskNote>> DeskNotesAsync(string kind, CancellationToken cancel) => reader.DeskNotesAsync(kind, cancel);

    public ValueTask<DeskNote?> NoteAsync(string kind, string id, CancellationToken cancel) => reader.DeskNoteAsync(kind, id, cancel);

    public async ValueTask<bool> PutNoteAsync(DeskNote note, CancellationToken cancel)
    {
        await OnWriterAsync(w => w.Note(NoteStatements.Put(note)), note.Body.Length + RowBytes, cancel);
        return await NoteAsync(note.Kind, note.Id, cancel) is { } stands && stands.Version == note.Version + 1 && stands.Body == note.Body;
    }

    public async ValueTask DropNoteAsync(string kind, string id, CancellationToken cancel) => await OnWriterAsync(w => w.Note(NoteStatements.Drop(kind, id)), RowBytes, cancel);
}
