using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExposureMonitor.Api;

/// <summary>All routes under /api/v1, each with the roles that may call it; a route without roles does not exist.</summary>
public static partial class ApiRoutes
{
    /// <summary>Addresses that need no key: they say nothing about a customer.</summary>
    public static IReadOnlyList<string> Open { get; } = 
        ["/health", "/health/live", "/health/ready", "/metrics", "/api/v1/openapi.json", SignInEndpoints.Address, SignInEndpoints.PasswordAddress, OpenIdConnect.Begin, OpenIdConnect.Back];

    /// <summary>Maps API, health and metrics.</summary>
    /// <exception cref="InvalidOperationException">A route below /api has no roles.</exception>
    public static void MapExposure(this WebApplication app, Desk desk, MetricsText metrics) => app.MapExposure(desk, () => metrics.RenderAsync(desk));

    /// <summary>The same with another exporter of metrics.</summary>
    public static void MapExposure(this WebApplication app, Desk desk, Func<Task<string>> metrics)
    {
        app.Use(Headers);
        app.UseStatusCodePages(context => context.HttpContext.Response.StatusCode switch
        {
            404 => Problems.Of(404, "NO_ROUTE", "No such address; /api/v1/openapi.json lists them."),
            405 => Problems.Of(405, "METHOD", $"This address does not take {context.HttpContext.Request.Method}; it takes {context.HttpContext.Response.Headers.Allow}."),
            var other => Problems.Of(other, "REFUSED", "The request was refused."),
        } is var problem ? problem.ExecuteAsync(context.HttpContext) : Task.CompletedTask);
        app.Use(Outages);
        if (desk.Console is { } console) app.Use(console.InvokeAsync);
        app.Use(desk.Limiter.InvokeAsync);
        // An engine that gave up does not come back by itself: whoever watches the process is told to start it again.
        app.MapGet("/health/live", () => !desk.Engine.NeedsPerson ? Results.Text("live") : Problems.Of(503, "STOPPED", "The engine has stopped; its log says why.")).ExcludeFromDescription();
        app.MapGet("/health/ready", () => desk.Engine.IsReady
            ? Results.Text("ready")
            : Problems.Of(503, "NOT_READY", desk.Engine.Failure is null ? "The engine is starting." : "The engine has stopped; its log says why.")).ExcludeFromDescription();
        app.MapGet("/health", () => HealthEndpoint.Answer(desk)).ExcludeFromDescription();
        app.MapGet("/metrics", async () => Results.Text(await metrics(), "text/plain; version=0.0.4")).ExcludeFromDescription();
        app.MapOpenApi("/api/v1/openapi.json");
        app.MapSignIn(desk);
        app.MapProvider(desk);

        var api = app.MapGroup("/api/v1");
        api.MapEvents(desk);
        api.MapSchemas(desk);
        api.MapChecks(desk);
        api.MapOrders(desk);
        api.MapHolds(desk);
        api.MapBulk(desk);
        api.MapHoldsMatching(desk);
        api.MapBoard(desk);
        api.MapBoardExport(desk);
        api.MapSearch(desk);
        api.MapAccounts(desk);
        api.MapItemsFile(desk);
        api.MapHistoryFile(desk);
        api.MapSignals(desk);
        api.MapCredit(desk);
        api.MapLimits(desk);
        api.MapGroups(desk);
        api.MapPortfolio(desk);
        api.MapProvision(desk);
        api.MapRecords(desk);
        api.MapDeadLetters(desk);
        api.MapDiscards(desk);
        api.MapOpeningLoads(desk);
        api.MapFourEyes(desk);
        api.MapProposals(desk);
        api.MapHouse(desk);
        api.MapScorecards(desk);
        api.MapPolicyTrials(desk);
        api.MapRecordsExport(desk);
        api.MapChain(desk);
        api.MapPartitions(desk);
        api.MapSources(desk);
        api.MapReconciliation(desk);
        api.MapApprovals(desk);
        api.MapEndings(desk);
        api.MapLimitGaps(desk);
        api.MapLimitFiles(desk);
        TileTrend.Map(api, desk);
        Movers.Map(api, desk);
        api.MapConcentration(desk);
        api.MapLines(desk);
        api.MapKeys(desk);
        api.MapUsers(desk);
        api.MapSavedViews(desk);
        api.MapWarnings(desk);
        api.MapWarningsExport(desk);
        api.MapLive(desk);
        api.MapAlerts(desk);
        api.MapLetters(desk);
        var bare = ((IEndpointRouteBuilder)app).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .FirstOrDefault(e => e.Metadata.GetMetadata<RouteSpec>() is null && !Open.Contains(e.RoutePattern.RawText));
        if (bare is not null) throw new InvalidOperationException($"The route {bare.RoutePattern.RawText} has no roles.");
    }

    private static Task Headers(HttpContext http, RequestDelegate next)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        return next(http);
    }

    /// <summary>Money fails closed: without a journal the answer is 503, and when to ask again. Nothing of an exception goes out.</summary>
    private static async Task Outages(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller went away: nobody is left to answer.
        }
        catch (Exception outage) when (outage is EngineUnavailableException or JournalUnavailableException && !http.Response.HasStarted)
        {
            http.Response.Headers.RetryAfter = "2";
            await Problems.Of(503, "UNAVAILABLE", "The engine cannot answer now; nothing was changed, unless the same idempotency key says otherwise.").ExecuteAsync(http);
        }
        catch (BadHttpRequestException bad) when (!http.Response.HasStarted)
        {
            await (bad.StatusCode == 413 ? Routing.TooLarge(Desk.EventsMax) : Problems.Of(bad.StatusCode, "BAD_REQUEST", "The request is no valid HTTP.")).ExecuteAsync(http);
        }
        catch (Exception wrong) when (!http.Response.HasStarted)
        {
            Unexpected(http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("ExposureMonitor.Api"), wrong,
                http.GetEndpoint()?.Metadata.GetMetadata<RouteSpec>()?.Pattern ?? "");
            await Problems.Of(500, "INTERNAL", "An error of the service; its log has the trace id.").ExecuteAsync(http);
        }
    }

    // The pattern, never the address: an address names a customer.
    [LoggerMessage(3000, LogLevel.Error, "Unexpected error on {Route}")]
    private static partial void Unexpected(ILogger logger, Exception error, string route);
}
