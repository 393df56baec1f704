using ExposureMonitor.Engine;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace ExposureMonitor.Grains;

/// <summary>What the grains need in every silo.</summary>
public static class ClusterServices
{
    /// <summary>Adds placement and what the grains share; storage, reminders and clustering are for the host.</summary>
    /// <param name="channels">Ways out whose pumps run somewhere in the cluster.</param>
    public static ISiloBuilder AddExposureGrains(this ISiloBuilder builder, SiloEngine silo, GrainOwners owners, IChannelHost channelHost, IReadOnlyList<string> channels)
    {
        builder.Services.AddPlacementDirector<BesidePartition, BesidePartitionDirector>();
        builder.Services.AddSingleton(silo);
        builder.Services.AddSingleton(owners);
        builder.Services.AddSingleton(channelHost);
        builder.Services.AddSingleton<CustomerWatchers>();
        builder.Services.AddSingleton(services => new ClusterMap(services.GetRequiredService<IClusterMembershipService>(), services.GetRequiredService<ILocalSiloDetails>(), silo.Engine.Database.Partitions));
        builder.Services.AddSingleton(services => new PartitionKeeper(silo, services.GetRequiredService<ClusterMap>(), services.GetRequiredService<IGrainFactory>(), channels));
        return builder;
    }
}
