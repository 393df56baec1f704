using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Grains;

/// <summary>How the engine of a silo reaches the owners of the other partitions: by their grains.</summary>
public sealed class GrainOwners : IOtherOwners
{
    private IGrainFactory? _grains;
    private ClusterMap? _map;
    private SiloEngine? _silo;

    /// <summary>How long a call waits for a partition that is moving.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The silo runs: calls get through from here on.</summary>
    public void Begin(IGrainFactory grains, ClusterMap map, SiloEngine silo) => (_grains, _map, _silo) = (grains, map, silo);

    public async Task<IReadOnlyList<Answer>> SubmitAsync(int partition, IReadOnlyList<Fact> facts, CancellationToken cancel)
    {
        byte[][] bytes = [.. facts.Select(BookQuestions.BytesOf)];
        // A fact that did get in before the answer was lost is the same fact when it comes again: its ids say so.
        var reply = await AroundAsync(partition, g => g.SubmitAsync(bytes), r => r.Answered, cancel);
        return reply.Answered == Answered.Yes ? [.. reply.Facts.Select(Replies.AnswerOf)] : throw Replies.Unavailable(reply.Answered, reply.Why);
    }

    public async Task<byte[]> AskAsync(int partition, string question, byte[] arguments, CancellationToken cancel) =>
        BytesOf(await AroundAsync(partition, g => g.AskAsync(question, arguments), r => r.Answered, cancel));

    public async Task<byte[]> RowsAsync(int partition, long behind, CancellationToken cancel) =>
        BytesOf(await AroundAsync(partition, g => g.RowsAsync(behind), r => r.Answered, cancel));

    /// <summary>A call to the API, answered by the owner of a partition.</summary>
    public Task<CallReply> CallAsync(int partition, Call call, CancellationToken cancel) => AroundAsync(partition, g => g.CallAsync(call), r => r.Answered, cancel);

    /// <summary>A call to the API, answered by the owner of a channel.</summary>
    public Task<CallReply> CallAsync(string channel, Call call, CancellationToken cancel) =>
        AroundAsync(channel, grains => grains.GetGrain<IChannelGrain>(channel).CallAsync(call), r => r.Answered, cancel);

    public void Lost(int partition) => _silo?.Lost(partition);

    public void Journaled(IReadOnlyDictionary<int, (long Seq, int Index)> places)
    {
        if (_grains is not { } grains || _map?.View.OwnerOf(Book.House) is null) return;
        _ = QuietAsync(() => grains.GetGrain<IPartitionGrain>(Book.House).JournaledAsync([.. places.Select(p => new HousePlace(p.Key, p.Value.Seq, p.Value.Index))]));
    }

    public void HouseTold()
    {
        if (_grains is not { } grains || _map is not { } map) return;
        foreach (var (_, partition) in map.Others().ToList()) _ = QuietAsync(() => grains.GetGrain<IPartitionGrain>(partition).LookAsync());
    }

    /// <summary>Waits briefly for a partition on its way, and says then that it is.</summary>
    private Task<T> AroundAsync<T>(int partition, Func<IPartitionGrain, Task<T>> call, Func<T, Answered> answered, CancellationToken cancel) =>
        AroundAsync($"Partition {partition}", grains => call(grains.GetGrain<IPartitionGrain>(partition)), answered, cancel);

    private async Task<T> AroundAsync<T>(string what, Func<IGrainFactory, Task<T>> call, Func<T, Answered> answered, CancellationToken cancel)
    {
        if (_grains is not { } grains) throw new PartitionElsewhereException("The silo is starting.");
        var begun = TimeProvider.System.GetTimestamp();
        for (var pause = 20; ; pause = Math.Min(200, pause * 2))
        {
            string why;
            try
            {
                var left = Patience - TimeProvider.System.GetElapsedTime(begun);
                var reply = await call(grains).WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1), cancel);
                if (answered(reply) != Answered.Elsewhere || TimeProvider.System.GetElapsedTime(begun) > Patience) return reply;
                why = "It is not where the membership says.";
            }
            catch (TimeoutException late)
            {
                throw new PartitionElsewhereException($"{what} is moving, or its owner does not answer.", late);
            }
            catch (Exception moving) when (moving is PartitionMovingException or OrleansException)
            {
                why = moving.Message;
            }
            catch (ObjectDisposedException stopped)
            {
                throw new PartitionElsewhereException("The silo is stopping.", stopped);
            }

            if (TimeProvider.System.GetElapsedTime(begun) > Patience) throw new PartitionElsewhereException($"{what} is moving: {why}");
            await Task.Delay(pause, cancel);
        }
    }

    private static byte[] BytesOf(BytesReply reply) => reply.Answered == Answered.Yes ? reply.Bytes : throw Replies.Unavailable(reply.Answered, reply.Why);

    private static async Task QuietAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception lost) when (lost is OrleansException or TimeoutException or PartitionMovingException or ObjectDisposedException)
        {
            // It is told again, or seen in the database.
        }
    }
}
