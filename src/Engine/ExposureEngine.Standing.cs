using System.Collections.Concurrent;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>What the engine says of its partitions to whoever watches it.</summary>
public sealed partial class ExposureEngine
{
    private readonly ConcurrentDictionary<int, RecoveryProgress> _recovering = new();
    private readonly QueueDepths _commandDepths, _batchDepths, _readDepths;

    /// <summary>How far the reading back of a partition has come; <c>null</c> while nobody here reads it back. Safe from any thread.</summary>
    public RecoveryProgress? RecoveryOf(int partition) => _recovering.GetValueOrDefault(partition);

    /// <summary>Version of the rules that a partition goes by; <c>null</c> while it is not open here. Safe from any thread.</summary>
    public int? RulesOf(int partition) => _partitions[partition] is { State: PartitionState.Open } open ? open.Book.Rules : null;

    /// <summary>The partitions that are here, or come, with the house among them. Safe from any thread: nothing waits for the loop.</summary>
    public IReadOnlyList<PartitionStanding> Standing()
    {
        var told = new List<PartitionStanding>(_serving.Length);
        for (var id = Book.House; id < Database.Partitions; id++)
        {
            if (!Owns(id)) continue;
            var partition = _partitions.GetValueOrDefault(id);
            var condition = Serves(id) ? PartitionCondition.Serving : partition?.State == PartitionState.Closed ? PartitionCondition.Closed : PartitionCondition.Recovering;
            var age = condition == PartitionCondition.Serving && partition?.SnapshotAt is { } at ? _time.GetElapsedTime(at) : (TimeSpan?)null;
            told.Add(new PartitionStanding(id, condition, age, condition == PartitionCondition.Serving ? partition?.EntriesSinceSnapshot ?? 0 : 0, _commandDepths.Of(id), _batchDepths.Of(id), _readDepths.Of(id)));
        }

        return told;
    }
}
