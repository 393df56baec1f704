using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;

namespace ExposureMonitor.Api;

/// <summary>How people sign in.</summary>
public sealed record SignInOptions
{
    /// <summary>Rounds of the hash of a password; tests make it quick.</summary>
    public int Rounds { get; init; } = Passwords.Rounds;

    /// <summary>Failed tries of a name until it has to wait.</summary>
    public int TriesMost { get; init; } = 5;
}

/// <summary>
/// People, their passwords and sessions. What a person may do stands in the house as a key, agreed to by two people and noted in the
/// audit trail; the notes here only prove who somebody is. So whoever writes the table of notes gains no right.
/// </summary>
public sealed class SignIn(IDeskNotes notes, KeyRing keys, SignInOptions? options = null, TimeProvider? time = null)
{
    internal const string CsrfHeader = "X-Csrf-Token";

    private const string Users = "user", Sessions = "session", Cookie = "exposure-session";

    /// <summary>A session that was ended elsewhere is noticed after so long; a request before may still pass.</summary>
    private static readonly TimeSpan Trusted = TimeSpan.FromSeconds(5), Wait = TimeSpan.FromSeconds(30), Written = TimeSpan.FromMinutes(1);

    private readonly SignInOptions _options = options ?? new SignInOptions();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (int Tries, DateTimeOffset Until)> _failed = new(StringComparer.Ordinal);

    /// <summary>Hashing is meant to be slow: no more than two at once, whoever asks.</summary>
    private static readonly SemaphoreSlim Hashing = new(2);

    private sealed record Known(Session Session, DateTimeOffset ReadAt, DateTimeOffset WrittenAt);

    /// <summary>How a person proves who he is.</summary>
    private sealed record Secret(string Hash, bool MustChange, DateTimeOffset SetAt);

    /// <summary>The identity provider, when one was configured.</summary>
    public OpenIdConnect? Provider { get; init; }

    internal IDeskNotes Notes => notes;

    /// <summary>A password for somebody who is given one.</summary>
    public static string DrawPassword() => Passwords.Draw();

    /// <summary>True while nobody can sign in by password.</summary>
    public async Task<bool> IsEmptyAsync(CancellationToken cancel) => (await notes.DeskNotesAsync(Users, cancel)).Count == 0;

    /// <summary>Makes a person for whoever owns the machine: the rights live at once, and the audit trail says so. Returns the password when it drew one.</summary>
    /// <exception cref="ArgumentException">The rights contradict each other.</exception>
    public async Task<string> CreateAtConsoleAsync(KeyWish wish, string? password, CancellationToken cancel = default)
    {
        await keys.CreateAtConsoleAsync(wish, "setup", person: true, cancel);
        var told = password ?? Passwords.Draw();
        await SetAsync(wish.Subject, told, mustChange: password is null, cancel);
        return told;
    }

    /// <summary>Sets a password, and ends every session of the person.</summary>
    public async Task SetAsync(string subject, string password, bool mustChange, CancellationToken cancel)
    {
        var body = JsonSerializer.Serialize(new Secret(await HashedAsync(password, cancel), mustChange, _time.GetUtcNow()), JsonSerializerOptions.Web);
        for (var again = true; again;)
        {
            var before = await notes.NoteAsync(Users, subject, cancel);
            again = !await notes.PutNoteAsync(new DeskNote(Users, subject, before?.Version ?? 0, body), cancel);
        }

        await EndAllAsync(subject, cancel);
    }

    /// <summary>The caller of a session, or <c>null</c>. Rights are those of this moment: what the house takes away is gone with the next request.</summary>
    internal async ValueTask<Caller?> CallerAsync(HttpContext http)
    {
        if (http.Request.Cookies[NameOf(http)] is not { Length: >= 32 and <= 100 } text || await FindAsync(HashOf(text), IsActivity(http), http.RequestAborted) is not { } session) return null;
        if (keys.Person(session.Subject) is not { } person) return null;
        var roles = session.Narrowed is null ? person.Roles : person.Roles & session.Narrowed.Aggregate(Roles.None, (sum, r) => sum | (Enum.TryParse<Roles>(r, out var one) ? one : Roles.None));
        return roles == Roles.None ? null : person with { Roles = roles, Session = session };
    }

