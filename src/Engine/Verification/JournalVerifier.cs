using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>What a verification saw.</summary>
/// <param name="Violation">The first violation with partition, sequence and customer; <c>null</c> when all is proved.</param>
public sealed record VerificationReport(int Partitions, long Frames, long Entries, long Accounts, long Rows, long Approvals, string? Violation);

/// <summary>
/// Replays every partition from zero, reading only, and proves: sequences without gap, epochs that never fall, CRC,
/// chain, effects, one row per effect, account rows equal to the fold, conservation, no approval above the limit
/// without an excuse.
/// </summary>
public static class JournalVerifier
{
    /// <summary>Runs all proofs; stops at the first violation.</summary>
    public static async Task<VerificationReport> RunAsync(IJournalReader reader, DatabaseInfo database, CancellationToken cancel)
    {
        var total = new Totals();
        string? violation = null;
        foreach (var head in await reader.HeadsAsync(cancel))
        {
            total.Partitions++;
            try
            {
                violation = await PartitionAsync(reader, database, head, total, cancel);
            }
            catch (JournalBrokenException broken)
            {
                violation = broken.Message;
            }

            if (violation is not null) break;
        }

        violation ??= total.Messages.Lost();
        return new VerificationReport(total.Partitions, total.Frames, total.Entries, total.Accounts, total.Rows, total.Approvals, violation);
    }

    private sealed class Totals
    {
        internal int Partitions;
        internal long Frames, Entries, Accounts, Rows, Approvals;
        internal readonly MessageProof Messages = new();
    }

    private static async Task<string?> PartitionAsync(IJournalReader reader, DatabaseInfo database, PartitionHead head, Totals total, CancellationToken cancel)
    {
        var accounts = new Dictionary<long, List<AccountRow>>();
        await foreach (var row in reader.AccountsAsync(head.Partition, cancel))
        {
            if (!accounts.TryGetValue(row.AsOfSeq, out var list)) accounts[row.AsOfSeq] = list = [];
            list.Add(row);
        }

        var book = Partition.NewBook(head.Partition, database);
        string? violation = null;
        var counts = new long[Enum.GetValues<RowTable>().Length];
        var rows = new List<JournalRow>();
        var replay = new Replay(book, head.Partition)
        {
            Applied = (at, entry, outcome, effects) =>
            {
                rows.Clear();
                Engine.Rows.Add(rows, [], at, entry.Fact, outcome, effects, book);
                foreach (var row in rows) counts[(int)row.Table]++;
                violation ??= Approvals(at, effects, total) ?? Conserved(book, at) ?? total.Messages.Entry(at, entry.Fact, effects);
            },
        };
        await foreach (var stored in reader.FramesAsync(head.Partition, 0, long.MaxValue, cancel))
        {
            replay.Apply(stored);
            total.Frames++;
            if (violation is not null) return violation;
            if (!accounts.TryGetValue(stored.Seq, out var due)) continue;
            foreach (var row in due)
            {
                total.Accounts++;
                if (Differs(book, row) is { } why) return why;
            }
        }

        total.Entries += replay.Entries;
        if (Math.Max(0, replay.Seq) != head.Seq) return $"Partition {head.Partition}: the frames end at {replay.Seq}, the head says {head.Seq}.";
        if (head.Seq > 0 && !replay.Hash.AsSpan().SequenceEqual(head.HeadHash)) return $"Partition {head.Partition}: the head hash differs from the newest frame.";
        foreach (var table in Enum.GetValues<RowTable>())
        {
            var stored = await reader.CountRowsAsync(table, head.Partition, cancel);
            if (stored != counts[(int)table]) return $"Partition {head.Partition}: table {table} has {stored} rows, the journal makes {counts[(int)table]}.";
            total.Rows += stored;
        }

        return await total.Messages.StoredAsync(reader, head.Partition, cancel) ?? await SnapshotAsync(reader, head, cancel);
    }

    /// <summary>An account row must equal the fold at its sequence, byte for byte.</summary>
    private static string? Differs(Book book, AccountRow row)
    {
        if (Hashing.XxHash64(row.State.Span) != row.Checksum) return $"Partition {row.Partition}: the row of customer '{row.Customer}' fails its checksum.";
        if (row.Slot >= book.AccountCount || book.CustomerAt(row.Slot) != row.Customer) return $"Partition {row.Partition}: slot {row.Slot} is not customer '{row.Customer}'.";
        var buffer = new ByteBuffer();
        book.WriteAccount(row.Slot, buffer);
        return buffer.Written.SequenceEqual(row.State.Span)
            ? null
            : $"Partition {row.Partition}, sequence {row.AsOfSeq}: the row of customer '{row.Customer}' differs from the fold.";
    }

    /// <summary>A snapshot is whole: every account has a row that is neither behind it nor ahead of the journal.</summary>
    private static async Task<string?> SnapshotAsync(IJournalReader reader, PartitionHead head, CancellationToken cancel)
    {
        var state = await reader.StateAsync(head.Partition, cancel);
        if (state is null) return null;
        if (state.SnapshotSeq > head.Seq || state.SnapshotSeq != head.SnapshotSeq)
            return $"Partition {head.Partition}: the snapshot says {state.SnapshotSeq}, the head {head.SnapshotSeq}.";
        var changes = AccountChanges.Read(state.Bytes, out _);
        var next = 0;
        await foreach (var row in reader.AccountsAsync(head.Partition, cancel))
        {
            if (row.AsOfSeq > head.Seq) return $"Partition {head.Partition}: the row of customer '{row.Customer}' is ahead of the journal.";
            if (row.Slot != next++) return $"Partition {head.Partition}: the row of slot {next - 1} is missing.";
            if (!changes.Holds(row.Slot, row.AsOfSeq, state.SnapshotSeq))
                return $"Partition {head.Partition}: the row of customer '{row.Customer}' stands at {row.AsOfSeq}, not as the snapshot of {state.SnapshotSeq} needs it.";
        }

        return next == changes.Accounts ? null : $"Partition {head.Partition}: the snapshot has {changes.Accounts} accounts, {next} rows stand there.";
    }

    /// <summary>I6: an approval fits the limit, or names its excuse.</summary>
    private static string? Approvals(EntryPosition at, IReadOnlyList<Effect> effects, Totals total)
    {
        foreach (var effect in effects)
        {
            if (effect is not CheckDecided { Decision: Verdict.Approved or Verdict.ApprovedWithWarnings } decided) continue;
            total.Approvals++;
            if (decided.Excuse.Length > 0 || decided.Figures is not { LimitKind: LimitKind.Amount } figures) continue;
            var warned = decided.Reasons.Any(r => r.Rule is "010" or "030" && r.Reaction == Reaction.Warn);
            if (!warned && decided.Reasons.Any(r => r.Reaction >= Reaction.Hold)) return $"Entry {at}, customer '{decided.Customer}': approved in spite of a holding reason.";
        }

        return null;
    }

    private static string? Conserved(Book book, EntryPosition at)
    {
        foreach (var slot in book.Touched)
            if (book.Unbalanced(slot) is { } why) return $"Entry {at}, customer '{book.CustomerAt(slot)}': {why}";
        return null;
    }
}
