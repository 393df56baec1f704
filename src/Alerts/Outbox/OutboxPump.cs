using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>How a pump reads and sends.</summary>
public sealed record OutboxPumpOptions
{
    /// <summary>Rows that are sent together; a partition has one such batch on its way.</summary>
    public int BatchMax { get; init; } = 500;

    /// <summary>Bytes of bodies that are sent together (one row at least).</summary>
    public int BatchBytesMax { get; init; } = 256 << 10;

    /// <summary>Partitions that are read at the same time; it bounds the memory, whatever the backlog.</summary>
    public int ReadersMax { get; init; } = 4;

    /// <summary>Pause between two reads of a partition that has just been read to its end: commits in between share the next one.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Pause between two writes of cursors: confirmations in between share the next one.</summary>
    public TimeSpan CursorPause { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>First pause after a failure; it doubles up to half a minute.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromMilliseconds(500);
}

/// <summary>
/// Carries what goes out to a sink: at least once, in the order of each partition, from a cursor that moves only after the
/// outside has confirmed. Rows keep their ids, so that whoever receives one twice can tell. It is woken after a commit, reads at
/// its start what it is behind, and never stands in the way of a commit: a sink that is away costs lag and nothing else.
/// </summary>
public sealed class OutboxPump : IServiceState, IAsyncDisposable
{
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(30), PatienceWithReader = TimeSpan.FromSeconds(1);

    private readonly IOutboxReader _outbox;
    private readonly IOutboxCursors _cursors;
    private readonly IOutboxSink _sink;
    private readonly CommitBell _bell;
    private readonly TimeProvider _time;
    private readonly OutboxPumpOptions _options;
    private readonly SemaphoreSlim _reading, _moved = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<int, OutboxPlace> _unsaved = [];
    private readonly Dictionary<string, long> _sent;
    private readonly List<Partition> _partitions = [];
    private Task _running = Task.CompletedTask;
    private long _failures;
    private volatile string _savingTrouble = "";

    private OutboxPump(IOutboxReader outbox, IOutboxCursors cursors, IOutboxSink sink, CommitBell bell, OutboxPumpOptions options, TimeProvider time)
    {
        (_outbox, _cursors, _sink, _bell, _options, _time) = (outbox, cursors, sink, bell, options, time);
        _reading = new SemaphoreSlim(options.ReadersMax);
        _sent = sink.Targets.ToDictionary(t => t, _ => 0L, StringComparer.Ordinal);
    }

    /// <summary>One partition on its way out. Its own task alone changes it; whoever looks sees numbers that may be a moment old.</summary>
    private sealed class Partition(int id)
    {
        internal int Id => id;

        /// <summary>The newest row that the outside has confirmed.</summary>
        internal OutboxPlace Confirmed { get; set; }

        /// <summary>Every frame up to this sequence has been passed.</summary>
        internal long Passed { get; set; }

        /// <summary>Behind which to read on.</summary>
        internal OutboxPlace From => Passed >= Confirmed.Seq ? OutboxPlace.EndOf(Passed) : Confirmed;

        internal volatile string Trouble = "";

        /// <summary>By target, when the oldest row came about that is on its way.</summary>
        internal Dictionary<string, Instant> Waiting { get; } = new(StringComparer.Ordinal);
    }