    /// <summary>Why a request of a session must not pass: another site may have sent it, or the password is not the person's own yet.</summary>
    internal static IResult? Refuse(HttpContext http, Session session)
    {
        if (session.MustChange) return Problems.Of(403, "PASSWORD_CHANGE", "Choose a password of your own first.");
        if (HttpMethods.IsGet(http.Request.Method)) return null;
        var told = Encoding.UTF8.GetBytes(http.Request.Headers[CsrfHeader].ToString());
        return CryptographicOperations.FixedTimeEquals(told, Encoding.UTF8.GetBytes(session.Csrf)) && IsOwnSite(http) ? null
            : Problems.Of(403, "CSRF", $"A change needs the header {CsrfHeader} of the session, from a page of this service.");
    }

    /// <summary>True unless the browser says that another site's page asks.</summary>
    internal static bool IsOwnSite(HttpContext http) => http.Request.Headers.Origin.ToString() is not { Length: > 0 } origin
        || (Uri.TryCreate(origin, UriKind.Absolute, out var site) && site.Authority == http.Request.Host.Value);

    /// <summary>Signs in by name and password; the answer never tells which of the two was wrong.</summary>
    internal async Task<(Session? Session, int WaitSeconds)> OpenAsync(HttpContext http, string subject, string password)
    {
        var cancel = http.RequestAborted;
        if (_failed.Count > 10_000) _failed.Clear();
        if (_failed.TryGetValue(subject, out var failed) && failed.Tries >= _options.TriesMost && failed.Until > _time.GetUtcNow())
            return (null, (int)Math.Ceiling((failed.Until - _time.GetUtcNow()).TotalSeconds));
        var note = await notes.NoteAsync(Users, subject, cancel);
        var secret = note is null ? null : JsonSerializer.Deserialize<Secret>(note.Body, JsonSerializerOptions.Web);
        // A name that nobody has takes as long as one with a wrong password.
        var isRight = await VerifiedAsync(password, secret?.Hash ?? await NobodyAsync(cancel), cancel) && secret is not null;
        if (!isRight || keys.Person(subject) is null)
        {
            _failed.AddOrUpdate(subject, (1, _time.GetUtcNow() + Wait), (_, before) => (before.Until < _time.GetUtcNow() - Wait ? 1 : before.Tries + 1, _time.GetUtcNow() + Wait));
            return (null, 0);
        }

        _failed.TryRemove(subject, out _);
        return (await BeginAsync(http, subject, secret!.MustChange, null), 0);
    }

