using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Scorecards: one proposes what <c>exposure learn</c> wrote, another agrees, and a customer's score is explained with them.</summary>
internal static class ScorecardsEndpoints
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerOptions.Strict) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, MaxDepth = 4, RespectRequiredConstructorParameters = false };

    private sealed record Asked(string? Card, string? Use, string? Target, string? Version, string? Sha256);

    internal static void MapScorecards(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/scorecards", Roles.Readers | Roles.Admin, "Scorecards: in use, as shadow, waiting for a second person, and those that were; in force first, then the newest.", async (http, _) =>
        {
            var all = await desk.Proposals.ListAsync(http.RequestAborted);
            return Results.Json(new { cards = all.Where(p => p.Kind == ProposalKind.Scorecard).OrderBy(p => p.State != ProposalState.Approved).Take(200).Select(ScorecardLines.Of) });
        }).Fails(503).Tells(ScoreShapes.Scorecards);
        api.For(desk, "GET", "/scorecards/{card}/text", Roles.Readers | Roles.Admin, "The text of a card that waits or is in force, as it was proposed: what two people agree to. The journal keeps that of the others.", async (http, _) =>
            await FindAsync(desk, http) is { } card ? card.Text.Length > 0 ? Results.Text(card.Text, "text/plain") : Problems.Of(404, "CARD_ENDED", "The card is neither waiting nor in force; its text stands in the journal alone.") : Unknown(http)).Answers(200, "text/plain").Fails(404, 503);
        api.For(desk, "POST", "/scorecards/drafts", Roles.PolicyOwner, "Proposes a card as `exposure learn` wrote it, for use or as a shadow that scores beside; a policy approver decides at /proposals. Target, version and hash are optional, and must be those of the text.",
            (http, caller) => ProposeAsync(desk, http, caller)).Takes(new DraftBody()).Commands().Answers(202).Tells(Shapes.Proposal);
        api.For(desk, "POST", "/scorecards/{card}/withdraw", Roles.PolicyOwner | Roles.PolicyApprover, "Takes a card out of force at once, for which one person suffices: the shrunk share serves again, and no earlier card comes back. A card that waits is withdrawn by its proposer.", async (http, caller) =>
        {
            var reason = http.Request.Query["reason"].ToString();
            if (reason.Length > 500) return Problems.Of(400, "BAD_TEXT", "?reason=: expected at most 500 characters.");
            return http.IdOf("card") is { } card ? await desk.OnceAsync(http, caller, new WithdrawScorecard { ProposalId = card, Reason = reason }) : Routing.BadId("card");
        }).Asks(("reason", "Why; at most 500 characters.")).Commands().Tells(Shapes.Commanded);
        api.For(desk, "GET", "/customers/{customer}/score", Roles.Readers,
            "How the customer will pay: each open invoice with the card in use and its shadow side by side, factors, points and facts, and the expected day of payment; where no card is in use the shrunk share serves, and it is said why. Made of the whole book, which was read at `readAt`; of a past day with what was known by its end, and with the cards that were in force at that moment.",
            (http, _) => ScoreAsync(desk, http)).Asks(("at", "A past instant, RFC 3339: the end of its day."))
            .Fails(410, 422, 503).Tells(ScoreShapes.Score);
    }

    private static async Task<IResult> ScoreAsync(Desk desk, HttpContext http)
    {
        var customer = http.Customer();
        if (!desk.Engine.TryGetRow(customer, out _)) return Routing.UnknownCustomer(customer);
        PastBound? past = null;
        if (http.Request.Query.ContainsKey("at") && (past = AsOf.Until(http.Request.Query["at"], "")) is null) return Problems.Of(400, "BAD_TIME", "Give ?at= (RFC 3339).");
        var cards = past is null
            ? await desk.Engine.ReadAsync(Book.House, book => CardsInForce.Of(book.Desk), http.RequestAborted)
            : CardsInForce.Of((await AsOf.BookAsync(desk.Engine.Reader, desk.Engine.Database, Book.House, past, http.RequestAborted)).Desk);
        try
        {
            var (book, readAt) = await desk.Scores.BookAsync(http.RequestAborted, past?.At.UtcDate.DayNumber ?? int.MaxValue);
            return Results.Json(new ExplainedScore(book, customer, cards.Read(), cards.WhyNone, past is null ? null : ExplainedScore.CardsOf(past.At)).ToJson(readAt));
        }
        catch (BookTooLargeException large)
        {
            return Problems.Of(422, "BOOK_TOO_LARGE", large.Message + " A service does not hold them in its memory; `exposure show CUSTOMER --score` tells the same beside it.");
        }
    }

    private static async Task<IResult> ProposeAsync(Desk desk, HttpContext http, Caller caller)
    {
        // A card is longer than other commands.
        if (await Desk.BodyAsync(http, Desk.EventsMax) is not { } body) return Routing.TooLarge(Desk.EventsMax);
        if (Desk.BadKey(http, out var key) is { } missing) return missing;
        Asked? asked;
        try
        {
            asked = JsonSerializer.Deserialize<Asked>(body, Strict);
        }
        catch (JsonException)
        {
            asked = null;
        }

        if (asked is not { Card.Length: > 0 }) return Problems.Of(400, "BAD_CARD", "$: expected {card, use}, and if you like target, version and sha256; the card is the text that exposure learn wrote.");
        if (asked.Use is not (nameof(CardUse.InUse) or nameof(CardUse.Shadow))) return Problems.Of(400, "BAD_USE", "$.use: expected InUse or Shadow.");
        if (asked.Card.Length > ProposeScorecard.CardMax) return Problems.Of(413, "TOO_LARGE", $"A card has at most {ProposeScorecard.CardMax} characters.");
        // What can never score is told to the one who proposes, not to the one who approves.
        if (!CardsInForce.TryRead(asked.Card, out var card, out var wrong)) return Problems.Of(422, "BAD_CARD", wrong);
        var command = new ProposeScorecard
        {
            Target = card.Target, Use = Enum.Parse<CardUse>(asked.Use), Version = ScorecardText.VersionOf(asked.Card), Sha256 = ProposedCard.HashOf(asked.Card), Card = asked.Card, Actor = caller.Subject,
        };
        foreach (var (name, told, found) in new[] { ("target", asked.Target, command.Target), ("version", asked.Version, command.Version), ("sha256", asked.Sha256, command.Sha256) })
            if (told is not null && !told.Equals(found, StringComparison.OrdinalIgnoreCase)) return Problems.Of(422, "OTHER_CARD", $"$.{name}: told was {(told.Length <= 80 ? told : told[..80])}; that of the text is {found}.");
        command.ProposalId = ProposalDesk.IdOf(caller, ProposalKind.Scorecard, command.Target, key);
        return await ProposalsEndpoints.KeptAsync(desk, http, command.ProposalId, await desk.Engine.SubmitAsync(command, http.RequestAborted));
    }

    private static async Task<ProposedCard?> FindAsync(Desk desk, HttpContext http) =>
        http.IdOf("card") is { } id && await desk.Proposals.FindAsync(id, http.RequestAborted) is { Kind: ProposalKind.Scorecard } found ? new ProposedCard(found.Event) : null;

    private static IResult Unknown(HttpContext http) => Problems.Of(404, "NO_PROPOSAL", $"No proposal '{http.Request.RouteValues["card"]}' of a scorecard.");

    private sealed class DraftBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Text(1, "card", "", optional: false, lengthMax: ProposeScorecard.CardMax);
            v.Choice(2, "use", CardUse.InUse);
            v.Text(3, "target", "", lengthMax: 32);
            v.Text(4, "version", "", lengthMax: 32);
            v.Text(5, "sha256", "", lengthMax: 64);
        }
    }
}
