using System.Globalization;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Proves the messages between partitions: every stored row is the one that the replay sends, numbers have no gap on
/// either side, and nobody took what was not sent.
/// </summary>
internal sealed class MessageProof
{
    private readonly Dictionary<(int Sender, int Receiver), List<ulong>> _sent = [];
    private readonly Dictionary<(int Sender, int Receiver), long> _taken = [];

    /// <summary>Notes what an entry sends and takes.</summary>
    internal string? Entry(EntryPosition at, Fact fact, IReadOnlyList<Effect> effects)
    {
        foreach (var effect in effects)
        {
            if (effect is not MessageSent sent) continue;
            var pair = (at.Partition, sent.Receiver);
            if (!_sent.TryGetValue(pair, out var hashes)) _sent[pair] = hashes = [];
            hashes.Add(Hashing.XxHash64(Messages.RowOf(at.Partition, sent, fact).Body));
            if (sent.Number != hashes.Count) return $"Entry {at}: message {sent.Number} to partition {sent.Receiver} should be {hashes.Count}.";
        }

        if (!fact.Position.IsPartition(out var sender)) return null;
        var taken = _taken.GetValueOrDefault((sender, at.Partition)) + 1;
        if (fact.Position.Offset != taken)
            return $"Entry {at}: message {fact.Position.Offset.ToString(CultureInfo.InvariantCulture)} of partition {sender} was taken where {taken} was due.";
        _taken[(sender, at.Partition)] = taken;
        return null;
    }

    /// <summary>Compares the stored rows of a sender with what its replay sent.</summary>
    internal async Task<string?> StoredAsync(IJournalReader reader, int sender, CancellationToken cancel)
    {
        foreach (var ((_, receiver), hashes) in _sent.Where(s => s.Key.Sender == sender))
        {
            for (long after = 0; after < hashes.Count;)
            {
                var page = await reader.MessagesAsync(sender, receiver, after, 1_000, cancel);
                if (page.Count == 0) return $"Partition {sender}: message {after + 1} to partition {receiver} is missing.";
                foreach (var row in page)
                {
                    if (row.Number != after + 1 || after >= hashes.Count || Hashing.XxHash64(row.Body) != hashes[(int)after])
                        return $"Partition {sender}: message {row.Number} to partition {receiver} is not what the journal sends.";
                    after++;
                }
            }
        }

        return null;
    }

    /// <summary>After all partitions: nobody took more than was sent to it.</summary>
    internal string? Lost()
    {
        foreach (var (pair, taken) in _taken)
            if (taken > (_sent.GetValueOrDefault(pair)?.Count ?? 0))
                return $"Partition {pair.Receiver} took message {taken} of partition {pair.Sender}, which never sent it.";
        return null;
    }
}
