using System.Text;
using System.Text.Json;
using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>
/// Credentials of channels over the API: one person sets, another agrees. They are sealed before they are written anywhere, under a key that stands in the
/// environment alone, and nobody can read one back: what is shown is who set it, and its last characters.
/// </summary>
internal static class ChannelCredentials
{
    private static readonly string[] Fields = ["url", "secret", "password"];

    private static readonly JsonSerializerOptions Strict = new(JsonSerializerOptions.Strict) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, MaxDepth = 4 };

    private sealed record Asked(string Field, string Value);

    /// <summary>What the proposal carries: nothing that is readable.</summary>
    private sealed record Wish(string Place, string Sealed, string Shown);

    internal static void Map(RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "POST", "/channels/{channel}/credentials", Roles.Admin, "Sets address, secret or password of a channel whose file says ${stored}; another person agrees at /proposals, and the channel goes on with it at once. The former secret of a webhook signs along for a day.",
            (http, caller) => AskAsync(desk, http, caller)).Takes(new CredentialBody()).Commands().Answers(202).Tells(Shapes.Proposal);
        api.For(desk, "GET", "/channels/{channel}/credentials", Roles.Admin | Roles.Auditor, "Which credentials of a channel are stored, by whom, and how they end. None can be read back.", async (http, _) =>
        {
            if (desk.SignIn?.Notes is not { } notes) return Results.Json(new { credentials = Array.Empty<object>() });
            var begins = $"channels.{http.Request.RouteValues["channel"]}.";
            return Results.Json(new
            {
                credentials = (await notes.DeskNotesAsync(StoredCredential.Kind, http.RequestAborted)).Where(n => n.Id.StartsWith(begins, StringComparison.Ordinal)).Select(n => (n.Id, Stored: StoredCredential.Parse(n.Body)))
                    .Select(n => new { field = n.Id[begins.Length..], ends = n.Stored.Shown, n.Stored.SetBy, n.Stored.ApprovedBy, setAt = new Instant(n.Stored.SetAt).ToString() }),
            });
        }).Fails(503).Tells(AlertShapes.Credentials);
    }

    /// <summary>The proposal as people see it.</summary>
    internal static object Shown(string wish)
    {
        var told = JsonSerializer.Deserialize<Wish>(wish, Strict)!;
        return new { place = told.Place, ends = told.Shown };
    }

    /// <summary>Keeps what was agreed to and lets the channel go on with it; "" or why not.</summary>
    internal static async ValueTask<string> TakeAsync(Desk desk, ProposalLine proposal, CancellationToken cancel)
    {
        if (desk.SignIn?.Notes is not { } notes) return "NO_NOTES: this service keeps no notes.";
        var wish = JsonSerializer.Deserialize<Wish>(proposal.Event, Strict)!;
        for (var attempt = 0; ; attempt++)
        {
            var note = await notes.NoteAsync(StoredCredential.Kind, wish.Place, cancel);
            var before = note is null ? null : StoredCredential.Parse(note.Body);
            // Once more after a stop in between: it stands already.
            if (before?.Sealed != wish.Sealed)
            {
                var stored = new StoredCredential(wish.Sealed, wish.Shown, proposal.ProposedBy, string.Join(", ", proposal.ApprovedBy), proposal.DecidedAt.Micros, before?.Sealed ?? "", proposal.DecidedAt.Micros + StoredCredential.FormerValidFor);
                if (!await notes.PutNoteAsync(new DeskNote(StoredCredential.Kind, wish.Place, note?.Version ?? 0, stored.ToJson()), cancel) && attempt < 3) continue;
            }

            return desk.RenewChannel is { } renew ? await renew(wish.Place.Split('.')[1], cancel) : "";
        }
    }

    private static async Task<IResult> AskAsync(Desk desk, HttpContext http, Caller caller)
    {
        var (asked, misread) = await http.AskedAsync<Asked>("BAD_CREDENTIAL", "{field, value}", 16_384);
        if (asked is null) return misread!;
        if (Desk.BadKey(http, out var key) is { } missing) return missing;
        if (!Fields.Contains(asked.Field) || asked.Value is not { Length: > 0 and <= 4_096 } || asked.Value.Any(char.IsControl)) return Problems.Of(400, "BAD_CREDENTIAL", $"$: expected {{field, value}}; the field is one of {string.Join(", ", Fields)}.");
        if (desk.Alerts is not { } house) return AlertActs.NoChannels();
        var channel = http.Request.RouteValues["channel"] as string ?? "";
        if (!house.Knows(channel)) return Problems.Of(404, "NO_CHANNEL", "GET /api/v1/channels lists them.");
        if (desk.SealingKey is not { Length: > 0 } sealing) return Problems.Of(422, "NO_SEALING_KEY", $"The environment variable {SealedSecrets.KeyVariable} is not set: nothing can be kept encrypted (exposure channels key makes one).");
        var place = $"channels.{channel}.{asked.Field}";
        if (desk.StoredPlaces?.Contains(place) != true) return Problems.Of(422, "NOT_STORED", $"The file of channels does not say {asked.Field}: ${{stored}} there, so that nothing would come of it.");
        string @sealed;
        try
        {
            @sealed = SealedSecrets.Seal(asked.Value, sealing, place);
        }
        catch (FormatException wrong)
        {
            return Problems.Of(422, "NO_SEALING_KEY", wrong.Message);
        }

        if (desk.TryCredential?.Invoke(place, asked.Value) is { } refused) return Problems.Of(422, "BAD_CREDENTIAL", refused);
        // Sealed twice it is two texts: a repetition is told by what it was made of, as a hash that needs the key of the house.
        var told = Hashing.XxHash64(Encoding.UTF8.GetBytes(place + "\n" + asked.Value + "\n" + sealing));
        return await ProposalsEndpoints.KeepAsync(desk, http, caller, ProposalDesk.IdOf(caller, ProposalKind.ChannelCredential, place, key), ProposalKind.ChannelCredential, "", JsonSerializer.Serialize(new Wish(place, @sealed, ChannelSettings.Masked(asked.Value)), Strict), told);
    }

    private sealed class CredentialBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Text(1, "field", "", optional: false, lengthMax: 16);
            v.Text(2, "value", "", optional: false, lengthMax: 4_096);
        }
    }
}
