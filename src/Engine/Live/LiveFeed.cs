using System.Threading.Channels;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>What a commit changed: told to the live feed after the commit.</summary>
/// <param name="HasSignals">A signal was raised, resolved or retracted.</param>
public sealed record LiveChange(long Id, int Partition, long Seq, IReadOnlyList<string> Customers, IReadOnlyList<Effect> Effects, bool HasSignals = false);

/// <summary>
/// Tells subscribers of every commit. A ring keeps the newest changes, so that a reader that was away resumes by id;
/// a reader that does not keep up is dropped and resumes the same way.
/// </summary>
public sealed class LiveFeed
{
    /// <summary>Changes that a reader may miss and still resume.</summary>
    public const int RingMax = 4_096;

    /// <summary>Changes that wait for one reader before it is dropped.</summary>
    public const int QueueMax = 1_024;

    private readonly Lock _gate = new();
    private readonly Queue<LiveChange> _ring = new();
    private readonly List<Channel<LiveChange>> _readers = [];
    private long _id;

    /// <summary>Subscribes from behind an id; changes that are still in the ring come first. <c>null</c>: from now on.</summary>
    public ChannelReader<LiveChange> Subscribe(long? after, CancellationToken cancel)
    {
        var channel = Channel.CreateBounded<LiveChange>(new BoundedChannelOptions(QueueMax + RingMax) { SingleReader = true });
        lock (_gate)
        {
            if (after is { } seen)
                foreach (var change in _ring)
                    if (change.Id > seen) channel.Writer.TryWrite(change);
            _readers.Add(channel);
        }

        cancel.Register(() => Drop(channel));
        return channel.Reader;
    }

    /// <summary>True when everything behind an id is still in the ring.</summary>
    public bool CanResume(long after)
    {
        lock (_gate) return after <= _id && (_ring.Count == 0 || after >= _ring.Peek().Id - 1);
    }

    internal void Tell(int partition, long seq, IReadOnlyList<string> customers, IReadOnlyList<Effect> effects, bool hasSignals = false)
    {
        lock (_gate)
        {
            var change = new LiveChange(++_id, partition, seq, customers, effects, hasSignals);
            _ring.Enqueue(change);
            if (_ring.Count > RingMax) _ring.Dequeue();
            for (var i = _readers.Count - 1; i >= 0; i--)
            {
                if (_readers[i].Writer.TryWrite(change)) continue;
                _readers[i].Writer.TryComplete();
                _readers.RemoveAt(i);
            }
        }
    }

    private void Drop(Channel<LiveChange> channel)
    {
        lock (_gate) _readers.Remove(channel);
        channel.Writer.TryComplete();
    }
}
