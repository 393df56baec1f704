using System.Globalization;

namespace ExposureMonitor.Engine;

/// <summary>I12: the frames of a partition that were anchored are there, with their hashes.</summary>
internal sealed class AnchorProof(int partition, IEnumerable<(AnchoredHead Head, Anchor Anchor)> anchored)
{
    private readonly Queue<(AnchoredHead Head, Anchor Anchor)> _due = new(anchored.Where(a => a.Head.Seq > 0));

    /// <summary>
    /// Goes on from a base: what is anchored of its own frame is compared with it; of frames before nothing is left to compare.
    /// </summary>
    /// <param name="pruned">How many anchored heads lie before.</param>
    internal string? Begin(PartitionBase from, out int pruned)
    {
        for (pruned = 0; _due.TryPeek(out var next) && next.Head.Seq < from.Seq; pruned++) _due.Dequeue();
        return Frame(from.Seq, from.HeadHash);
    }

    /// <summary>A frame as it was read, with its hash.</summary>
    internal string? Frame(long seq, byte[] hash)
    {
        while (_due.TryPeek(out var next) && next.Head.Seq == seq)
        {
            _due.Dequeue();
            if (!next.Head.Hash.AsSpan().SequenceEqual(hash))
                return $"Partition {partition}, frame {seq}: it is another one than {Name(next.Anchor)} holds; history was rewritten here or before.";
        }

        return null;
    }

    /// <summary>After the last frame nothing may be due.</summary>
    internal string? End(long seq) => _due.Count == 0 ? null
        : $"Partition {partition}: the journal ends at {Math.Max(0, seq)}, {Name(_due.Last().Anchor)} has {_due.Last().Head.Seq}; its tail was cut, or the database was restored or failed over.";

    private static string Name(Anchor anchor) => string.Create(CultureInfo.InvariantCulture, $"anchor {anchor.Number} of {anchor.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z");
}
