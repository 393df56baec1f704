using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Grains;

/// <summary>
/// The token of ownership. On activation it opens the partition, which bumps its epoch; on deactivation it drains and closes it. Correctness
/// never hangs on it being the only one: a second activation bumps the epoch again, and the first one is fenced.
/// </summary>
[GrainType(TypeName), BesidePartition, Reentrant, Immovable, KeepAlive]
internal sealed class PartitionGrain(SiloEngine silo, ClusterMap map) : Grain, IPartitionGrain, IRemindable
{
    internal const string TypeName = "partition";

    private const string Reminder = "keep";

    private int Partition => checked((int)this.GetPrimaryKeyLong());

    public override async Task OnActivateAsync(CancellationToken cancel)
    {
        if (!map.IsMine(Partition)) throw new PartitionMovingException($"Partition {Partition} is placed on {map.View.OwnerOf(Partition)} in membership version {map.View.Version}.");
        try
        {
            await silo.Engine.AcquireAsync(Partition, cancel);
        }
        catch (PartitionClosedException)
        {
            // It stays: whoever asks hears why, and no other silo goes quietly on with a history that is in doubt.
        }
        catch (Exception failed) when (failed is EngineUnavailableException or OperationCanceledException)
        {
            // It may come all the same, and nobody would keep it.
            await silo.LetGoAsync(Partition);
            throw new PartitionMovingException($"Partition {Partition} does not serve here: {failed.Message}");
        }

        silo.Enter(Partition, GrainContext);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancel)
    {
        silo.Leave(Partition, GrainContext);
        await silo.LetGoAsync(Partition);
    }

    public async Task KeepAsync(long view)
    {
        await map.SeenAsync(view);
        if (!map.IsMine(Partition)) DeactivateOnIdle();
        else await RemindAsync();
    }

    /// <summary>The safety net below the pings of silos: whoever else fails to ask for the partition, its reminder does.</summary>
    private async Task RemindAsync()
    {
        if (silo.IsReminded(Partition)) return;
        await this.RegisterOrUpdateReminder(Reminder, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        silo.Reminded(Partition);
    }

    // Being called is the effect: it activates the grain.
    public Task ReceiveReminder(string reminderName, TickStatus status) => KeepAsync(0);

    public async Task<SubmitReply> SubmitAsync(byte[][] facts)
    {
        try
        {
            var answers = await silo.Engine.SubmitHereAsync(Partition, [.. facts.Select(f => BookQuestions.FactOf(f))]);
            return new SubmitReply(Answered.Yes, "", [.. answers.Select(Replies.Of)]);
        }
        catch (EngineUnavailableException away)
        {
            return new SubmitReply(Replies.Of(away), away.Message, []);
        }
    }

    public Task<BytesReply> AskAsync(string question, byte[] arguments) => Replies.TryAsync(() => silo.Engine.AnswerAsync(Partition, question, arguments));

    public Task<BytesReply> RowsAsync(long behind) => Replies.TryAsync(() => Task.FromResult(silo.Engine.RowsBehind(Partition, behind)));

    public Task<CallReply> CallAsync(Call call) => silo.CallAsync(Partition, call);

    public Task JournaledAsync(HousePlace[] places)
    {
        silo.Engine.NoteJournaled(places.ToDictionary(p => p.Partition, p => (p.Seq, p.Index)));
        return Task.CompletedTask;
    }

    public Task LookAsync()
    {
        silo.Engine.LookSoon();
        return Task.CompletedTask;
    }
}

/// <summary>The partition is on its way to another silo: ask again in a moment.</summary>
[GenerateSerializer, Alias("exposure.moving")]
public sealed class PartitionMovingException : Exception
{
    public PartitionMovingException(string message) : base(message)
    {
    }

    public PartitionMovingException() : this("The partition is on its way to another silo.")
    {
    }

    public PartitionMovingException(string message, Exception inner) : base(message, inner)
    {
    }
}
