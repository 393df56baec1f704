using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>What a route promises: who may call it, what it takes and what it answers. OpenAPI and the matrix of roles are made of it.</summary>
/// <param name="Pattern">Path below the host.</param>
public sealed record RouteSpec(string Method, string Pattern, Roles Roles, string Summary)
{
    /// <summary>Parameters of the query string with their meaning.</summary>
    public List<(string Name, string Meaning)> Query { get; } = [];

    /// <summary>Request headers with their meaning.</summary>
    public List<(string Name, string Meaning)> Headers { get; } = [];

    /// <summary>The value that the body describes, or <c>null</c> without a described body.</summary>
    public IDescribed? Body { get; set; }

    /// <summary>Media types of the body; empty when the route reads none.</summary>
    public List<string> Consumes { get; } = [];

    /// <summary>Media type of a success.</summary>
    public string Produces { get; set; } = "application/json";

    /// <summary>Status of a success.</summary>
    public int Success { get; set; } = 200;

    /// <summary>Shape of a success; <c>null</c> for one without a described body.</summary>
    public Shape? Answer { get; set; }

    /// <summary>Another success, when the same request may also have to wait.</summary>
    public (int Status, Shape Shape)? Other { get; set; }

    /// <summary>Errors beyond those that every route has.</summary>
    public List<int> Errors { get; } = [];
}

internal static class Routing
{
    /// <summary>Maps a route that only these roles may call.</summary>
    internal static RouteSpec For(this RouteGroupBuilder routes, Desk desk, string method, string pattern, Roles roles,
        string summary, Func<HttpContext, Caller, Task<IResult>> handler)
    {
        var spec = new RouteSpec(method, "/api/v1" + pattern, roles, summary);
        if (pattern.Contains("{customer}", StringComparison.Ordinal)) spec.Errors.Add(404);
        routes.MapMethods(pattern, [method], async (HttpContext http) =>
        {
            if (!desk.Keys.IsLoaded)
            {
                http.Response.Headers.RetryAfter = "2";
                return Problems.Of(503, "NOT_READY", "The engine is starting.");
            }

            if (await desk.CallerAsync(http) is not { } caller)
            {
                http.Response.Headers.WWWAuthenticate = "Bearer";
                return Problems.Of(401, "NO_KEY", "Send an API key in the header X-Api-Key or Authorization: Bearer, or sign in.");
            }

            if (caller.Session is { } session && SignIn.Refuse(http, session) is { } unsafe_) return unsafe_;

            if ((caller.Roles & roles) == 0) return Problems.Of(403, "ROLE", $"This needs one of the roles {KeyRing.Names(roles)}; the key has {KeyRing.Names(caller.Roles)}.");
            if (WrongMedia(http, spec) is { } wrong) return wrong;
            if (UnknownQuery(http, spec) is { } unknown) return unknown;
            if (http.Request.RouteValues.TryGetValue("customer", out var told))
            {
                if (told is not string customer || !Ids.IsValid(customer)) return BadId("customer");
                // Who is hidden from a caller and who is nobody are told at the same place in the same words, or the difference would tell.
                if (!desk.Sees(caller, customer) || (caller.Segments.Count > 0 && !desk.Engine.TryGetRow(customer, out PublishedRow _))) return UnknownCustomer(customer);
            }

            try
            {
                return await handler(http, caller);
            }
            catch (PrunedException pruned)
            {
                return Problems.Of(410, "PRUNED", pruned.Message);
            }
        }).WithMetadata(spec).WithSummary(summary);
        return spec;
    }

    /// <summary>The route reads a JSON object of this shape.</summary>
    internal static RouteSpec Takes(this RouteSpec spec, IDescribed? body, params string[] media)
    {
        spec.Body = body;
        spec.Consumes.AddRange(media.Length > 0 ? media : ["application/json"]);
        spec.Errors.AddRange([413, 415]);
        return spec;
    }

    /// <summary>The route submits a command: the key that makes it safe to repeat, and the answers of a refusal.</summary>
    internal static RouteSpec Commands(this RouteSpec spec)
    {
        spec.Headers.Add(("Idempotency-Key", "1 to 200 characters; the same key with the same content gets the same answer."));
        spec.Errors.AddRange([404, 409, 422, 503]);
        return spec;
    }

    internal static RouteSpec Asks(this RouteSpec spec, params (string, string)[] query)
    {
        spec.Query.AddRange(query);
        return spec;
    }

    internal static RouteSpec Pages(this RouteSpec spec, int most = 500)
    {
        spec.Query.AddRange([("limit", $"Rows of a page, 1 to {most}."), ("cursor", "The cursor of the page before.")]);
        return spec;
    }

    internal static RouteSpec Fails(this RouteSpec spec, params int[] errors)
    {
        spec.Errors.AddRange(errors);
        return spec;
    }

    internal static RouteSpec Answers(this RouteSpec spec, int status, string media = "application/json")
    {
        (spec.Success, spec.Produces) = (status, media);
        return spec;
    }

    /// <summary>What a success looks like.</summary>
    internal static RouteSpec Tells(this RouteSpec spec, Shape shape)
    {
        spec.Answer = shape;
        return spec;
    }

    /// <summary>The id of a route value; <c>null</c> when it is none.</summary>
    internal static string? IdOf(this HttpContext http, string name) =>
        http.Request.RouteValues[name] is string text && Ids.IsValid(text) ? text : null;

    /// <summary>The customer of the address; the route has checked that it is an id.</summary>
    internal static string Customer(this HttpContext http) => (string)http.Request.RouteValues["customer"]!;

    internal static IResult BadId(string name) => Problems.Of(400, "BAD_ID", $"'{name}' must be 1 to 64 characters of A–Z a–z 0–9 . _ : -");

    internal static IResult UnknownCustomer(string customer) => Problems.Of(404, "UNKNOWN_CUSTOMER", $"No customer '{customer}'.");

    internal static IResult TooLarge(int most) => Problems.Of(413, "TOO_LARGE", $"The body has at most {most} bytes.");

    /// <summary>A misspelt filter would show the whole book, and look like an answer.</summary>
    private static IResult? UnknownQuery(HttpContext http, RouteSpec spec)
    {
        foreach (var name in http.Request.Query.Keys)
        {
            if (spec.Query.Exists(q => q.Name == name)) continue;
            var known = spec.Query.Count == 0 ? "this address takes none" : "expected " + string.Join(", ", spec.Query.Select(q => q.Name));
            return Problems.Of(400, "UNKNOWN_QUERY", $"?{(name.Length <= 60 ? name : name[..60])}=: {known}.");
        }

        return null;
    }

    private static IResult? WrongMedia(HttpContext http, RouteSpec spec)
    {
        var told = http.Request.ContentType;
        if (spec.Consumes.Count == 0 || (http.Request.ContentLength ?? 0) == 0 && string.IsNullOrEmpty(told)) return null;
        var media = (told ?? "").Split(';', 2)[0].Trim();
        return spec.Consumes.Exists(m => m.Equals(media, StringComparison.OrdinalIgnoreCase))
            ? null
            : Problems.Of(415, "MEDIA_TYPE", $"Content-Type is '{media}'; expected {string.Join(" or ", spec.Consumes)}.");
    }
}
