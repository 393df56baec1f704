using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>Rings after each commit of a partition, so that readers of its rows need not ask again and again.</summary>
public sealed class CommitBell
{
    private readonly Lock[] _gates;
    private readonly long[] _heads;
    private readonly TaskCompletionSource?[] _rung;

    /// <param name="partitions">Partitions that own customers; the house comes on top.</param>
    public CommitBell(int partitions)
    {
        (_heads, _rung) = (new long[partitions + 1], new TaskCompletionSource?[partitions + 1]);
        _gates = [.. Enumerable.Range(0, partitions + 1).Select(_ => new Lock())];
    }

    /// <summary>Sequence of the newest frame of a partition that is known to be committed; 0 before the first.</summary>
    public long Head(int partition) => Volatile.Read(ref _heads[partition - Book.House]);

    /// <summary>A frame is committed. The head never falls.</summary>
    public void Ring(int partition, long seq)
    {
        var at = partition - Book.House;
        TaskCompletionSource? waiting;
        lock (_gates[at])
        {
            if (seq <= _heads[at]) return;
            _heads[at] = seq;
            (waiting, _rung[at]) = (_rung[at], null);
        }

        waiting?.TrySetResult();
    }

    /// <summary>Waits until a partition has committed a frame behind a sequence.</summary>
    public async Task BehindAsync(int partition, long seq, CancellationToken cancel)
    {
        var at = partition - Book.House;
        while (true)
        {
            TaskCompletionSource waiting;
            lock (_gates[at])
            {
                if (_heads[at] > seq) return;
                waiting = _rung[at] ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            await waiting.Task.WaitAsync(cancel);
        }
    }
}
