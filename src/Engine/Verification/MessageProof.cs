using System.Globalization;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Proves the messages between partitions: every stored row is the one that the replay sends, numbers have no gap on
/// either side, and nobody took what was not sent. Stored rows are read along, a page at a time.
/// </summary>
internal sealed class MessageProof(IJournalReader reader)
{
    private const int Page = 1_000;

    private readonly Dictionary<(int Sender, int Receiver), Pair> _pairs = [];
    private readonly Dictionary<(int Sender, int Receiver), long> _taken = [];
    private readonly List<MessageRow> _made = [];

    private sealed class Pair
    {
        internal long Sent;
        internal readonly Queue<MessageRow> Stored = new();
    }

    /// <summary>A partition goes on from a base: what it had sent and taken by then was proved before its frames went.</summary>
    internal void Begin(Book book)
    {
        foreach (var (receiver, number) in book.Sent) _pairs[(book.Partition, receiver)] = new Pair { Sent = number };
        for (var sender = Book.House; sender < book.Partitions; sender++)
            if (book.TakenFrom(sender) is > 0 and var taken) _taken[(sender, book.Partition)] = taken;
    }

    /// <summary>Notes what an entry sends and takes.</summary>
    internal string? Entry(EntryPosition at, Fact fact, IReadOnlyList<Effect> effects)
    {
        foreach (var effect in effects)
            if (effect is MessageSent sent) _made.Add(Messages.RowOf(at.Partition, sent, fact));
        if (!fact.Position.IsPartition(out var sender)) return null;
        var taken = _taken.GetValueOrDefault((sender, at.Partition)) + 1;
        if (fact.Position.Offset != taken)
            return $"Entry {at}: message {fact.Position.Offset.ToString(CultureInfo.InvariantCulture)} of partition {sender} was taken where {taken} was due.";
        _taken[(sender, at.Partition)] = taken;
        return null;
    }

    /// <summary>Compares what a frame sends with the stored rows.</summary>
    internal async ValueTask<string?> EndFrameAsync(CancellationToken cancel)
    {
        foreach (var row in _made)
        {
            if (!_pairs.TryGetValue((row.Sender, row.Receiver), out var pair)) _pairs[(row.Sender, row.Receiver)] = pair = new Pair();
            if (row.Number != pair.Sent + 1) return $"Partition {row.Sender}: message {row.Number} to partition {row.Receiver} should be {pair.Sent + 1}.";
            if (await NextAsync(row, pair, cancel) is not { } stored) return $"Partition {row.Sender}: message {row.Number} to partition {row.Receiver} is missing.";
            if (stored.Number != row.Number || !stored.Body.AsSpan().SequenceEqual(row.Body))
                return $"Partition {row.Sender}: message {stored.Number} to partition {row.Receiver} is not what the journal sends.";
            pair.Sent++;
        }

        _made.Clear();
        return null;
    }

    private async ValueTask<MessageRow?> NextAsync(MessageRow row, Pair pair, CancellationToken cancel)
    {
        if (pair.Stored.Count == 0)
            foreach (var stored in await reader.MessagesAsync(row.Sender, row.Receiver, pair.Sent, Page, cancel)) pair.Stored.Enqueue(stored);
        return pair.Stored.TryDequeue(out var next) ? next : null;
    }

    /// <summary>After all partitions: nothing is stored beyond what was sent, and nobody took more than that.</summary>
    internal async ValueTask<string?> EndAsync(CancellationToken cancel)
    {
        foreach (var ((sender, receiver), pair) in _pairs)
            if (pair.Stored.Count > 0 || (await reader.MessagesAsync(sender, receiver, pair.Sent, 1, cancel)).Count > 0)
                return $"Partition {sender}: message {pair.Sent + 1} to partition {receiver} is stored, and no entry sends it.";
        foreach (var (pair, taken) in _taken)
            if (taken > (_pairs.GetValueOrDefault(pair)?.Sent ?? 0))
                return $"Partition {pair.Receiver} took message {taken} of partition {pair.Sender}, which never sent it.";
        return null;
    }
}
