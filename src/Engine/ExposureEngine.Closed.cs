using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// The third net of identity: before a fact that opens a document is applied, the loop asks whether a document of that
/// id has left the memory. Here and not at the caller, so that no document leaves between the question and the fact.
/// </summary>
public sealed partial class ExposureEngine
{
    private readonly Dictionary<int, HashSet<ulong>> _asked = [];

    /// <summary>What the database said for this slice, by partition and id.</summary>
    private readonly Dictionary<(int Partition, ulong Id), uint> _found = [];

    /// <summary>Asks the database, once per partition and slice, about those ids that the filter does not rule out.</summary>
    private async ValueTask LookUpClosedAsync(CancellationToken cancel)
    {
        _found.Clear();
        _asked.Clear();
        foreach (var (work, from, end) in _slice)
            for (var i = from; i < end; i++) Ask(work.Facts[i], work.Homes[i]);
        if (_asked.Count == 0) return;
        var begun = _time.GetTimestamp();
        try
        {
            foreach (var (partition, ids) in _asked)
                foreach (var document in await _journal.Reader.FindClosedAsync(partition, ids, cancel))
                    _found[(partition, document.IdHash)] = document.Content32;
        }
        catch (JournalUnavailableException away)
        {
            if (_committing is not null) await _committing;
            _committing = null;
            await OutageAsync(away.Message, cancel);
            _slice.Clear();
        }

        Instruments.ClosedLookUp.Record(_time.GetElapsedTime(begun).TotalSeconds);
    }

    private void Ask(Fact fact, int home)
    {
        if (!fact.Creates || fact.Customer.Length == 0) return;
        var partition = _partitions[home];
        if (partition.State != PartitionState.Open || partition.Closed.IsEmpty) return;
        var id = DocumentIdentity.Of(fact);
        if (id == 0 || partition.IsClosing(id, out _) || !partition.Closed.MayHold(id)) return;
        if (!_asked.TryGetValue(partition.Id, out var ids)) _asked[partition.Id] = ids = [];
        ids.Add(id);
    }

    /// <summary>What the entry says: a document that leaves with a frame that is not committed yet counts as much as a stored one.</summary>
    private ulong KnownClosed(Partition partition, Fact fact)
    {
        if (!fact.Creates || partition.Closed.IsEmpty || DocumentIdentity.Of(fact) is not (not 0 and var id)) return 0;
        return partition.IsClosing(id, out var content) || _found.TryGetValue((partition.Id, id), out content) ? DocumentIdentity.Known(content) : 0;
    }
}