    /// <summary>Begins to pump what a running engine commits, and what it committed before.</summary>
    /// <param name="heads">Heads of all partitions.</param>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    /// <exception cref="InvalidOperationException">A cursor lies beyond what its partition has committed: the database lost commits.</exception>
    public static async Task<OutboxPump> StartAsync(IOutboxReader outbox, IReadOnlyList<PartitionHead> heads, IOutboxCursors cursors, IOutboxSink sink, CommitBell bell,
        OutboxPumpOptions? options = null, TimeProvider? time = null, CancellationToken cancel = default)
    {
        var pump = new OutboxPump(outbox, cursors, sink, bell, options ?? new OutboxPumpOptions(), time ?? TimeProvider.System);
        var known = await cursors.CursorsAsync(sink.Name, cancel);
        foreach (var head in heads)
        {
            var confirmed = known.GetValueOrDefault(head.Partition);
            if (confirmed.Seq > head.Seq)
                throw new InvalidOperationException($"The outbox of partition {head.Partition} was sent up to frame {confirmed.Seq}, its journal ends at {head.Seq}: the database has lost commits. Restore it whole, cursors included.");
            pump._partitions.Add(new Partition(head.Partition) { Confirmed = confirmed, Passed = confirmed.Seq - 1 });
            bell.Ring(head.Partition, head.Seq);
        }

        // The thread that starts a service does not read databases.
        pump._running = Task.WhenAll([.. pump._partitions.Select(p => Task.Run(() => pump.RunAsync(p), CancellationToken.None)), Task.Run(pump.KeepCursorsAsync, CancellationToken.None)]);
        return pump;
    }

    /// <summary>What can be said of it now.</summary>
    public OutboxStatus Status
    {
        get
        {
            lock (_gate)
            {
                var behind = _partitions.Sum(p => Math.Max(0, _bell.Head(p.Id) - Math.Max(0, p.Passed)));
                var trouble = _partitions.Select(p => p.Trouble).FirstOrDefault(t => t.Length > 0) ?? "";
                if (_sink.Trouble is { Length: > 0 } away && behind > 0) trouble = away;
                if (trouble.Length == 0) trouble = _savingTrouble;
                return new OutboxStatus(_sink.Name, behind, Interlocked.Read(ref _failures), trouble,
                [
                    .. _sink.Targets.Select(t => new OutboxTarget(t, _sent[t],
                        _partitions.Select(p => p.Waiting.TryGetValue(t, out var at) ? at : (Instant?)null).Where(at => at is not null).Min())),
                ]);
            }
        }
    }

    /// <inheritdoc/>
    public ServiceState Look() => Status.State(Instant.From(_time.GetUtcNow()));

    /// <summary>Waits until all that is committed now has been confirmed by the outside.</summary>
    public async Task CaughtUpAsync(CancellationToken cancel = default)
    {
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(10), _time);
        foreach (var (partition, head) in _partitions.Select(p => (p, _bell.Head(p.Id))).ToList())
        {
            while (true)
            {
                lock (_gate)
                    if (partition.Passed >= head) break;
                await often.WaitForNextTickAsync(cancel);
            }
        }
    }

