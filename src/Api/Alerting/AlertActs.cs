using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>What people do about alerts and channels. None of it decides about money, so that the same request twice needs no key: it changes nothing, or is told that somebody was faster.</summary>
internal static class AlertActs
{
    private const int TextMax = 500;

    private sealed record ActAsked(string Alert, string Act, string? Note = null, DateTimeOffset? Until = null, long? Version = null, string? To = null, string? Tag = null, int? BetterBy = null);

    private sealed record SilenceAsked(IReadOnlyList<string> Matchers, string Comment, DateTimeOffset? EndsAt = null, bool UntilResolved = false);

    internal static void Map(RouteGroupBuilder api, Desk desk)
    {
        ChannelCredentials.Map(api, desk);
        api.For(desk, "POST", "/alert-acts", Roles.Desk, "Takes an alert, assigns it to somebody, gives it back, closes it with a note, snoozes it until a moment or until the utilisation is so many points better, or tags it as useful or noise; take, assign and close may tag it, too.", async (http, caller) =>
        {
            var done = await ActAsync(desk, http, caller);
            // Who looks at the warnings sees it at once: no commit tells of it.
            await desk.Live.RefreshAsync(v => v.IsAlerts, http.RequestAborted);
            return done;
        }).Takes(new ActBody()).Fails(404, 409, 422).Tells(AlertShapes.Done);
        api.For(desk, "POST", "/silences", Roles.Desk, "Silences what matches all conditions, until a moment or until it is resolved (at most 30 days).", (http, caller) => SilenceAsync(desk, http, caller)).Takes(new SilenceBody()).Fails(409).Answers(201).Tells(AlertShapes.Silence);
        api.For(desk, "DELETE", "/silences/{silence}", Roles.Desk, "Ends a silence; what it muted and still stands is told.", async (http, caller) =>
        {
            if (desk.Alerts is not { } house) return NoChannels();
            var id = http.Request.RouteValues["silence"] as string ?? "";
            // What somebody does not see, he does not end.
            if (caller.Segments.Count > 0 && house.Book.Silences.FirstOrDefault(s => s.Id == id) is { } silence && !AlertsEndpoints.Sees(desk, caller, silence)) return Unknown();
            return Of(await house.EndSilenceAsync(id, http.RequestAborted), Results.NoContent());
        }).Answers(204).Fails(404, 409);
        api.For(desk, "POST", "/channels/{channel}/test", Roles.Admin, "Sends a test message; one that arrives repairs the channel.", async (http, _) =>
        {
            if (desk.Alerts is not { } house) return NoChannels();
            if (!house.Channels.TryGetValue(http.Request.RouteValues["channel"] as string ?? "", out var channel)) return Problems.Of(404, "NO_CHANNEL", "GET /api/v1/channels lists them.");
            var message = Specimen.Test(channel.Name, Instant.From(desk.Time.GetUtcNow()));
            var answer = await channel.TestAsync(message, http.RequestAborted);
            return Results.Json(new { outcome = answer.Kind.ToString(), answer = answer.Text, messageId = message.Id });
        }).Fails(404, 409).Tells(AlertShapes.Tested);
    }

    /// <summary>The cursor of a last page is left out, not told as null.</summary>
    internal static JsonSerializerOptions Paged { get; } = WithoutCursor();

    internal static object Json(Silence s) => new { s.Id, matchers = s.MatcherTexts, startsAt = s.StartsAt.ToString(), endsAt = s.EndsAt.ToString(), s.UntilResolved, s.BetterAtBp, s.Creator, s.Comment };

