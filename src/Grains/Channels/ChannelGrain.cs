using ExposureMonitor.Domain;

namespace ExposureMonitor.Grains;

/// <summary>Starts what carries messages to a channel, in the silo that holds its grain.</summary>
public interface IChannelHost
{
    /// <summary>Starts it; disposing it stops it. What was confirmed is kept in the database, so that another silo goes on there.</summary>
    Task<IRunningChannel> StartAsync(string channel, CancellationToken cancel);
}

/// <summary>A channel whose messages are carried out here.</summary>
public interface IRunningChannel : IAsyncDisposable
{
    /// <summary>Why it does not go on; "" while it does.</summary>
    string Trouble { get; }
}

/// <summary>What the cluster keeps of a channel beside the cursors.</summary>
[GenerateSerializer, Alias("exposure.channel-state")]
public sealed class ChannelState
{
    /// <summary>How often a silo has taken it over.</summary>
    [Id(0)]
    public long Starts { get; set; }

    /// <summary>The silo that did so last.</summary>
    [Id(1)]
    public string Owner { get; set; } = "";
}

/// <summary>
/// One owner per channel, the silo that owns the house: what the house lets take effect (a letter, a credential of a channel) leaves where it is decided. It runs the pump. Two of
/// them for a moment send some messages twice, under the same ids; the cursor never moves back.
/// </summary>
[GrainType(TypeName), BesidePartition, Reentrant, Immovable, KeepAlive]
internal sealed class ChannelGrain([PersistentState("channel", ChannelGrain.Storage)] IPersistentState<ChannelState> state, IChannelHost host, ILocalSiloDetails local, SiloEngine silo, ClusterMap map) : Grain, IChannelGrain
{
    internal const string Storage = "exposure", TypeName = "channel";

    private IRunningChannel? _running;

    public override async Task OnActivateAsync(CancellationToken cancel)
    {
        if (!map.IsMine(Book.House)) throw new PartitionMovingException($"Channel {this.GetPrimaryKeyString()} is placed on {map.View.OwnerOf(Book.House)} in membership version {map.View.Version}.");
        state.State.Starts++;
        state.State.Owner = local.Name;
        await state.WriteStateAsync(cancel);
        _running = await host.StartAsync(this.GetPrimaryKeyString(), cancel);
        silo.Enter(this.GetPrimaryKeyString(), GrainContext);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancel)
    {
        silo.Leave(this.GetPrimaryKeyString(), GrainContext);
        if (_running is not null) await _running.DisposeAsync();
        _running = null;
    }

    // Being called is the effect: it activates the grain, or sends it away when the house is elsewhere.
    public Task KeepAsync()
    {
        if (!map.IsMine(Book.House)) DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task<ChannelStatus> StatusAsync() => Task.FromResult(new ChannelStatus(state.State.Owner, state.State.Starts, _running?.Trouble ?? ""));

    public Task<CallReply> CallAsync(Call call) => _running is not null && silo.Api is { } api ? api.AnswerAsync(call) : Task.FromResult(new CallReply(Answered.Elsewhere, 0, [], []));
}
