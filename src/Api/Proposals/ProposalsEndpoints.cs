using System.Globalization;
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
    internal const string GlobalHold = "global-hold", Replay = "dead-letter-replay";

    /// <summary>Who decides about each kind.</summary>
    private static readonly Dictionary<string, Roles> Deciders = new(StringComparer.Ordinal)
    {
        ["policy"] = Roles.PolicyApprover, ["rate"] = Roles.PolicyApprover, ["temporary-limit"] = Roles.Approver, ["temporary-limit-end"] = Roles.Approver,
        ["seasonal-limit"] = Roles.Approver, [Replay] = Roles.Approver, [GlobalHold] = Roles.Approver,
    };

    internal static void MapProposals(this RouteGroupBuilder api, Desk desk)
    {
        Draft("/policies/drafts", Roles.PolicyOwner, "policy", new PolicyActivated(), "Drafts a version of the policy; a policy approver decides.");
        Draft("/rates/drafts", Roles.PolicyOwner, "rate", new FxRatePublished(), "Drafts an exchange rate; a policy approver decides.");
        Draft("/customers/{customer}/temporary-limits", Roles.Desk, "temporary-limit", new TemporaryLimitGranted(), "Asks for a temporary limit; another person decides.");
        Draft("/customers/{customer}/temporary-limit-ends", Roles.Desk, "temporary-limit-end", new TemporaryLimitEnded(), "Asks that a temporary limit end early; another person decides.");
        Draft("/customers/{customer}/seasonal-limits", Roles.Desk, "seasonal-limit", new SeasonalLimitSet(), "Asks for a seasonal uplift; another person decides.");

        api.For(desk, "GET", "/proposals", Roles.Readers | Roles.Admin, "What waits for a second person, and what was decided, newest first.", (http, caller) =>
        {
            var state = http.Request.Query["state"].ToString();
            return Task.FromResult(Results.Json(new { proposals = desk.Proposals.List().Where(p => (state.Length == 0 || p.State.ToString() == state) && Visible(desk, caller, p)).Take(500).Select(Json) }));
        }).Asks(("state", "Open, Approved, Rejected or Lapsed."));
        api.For(desk, "GET", "/proposals/{proposal}", Roles.Readers | Roles.Admin, "One proposal with its event.", (http, caller) =>
            Task.FromResult(desk.Proposals.Find((string)http.Request.RouteValues["proposal"]!) is { } found && Visible(desk, caller, found) ? Results.Json(Json(found)) : Unknown(http))).Fails(404);
        api.For(desk, "POST", "/proposals/{proposal}/approve", Roles.Approver | Roles.PolicyApprover, "Lets a proposal take effect; not the own, and up to the own authority.", (http, caller) =>
            DecideAsync(desk, http, caller, approve: true)).Fails(404, 409, 422, 503);
        api.For(desk, "POST", "/proposals/{proposal}/reject", Roles.Approver | Roles.PolicyApprover, "Turns a proposal down.", (http, caller) =>
            DecideAsync(desk, http, caller, approve: false)).Asks(("reason", "Why; at most 500 characters.")).Fails(404, 409);

        void Draft(string pattern, Roles roles, string kind, Fact body, string summary) => api.For(desk, "POST", pattern, roles, summary, async (http, caller) =>
        {
            if (await Desk.BodyAsync(http, Desk.CommandMax) is not { } told) return Routing.TooLarge(Desk.CommandMax);
            var customer = http.Request.RouteValues.ContainsKey("customer") ? http.Customer() : "";
            if (customer.Length > 0 && !desk.Engine.TryGetRow(customer, out _)) return Routing.UnknownCustomer(customer);
            return Propose(desk, http, caller, kind, customer, FactCatalogue.WireTypeOf(body), told);
        }).Takes(body).Commands().Answers(202);
    }

    /// <summary>Keeps a draft of an event whose data the caller sent.</summary>
    internal static IResult Propose(Desk desk, HttpContext http, Caller caller, string kind, string customer, string type, byte[] data)
    {
        if (Desk.BadKey(http, out var key) is { } missing) return missing;
        var text = Encoding.UTF8.GetString(data);
        JsonNode? node;
        try
        {
            node = JsonNode.Parse(data, documentOptions: new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
        }
        catch (JsonException broken)
        {
            return Problems.Of(400, "NOT_JSON", $"line {(broken.LineNumber ?? 0) + 1}, byte {broken.BytePositionInLine ?? 0}: expected a JSON object.");
        }

        var id = "p-" + Hashing.Text(key, Hashing.Text(customer, Hashing.Text(caller.Subject, Hashing.Text(kind, 7)))).ToString("x16", CultureInfo.InvariantCulture);
        var wire = new JsonObject
        {
            ["specversion"] = "1.0", ["id"] = "proposal:" + id, ["source"] = "desk", ["type"] = type,
            ["time"] = Instant.From(desk.Time.GetUtcNow()).ToString(), ["data"] = node,
        };
        if (customer.Length > 0) wire["subject"] = customer;
        var encoded = wire.ToJsonString();
        if (desk.Decoder.Decode(Encoding.UTF8.GetBytes(encoded), default) is UndecodableRecord bad) return Problems.Of(400, bad.Reason, bad.Detail.Replace("$.data", "$", StringComparison.Ordinal));
        return Kept(desk, caller, id, kind, customer, encoded, text);
    }

    internal static IResult Kept(Desk desk, Caller caller, string id, string kind, string customer, string told, string content) =>
        desk.Proposals.Add(id, kind, customer, told, content, caller.Subject) is { } kept
            ? Results.Json(Json(kept), statusCode: 202)
            : Desk.Reused();

    private static async Task<IResult> DecideAsync(Desk desk, HttpContext http, Caller caller, bool approve)
    {
        var reason = http.Request.Query["reason"].ToString();
        if (reason.Length > 500) return Problems.Of(400, "BAD_TEXT", "?reason=: expected at most 500 characters.");
        await desk.Proposals.Deciding.WaitAsync(http.RequestAborted);
        try
        {
            if (desk.Proposals.Find((string)http.Request.RouteValues["proposal"]!) is not { } proposal || !Visible(desk, caller, proposal)) return Unknown(http);
            if ((caller.Roles & Deciders[proposal.Kind]) == 0) return Problems.Of(403, "ROLE", $"A proposal of the kind {proposal.Kind} needs the role {Deciders[proposal.Kind]}.");
            if (proposal.ProposedBy == caller.Subject) return Problems.Of(403, "SELF_APPROVAL", "Who proposed may not decide.");
            var wanted = approve ? ProposalState.Approved : ProposalState.Rejected;
            if (proposal.State == wanted && proposal.DecidedBy == caller.Subject) return Results.Json(Json(proposal));
            if (proposal.State != ProposalState.Open) return Problems.Of(409, "DECIDED", $"The proposal is {proposal.State} already.");
            if (!approve) return Results.Json(Json(desk.Proposals.Decide(proposal, wanted, caller.Subject, reason, "")));
            var fact = FactOf(desk, proposal, caller);
            if (await LacksAuthorityAsync(desk, fact, caller, http.RequestAborted) is { } lacks) return lacks;
            var answer = await desk.Engine.SubmitAsync(fact, http.RequestAborted);
            // Submitted before, and this process or its answer was lost: it took effect then.
            if (answer.Outcome.Kind is not (OutcomeKind.Applied or OutcomeKind.Duplicate or OutcomeKind.Parked)) return Problems.Of(answer.Outcome);
            return Results.Json(Json(desk.Proposals.Decide(proposal, wanted, caller.Subject, reason, answer.At.ToString())));
        }
        finally
        {
            desk.Proposals.Deciding.Release();
        }
    }

    private static Fact FactOf(Desk desk, Proposal proposal, Caller approver)
    {
        if (proposal.Kind == GlobalHold)
            return new SwitchGlobalHold { On = false, Reason = proposal.Event, Actor = proposal.ProposedBy, ApprovedBy = approver.Subject, Key = proposal.Id };
        var fact = desk.Decoder.Decode(Encoding.UTF8.GetBytes(proposal.Event), default);
        fact.Note = $"proposed by {proposal.ProposedBy}, approved by {approver.Subject}";
        if (fact is TemporaryLimitGranted temporary) temporary.ApprovedBy = [approver.Subject];
        return fact;
    }

    private static async Task<IResult?> LacksAuthorityAsync(Desk desk, Fact fact, Caller caller, CancellationToken cancel)
    {
        if (fact is HouseFact or SwitchGlobalHold || caller.Authority < 0) return null;
        var needed = await desk.Engine.ReadAsync(desk.Engine.PartitionOf(fact.Customer), book => AuthorityNeeded.Of(book, fact), cancel);
        if (needed is null) return Problems.Of(422, "FX_MISSING", "No rate from the currency of the limit to the base currency.");
        return needed > caller.Authority
            ? Problems.Of(403, "AUTHORITY", $"The limit would be {needed}, the authority is {caller.Authority} minor units of {desk.Engine.Database.BaseCurrency}.")
            : null;
    }

    private static bool Visible(Desk desk, Caller caller, Proposal proposal) => proposal.Customer.Length == 0 || desk.Sees(caller, proposal.Customer);

    private static IResult Unknown(HttpContext http) => Problems.Of(404, "NO_PROPOSAL", $"No proposal '{http.Request.RouteValues["proposal"]}'.");

    private static object Json(Proposal p) => new
    {
        p.Id, p.Kind, p.Customer, state = p.State.ToString(), p.ProposedBy, p.ProposedAt, p.LapsesAt, p.DecidedBy, p.DecidedAt, p.Reason, p.Entry,
        proposed = p.Kind == GlobalHold ? null : JsonNode.Parse(p.Event),
    };
}
