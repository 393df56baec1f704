using System.Collections.Concurrent;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Grains;

/// <summary>Answers calls to the API inside this silo: the way by which a grain reaches the endpoints.</summary>
public interface ILocalApi
{
    /// <summary>Answers as if the request had come to this silo, and by this silo alone.</summary>
    Task<CallReply> AnswerAsync(Call call);
}

/// <summary>The engine of this silo, and the grains that hold its partitions.</summary>
public sealed class SiloEngine
{
    private const long RestLeast = 100, RestMost = 2_000, Forgotten = 60_000;

    private static readonly CallReply Elsewhere = new(Answered.Elsewhere, 0, [], []);

    private readonly ConcurrentDictionary<int, IGrainContext> _grains = new();
    private readonly ConcurrentDictionary<string, IGrainContext> _channels = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, bool> _reminded = new();
    private readonly ConcurrentDictionary<int, (int Times, long Until)> _losses = new();

    /// <summary>Started before the silo.</summary>
    public required ExposureEngine Engine { get; init; }

    /// <summary>The endpoints of this silo; set before the silo starts.</summary>
    public ILocalApi? Api { get; set; }

    /// <summary>Partitions whose grain is here.</summary>
    public IReadOnlyCollection<int> Held => [.. _grains.Keys];

    internal void Enter(int partition, IGrainContext grain) => _grains[partition] = grain;

    internal void Leave(int partition, IGrainContext grain) => _grains.TryRemove(new KeyValuePair<int, IGrainContext>(partition, grain));

    internal void Enter(string channel, IGrainContext grain) => _channels[channel] = grain;

    internal void Leave(string channel, IGrainContext grain) => _channels.TryRemove(new KeyValuePair<string, IGrainContext>(channel, grain));

    /// <summary>Sends the ways out away: they go where the house is.</summary>
    internal void SendChannels(string why)
    {
        foreach (var grain in _channels.Values) grain.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, why));
    }

    /// <summary>Sends a partition away: its grain drains it and goes.</summary>
    internal void Send(int partition, string why)
    {
        if (_grains.TryGetValue(partition, out var grain)) grain.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, why));
    }

    /// <summary>
    /// Another owner went on with a partition: the grain goes. Whoever is told so again and again rests longer each time, up to two seconds, so that
    /// two that do not know of each other still get something done.
    /// </summary>
    internal void Lost(int partition)
    {
        _losses.AddOrUpdate(partition, _ => (1, Environment.TickCount64 + RestLeast), (_, known) =>
            Environment.TickCount64 - known.Until > Forgotten ? (1, Environment.TickCount64 + RestLeast) : (known.Times + 1, Environment.TickCount64 + Math.Min(RestMost, RestLeast << Math.Min(known.Times, 5))));
        Send(partition, "Another owner went on with it.");
    }

    internal bool IsResting(int partition) => _losses.TryGetValue(partition, out var known) && Environment.TickCount64 < known.Until;

    internal bool IsReminded(int partition) => _reminded.ContainsKey(partition);

    internal void Reminded(int partition) => _reminded[partition] = true;

    /// <summary>Closes a partition of this silo; one that is closed with an alarm stays so.</summary>
    internal async Task LetGoAsync(int partition)
    {
        try
        {
            await Engine.ReleaseAsync(partition);
        }
        catch (EngineUnavailableException)
        {
            // The engine has stopped, and has closed it; or its history is in doubt, and nobody here goes on with it.
        }
    }

    internal async Task<CallReply> CallAsync(int partition, Call call)
    {
        if (!Engine.Owns(partition) || Api is not { } api) return Elsewhere;
        await Engine.ComingAsync(partition);
        var reply = await api.AnswerAsync(call);
        // It left on the way: the new owner is asked, who knows by the key, or by the ids, what was done before.
        return reply.Status == 503 && !Engine.Owns(partition) ? Elsewhere : reply;
    }
}
