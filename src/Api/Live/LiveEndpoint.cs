using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>
/// Server-Sent Events: a snapshot of each view, then diffs with whole rows; a reader that comes back with Last-Event-ID
/// gets what it missed, or a new snapshot. A beat tells that the stream lives and how far behind it is.
/// </summary>
internal static class LiveEndpoint
{
    private const int SubsMax = 50;

    internal static void MapLive(this RouteGroupBuilder api, Desk desk)
    {
        var live = api.For(desk, "GET", "/live", Roles.Readers, "Live rows as Server-Sent Events: snapshot, diff, beat, notice.", async (http, caller) =>
        {
            // Another site's page must not read this one's feed with a session of its reader.
            if (http.Request.Headers.Origin.ToString() is { Length: > 0 } origin && (!Uri.TryCreate(origin, UriKind.Absolute, out var site) || site.Authority != http.Request.Host.Value))
                return Problems.Of(403, "ORIGIN", "The live feed is for pages of this service only.");
            var subs = http.Request.Query["subs"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).ToList();
            if (subs.Count is 0 or > SubsMax) return Problems.Of(400, "BAD_SUBS", $"?subs=: expected 1 to {SubsMax} of board, tiles, holds, holds:count, alerts, alerts:count, customer:<id>.");
            var wanted = new List<(string Key, Func<LiveView> Make)>();
            foreach (var sub in subs)
            {
                if (LiveViews.Of(desk, http, caller, sub, out var wrong) is not { } one) return wrong!;
                wanted.Add(one);
            }

            if (!desk.Live.TryEnter(caller.Subject))
            {
                http.Response.Headers.RetryAfter = "10";
                return Problems.Of(429, "TOO_MANY_STREAMS", $"At most {desk.Live.Options.StreamsPerSubject} streams per subject and {desk.Live.Options.StreamsMax} in all.");
            }

            var views = new List<LiveView>();
            try
            {
                foreach (var (key, make) in wanted)
                {
                    if (await desk.Live.JoinAsync(key, make, http.RequestAborted) is not { } view) return Problems.Of(429, "TOO_MANY_VIEWS", "Too many different views are open.");
                    views.Add(view);
                }

                await StreamAsync(desk, http, caller, views);
            }
            finally
            {
                desk.Live.Leave(caller.Subject, views);
            }

            return Results.Empty;
        }).Asks(("subs", "board, tiles, holds, alerts, customer:<id>; with commas between. board:<query>, tiles:<query> and holds:<query> carry their own filter; holds:count and alerts:count tell how many there are, without rows."),
            ("top", $"Rows of a board, 1 to 500, or of a page of the holds, of which it has at most {HoldQueue.PageMost}."), ("page", "Which page of the holds, from 1 on."), ("after", "The last id that was seen, when a page reopens its stream."),
            ("fresh", "Those of the subscriptions that the page does not hold yet, with commas between: they begin with a snapshot whatever was seen.")).Asks(HoldQueue.Asked.Query).Asks(BoardFilter.Query).Answers(200, "text/event-stream").Fails(429);
        live.Headers.Add(("Last-Event-ID", "The last id that was seen: diffs instead of a snapshot while the view is kept."));
    }

    private static async Task StreamAsync(Desk desk, HttpContext http, Caller caller, List<LiveView> views)
    {
        var hub = desk.Live;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, hub.Stopping);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        var seen = Seen(http, hub);
        // A view that others read already has changes before the page's last id that this page has never seen.
        var fresh = http.Request.Query["fresh"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        try
        {
            await http.Response.WriteAsync("retry: 2000\n\n", ended.Token);
            var first = true;
            while (true)
            {
                // Before any frame: what others have computed earlier would look like news of a service that answers nothing.
                if (!desk.Engine.IsAnswering || desk.Engine.NeedsPerson)
                {
                    await NoticeAsync(http, "partition");
                    return;
                }

                var changed = hub.Changed;
                var (frames, heard, now) = hub.Read(number => (Frames(desk, views, seen, number, first, fresh, out var oldest), oldest, number));
                foreach (var frame in frames) await http.Response.WriteAsync(frame, ended.Token);
                if (frames.Count > 0) await http.Response.Body.FlushAsync(ended.Token);
                if (heard > 0 && !first) hub.Instruments.FrameDelay.Record(Stopwatch.GetElapsedTime(heard).TotalSeconds);
                (seen, first) = (now, false);
                // Whoever gained or lost a right sees it at the next frame: the page opens a new stream, or learns that it may not.
                if (await desk.CallerAsync(http) is not { } still || !still.HasRightsOf(caller))
                {
                    await NoticeAsync(http, "permission");
                    return;
                }

                if (await Task.WhenAny(changed, Task.Delay(hub.Options.Beat, desk.Time, ended.Token)) == changed) continue;
                ended.Token.ThrowIfCancellationRequested();
                var stale = await StaleSinceAsync(desk, ended.Token);
                await http.Response.WriteAsync(Frame("beat", null, json => Head(json, desk, stale)), ended.Token);
                await http.Response.Body.FlushAsync(ended.Token);
            }
        }
        catch (OperationCanceledException)
        {
            if (!http.RequestAborted.IsCancellationRequested) await NoticeAsync(http, "restart");
        }
    }

