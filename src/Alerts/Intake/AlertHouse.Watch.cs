using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>What the house does by the clock: its sign of life, feeds that fell silent, and the end of old records.</summary>
public sealed partial class AlertHouse
{
    private const int PurgeMax = 1_000;

    private static readonly TimeSpan FeedLook = TimeSpan.FromSeconds(5), PurgeLook = TimeSpan.FromHours(1);

    private readonly List<Task> _watching = [];

    /// <summary>Silences of feeds, by feed, of which nobody knows whether the database has them.</summary>
    private readonly Dictionary<string, Alert> _silent = new(StringComparer.Ordinal);

    /// <summary>Looks after feeds from now on, whoever reads them, and after figures that somebody waits for.</summary>
    public void Watch(ExposureEngine engine)
    {
        _watching.Add(Task.Run(() => OftenAsync(FeedLook, async () => await FeedsAsync(await SilentFeeds.OfAsync(engine, _stop.Token), _stop.Token)), CancellationToken.None));
        _watching.Add(Task.Run(() => OftenAsync(FeedLook, () => BetterAsync(customers => UtilisationNow.OfAsync(engine, customers, _stop.Token), _stop.Token)), CancellationToken.None));
    }

    private void WatchClock()
    {
        if (_plan.Heartbeat is { } beat) _watching.Add(Task.Run(() => OftenAsync(TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerSecond, beat.Every.Ticks / 4)), () => BeatAsync(beat, _stop.Token)), CancellationToken.None));
        if (_plan.Keep is { } keep) _watching.Add(Task.Run(() => OftenAsync(PurgeLook, () => PurgeAsync(keep, _stop.Token)), CancellationToken.None));
    }

    private async Task OftenAsync(TimeSpan every, Func<Task> act)
    {
        using var often = new PeriodicTimer(every, _time);
        try
        {
            do
            {
                try
                {
                    await act();
                }
                catch (Exception away) when (away is JournalUnavailableException or EngineUnavailableException)
                {
                    // The next turn does the same.
                }
            }
            while (await often.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // It ends.
        }
    }

    /// <summary>
    /// A message at every turn of the interval, so that whoever waits for it notices when nobody can tell him anything any more. Its id is that of the turn:
    /// a restart sends none twice.
    /// </summary>
    internal async Task BeatAsync(Heartbeat beat, CancellationToken cancel)
    {
        var now = _time.Now();
        var every = beat.Every.Ticks / TimeSpan.TicksPerMicrosecond;
        var turn = now.Micros / every;
        var alert = new Alert
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{Rules.Heartbeat}/{turn * every / Instant.Second}"), Rule = Rules.Heartbeat, Severity = Severity.Info, State = AlertState.Told, RaisedAt = new Instant(turn * every), ChangedAt = new Instant(turn * every),
            Labels = new Labels([new("alertname", Rules.Heartbeat), new("severity", Severities.Name(Severity.Info))]),
        };
        await _store.TakeInAsync(new AlertIntake
        {
            Alerts = [AlertJson.RowOf(alert, OwnPartition, new OutboxPlace(alert.RaisedAt.Micros, 0, 0))], Deliveries = [.. beat.To.Select(c => Delivery(alert, Transition.Raised, c, RouteTree.ForHeartbeat.Name, now))],
        }, cancel);
        foreach (var channel in beat.To) Ring(channel);
    }

    /// <summary>
    /// A feed that is silent is told once, and its end: what did not come from there says nothing about who should have paid. The engine lets alerts wait that
    /// only time would raise; this is the word that they do.
    /// </summary>
    /// <param name="stale">Feeds without a sign of life, with the words for it.</param>
    internal async Task FeedsAsync(IReadOnlyDictionary<string, string> stale, CancellationToken cancel)
    {
        var open = _book.Of("").Where(a => a.Rule == Rules.Feed).ToList();
        var now = _time.Now();
        foreach (var (feed, why) in stale)
        {
            if (open.Exists(a => a.About == feed)) continue;
            if (!_silent.TryGetValue(feed, out var alert))
            {
                alert = new Alert
                {
                    Id = string.Create(CultureInfo.InvariantCulture, $"{Rules.Feed}/{feed}/{now.Micros}"), Rule = Rules.Feed, About = feed, Severity = Severity.High, State = AlertState.Firing, RaisedAt = now, ChangedAt = now, Reasons = [why],
                    Labels = new Labels([new("alertname", Rules.Feed), new("severity", Severities.Name(Severity.High)), new("about", feed)]),
                };
                _silent[feed] = alert;
            }

            await TellSilenceAsync(alert, cancel);
        }

        // Whose word may stand in the database, and whose feed is back: told for certain now, so that its end is told next time.
        foreach (var alert in _silent.Values.ToList()) await TellSilenceAsync(alert, cancel);
        foreach (var over in open.Where(a => !stale.ContainsKey(a.About))) await OwnAsync(over with { State = AlertState.Resolved, ChangedAt = now }, Transition.Resolved, except: "", cancel);
    }

    /// <summary>A database that failed may have taken the word: it is told again under the id that it had, never under a second one.</summary>
    private async Task TellSilenceAsync(Alert alert, CancellationToken cancel)
    {
        await OwnAsync(alert, Transition.Raised, except: "", cancel);
        _silent.Remove(alert.About);
    }

    /// <summary>Ends silences that wait for a utilisation which has been reached; what they muted and still stands is told with it.</summary>
    /// <param name="used">Asks for utilisations, basis points; who has none is left out.</param>
    internal async Task BetterAsync(Func<IReadOnlyCollection<string>, Task<IReadOnlyDictionary<string, int>>> used, CancellationToken cancel)
    {
        var now = _time.Now();
        var waiting = _book.Silences.Where(s => s.BetterAtBp is not null && s.IsActive(now)).ToList();
        if (waiting.Count == 0) return;
        var reached = await used([.. waiting.Select(s => s.Customer).Distinct(StringComparer.Ordinal)]);
        foreach (var silence in waiting)
            if (reached.TryGetValue(silence.Customer, out var bp) && Rest.IsReached(silence.BetterAtBp, bp)) await EndSilenceAsync(silence.Id, cancel, bp);
    }

    /// <summary>Alerts whose cause is long gone leave with their deliveries and notes; what fires, or waits to be told, stays whatever its age.</summary>
    internal async Task PurgeAsync(TimeSpan keep, CancellationToken cancel)
    {
        while (await _store.PurgeAsync(_time.Now().Plus(-keep), PurgeMax, cancel) >= PurgeMax)
        {
            // A bounded piece at a time: a transaction of millions of rows would stand in front of the messages.
        }
    }
}

/// <summary>A sign of life: who gets it, and how often.</summary>
public sealed record Heartbeat(IReadOnlyList<string> To, TimeSpan Every);
