using ExposureMonitor.Domain;

namespace ExposureMonitor.Api;

/// <summary>Who is calling.</summary>
/// <param name="Subject">The person or system; two keys of one person share it.</param>
/// <param name="Authority">Largest amount that the person may approve, minor units of the base currency; −1 without ceiling, 0 none.</param>
/// <param name="Segments">Segments that the caller sees; empty for all.</param>
/// <param name="MayCarryAuthority">The events of this source may set limits, covers and rates by themselves.</param>
public sealed record Caller(string Subject, Roles Roles, long Authority, IReadOnlyList<string> Segments, bool MayCarryAuthority = false)
{
    /// <summary>The session of a person in a browser; <c>null</c> for a key.</summary>
    public Session? Session { get; init; }

    /// <summary>True when it may do and see exactly what the other one may.</summary>
    internal bool HasRightsOf(Caller other) => Subject == other.Subject && Roles == other.Roles && Authority == other.Authority && Segments.SequenceEqual(other.Segments);
}
