using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>What a channel is to its owner: a name, rules, and a way to send.</summary>
/// <param name="Settings">Hash of settings and secrets.</param>
public sealed record ChannelSetup(string Name, ChannelRules Rules, string Settings, ITransport Transport);

/// <summary>
/// The one owner of a channel: it reads what is to be told, decides by its <see cref="ChannelDesk"/>, claims, sends, and writes down what
/// came of it. That it is the only one follows from the epoch that it bumps when it opens: an owner that was paused has its next write refused,
/// and every send begins with a write. So whoever hosts it (a process, a grain) need not be trusted with being alone.
/// </summary>
public sealed class ChannelOwner : IServiceState, IAsyncDisposable
{
    private const int ReadMax = 5_000, WaitingMax = 50_000;

    /// <summary>
    /// Numbers are given before commits: a row may appear behind one that is older. So rows are read again for as long as a
    /// transaction may take, and those that are known already change nothing.
    /// </summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(30), LookAgain = TimeSpan.FromSeconds(5), AfterFailure = TimeSpan.FromSeconds(1), AfterBug = TimeSpan.FromSeconds(30), TestPatience = TimeSpan.FromSeconds(15), OldestEvery = TimeSpan.FromSeconds(1);

    private readonly ChannelSetup _setup;
    private readonly IAlertStore _store;
    private readonly AlertBook _book;
    private readonly RouteTree _routes;
    private readonly IChannelNotices _notices;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _rung = new(0);
    private readonly Lock _gate = new();
    private readonly List<Action<ChannelDesk>> _asked = [];
    private readonly Dictionary<DeliveryState, long> _ends = [];
    private Task _running = Task.CompletedTask;
    private ServiceHealth _health = ServiceHealth.Running;
    private string _trouble = "";
    private int _waiting;
    private Instant? _oldest;
    private Instant _oldestAt;
    private ChannelMemory _memory = new();

    private ChannelOwner(ChannelSetup setup, IAlertStore store, AlertBook book, RouteTree routes, IChannelNotices notices, TimeProvider time) =>
        (_setup, _store, _book, _routes, _notices, _time) = (setup, store, book, routes, notices, time);

    /// <summary>Name of the channel.</summary>
    public string Name => _setup.Name;

    /// <summary>What the channel remembered last.</summary>
    public ChannelMemory Memory
    {
        get
        {
            lock (_gate) return _memory;
        }
    }

    /// <summary>Takes the channel over and begins to send.</summary>
    public static ChannelOwner Start(ChannelSetup setup, IAlertStore store, AlertBook book, RouteTree routes, IChannelNotices notices, TimeProvider time)
    {
        var owner = new ChannelOwner(setup, store, book, routes, notices, time);
        owner._running = Task.Run(owner.RunAsync, CancellationToken.None);
        return owner;
    }

    /// <summary>There may be something new for it.</summary>
    public void Ring() => _rung.Release();

    /// <summary>Somebody has repaired what made it unhealthy.</summary>
    public void Repaired() => Ask(static desk => desk.Repaired());

    /// <summary>
    /// Sends a message beside everything else: a test that a person waits for. It counts for the channel's rates, and is not sent while they, or a
    /// rest, leave no room for it; what arrives repairs the channel.
    /// </summary>
    public async Task<Answer> TestAsync(OutMessage message, CancellationToken cancel)
    {
        try
        {
            for (var patient = _time.Now().Plus(TestPatience); await RoomAsync(cancel) is { } free;)
            {
                var wait = free.Since(_time.Now());
                if (free > patient) return new Answer(AnswerKind.Slower, $"the channel leaves its vendor alone for {Math.Ceiling(wait.TotalSeconds):0} s more; try again then", wait);
                if (wait > TimeSpan.Zero) await Task.Delay(wait, _time, cancel);
            }
        }
        catch (TimeoutException)
        {
            return new Answer(AnswerKind.NotSent, "the channel is busy with another message, or has no database; try again");
        }

        var answer = await _setup.Transport.SendAsync(message, cancel);
        if (answer.Kind is AnswerKind.Delivered or AnswerKind.Accepted) Repaired();
        return answer;
    }

    /// <summary>Asks the desk for room for one request; <c>null</c> when it may leave now, else the moment from which it may.</summary>
    private Task<Instant?> RoomAsync(CancellationToken cancel)
    {
        var answered = new TaskCompletionSource<Instant?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Ask(desk => answered.TrySetResult(desk.Request(_time.Now())));
        return answered.Task.WaitAsync(TestPatience, _time, cancel);
    }

