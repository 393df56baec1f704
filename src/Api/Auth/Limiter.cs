using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace ExposureMonitor.Api;

/// <summary>
/// A token bucket per credential; per address for requests without one, so that guessing keys is slow. The prefix of
/// a key stands for the credential: the limit comes before the key is checked.
/// </summary>
/// <param name="perSecond">Requests per second and credential; 0 for no limit.</param>
/// <param name="burst">Requests at once; 0 for twice the rate.</param>
public sealed class Limiter(int perSecond = 1_000, int burst = 0) : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _buckets = PartitionedRateLimiter.Create<HttpContext, string>(http =>
        RateLimitPartition.GetTokenBucketLimiter(NameOf(http), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst > 0 ? burst : Math.Max(1, perSecond * 2), TokensPerPeriod = Math.Max(1, perSecond), ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0,
        }));

    internal async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        using var lease = perSecond > 0 && http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal) ? _buckets.AttemptAcquire(http) : null;
        if (lease is { IsAcquired: false })
        {
            http.Response.Headers.RetryAfter = "1";
            await Problems.Of(429, "TOO_MANY", $"More than {perSecond} requests per second.").ExecuteAsync(http);
            return;
        }

        await next(http);
    }

    public void Dispose() => _buckets.Dispose();

    private static string NameOf(HttpContext http) =>
        Desk.KeyOf(http) is { Length: > KeyRing.PrefixLength } key ? key[..KeyRing.PrefixLength] : http.Connection.RemoteIpAddress?.ToString() ?? "";
}
