using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Messages between partitions: sent by the commit of one, taken by a later commit of the other, once, in the order of
/// their numbers.
/// </summary>
public sealed partial class ExposureEngine
{
    private const int MessagePage = 1_000;

    /// <summary>Committed messages that their receivers have not taken yet, in the order of their commits.</summary>
    private readonly Queue<MessageRow> _inbox = [];

    /// <summary>Takes what waits, up to a slice; returns how many.</summary>
    private int TakeMessages()
    {
        // Nothing is taken while a sender or receiver is still to come: the inbox is read from the journal then.
        if (_coming.Count > 0) return 0;
        var facts = 0;
        while (facts < SliceMax && _inbox.TryDequeue(out var row))
        {
            var receiver = _partitions[row.Receiver];
            if (receiver.State != PartitionState.Open) continue;
            var taken = receiver.Book.TakenFrom(row.Sender);
            if (row.Number <= taken) continue;
            if (row.Number != taken + 1)
            {
                Close(receiver, $"it took message {taken} of partition {row.Sender}; the next one is {row.Number}");
                continue;
            }

            facts++;
            TryApply(receiver, Messages.FactOf(row), out _);
        }

        return facts;
    }

    /// <summary>Fills the inbox from the journal: of all partitions, or of those pairs that one belongs to.</summary>
    private async Task LoadInboxAsync(Partition? only, CancellationToken cancel)
    {
        var kept = only is null ? [] : _inbox.Where(m => m.Receiver != only.Id && m.Sender != only.Id).ToList();
        _inbox.Clear();
        foreach (var row in kept) _inbox.Enqueue(row);
        // Those of senders elsewhere are asked for again, from what the receivers have taken.
        Array.Clear(_messagesUpTo);
        foreach (var sender in _partitions.Values)
        {
            if (sender.State != PartitionState.Open) continue;
            foreach (var (receiver, last) in sender.Book.Sent.ToArray())
                if (only is null || sender == only || receiver == only.Id) await LoadPairAsync(sender, _partitions[receiver], last, cancel);
        }
    }

    private async Task LoadPairAsync(Partition sender, Partition receiver, long last, CancellationToken cancel)
    {
        if (receiver.State != PartitionState.Open) return;
        var after = receiver.Book.TakenFrom(sender.Id);
        if (after > last)
        {
            Close(receiver, $"it took message {after} of partition {sender.Id}, which sent {last}");
            return;
        }

        while (after < last)
        {
            var page = await _journal.Reader.MessagesAsync(sender.Id, receiver.Id, after, MessagePage, cancel);
            foreach (var row in page) _inbox.Enqueue(row);
            if (page.Count == 0) break;
            after = page[^1].Number;
        }

        // A sender that is ahead has sent some that are on their way; they come with its commit.
        if (after < last && !sender.IsAhead) Close(receiver, $"partition {sender.Id} sent {last} messages to it; those after {after} are missing");
    }
}
