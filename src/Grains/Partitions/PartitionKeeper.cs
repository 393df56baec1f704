using System.Collections.Concurrent;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Grains;

/// <summary>
/// Keeps the silo's own share alive: what the newest membership view places here is asked for at once and again and again, and what it
/// places elsewhere is sent away. Every silo does this for itself; nobody leads.
/// </summary>
public sealed class PartitionKeeper(SiloEngine silo, ClusterMap map, IGrainFactory grains, IReadOnlyList<string> channels) : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100), PingEvery = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, Task> _asking = new();
    private readonly ConcurrentDictionary<string, Task> _channels = new(StringComparer.Ordinal);
    private Task _running = Task.CompletedTask;
    private int _isEnded;

    /// <summary>True when everything that the newest view places here serves here, and nothing else is held.</summary>
    public bool IsSettled => map.View.Owners.Count > 0 && Enumerable.Range(Book.House, map.Partitions + 1).All(p => map.IsMine(p) ? silo.Engine.Serves(p) : !silo.Engine.Owns(p));

    /// <summary>Begins, once the silo is a member of the cluster.</summary>
    public void Begin() => _running = Task.Run(RunAsync);

    private async Task RunAsync()
    {
        try
        {
            for (var pinged = 0L; ;)
            {
                var view = map.View;
                foreach (var partition in silo.Held)
                    if (!map.Here.Equals(view.OwnerOf(partition))) silo.Send(partition, $"Membership version {view.Version} places it on {view.OwnerOf(partition)}.");
                if (!map.Here.Equals(view.OwnerOf(Book.House))) silo.SendChannels($"Membership version {view.Version} places the house on {view.OwnerOf(Book.House)}.");
                var isDue = Environment.TickCount64 - pinged >= PingEvery.TotalMilliseconds;
                // A token without its partition is worth nothing: it goes, and comes again with it.
                if (isDue)
                    foreach (var partition in silo.Held)
                        if (!silo.Engine.Owns(partition)) silo.Send(partition, "It is not open here.");
                for (var partition = Book.House; partition < map.Partitions; partition++)
                    if (map.Here.Equals(view.OwnerOf(partition)) && (isDue || !silo.Held.Contains(partition)) && !silo.IsResting(partition)) Keep(partition, view.Version);
                // The owner of the house has the ways out.
                if (isDue && map.Here.Equals(view.OwnerOf(Book.House)))
                    foreach (var channel in channels) Keep(channel);
                if (isDue) pinged = Environment.TickCount64;
                await Task.Delay(LookEvery, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The silo leaves.
        }
    }

    private void Keep(int partition, long view)
    {
        if (_asking.TryGetValue(partition, out var asked) && !asked.IsCompleted) return;
        _asking[partition] = QuietAsync(() => grains.GetGrain<IPartitionGrain>(partition).KeepAsync(view));
    }

    private void Keep(string channel)
    {
        if (_channels.TryGetValue(channel, out var asked) && !asked.IsCompleted) return;
        _channels[channel] = QuietAsync(() => grains.GetGrain<IChannelGrain>(channel).KeepAsync());
    }

    private static async Task QuietAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception notYet) when (notYet is OrleansException or TimeoutException or PartitionMovingException or EngineUnavailableException or JournalUnavailableException or ObjectDisposedException)
        {
            // The next look asks again.
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The silo ends it before it leaves, and its container once more.
        if (Interlocked.Exchange(ref _isEnded, 1) != 0) return;
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
