using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// The house: its journal is the broadcast. What it committed for all, every other partition takes as an entry of its
/// own, in the house's order; the place in the house's journal is one of the partition's positions. So nothing changes
/// when a partition lives in another process.
/// </summary>
public sealed partial class ExposureEngine
{
    /// <summary>Versions that accounts have still to fold before a partition takes no more from the house.</summary>
    private const int VersionsMax = 64;

    private static readonly TimeSpan TellingMax = TimeSpan.FromSeconds(5);

    /// <summary>Committed entries of the house that some partition has still to take, in order.</summary>
    private readonly List<HouseEntry> _broadcast = [];

    /// <summary>Committed work that is answered when the other partitions have journaled it.</summary>
    private readonly List<Work> _telling = [];

    /// <summary>Behind this place the broadcast list is complete.</summary>
    private (long Seq, int Index) _broadcastFrom;

    /// <summary>Every partition takes what the house has told since.</summary>
    private bool TakeBroadcast()
    {
        if (_broadcast.Count == 0) return false;
        var took = false;
        var behind = (Seq: long.MaxValue, Index: 0);
        foreach (var partition in _partitions.Values)
        {
            if (partition.Id == Book.House || partition.State is PartitionState.Closed or PartitionState.Elsewhere) continue;
            if (partition.State == PartitionState.Away)
            {
                behind = default;
                continue;
            }

            foreach (var entry in _broadcast)
            {
                if (Place(entry.At).CompareTo(PlaceOf(partition)) <= 0) continue;
                if (partition.Book.VersionsToFold >= VersionsMax || !TryApply(partition, CopyFor(entry), out _)) break;
                took = true;
            }

            if (PlaceOf(partition).CompareTo(behind) < 0) behind = PlaceOf(partition);
        }

        var all = _broadcast.FindIndex(e => Place(e.At).CompareTo(behind) > 0) is var first && first < 0 ? _broadcast.Count : first;
        if (all == 0) return took;
        _broadcastFrom = Place(_broadcast[all - 1].At);
        _broadcast.RemoveRange(0, all);
        return took;
    }

    private Fact CopyFor(HouseEntry entry)
    {
        var copy = CopyOf(entry.Fact);
        copy.Position = default;
        (((IHouseBroadcast)copy).HouseSeq, ((IHouseBroadcast)copy).HouseIndex) = (entry.At.Seq, entry.At.Index);
        return copy;
    }

    /// <summary>Reads from the house's journal what a partition has not taken.</summary>
    private async Task CatchUpAsync(Partition partition, CancellationToken cancel)
    {
        var upTo = await HouseSeqAsync(cancel);
        await FollowHouseAsync(upTo, cancel);
        if (partition.Id == Book.House || PlaceOf(partition).CompareTo(_broadcastFrom) >= 0) return;
        // Read to the end before anything says that it is known: an outage in between must leave what was known as it is. The frame itself may
        // hold more entries behind the place.
        var behind = new List<HouseEntry>();
        await foreach (var entry in HouseEntriesAsync(partition.Book.HouseSeq - 1, upTo, cancel))
            if (Place(entry.At).CompareTo(PlaceOf(partition)) > 0) behind.Add(entry);
        _broadcast.Clear();
        _broadcast.AddRange(behind);
        (_broadcastFrom, _toldUpTo) = (PlaceOf(partition), upTo);
    }

    /// <summary>True when every open partition has taken the entry into its book.</summary>
    private bool IsTaken(EntryPosition told) => told.Seq == 0
        || _partitions.Values.All(p => p.Id == Book.House || p.State == PartitionState.Closed || Place(told).CompareTo(p.State == PartitionState.Elsewhere ? JournaledOf(p) : PlaceOf(p)) <= 0);

    /// <summary>Answers what was told to all; after five seconds the answer names the partitions that have not journaled it.</summary>
    private void SettleTelling()
    {
        for (var i = _telling.Count - 1; i >= 0; i--)
        {
            var work = _telling[i];
            if (work.ToldSince == 0) work.ToldSince = Math.Max(1, _time.GetTimestamp());
            var missing = _partitions.Values.Where(p => p.Id != Book.House && JournaledOf(p).CompareTo(Place(work.Told)) < 0).ToList();
            if (!_stopping && missing.Any(p => p.State != PartitionState.Closed) && _time.GetElapsedTime(work.ToldSince) < TellingMax) continue;
            _telling.RemoveAt(i);
            if (missing.Count > 0) work.Answers[^1] = work.Answers[^1] with { NotYet = [.. missing.Select(p => p.Id)] };
            work.Done.TrySetResult(work.Answers);
        }
    }

    private static (long Seq, int Index) Place(EntryPosition at) => (at.Seq, at.Index);

    private static (long Seq, int Index) PlaceOf(Partition partition) => (partition.Book.HouseSeq, partition.Book.HouseIndex);
}
