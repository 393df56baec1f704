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

    private const string PersonPrefix = "eu_";

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
        if (key.Length <= PrefixLength || key.Length > 200 || key.StartsWith(PersonPrefix, StringComparison.Ordinal) || _keys?.GetValueOrDefault(key[..PrefixLength]) is not { } stored) return null;
        var equal = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(stored.Hash), Encoding.ASCII.GetBytes(HashOf(key)));
        var isLive = stored.State == KeyState.Live && (stored.ExpiresAt.Micros == 0 || Instant.From(_time.GetUtcNow()) < stored.ExpiresAt);
        return equal && isLive ? new Caller(stored.Subject, stored.Roles, stored.Authority, stored.Segments, stored.MayCarryAuthority) : null;
    }

    /// <summary>
    /// The rights of a person who signs in: what two people agreed to in the house, as for a key. The key of a person opens nothing by
    /// itself, since nobody has its text; that the person is who he says, the session proves.
    /// </summary>
    public Caller? Person(string subject)
    {
        var now = Instant.From(_time.GetUtcNow());
        var live = List().Where(k => k.Subject == subject && IsPerson(k) && k.State == KeyState.Live && (k.ExpiresAt.Micros == 0 || now < k.ExpiresAt)).ToList();
        if (live.Count == 0) return null;
        var authority = live.Aggregate(0L, (most, k) => most < 0 || k.Authority < 0 ? -1 : Math.Max(most, k.Authority));
        // A key without segments sees all of them.
        IReadOnlyList<string> segments = live.Exists(k => k.Segments.Count == 0) ? [] : [.. live.SelectMany(k => k.Segments).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new Caller(subject, live.Aggregate(Roles.None, (sum, k) => sum | k.Roles), authority, segments);
    }

    /// <summary>True for the rights of a person who signs in.</summary>
    public static bool IsPerson(StoredKey key) => key.Prefix.StartsWith(PersonPrefix, StringComparison.Ordinal);

    /// <summary>Makes a key for whoever owns the machine: it lives at once. Its text is returned here and never again.</summary>
    /// <exception cref="ArgumentException">The rights contradict each other.</exception>
    public Task<(string Key, StoredKey Stored)> CreateAtConsoleAsync(KeyWish wish, string by, CancellationToken cancel = default) => CreateAtConsoleAsync(wish, by, person: false, cancel);

    /// <summary>The same for a person who signs in: nobody hears the text of that key.</summary>
    internal async Task<(string Key, StoredKey Stored)> CreateAtConsoleAsync(KeyWish wish, string by, bool person, CancellationToken cancel)
    {
        var (key, command) = Draw(wish, person);
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
    internal static (string Key, MakeKey Command) Draw(KeyWish wish, bool person = false)
    {
        var key = $"{(person ? PersonPrefix : "em_")}{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}";
        return (key, new MakeKey
        {
            Prefix = key[..PrefixLength], Hash = HashOf(key), Subject = wish.Subject, Roles = wish.Roles, Limit = wish.Authority, Segments = wish.Segments ?? [],
            MayCarryAuthority = wish.MayCarryAuthority, ExpiresAt = wish.ExpiresAt,
        });
    }

    private static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
