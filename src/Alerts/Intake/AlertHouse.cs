using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>Who is told, how, and what mutes whom: one file of configuration, read.</summary>
/// <param name="Channels">Those that are switched on.</param>
/// <param name="Off">Names of those that are configured and switched off: what would go there is skipped.</param>
public sealed record AlertPlan(RouteTree Routes, IReadOnlyList<InhibitRule> Inhibits, IReadOnlyList<ChannelSetup> Channels, IReadOnlySet<string> Off)
{
    /// <summary>Names of those that nobody has given their credential yet: what is for them is kept until then.</summary>
    public IReadOnlySet<string> Waiting { get; init; } = new HashSet<string>();

    /// <summary>The channel that carries letters to customers; <c>null</c> for none.</summary>
    public string? Letters { get; init; }

    public CollectionRules Collections { get; init; } = CollectionRules.Default;

    /// <summary>Sign of life; <c>null</c> for none.</summary>
    public Heartbeat? Heartbeat { get; init; }

    /// <summary>How long alerts that are over are kept; <c>null</c> for ever.</summary>
    public TimeSpan? Keep { get; init; }
}

/// <summary>
/// Alerts of one process: it makes alerts and deliveries of what goes out, keeps the book by which they are judged, and owns the channels.
/// It is a reader of the outbox like any other; the pump sends it rows at least once, and the same row again changes nothing.
/// </summary>
public sealed partial class AlertHouse : IOutboxSink, IChannelNotices, IServiceState
{
    /// <summary>Name of its cursors.</summary>
    public const string Reader = "alerts";

    /// <summary>Partition of what the alerts tell of themselves.</summary>
    public const int OwnPartition = -2;

    private const int PageMax = 500, HoldsShown = 5;

    private readonly AlertPlan _plan;
    private readonly IAlertStore _store;
    private readonly ICustomerCards _cards;
    private readonly TimeProvider _time;
    private readonly AlertBook _book;
    private readonly Dictionary<string, SilenceRow> _silences = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _stop = new();
    private IReadOnlyDictionary<int, long> _since = new Dictionary<int, long>();

    /// <summary>Changed by putting another one in its place: readers hold no lock.</summary>
    private volatile IReadOnlySet<string> _on;

    private volatile IReadOnlyDictionary<string, ChannelOwner> _owners = new Dictionary<string, ChannelOwner>();
    private Task _escalating = Task.CompletedTask;
    private volatile string _trouble = "";

    private AlertHouse(AlertPlan plan, IAlertStore store, ICustomerCards cards, TimeProvider time)
    {
        (_plan, _store, _cards, _time) = (plan, store, cards, time);
        _book = new AlertBook(plan.Inhibits);
        _on = plan.Channels.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Fills the book, and only then takes the channels over and begins to send.</summary>
    /// <param name="heads">Heads of all partitions: what stands up to there is history to a database that never had alerts.</param>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    public static async Task<AlertHouse> StartAsync(AlertPlan plan, IAlertStore store, ICustomerCards cards, IReadOnlyList<PartitionHead> heads, TimeProvider? time = null, CancellationToken cancel = default)
    {
        var house = new AlertHouse(plan, store, cards, time ?? TimeProvider.System);
        await house.FillAsync(heads, cancel);
        house._owners = plan.Channels.ToDictionary(c => c.Name, c => ChannelOwner.Start(c, store, house._book, plan.Routes, house, house._time), StringComparer.Ordinal);
        house._escalating = Task.Run(house.EscalateAsync, CancellationToken.None);
        house.WatchClock();
        return house;
    }

    /// <summary>The channels, by name.</summary>
    public IReadOnlyDictionary<string, ChannelOwner> Channels => _owners;

    /// <summary>Channels that wait for their credential, and how many deliveries are kept for each.</summary>
    public async Task<IReadOnlyDictionary<string, int>> KeptAsync(CancellationToken cancel)
    {
        var kept = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var channel in _plan.Waiting.Where(c => !_on.Contains(c)))
        {
            kept[channel] = 0;
            for (var after = 0L; await _store.OpenDeliveriesAsync(channel, after, PageMax, cancel) is { Count: > 0 } rows; after = rows[^1].Number) kept[channel] += rows.Count;
        }

        return kept;
    }

