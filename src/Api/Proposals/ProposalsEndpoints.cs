using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Drafts of policies, rates, temporary and seasonal limits, replays and the end of the global hold: one proposes, another decides.</summary>
internal static class ProposalsEndpoints
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    internal static void MapProposals(this RouteGroupBuilder api, Desk desk)
    {
        Draft("/policies/drafts", Roles.PolicyOwner, ProposalKind.Policy, new PolicyActivated(), "Drafts a version of the policy; a policy approver decides.");
        Draft("/rates/drafts", Roles.PolicyOwner, ProposalKind.Rate, new FxRatePublished(), "Drafts an exchange rate; a policy approver decides.");
        Draft("/customers/{customer}/temporary-limits", Roles.Desk, ProposalKind.TemporaryLimit, new TemporaryLimitGranted(), "Asks for a temporary limit; another person decides.");
        Draft("/customers/{customer}/temporary-limit-ends", Roles.Desk, ProposalKind.TemporaryLimitEnd, new TemporaryLimitEnded(), "Asks that a temporary limit end early; another person decides.");
        Draft("/customers/{customer}/seasonal-limits", Roles.Desk, ProposalKind.SeasonalLimit, new SeasonalLimitSet(), "Asks for a seasonal uplift; another person decides.");
        Draft("/customers/{customer}/limit-schedules", Roles.Desk, ProposalKind.Limit, new LimitSet(), "Asks for a limit with dated steps; another person decides.");
        Draft("/customers/{customer}/grade-overrides", Roles.Desk, ProposalKind.GradeOverride, new RatingOverridden(), "Asks for another grade than the computed one; another person decides.");

        api.For(desk, "GET", "/proposals", Roles.Readers | Roles.Admin, "What waits for a second person, and what was decided, newest first.", async (http, caller) =>
        {
            var state = http.Request.Query["state"].ToString();
            if (state.Length > 0 && (!char.IsAsciiLetter(state[0]) || !Enum.TryParse<ProposalState>(state, out _)))
                return Problems.Of(400, "BAD_STATE", "?state=: expected one of " + string.Join(", ", Enum.GetNames<ProposalState>()) + ".");
            var all = await desk.Proposals.ListAsync(http.RequestAborted);
            return Results.Json(new { proposals = all.Where(p => (state.Length == 0 || p.State.ToString() == state) && Visible(desk, caller, p)).Take(500).Select(p => Json(p)) });
        }).Asks(("state", "Open, Approved, Rejected, Lapsed, Failed, Withdrawn or Replaced.")).Tells(Shapes.Proposals);
        api.For(desk, "GET", "/proposals/{proposal}", Roles.Readers | Roles.Admin, "One proposal with its event.", async (http, caller) =>
            await desk.Proposals.FindAsync(IdOf(http), http.RequestAborted) is { } found && Visible(desk, caller, found) ? Results.Json(Json(found)) : Unknown(http)).Fails(404).Tells(Shapes.Proposal);
        api.For(desk, "POST", "/proposals/{proposal}/approve", Roles.Approver | Roles.PolicyApprover | Roles.Admin, "Lets a proposal take effect; not the own, and up to the own authority. What concerns the whole house names the partitions that have not journaled it yet (notYet).", (http, caller) =>
            DecideAsync(desk, http, caller, approve: true)).Asks(("reason", "Why; at most 500 characters.")).Fails(404, 409, 422, 503).Tells(Shapes.Proposal);
        api.For(desk, "POST", "/proposals/{proposal}/reject", Roles.Approver | Roles.PolicyApprover | Roles.Admin, "Turns a proposal down.", (http, caller) =>
            DecideAsync(desk, http, caller, approve: false)).Asks(("reason", "Why; at most 500 characters.")).Fails(404, 409, 503).Tells(Shapes.Proposal);

        void Draft(string pattern, Roles roles, ProposalKind kind, Fact body, string summary) => api.For(desk, "POST", pattern, roles, summary, async (http, caller) =>
        {
            if (await Desk.BodyAsync(http, Desk.CommandMax) is not { } told) return Routing.TooLarge(Desk.CommandMax);
            var customer = http.Request.RouteValues.ContainsKey("customer") ? http.Customer() : "";
            if (customer.Length > 0 && !desk.Engine.TryGetRow(customer, out _)) return Routing.UnknownCustomer(customer);
            return await ProposeAsync(desk, http, caller, kind, customer, FactCatalogue.WireTypeOf(body), told);
        }).Takes(body).Commands().Answers(202).Tells(Shapes.Proposal);
    }

    /// <summary>Keeps a draft of an event whose data the caller sent.</summary>
    private static async Task<IResult> ProposeAsync(Desk desk, HttpContext http, Caller caller, ProposalKind kind, string customer, string type, byte[] data)
    {
        if (Desk.BadKey(http, out var key) is { } missing) return missing;
        JsonNode? node;
        try
        {
            node = JsonNode.Parse(data, documentOptions: new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
        }
        catch (JsonException broken)
        {
            return Problems.Of(400, "NOT_JSON", $"line {(broken.LineNumber ?? 0) + 1}, byte {broken.BytePositionInLine ?? 0}: expected a JSON object.");
        }

        var id = ProposalDesk.IdOf(caller, kind, customer, key);
        var wire = new JsonObject
        {
            ["specversion"] = "1.0", ["id"] = "proposal:" + id, ["source"] = "desk", ["type"] = type, ["time"] = desk.Proposals.Now.ToString(), ["data"] = node,
        };
        if (customer.Length > 0) wire["subject"] = customer;
        var encoded = wire.ToJsonString();
        var fact = desk.Decoder.Decode(Encoding.UTF8.GetBytes(encoded), default);
        if (fact is UndecodableRecord bad) return Problems.Of(400, bad.Reason, bad.Detail.Replace("$.data", "$", StringComparison.Ordinal));
        // What can never take effect is told to the one who drafts, not to the one who approves.
        if (fact is PolicyActivated policy && Against(desk, policy) is { } against) return against;
        return await KeepAsync(desk, http, caller, id, kind, customer, encoded, Hashing.XxHash64(data));
    }

    /// <summary>A policy that cannot be, or whose thresholds are out of order, overlap or mean nobody; looked at again before it is approved.</summary>
    private static IResult? Against(Desk desk, PolicyActivated told)
    {
        if (Policy.Create(told.PolicyId, told.Version, told.Parameters, out var wrong) is not { } draft) return Problems.Of(422, "BAD_POLICY", wrong);
        return PolicyTrialEndpoint.Objections(desk, told.Parameters, draft) is { Count: > 0 } objections ? Problems.Of(422, "POLICY_OBJECTIONS", string.Join(" ", objections)) : null;
    }

    internal static async Task<IResult> KeepAsync(Desk desk, HttpContext http, Caller caller, string id, ProposalKind kind, string customer, string wire, ulong told)
    {
        return await KeptAsync(desk, http, id, await desk.Proposals.MakeAsync(id, kind, customer, wire, told, caller.Subject, http.RequestAborted));
    }

    /// <summary>What is said to whoever made a proposal.</summary>
    internal static async Task<IResult> KeptAsync(Desk desk, HttpContext http, string id, Answer answer) => answer.Outcome.Kind switch
    {
        OutcomeKind.Applied or OutcomeKind.Duplicate => Results.Json(Json((await desk.Proposals.FindAsync(id, http.RequestAborted))!), statusCode: 202),
        OutcomeKind.ConflictingDuplicate => Desk.Reused(),
        _ => Problems.Of(answer.Outcome),
    };

    private static async Task<IResult> DecideAsync(Desk desk, HttpContext http, Caller caller, bool approve)
    {
        var reason = http.Request.Query["reason"].ToString();
        if (reason.Length > 500) return Problems.Of(400, "BAD_TEXT", "?reason=: expected at most 500 characters.");
        if (await desk.Proposals.FindAsync(IdOf(http), http.RequestAborted) is not { } proposal || !Visible(desk, caller, proposal)) return Unknown(http);
        if ((caller.Roles & HouseDesk.DecidersOf(proposal.Kind)) == 0) return Problems.Of(403, "ROLE", $"A proposal of the kind {proposal.Kind} is decided by {HouseDesk.DecidersOf(proposal.Kind)}.");
        if (approve && proposal.Kind == ProposalKind.Policy && desk.Proposals.FactOf(proposal) is PolicyActivated drafted && Against(desk, drafted) is { } against) return against;
        // A card that waited for an update of the program may not be readable any more.
        if (approve && proposal is { Kind: ProposalKind.Scorecard, State: ProposalState.Open } && !CardsInForce.TryRead(new ProposedCard(proposal.Event).Text, out _, out var unread)) return Problems.Of(422, "BAD_CARD", unread);
        var command = new DecideProposal { ProposalId = proposal.Id, Approve = approve, Reason = reason, Actor = caller.Subject, Authority = caller.Authority };
        if (approve && proposal.Kind is not (ProposalKind.Key or ProposalKind.ChannelCredential or ProposalKind.Scorecard))
        {
            if (await desk.Proposals.NeededAsync(desk.Proposals.FactOf(proposal), http.RequestAborted) is not { } needed)
                return Problems.Of(422, "FX_MISSING", "No rate from the currency of the limit to the base currency.");
            command.Needed = needed;
        }

        var answer = await desk.Engine.SubmitAsync(command, http.RequestAborted);
        if (answer.Outcome.Kind is not (OutcomeKind.Applied or OutcomeKind.Duplicate)) return Problems.Of(answer.Outcome);
        if (proposal.Kind == ProposalKind.Key) await desk.Keys.RefreshAsync(http.RequestAborted);
        var effect = approve ? await desk.Proposals.TakeEffectAsync(proposal.Id, http.RequestAborted) : null;
        if (effect is { Outcome: { Kind: not OutcomeKind.Applied } refused }) return Problems.Of(refused);
        return Results.Json(Json((await desk.Proposals.FindAsync(proposal.Id, http.RequestAborted))!, effect?.NotYet));
    }

    private static string IdOf(HttpContext http) => (string)http.Request.RouteValues["proposal"]!;

    private static bool Visible(Desk desk, Caller caller, ProposalLine proposal) => proposal.About.Length == 0 || desk.Sees(caller, proposal.About);

    private static IResult Unknown(HttpContext http) => Problems.Of(404, "NO_PROPOSAL", $"No proposal '{http.Request.RouteValues["proposal"]}'.");

    internal static object Json(ProposalLine p, IReadOnlyList<int>? notYet = null) => Told(JsonSerializer.SerializeToNode(Line(p), Web)!.AsObject(), notYet);

    private static JsonObject Told(JsonObject line, IReadOnlyList<int>? notYet)
    {
        if (notYet is { Count: > 0 }) line["notYet"] = new JsonArray([.. notYet.Select(p => (JsonNode)p)]);
        return line;
    }

    private static object Line(ProposalLine p) => new
    {
        p.Id, kind = p.Kind.ToString(), customer = p.About, state = p.State.ToString(), p.ProposedBy, proposedAt = p.ProposedAt.ToString(), lapsesAfter = JsonFieldWriter.DateText(p.LapsesAfter),
        p.ApprovedBy, p.RejectedBy, decidedAt = p.DecidedAt.Micros == 0 ? null : p.DecidedAt.ToString(), p.Reason, p.Entry, p.Failure,
        proposed = p.Kind switch
        {
            ProposalKind.ChannelCredential => JsonSerializer.SerializeToNode(ChannelCredentials.Shown(p.Event), Web),
            ProposalKind.Scorecard => JsonSerializer.SerializeToNode(Shown(new ProposedCard(p.Event)), Web),
            _ => p.Event.StartsWith('{') ? JsonNode.Parse(p.Event) : JsonValue.Create(p.Event),
        },
    };

    /// <summary>A card by its hashes: its text has an address of its own.</summary>
    private static object Shown(ProposedCard card) => new { card.Target, use = card.Use.ToString(), card.Version, card.Sha256 };
}