    /// <inheritdoc/>
    public ServiceState Look()
    {
        lock (_gate)
        {
            var now = _time.Now();
            var unhealthy = _memory.Unhealthy.Length > 0;
            var resting = _memory.RestUntil > now.Micros;
            var health = _health == ServiceHealth.Running ? unhealthy ? ServiceHealth.Failed : resting || _trouble.Length > 0 ? ServiceHealth.Waiting : ServiceHealth.Running : _health;
            var why = _trouble.Length > 0 ? _trouble : unhealthy ? _memory.Unhealthy : resting ? _memory.RestWhy : "";
            return new ServiceState("channel " + _setup.Name, health, why, [],
            [
                new("waiting", _waiting, "exposure_outbox_pending"),
                new("waitingSeconds", _oldest is { } since ? Math.Max(0, (now.Micros - since.Micros) / Instant.Second) : 0, "exposure_notifications_waiting_seconds"),
                .. _ends.OrderBy(e => e.Key).Select(e => new ServiceNumber(char.ToLowerInvariant(e.Key.ToString()[0]) + e.Key.ToString()[1..], e.Value, "exposure_notifications_total", $"result=\"{e.Key.ToString().ToLowerInvariant()}\"")),
            ]);
        }
    }

    private void Ask(Action<ChannelDesk> question)
    {
        lock (_gate) _asked.Add(question);
        Ring();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (!await OwnAsync())
                {
                    Say(ServiceHealth.Failed, "another process has taken the channel over");
                    return;
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (JournalUnavailableException away)
            {
                Say(ServiceHealth.Waiting, away.Message);
                await PauseAsync(AfterFailure);
            }
            catch (Exception bug)
            {
                // Whatever it was, the rows stand in the store: another try from there is better than a channel that is silent.
                Say(ServiceHealth.Failed, bug.Message);
                await PauseAsync(AfterBug);
            }
        }
    }

