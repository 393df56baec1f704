using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>
/// What people say to each other about a held order: comments, questions, who looks after it, and the condition under which it may
/// go. None of it decides anything: an order whose condition is met is released by rule, since it then passes the check.
/// </summary>
internal sealed class HoldNotes(Desk desk)
{
    /// <summary>Notes of one order; whoever has more to say should talk.</summary>
    private const int NotesMost = 200, TextMost = 500;

    private const string Kind = "hold";

    private static readonly string[] Kinds = ["comment", "ask", "assign", "part", "prepayment"];

    /// <summary>How long another process's assignment may stay unseen.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, string> _assigned = new(StringComparer.Ordinal);
    private long _readAt;

    /// <summary>One thing that somebody said.</summary>
    /// <param name="Kind">comment, ask, assign, part (the order should be cut to an amount) or prepayment (an amount until a day).</param>
    internal sealed record Note(string At, string By, string Kind, string Text, string To, string Amount, string Until);

    private sealed record Said(string AssignedTo, IReadOnlyList<Note> Notes);

    private sealed record Asked(string Kind, string Text = "", string To = "", string Amount = "", string Until = "");

    internal static void Map(RouteGroupBuilder api, Desk desk, string oneHold)
    {
        api.For(desk, "GET", oneHold + "/notes", Roles.Readers, "What people said about a held order, oldest first, and who looks after it.", async (http, _) =>
        {
            if (http.IdOf("order") is not { } order) return Routing.BadId("order");
            return Results.Json(Shown(await desk.HoldNotes.ReadAsync(http.Customer(), order, http.RequestAborted)));
        }).Fails(503).Tells(Shapes.HoldNotes);
        api.For(desk, "POST", oneHold + "/notes", Roles.Desk | Roles.Viewer, "Says something about a held order: a comment, a question, who looks after it, or a condition. A viewer may comment and answer.", (http, caller) => desk.HoldNotes.AddAsync(http, caller))
            .Takes(new NoteBody()).Fails(404, 422, 503).Tells(Shapes.HoldNotes);
        api.For(desk, "POST", oneHold + "/withdraw", Roles.Desk, "Takes the own request for a release back; the order stays on hold.", async (http, caller) =>
        {
            if (http.IdOf("order") is not { } order) return Routing.BadId("order");
            if (await Desk.BodyAsync(http, Desk.CommandMax) is not { } body) return Routing.TooLarge(Desk.CommandMax);
            if (Desk.BadKey(http, out _) is { } missing) return missing;
            var hold = (await OrdersEndpoints.DetailAsync(desk, http.Customer(), http.RequestAborted))?.Holds.Find(h => h.OrderId == order);
            if (hold is { State: OrderState.PendingApproval } && hold.RequestedBy != caller.Subject) return Problems.Of(403, "NOT_YOURS", $"{hold.RequestedBy} asked; an approver turns it down.", ("by", hold.RequestedBy));
            return await desk.CommandAsync(http, caller, new RejectRelease { Customer = http.Customer(), OrderId = order, Reason = "WITHDRAWN: taken back by the one who asked" }, "{}"u8.ToArray());
        }).Commands().Tells(Shapes.Commanded);
    }

    /// <summary>Who looks after each held order, by customer/order.</summary>
    internal async ValueTask<IReadOnlyDictionary<string, string>> AssignedAsync(CancellationToken cancel)
    {
        if (desk.SignIn is null) return _assigned;
        var at = Volatile.Read(ref _readAt);
        if (at != 0 && desk.Time.GetElapsedTime(at) < Kept) return _assigned;
        Volatile.Write(ref _readAt, desk.Time.GetTimestamp());
        foreach (var note in await desk.SignIn.Notes.DeskNotesAsync(Kind, cancel)) Remember(note.Id, JsonSerializer.Deserialize<Said>(note.Body)!);
        return _assigned;
    }

    private async Task<Said> ReadAsync(string customer, string order, CancellationToken cancel) =>
        desk.SignIn is not null && await desk.SignIn.Notes.NoteAsync(Kind, customer + "/" + order, cancel) is { } note ? JsonSerializer.Deserialize<Said>(note.Body)! : new Said("", []);

