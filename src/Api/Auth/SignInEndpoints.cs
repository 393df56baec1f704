using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Signing in and out, and the people who may. These addresses need no role: they tell nobody anything about a customer.</summary>
internal static class SignInEndpoints
{
    internal const string Address = "/api/v1/session", PasswordAddress = "/api/v1/session/password";

    private static readonly JsonSerializerOptions Strict = new(JsonSerializerOptions.Strict) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, MaxDepth = 8 };

    private sealed record Wanted(string User, string Password);

    private sealed record Fresh(string Old, string New);

    /// <summary>A person whom an administrator asks for.</summary>
    internal sealed record PersonAsked(string Subject, IReadOnlyList<string> Roles, string? Authority = null, IReadOnlyList<string>? Segments = null);

    internal static void MapSignIn(this WebApplication app, Desk desk)
    {
        // Before the house has been read nobody is known, and nobody is signed out either.
        Map("GET", Address, async http => desk.Keys.IsLoaded ? Told(desk, await desk.CallerAsync(http)) : Problems.Of(503, "NOT_READY", "The engine is starting."));
        Map("POST", Address, http => OpenAsync(desk, http));
        Map("DELETE", Address, async http =>
        {
            if (!SignIn.IsOwnSite(http)) return Problems.Of(403, "ORIGIN", "Only a page of this service ends its session.");
            if (desk.SignIn is not null) await desk.SignIn.EndAsync(http);
            return Results.NoContent();
        });
        Map("POST", PasswordAddress, http => ChangeAsync(desk, http));

        // As a handler that returns a result: a task alone would be taken for one that has answered already.
        void Map(string method, string address, Func<HttpContext, Task<IResult>> handler) => app.MapMethods(address, [method], (Delegate)handler).ExcludeFromDescription();
    }

    internal static void MapUsers(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/users", Roles.Admin | Roles.Auditor, "People who may sign in, with their rights and whether a second person has agreed to them.", (_, _) =>
            Task.FromResult(Results.Json(new { users = desk.Keys.List().Where(KeyRing.IsPerson).Select(KeysEndpoints.Json) }))).Tells(Shapes.Users);
        api.For(desk, "POST", "/users", Roles.Admin, "Asks for a person's rights; another administrator or an approver agrees to them as to a key. The password in the answer is told once, and the person changes it at the first sign-in.", (http, caller) =>
            MakeAsync(desk, http, caller)).Takes(new PersonBody()).Commands().Answers(202).Tells(Shapes.UserMade);
        api.For(desk, "DELETE", "/users/{user}", Roles.Admin, "Ends a person's rights and sessions.", async (http, caller) =>
        {
            var subject = http.Request.RouteValues["user"] as string ?? "";
            var live = desk.Keys.List().Where(k => KeyRing.IsPerson(k) && k.Subject == subject && k.State != KeyState.Ended).ToList();
            if (live.Count == 0) return Problems.Of(404, "NO_USER", "Nobody of this name signs in; GET /api/v1/users lists those who do.");
            foreach (var key in live) await desk.Keys.EndAsync(key.Prefix, caller.Subject, "", http.RequestAborted);
            if (desk.SignIn is not null) await desk.SignIn.ForgetAsync(subject, http.RequestAborted);
            return Results.NoContent();
        }).Answers(204).Fails(404, 503);
    }

    private static IResult Told(Desk desk, Caller? caller)
    {
        if (caller?.Session is not { } session)
            return Results.Json(new { user = (string?)null, local = desk.SignIn is not null, provider = desk.SignIn?.Provider?.Name });
        return Results.Json(new
        {
            user = caller.Subject, roles = KeyRing.Single.Where(r => (caller.Roles & r) != 0).Select(r => r.ToString()), authority = AccountJson.Digits(caller.Authority), segments = caller.Segments,
            csrf = session.Csrf, mustChange = session.MustChange, endsAt = Instant.From(session.EndsAt).ToString(), local = true, provider = desk.SignIn?.Provider?.Name,
            baseCurrency = desk.Engine.Database.BaseCurrency, timeZone = desk.Engine.Database.TimeZone, environment = desk.Environment, grafana = desk.Grafana,
            orleans = (caller.Roles & Roles.Admin) != 0 ? desk.OrleansDashboard : "",
        });
    }

    private static async Task<IResult> OpenAsync(Desk desk, HttpContext http)
    {
        if (desk.SignIn is null) return Problems.Of(404, "NO_ROUTE", "Nobody signs in here; keys open this service.");
        if (!SignIn.IsOwnSite(http)) return Problems.Of(403, "ORIGIN", "Sign in on a page of this service.");
        if (!desk.Keys.IsLoaded) return Problems.Of(503, "NOT_READY", "The engine is starting.");
        if (await ReadAsync<Wanted>(http) is not { User.Length: > 0 and <= 64, Password.Length: > 0 and <= Passwords.MostLength } wanted) return Problems.Of(400, "BAD_SIGN_IN", "$: expected {user, password}.");
        var (session, wait) = await desk.SignIn.OpenAsync(http, wanted.User, wanted.Password);
        if (wait > 0)
        {
            http.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
            return Problems.Of(429, "TOO_MANY_TRIES", "Too many failed tries for this name; wait a little.");
        }

        return session is null ? Problems.Of(401, "WRONG", "Name or password is wrong.") : Told(desk, desk.Keys.Person(session.Subject)! with { Session = session });
    }

    private static async Task<IResult> ChangeAsync(Desk desk, HttpContext http)
    {
        if (desk.SignIn is null || await desk.CallerAsync(http) is not { Session: { } session } caller) return Problems.Of(401, "NO_SESSION", "Sign in first.");
        if (SignIn.Refuse(http, session with { MustChange = false }) is { } unsafe_) return unsafe_;
        if (await ReadAsync<Fresh>(http) is not { Old.Length: <= Passwords.MostLength } asked) return Problems.Of(400, "BAD_PASSWORD", "$: expected {old, new}.");
        if (asked.New is not { Length: >= Passwords.LeastLength and <= Passwords.MostLength } || asked.New.Contains(caller.Subject, StringComparison.OrdinalIgnoreCase) || asked.New.Distinct().Count() < 5)
            return Problems.Of(422, "WEAK_PASSWORD", $"$.new: expected {Passwords.LeastLength} characters or more, not your name and not one character over and over.");
        if (!await desk.SignIn.ChangeAsync(caller.Subject, asked.Old, asked.New, http.RequestAborted)) return Problems.Of(403, "WRONG", "The old password is wrong.");
        var fresh = await desk.SignIn.BeginAsync(http, caller.Subject, mustChange: false, session.Narrowed);
        return Told(desk, caller with { Session = fresh });
    }

    private static async Task<IResult> MakeAsync(Desk desk, HttpContext http, Caller caller)
    {
        if (desk.SignIn is null) return Problems.Of(404, "NO_ROUTE", "Nobody signs in here; keys open this service.");
        if (await Desk.BodyAsync(http, Desk.CommandMax) is not { } body) return Routing.TooLarge(Desk.CommandMax);
        if (Desk.BadKey(http, out var repeat) is { } missing) return missing;
        if (KeysEndpoints.Read(body, out var wish) is { } bad) return bad;
        if ((wish!.Roles & Roles.Service) != 0) return Problems.Of(422, "BAD_ROLE", "$.roles: a service has a key; it does not sign in.");
        // Whoever could give a new password to somebody with rights would have those rights: end them first, and two people agree anew.
        if (desk.Keys.List().Any(k => KeyRing.IsPerson(k) && k.Subject == wish.Subject && k.State == KeyState.Live)) return Problems.Of(409, "CONFLICT", $"'{wish.Subject}' signs in already; end that first, then ask again.");
        var (_, command) = KeyRing.Draw(wish, person: true);
        (command.ProposalId, command.Actor, command.Told) = (ProposalDesk.IdOf(caller, ProposalKind.Key, "", repeat), caller.Subject, unchecked((long)Hashing.XxHash64(body)));
        var answer = await desk.Engine.SubmitAsync(command, http.RequestAborted);
        await desk.Keys.RefreshAsync(http.RequestAborted);
        if (answer.Outcome.Kind is OutcomeKind.ConflictingDuplicate) return Desk.Reused();
        if (answer.Outcome.Kind is not (OutcomeKind.Applied or OutcomeKind.Duplicate)) return Problems.Of(422, answer.Outcome.Reason, "$." + answer.Outcome.Detail);
        var proposal = await desk.Proposals.FindAsync(command.ProposalId, http.RequestAborted);
        string? password = null;
        if (answer.Outcome.Kind == OutcomeKind.Applied)
        {
            password = Passwords.Draw();
            await desk.SignIn.SetAsync(wish.Subject, password, mustChange: true, http.RequestAborted);
        }

        return Results.Json(new { password, user = KeysEndpoints.Json(desk.Keys.List().First(k => k.Prefix == proposal!.Event)), proposal = ProposalsEndpoints.Json(proposal!) }, statusCode: 202);
    }

    private static async Task<T?> ReadAsync<T>(HttpContext http)
        where T : class
    {
        if (await Desk.BodyAsync(http, 4_096) is not { } body) return null;
        try
        {
            return JsonSerializer.Deserialize<T>(body, Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed class PersonBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Id(1, "subject", "");
            v.IdList(2, "roles", [], optional: false);
            v.Text(3, "authority", "");
            v.IdList(4, "segments", []);
        }
    }
}
