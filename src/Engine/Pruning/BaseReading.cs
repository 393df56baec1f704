using System.Globalization;
using System.Security.Cryptography;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>Reads bases back, and believes nothing that its digests do not bear out.</summary>
internal static class BaseReading
{
    /// <summary>The base of a partition with all but its accounts proved, or <c>null</c>.</summary>
    /// <exception cref="JournalBrokenException">It is another one than its digest says, or lies beyond the journal.</exception>
    internal static async ValueTask<PartitionBase?> FindAsync(IJournalReader reader, PartitionHead head, CancellationToken cancel)
    {
        if (await reader.BaseAsync(head.Partition, cancel) is not { } from)
            return await reader.SealAsync(cancel) is { } seal ? throw new JournalBrokenException($"Partition {head.Partition} is missing in base {seal.Number}.") : null;
        Demand(from);
        if (from.Seq > head.Seq) throw new JournalBrokenException($"{Name(from)}: the journal ends at {head.Seq}, before it.");
        if (from.Seq == head.Seq && head.Seq > 0 && !from.HeadHash.AsSpan().SequenceEqual(head.HeadHash)) throw new JournalBrokenException($"{Name(from)}: the journal's head has another hash.");
        return from;
    }

    internal static void Demand(PartitionBase from)
    {
        if (!from.ComputeDigest().AsSpan().SequenceEqual(from.Digest)) throw new JournalBrokenException($"{Name(from)}: it was changed; its digest is another one.");
    }

    /// <summary>The book of a base, with the frames in which its accounts changed last.</summary>
    /// <exception cref="JournalBrokenException">An account is missing, or was changed.</exception>
    internal static async Task<(Book Book, AccountChanges Changes)> BookAsync(IJournalReader reader, DatabaseInfo database, PartitionBase from, CancellationToken cancel)
    {
        var book = Partition.NewBook(from.Partition, database);
        using var digest = new AccountsDigest();
        try
        {
            var changes = AccountChanges.Read(from.State, out var rest);
            book.ReadState(rest);
            await foreach (var account in reader.BaseAccountsAsync(from.Number, from.Partition, cancel))
            {
                if (account.Slot != digest.Count) throw new JournalBrokenException($"{Name(from)}: the account of slot {digest.Count} is missing.");
                digest.Add(account);
                book.ReadAccount(account.State);
                if (book.CustomerAt(account.Slot) != account.Customer) throw new JournalBrokenException($"{Name(from)}: the account of customer '{account.Customer}' holds another one.");
            }

            if (digest.Count != from.Accounts) throw new JournalBrokenException($"{Name(from)}: it has {digest.Count} accounts of {from.Accounts}.");
            if (!digest.End().AsSpan().SequenceEqual(from.AccountsHash)) throw new JournalBrokenException($"{Name(from)}: an account was changed; their digest is another one.");
            ReadWindow(book, from);
            return (book, changes);
        }
        catch (Exception cut) when (cut is InvalidDataException or OverflowException or ArgumentException or IndexOutOfRangeException)
        {
            throw new JournalBrokenException($"{Name(from)}: {cut.Message}", cut);
        }
    }

    /// <summary>The window of event ids alone, for a book that was built from newer rows.</summary>
    internal static void ReadWindow(Book book, PartitionBase from) => book.ReadWindow(from.Window.Span);

    /// <summary>SHA-256 over the rows of a partition and the messages that it sent, up to a sequence: what stays when the frames go.</summary>
    internal static async Task<byte[]> RowsDigestAsync(IJournalReader reader, int partition, long upTo, IReadOnlyDictionary<int, long> sent, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new ByteBuffer();
        foreach (var table in Enum.GetValues<RowTable>())
        {
            if (table == RowTable.Outbox) continue;
            await foreach (var row in reader.RowsInOrderAsync(table, partition, 0, cancel))
            {
                if (row.Seq > upTo) break;
                buffer.Clear();
                buffer.Varint((ulong)table);
                buffer.Signed(row.Seq);
                buffer.Signed(row.Index);
                buffer.Signed(row.Ordinal);
                buffer.Text(row.Customer);
                buffer.Text(row.Subject);
                buffer.Text(row.Kind);
                buffer.Signed(row.At);
                buffer.Signed(row.Key);
                buffer.Byte(row.GoesOut ? (byte)1 : (byte)0);
                buffer.Block(row.Body.Span);
                hash.AppendData(buffer.Written);
            }
        }

        foreach (var (receiver, last) in sent)
        {
            for (var after = 0L; after < last;)
            {
                var page = await reader.MessagesAsync(partition, receiver, after, 1_000, cancel);
                foreach (var message in page)
                {
                    if ((after = message.Number) > last) break;
                    buffer.Clear();
                    buffer.Signed(receiver);
                    buffer.Signed(message.Number);
                    buffer.Block(message.Body);
                    hash.AppendData(buffer.Written);
                }

                if (page.Count == 0) break;
            }
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Throws when a past moment lies before the base: what it was, and from when on the past is known.</summary>
    internal static void DemandReached(PartitionBase? from, PastBound until)
    {
        if (from is null || (until.Seq >= from.Seq && until.At.Micros >= from.At)) return;
        var asked = until.Seq < from.Seq ? $"Sequence {until.Seq}" : $"The moment {until.At}";
        throw new PrunedException($"{asked} lies before what is kept of partition {from.Partition}: its journal was pruned up to sequence {from.Seq} of {new Instant(from.At)}. Ask for that moment or a later one.");
    }

    internal static string Name(PartitionBase from) => string.Create(CultureInfo.InvariantCulture, $"Partition {from.Partition}, base {from.Number} at sequence {from.Seq}");
}
