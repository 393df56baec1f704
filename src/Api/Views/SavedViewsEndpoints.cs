using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>A name for an address of the console, private or for all; and what a person likes.</summary>
internal static class SavedViewsEndpoints
{
    private const string View = "view", Setting = "setting";
    private const int PerPerson = 100, Most = 5_000;

    /// <summary>A saved view: where it leads, and who made it.</summary>
    private sealed record Saved(string Name, string Address, bool Shared, string Owner);

    private sealed record Asked(string Name, string Address, bool Shared);

    internal static void MapSavedViews(this RouteGroupBuilder api, Desk desk)
    {
        const Roles people = Roles.Readers | Roles.Admin;
        api.For(desk, "GET", "/views", people, "Saved views of the caller, and those that others share.", async (http, caller) =>
        {
            if (desk.SignIn is null) return Results.Json(new { views = Array.Empty<object>() });
            var all = await ViewsAsync(desk, http.RequestAborted);
            return Results.Json(new { views = all.Where(v => v.Saved.Shared || v.Saved.Owner == caller.Subject).Select(v => new { id = v.Id, v.Saved.Name, v.Saved.Address, v.Saved.Shared, v.Saved.Owner }) });
        }).Fails(503).Tells(Shapes.Views);
        api.For(desk, "POST", "/views", people, "Saves a view under a name.", async (http, caller) =>
        {
            if (desk.SignIn is null) return Problems.Of(422, "NO_PEOPLE", "Views belong to people, and nobody signs in here.");
            var (asked, misread) = await http.AskedAsync<Asked>("BAD_VIEW", "{name, address, shared}", 8_192);
            if (asked is null) return misread!;
            if (asked is not { Name.Length: > 0 and <= 80 } || asked.Address is not { Length: > 0 and <= 2_000 } || !asked.Address.StartsWith('/') || asked.Address.StartsWith("//", StringComparison.Ordinal) || asked.Address.Any(char.IsControl) || asked.Name.Any(char.IsControl))
                return Problems.Of(400, "BAD_VIEW", "$: expected {name, address, shared}; the address begins with / and has at most 2000 characters, the name 80.");
            var all = await ViewsAsync(desk, http.RequestAborted);
            if (all.Count >= Most || all.Count(v => v.Saved.Owner == caller.Subject) >= PerPerson) return Problems.Of(422, "TOO_MANY", $"{PerPerson} views are saved already; delete some of them.");
            var id = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
            await desk.SignIn.Notes.PutNoteAsync(new DeskNote(View, id, 0, JsonSerializer.Serialize(new Saved(asked.Name, asked.Address, asked.Shared, caller.Subject))), http.RequestAborted);
            return Results.Json(new { id, asked.Name, asked.Address, asked.Shared, owner = caller.Subject });
        }).Takes(new ViewBody()).Fails(422, 503).Tells(Shapes.View);
        api.For(desk, "DELETE", "/views/{view}", people, "Deletes an own view.", async (http, caller) =>
        {
            var id = http.Request.RouteValues["view"] as string ?? "";
            var note = desk.SignIn is null || id.Length > 64 ? null : await desk.SignIn.Notes.NoteAsync(View, id, http.RequestAborted);
            if (note is null || JsonSerializer.Deserialize<Saved>(note.Body)!.Owner != caller.Subject) return Problems.Of(404, "NO_VIEW", "No view of yours has this id.");
            await desk.SignIn!.Notes.DropNoteAsync(View, id, http.RequestAborted);
            return Results.NoContent();
        }).Answers(204).Fails(404, 503);

        api.For(desk, "GET", "/settings", people, "What the caller likes: language, theme, density and the like.", async (http, caller) =>
        {
            var note = desk.SignIn is null ? null : await desk.SignIn.Notes.NoteAsync(Setting, caller.Subject, http.RequestAborted);
            return Results.Text(note?.Body ?? "{}", "application/json");
        }).Fails(503).Tells(new Shape("Settings"));
        api.For(desk, "POST", "/settings", people, "Keeps what the caller likes; a small object of texts and flags.", async (http, caller) =>
        {
            if (desk.SignIn is null) return Problems.Of(422, "NO_PEOPLE", "Settings belong to people, and nobody signs in here.");
            if (await Desk.BodyAsync(http, 4_096) is not { } body) return Routing.TooLarge(4_096);
            try
            {
                using var told = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 2, AllowDuplicateProperties = false });
                if (told.RootElement.ValueKind != JsonValueKind.Object || told.RootElement.EnumerateObject().Count() > 40) throw new JsonException();
            }
            catch (JsonException)
            {
                return Problems.Of(400, "BAD_SETTINGS", "$: expected an object of at most 40 texts, numbers and flags.");
            }

            var before = await desk.SignIn.Notes.NoteAsync(Setting, caller.Subject, http.RequestAborted);
            await desk.SignIn.Notes.PutNoteAsync(new DeskNote(Setting, caller.Subject, before?.Version ?? 0, System.Text.Encoding.UTF8.GetString(body)), http.RequestAborted);
            return Results.NoContent();
        }).Takes(new SettingsBody()).Answers(204).Fails(422, 503);
    }

    private static async Task<List<(string Id, Saved Saved)>> ViewsAsync(Desk desk, CancellationToken cancel) =>
        [.. (await desk.SignIn!.Notes.DeskNotesAsync(View, cancel)).Select(n => (n.Id, JsonSerializer.Deserialize<Saved>(n.Body)!)).OrderBy(v => v.Item2.Name, StringComparer.OrdinalIgnoreCase)];

    private sealed class ViewBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Text(1, "name", "", optional: false, lengthMax: 80);
            v.Text(2, "address", "", optional: false, lengthMax: 2_000);
            v.Flag(3, "shared", false);
        }
    }

    private sealed class SettingsBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Text(1, "lang", "", lengthMax: 8);
            v.Text(2, "theme", "", lengthMax: 16);
            v.Text(3, "density", "", lengthMax: 16);
        }
    }
}