    /// <summary>Begins a session of a person who has proved who he is, and gives the browser its cookie.</summary>
    internal async Task<Session> BeginAsync(HttpContext http, string subject, bool mustChange, IReadOnlyList<string>? narrowed)
    {
        var text = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var now = _time.GetUtcNow();
        var session = new Session(HashOf(text), subject, now, now, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), mustChange, narrowed);
        await notes.PutNoteAsync(new DeskNote(Sessions, session.Id, 0, session.ToJson()), http.RequestAborted);
        _known[session.Id] = new Known(session, now, now);
        http.Response.Cookies.Append(NameOf(http), text, Settings(http));
        await SweepAsync(http.RequestAborted);
        return session;
    }

    /// <summary>Ends the session of a request.</summary>
    internal async Task EndAsync(HttpContext http)
    {
        if (http.Request.Cookies[NameOf(http)] is not { Length: > 0 } text) return;
        http.Response.Cookies.Delete(NameOf(http), Settings(http));
        await DropAsync(HashOf(text), http.RequestAborted);
    }

    /// <summary>Ends all sessions of a person, such as when the rights change.</summary>
    internal async Task EndAllAsync(string subject, CancellationToken cancel)
    {
        foreach (var note in await notes.DeskNotesAsync(Sessions, cancel))
            if (Session.Read(note.Body)?.Subject == subject) await DropAsync(note.Id, cancel);
    }

    /// <summary>Takes a person's way to sign in away.</summary>
    internal async Task ForgetAsync(string subject, CancellationToken cancel)
    {
        await notes.DropNoteAsync(Users, subject, cancel);
        await EndAllAsync(subject, cancel);
    }

    /// <summary>Changes the own password; false when the old one is wrong.</summary>
    internal async Task<bool> ChangeAsync(string subject, string old, string fresh, CancellationToken cancel)
    {
        if (await notes.NoteAsync(Users, subject, cancel) is not { } note || JsonSerializer.Deserialize<Secret>(note.Body, JsonSerializerOptions.Web) is not { } secret) return false;
        if (!await VerifiedAsync(old, secret.Hash, cancel)) return false;
        await SetAsync(subject, fresh, mustChange: false, cancel);
        return true;
    }

    private async Task<Session?> FindAsync(string id, bool isActivity, CancellationToken cancel)
    {
        var now = _time.GetUtcNow();
        if (!_known.TryGetValue(id, out var known) || now - known.ReadAt > Trusted)
        {
            try
            {
                if (await notes.NoteAsync(Sessions, id, cancel) is not { } note || Session.Read(note.Body) is not { } read)
                {
                    _known.TryRemove(id, out _);
                    return null;
                }

                // What this process has seen since it last wrote is newer than what it reads.
                if (known is not null && known.Session.SeenAt > read.SeenAt) read = read with { SeenAt = known.Session.SeenAt };
                _known[id] = known = new Known(read, now, known?.WrittenAt ?? read.SeenAt);
            }
            catch (JournalUnavailableException) when (known is not null)
            {
                // The database is away: whoever was signed in still sees the board, and what it says about that.
            }
        }

        if (now >= known.Session.EndsAt)
        {
            await DropAsync(id, cancel);
            return null;
        }

        if (!isActivity) return known.Session;
        var seen = known.Session with { SeenAt = now };
        var isDue = now - known.WrittenAt > Written;
        _known[id] = known with { Session = seen, WrittenAt = isDue ? now : known.WrittenAt };
        if (isDue && await notes.NoteAsync(Sessions, id, cancel) is { } stored) await notes.PutNoteAsync(stored with { Body = seen.ToJson() }, cancel);
        return seen;
    }

    /// <summary>A stream that stands open, and what a page asks by itself, is nobody's activity.</summary>
    private static bool IsActivity(HttpContext http) => !http.Request.Path.StartsWithSegments("/api/v1/live", StringComparison.Ordinal) && http.Request.Headers["X-Background"].Count == 0;

    private async Task DropAsync(string id, CancellationToken cancel)
    {
        _known.TryRemove(id, out _);
        await notes.DropNoteAsync(Sessions, id, cancel);
    }

    /// <summary>Takes away what has ended by itself.</summary>
    private async Task SweepAsync(CancellationToken cancel)
    {
        var now = _time.GetUtcNow();
        foreach (var note in await notes.DeskNotesAsync(Sessions, cancel))
            if (Session.Read(note.Body) is not { } session || now > session.CreatedAt + Session.Whole) await DropAsync(note.Id, cancel);
    }

    private async Task<string> HashedAsync(string password, CancellationToken cancel)
    {
        await Hashing.WaitAsync(cancel);
        try
        {
            return await Task.Run(() => Passwords.Hash(password, _options.Rounds), cancel);
        }
        finally
        {
            Hashing.Release();
        }
    }

    private async Task<bool> VerifiedAsync(string password, string hash, CancellationToken cancel)
    {
        await Hashing.WaitAsync(cancel);
        try
        {
            return await Task.Run(() => Passwords.Verify(password, hash), cancel);
        }
        finally
        {
            Hashing.Release();
        }
    }

    private string? _nobody;

    private async Task<string> NobodyAsync(CancellationToken cancel) => _nobody ??= await HashedAsync(Passwords.Draw(), cancel);

    private static string NameOf(HttpContext http) => (http.Request.IsHttps ? "__Host-" : "") + Cookie;

    private static CookieOptions Settings(HttpContext http) => new() { HttpOnly = true, Secure = http.Request.IsHttps, SameSite = SameSiteMode.Strict, Path = "/", IsEssential = true };

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
}
