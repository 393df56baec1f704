using System.Text.Json;

namespace ExposureMonitor.Api;

/// <summary>A person who is signed in. The cookie holds a random text; only its hash is kept.</summary>
/// <param name="Id">SHA-256 of the text of the cookie, in hex.</param>
/// <param name="Csrf">What a page has to send beside the cookie with everything that changes something.</param>
/// <param name="MustChange">The password was given by somebody else: nothing but a new one is possible.</param>
/// <param name="Narrowed">Roles that an identity provider left; <c>null</c> when none was asked.</param>
public sealed record Session(string Id, string Subject, DateTimeOffset CreatedAt, DateTimeOffset SeenAt, string Csrf, bool MustChange, IReadOnlyList<string>? Narrowed = null)
{
    /// <summary>Ends after so long without a request, and after so long in any case.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(15), Whole = TimeSpan.FromHours(8);

    /// <summary>When it ends unless something is asked before.</summary>
    public DateTimeOffset EndsAt => SeenAt + Idle < CreatedAt + Whole ? SeenAt + Idle : CreatedAt + Whole;

    internal string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    internal static Session? Read(string body) => JsonSerializer.Deserialize<Session>(body, JsonSerializerOptions.Web);
}
