using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Simulation;

/// <summary>Bases in memory: what is written before a seal counts for nothing, and a process may die at every step.</summary>
internal sealed partial class SimulatedJournal : IJournalPruning
{
    private readonly Dictionary<(long Number, int Partition), PartitionBase> _bases = [];
    private readonly Dictionary<(long Number, int Partition), List<BaseAccount>> _baseAccounts = [];

    /// <summary>Frames that went: the oracle reads them still.</summary>
    private readonly Dictionary<int, List<StoredFrame>> _gone = [];
    private BaseSeal? _seal;

    /// <summary>Of a process that prunes: how often it dies at a step. Dice of its own, so that a seed tells the same story with and without it.</summary>
    internal Dice PruningDice { get; init; } = new(1);

    public ValueTask<PartitionBase?> BaseAsync(int partition, CancellationToken cancel) =>
        ValueTask.FromResult(_seal is null ? null : _bases.GetValueOrDefault((_seal.Number, partition)));

    public IAsyncEnumerable<BaseAccount> BaseAccountsAsync(long number, int partition, CancellationToken cancel) => Told(_baseAccounts.GetValueOrDefault((number, partition)) ?? [], cancel);

    public ValueTask<BaseSeal?> SealAsync(CancellationToken cancel) => ValueTask.FromResult(_seal);

    public ValueTask<PartitionBase?> FindBaseAsync(long number, int partition, CancellationToken cancel) => ValueTask.FromResult(_bases.GetValueOrDefault((number, partition)));

    public ValueTask<long> BeginBaseAsync(CancellationToken cancel)
    {
        var next = (_seal?.Number ?? 0) + 1;
        foreach (var key in _bases.Keys.Where(k => k.Number >= next).ToList()) _bases.Remove(key);
        foreach (var key in _baseAccounts.Keys.Where(k => k.Number >= next).ToList()) _baseAccounts.Remove(key);
        return ValueTask.FromResult(next);
    }

    public ValueTask WriteBaseAsync(long number, int partition, IReadOnlyList<BaseAccount> accounts, CancellationToken cancel)
    {
        MayDie();
        if (!_baseAccounts.TryGetValue((number, partition), out var all)) _baseAccounts[(number, partition)] = all = [];
        all.AddRange(accounts);
        return ValueTask.CompletedTask;
    }

    public ValueTask WriteBaseAsync(PartitionBase partition, CancellationToken cancel)
    {
        MayDie();
        _bases.Add((partition.Number, partition.Partition), partition);
        return ValueTask.CompletedTask;
    }

    public ValueTask SealBaseAsync(BaseSeal seal, CancellationToken cancel)
    {
        MayDie();
        _seal = seal;
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<JournalRange>> RangesAsync(CancellationToken cancel) => ValueTask.FromResult<IReadOnlyList<JournalRange>>([]);

    /// <summary>The months of a simulation are too few: what the base holds goes, whatever its month.</summary>
    public ValueTask DropRangeAsync(int period, Action<long> tell, CancellationToken cancel)
    {
        foreach (var (partition, frames) in _frames)
        {
            MayDie();
            var last = _bases[(_seal!.Number, partition)].Seq;
            if (!_gone.TryGetValue(partition, out var gone)) _gone[partition] = gone = [];
            gone.AddRange(frames.Where(f => f.Seq <= last));
            frames.RemoveAll(f => f.Seq <= last);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<long> DropOlderBasesAsync(CancellationToken cancel)
    {
        MayDie();
        foreach (var key in _baseAccounts.Keys.Where(k => k.Number < _seal!.Number).ToList()) _baseAccounts.Remove(key);
        return ValueTask.FromResult(0L);
    }

    private void MayDie()
    {
        if (Faulty && swarm is not null && PruningDice.Below(100) < swarm.SnapshotCrashPercent) throw new JournalUnavailableException("The process dies while it prunes.");
    }
}
