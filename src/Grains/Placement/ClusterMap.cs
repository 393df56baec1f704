using ExposureMonitor.Domain;

namespace ExposureMonitor.Grains;

/// <summary>Who owns what in one membership view.</summary>
/// <param name="Version">Of the membership.</param>
/// <param name="Owners">By partition + 1; empty while no silo is active.</param>
public sealed record ClusterView(long Version, IReadOnlyList<SiloAddress> Owners)
{
    /// <summary>The silo of a partition, or <c>null</c>.</summary>
    public SiloAddress? OwnerOf(int partition) => partition + 1 < Owners.Count && partition >= Book.House ? Owners[partition + 1] : null;
}

/// <summary>
/// The map from partitions to silos, as this silo sees the membership. It decides where calls go and what is opened where; that only one
/// owner writes is for the fence, however old a view may be.
/// </summary>
public sealed class ClusterMap(IClusterMembershipService membership, ILocalSiloDetails local, int partitions)
{
    private ClusterView? _view;

    /// <summary>Partitions that own customers.</summary>
    public int Partitions => partitions;

    /// <summary>This silo.</summary>
    public SiloAddress Here => local.SiloAddress;

    /// <summary>The newest view.</summary>
    public ClusterView View
    {
        get
        {
            var now = membership.CurrentSnapshot;
            var known = Volatile.Read(ref _view);
            if (known is not null && known.Version == now.Version.Value) return known;
            var made = Of(now);
            Volatile.Write(ref _view, made);
            return made;
        }
    }

    /// <summary>True when the newest view names this silo.</summary>
    public bool IsMine(int partition) => Here.Equals(View.OwnerOf(partition));

    /// <summary>The partition of a customer.</summary>
    public int PartitionOf(string customer) => Ids.PartitionOf(customer, partitions);

    /// <summary>Waits until this silo has seen a membership version, which another silo has seen.</summary>
    public async Task SeenAsync(long version)
    {
        if (membership.CurrentSnapshot.Version.Value < version) await membership.Refresh(new MembershipVersion(version));
    }

    /// <summary>Silos that own something, this one left out.</summary>
    public IEnumerable<(SiloAddress Silo, int Partition)> Others() =>
        View.Owners.Select((silo, i) => (silo, i - 1)).Where(o => !o.silo.Equals(Here)).DistinctBy(o => o.silo);

    private ClusterView Of(ClusterMembershipSnapshot snapshot)
    {
        // A silo that leaves is not active any more: its partitions move while it still drains. Of two with one name the later one lives.
        var silos = snapshot.Members.Values.Where(m => m.Status == SiloStatus.Active).GroupBy(m => m.Name, StringComparer.Ordinal)
            .Select(same => same.MaxBy(m => m.SiloAddress.Generation)!).OrderBy(m => m.Name, StringComparer.Ordinal).ToList();
        return new ClusterView(snapshot.Version.Value, [.. Spread.Over(partitions, [.. silos.Select(s => s.Name)]).Select(i => silos[i].SiloAddress)]);
    }
}
