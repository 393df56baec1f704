namespace ExposureMonitor.Engine;

/// <summary>A note of the desk beside the journal: how a person signs in, a session, a saved view, a setting.</summary>
/// <param name="Kind">What it is, such as <c>session</c>.</param>
/// <param name="Id">Names it among its kind.</param>
/// <param name="Version">Counts its writes from 1 on; 0 for one that is to be new.</param>
/// <param name="Body">JSON.</param>
public sealed record DeskNote(string Kind, string Id, long Version, string Body);

/// <summary>
/// Notes of the desk. They decide about no money and stand under no fence: what a person may do is a key of the house, with its four
/// eyes and its entry in the audit trail. A note only says how that person proves who he is, or what he likes to look at.
/// </summary>
public interface IDeskNotes
{
    /// <summary>All notes of a kind, by id.</summary>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    ValueTask<IReadOnlyList<DeskNote>> DeskNotesAsync(string kind, CancellationToken cancel);

    /// <summary>One note, or <c>null</c>.</summary>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    ValueTask<DeskNote?> NoteAsync(string kind, string id, CancellationToken cancel);

    /// <summary>Writes a note over the version that it names; false when that version no longer stands and nothing was written.</summary>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    ValueTask<bool> PutNoteAsync(DeskNote note, CancellationToken cancel);

    /// <summary>Takes a note away; one that is not there is gone already.</summary>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    ValueTask DropNoteAsync(string kind, string id, CancellationToken cancel);
}
