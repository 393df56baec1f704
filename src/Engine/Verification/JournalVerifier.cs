using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>What a verification saw.</summary>
/// <param name="Violation">The first violation with partition, sequence and customer; <c>null</c> when all is proved.</param>
public sealed record VerificationReport(int Partitions, long Frames, long Entries, long Accounts, long Rows, long Approvals, string? Violation)
{
    /// <summary>The base at which the proof began; <c>null</c> when it began at the first frame.</summary>
    public BaseReport? Base { get; init; }
}

/// <summary>What is not proved from frames any more, because they were pruned.</summary>
/// <param name="Number">Number of the base.</param>
/// <param name="WrittenAt">When it was written.</param>
/// <param name="Frames">Frames before it. That they were in order was proved when it was written; what stays of them (rows, messages) is proved by its digests.</param>
/// <param name="Anchors">Anchored heads of such frames: nothing is left to compare them with.</param>
/// <param name="IsAnchored">An anchor holds its digest: then nobody has written it anew. <c>null</c> when no anchors were read.</param>
public sealed record BaseReport(long Number, DateTimeOffset WrittenAt, long Frames, int Anchors, bool? IsAnchored);

/// <summary>
/// Replays every partition from zero, or from its base where earlier frames were pruned, reading only, and proves the invariants of a journal: positions (I1), dead letters
/// (I2), account rows and their reports (I3), one gapless history whose rows and entries belong together (I4),
/// conservation (I5), approvals, keys, holds and releases (I6 to I9), signals with their outbox rows (I10), chain and
/// back pointers (I12), slices of groups (I13), audit rows (I20), messages between partitions, closed documents. Streams: memory grows with the
/// accounts of one partition, never with its history.
/// </summary>
public static class JournalVerifier
{
    /// <summary>Runs all proofs; stops at the first violation.</summary>
    /// <param name="anchors">
    /// What was anchored outside of the database, read before: the frames that it names must be there with their hashes (I12).
    /// Without it a tail that was cut off cannot be seen.
    /// </param>
    public static async Task<VerificationReport> RunAsync(IJournalReader reader, DatabaseInfo database, CancellationToken cancel, AnchorHistory? anchors = null)
    {
        var total = new VerificationTotals();
        var messages = new MessageProof(reader);
        var leases = new LeaseProof(reader);
        var seal = await reader.SealAsync(cancel);
        var violation = seal is null ? null : await SealedAsync(reader, database, seal, anchors, cancel);
        foreach (var head in violation is null ? await reader.HeadsAsync(cancel) : [])
        {
            total.Partitions++;
            try
            {
                await using var proof = await PartitionProof.StartAsync(reader, database, head, total, messages, leases, anchors?.HeadsOf(head.Partition) ?? [], cancel);
                violation = await proof.RunAsync(cancel);
            }
            catch (JournalBrokenException broken)
            {
                violation = broken.Message;
            }

            if (violation is not null) break;
        }

        violation ??= await messages.EndAsync(cancel) ?? await leases.EndAsync(cancel);
        return new VerificationReport(total.Partitions, total.Frames, total.Entries, total.Accounts, total.Rows, total.Approvals, violation)
        {
            Base = seal is null ? null : new BaseReport(seal.Number, new Instant(seal.WrittenAt).ToDateTimeOffset(), total.PrunedFrames, total.PrunedAnchors, anchors is null ? null : anchors.BaseOf(seal.Number) is not null),
        };
    }

    /// <summary>The seal is that of its partitions, and the one that was anchored.</summary>
    private static async Task<string?> SealedAsync(IJournalReader reader, DatabaseInfo database, BaseSeal seal, AnchorHistory? anchors, CancellationToken cancel)
    {
        var partitions = new List<PartitionBase>();
        for (var id = Book.House; id < database.Partitions; id++)
        {
            if (await reader.BaseAsync(id, cancel) is not { } part) return $"Base {seal.Number}: partition {id} is missing.";
            // Its own digest is proved with its partition.
            partitions.Add(part with { State = default, Window = default, Proof = default });
        }

        if (!BaseSeal.DigestOf(partitions).AsSpan().SequenceEqual(seal.Digest)) return $"Base {seal.Number}: its seal is another one than its partitions make.";
        return anchors?.BaseOf(seal.Number) is { } anchored && !anchored.Base.Digest.AsSpan().SequenceEqual(seal.Digest)
            ? $"Base {seal.Number} is another one than anchor {anchored.Anchor.Number} of {anchored.Anchor.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z holds; it was written anew." : null;
    }
}

/// <summary>What was looked at so far.</summary>
internal sealed class VerificationTotals
{
    internal int Partitions;
    internal long Frames, Entries, Accounts, Rows, Approvals, PrunedFrames;
    internal int PrunedAnchors;
}
