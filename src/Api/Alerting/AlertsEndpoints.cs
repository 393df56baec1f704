using System.Globalization;
using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>What people were told, what became of it, and who looks after it.</summary>
internal static class AlertsEndpoints
{
    internal static readonly Words English = new(Language.English), Chinese = new(Language.Chinese);

    internal static void MapAlerts(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/alerts", Roles.Readers, "Alerts, newest first.", (http, caller) => ListAsync(desk, http, caller)).Pages()
            .Asks(("id", "Only this one."), ("customer", "Only of this customer."), ("rule", "Only of this rule, such as EW-01 or HOLD."), ("state", "Firing, Resolved, Retracted or Told."), ("handling", "New, Taken or Closed."), ("tagged", "true: only those that somebody found useful or noise."), ("notices", "true: only what is no early warning, such as holds, stops and channels."), ("severity", "INFO, LOW, MED, HIGH or CRIT: this or worse."))
            .Tells(AlertShapes.Alerts);
        api.For(desk, "GET", "/alert-notes", Roles.Readers, "What people did about an alert, oldest first.", (http, caller) => NotesAsync(desk, http, caller)).Asks(("alert", "Its id.")).Tells(AlertShapes.Notes);
        api.For(desk, "GET", "/deliveries", Roles.Readers, "What became of each message on its way to each channel, newest first.", (http, caller) => DeliveriesAsync(desk, http, caller)).Pages()
            .Asks(("alert", "Only of this alert."), ("channel", "Only of this channel."), ("state", "Pending, Sent, Delivered, Accepted, Rejected, Dead, Suppressed or Skipped.")).Tells(AlertShapes.Deliveries);
        api.For(desk, "GET", "/silences", Roles.Readers, "Silences that are in force or to come, with who and why.", (_, caller) => Task.FromResult(Results.Json(new
        {
            silences = (desk.Alerts?.Book.Silences ?? []).Where(s => s.EndsAt > Instant.From(desk.Time.GetUtcNow()) && Sees(desk, caller, s)).Select(AlertActs.Json),
        }))).Tells(AlertShapes.Silences);
        api.For(desk, "GET", "/channels", Roles.Readers | Roles.Admin, "Channels: how they do, what waits, when they last succeeded.", async (http, _) => Results.Json(new
        {
            channels = (desk.Alerts?.Channels.Values ?? []).Select(c => (Channel: c, State: c.Look())).Select(c => new
            {
                name = c.Channel.Name, health = c.State.Health.ToString(), reason = c.State.Reason, waiting = c.State.Numbers.First(n => n.Name == "waiting").Value, lastSuccess = Moment(new Instant(c.Channel.Memory.LastSuccess)),
            }).Concat((desk.Alerts is { } house ? await house.KeptAsync(http.RequestAborted) : new Dictionary<string, int>()).Select(c => new
            {
                name = c.Key, health = nameof(ServiceHealth.Waiting), reason = $"its credential is to be set: POST /channels/{c.Key}/credentials", waiting = (long)c.Value, lastSuccess = Moment(default),
            })).OrderBy(c => c.name, StringComparer.Ordinal),
        })).Tells(AlertShapes.Channels);
        AlertTags.Map(api, desk);
        AlertActs.Map(api, desk);
        AlertFiles.Map(api, desk);
    }

    private static async Task<IResult> ListAsync(Desk desk, HttpContext http, Caller caller)
    {
        var query = http.Request.Query;
        if (!Desk.TryPage(query["limit"], 100, out var limit, out var bad) || !TryAlerts(query, out var asked, out bad)) return bad!;
        asked = asked with { Limit = limit };
        if (Told(query["cursor"]) is { } cursor)
        {
            var at = cursor.IndexOf('.', StringComparison.Ordinal);
            if (at <= 0 || !long.TryParse(cursor.AsSpan(0, at), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var micros)) return Problems.Of(400, "BAD_CURSOR", "?cursor=: expected the cursor of the page before.");
            asked = asked with { After = (new Instant(micros), cursor[(at + 1)..]) };
        }

        if (desk.Alerts is not { } house) return Results.Json(new { alerts = Array.Empty<object>() });
        var rows = Told(query["id"]) is { } id ? await house.Store.AlertsAsync([id], http.RequestAborted) : await house.Store.AlertsAsync(asked, http.RequestAborted);
        var now = Instant.From(desk.Time.GetUtcNow());
        return Results.Json(new
        {
            alerts = rows.Where(r => Sees(desk, caller, r.Customer)).Select(r => Json(house, r, now)),
            cursor = rows.Count == limit ? string.Create(CultureInfo.InvariantCulture, $"{rows[^1].RaisedAt.Micros}.{rows[^1].Id}") : null,
        }, AlertActs.Paged);
    }