    /// <summary>The number up to which the reader has seen everything; −1 for a new reader.</summary>
    private static long Seen(HttpContext http, LiveHub hub)
    {
        var told = http.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } header ? header : http.Request.Query["after"].ToString();
        var parts = told.Split('.');
        return parts.Length == 2 && parts[0] == hub.Id && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
    }

    /// <param name="heard">When the hub heard of the oldest commit that they tell; 0 when a snapshot does, or no commit.</param>
    private static List<string> Frames(Desk desk, List<LiveView> views, long seen, long now, bool first, string[] fresh, out long heard)
    {
        var due = new List<(LiveView View, bool Snapshot)>();
        foreach (var view in views)
        {
            var snapshot = first && (seen < view.Since || seen > now || fresh.Contains(view.Name));
            if (snapshot || view.Version > seen) due.Add((view, snapshot));
        }

        heard = due.Where(d => !d.Snapshot && d.View.HeardAt > 0).Select(d => d.View.HeardAt).DefaultIfEmpty().Min();
        // Only the last frame moves the reader's id on: a stream cut between two frames tells the second one again.
        return [.. due.Select((d, i) => Frame(d.Snapshot ? "snapshot" : "diff", i == due.Count - 1 ? string.Create(CultureInfo.InvariantCulture, $"{desk.Live.Id}.{now}") : null, json =>
        {
            json.WriteString("view", d.View.Name);
            json.WriteNumber("v", d.View.Version);
            json.WriteString("asOf", Instant.From(d.View.AsOf).ToString());
            json.WriteNumber("lag", desk.Live.LagMs);
            if (d.View.Whole.Length > 0 && (d.Snapshot || d.View.WholeChanged > seen))
            {
                json.WritePropertyName("whole");
                json.WriteRawValue(d.View.Whole, skipInputValidation: true);
            }

            if (d.Snapshot || d.View.OrderChanged > seen)
            {
                json.WriteStartArray("order");
                foreach (var id in d.View.Order) json.WriteStringValue(id);
                json.WriteEndArray();
            }

            json.WriteStartArray("rows");
            foreach (var row in d.View.ChangedAfter(d.Snapshot ? -1 : seen)) json.WriteRawValue(row, skipInputValidation: true);
            json.WriteEndArray();
        }))];
    }

    private static void Head(Utf8JsonWriter json, Desk desk, string? staleSince)
    {
        json.WriteString("asOf", Instant.From(desk.Time.GetUtcNow()).ToString());
        json.WriteNumber("lagMs", desk.Live.LagMs);
        json.WriteNumber("seq", desk.Live.Read(number => number));
        // A stream that lives over a source that does not is stale all the same.
        if (staleSince is not null) json.WriteString("staleSince", staleSince);
        var away = desk.Engine.NotServing;
        if (away.Count == 0) return;
        json.WriteStartArray("notServing");
        foreach (var partition in away) json.WriteNumberValue(partition);
        json.WriteEndArray();
        var all = desk.Engine.Published.Sum(rows => (long)rows.Count);
        json.WriteNumber("notCurrentBp", all == 0 ? 10_000 : away.Sum(p => (long)desk.Engine.Published[p].Count) * 10_000 / all);
    }

    /// <summary>When the oldest feed that gives no sign of life last did; <c>null</c> while all do.</summary>
    private static async Task<string?> StaleSinceAsync(Desk desk, CancellationToken cancel)
    {
        try
        {
            var stale = (await desk.Bands.GetAsync(cancel)).Context.StaleFeeds;
            return stale.Count == 0 ? null : stale.Min(f => f.Since).ToString();
        }
        catch (Exception away) when (away is EngineUnavailableException or JournalUnavailableException)
        {
            return null;
        }
    }

    private static async Task NoticeAsync(HttpContext http, string kind)
    {
        await http.Response.WriteAsync(Frame("notice", null, json => json.WriteString("kind", kind)), CancellationToken.None);
        await http.Response.Body.FlushAsync(CancellationToken.None);
    }

    private static string Frame(string kind, string? id, Action<Utf8JsonWriter> write)
    {
        var body = Encoding.UTF8.GetString(AccountJson.Bytes(json =>
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }));
        return (id is null ? "" : $"id: {id}\n") + $"event: {kind}\ndata: {body}\n\n";
    }
}
