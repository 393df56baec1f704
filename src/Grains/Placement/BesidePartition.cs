using ExposureMonitor.Domain;
using Orleans.Metadata;
using Orleans.Runtime.Placement;

namespace ExposureMonitor.Grains;

/// <summary>Places a grain on the silo that owns its partition: the partition itself, a customer beside it, a channel beside the house.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BesidePartitionAttribute() : PlacementAttribute(new BesidePartition());

/// <summary>The strategy of <see cref="BesidePartitionAttribute"/>.</summary>
[GenerateSerializer, Immutable, Alias("exposure.beside-partition")]
public sealed class BesidePartition : PlacementStrategy;

/// <summary>Asks the map. It gives affinity, no more: an activation stays where it is when the map changes, and goes by itself.</summary>
internal sealed class BesidePartitionDirector(IServiceProvider services) : IPlacementDirector
{
    // The map needs the membership, which is not there yet while directors are made.
    private ClusterMap? _map;

    private static readonly GrainType PartitionType = GrainType.Create(PartitionGrain.TypeName), ChannelType = GrainType.Create(ChannelGrain.TypeName);

    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var map = _map ??= (ClusterMap)services.GetService(typeof(ClusterMap))!;
        var id = target.GrainIdentity;
        // By the type: the id of a customer may look like a number.
        var partition = id.Type == ChannelType ? Book.House : id.Type == PartitionType && id.TryGetIntegerKey(out var number, out _) ? checked((int)number) : map.PartitionOf(id.Key.ToString()!);
        var silos = context.GetCompatibleSilos(target);
        if (map.View.OwnerOf(partition) is { } owner && silos.Contains(owner)) return Task.FromResult(owner);
        throw new OrleansException($"No silo owns partition {partition} in membership version {map.View.Version}.");
    }
}
