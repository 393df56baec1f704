using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>A journal that does not say what it must: stop, alarm, never go on.</summary>
public sealed class JournalBrokenException : Exception
{
    public JournalBrokenException(string message) : base(message)
    {
    }

    public JournalBrokenException() : this("The journal is broken.")
    {
    }

    public JournalBrokenException(string message, Exception inner) : base(message, inner)
    {
    }
}

/// <summary>What recovery built.</summary>
/// <param name="Book">The book at the head of the journal.</param>
/// <param name="Closed">The filter of closed documents.</param>
/// <param name="Changes">When each account changed last, and whose row is older than the book.</param>
/// <param name="EntriesSinceSnapshot">Entries behind the partition state.</param>
/// <param name="Rebuilt">Why the rows were not believed and the journal was read from its beginning; <c>null</c> ordinarily.</param>
internal sealed record Recovered(Book Book, ClosedFilter Closed, AccountChanges Changes, long EntriesSinceSnapshot, string? Rebuilt);

/// <summary>
/// Builds the book of a partition: the partition state with its window of event ids, the account rows (each at least as new as the
/// state), and the frames behind it; where a state has no window, older entries as far back as it reaches. Rows that are cut, corrupt,
/// missing, behind or out of balance are not repaired one by one: the journal is read from its beginning instead, which after a
/// pruning is its base.
/// </summary>
internal static class Recovery
{
    /// <summary>Frames of the first step backwards; each further step is twice as long.</summary>
    private const int WindowStep = 64;

    /// <summary>Recovers a partition up to a head.</summary>
    /// <param name="progress">Hears how far it has come.</param>
    /// <exception cref="JournalBrokenException">The frames do not prove what they must, or a row is newer than they are.</exception>
    public static async Task<Recovered> RunAsync(IJournalReader reader, DatabaseInfo database, PartitionHead head, CancellationToken cancel, RecoveryProgress? progress = null)
    {
        progress ??= new RecoveryProgress();
        var closed = new ClosedFilter();
        await foreach (var document in reader.ClosedAsync(head.Partition, cancel)) closed.Add(document.IdHash);
        string? doubt = null;
        var from = await BaseReading.FindAsync(reader, head, cancel);
        // The frames behind a state that is older than the base may be gone; the base is whole.
        if (await reader.StateAsync(head.Partition, cancel) is { } state && state.SnapshotSeq >= (from?.Seq ?? 0))
        {
            try
            {
                return await FromRowsAsync(reader, database, head, state, from, closed, progress, cancel);
            }
            catch (RowsDoubtedException doubted)
            {
                doubt = doubted.Message;
            }
        }

        try
        {
            return await FromStartAsync(reader, database, head, from, closed, doubt, progress, cancel);
        }
        catch (JournalBrokenException broken) when (doubt is not null)
        {
            throw new JournalBrokenException($"{doubt} The journal cannot make it anew: {broken.Message}", broken);
        }
    }

    private static async Task<Recovered> FromStartAsync(IJournalReader reader, DatabaseInfo database, PartitionHead head, PartitionBase? from, ClosedFilter closed,
        string? doubt, RecoveryProgress progress, CancellationToken cancel)
    {
        progress.BeginFrames(head.Seq - (from?.Seq ?? 0));
        var (book, changes) = from is null ? (Partition.NewBook(head.Partition, database), new AccountChanges()) : await BaseReading.BookAsync(reader, database, from, cancel);
        var replay = new Replay(book, head.Partition);
        if (from is not null) replay.Begin(from);
        replay.Touched = slot => changes.Note(slot, replay.Seq);
        await foreach (var stored in reader.FramesAsync(head.Partition, from?.Seq ?? 0, head.Seq, cancel))
        {
            replay.Apply(stored);
            progress.Frame();
        }

        DemandHead(replay, head);
        // The rows were not read, or not believed: all of them are written again, also of accounts that have not changed since the base.
        for (var slot = 0; slot < changes.Accounts; slot++) changes.Spoil(slot);
        return new Recovered(book, closed, changes, replay.Entries, doubt);
    }

