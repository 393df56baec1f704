using System.Runtime.CompilerServices;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>What goes out, in order. The only way by which a pump sees how rows are stored.</summary>
public interface IOutboxReader
{
    /// <summary>Streams what goes out of a partition: behind a place, up to a sequence, in the order of <see cref="OutboxPlace"/>.</summary>
    /// <param name="upTo">
    /// Sequence of a frame that is committed. Without it a commit between two reads could show a late row before an earlier
    /// one, and a cursor would move past what it never saw.
    /// </param>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    IAsyncEnumerable<OutboxRow> ReadAsync(int partition, OutboxPlace after, long upTo, CancellationToken cancel);
}

/// <summary>Where the readers of the outbox have come to, kept in the database beside the rows.</summary>
public interface IOutboxCursors
{
    /// <summary>By partition, the newest row that the outside has confirmed to a reader; partitions without one are left out.</summary>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    ValueTask<IReadOnlyDictionary<int, OutboxPlace>> CursorsAsync(string reader, CancellationToken cancel);

    /// <summary>
    /// Moves cursors forward. One never moves back, and never beyond what its partition has committed: a process that was
    /// paused, or that remembers commits which a restored database has lost, can do no harm with it, and needs no fence.
    /// </summary>
    /// <exception cref="JournalUnavailableException">The database does not answer; nothing is known to have moved.</exception>
    ValueTask MoveCursorsAsync(string reader, IReadOnlyDictionary<int, OutboxPlace> places, CancellationToken cancel);
}

/// <summary>The outbox of a journal: what its tables mark as going out, and all dead letters, each once.</summary>
/// <param name="tail">What was committed last, when this process commits; it saves reads of the journal.</param>
public sealed class JournalOutbox(IJournalReader reader, OutboxTail? tail = null) : IOutboxReader
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<OutboxRow> ReadAsync(int partition, OutboxPlace after, long upTo, [EnumeratorCancellation] CancellationToken cancel)
    {
        // A frame may have been sent in part: its rows come again from the table, and those up to the place are passed over.
        var from = after == OutboxPlace.EndOf(after.Seq) ? after.Seq : Math.Max(0, after.Seq - 1);
        if (tail is not null && tail.TryRead(partition, from, upTo, out var newest))
        {
            foreach (var row in newest)
                if (row.Place > after) yield return row;
            yield break;
        }

        await using var told = reader.RowsInOrderAsync(RowTable.Outbox, partition, from, cancel).GetAsyncEnumerator(cancel);
        await using var dead = reader.RowsInOrderAsync(RowTable.DeadLetter, partition, from, cancel).GetAsyncEnumerator(cancel);
        var (nextTold, nextDead) = (await NextAsync(told), await NextAsync(dead));
        while (nextTold is not null || nextDead is not null)
        {
            // A parked fact that lapsed is marked as going out and stands among the dead letters: it is one row.
            var order = nextTold is null ? 1 : nextDead is null ? -1 : OutboxRow.PlaceOf(nextTold).CompareTo(OutboxRow.PlaceOf(nextDead));
            var row = order < 0 ? nextTold! : nextDead!;
            if (row.Seq > upTo) yield break;
            if (OutboxRow.PlaceOf(row) > after) yield return new OutboxRow { Row = row, IsDeadLetter = order >= 0 };
            if (order <= 0) nextTold = await NextAsync(told);
            if (order >= 0) nextDead = await NextAsync(dead);
        }
    }

    private static async ValueTask<JournalRow?> NextAsync(IAsyncEnumerator<JournalRow> rows) => await rows.MoveNextAsync() ? rows.Current : null;
}