    /// <summary>The file has a channel of that name, switched on or not.</summary>
    public bool Knows(string channel) => _on.Contains(channel) || _plan.Off.Contains(channel);

    /// <summary>Lets a channel go on with other settings: the owner before ends, the next one takes the channel over and tries what was kept.</summary>
    public async Task RenewAsync(ChannelSetup channel, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            if (_owners.TryGetValue(channel.Name, out var before)) await before.DisposeAsync();
            _owners = new Dictionary<string, ChannelOwner>(_owners, StringComparer.Ordinal) { [channel.Name] = ChannelOwner.Start(channel, _store, _book, _plan.Routes, this, _time) };
            _on = new HashSet<string>(_on, StringComparer.Ordinal) { channel.Name };
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What alerts are judged by.</summary>
    public AlertBook Book => _book;

    /// <summary>Where alerts are kept.</summary>
    public IAlertStore Store => _store;

    /// <summary>The alert of a row.</summary>
    public static Alert AlertOf(AlertRow row) => AlertJson.AlertOf(row);

    /// <summary>Until when somebody has to take an alert before it is escalated; <c>null</c> when no route says so.</summary>
    public Instant? TakeBy(Alert alert) => Escalation.TakeBy(alert, _plan.Routes);

    string IOutboxSink.Name => Reader;

    IReadOnlyList<string> IOutboxSink.Targets => [Reader];

    string IOutboxSink.Trouble => _trouble;

    string IOutboxSink.TargetOf(OutboxRow row) => Reader;

    /// <inheritdoc/>
    public ServiceState Look() => new("alerts", _trouble.Length > 0 ? ServiceHealth.Waiting : ServiceHealth.Running, _trouble, [], []);

    private async Task FillAsync(IReadOnlyList<PartitionHead> heads, CancellationToken cancel)
    {
        var now = _time.Now();
        _since = await _store.BeginAsync(heads, cancel);
        // Silences first: what they have met stands in them, and the alerts that come behind change nothing of it.
        foreach (var row in await _store.SilencesAsync(now, cancel))
        {
            _silences[row.Id] = row;
            _book.Take(AlertJson.SilenceOf(row), now);
        }

        AlertQuery query = new() { State = AlertState.Firing, Limit = PageMax };
        while (true)
        {
            var rows = await _store.AlertsAsync(query, cancel);
            foreach (var row in rows) _book.Take(AlertJson.AlertOf(row), now, row.Handling);
            if (rows.Count < PageMax) break;
            query = query with { After = (rows[^1].RaisedAt, rows[^1].Id) };
        }

        foreach (var channel in await _store.OpenChannelsAsync(cancel))
            if (!Keeps(channel)) await SkipAsync(channel, cancel);
    }

    /// <summary>A channel that is not configured any more would keep its deliveries open for ever.</summary>
    private async Task SkipAsync(string channel, CancellationToken cancel)
    {
        var hold = await _store.OpenChannelAsync(channel, cancel);
        while (await _store.OpenDeliveriesAsync(channel, 0, PageMax, cancel) is { Count: > 0 } rows)
            await _store.WriteAsync(new ChannelWrite(channel, hold.Epoch)
            {
                Memory = hold.Memory, Rows = [.. rows.Select(r => r with { State = DeliveryState.Skipped, Answer = "the channel is not configured", ChangedAt = _time.Now() })],
            }, cancel);
    }

    /// <inheritdoc/>
    public async Task SendAsync(IReadOnlyList<OutboxRow> rows, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            await TakeInAsync(rows, cancel);
            _trouble = "";
        }
        catch (JournalUnavailableException away)
        {
            _trouble = away.Message;
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task TakeInAsync(IReadOnlyList<OutboxRow> rows, CancellationToken cancel)
    {
        var now = _time.Now();
        var cards = await _cards.CardsAsync([.. rows.Select(r => r.Customer).Where(c => c.Length > 0).Distinct(StringComparer.Ordinal)], cancel);
        var changes = rows.Select(r => (Row: r, Change: AlertReading.Read(r, cards.GetValueOrDefault(r.Customer)))).Where(c => c.Change is not null).Select(c => (c.Row, Change: c.Change!)).ToList();
        var ends = changes.Where(c => Transition.IsEnd(c.Change.Transition)).Select(c => c.Change.Alert.Id).ToList();
        var stored = (await _store.AlertsAsync([.. ends.Where(id => _book.Find(id) is null)], cancel)).ToDictionary(a => a.Id, AlertJson.AlertOf, StringComparer.Ordinal);
        var told = (await _store.DeliveriesOfAsync([.. ends, .. changes.Where(c => c.Change.EndsRule.Length > 0).SelectMany(c => OpenOf(c.Change)).Concat(changes.SelectMany(c => _book.OvertakenBy(c.Change.Alert))).Select(a => a.Id)], cancel)).ToLookup(d => d.Alert, StringComparer.Ordinal);
        Dictionary<string, (Alert Alert, OutboxRow Row)> alerts = new(StringComparer.Ordinal);
        Dictionary<string, DeliveryRow> deliveries = new(StringComparer.Ordinal);
        foreach (var (row, change) in changes)
        {
            foreach (var (meant, transition) in Meant(change, alerts, stored))
            {
                var alert = WithHolds(WithBefore(meant, alerts));
                alerts[alert.Id] = (alert, row);
                if (row.Place.Seq <= _since.GetValueOrDefault(row.Partition, -1)) continue;
                var targets = Transition.IsEnd(transition)
                    ? told[alert.Id].Concat(deliveries.Values.Where(d => d.Alert == alert.Id)).Select(d => (d.Channel, d.Route))
                    : _plan.Routes.Match(alert.Labels).SelectMany(p => p.To.Select(c => (Channel: c, Route: p.Name)));
                foreach (var (channel, route) in targets.DistinctBy(t => t.Channel).ToList()) Add(deliveries, Delivery(alert, transition, channel, route, now));
            }
        }

        if (alerts.Count == 0) return;
        var silences = alerts.Values.SelectMany(a => _book.Take(a.Alert, now)).GroupBy(s => s.Id, StringComparer.Ordinal).Select(s => s.Last()).ToList();
        await SaveAsync(silences, cancel);
        await _store.TakeInAsync(new AlertIntake
        {
            Alerts = [.. alerts.Values.Select(a => AlertJson.RowOf(a.Alert, a.Row.Partition, a.Row.Place))], Deliveries = [.. deliveries.Values], Reader = Reader,
            Places = rows.GroupBy(r => r.Partition).ToDictionary(g => g.Key, g => g.Max(r => r.Place)),
        }, cancel);
        foreach (var channel in deliveries.Values.Select(d => d.Channel).Distinct(StringComparer.Ordinal)) Ring(channel);
    }

    /// <summary>The alerts that a change speaks of, as they stand with it.</summary>
    private IEnumerable<(Alert Alert, string Transition)> Meant(AlertChange change, Dictionary<string, (Alert Alert, OutboxRow Row)> alerts, Dictionary<string, Alert> stored)
    {
        if (change.EndsRule.Length > 0)
            return OpenOf(change).Concat(alerts.Values.Select(a => a.Alert).Where(a => a.State == AlertState.Firing && a.Customer == change.Alert.Customer && a.Rule == change.EndsRule))
                .DistinctBy(a => a.Id).Select(a => (a.Ended(change.Alert), change.Transition));
        if (!Transition.IsEnd(change.Transition))
        {
            var before = _book.OvertakenBy(change.Alert).Concat(change.Alert.Transitions > 0 ? alerts.Values.Select(a => a.Alert).Where(a => IsOvertaken(a, change.Alert)) : []).DistinctBy(a => a.Id);
            return [(change.Alert, change.Transition), .. before.Select(a => (a.Ended(change.Alert with { State = AlertState.Resolved }), Transition.Resolved))];
        }

        var known = alerts.TryGetValue(change.Alert.Id, out var now) ? now.Alert : _book.Find(change.Alert.Id) ?? stored.GetValueOrDefault(change.Alert.Id);
        // The end of something that was never an alert, as of a hold from before, is none either.
        return known is null ? [] : [(known.Ended(change.Alert), change.Transition)];
    }

    /// <summary>The same of alerts that came with the same rows, and are not in the book yet.</summary>
    private static bool IsOvertaken(Alert a, Alert digest) => a is { State: AlertState.Firing, Transitions: 0 } && a.Id != digest.Id && a.Customer == digest.Customer && a.Rule == digest.Rule && a.About == digest.About && a.Step == digest.Step;

    /// <summary>Of the utilisation, what was told of it before: a step that is reached from far below is another thing than one from close to it.</summary>
    private Alert WithBefore(Alert alert, Dictionary<string, (Alert Alert, OutboxRow Row)> alerts)
    {
        if (alert.Rule != "EW-01") return alert;
        if (!alert.IsOpen) return alert with { Was = alerts.TryGetValue(alert.Id, out var raised) ? Words.Used(raised.Alert) : _book.Find(alert.Id) is { } known ? Words.Used(known) : alert.Was };
        var before = alerts.Values.Select(a => a.Alert).Where(a => a.Customer == alert.Customer).Concat(_book.Of(alert.Customer)).Where(a => a.Rule == alert.Rule && a.Id != alert.Id).MaxBy(a => a.ChangedAt.Micros);
        return before is null ? alert : alert with { Was = Words.Used(before) };
    }

    /// <summary>A signal says which orders of the customer are on hold: that is what whoever reads it can do something about.</summary>
    private Alert WithHolds(Alert alert) => alert.IsOpen && alert.Rule.StartsWith("EW-", StringComparison.Ordinal)
        ? alert with { OnHold = [.. _book.Of(alert.Customer).Where(a => a.Rule == Rules.Hold).Select(a => a.About).Take(HoldsShown)] } : alert;

    private IEnumerable<Alert> OpenOf(AlertChange change) => _book.Of(change.Alert.Customer).Where(a => a.Rule == change.EndsRule);

    /// <summary>What goes there is sent, now or once its credential is set.</summary>
    private bool Keeps(string channel) => _on.Contains(channel) || _plan.Waiting.Contains(channel);

    private DeliveryRow Delivery(Alert alert, string transition, string channel, string route, Instant now) => new()
    {
        Alert = alert.Id, Transition = transition, Channel = channel, Route = route, Severity = alert.Severity, CreatedAt = now, ChangedAt = now,
        State = Keeps(channel) ? DeliveryState.Pending : DeliveryState.Skipped, Answer = Keeps(channel) ? "" : _plan.Off.Contains(channel) ? "the channel is switched off" : "the channel is not configured",
    };

    private static void Add(Dictionary<string, DeliveryRow> deliveries, DeliveryRow row) => deliveries.TryAdd(row.Key, row);

    private void Ring(string channel)
    {
        if (_owners.TryGetValue(channel, out var owner)) owner.Ring();
    }

    private async Task SaveAsync(IReadOnlyList<Silence> silences, CancellationToken cancel)
    {
        foreach (var silence in silences)
        {
            var before = _silences[silence.Id];
            var row = AlertJson.RowOf(silence, before.CreatedAt, before.Version + 1);
            // In a cluster somebody else may have met something meanwhile; what this one met is met again at the next alert.
            if (await _store.SaveSilenceAsync(row, cancel)) _silences[silence.Id] = row;
        }
    }

    /// <summary>Ends: the channels first, so that nothing is sent of which nobody would write down the outcome.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _escalating;
        await Task.WhenAll(_watching);
        foreach (var owner in _owners.Values) await owner.DisposeAsync();
        _stop.Dispose();
        _turn.Dispose();
    }
}
