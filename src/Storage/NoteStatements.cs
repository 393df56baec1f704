using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>
/// Statements of the small notes that stand beside the journal and under no fence: cursors of the outbox, marks of the feed, notes of the desk. Both
/// databases understand them. Why no fence: <see cref="IOutboxCursors.MoveCursorsAsync"/>.
/// </summary>
internal static class NoteStatements
{
    public const string Cursors = "SELECT partition, seq, idx, ordinal FROM outbox_cursor WHERE reader = $1";

    public const string Marks = "SELECT stream, first_offset, last_offset, deaths FROM feed_mark";

    public static IReadOnlyList<(string Sql, object[] Values)> Move(string reader, IReadOnlyDictionary<int, OutboxPlace> places) =>
    [
        // In the order of the partitions, so that two writers never wait for one another crosswise.
        .. places.OrderBy(p => p.Key).Select(p => ("""
            INSERT INTO outbox_cursor (reader, partition, seq, idx, ordinal)
            SELECT $1, id, $3, $4, $5 FROM partition WHERE id = $2 AND seq >= $3
            ON CONFLICT (reader, partition) DO UPDATE SET seq = excluded.seq, idx = excluded.idx, ordinal = excluded.ordinal
            WHERE (outbox_cursor.seq, outbox_cursor.idx, outbox_cursor.ordinal) < (excluded.seq, excluded.idx, excluded.ordinal)
            """, (object[])[reader, p.Key, p.Value.Seq, p.Value.Index, p.Value.Ordinal])),
    ];

    public static IReadOnlyList<(string Sql, object[] Values)> Mark(IReadOnlyList<FeedMark> marks, IReadOnlyList<string> wiped) =>
    [
        .. wiped.Select(stream => ("DELETE FROM feed_mark WHERE stream = $1", (object[])[stream])),
        .. marks.Select(m => ("""
            INSERT INTO feed_mark (stream, first_offset, last_offset, deaths) VALUES ($1, $2, $3, $4)
            ON CONFLICT (stream) DO UPDATE SET first_offset = excluded.first_offset, last_offset = excluded.last_offset, deaths = excluded.deaths
            """, (object[])[m.Stream, m.First, m.Last, m.Deaths])),
    ];

    public const string DeskNotes = "SELECT kind, id, version, body FROM desk_note WHERE kind = $1 ORDER BY id";

    public const string DeskNote = "SELECT kind, id, version, body FROM desk_note WHERE kind = $1 AND id = $2";

    /// <summary>Changes nothing unless the version stands: the writer reads back whether it was he.</summary>
    public static IReadOnlyList<(string Sql, object[] Values)> Put(DeskNote note) => note.Version == 0
        ? [("INSERT INTO desk_note (kind, id, version, body) VALUES ($1, $2, 1, $3) ON CONFLICT (kind, id) DO NOTHING", [note.Kind, note.Id, note.Body])]
        : [("UPDATE desk_note SET version = version + 1, body = $4 WHERE kind = $1 AND id = $2 AND version = $3", [note.Kind, note.Id, note.Version, note.Body])];

    public static IReadOnlyList<(string Sql, object[] Values)> Drop(string kind, string id) => [("DELETE FROM desk_note WHERE kind = $1 AND id = $2", [kind, id])];
}
