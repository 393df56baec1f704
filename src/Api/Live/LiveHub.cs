using System.Diagnostics;
using System.Threading.Channels;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>
/// Folds commits into views and wakes their readers. A view is computed once, however many read it; nothing is shown
/// before its commit, since the engine tells after it.
/// </summary>
internal sealed class LiveHub : IAsyncDisposable
{
    private readonly Desk _desk;
    private readonly LiveOptions _options;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LiveView> _views = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _streams = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource _changed = Fresh();
    private Task? _loop;
    private long _number;
    private long _behindSince;
    private int _open;

    internal LiveHub(Desk desk, LiveOptions options)
    {
        (_desk, _options) = (desk, options);
        Instruments = new LiveInstruments(desk.Engine);
    }

    /// <summary>Names this process: numbers of another hub mean nothing here.</summary>
    internal string Id { get; } = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(4));

    internal LiveOptions Options => _options;

    internal LiveInstruments Instruments { get; }

    internal CancellationToken Stopping => _stop.Token;

    internal int Streams => Volatile.Read(ref _open);

    internal int Views
    {
        get
        {
            lock (_gate) return _views.Count;
        }
    }

    /// <summary>How long the oldest commit waits to be told.</summary>
    internal long LagMs => Volatile.Read(ref _behindSince) is var since and > 0 ? (long)Stopwatch.GetElapsedTime(since).TotalMilliseconds : 0;

    /// <summary>Takes a place for a stream; false when the caller, or all, have too many.</summary>
    internal bool TryEnter(string subject)
    {
        lock (_gate)
        {
            var mine = _streams.GetValueOrDefault(subject);
            if (_open >= _options.StreamsMax || mine >= _options.StreamsPerSubject) return false;
            (_streams[subject], _open) = (mine + 1, _open + 1);
            _loop ??= Task.Run(RunAsync, CancellationToken.None);
            return true;
        }
    }

    internal void Leave(string subject, IEnumerable<LiveView> views)
    {
        lock (_gate)
        {
            _open--;
            if (--_streams[subject] == 0) _streams.Remove(subject);
            foreach (var view in views)
                if (--view.Readers == 0) view.IdleSince = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>The view of a key, computed when it is new; <c>null</c> when there are too many.</summary>
    internal async Task<LiveView?> JoinAsync(string key, Func<LiveView> make, CancellationToken cancel)
    {
        LiveView? view;
        lock (_gate)
        {
            foreach (var (old, idle) in _views.Where(v => v.Value.Readers == 0 && Stopwatch.GetElapsedTime(v.Value.IdleSince) > _options.Kept).ToList()) _views.Remove(old);
            if (!_views.TryGetValue(key, out view))
            {
                if (_views.Count >= _options.ViewsMax) return null;
                _views.Add(key, view = make());
            }

            view.Readers++;
        }

        try
        {
            // Also a view that stood idle: what it missed becomes its next change.
            await RefreshAsync(view, cancel);
            return view;
        }
        catch
        {
            lock (_gate)
                if (--view.Readers == 0) view.IdleSince = Stopwatch.GetTimestamp();
            throw;
        }
    }

    /// <summary>Computes views again whose rows also hold what no commit tells, such as who looks at an order.</summary>
    internal async Task RefreshAsync(Func<LiveView, bool> which, CancellationToken cancel)
    {
        List<LiveView> due;
        lock (_gate) due = [.. _views.Values.Where(v => v.Readers > 0 && which(v))];
        foreach (var view in due) await TryRefreshAsync(view, cancel);
    }

    /// <summary>Reads under the lock: what a number says is whole.</summary>
    internal T Read<T>(Func<long, T> read)
    {
        lock (_gate) return read(_number);
    }

    /// <summary>Completes with the next change of any view.</summary>
    internal Task Changed
    {
        get
        {
            lock (_gate) return _changed.Task;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_loop is not null) await _loop;
        Instruments.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var changes = _desk.Engine.Live.Subscribe(null, gone.Token);
        long? last = null;
        var (boardDue, refreshed, signals) = (0L, 0L, false);
        // Bands, rates and other rules of the house are read now and then only: what changed with them is shown once more when they are new.
        var rulesDue = 0L;
        var (pending, pendingSince) = (new HashSet<string>(StringComparer.Ordinal), 0L);
        // Views of partitions that were away: computed again until they answer, whether or not something is committed.
        var behind = new List<LiveView>();
        try
        {
            while (true)
            {
                if (pending.Count == 0 && behind.Count == 0)
                {
                    if (!await IsToldAsync(changes, rulesDue, gone.Token))
                    {
                        lock (_gate) behind.AddRange(_views.Values.Where(v => v.Readers > 0 && v.IsBoard));
                        rulesDue = 0;
                        continue;
                    }

                    if (changes.Completion.IsCompleted)
                    {
                        // Dropped for being slow: take up where we were; what the ring lost, every view computes again.
                        changes = _desk.Engine.Live.Subscribe(last, gone.Token);
                        continue;
                    }

                    Volatile.Write(ref _behindSince, Stopwatch.GetTimestamp());
                }

                var heard = Stopwatch.GetTimestamp();
                if (pending.Count == 0) pendingSince = heard;
                // What comes after a quiet time is shown at once; what follows within the window is one change.
                var wait = refreshed == 0 ? TimeSpan.Zero : _options.CustomerWindow - Stopwatch.GetElapsedTime(refreshed);
                if (wait > TimeSpan.Zero) await Task.Delay(wait, gone.Token);
                var touched = new HashSet<string>(StringComparer.Ordinal);
                while (changes.TryRead(out var change))
                {
                    last = change.Id;
                    touched.UnionWith(change.Customers);
                    signals |= change.HasSignals;
                }

                pending.UnionWith(touched);
                if (touched.Count > 0) rulesDue = Stopwatch.GetTimestamp() + (long)(BandsInForce.Kept.TotalSeconds * Stopwatch.Frequency);
                var boards = Stopwatch.GetTimestamp() >= boardDue;
                List<LiveView> due;
                lock (_gate) due = [.. _views.Values.Where(v => v.Readers > 0 && (v.IsBoard ? boards && (signals || !v.IsAlerts) && v.Concerns(pending) : v.Concerns(touched))).Union(boards ? behind : [])];
                if (boards) behind.Clear();
                var begun = Stopwatch.GetTimestamp();
                foreach (var view in due)
                    if (!await TryRefreshAsync(view, gone.Token, view.IsBoard ? pendingSince : heard)) behind.Add(view);
                refreshed = Stopwatch.GetTimestamp();
                if (!boards) continue;
                // A calm book costs little and is read by the minute: its boards follow sooner. In a busy one figures would only flicker.
                var isCalm = pending.Count <= _options.CalmMost && Stopwatch.GetElapsedTime(begun, refreshed) < _options.CalmCost && behind.Count == 0;
                pending.Clear();
                signals = false;
                boardDue = refreshed + (long)((isCalm ? _options.CalmWindow : _options.BoardWindow).TotalSeconds * Stopwatch.Frequency);
                if (behind.Count == 0) Volatile.Write(ref _behindSince, 0);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    /// <summary>Waits for a commit, or the end of the feed; false when the rules were due before that.</summary>
    private static async Task<bool> IsToldAsync(ChannelReader<LiveChange> changes, long rulesDue, CancellationToken cancel)
    {
        var told = changes.WaitToReadAsync(cancel);
        if (rulesDue == 0 || told.IsCompleted)
        {
            await told;
            return true;
        }

        var left = rulesDue - Stopwatch.GetTimestamp();
        if (left <= 0) return false;
        var asked = told.AsTask();
        return await Task.WhenAny(asked, Task.Delay(TimeSpan.FromSeconds((double)left / Stopwatch.Frequency), cancel)) == asked;
    }

    /// <summary>False when a partition or the database did not answer: the view stays as it was, and the streams say so.</summary>
    private async Task<bool> TryRefreshAsync(LiveView view, CancellationToken cancel, long heard = 0)
    {
        try
        {
            await RefreshAsync(view, cancel, heard);
            return true;
        }
        catch (Exception away) when (away is EngineUnavailableException or JournalUnavailableException)
        {
            return false;
        }
    }

    private async Task RefreshAsync(LiveView view, CancellationToken cancel, long heard = 0)
    {
        // Computed outside of the lock: two at once may cross, and what was asked for first is then not shown any more.
        long asked;
        lock (_gate) asked = view.Ask();
        var rows = await view.Compute(cancel);
        lock (_gate)
        {
            if (!view.Take(asked, rows, _number + 1, _desk.Time.GetUtcNow())) return;
            view.HeardAt = heard;
            _number++;
            var told = _changed;
            _changed = Fresh();
            told.TrySetResult();
        }
    }

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
