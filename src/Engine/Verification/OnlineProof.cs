using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// The proofs that run while the service does, over what was committed since the last run: one history with rows that
/// belong to its entries (I4), approvals that their own figures bear out (I6), an outbox row for every signal (I10).
/// The age of feeds (I17) is told by the feeds themselves. Reads only, and at most so many frames a run.
/// </summary>
public sealed class OnlineProof(IJournalReader reader)
{
    /// <summary>Frames of one partition that one run looks at.</summary>
    public const int FramesMax = 4_096;

    private static readonly string DecidedKind = new CheckDecided().Kind;

    private readonly Dictionary<int, (long Seq, long Epoch, byte[]? Hash)> _seen = [];
    private readonly Dictionary<int, long> _from = [];

    /// <summary>How far the chain of each partition was proved, and from where on.</summary>
    public IReadOnlyList<ProvedChain> Proved() => [.. _seen.OrderBy(p => p.Key).Select(p => new ProvedChain(p.Key, _from.GetValueOrDefault(p.Key), p.Value.Seq))];

    /// <summary>Starts behind what stands there now; what is older is for <see cref="JournalVerifier"/>.</summary>
    public async Task BeginAsync(CancellationToken cancel)
    {
        foreach (var head in await reader.HeadsAsync(cancel))
            (_seen[head.Partition], _from[head.Partition]) = ((head.Seq, 0, head.Seq > 0 ? head.HeadHash : new byte[32]), head.Seq);
    }

    /// <summary>Looks at what is new; the first violation, or <c>null</c>.</summary>
    public Task<string?> RunAsync(CancellationToken cancel) => RunAsync(static _ => true, cancel);

    /// <summary>The same for some partitions only: the others are for their owners.</summary>
    public async Task<string?> RunAsync(Func<int, bool> mine, CancellationToken cancel)
    {
        foreach (var head in await reader.HeadsAsync(cancel))
        {
            if (!mine(head.Partition)) continue;
            var from = _seen.GetValueOrDefault(head.Partition, (0, 0, new byte[32]));
            if (head.Seq < from.Seq) return $"Partition {head.Partition}: the head fell from {from.Seq} to {head.Seq}.";
            if (head.Seq == from.Seq) continue;
            var upTo = Math.Min(head.Seq, from.Seq + FramesMax);
            try
            {
                var counts = await FramesAsync(head.Partition, from, upTo, cancel);
                if (await RowsAsync(head.Partition, from.Seq, upTo, counts, cancel) is { } wrong) return wrong;
            }
            catch (JournalBrokenException broken)
            {
                return broken.Message;
            }

            if (upTo == head.Seq && !_seen[head.Partition].Hash.AsSpan().SequenceEqual(head.HeadHash))
                return $"Partition {head.Partition}: the head hash differs from frame {head.Seq}.";
        }

        return null;
    }

    /// <summary>Sequence, CRC, chain and epoch of the new frames; returns how many entries each has.</summary>
    private async Task<Dictionary<long, int>> FramesAsync(int partition, (long Seq, long Epoch, byte[]? Hash) seen, long upTo, CancellationToken cancel)
    {
        var counts = new Dictionary<long, int>();
        await foreach (var stored in reader.FramesAsync(partition, seen.Seq, upTo, cancel))
        {
            // How many entries it has, and not each: a minute of a drain is millions of them.
            var frame = Replay.ReadHead(partition, stored);
            if (stored.Seq != seen.Seq + 1) throw new JournalBrokenException($"Partition {partition}: frame {stored.Seq} follows frame {seen.Seq}.");
            if (stored.Epoch < seen.Epoch) throw new JournalBrokenException($"Partition {partition}, frame {stored.Seq}: the epoch falls from {seen.Epoch} to {stored.Epoch}.");
            if (!frame.PreviousHash.AsSpan().SequenceEqual(seen.Hash)) throw new JournalBrokenException($"Partition {partition}, frame {stored.Seq}: the chain is broken.");
            seen = (stored.Seq, stored.Epoch, FrameCodec.Hash(partition, stored.Seq, stored.Epoch, stored.Payload));
            counts[stored.Seq] = frame.Entries;
        }

        if (seen.Seq != upTo) throw new JournalBrokenException($"Partition {partition}: the frames end at {seen.Seq}, the head says {upTo}.");
        _seen[partition] = seen;
        return counts;
    }

    private async Task<string?> RowsAsync(int partition, long after, long upTo, Dictionary<long, int> entries, CancellationToken cancel)
    {
        var signals = new HashSet<(long, int, string)>();
        foreach (var table in Enum.GetValues<RowTable>())
        {
            await foreach (var row in reader.RowsInOrderAsync(table, partition, after, cancel))
            {
                if (row.Seq > upTo) break;
                var where = $"Entry {partition}-{row.Seq}-{row.Index}, customer '{row.Customer}'";
                if (!entries.TryGetValue(row.Seq, out var count) || row.Index >= count) return $"{where}: the row of table {table} has no entry.";
                if (table == RowTable.Decision && Approval(row) is { } wrong) return $"{where}: {wrong}";
                // Tables come in the order of the enumeration: signals before the outbox.
                if (table == RowTable.Signal && row.GoesOut) signals.Add((row.Seq, row.Index, row.Subject + row.Kind));
                if (table == RowTable.Outbox) signals.Remove((row.Seq, row.Index, row.Subject + row.Kind));
            }
        }

        return signals.Count == 0 ? null : $"Partition {partition}, sequence {signals.First().Item1}: a signal has no outbox row.";
    }

    /// <summary>An approval names no reason that holds.</summary>
    private static string? Approval(JournalRow row)
    {
        if (row.Kind != DecidedKind) return null;
        if (row.Effect() is not CheckDecided decided) return "the decision is not in the form in which decisions are kept.";
        // A release that is still good stands above the reasons; the whole proof looks it up.
        if (decided.Decision is not (Verdict.Approved or Verdict.ApprovedWithWarnings) || decided.Excuse == "Grace") return null;
        foreach (var reason in decided.Reasons)
            if (reason.Reaction >= Reaction.Hold) return $"approved in spite of reason {reason.Rule}.";
        return null;
    }
}

/// <summary>What the proofs beside the service have seen of a partition.</summary>
/// <param name="Partition">−1 is the house.</param>
/// <param name="From">The frame that stood when the service began; frames up to it are for <see cref="JournalVerifier"/>.</param>
/// <param name="UpTo">The last frame that was proved.</param>
public sealed record ProvedChain(int Partition, long From, long UpTo);
