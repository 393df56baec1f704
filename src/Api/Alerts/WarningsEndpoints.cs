using System.Text.Json;
using System.Text.Json.Nodes;
using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>
/// Early warnings as the desk works on them: the newest state of each signal, and what people did about it. Where alerts go out, that is
/// what the alert says, so that there is one truth; where none do, marks of the desk stand in. Neither changes the signal.
/// </summary>
internal static class WarningsEndpoints
{
    /// <summary>Kind of the notes that hold the marks.</summary>
    internal const string Mark = "alert";

    private const int SignalsMost = 2_000, SignalsPage = 1_000, FiringMost = 500, EndedMost = 100;

    /// <summary>What people did with a warning.</summary>
    /// <param name="SnoozedBelowBp">It comes back before <paramref name="SnoozedUntil"/> when the customer's utilisation is at or below this, basis points.</param>
    internal sealed record WarningMark(string? TakenBy = null, DateTimeOffset? TakenAt = null, DateTimeOffset? SnoozedUntil = null, string? ResolvedBy = null, string? Note = null, string? Tag = null, int? SnoozedBelowBp = null);

    private sealed record Asked(string? Note = null, DateTimeOffset? Until = null, string? Tag = null, int? BetterBy = null);

    internal static void MapWarnings(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/warnings", Roles.Readers, "The newest state of each early-warning signal with the marks of people, newest first.", async (http, caller) =>
        {
            var rows = await ReadAsync(desk, caller, http.RequestAborted);
            return Results.Bytes(AccountJson.Bytes(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("warnings");
                foreach (var row in rows.Where(r => r.Id != LiveRow.Whole)) json.WriteRawValue(row.Json);
                json.WriteEndArray();
                json.WriteEndObject();
            }), "application/json");
        }).Fails(503).Tells(Shapes.Warnings);
        MapAct("take", "Says that the caller looks after it.", (mark, caller, now, _) => mark.TakenBy is { } by && by != caller.Subject
            ? (null, Problems.Of(409, "TAKEN", $"{by} looks after it already.", ("by", by)))
            : (mark with { TakenBy = caller.Subject, TakenAt = now, SnoozedUntil = null, SnoozedBelowBp = null }, null));
        MapAct("snooze", "Lets it rest until a moment, or until the customer's utilisation is betterBy percentage points better than now, at most thirty days.", (mark, caller, now, asked) =>
            (mark with { SnoozedUntil = asked.Until, TakenBy = mark.TakenBy ?? caller.Subject, TakenAt = mark.TakenAt ?? now }, null));
        MapAct("resolve", "Closes it for the desk with a note; the signal itself goes on as the rules say.", (mark, caller, _, asked) => asked.Note is not { } note || note.Trim().Length < ReasonCodes.LeastText
            ? (null, Problems.Of(422, "NOTE_TOO_SHORT", $"$.note: expected {ReasonCodes.LeastText} characters or more."))
            : (mark with { ResolvedBy = caller.Subject, Note = note.Trim() }, null));

        MapAct("tag", "Says whether it was useful or noise; the act itself needs the tag, taking and closing may carry one.", (mark, _, _, asked) => string.IsNullOrEmpty(asked.Tag)
            ? (null, AlertTags.Bad())
            : (mark, null));

        void MapAct(string act, string summary, Func<WarningMark, Caller, DateTimeOffset, Asked, (WarningMark? Mark, IResult? Problem)> apply) => api.For(desk, "POST", "/warnings/{warning}/" + act, Roles.Desk, summary, async (http, caller) =>
        {
            if (desk.SignIn is null) return Problems.Of(422, "NO_PEOPLE", "Marks belong to people, and nobody signs in here.");
            // The id of a signal has slashes, which stay escaped in an address.
            var id = Uri.UnescapeDataString(http.Request.RouteValues["warning"] as string ?? "");
            if (id.Length > 200 || await FindAsync(desk, caller, id, http.RequestAborted) is not { } signal) return Problems.Of(404, "NO_WARNING", "No early warning has this id.");
            var (asked, misread) = await http.AskedAsync<Asked>("BAD_MARK", "{note?, until?, betterBy?, tag?}", 4_096, empty: new Asked());
            if (asked is null) return misread!;
            if (asked.Note?.Length > 500) return Problems.Of(400, "BAD_MARK", "$: expected {note?, until?, betterBy?, tag?}.");
            if (!AlertTags.TryRead(asked.Tag, out var tag)) return AlertTags.Bad();
            var rest = default(Rest);
            if (act == "snooze")
            {
                (rest, var wrong) = await Snooze.OfAsync(desk, asked.Until, asked.BetterBy, RuleOf(signal), signal.Customer, http.RequestAborted);
                if (wrong is not null) return wrong;
                asked = asked with { Until = rest.Until };
            }

            if (desk.Alerts is { } house && await house.Store.AlertsAsync([id], http.RequestAborted) is [var told])
            {
                var (wished, no) = apply(WarningAlerts.MarkOf(house, told, desk.Time), caller, desk.Time.GetUtcNow(), asked);
                return no ?? await WarningAlerts.ActAsync(desk, house, told, act, With(wished!, tag, act, rest), tag, caller, http.RequestAborted);
            }

            while (true)
            {
                var before = await desk.SignIn.Notes.NoteAsync(Mark, id, http.RequestAborted);
                var (mark, problem) = apply(before is null ? new WarningMark() : JsonSerializer.Deserialize<WarningMark>(before.Body)!, caller, desk.Time.GetUtcNow(), asked);
                if (problem is not null) return problem;
                mark = With(mark!, tag, act, rest);
                // Two people at once: one of them reads again and learns who was faster.
                if (!await desk.SignIn.Notes.PutNoteAsync(new DeskNote(Mark, id, before?.Version ?? 0, JsonSerializer.Serialize(mark)), http.RequestAborted)) continue;
                await desk.Live.RefreshAsync(v => v.IsAlerts, http.RequestAborted);
                return Results.Json(Shown(mark));
            }
        }).Takes(new MarkBody()).Fails(404, 409, 422, 503).Tells(Shapes.WarningMark);
    }

    /// <summary>The newest state of each signal that the caller sees, newest first; behind them what is said of all.</summary>
    internal static async Task<List<LiveRow>> ReadAsync(Desk desk, Caller caller, CancellationToken cancel)
    {
        var (standing, isCut) = await StandingAsync(desk, caller, cancel);
        var names = await desk.Names.OfAsync(standing.Select(s => s.Signal.Customer), cancel);
        return
        [
            .. standing.Select(s => new LiveRow(s.Signal.Subject, Line(s, names.GetValueOrDefault(s.Signal.Customer)))),
            Whole(standing, isCut),
        ];
    }

    /// <summary>What is said of all of them, for whoever shows a count only: a page of another subject need not carry every alert.</summary>
    internal static async Task<List<LiveRow>> CountAsync(Desk desk, Caller caller, CancellationToken cancel)
    {
        var (standing, isCut) = await StandingAsync(desk, caller, cancel);
        return [Whole(standing, isCut)];
    }

    /// <summary><c>open</c>: those that fire and that nobody has taken or closed; <c>cut</c>: there are more than are looked at.</summary>
    private static LiveRow Whole(List<Standing> standing, bool isCut) => new(LiveRow.Whole, AccountJson.Bytes(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("open", standing.Count(s => s.Signal.Kind == SignalChanged.Raised && s.Mark is null or { TakenBy: null, ResolvedBy: null }));
        json.WriteBoolean("cut", isCut);
        json.WriteEndObject();
    }));

    /// <param name="Raised">The times before it that the same indicator was raised about the same, at whichever step, the newest first, as far as the rows reach that are looked at.</param>
    private readonly record struct Standing(JournalRow Signal, WarningMark? Mark, JsonObject? Told, IReadOnlyList<JournalRow> Raised);

    private static async Task<(List<Standing> Rows, bool IsCut)> StandingAsync(Desk desk, Caller caller, CancellationToken cancel)
    {
        var newest = new List<JournalRow>();
        var query = new RowQuery { Table = RowTable.Signal, Limit = SignalsPage };
        while (newest.Count < SignalsMost)
        {
            var page = await desk.Engine.Reader.RowsAsync(query, cancel);
            newest.AddRange(page);
            if (page.Count < SignalsPage) break;
            query = query with { After = new RowCursor(page[^1].At, page[^1].Partition, page[^1].Seq, page[^1].Index, page[^1].Ordinal) };
        }

        var standing = newest.Where(r => r.Kind != SignalChanged.LateCorrection && (caller.Segments.Count == 0 || desk.Sees(caller, r.Customer))).DistinctBy(r => r.Subject).ToList();
        // What fires comes before what is over, however old it is.
        var (firing, ended) = (standing.Where(r => r.Kind == SignalChanged.Raised).ToList(), standing.Where(r => r.Kind != SignalChanged.Raised).Take(EndedMost).ToList());
        var signals = firing.Take(FiringMost).Concat(ended).OrderByDescending(r => r.At).ThenByDescending(r => (r.Seq, r.Index)).ToList();
        var isCut = newest.Count >= SignalsMost || firing.Count > FiringMost;
        var marks = desk.SignIn is null ? [] : (await desk.SignIn.Notes.DeskNotesAsync(Mark, cancel)).ToDictionary(n => n.Id, n => JsonSerializer.Deserialize<WarningMark>(n.Body)!, StringComparer.Ordinal);
        // Whoever was faster than the way of the alert has left a mark of the desk.
        var told = desk.Alerts is { } house ? await WarningAlerts.OfAsync(desk, house, [.. signals.Select(s => s.Subject)], cancel) : [];
        var raised = newest.Where(r => r.Kind == SignalChanged.Raised).ToLookup(r => AboutOf(r.Subject), StringComparer.Ordinal);
        return ([.. signals.Select(StandingOf)], isCut);

        Standing StandingOf(JournalRow signal)
        {
            var alert = told.GetValueOrDefault(signal.Subject);
            return new Standing(signal, alert.Mark ?? Awake(desk, signal, marks.GetValueOrDefault(signal.Subject)), alert.Told, [.. raised[AboutOf(signal.Subject)].Where(r => (r.At, r.Seq, r.Index).CompareTo((signal.At, signal.Seq, signal.Index)) < 0)]);
        }
    }

    internal static object Shown(WarningMark mark) => new { mark.TakenBy, takenAt = Moment(mark.TakenAt), snoozedUntil = Moment(mark.SnoozedUntil), mark.ResolvedBy, mark.Note, mark.Tag, mark.SnoozedBelowBp };

    private static WarningMark With(WarningMark mark, AlertTag? tag, string act, Rest rest)
    {
        if (act == "snooze") mark = mark with { SnoozedBelowBp = rest.BetterAtBp };
        return tag is { } said ? mark with { Tag = AlertTags.Word(said) } : mark;
    }

    private static string RuleOf(JournalRow signal)
    {
        using var told = JsonDocument.Parse(signal.Json());
        return told.RootElement.TryGetProperty("indicator", out var rule) ? rule.GetString() ?? "" : "";
    }

    /// <summary>A mark whose figure has been reached rests no longer, whatever its moment.</summary>
    private static WarningMark? Awake(Desk desk, JournalRow signal, WarningMark? mark) =>
        mark is not null && Snooze.IsReached(desk, signal.Customer, mark.SnoozedBelowBp) ? mark with { SnoozedUntil = null, SnoozedBelowBp = null } : mark;

    /// <summary>What a signal is about, without its step and its number: one that grows worse is raised under another id.</summary>
    internal static string AboutOf(string signal)
    {
        var number = signal.LastIndexOf('/');
        var step = number > 0 ? signal.LastIndexOf('/', number - 1) : -1;
        return step > 0 ? signal[..step] : signal;
    }

    /// <summary>The value with which a signal was raised, as digits; <c>null</c> for none, and for an amount of EW-30, which a share cannot be compared with.</summary>
    internal static string? ValueOf(JournalRow? raised)
    {
        if (raised is null) return null;
        using var document = JsonDocument.Parse(raised.Json());
        var told = document.RootElement;
        if (told.GetProperty("indicator").GetString() == "EW-30" && !told.TryGetProperty("moved", out _)) return null;
        return told.TryGetProperty("value", out var value) ? value.GetString() : null;
    }

    private static byte[] Line(Standing standing, string? name)
    {
        var (row, mark, told, raised) = standing;
        var line = JsonNode.Parse(row.Json().Span)!.AsObject();
        line["id"] = row.Subject;
        line["customer"] = row.Customer;
        if (name is not null) line["name"] = name;
        line["at"] = new Instant(row.At).ToString();
        if (line["clears"]?.GetValue<string>() is { Length: > 0 } clears) line["clearsZh"] = ClearWords.InChinese(clears);
        // Whether it grew worse since it was raised the time before, since when it is known, and how often it was.
        if (raised.Count > 0) (line["was"], line["firstAt"], line["count"]) = (ValueOf(raised[0]), new Instant(raised[^1].At).ToString(), raised.Count + (row.Kind == SignalChanged.Raised ? 1 : 0));
        if (mark is not null)
            line["mark"] = new JsonObject { ["takenBy"] = mark.TakenBy, ["takenAt"] = Moment(mark.TakenAt), ["snoozedUntil"] = Moment(mark.SnoozedUntil), ["resolvedBy"] = mark.ResolvedBy, ["note"] = mark.Note, ["tag"] = mark.Tag, ["snoozedBelowBp"] = mark.SnoozedBelowBp };
        if (told is not null) line["told"] = told;
        return AccountJson.Bytes(json => line.WriteTo(json));
    }

    private static async Task<JournalRow?> FindAsync(Desk desk, Caller caller, string id, CancellationToken cancel) =>
        (await desk.Engine.Reader.RowsAsync(new RowQuery { Table = RowTable.Signal, Subject = id, Limit = 1 }, cancel)).FirstOrDefault(r => desk.Sees(caller, r.Customer));

    private static string? Moment(DateTimeOffset? at) => at is { } told ? Instant.From(told).ToString() : null;

    private sealed class MarkBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Text(1, "note", "");
            v.Moment(2, "until", default, optional: true);
            v.Text(3, "tag", "", lengthMax: 8);
            v.Number(4, "betterBy", 0, optional: true);
        }
    }
}