    private async Task RunAsync(Partition partition)
    {
        var failed = 0;
        try
        {
            while (true)
            {
                try
                {
                    await _bell.BehindAsync(partition.Id, partition.Passed, _stop.Token);
                    await DrainAsync(partition, _bell.Head(partition.Id));
                    (failed, partition.Trouble) = (0, "");
                    await Task.Delay(_options.Pause, _time, _stop.Token);
                }
                catch (Exception away) when (away is OutboxFailedException or JournalUnavailableException)
                {
                    partition.Trouble = away.Message;
                    Interlocked.Increment(ref _failures);
                    await Task.Delay(Backoff(failed++), _time, _stop.Token);
                }
                catch (Exception broken) when (broken is not OperationCanceledException)
                {
                    // A row that cannot be made a message stops its partition, loudly, and no other: what was skipped would never be told.
                    partition.Trouble = $"partition {partition.Id} behind frame {partition.Confirmed.Seq}: {broken.Message}";
                    Interlocked.Increment(ref _failures);
                    await Task.Delay(BackoffMax, _time, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The pump ends.
        }
    }

    private TimeSpan Backoff(int failed) => TimeSpan.FromTicks(Math.Min(BackoffMax.Ticks, _options.Backoff.Ticks << Math.Min(failed, 10)));

    /// <summary>Sends everything up to a committed sequence, batch by batch.</summary>
    private async Task DrainAsync(Partition partition, long upTo)
    {
        while (!await DrainWhileAnsweredAsync(partition, upTo))
        {
        }

        lock (_gate) partition.Passed = upTo;
    }

    /// <summary>
    /// The same until a confirmation takes long: then the place among the readers is given back, and <c>false</c> asks for
    /// another pass. So a part of the outside that is away does not keep the other partitions waiting.
    /// </summary>
    private async Task<bool> DrainWhileAnsweredAsync(Partition partition, long upTo)
    {
        Task sending;
        List<OutboxRow> batch = [];
        await _reading.WaitAsync(_stop.Token);
        try
        {
            await using var rows = _outbox.ReadAsync(partition.Id, partition.From, upTo, _stop.Token).GetAsyncEnumerator(_stop.Token);
            while (true)
            {
                batch = await NextAsync(rows);
                if (batch.Count == 0) return true;
                sending = SendAsync(partition, batch);
                if (await Task.WhenAny(sending, Task.Delay(PatienceWithReader, _time, _stop.Token)) != sending) break;
                await sending;
            }
        }
        finally
        {
            _reading.Release();
        }

        await sending;
        return false;
    }

    private async Task<List<OutboxRow>> NextAsync(IAsyncEnumerator<OutboxRow> rows)
    {
        var (batch, bytes) = (new List<OutboxRow>(), 0);
        while (batch.Count < _options.BatchMax && bytes < _options.BatchBytesMax && await rows.MoveNextAsync())
        {
            batch.Add(rows.Current);
            bytes += rows.Current.Row.Body.Length;
        }

        return batch;
    }

    private async Task SendAsync(Partition partition, List<OutboxRow> batch)
    {
        lock (_gate)
            foreach (var row in batch) partition.Waiting.TryAdd(_sink.TargetOf(row), row.At);
#if SEEDED_BUGS
        if (SeededBug.Is("O1"))
        {
            lock (_gate) _unsaved[partition.Id] = batch[^1].Place;
            _moved.Release();
        }
#endif
        await _sink.SendAsync(batch, _stop.Token);
        var last = batch[^1].Place;
        lock (_gate)
        {
            foreach (var row in batch) _sent[_sink.TargetOf(row)]++;
            partition.Waiting.Clear();
            // The frame of the last row may have more of them.
            (partition.Confirmed, partition.Passed) = (last, last.Seq - 1);
            _unsaved[partition.Id] = last;
        }

        _moved.Release();
    }

    private async Task KeepCursorsAsync()
    {
        try
        {
            while (true)
            {
                await _moved.WaitAsync(_stop.Token);
                while (_moved.Wait(0))
                {
                    // What was confirmed since is saved with it.
                }

                await SaveAsync();
                await Task.Delay(_options.CursorPause, _time, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // What was confirmed last is saved when the pump has ended.
        }
    }

    private async Task SaveAsync()
    {
        Dictionary<int, OutboxPlace> places;
        lock (_gate)
        {
            if (_unsaved.Count == 0) return;
            places = new Dictionary<int, OutboxPlace>(_unsaved);
            _unsaved.Clear();
        }

        try
        {
            await _cursors.MoveCursorsAsync(_sink.Name, places, CancellationToken.None);
            _savingTrouble = "";
        }
        catch (JournalUnavailableException away)
        {
            // It is tried again with the next confirmation, or after the pause; until then a restart would send these once more.
            _savingTrouble = "The cursors cannot be written: " + away.Message;
            Interlocked.Increment(ref _failures);
            lock (_gate)
                foreach (var (partition, place) in places) _unsaved.TryAdd(partition, place);
            _moved.Release();
        }
    }

    /// <summary>Ends: what is on its way is given up and goes again at the next start; what was confirmed is saved.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await SaveAsync();
        await _sink.DisposeAsync();
        _stop.Dispose();
        _reading.Dispose();
        _moved.Dispose();
    }
}
