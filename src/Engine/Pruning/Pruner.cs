using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Prunes the journal: writes a base, proves from it that the journal still says the same, seals it, and only then lets frames
/// go. It may end at any instant: a base without its seal is forgotten, and what a sealed one left is dropped by the next run.
/// </summary>
public sealed class Pruner(IJournalReader reader, IJournalPruning pruning, DatabaseInfo database, TimeProvider time)
{
    /// <summary>Writes and proves the base of a plan, without its seal: nobody reads from it yet.</summary>
    /// <param name="anchors">What was anchored outside of the database: frames that go have to be those, too.</param>
    /// <param name="tell">Hears how many frames were read: those that go, and then those that stay.</param>
    /// <returns>The seal that would make it count, and the entries whose frames go.</returns>
    /// <exception cref="JournalBrokenException">A proof fails: nothing may be pruned.</exception>
    /// <exception cref="InvalidOperationException">A partition still needs a frame that would go.</exception>
    public async Task<(BaseSeal Seal, long Entries)> WriteAsync(PruningPlan plan, AnchorHistory? anchors, Action<long> tell, CancellationToken cancel)
    {
        if (await NotTakenAsync(reader, database, plan.Cuts[Book.House], cancel) is { } needed) throw new InvalidOperationException(needed);
        var number = await pruning.BeginBaseAsync(cancel);
        var (total, all) = (new VerificationTotals(), plan.Goes.Sum(r => r.Frames));
        var telling = new Telling(reader, done => tell(Math.Min(done, all)));
        var messages = new MessageProof(telling);
        var partitions = new List<PartitionBase>();
        foreach (var head in await reader.HeadsAsync(cancel))
        {
            var cut = plan.Cuts[head.Partition];
            var anchored = (anchors?.HeadsOf(head.Partition) ?? []).Where(a => a.Head.Seq <= cut);
            await using var proof = await PartitionProof.StartAsync(telling, database, head, total, messages, new LeaseProof(telling), anchored, cancel);
            if (await proof.RunUpToAsync(cut, cancel) is { } violation) throw new JournalBrokenException($"Nothing is pruned from a journal that proves otherwise. {violation}");
            var written = await proof.ToBaseAsync(number, plan.Cuts[Book.House], async accounts => await pruning.WriteBaseAsync(number, head.Partition, accounts, cancel), cancel);
            await pruning.WriteBaseAsync(written, cancel);
            partitions.Add(written);
        }

        var seal = new BaseSeal(number, plan.Before, Instant.From(time.GetUtcNow()).Micros, BaseSeal.DigestOf(partitions));
        var candidate = new Candidate(reader, pruning, seal, done => tell(all + done));
        var report = await JournalVerifier.RunAsync(candidate, database, cancel, anchors);
        return report.Violation is null ? (seal, total.Entries) : throw new JournalBrokenException($"The base does not prove what the journal says; nothing is pruned. {report.Violation}");
    }

    /// <summary>Makes a proved base count.</summary>
    public ValueTask SealAsync(BaseSeal seal, CancellationToken cancel) => pruning.SealBaseAsync(seal, cancel);

    /// <summary>Drops what lies below the sealed base, month by month, and the accounts of older bases.</summary>
    /// <param name="tell">Hears how many frames are gone.</param>
    /// <returns>Accounts of older bases that went.</returns>
    public async Task<long> DropAsync(PruningPlan plan, Action<long> tell, CancellationToken cancel)
    {
        var gone = 0L;
        foreach (var month in plan.Months)
        {
            var before = gone;
            await pruning.DropRangeAsync(month, done => tell(gone = before + done), cancel);
        }

        return await pruning.DropOlderBasesAsync(cancel);
    }

    /// <summary>What the house told all up to a frame that goes has to be taken by every partition: it reads it from there.</summary>
    /// <returns>Who has not; <c>null</c> when the frames may go.</returns>
    public static async Task<string?> NotTakenAsync(IJournalReader reader, DatabaseInfo database, long houseSeq, CancellationToken cancel)
    {
        var first = (await reader.BaseAsync(Book.House, cancel))?.Seq ?? 0;
        var told = (Seq: 0L, Index: 0);
        await foreach (var stored in reader.FramesAsync(Book.House, first, houseSeq, cancel))
        {
            var entries = Replay.Read(Book.House, stored).Entries;
            for (var index = 0; index < entries.Count; index++)
                if (entries[index] is { Fact: IHouseBroadcast, Outcome: OutcomeKind.Applied }) told = (stored.Seq, index);
        }

        if (told.Seq == 0) return null;
        foreach (var head in await reader.HeadsAsync(cancel))
        {
            if (head.Partition != Book.House && !await HasTakenAsync(reader, database, head, told, cancel))
                return $"Partition {head.Partition} has not taken what the house told all in {told.Seq}-{told.Index}, whose frame would go. Start a service on the database once, then prune again.";
        }

        return null;
    }

    private static async Task<bool> HasTakenAsync(IJournalReader reader, DatabaseInfo database, PartitionHead head, (long Seq, int Index) told, CancellationToken cancel)
    {
        if (await reader.StateAsync(head.Partition, cancel) is { } state)
        {
            var book = Partition.NewBook(head.Partition, database);
            AccountChanges.Read(state.Bytes, out var rest);
            book.ReadState(rest);
            if ((book.HouseSeq, book.HouseIndex).CompareTo(told) >= 0) return true;
        }

        var now = (await Recovery.RunAsync(reader, database, head, cancel)).Book;
        return (now.HouseSeq, now.HouseIndex).CompareTo(told) >= 0;
    }

    /// <summary>Tells how many frames were read.</summary>
    private class Telling(IJournalReader inner, Action<long> tell) : DelegatingReader(inner)
    {
        private long _frames;

        public override async IAsyncEnumerable<StoredFrame> FramesAsync(int partition, long after, long upTo, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            await foreach (var frame in base.FramesAsync(partition, after, upTo, cancel))
            {
                if (++_frames % 256 == 0) tell(_frames);
                yield return frame;
            }
        }
    }

    /// <summary>The journal as it will be read once the base is sealed.</summary>
    private sealed class Candidate(IJournalReader inner, IJournalPruning pruning, BaseSeal seal, Action<long> tell) : Telling(inner, tell)
    {
        public override ValueTask<PartitionBase?> BaseAsync(int partition, CancellationToken cancel) => pruning.FindBaseAsync(seal.Number, partition, cancel);

        public override ValueTask<BaseSeal?> SealAsync(CancellationToken cancel) => ValueTask.FromResult<BaseSeal?>(seal);
    }
}