    private static async Task<Recovered> FromRowsAsync(IJournalReader reader, DatabaseInfo database, PartitionHead head, PartitionStateRow state,
        PartitionBase? from, ClosedFilter closed, RecoveryProgress progress, CancellationToken cancel)
    {
        var book = Partition.NewBook(head.Partition, database);
        var (changes, newest) = await ReadRowsAsync(reader, book, head, state, progress, cancel);
        var replay = new Replay(book, head.Partition) { From = state.SnapshotSeq, AheadUpTo = newest };
        replay.Touched = slot => changes.Note(slot, replay.Seq);
        var isStored = ReadStored(book, state);
        var (window, isFull, remembered) = isStored ? await LastAsync(reader, head.Partition, state.SnapshotSeq, from?.Seq ?? 0, cancel)
            : await WindowAsync(reader, head.Partition, state.SnapshotSeq, from?.Seq ?? 0, cancel);
        if (from is not null && window == from.Seq)
        {
            replay.Begin(from);
            if (!isFull) ReadWindow(book, from);
        }

        try
        {
            foreach (var (stored, frame) in remembered)
            {
                if (isStored) replay.Pass(stored, frame);
                else replay.Remember(stored, frame);
            }

            await foreach (var stored in reader.FramesAsync(head.Partition, state.SnapshotSeq, head.Seq, cancel))
            {
                replay.Apply(stored);
                progress.Frame();
            }
        }
        catch (JournalBrokenException broken)
        {
            // A row that is behind shows as a replay that differs. Whether it was the row, the journal alone will tell.
            throw new RowsDoubtedException(broken.Message);
        }

        if (head.Seq > window) DemandHead(replay, head);
        else if (state.SnapshotSeq != head.Seq) throw new JournalBrokenException($"Partition {head.Partition}: the frames behind {state.SnapshotSeq} are missing.");
        book.EndRecovery();
        return new Recovered(book, closed, changes, replay.Entries, null);
    }

    private static async Task<(AccountChanges Changes, long Newest)> ReadRowsAsync(IJournalReader reader, Book book, PartitionHead head, PartitionStateRow state, RecoveryProgress progress, CancellationToken cancel)
    {
        AccountChanges changes;
        var newest = state.SnapshotSeq;
        try
        {
            changes = AccountChanges.Read(state.Bytes, out var rest);
            book.ReadState(rest);
            progress.BeginAccounts(changes.Accounts, head.Seq - state.SnapshotSeq);
            await foreach (var row in reader.AccountStatesAsync(head.Partition, cancel))
            {
                if (row.AsOfSeq > head.Seq)
                    throw new JournalBrokenException($"Partition {head.Partition}: the row of customer '{row.Customer}' is of sequence {row.AsOfSeq}, the journal ends at {head.Seq}.");
                // An account that was opened after the state is built from its entries alone.
                if (row.Slot >= changes.Accounts) continue;
                if (row.Slot != book.AccountCount) throw new RowsDoubtedException($"The row of slot {book.AccountCount} is missing.");
                if (Hashing.XxHash64(row.State.Span) != row.Checksum) throw new RowsDoubtedException($"The row of customer '{row.Customer}' fails its checksum.");
                if (!changes.Holds(row.Slot, row.AsOfSeq)) throw new RowsDoubtedException($"The row of customer '{row.Customer}' is of sequence {row.AsOfSeq} and behind its account.");
                progress.Account();
                book.ReadAccount(row.State, row.AsOfSeq > state.SnapshotSeq ? row.AsOfSeq : 0);
                if (book.KnowsLess(row.Slot, Book.FormatOf(row.State.Span))) throw new RowsDoubtedException($"The row of customer '{row.Customer}' is of an earlier release, which kept less.");
                // A checksum says only that the bytes are those that were written: what they hold must still add up.
                if (book.Unbalanced(row.Slot) is { } why) throw new RowsDoubtedException($"The row of customer '{row.Customer}' is out of balance: {why}.");
                if (book.CustomerAt(row.Slot) != row.Customer) throw new RowsDoubtedException($"The row of customer '{row.Customer}' holds another one.");
                if (row.AsOfSeq > state.SnapshotSeq)
                {
                    // Its newest change lies behind the state; the frames up to its row leave it alone.
                    newest = Math.Max(newest, row.AsOfSeq);
                    changes.Note(row.Slot, row.AsOfSeq);
                }
            }
        }
        catch (Exception cut) when (cut is InvalidDataException or OverflowException or ArgumentException or IndexOutOfRangeException)
        {
            throw new RowsDoubtedException(cut.Message);
        }

        if (book.AccountCount < changes.Accounts) throw new RowsDoubtedException($"The row of slot {book.AccountCount} is missing.");
        return (changes, newest);
    }