    private async Task PauseAsync(TimeSpan span)
    {
        try
        {
            await Task.Delay(span, _time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // It ends.
        }
    }

    /// <summary>Owns the channel until it ends; <c>false</c> when somebody else does.</summary>
    private async Task<bool> OwnAsync()
    {
        var cancel = _stop.Token;
        var hold = await _store.OpenChannelAsync(_setup.Name, cancel);
        var desk = new ChannelDesk(_setup.Name, _setup.Rules, _setup.Settings, ChannelMemory.From(hold.Memory, _time.Now()), _book);
        foreach (var item in await ItemsAsync(await _store.StandingDeliveriesAsync(_setup.Name, cancel), cancel)) desk.Remember(item);
        var (places, begun) = (new Places(), false);
        Say(ServiceHealth.Running, "");
        while (true)
        {
            await ReadAsync(desk, places, cancel);
            if (!begun) desk.Begin(_time.Now());
            begun = true;
            Answer(desk);
            if (!await TellAsync(hold, desk, cancel)) return false;
            if (desk.Overdue(_time.Now()) is { Count: > 0 } late) await _notices.NextAsync(late, cancel);
            var step = desk.Next(_time.Now());
            Show(desk);
            switch (step)
            {
                case DeskStep.Write write:
                    if (!await WriteAsync(hold, desk, write.Rows, cancel)) return false;
                    break;
                case DeskStep.Send send:
                    if (!await SendAsync(hold, desk, send, cancel)) return false;
                    break;
                case DeskStep.Wait wait:
                    await WaitAsync(wait.Until, cancel);
                    break;
            }
        }
    }

    /// <summary>What the channel has to say of itself: written down first, so that a kill on the way lets the next owner say it, and forgotten when it is said.</summary>
    private async Task<bool> TellAsync(ChannelHold hold, ChannelDesk desk, CancellationToken cancel)
    {
        if (desk.Notices.Count == 0) return true;
        if (!await WriteAsync(hold, desk, [], cancel)) return false;
        foreach (var notice in desk.Notices) await _notices.NoticeAsync(_setup.Name, notice, cancel);
        desk.Noticed();
        return await WriteAsync(hold, desk, [], cancel);
    }

    private async Task<bool> SendAsync(ChannelHold hold, ChannelDesk desk, DeskStep.Send send, CancellationToken cancel)
    {
        // The claim first: a process that ends from here on leaves rows that say so, and nobody makes another message of them.
        if (!await WriteAsync(hold, desk, send.Rows, cancel)) return false;
        Answer answer;
        try
        {
            answer = await _setup.Transport.SendAsync(send.Message, cancel);
        }
        catch (Exception bug) when (bug is not OperationCanceledException)
        {
            answer = new Answer(AnswerKind.Unknown, bug.Message);
        }

        return await WriteAsync(hold, desk, desk.Answered(send.Message, answer, _time.Now()), cancel);
    }

    /// <summary>Writes until it is written: what the desk has decided stands, and nothing else is decided before.</summary>
    private async Task<bool> WriteAsync(ChannelHold hold, ChannelDesk desk, IReadOnlyList<DeliveryRow> rows, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                if (!await _store.WriteAsync(new ChannelWrite(_setup.Name, hold.Epoch) { Memory = desk.Memory.ToBytes(), Rows = rows }, cancel)) return false;
                lock (_gate)
                {
                    foreach (var row in rows)
                        if (row.IsFinal) _ends[row.State] = _ends.GetValueOrDefault(row.State) + 1;
                }

                Say(ServiceHealth.Running, "");
                return true;
            }
            catch (JournalUnavailableException away)
            {
                Say(ServiceHealth.Waiting, away.Message);
                await Task.Delay(AfterFailure, _time, cancel);
            }
        }
    }

    /// <summary>How far the rows of the channel were read.</summary>
    private sealed class Places
    {
        internal bool IsFirst { get; set; } = true;

        /// <summary>The highest number that was seen.</summary>
        internal long Seen { get; set; }

        /// <summary>Nothing can appear at or below this number any more.</summary>
        internal long Settled { get; set; }

        /// <summary>When everything that is not settled was read last.</summary>
        internal Instant LookedAt { get; set; }
    }

    /// <summary>Takes new rows; what is too much for the memory stays in the store and is read when there is room.</summary>
    private async Task ReadAsync(ChannelDesk desk, Places places, CancellationToken cancel)
    {
        var now = _time.Now();
        var whole = places.IsFirst || now >= places.LookedAt.Plus(LookAgain);
        if (!whole && _rung.CurrentCount == 0) return;
        while (_rung.Wait(0, CancellationToken.None))
        {
            // One look answers all that rang.
        }

        var from = whole ? places.Settled : places.Seen;
        if (whole) (places.IsFirst, places.LookedAt) = (false, now);
        while (desk.Waiting < WaitingMax)
        {
            var rows = await _store.OpenDeliveriesAsync(_setup.Name, from, ReadMax, cancel);
            foreach (var item in await ItemsAsync([.. rows.Where(r => !desk.Knows(r.Key))], cancel)) desk.Take(item, now);
            foreach (var row in rows)
            {
                places.Seen = Math.Max(places.Seen, row.Number);
                if (row.CreatedAt.Plus(Settled) < now) places.Settled = Math.Max(places.Settled, row.Number);
            }

            if (rows.Count < ReadMax) break;
            from = rows[^1].Number;
        }
    }

    private async Task<List<DeliveryItem>> ItemsAsync(IReadOnlyList<DeliveryRow> rows, CancellationToken cancel)
    {
        if (rows.Count == 0) return [];
        var alerts = (await _store.AlertsAsync([.. rows.Select(r => r.Alert).Distinct(StringComparer.Ordinal)], cancel)).ToDictionary(a => a.Id, AlertJson.AlertOf, StringComparer.Ordinal);
        var items = new List<DeliveryItem>(rows.Count);
        foreach (var row in rows)
        {
            if (!alerts.TryGetValue(row.Alert, out var alert)) continue;
            // The record says what is told of it, whatever has come about since: an end behind this one has a record of its own.
            if (!Transition.IsEnd(row.Transition)) alert = alert.AsRaised();
            items.Add(new DeliveryItem(row, alert, _routes.PlanOf(row.Route, alert.Labels)));
        }

        return items;
    }

    private async Task WaitAsync(Instant until, CancellationToken cancel)
    {
        var span = until == Times.Never ? LookAgain : until.Since(_time.Now());
        if (span > LookAgain) span = LookAgain;
        if (span <= TimeSpan.Zero) return;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var rung = _rung.WaitAsync(waiting.Token);
        await Task.WhenAny(rung, Task.Delay(span, _time, waiting.Token));
        await waiting.CancelAsync();
        cancel.ThrowIfCancellationRequested();
        // The ring that ended the wait is for the look that follows.
        if (rung.IsCompletedSuccessfully) _rung.Release();
    }

    private void Answer(ChannelDesk desk)
    {
        Action<ChannelDesk>[] asked;
        lock (_gate)
        {
            asked = [.. _asked];
            _asked.Clear();
        }

        foreach (var question in asked) question(desk);
    }

    private void Show(ChannelDesk desk)
    {
        // All that waits is looked at for it, so that it is told once a second and not with every message.
        var now = _time.Now();
        var isNew = now < _oldestAt || now >= _oldestAt.Plus(OldestEvery) || _waiting == 0;
        if (isNew) _oldestAt = now;
        lock (_gate) (_waiting, _oldest, _memory) = (desk.Waiting, desk.Waiting == 0 ? null : isNew ? desk.OldestWaiting : _oldest, desk.Memory);
    }

    private void Say(ServiceHealth health, string trouble)
    {
        lock (_gate) (_health, _trouble) = (health, trouble);
    }

    /// <summary>Ends: an attempt that is on its way is given up, and goes again under its id with the next owner.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _setup.Transport.DisposeAsync();
        _stop.Dispose();
        _rung.Dispose();
    }
}
