using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>What people thought of alerts: the share of noise of each indicator, and thresholds that would have spared some of it. Nothing changes by it.</summary>
internal static class AlertTags
{
    /// <summary>Tagged alerts that proposals are made of, the newest; a desk has them in a year or two.</summary>
    private const int TaggedMost = 5_000;

    private const int Page = 500;

    private static readonly TimeSpan Usual = TimeSpan.FromDays(90);

    internal static void Map(RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/alert-tags", Roles.Readers, "What people thought of alerts, by rule: how many were told, handled, useful and noise; and thresholds that would have spared noise. Nothing changes by it.", async (http, caller) =>
        {
            if (caller.Segments.Count > 0) return Problems.Of(403, "SCOPE", "The share of noise is one of the whole book; this key sees some segments only.");
            var moment = desk.Time.GetUtcNow() - Usual;
            if (AlertsEndpoints.Told(http.Request.Query["from"]) is { } told && !DateTimeOffset.TryParse(told, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out moment)) return Problems.Of(400, "BAD_FROM", "?from=: expected a moment such as 2026-03-01T00:00:00Z.");
            var from = Instant.From(moment);
            var (tallies, tagged) = desk.Alerts is { } house ? await OfAlertsAsync(house.Store, from, http.RequestAborted) : await OfMarksAsync(desk, from, http.RequestAborted);
            var policy = await desk.Engine.ReadAsync(0, book => book.Context.Policy, http.RequestAborted);
            return Results.Json(new
            {
                from = from.ToString(),
                rules = tallies.Select(t => new { rule = t.Rule, t.Told, t.Handled, t.Useful, t.Noise, noiseBp = NoiseBp(t) }),
                proposals = SignalReview.Propose(tagged, policy).Select(p => new
                {
                    rule = p.Indicator, p.Parameter, stands = p.Stands.ToString(CultureInfo.InvariantCulture), proposed = p.Proposed.ToString(CultureInfo.InvariantCulture), p.Noise, p.NoiseSpared, p.Useful, p.UsefulLost,
                }),
            });
        }).Asks(("from", "Causes that began then or later; without it those of the last ninety days.")).Fails(503).Tells(AlertShapes.Tags);

    /// <summary>Reads a tag of a request; "" and nothing are no tag, <c>none</c> takes one back.</summary>
    internal static bool TryRead(string? text, out AlertTag? tag)
    {
        tag = text switch { "useful" => AlertTag.Useful, "noise" => AlertTag.Noise, "none" => AlertTag.None, _ => null };
        return tag is not null || string.IsNullOrEmpty(text);
    }

    internal static IResult Bad() => Problems.Of(400, "BAD_TAG", "$.tag: expected useful, noise or none.");

    /// <summary>A tag as it is told; <c>null</c> without one.</summary>
    internal static string? Word(AlertTag tag) => tag switch { AlertTag.Useful => "useful", AlertTag.Noise => "noise", _ => null };

    /// <summary>Share of noise among what was tagged, basis points; <c>null</c> while nobody has tagged anything.</summary>
    private static long? NoiseBp(AlertTally tally) => tally.Useful + tally.Noise is var tagged and > 0 ? tally.Noise * 10_000 / tagged : null;

    private static async Task<(IReadOnlyList<AlertTally> Tallies, IReadOnlyCollection<TaggedSignal> Tagged)> OfAlertsAsync(IAlertStore store, Instant from, CancellationToken cancel)
    {
        var tagged = new List<TaggedSignal>();
        var query = new AlertQuery { TaggedOnly = true, From = from, Limit = Page };
        for (var read = 0; read < TaggedMost;)
        {
            var rows = await store.AlertsAsync(query, cancel);
            foreach (var row in rows)
                if (AlertHouse.AlertOf(row) is { RaisedValue: { } value } alert) tagged.Add(new TaggedSignal(row.Rule, value, alert.Threshold, row.Tag));
            if (rows.Count < Page) break;
            read += rows.Count;
            query = query with { After = (rows[^1].RaisedAt, rows[^1].Id) };
        }

        return (await store.TalliesAsync(from, cancel), tagged);
    }

    /// <summary>Where no alerts go out, the marks of the desk stand for them: what has a mark was told to somebody.</summary>
    private static async Task<(IReadOnlyList<AlertTally> Tallies, IReadOnlyCollection<TaggedSignal> Tagged)> OfMarksAsync(Desk desk, Instant from, CancellationToken cancel)
    {
        var (tallies, tagged) = (new SortedDictionary<string, AlertTally>(StringComparer.Ordinal), new List<TaggedSignal>());
        if (desk.SignIn is null) return ([], tagged);
        foreach (var note in await desk.SignIn.Notes.DeskNotesAsync(WarningsEndpoints.Mark, cancel))
        {
            var mark = JsonSerializer.Deserialize<WarningsEndpoints.WarningMark>(note.Body)!;
            if (!TryRead(mark.Tag, out var tag) || await RaisedAsync(desk, note.Id, cancel) is not { } row || row.At < from.Micros) continue;
            using var told = JsonDocument.Parse(row.Json());
            var (rule, value, threshold) = (told.RootElement.GetProperty("indicator").GetString()!, Number(told.RootElement, "value"), Number(told.RootElement, "threshold"));
            var before = tallies.GetValueOrDefault(rule) ?? new AlertTally(rule, 0, 0, 0, 0);
            tallies[rule] = before with
            {
                Told = before.Told + 1, Handled = before.Handled + (mark.TakenBy is null && mark.ResolvedBy is null ? 0 : 1),
                Useful = before.Useful + (tag == AlertTag.Useful ? 1 : 0), Noise = before.Noise + (tag == AlertTag.Noise ? 1 : 0),
            };
            if (tag is { } said and not AlertTag.None && tagged.Count < TaggedMost) tagged.Add(new TaggedSignal(rule, value, threshold, said));
        }

        return ([.. tallies.Values], tagged);
    }

    private static async Task<JournalRow?> RaisedAsync(Desk desk, string signal, CancellationToken cancel) =>
        await desk.Engine.Reader.RowsAsync(new RowQuery { Table = RowTable.Signal, Subject = signal, Kind = SignalChanged.Raised, NewestFirst = false, Limit = 1 }, cancel) is [var row] ? row : null;

    private static long Number(JsonElement data, string name) =>
        data.TryGetProperty(name, out var told) && long.TryParse(told.ValueKind == JsonValueKind.String ? told.GetString() : told.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
