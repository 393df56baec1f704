using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>What the channels say of themselves, CRITs that do not arrive, and alerts that nobody takes.</summary>
public sealed partial class AlertHouse
{
    private static readonly TimeSpan EscalationLook = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public async Task NoticeAsync(string channel, DeskNotice notice, CancellationToken cancel)
    {
        var now = _time.Now();
        var lasts = notice.Kind is DeskNoticeKind.Unhealthy or DeskNoticeKind.Repaired;
        var id = string.Create(CultureInfo.InvariantCulture, $"{Rules.Channel}/{channel}/{(lasts ? "unhealthy" : notice.Kind)}/{notice.Number}");
        var known = (await _store.AlertsAsync([id], cancel)).Select(AlertJson.AlertOf).FirstOrDefault();
        if (notice.Kind == DeskNoticeKind.Repaired)
        {
            if (known is { State: AlertState.Firing }) await OwnAsync(known.Ended(known with { State = AlertState.Resolved, ChangedAt = now }), Transition.Resolved, except: channel, cancel);
            return;
        }

        if (known is not null) return;
        await OwnAsync(new Alert
        {
            Id = id, Rule = Rules.Channel, About = channel, Severity = Severity.High, State = lasts ? AlertState.Firing : AlertState.Told, RaisedAt = now, ChangedAt = now,
            Reasons = notice.MessageId.Length > 0 ? [notice.Text, notice.MessageId] : [notice.Text],
            Labels = new Labels([new("alertname", Rules.Channel), new("severity", Severities.Name(Severity.High)), new("about", channel)]),
        }, Transition.Raised, except: channel, cancel);
    }

    /// <inheritdoc/>
    public async Task NextAsync(IReadOnlyList<(DeliveryItem Item, string Next)> late, CancellationToken cancel)
    {
        var now = _time.Now();
        await _store.TakeInAsync(new AlertIntake { Deliveries = [.. late.Select(l => Delivery(l.Item.Alert, l.Item.Row.Transition, l.Next, l.Item.Row.Route, now))] }, cancel);
        foreach (var next in late.Select(l => l.Next).Distinct(StringComparer.Ordinal)) Ring(next);
    }

    /// <summary>Alerts of the alerts themselves go to every other channel of their routes, and to any other when there is none.</summary>
    private async Task OwnAsync(Alert alert, string transition, string except, CancellationToken cancel)
    {
        var now = _time.Now();
        await _turn.WaitAsync(cancel);
        try
        {
            var targets = Transition.IsEnd(transition)
                ? [.. (await _store.DeliveriesOfAsync([alert.Id], cancel)).Select(d => (d.Channel, d.Route))]
                : Targets().DistinctBy(t => t.Channel).ToList();
            // The store first: nobody sends these rows again, and what stood in the book alone would count as told.
            await _store.TakeInAsync(new AlertIntake
            {
                Alerts = [AlertJson.RowOf(alert, OwnPartition, new OutboxPlace(now.Micros, 0, 0))],
                Deliveries = [.. targets.DistinctBy(t => t.Channel).Select(t => Delivery(alert, transition, t.Channel, t.Route, now))],
            }, cancel);
            await SaveAsync(_book.Take(alert, now), cancel);
            foreach (var (channel, _) in targets) Ring(channel);
        }
        finally
        {
            _turn.Release();
        }

        List<(string Channel, string Route)> Targets()
        {
            var routed = _plan.Routes.Match(alert.Labels).SelectMany(p => p.To.Where(c => c != except).Select(c => (Channel: c, Route: p.Name))).ToList();
            return routed.Count > 0 ? routed : [.. _plan.Channels.Select(c => c.Name).Where(c => c != except).Take(1).Select(c => (Channel: c, Route: _plan.Routes.Plans.First().Name))];
        }
    }

    private async Task EscalateAsync()
    {
        if (_plan.Routes.Plans.All(p => p.EscalateAfter is null)) return;
        using var often = new PeriodicTimer(EscalationLook, _time);
        try
        {
            while (await often.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    await EscalateNowAsync(_stop.Token);
                }
                catch (JournalUnavailableException)
                {
                    // The next look finds the same alerts.
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // It ends.
        }
    }

    /// <summary>Tells those who are to hear of alerts that nobody has taken in time. Each once: the delivery record is the memory.</summary>
    internal async Task EscalateNowAsync(CancellationToken cancel)
    {
        var now = _time.Now();
        var due = Escalation.Due(_book, _plan.Routes, now).Where(d => _escalated.Add((d.Alert.Id, d.Plan.Name))).ToList();
        if (due.Count == 0) return;
        List<DeliveryRow> rows = [.. due.SelectMany(d => d.Plan.EscalateTo.Select(c => Delivery(d.Alert, Transition.Escalated, c, d.Plan.Name, now)))];
        try
        {
            await _store.TakeInAsync(new AlertIntake { Deliveries = rows }, cancel);
        }
        catch (JournalUnavailableException)
        {
            foreach (var (alert, plan) in due) _escalated.Remove((alert.Id, plan.Name));
            throw;
        }

        foreach (var channel in rows.Select(r => r.Channel).Distinct(StringComparer.Ordinal)) Ring(channel);
    }

    /// <summary>Those of this run, so that the same rows are not offered to the store at every look.</summary>
    private readonly HashSet<(string, string)> _escalated = [];
}
