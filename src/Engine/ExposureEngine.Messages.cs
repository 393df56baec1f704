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

    private void TakeMessages(ref int facts)
    {
        for (; facts < SliceMax && _inbox.TryDequeue(out var row); facts++)
        {
            var taken = _partitions[row.Receiver].Book.TakenFrom(row.Sender);
            if (row.Number != taken + 1)
                throw new JournalBrokenException($"Partition {row.Receiver} took message {taken} of partition {row.Sender}; the next one is {row.Number}.");
            Take(new Work([Messages.FactOf(row)]) { IsMessage = true });
        }
    }

    /// <summary>Fills the inbox from the journal; every book stands as it was committed.</summary>
    private async Task LoadInboxAsync(CancellationToken cancel)
    {
        _inbox.Clear();
        foreach (var sender in _partitions.Values)
        {
            foreach (var (receiver, last) in sender.Book.Sent)
            {
                var after = _partitions[receiver].Book.TakenFrom(sender.Id);
                if (after > last)
                    throw new JournalBrokenException($"Partition {receiver} took message {after} of partition {sender.Id}, which sent {last}.");
                while (after < last)
                {
                    var page = await _journal.Reader.MessagesAsync(sender.Id, receiver, after, MessagePage, cancel);
                    if (page.Count == 0)
                        throw new JournalBrokenException($"Partition {sender.Id} sent {last} messages to partition {receiver}; those after {after} are missing.");
                    foreach (var row in page) _inbox.Enqueue(row);
                    after = page[^1].Number;
                }
            }
        }
    }
}