    private async Task<IResult> AddAsync(HttpContext http, Caller caller)
    {
        if (http.IdOf("order") is not { } order) return Routing.BadId("order");
        if (desk.SignIn is null) return Problems.Of(422, "NO_PEOPLE", "Notes belong to people, and nobody signs in here.");
        var (asked, misread) = await http.AskedAsync<Asked>("BAD_NOTE", "{kind, text?, to?, amount?, until?}", 8_192);
        if (asked is null) return misread!;
        if (!Kinds.Contains(asked.Kind) || asked.Text is not { Length: <= TextMost } || asked.To is null || asked.Amount is null || asked.Until is null)
            return Problems.Of(400, "BAD_NOTE", $"$: expected {{kind: {string.Join(" or ", Kinds)}, text?, to?, amount?, until?}}; a text has at most {TextMost} characters.");
        if (asked.Kind != "comment" && (caller.Roles & Roles.Desk) == 0) return Problems.Of(403, "ROLE", "A viewer comments; the desk asks, assigns and sets conditions.");
        if (asked.Kind is "comment" or "ask" && asked.Text.Trim().Length == 0) return Problems.Of(422, "TEXT_MISSING", "$.text: say something.");
        if (asked.Kind is "ask" or "assign" && !Ids.IsValid(asked.To)) return Problems.Of(422, "WHOM", "$.to: expected the name of a person.");
        if (asked.Kind is "part" or "prepayment" && (!long.TryParse(asked.Amount, NumberStyles.None, CultureInfo.InvariantCulture, out var amount) || amount <= 0)) return Problems.Of(422, "BAD_AMOUNT", "$.amount: expected minor units above 0, as digits.");
        if (asked.Kind == "prepayment" && !DateOnly.TryParseExact(asked.Until, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)) return Problems.Of(422, "BAD_DAY", "$.until: expected the day until which the money comes, as yyyy-MM-dd.");
        // What is not on hold any more can still be commented; the rest would wait for nothing.
        if (asked.Kind != "comment" && (await OrdersEndpoints.DetailAsync(desk, http.Customer(), http.RequestAborted))?.Holds.Exists(h => h.OrderId == order) != true) return Problems.Of(404, "NOT_ON_HOLD", $"Order '{order}' is not on hold.");
        var id = http.Customer() + "/" + order;
        while (true)
        {
            var before = await desk.SignIn.Notes.NoteAsync(Kind, id, http.RequestAborted);
            var kept = before is null ? new Said("", []) : JsonSerializer.Deserialize<Said>(before.Body)!;
            if (kept.Notes.Count >= NotesMost) return Problems.Of(422, "TOO_MANY", $"{NotesMost} notes are the most.");
            var note = new Note(Instant.From(desk.Time.GetUtcNow()).ToString(), caller.Subject, asked.Kind, asked.Text.Trim(), asked.To, asked.Amount, asked.Until);
            var after = new Said(asked.Kind == "assign" ? asked.To : kept.AssignedTo, [.. kept.Notes, note]);
            if (!await desk.SignIn.Notes.PutNoteAsync(new DeskNote(Kind, id, before?.Version ?? 0, JsonSerializer.Serialize(after)), http.RequestAborted)) continue;
            Remember(id, after);
            await desk.Live.RefreshAsync(v => v.IsHolds, http.RequestAborted);
            return Results.Json(Shown(after));
        }
    }

    private void Remember(string id, Said kept)
    {
        if (kept.AssignedTo.Length > 0) _assigned[id] = kept.AssignedTo;
    }

    private static object Shown(Said kept) => new { kept.AssignedTo, notes = kept.Notes.Select(n => new { n.At, n.By, n.Kind, n.Text, n.To, amount = n.Amount.Length > 0 ? n.Amount : null, until = n.Until.Length > 0 ? n.Until : null }) };

    private sealed class NoteBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Text(1, "kind", "", optional: false);
            v.Text(2, "text", "");
            v.Text(3, "to", "");
            v.Text(4, "amount", "");
            v.Text(5, "until", "");
        }
    }
}
