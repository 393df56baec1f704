using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>All routes under /api/v1, each with the roles that may call it; a route without roles does not exist.</summary>
public static class ApiRoutes
{
    /// <summary>Maps API, health and metrics.</summary>
    public static void MapExposure(this WebApplication app, Desk desk, MetricsText metrics)
    {
        app.Use(Headers);
        app.Use(Outages);
        app.MapGet("/health/live", () => Results.Text("live"));
        app.MapGet("/health/ready", () => desk.Engine.IsReady
            ? Results.Text("ready")
            : Problems.Of(503, "NOT_READY", desk.Engine.Failure ?? "The engine is starting."));
        app.MapGet("/metrics", () => Results.Text(metrics.Render(), "text/plain; version=0.0.4"));
        app.MapOpenApi("/api/v1/openapi.json");

        var api = app.MapGroup("/api/v1");
        api.MapEvents(desk);
        api.MapChecks(desk);
        api.MapHolds(desk);
        api.MapAccounts(desk);
        api.MapPortfolio(desk);
        api.MapRecords(desk);
        api.MapLive(desk);
        app.MapFallback(() => Problems.Of(404, "NO_ROUTE", "No such address; /api/v1/openapi.json lists them."));
    }

    /// <summary>Maps a route that only these roles may call.</summary>
    internal static RouteHandlerBuilder For(this IEndpointRouteBuilder routes, Desk desk, string method, string pattern, Roles roles,
        string summary, Func<HttpContext, Caller, Task<IResult>> handler) =>
        routes.MapMethods(pattern, [method], async (HttpContext http) =>
        {
            if (desk.CallerOf(http) is not { } caller)
            {
                http.Response.Headers.WWWAuthenticate = "Bearer";
                return Problems.Of(401, "NO_KEY", "Send an API key in the header X-Api-Key or Authorization: Bearer.");
            }

            return (caller.Roles & roles) == 0
                ? Problems.Of(403, "ROLE", $"This needs one of the roles {roles}; the key has {caller.Roles}.")
                : await handler(http, caller);
        }).WithSummary(summary).Produces(200).ProducesProblem(400).ProducesProblem(401).ProducesProblem(403);

    /// <summary>The id of a route value; <c>null</c> when it is none.</summary>
    internal static string? IdOf(this HttpContext http, string name) =>
        http.Request.RouteValues[name] is string text && Ids.IsValid(text) ? text : null;

    internal static IResult BadId(string name) => Problems.Of(400, "BAD_ID", $"'{name}' must be 1 to 64 characters of A–Z a–z 0–9 . _ : -");

    private static Task Headers(HttpContext http, RequestDelegate next)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        return next(http);
    }

    /// <summary>Money fails closed: without a journal the answer is 503, and when to ask again.</summary>
    private static async Task Outages(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (Exception outage) when (outage is EngineUnavailableException or JournalUnavailableException && !http.Response.HasStarted)
        {
            http.Response.Headers.RetryAfter = "2";
            await Problems.Of(503, "UNAVAILABLE", outage.Message).ExecuteAsync(http);
        }
        catch (BadHttpRequestException bad) when (!http.Response.HasStarted)
        {
            await Problems.Of(bad.StatusCode, "BAD_REQUEST", bad.Message).ExecuteAsync(http);
        }
    }
}