    private static async Task<IResult> NotesAsync(Desk desk, HttpContext http, Caller caller)
    {
        if (desk.Alerts is not { } house || Told(http.Request.Query["alert"]) is not { } id) return Results.Json(new { notes = Array.Empty<object>() });
        if (await house.Store.AlertsAsync([id], http.RequestAborted) is not [var row] || !Sees(desk, caller, row.Customer)) return Results.Json(new { notes = Array.Empty<object>() });
        return Results.Json(new { notes = (await house.Store.NotesAsync(id, http.RequestAborted)).Select(n => new { at = n.At.ToString(), n.Actor, n.Act, n.Text }) });
    }

    private static async Task<IResult> DeliveriesAsync(Desk desk, HttpContext http, Caller caller)
    {
        var query = http.Request.Query;
        if (!Desk.TryPage(query["limit"], 100, out var limit, out var bad) || !TryDeliveries(query, out var asked, out bad)) return bad!;
        asked = asked with { Limit = limit };
        if (Told(query["cursor"]) is { } cursor)
        {
            if (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var before) || before < 1) return Problems.Of(400, "BAD_CURSOR", "?cursor=: expected the cursor of the page before.");
            asked = asked with { Before = before };
        }

        if (desk.Alerts is not { } house) return Results.Json(new { deliveries = Array.Empty<object>() });
        var rows = await house.Store.DeliveriesAsync(asked, http.RequestAborted);
        return Results.Json(new
        {
            deliveries = (await SeenAsync(desk, house, caller, rows, http.RequestAborted)).Select(r => new
            {
                r.Number, r.Alert, r.Transition, r.Channel, r.Route, severity = Severities.Name(r.Severity), state = r.State.ToString(), r.Attempts, r.MessageId, r.Answer, mutedBy = r.By, createdAt = Moment(r.CreatedAt),
                firstSentAt = Moment(r.FirstSentAt), changedAt = Moment(r.ChangedAt),
            }),
            cursor = rows.Count == limit ? rows[^1].Number.ToString(CultureInfo.InvariantCulture) : null,
        }, AlertActs.Paged);
    }

    /// <summary>The filter of a list of alerts, or what is wrong with it.</summary>
    internal static bool TryAlerts(IQueryCollection query, out AlertQuery asked, out IResult? bad)
    {
        (asked, bad) = (new AlertQuery { Customer = Told(query["customer"]), Rule = Told(query["rule"]) }, null);
        if (Told(query["state"]) is { } state)
        {
            if (!Enum.TryParse<AlertState>(state, out var known) || !Enum.IsDefined(known)) return Bad(out bad, Problems.Of(400, "BAD_STATE", "?state=: expected Firing, Resolved, Retracted or Told."));
            asked = asked with { State = known };
        }

        if (Told(query["handling"]) is { } handling)
        {
            if (!Enum.TryParse<AlertHandling>(handling, out var known) || !Enum.IsDefined(known)) return Bad(out bad, Problems.Of(400, "BAD_HANDLING", "?handling=: expected New, Taken or Closed."));
            asked = asked with { Handling = known };
        }

        if (Told(query["tagged"]) is { } tagged)
        {
            if (tagged is not "true") return Bad(out bad, Problems.Of(400, "BAD_TAGGED", "?tagged=: expected true, or nothing."));
            asked = asked with { TaggedOnly = true };
        }

        if (Told(query["notices"]) is { } notices)
        {
            if (notices is not "true") return Bad(out bad, Problems.Of(400, "BAD_NOTICES", "?notices=: expected true, or nothing."));
            asked = asked with { NoticesOnly = true };
        }

        if (Told(query["severity"]) is { } least)
        {
            if (!Severities.TryParse(least, out var known)) return Bad(out bad, Problems.Of(400, "BAD_SEVERITY", "?severity=: expected INFO, LOW, MED, HIGH or CRIT."));
            asked = asked with { SeverityMin = known };
        }

        return true;
    }

    /// <summary>The filter of a list of deliveries, or what is wrong with it.</summary>
    internal static bool TryDeliveries(IQueryCollection query, out DeliveryQuery asked, out IResult? bad)
    {
        (asked, bad) = (new DeliveryQuery { Alert = Told(query["alert"]), Channel = Told(query["channel"]) }, null);
        if (Told(query["state"]) is { } state)
        {
            if (!Enum.TryParse<DeliveryState>(state, out var known) || !Enum.IsDefined(known)) return Bad(out bad, Problems.Of(400, "BAD_STATE", "?state=: expected Pending, Sent, Delivered, Accepted, Rejected, Dead, Suppressed or Skipped."));
            asked = asked with { State = known };
        }

        return true;
    }

    private static bool Bad(out IResult? bad, IResult problem)
    {
        bad = problem;
        return false;
    }

    /// <summary>Whoever sees a part of the book only, sees deliveries of its customers only.</summary>
    private static async Task<IEnumerable<DeliveryRow>> SeenAsync(Desk desk, AlertHouse house, Caller caller, IReadOnlyList<DeliveryRow> rows, CancellationToken cancel)
    {
        if (caller.Segments.Count == 0) return rows;
        var customers = (await house.Store.AlertsAsync([.. rows.Select(r => r.Alert).Distinct(StringComparer.Ordinal)], cancel)).ToDictionary(a => a.Id, a => a.Customer, StringComparer.Ordinal);
        return rows.Where(r => customers.TryGetValue(r.Alert, out var customer) && Sees(desk, caller, customer));
    }

    private static object Json(AlertHouse house, AlertRow row, Instant now)
    {
        var alert = AlertHouse.AlertOf(row);
        var muted = row.State == AlertState.Firing ? house.Book.Judge(alert, now) : null;
        return new
        {
            row.Id, row.Rule, severity = Severities.Name(row.Severity), state = row.State.ToString(), handling = row.Handling.ToString(), row.HandledBy, handledAt = Moment(row.HandledAt), tag = AlertTags.Word(row.Tag), row.Customer, alert.Name, alert.About, alert.Step,
            title = English.Title(alert), titleZh = Chinese.Title(alert), alert.Currency, exposure = alert.Exposure?.ToString(CultureInfo.InvariantCulture), limit = alert.Limit?.ToString(CultureInfo.InvariantCulture), alert.Clears, alert.PolicyVersion,
            raisedAt = row.RaisedAt.ToString(), changedAt = row.ChangedAt.ToString(), takeBy = row.State == AlertState.Firing && house.TakeBy(alert) is { } by ? by.ToString() : null, mutedBy = muted?.Id, mutedWhy = muted?.Why, alert.Entry, row.Version,
        };
    }

    /// <summary>Alerts that concern no customer are for those who see the whole book.</summary>
    internal static bool Sees(Desk desk, Caller caller, string customer) => caller.Segments.Count == 0 || (customer.Length > 0 && desk.Sees(caller, customer));

    /// <summary>A silence that names somebody is for those who see him.</summary>
    internal static bool Sees(Desk desk, Caller caller, Silence silence) => caller.Segments.Count == 0 || silence.Matchers.All(m => m.Name switch
    {
        "alertname" or "severity" => true, "customer" => m.IsEqual && desk.Sees(caller, m.Value), "desk" => m.IsEqual && caller.Segments.Contains(m.Value), _ => false,
    });

    internal static string? Told(string? text) => string.IsNullOrEmpty(text) ? null : text;

    internal static string? Moment(Instant at) => at.Micros == 0 ? null : at.ToString();
}
