using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>What a verification saw.</summary>
/// <param name="Violation">The first violation with partition, sequence and customer; <c>null</c> when all is proved.</param>
public sealed record VerificationReport(int Partitions, long Frames, long Entries, long Accounts, long Rows, long Approvals, string? Violation);

/// <summary>
/// Replays every partition from zero, reading only, and proves the invariants of a journal: positions (I1), dead letters
/// (I2), account rows and their reports (I3), one gapless history whose rows and entries belong together (I4),
/// conservation (I5), approvals, keys, holds and releases (I6 to I9), signals with their outbox rows (I10), chain and
/// back pointers (I12), audit rows (I20), messages between partitions, closed documents. Streams: memory grows with the
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
        string? violation = null;
        foreach (var head in await reader.HeadsAsync(cancel))
        {
            total.Partitions++;
            try
            {
                await using var proof = new PartitionProof(reader, database, head, total, messages, anchors?.HeadsOf(head.Partition) ?? []);
                violation = await proof.RunAsync(cancel);
            }
            catch (JournalBrokenException broken)
            {
                violation = broken.Message;
            }

            if (violation is not null) break;
        }

        violation ??= await messages.EndAsync(cancel);
        return new VerificationReport(total.Partitions, total.Frames, total.Entries, total.Accounts, total.Rows, total.Approvals, violation);
    }
}

/// <summary>What was looked at so far.</summary>
internal sealed class VerificationTotals
{
    internal int Partitions;
    internal long Frames, Entries, Accounts, Rows, Approvals;
}