    private static bool ReadStored(Book book, PartitionStateRow state)
    {
        try
        {
            return StoredWindow.Read(book, state);
        }
        catch (InvalidDataException cut)
        {
            throw new RowsDoubtedException(cut.Message);
        }
    }

    private static void ReadWindow(Book book, PartitionBase from)
    {
        try
        {
            BaseReading.ReadWindow(book, from);
        }
        catch (InvalidDataException cut)
        {
            throw new JournalBrokenException($"{BaseReading.Name(from)}: {cut.Message}", cut);
        }
    }

    /// <summary>
    /// The sequence behind which the window of event ids lies, and the frames from there to the snapshot: back from it in growing
    /// steps, until so many entries are found that entered the window, or the journal begins.
    /// </summary>
    private static async Task<(long Start, bool IsFull, IReadOnlyList<(StoredFrame, Frame)> Frames)> WindowAsync(IJournalReader reader, int partition, long from, long first, CancellationToken cancel)
    {
        var steps = new Stack<List<(StoredFrame, Frame)>>();
        long found = 0, start = from;
        for (long step = WindowStep; start > first && found < PartitionMachine.WindowSize; step *= 2)
        {
            var (end, frames) = (start, new List<(StoredFrame, Frame)>());
            start = Math.Max(first, end - step);
            await foreach (var stored in reader.FramesAsync(partition, start, end, cancel))
            {
                var frame = Replay.Read(partition, stored);
                frames.Add((stored, frame));
                foreach (var entry in frame.Entries)
                    if (entry.EnteredWindow) found++;
            }

            steps.Push(frames);
        }

        return (start, found >= PartitionMachine.WindowSize, [.. steps.SelectMany(s => s)]);
    }

    /// <summary>The frame at which a state stands, alone, unless it is that of a base: what its window holds stands in the window.</summary>
    private static async Task<(long Start, bool IsFull, IReadOnlyList<(StoredFrame, Frame)> Frames)> LastAsync(IJournalReader reader, int partition, long at, long first, CancellationToken cancel)
    {
        var frames = new List<(StoredFrame, Frame)>(1);
        if (at > first)
            await foreach (var stored in reader.FramesAsync(partition, at - 1, at, cancel)) frames.Add((stored, Replay.Read(partition, stored)));
        return (at > first ? at - 1 : first, true, frames);
    }

    private static void DemandHead(Replay replay, PartitionHead head)
    {
        if (Math.Max(0, replay.Seq) != head.Seq || (head.Seq > 0 && !replay.Hash.AsSpan().SequenceEqual(head.HeadHash)))
            throw new JournalBrokenException($"Partition {head.Partition}: the frames end at {Math.Max(0, replay.Seq)}; the head says {head.Seq}{(replay.Seq == head.Seq ? " with another hash" : "")}.");
    }

    /// <summary>The account rows are not what the journal makes of them.</summary>
    private sealed class RowsDoubtedException(string why) : Exception(why);
}
