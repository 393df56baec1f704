using System.Text.Json.Nodes;
using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;

namespace ExposureMonitor.Api;

/// <summary>Early warnings that went out as alerts: who took them and what rests stands in the alert, whichever page it was said on.</summary>
internal static class WarningAlerts
{
    /// <summary>What is said of each warning that is an alert, by its id: the marks, and how it is told.</summary>
    internal static async Task<Dictionary<string, (WarningsEndpoints.WarningMark? Mark, JsonObject? Told)>> OfAsync(Desk desk, AlertHouse house, IReadOnlyList<string> ids, CancellationToken cancel)
    {
        var now = Instant.From(desk.Time.GetUtcNow());
        var found = new Dictionary<string, (WarningsEndpoints.WarningMark? Mark, JsonObject? Told)>(StringComparer.Ordinal);
        foreach (var row in ids.Count == 0 ? [] : await house.Store.AlertsAsync(ids, cancel))
        {
            var alert = AlertHouse.AlertOf(row);
            var muted = row.State == AlertState.Firing ? house.Book.Judge(alert, now) : null;
            var takeBy = row.State == AlertState.Firing && row.Handling == AlertHandling.New ? house.TakeBy(alert) : null;
            var mark = MarkOf(house, row, desk.Time);
            found[row.Id] = (mark == new WarningsEndpoints.WarningMark() ? null : mark, new JsonObject { ["takeBy"] = takeBy?.ToString(), ["mutedBy"] = muted?.Id, ["mutedWhy"] = muted?.Why, ["version"] = row.Version });
        }

        return found;
    }

    /// <summary>What people did about an alert, as the desk shows it; it rests while a silence of its own mutes it.</summary>
    internal static WarningsEndpoints.WarningMark MarkOf(AlertHouse house, AlertRow row, TimeProvider time)
    {
        var now = Instant.From(time.GetUtcNow());
        var muted = row.State == AlertState.Firing ? house.Book.Judge(AlertHouse.AlertOf(row), now)?.Id : null;
        var silence = muted is null ? null : house.Book.Silences.FirstOrDefault(s => s.Id == muted);
        var at = row.HandledAt.Micros == 0 ? (DateTimeOffset?)null : row.HandledAt.ToDateTimeOffset();
        return new WarningsEndpoints.WarningMark(row.Handling == AlertHandling.Taken ? row.HandledBy : null, row.Handling == AlertHandling.Taken ? at : null, silence?.EndsAt.ToDateTimeOffset(), row.Handling == AlertHandling.Closed ? row.HandledBy : null, Tag: AlertTags.Word(row.Tag), SnoozedBelowBp: silence?.BetterAtBp);
    }

    internal static async Task<IResult> ActAsync(Desk desk, AlertHouse house, AlertRow row, string act, WarningsEndpoints.WarningMark wished, AlertTag? tag, Caller caller, CancellationToken cancel)
    {
        var done = act switch
        {
            "take" => await house.HandleAsync(row.Id, AlertHandling.Taken, caller.Subject, "", row.Version, cancel, tag: tag),
            "resolve" => await house.HandleAsync(row.Id, AlertHandling.Closed, caller.Subject, wished.Note ?? "", row.Version, cancel, tag: tag),
            "tag" => await house.TagAsync(row.Id, tag!.Value, caller.Subject, "", row.Version, cancel),
            _ => await house.SnoozeAsync(row.Id, Instant.From(wished.SnoozedUntil!.Value), AlertActs.NewId(), caller.Subject, wished.Note ?? "", cancel, wished.SnoozedBelowBp),
        };
        if (done == ActOutcome.Overtaken)
        {
            var by = await house.Store.AlertsAsync([row.Id], cancel) is [var other] ? other.HandledBy : "";
            return Problems.Of(409, "TAKEN", $"{by} was faster; look again.", ("by", by));
        }

        await desk.Live.RefreshAsync(v => v.IsAlerts, cancel);
        return Results.Json(WarningsEndpoints.Shown(wished));
    }
}