    private static JsonSerializerOptions WithoutCursor()
    {
        var resolver = new DefaultJsonTypeInfoResolver();
        resolver.Modifiers.Add(static info =>
        {
            foreach (var property in info.Properties)
                if (property.Name == "cursor") property.ShouldSerialize = static (_, value) => value is not null;
        });
        return new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = resolver };
    }

    private static async Task<IResult> ActAsync(Desk desk, HttpContext http, Caller caller)
    {
        var (asked, bad) = await http.AskedAsync<ActAsked>("BAD_BODY", "{alert, act, note?, until?, betterBy?, to?, tag?, version?}");
        if (asked is null) return bad!;
        if (asked.Note is { Length: > TextMax }) return Problems.Of(400, "BAD_TEXT", $"$.note: at most {TextMax} characters.");
        if (!AlertTags.TryRead(asked.Tag, out var tag)) return AlertTags.Bad();
        if (desk.Alerts is not { } house) return NoChannels();
        if (await house.Store.AlertsAsync([asked.Alert], http.RequestAborted) is not [var row] || !AlertsEndpoints.Sees(desk, caller, row.Customer)) return Unknown();
        var note = asked.Note ?? "";
        switch (asked.Act)
        {
            case "take": return Of(await house.HandleAsync(asked.Alert, AlertHandling.Taken, caller.Subject, note, asked.Version ?? -1, http.RequestAborted, tag: tag), Done());
            case "assign" when asked.To is not { Length: > 0 and <= 128 } || asked.To.Any(char.IsControl): return Problems.Of(400, "BAD_TO", "$.to: say who is to look after it.");
            case "assign": return Of(await house.HandleAsync(asked.Alert, AlertHandling.Taken, caller.Subject, note, asked.Version ?? -1, http.RequestAborted, asked.To, tag), Done());
            case "return": return Of(await house.HandleAsync(asked.Alert, AlertHandling.New, caller.Subject, note, asked.Version ?? -1, http.RequestAborted), Done());
            case "close" when note.Length == 0: return Problems.Of(400, "NO_NOTE", "$.note: say why it is closed.");
            case "close": return Of(await house.HandleAsync(asked.Alert, AlertHandling.Closed, caller.Subject, note, asked.Version ?? -1, http.RequestAborted, tag: tag), Done());
            case "tag" when tag is null: return AlertTags.Bad();
            case "tag": return Of(await house.TagAsync(asked.Alert, tag.Value, caller.Subject, note, asked.Version ?? -1, http.RequestAborted), Done());
            case "snooze":
                var (rest, wrong) = await Snooze.OfAsync(desk, asked.Until, asked.BetterBy, row.Rule, row.Customer, http.RequestAborted);
                return wrong ?? Of(await house.SnoozeAsync(asked.Alert, Instant.From(rest.Until), NewId(), caller.Subject, note, http.RequestAborted, rest.BetterAtBp), Done());
            default: return Problems.Of(400, "BAD_ACT", "$.act: expected take, assign, return, close, snooze or tag.");
        }
    }

    private static async Task<IResult> SilenceAsync(Desk desk, HttpContext http, Caller caller)
    {
        var (asked, bad) = await http.AskedAsync<SilenceAsked>("BAD_BODY", "{matchers[], comment, endsAt?, untilResolved?}");
        if (asked is null) return bad!;
        if (asked.Comment.Length is 0 or > TextMax) return Problems.Of(400, "BAD_TEXT", $"$.comment: say why, in 1 to {TextMax} characters.");
        if (asked.Matchers.Count is 0 or > 20) return Problems.Of(400, "BAD_MATCHERS", "$.matchers: expected 1 to 20 conditions such as customer=\"C-1\".");
        var matchers = new List<LabelMatcher>();
        foreach (var text in asked.Matchers)
        {
            try
            {
                matchers.Add(LabelMatcher.Parse(text));
            }
            catch (FormatException wrong)
            {
                return Problems.Of(400, "BAD_MATCHERS", "$.matchers: " + wrong.Message);
            }
        }

        var now = desk.Time.GetUtcNow();
        var end = asked.EndsAt ?? (asked.UntilResolved ? now + Silence.LongestUntilResolved : now);
        if (end <= now || end > now + Silence.LongestUntilResolved) return Problems.Of(400, "BAD_END", "$.endsAt: expected a moment within the next 30 days, or untilResolved: true.");
        if (desk.Alerts is not { } house) return NoChannels();
        // Whoever sees a part of the book only must not quieten the rest of it.
        if (caller.Segments.Count > 0 && !matchers.Exists(m => m.IsEqual && m.Name == "customer" && desk.Sees(caller, m.Value))) return Problems.Of(400, "BAD_MATCHERS", "$.matchers: name a customer whom you see, as customer=\"…\".");
        var silence = await house.SilenceAsync(new Silence { Id = NewId(), StartsAt = Instant.From(now), EndsAt = Instant.From(end), UntilResolved = asked.UntilResolved, Creator = caller.Subject, Comment = asked.Comment, Matchers = matchers }, http.RequestAborted);
        return Results.Json(Json(silence), statusCode: 201);
    }

    private static IResult Of(ActOutcome outcome, IResult done) => outcome switch
    {
        ActOutcome.Done => done, ActOutcome.Unknown => Unknown(), _ => Problems.Of(409, "OVERTAKEN", "Somebody else was faster; look again."),
    };

    private static IResult Done() => Results.Json(new { outcome = "done" });

    private static IResult Unknown() => Problems.Of(404, "UNKNOWN_ALERT", "There is no such alert or silence.");

    internal static IResult NoChannels() => Problems.Of(409, "NO_CHANNELS", "The service runs without channels; start it with --channels.");

    internal static string NewId() => "s-" + Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));

    private sealed class ActBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Text(1, "alert", "", optional: false, lengthMax: 512);
            v.Text(2, "act", "", optional: false, lengthMax: 16);
            v.Text(3, "note", "");
            v.Moment(4, "until", default, optional: true);
            v.Number(5, "version", 0, optional: true);
            v.Text(6, "to", "", lengthMax: 128);
            v.Text(7, "tag", "", lengthMax: 8);
            v.Number(8, "betterBy", 0, optional: true);
        }
    }

    private sealed class SilenceBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.IdList(1, "matchers", [], optional: false);
            v.Text(2, "comment", "", optional: false);
            v.Moment(3, "endsAt", default, optional: true);
            v.Flag(4, "untilResolved", false);
        }
    }
}
