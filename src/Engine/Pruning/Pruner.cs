using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>What is being done, and how far it is.</summary>
/// <param name="Step">One word: base, prove, drop.</param>
public readonly record struct PruningProgress(string Step, long Done, long Of);

/// <summary>
/// Prunes the journal: writes a base, proves from it that the journal still says the same, seals it, and only then lets frames
/// go. It may end at any instant: a base without its seal is forgotten, and what a sealed one left is dropped by the next run.
/// </summary>
public sealed class Pruner(IJournalReader reader, IJournalPruning pruning, DatabaseInfo database, TimeProvider time, Action<PruningProgress> tell)
{
    /// <summary>Writes and proves the base of a plan, without its seal: nobody reads from it yet.</summary>
    /// <param name="anchors">What was anchored outside of the database: frames that go have to be those, too.</param>
    /// <returns>The seal that would make it count, and the entries whose frames go.</returns>
    /// <exception cref="JournalBrokenException">A proof fails: nothing may be pruned.</exception>
    /// <exception cref="InvalidOperationException">A partition still needs a frame that would go.</exception>
    public async Task<(BaseSeal Seal, long Entries)> WriteAsync(PruningPlan plan, AnchorHistory? anchors, CancellationToken cancel)
    {
        await DemandTakenAsync(plan.Cuts[Book.House], cancel);
        var number = await pruning.BeginBaseAsync(cancel);
        var (total, all) = (new VerificationTotals(), plan.Goes.Sum(r => r.Frames));
        var telling = new Telling(reader, done => tell(new PruningProgress("base", Math.Min(done, all), all)));
        var messages = new MessageProof(telling);
        var partitions = new List<PartitionBase>();
        foreach (var head in await reader.HeadsAsync(cancel))
        {
            var cut = plan.Cuts[head.Partition];
            var anchored = (anchors?.HeadsOf(head.Partition) ?? []).Where(a => a.Head.Seq <= cut);
            await using var proof = await PartitionProof.StartAsync(telling, database, head, total, messages, anchored, cancel);
            if (await proof.RunUpToAsync(cut, cancel) is { } violation) throw new JournalBrokenException($"Nothing is pruned from a journal that proves otherwise. {violation}");
            var written = await proof.ToBaseAsync(number, plan.Cuts[Book.House], async accounts => await pruning.WriteBaseAsync(number, head.Partition, accounts, cancel), cancel);
            await pruning.WriteBaseAsync(written, cancel);
            partitions.Add(written);
        }

        var seal = new BaseSeal(number, plan.Before, Instant.From(time.GetUtcNow()).Micros, BaseSeal.DigestOf(partitions));
        var kept = plan.Stays.Sum(r => r.Frames);
        var candidate = new Candidate(reader, pruning, seal, done => tell(new PruningProgress("prove", Math.Min(done, kept), kept)));
        var report = await JournalVerifier.RunAsync(candidate, database, cancel, anchors);
        return report.Violation is null ? (seal, total.Entries) : throw new JournalBrokenException($"The base does not prove what the journal says; nothing is pruned. {report.Violation}");
    }

    /// <summary>Makes a proved base count.</summary>
    public ValueTask SealAsync(BaseSeal seal, CancellationToken cancel) => pruning.SealBaseAsync(seal, cancel);

    /// <summary>Drops what lies below the sealed base, month by month, and the accounts of older bases.</summary>
    /// <returns>Accounts of older bases that went.</returns>
    public async Task<long> DropAsync(PruningPlan plan, CancellationToken cancel)
    {
        var (gone, all) = (0L, plan.Goes.Sum(r => r.Frames));
        foreach (var month in plan.Months)
        {
            var before = gone;
            await pruning.DropRangeAsync(month, done => tell(new PruningProgress("drop", gone = before + done, all)), cancel);
        }

        return await pruning.DropOlderBasesAsync(cancel);
    }

    /// <summary>What the house told all up to a frame that goes has to be taken by every partition: it reads it from there.</summary>
    private async Task DemandTakenAsync(long houseSeq, CancellationToken cancel)
    {
        var first = (await reader.BaseAsync(Book.House, cancel))?.Seq ?? 0;
        var told = (Seq: 0L, Index: 0);
        await foreach (var stored in reader.FramesAsync(Book.House, first, houseSeq, cancel))
        {
            var entries = Replay.Read(Book.House, stored).Entries;
            for (var index = 0; index < entries.Count; index++)
                if (entries[index] is { Fact: IHouseBroadcast, Outcome: OutcomeKind.Applied }) told = (stored.Seq, index);
        }

        if (told.Seq == 0) return;
        foreach (var head in await reader.HeadsAsync(cancel))
        {
            if (head.Partition == Book.House || await TakenAsync(head, told, cancel)) continue;
            throw new InvalidOperationException($"Partition {head.Partition} has not taken what the house told all in {told.Seq}-{told.Index}, which would go. Start a service on the database once, then prune again.");
        }
    }

    private async Task<bool> TakenAsync(PartitionHead head, (long Seq, int Index) told, CancellationToken cancel)
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
