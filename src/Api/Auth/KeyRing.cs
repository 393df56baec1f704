using System.Security.Cryptography;
using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>A key as the house keeps it: everything but the key.</summary>
/// <param name="Prefix">First characters of the key; names it in lists.</param>
/// <param name="Hash">SHA-256 of the key in hex.</param>
/// <param name="Authority">Largest amount that the person may approve, minor units of the base currency; −1 without ceiling.</param>
/// <param name="Segments">Segments that it sees; empty for all.</param>
public sealed record StoredKey(string Prefix, string Hash, string Subject, Roles Roles, long Authority, IReadOnlyList<string> Segments, bool MayCarryAuthority,
    KeyState State, Instant CreatedAt, string CreatedBy, string ApprovedBy, Instant ExpiresAt, Instant EndedAt)
{
    internal static StoredKey Of(HouseKey k) =>
        new(k.Prefix, k.Hash, k.Subject, k.Roles, k.Authority, [.. k.Segments], k.MayCarryAuthority, k.State, k.CreatedAt, k.CreatedBy, k.ApprovedBy, k.ExpiresAt, k.EndedAt);
}

/// <summary>What somebody wants a new key to open.</summary>
public sealed record KeyWish(string Subject, Roles Roles, long Authority = 0, IReadOnlyList<string>? Segments = null, bool MayCarryAuthority = false, Instant ExpiresAt = default);

/// <summary>
/// API keys: 256 random bits each, kept by the house as SHA-256, found by their prefix, compared in constant time. This
/// is a copy of what the house has committed, read again after each change; safe from any thread.
/// </summary>
public sealed class KeyRing(ExposureEngine engine, TimeProvider? time = null)
{
    /// <summary>Characters of a key that name it.</summary>
    public const int PrefixLength = 11;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private volatile Dictionary<string, StoredKey>? _keys;

    /// <summary>Roles that are one right each.</summary>
    public static IReadOnlyList<Roles> Single { get; } =
        [Roles.Viewer, Roles.Analyst, Roles.Approver, Roles.PolicyOwner, Roles.PolicyApprover, Roles.Admin, Roles.Auditor, Roles.Service];

    /// <summary>Roles by their own names: the groups of the code mean nothing to a caller.</summary>
    public static string Names(Roles roles) => string.Join(", ", Single.Where(one => (roles & one) != 0));

    /// <summary>True once the house has been read.</summary>
    public bool IsLoaded => _keys is not null;

    /// <summary>Reads the keys of the house.</summary>
    public async Task RefreshAsync(CancellationToken cancel = default) =>
        _keys = await engine.ReadAsync(Book.House, book => book.Desk.Keys.Select(StoredKey.Of).ToDictionary(k => k.Prefix, StringComparer.Ordinal), cancel);

    /// <summary>All keys, ended ones too, by subject.</summary>
    public IReadOnlyList<StoredKey> List() =>
        [.. (_keys?.Values ?? Enumerable.Empty<StoredKey>()).OrderBy(k => k.Subject, StringComparer.Ordinal).ThenBy(k => k.CreatedAt).ThenBy(k => k.Prefix, StringComparer.Ordinal)];

    /// <summary>The caller of a key, or <c>null</c>.</summary>
    public Caller? Find(string key)
    {
        if (key.Length <= PrefixLength || key.Length > 200 || _keys?.GetValueOrDefault(key[..PrefixLength]) is not { } stored) return null;
        var equal = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(stored.Hash), Encoding.ASCII.GetBytes(HashOf(key)));
        var isLive = stored.State == KeyState.Live && (stored.ExpiresAt.Micros == 0 || Instant.From(_time.GetUtcNow()) < stored.ExpiresAt);
        return equal && isLive ? new Caller(stored.Subject, stored.Roles, stored.Authority, stored.Segments, stored.MayCarryAuthority) : null;
    }

    /// <summary>Makes a key for whoever owns the machine: it lives at once. Its text is returned here and never again.</summary>
    /// <exception cref="ArgumentException">The rights contradict each other.</exception>
    public async Task<(string Key, StoredKey Stored)> CreateAtConsoleAsync(KeyWish wish, string by, CancellationToken cancel = default)
    {
        var (key, command) = Draw(wish);
        (command.AtConsole, command.Actor, command.ProposalId) = (true, by, "console");
        var answer = await engine.SubmitAsync(command, cancel);
        if (answer.Outcome.Kind != OutcomeKind.Applied) throw new ArgumentException(answer.Outcome.Detail);
        await RefreshAsync(cancel);
        return (key, _keys![command.Prefix]);
    }

    /// <summary>Ends a key for good; the outcome says what was wrong.</summary>
    public async Task<Outcome> EndAsync(string prefix, string by, string reason, CancellationToken cancel = default)
    {
        if (prefix.Length is 0 or > PrefixLength) return Outcome.Refused("NO_KEY", $"No key begins with '{prefix}'.");
        var answer = await engine.SubmitAsync(new EndKey { Prefix = prefix, Actor = by, Reason = reason }, cancel);
        await RefreshAsync(cancel);
        return answer.Outcome;
    }

    /// <summary>A new key and the command that makes the house know it.</summary>
    internal static (string Key, MakeKey Command) Draw(KeyWish wish)
    {
        var key = $"em_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}";
        return (key, new MakeKey
        {
            Prefix = key[..PrefixLength], Hash = HashOf(key), Subject = wish.Subject, Roles = wish.Roles, Limit = wish.Authority, Segments = wish.Segments ?? [],
            MayCarryAuthority = wish.MayCarryAuthority, ExpiresAt = wish.ExpiresAt,
        });
    }

    private static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
