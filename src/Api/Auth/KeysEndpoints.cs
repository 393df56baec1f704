using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Keys of people and systems. The text of a key is answered once; what is kept is its hash.</summary>
internal static class KeysEndpoints
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerOptions.Strict) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>A key that an administrator asks for.</summary>
    internal sealed record KeyAsked(string Subject, IReadOnlyList<string> Roles, string? Authority = null, IReadOnlyList<string>? Segments = null, DateTimeOffset? ExpiresAt = null);

    internal static void MapKeys(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/keys", Roles.Admin | Roles.Auditor, "All keys without their text: prefix, subject, rights, life.", (_, _) =>
            Task.FromResult(Results.Json(new { keys = desk.Keys.List().Select(Json) })));
        api.For(desk, "POST", "/keys", Roles.Admin, "Makes a key: {subject, roles[], authority?, segments[]?, expiresAt?}. Its text is in this answer and nowhere else.", async (http, caller) =>
        {
            if (await Desk.BodyAsync(http, Desk.CommandMax) is not { } body) return Routing.TooLarge(Desk.CommandMax);
            try
            {
                var asked = JsonSerializer.Deserialize<KeyAsked>(body, Strict) ?? throw new JsonException();
                if (asked.Roles.Any(r => !Enum.TryParse<Roles>(r, out var one) || !KeyRing.Single.Contains(one)) || asked.Roles.Count == 0)
                    return Problems.Of(400, "BAD_ROLE", "$.roles: expected some of " + string.Join(", ", KeyRing.Single) + ".");
                if (asked.Segments?.Any(string.IsNullOrEmpty) == true) return Problems.Of(400, "BAD_TEXT", "$.segments: expected names of segments.");
                if (!long.TryParse(asked.Authority ?? "0", NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var authority))
                    return Problems.Of(400, "BAD_AMOUNT", "$.authority: expected minor units of the base currency as a string of digits, or \"-1\".");
                var roles = asked.Roles.Aggregate(Roles.None, (sum, r) => sum | Enum.Parse<Roles>(r));
                var (key, stored) = desk.Keys.Create(asked.Subject, roles, authority, asked.Segments ?? [], asked.ExpiresAt, caller.Subject);
                return Results.Json(new { key, stored = Json(stored) }, statusCode: 201);
            }
            catch (JsonException broken)
            {
                return Problems.Of(400, "BAD_KEY", $"{broken.Path ?? "$"}: expected {{subject, roles[], authority?, segments[]?, expiresAt?}} and nothing else.");
            }
            catch (ArgumentException refused)
            {
                return Problems.Of(422, "BAD_KEY", "$." + refused.Message);
            }
        }).Takes(null).Answers(201).Fails(422);
        api.For(desk, "DELETE", "/keys/{prefix}", Roles.Admin, "Ends a key for good.", (http, _) =>
        {
            var prefix = http.Request.RouteValues["prefix"] as string ?? "";
            return Task.FromResult(desk.Keys.Revoke(prefix) ? Results.NoContent() : Problems.Of(404, "NO_KEY", "No living key has this prefix; GET /api/v1/keys lists them."));
        }).Answers(204).Fails(404);
    }

    internal static object Json(StoredKey k) => new
    {
        k.Prefix, k.Subject, roles = KeyRing.Single.Where(r => (k.Roles & r) != 0).Select(r => r.ToString()), authority = AccountJson.Digits(k.Authority),
        segments = k.Segments ?? [], k.CreatedAt, k.CreatedBy, k.ExpiresAt, k.RevokedAt,
    };
}
