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
        var pairs = PairsBehind(only);
        // One question for all of them: asked one by one, a wire that breaks now and then would break before the last of many.
        while (pairs.Count > 0)
        {
            var read = new Dictionary<(int Sender, int Receiver), long>();
            foreach (var row in await _journal.Reader.MessagesBehindAsync([.. pairs.Select(p => p.Pair)], MessagePage, cancel))
            {
                _inbox.Enqueue(row);
                read[(row.Sender, row.Receiver)] = row.Number;
            }

            pairs = [.. pairs.Select(p => (p.Pair with { After = read.GetValueOrDefault((p.Pair.Sender, p.Pair.Receiver), -1) }, p.Last)).Where(p => IsBehind(p.Item1, p.Last))];

            // A sender that is ahead has sent some that are on their way; they come with its commit.
            bool IsBehind(MessagePair pair, long last)
            {
                if (pair.After >= 0) return pair.After < last;
                if (!_partitions[pair.Sender].IsAhead) Close(_partitions[pair.Receiver], $"partition {pair.Sender} sent {last} messages to it; those after {_partitions[pair.Receiver].Book.TakenFrom(pair.Sender)} are missing");
                return false;
            }
        }
    }

    /// <summary>Pairs that are both here, of which one has sent more than the other has taken.</summary>
    private List<(MessagePair Pair, long Last)> PairsBehind(Partition? only)
    {
        var pairs = new List<(MessagePair, long)>();
        foreach (var sender in _partitions.Values)
        {
            if (sender.State != PartitionState.Open) continue;
            foreach (var (to, last) in sender.Book.Sent)
            {
                if ((only is not null && sender != only && to != only.Id) || _partitions[to] is not { State: PartitionState.Open } receiver) continue;
                var after = receiver.Book.TakenFrom(sender.Id);
                if (after > last) Close(receiver, $"it took message {after} of partition {sender.Id}, which sent {last}");
                else if (after < last) pairs.Add((new MessagePair(sender.Id, to, after), last));
            }
        }

        return pairs;
    }
}
