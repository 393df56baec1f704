using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>Spans and moments together.</summary>
internal static class Times
{
    /// <summary>A moment that never comes.</summary>
    internal static readonly Instant Never = new(long.MaxValue);

    internal static Instant Plus(this Instant at, TimeSpan span) => new(at.Micros + (span.Ticks / TimeSpan.TicksPerMicrosecond));

    internal static TimeSpan Since(this Instant at, Instant earlier) => TimeSpan.FromMicroseconds(at.Micros - earlier.Micros);

    internal static Instant Earlier(Instant a, Instant b) => a < b ? a : b;

    internal static Instant Later(Instant a, Instant b) => a > b ? a : b;

    internal static Instant Now(this TimeProvider time) => Instant.From(time.GetUtcNow());
}
