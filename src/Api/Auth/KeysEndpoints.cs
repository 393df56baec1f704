using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Keys of people and systems. The text of a key is answered once; what is kept is its hash, and it opens nothing before a second person agrees.</summary>
internal static class KeysEndpoints
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerOptions.Strict) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, MaxDepth = 32 };

    /// <summary>A key that an administrator asks for.</summary>
    internal sealed record KeyAsked(string Subject, IReadOnlyList<string> Roles, string? Authority = null, IReadOnlyList<string>? Segments = null,
        DateTimeOffset? ExpiresAt = null, bool MayCarryAuthority = false);

    internal static void MapKeys(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/keys", Roles.Admin | Roles.Auditor, "All keys without their text: prefix, subject, rights, life.", (_, _) =>
            Task.FromResult(Results.Json(new { keys = desk.Keys.List().Select(Json) }))).Tells(Shapes.Keys);
        api.For(desk, "POST", "/keys", Roles.Admin, "Makes a key; it opens nothing before another administrator or an approver agrees. Its text is in this answer and nowhere else.", (http, caller) =>
            MakeAsync(desk, http, caller)).Takes(new KeyBody()).Commands().Answers(202).Tells(Shapes.KeyMade);
        api.For(desk, "DELETE", "/keys/{prefix}", Roles.Admin, "Ends a key for good.", async (http, caller) =>
        {
            var ended = await desk.Keys.EndAsync(http.Request.RouteValues["prefix"] as string ?? "", caller.Subject, "", http.RequestAborted);
            return ended.Kind == OutcomeKind.Applied ? Results.NoContent() : Problems.Of(404, "NO_KEY", "No living key has this prefix; GET /api/v1/keys lists them.");
        }).Answers(204).Fails(404, 503);
    }

    private static async Task<IResult> MakeAsync(Desk desk, HttpContext http, Caller caller)
    {
        if (await Desk.BodyAsync(http, Desk.CommandMax) is not { } body) return Routing.TooLarge(Desk.CommandMax);
        if (Desk.BadKey(http, out var repeat) is { } missing) return missing;
        if (Read(body, out var wish) is { } bad) return bad;
        var (key, command) = KeyRing.Draw(wish!);
        (command.ProposalId, command.Actor, command.Told) = (ProposalDesk.IdOf(caller, ProposalKind.Key, "", repeat), caller.Subject, unchecked((long)Hashing.XxHash64(body)));
        var answer = await desk.Engine.SubmitAsync(command, http.RequestAborted);
        await desk.Keys.RefreshAsync(http.RequestAborted);
        var proposal = await desk.Proposals.FindAsync(command.ProposalId, http.RequestAborted);
        if (answer.Outcome.Kind is OutcomeKind.ConflictingDuplicate) return Desk.Reused();
        if (answer.Outcome.Kind is not (OutcomeKind.Applied or OutcomeKind.Duplicate)) return Problems.Of(422, answer.Outcome.Reason, "$." + answer.Outcome.Detail);
        // The text of a key is told once: a repetition learns which key it made, not the key.
        var isFresh = answer.Outcome.Kind == OutcomeKind.Applied;
        return Results.Json(new
        {
            key = isFresh ? key : null,
            stored = Json(desk.Keys.List().First(k => k.Prefix == proposal!.Event)),
            proposal = ProposalsEndpoints.Json(proposal!),
        }, statusCode: 202);
    }

    internal static IResult? Read(byte[] body, out KeyWish? wish)
    {
        wish = null;
        KeyAsked asked;
        try
        {
            asked = JsonSerializer.Deserialize<KeyAsked>(body, Strict) ?? throw new JsonException();
        }
        catch (JsonException broken)
        {
            return Problems.Of(400, "BAD_KEY", $"{broken.Path ?? "$"}: expected {{subject, roles[], authority?, segments[]?, expiresAt?, mayCarryAuthority?}} and nothing else.");
        }

        if (asked.Roles.Count == 0 || asked.Roles.Any(r => !Enum.TryParse<Roles>(r, out var one) || !KeyRing.Single.Contains(one)))
            return Problems.Of(400, "BAD_ROLE", "$.roles: expected some of " + string.Join(", ", KeyRing.Single) + ".");
        if (asked.Segments?.Any(s => string.IsNullOrEmpty(s) || s.Length > 64) == true) return Problems.Of(400, "BAD_TEXT", "$.segments: expected names of segments.");
        if (!long.TryParse(asked.Authority ?? "0", NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var authority))
            return Problems.Of(400, "BAD_AMOUNT", "$.authority: expected minor units of the base currency as a string of digits, or \"-1\".");
        var roles = asked.Roles.Aggregate(Roles.None, (sum, r) => sum | Enum.Parse<Roles>(r));
        wish = new KeyWish(asked.Subject, roles, authority, asked.Segments, asked.MayCarryAuthority, asked.ExpiresAt is { } end ? Instant.From(end) : default);
        return null;
    }

    internal static object Json(StoredKey k) => new
    {
        k.Prefix, k.Subject, roles = KeyRing.Single.Where(r => (k.Roles & r) != 0).Select(r => r.ToString()), authority = AccountJson.Digits(k.Authority),
        segments = k.Segments, k.MayCarryAuthority, state = k.State.ToString(), createdAt = k.CreatedAt.ToString(), k.CreatedBy, k.ApprovedBy,
        expiresAt = Moment(k.ExpiresAt), endedAt = Moment(k.EndedAt),
    };

    private static string? Moment(Instant at) => at.Micros == 0 ? null : at.ToString();

    /// <summary>The shape of the body for the contract.</summary>
    private sealed class KeyBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Id(1, "subject", "");
            v.IdList(2, "roles", [], optional: false);
            v.Text(3, "authority", "");
            v.IdList(4, "segments", []);
            v.Moment(5, "expiresAt", default, optional: true);
            v.Flag(6, "mayCarryAuthority", false);
        }
    }
}
