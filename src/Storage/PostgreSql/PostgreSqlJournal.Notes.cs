using System.Data;
using ExposureMonitor.Engine;
using Npgsql;

namespace ExposureMonitor.Storage;

/// <summary>Cursors and marks, on a session of their own that never stands in front of a commit.</summary>
internal sealed partial class PostgreSqlJournal
{
    private readonly SemaphoreSlim noting = new(1, 1);
    private NpgsqlConnection? notes;

    public async ValueTask<IReadOnlyDictionary<int, OutboxPlace>> CursorsAsync(string reader, CancellationToken cancel) => await this.reader.CursorsAsync(reader, cancel);

    public ValueTask MoveCursorsAsync(string reader, IReadOnlyDictionary<int, OutboxPlace> places, CancellationToken cancel) =>
        NoteAsync(NoteStatements.Move(reader, places), cancel);

    public async ValueTask<IReadOnlyList<FeedMark>> MarksAsync(CancellationToken cancel) => await reader.MarksAsync(cancel);

    public ValueTask MarkAsync(IReadOnlyList<FeedMark> marks, IReadOnlyList<string> wiped, CancellationToken cancel) =>
        NoteAsync(NoteStatements.Mark(marks, wiped), cancel);

    public ValueTask<IReadOnlyList<DeskNote>> DeskNotesAsync(string kind, CancellationToken cancel) => this.reader.DeskNotesAsync(kind, cancel);

    public ValueTask<DeskNote?> NoteAsync(string kind, string id, CancellationToken cancel) => this.reader.DeskNoteAsync(kind, id, cancel);

    public async ValueTask<bool> PutNoteAsync(DeskNote note, CancellationToken cancel)
    {
        await NoteAsync(NoteStatements.Put(note), cancel);
        return await NoteAsync(note.Kind, note.Id, cancel) is { } stands && stands.Version == note.Version + 1 && stands.Body == note.Body;
    }

    public ValueTask DropNoteAsync(string kind, string id, CancellationToken cancel) => NoteAsync(NoteStatements.Drop(kind, id), cancel);

    private async ValueTask NoteAsync(IReadOnlyList<(string Sql, object[] Values)> statements, CancellationToken cancel)
    {
        if (statements.Count == 0) return;
        await noting.WaitAsync(cancel);
        try
        {
            if (notes?.State != ConnectionState.Open)
            {
                if (notes is not null) await notes.DisposeAsync();
                notes = await PostgreSqlDatabase.OpenWriterAsync(source, address, cancel);
                // A note that a power cut takes back is taken back whole: rows go out again under their ids, a record is tried once more.
                await PostgreSqlDatabase.ExecuteAsync(notes, "SET synchronous_commit = off", cancel);
            }

            // One batch is one transaction and one round trip.
            await using var batch = new NpgsqlBatch(notes);
            foreach (var (sql, values) in statements)
            {
                var command = new NpgsqlBatchCommand(sql);
                foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
                batch.BatchCommands.Add(command);
            }

            await batch.ExecuteNonQueryAsync(cancel);
        }
        catch (Exception e) when (IsDriver(e))
        {
            throw PostgreSqlDatabase.Unavailable(address, e);
        }
        finally
        {
            noting.Release();
        }
    }
}
