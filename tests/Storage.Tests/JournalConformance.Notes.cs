using ExposureMonitor.Engine;
using Xunit;
using static ExposureMonitor.Storage.Tests.Samples;

namespace ExposureMonitor.Storage.Tests;

/// <summary>Cursors of the outbox and marks of the feed.</summary>
public abstract partial class JournalConformance
{
    [StoreFact]
    public async Task Cursors_move_forward_only_and_never_beyond_the_journal()
    {
        await CommitAsync(Frame(await OpenAsync(0)));
        Assert.Empty(await Journal.CursorsAsync("kafka", None));
        await MoveAsync("kafka", new OutboxPlace(1, 3, 2));
        Assert.Equal(new OutboxPlace(1, 3, 2), (await Journal.CursorsAsync("kafka", None))[0]);
        // A process that was paused wakes up with an older place.
        await MoveAsync("kafka", new OutboxPlace(1, 3, 1));
        Assert.Equal(new OutboxPlace(1, 3, 2), (await Journal.CursorsAsync("kafka", None))[0]);
        // One that remembers commits which the database has lost.
        await MoveAsync("kafka", new OutboxPlace(2, 0, 0));
        Assert.Equal(new OutboxPlace(1, 3, 2), (await Journal.CursorsAsync("kafka", None))[0]);
        await MoveAsync("alerts", new OutboxPlace(1, 0, 0));
        Assert.Equal(new OutboxPlace(1, 0, 0), Assert.Single(await Journal.CursorsAsync("alerts", None)).Value);

        ValueTask MoveAsync(string reader, OutboxPlace place) => Journal.MoveCursorsAsync(reader, new Dictionary<int, OutboxPlace> { [0] = place }, None);
    }

    [StoreFact]
    public async Task Marks_are_replaced_and_wiped_together()
    {
        await Journal.MarkAsync([new FeedMark(FeedMark.Open, 0, 0, 0), new FeedMark("kafka:t:x:0", 5, 9, 1)], [], None);
        await Journal.MarkAsync([new FeedMark("kafka:t:x:1", 7, 7, 0)], ["kafka:t:x:0"], None);
        Assert.Equal([new FeedMark(FeedMark.Open, 0, 0, 0), new FeedMark("kafka:t:x:1", 7, 7, 0)], (await Journal.MarksAsync(None)).OrderBy(m => m.Stream, StringComparer.Ordinal));
        await Journal.MarkAsync([new FeedMark("kafka:t:x:1", 7, 7, 1)], [FeedMark.Open], None);
        Assert.Equal([new FeedMark("kafka:t:x:1", 7, 7, 1)], await Journal.MarksAsync(None));
    }

    [StoreFact]
    public async Task Notes_of_the_desk_are_written_over_the_version_that_was_read()
    {
        Assert.Null(await Journal.NoteAsync("view", "a", None));
        Assert.True(await Journal.PutNoteAsync(new DeskNote("view", "a", 0, "{\"n\":1}"), None));
        // A second one who read nothing must not write over it.
        Assert.False(await Journal.PutNoteAsync(new DeskNote("view", "a", 0, "{\"n\":2}"), None));
        Assert.True(await Journal.PutNoteAsync(new DeskNote("view", "a", 1, "{\"n\":3}"), None));
        Assert.False(await Journal.PutNoteAsync(new DeskNote("view", "a", 1, "{\"n\":4}"), None));
        Assert.Equal(new DeskNote("view", "a", 2, "{\"n\":3}"), await Journal.NoteAsync("view", "a", None));
        Assert.True(await Journal.PutNoteAsync(new DeskNote("view", "b", 0, "'; DROP TABLE desk_note; --"), None));
        Assert.True(await Journal.PutNoteAsync(new DeskNote("user", "a", 0, "{}"), None));
        Assert.Equal(["a", "b"], (await Journal.DeskNotesAsync("view", None)).Select(n => n.Id));
        await Journal.DropNoteAsync("view", "a", None);
        await Journal.DropNoteAsync("view", "a", None);
        Assert.Equal(["b"], (await Journal.DeskNotesAsync("view", None)).Select(n => n.Id));
    }
}
