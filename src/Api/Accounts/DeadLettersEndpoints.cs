using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Records that could not be applied: look at them, repair them, and submit them again with a second person.</summary>
internal static class DeadLettersEndpoints
{
    private const int SettledPage = 500, SettledMost = 20_000;

    internal static void MapDeadLetters(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/dead-letters/{entry}", Roles.Analyst | Roles.Approver | Roles.Auditor | Roles.Admin, "One dead letter: why, the event or the record as it came (in Protobuf also as the JSON that says the same, to be repaired), its replays with the entry that each became, and who asked to leave it.", async (http, caller) =>
        {
            var found = await FindAsync(desk, http, caller);
            if (found.Problem is not null) return found.Problem;
            var about = (await desk.Proposals.ListAsync(http.RequestAborted)).Where(p => LetterOf(p) == found.At.ToString()).ToList();
            return Results.Bytes(EntryJson.Of(desk.Decoder, found.At, found.Line!, found.Fact!, about), "application/json");
        }).Fails(404, 410).Tells(Shapes.DeadLetter);

        api.For(desk, "POST", "/dead-letters/{entry}/replay", Roles.Approver | Roles.Admin, "Proposes to submit a dead letter again; an approver decides. The body is the repaired event, in JSON or in Protobuf; without one the event goes as it is.", async (http, caller) =>
        {
            var (problem, at, _, dead) = await FindAsync(desk, http, caller);
            if (problem is not null) return problem;
            if (Desk.BadKey(http, out var key) is { } missing) return missing;
            if (await Desk.BodyAsync(http, Desk.CommandMax) is not { } body) return Routing.TooLarge(Desk.CommandMax);
            var sent = body;
            if (body.Length == 0 && dead is UndecodableRecord record) body = desk.Decoder.RecordOf(record).ToArray();
            if (body.Length == 0) body = desk.Decoder.EventOf(dead!);
            var fact = desk.Decoder.Decode(body, default);
            if (fact is UndecodableRecord bad) return Problems.Of(400, bad.Reason, bad.Detail);
            if (fact.Customer.Length > 0 && !desk.Sees(caller, fact.Customer)) return Problems.Of(403, "SCOPE", "$.subject: outside of the segments of this key.");
            // The repaired record is another event than the dead one, so that the window of event ids lets it pass.
            (fact.EventId, fact.Source) = ($"replay:{at}:{Hashing.Text(key, 3):x}", fact.Source);
            return await ProposalsEndpoints.KeepAsync(desk, http, caller, ProposalDesk.IdOf(caller, ProposalKind.DeadLetterReplay, at.ToString(), key), ProposalKind.DeadLetterReplay,
                fact.Customer, Encoding.UTF8.GetString(desk.Decoder.EventOf(fact)), Hashing.XxHash64(sent));
        }).Takes(null, "application/json", "application/cloudevents+json", "application/protobuf").Commands().Fails(410).Answers(202).Tells(Shapes.Proposal);
    }

    /// <summary>A dead letter that stays as it is: it counted nowhere, so that nothing changes but what waits for the desk.</summary>
    internal static void MapDiscards(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "POST", "/dead-letters/{entry}/discard", Roles.Analyst | Roles.Approver | Roles.Admin, "Proposes to leave a dead letter for good, with a reason; an approver decides. Its record stays in the journal, and it can be replayed later all the same.", async (http, caller) =>
        {
            var (problem, at, _, dead) = await FindAsync(desk, http, caller);
            if (problem is not null) return problem;
            if (Desk.BadKey(http, out var key) is { } missing) return missing;
            if (await Desk.BodyAsync(http, 4_096) is not { } body) return Routing.TooLarge(4_096);
            var command = new DiscardDeadLetter();
            if (desk.Decoder.Fill(command, Encoding.UTF8.GetBytes(WithLetter(body, at))) is { } error) return Problems.Of(400, error.Reason, error.Detail);
            if (command.ApprovedBy.Length > 0 || command.Letter != at.ToString()) return Problems.Of(400, "UNKNOWN_MEMBER", "$: expected reason.");
            if (command.Reason.Trim().Length < ReasonCodes.LeastText) return Problems.Of(422, "REASON_TOO_SHORT", $"$.reason: expected {ReasonCodes.LeastText} characters or more that the next person understands.");
            var wire = new JsonObject { ["letter"] = at.ToString(), ["reason"] = command.Reason.Trim() }.ToJsonString();
            return await ProposalsEndpoints.KeepAsync(desk, http, caller, ProposalDesk.IdOf(caller, ProposalKind.DeadLetterDiscard, at.ToString(), key), ProposalKind.DeadLetterDiscard, dead!.Customer, wire,
                Hashing.XxHash64(Encoding.UTF8.GetBytes(wire)));
        }).Takes(new DiscardBody()).Commands().Fails(410).Answers(202).Tells(Shapes.Proposal);

    /// <summary>
    /// What became of dead letters, by their entries: left for good, as the audit trail says of all of them, or replayed, as the proposals say that the house still lists.
    /// </summary>
    internal static async Task<Dictionary<string, (string State, string By, string Why)>> SettledAsync(Desk desk, CancellationToken cancel)
    {
        var settled = new Dictionary<string, (string, string, string)>(StringComparer.Ordinal);
        foreach (var replay in (await desk.Proposals.ListAsync(cancel)).Where(p => p is { Kind: ProposalKind.DeadLetterReplay, State: ProposalState.Approved, Entry.Length: > 0 }))
            if (LetterOf(replay) is { } letter) settled[letter] = ("replayed", $"{replay.ProposedBy}, {string.Join(", ", replay.ApprovedBy)}", "");
        var query = new RowQuery { Table = RowTable.Audit, Kind = FactCatalogue.WireTypeOf(new DiscardDeadLetter()), Limit = SettledPage };
        for (var read = 0; read < SettledMost; read += SettledPage)
        {
            var rows = await desk.Engine.Reader.RowsAsync(query, cancel);
            foreach (var row in rows)
            {
                using var told = JsonDocument.Parse(row.Json());
                var of = told.RootElement;
                if (of.GetProperty("outcome").GetString() == nameof(OutcomeKind.Applied))
                    settled.TryAdd(of.GetProperty("letter").GetString()!, ("discarded", $"{of.GetProperty("actor").GetString()}, {of.GetProperty("approvedBy").GetString()}", of.GetProperty("reason").GetString()!));
            }

            if (rows.Count < SettledPage) break;
            query = query with { After = new RowCursor(rows[^1].At, rows[^1].Partition, rows[^1].Seq, rows[^1].Index, rows[^1].Ordinal) };
        }

        return settled;
    }

    /// <summary>The dead letter that a proposal is about; <c>null</c> for another proposal.</summary>
    private static string? LetterOf(ProposalLine proposal)
    {
        if (proposal.Kind is not (ProposalKind.DeadLetterReplay or ProposalKind.DeadLetterDiscard)) return null;
        using var told = JsonDocument.Parse(proposal.Event);
        return proposal.Kind == ProposalKind.DeadLetterDiscard
            ? told.RootElement.GetProperty("letter").GetString()
            : told.RootElement.GetProperty("id").GetString() is { } id && id.StartsWith("replay:", StringComparison.Ordinal) ? id.Split(':')[1] : null;
    }

    /// <summary>The body with the entry of the address, which the caller need not repeat.</summary>
    private static string WithLetter(byte[] body, EntryPosition at)
    {
        var text = body.Length == 0 ? "{}" : Encoding.UTF8.GetString(body).Trim();
        if (!text.StartsWith('{') || text.Contains("\"letter\"", StringComparison.Ordinal)) return text;
        var rest = text[1..].TrimStart();
        return $"{{\"letter\":\"{at}\"{(rest == "}" ? "}" : "," + rest)}";
    }

    private sealed class DiscardBody : IDescribed
    {
        public void Describe(FieldVisitor v) => v.Text(1, "reason", "", optional: false);
    }

    /// <summary>A source that loads its history may tell documents of any age.</summary>
    internal static void MapOpeningLoads(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "POST", "/opening-loads", Roles.Admin, "Opens or ends the opening load of a source: meanwhile its documents may be of any age.", async (http, caller) =>
        {
            if (await Desk.BodyAsync(http, Desk.CommandMax) is not { } body) return Routing.TooLarge(Desk.CommandMax);
            var load = new SwitchOpeningLoad();
            if (desk.Decoder.Fill(load, body) is { } error) return Problems.Of(400, error.Reason, error.Detail);
            return load.HouseSeq != 0 ? Problems.Of(400, "UNKNOWN_MEMBER", "$.houseSeq: expected source, open and reason.") : await desk.OnceAsync(http, caller, load);
        }).Takes(new LoadBody()).Commands().Tells(Shapes.Commanded);
    }

    private sealed class LoadBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Text(1, "source", "", optional: false, lengthMax: 200);
            v.Flag(2, "open", false);
            v.Text(3, "reason", "");
        }
    }

    private static async Task<(IResult? Problem, EntryPosition At, HistoryLine? Line, Fact? Fact)> FindAsync(Desk desk, HttpContext http, Caller caller)
    {
        if (!EntryPosition.TryParse(http.Request.RouteValues["entry"] as string, out var at))
            return (Problems.Of(400, "BAD_ENTRY", "'entry': expected partition-sequence-index, such as 3-1200-0."), at, null, null);
        var found = at.Partition >= Book.House && at.Partition < desk.Engine.Database.Partitions && at.Seq > 0 ? await History.EntryAsync(desk.Engine.Reader, at, http.RequestAborted) : null;
        return found is not { } entry || entry.Fact is Command || !IsDead(entry.Line.Outcome) || (entry.Fact.Customer.Length > 0 && !desk.Sees(caller, entry.Fact.Customer))
            ? (Problems.Of(404, "NO_DEAD_LETTER", $"No dead letter {at}."), at, null, null)
            : (null, at, entry.Line, entry.Fact);
    }

    /// <summary>A parked fact may have lapsed later: it can be replayed as well.</summary>
    private static bool IsDead(string outcome) => outcome is nameof(OutcomeKind.Undecodable) or nameof(OutcomeKind.Refused) or nameof(OutcomeKind.ConflictingDuplicate) or nameof(OutcomeKind.Parked);
}
