using System.Collections.Concurrent;

namespace ExposureMonitor.Simulation;

/// <summary>
/// One thread that runs a whole life: the engine's loop, its timers and the client take turns in the order in which
/// they became ready. So a seed gives one run, byte for byte.
/// </summary>
internal sealed class Pump : TaskScheduler, IDisposable
{
    private readonly BlockingCollection<Task> _ready = [];

    /// <summary>Runs until the work is done; what hangs is a failure, not a wait.</summary>
    internal T Run<T>(Func<Task<T>> work)
    {
        // A context of the caller would take the turns away from this thread.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return RunHere(work);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private T RunHere<T>(Func<Task<T>> work)
    {
        var main = Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();
        while (!main.IsCompleted)
        {
            if (!_ready.TryTake(out var task, TimeSpan.FromSeconds(5))) throw new TimeoutException("Nothing is ready to run, and the run is not over.");
            TryExecuteTask(task);
        }

        // What the engine still has to say after its last answer is said before the thread goes.
        while (_ready.TryTake(out var rest)) TryExecuteTask(rest);
        return main.GetAwaiter().GetResult();
    }

    /// <summary>Runs an action in its turn.</summary>
    internal void Post(Action action) => _ = Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.None, this);

    protected override void QueueTask(Task task) => _ready.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _ready;

    public void Dispose() => _ready.Dispose();
}

/// <summary>A clock that moves when it is told. What waits on it goes on at once; what ticks, ticks when it moves.</summary>
internal sealed class SimulatedClock(Pump pump) : TimeProvider
{
    private readonly List<Timer> _ticking = [];

    internal DateTimeOffset Now { get; private set; } = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Now.UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    internal void Advance(TimeSpan by)
    {
        Now += by;
        foreach (var timer in _ticking.ToArray()) timer.Callback(timer.State);
    }

    /// <summary>The process is dead: its timers are gone with it.</summary>
    internal void Forget() => _ticking.Clear();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        if (period == Timeout.InfiniteTimeSpan)
        {
            if (dueTime != Timeout.InfiniteTimeSpan) pump.Post(() => callback(state));
        }
        else
        {
            _ticking.Add(timer);
        }

        return timer;
    }

    private sealed class Timer(SimulatedClock clock, TimerCallback callback, object? state) : ITimer
    {
        internal TimerCallback Callback => callback;

        internal object? State => state;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (period == Timeout.InfiniteTimeSpan && dueTime != Timeout.InfiniteTimeSpan) clock.Fire(this);
            return true;
        }

        public void Dispose() => clock._ticking.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private void Fire(Timer timer) => pump.Post(() => timer.Callback(timer.State));
}
