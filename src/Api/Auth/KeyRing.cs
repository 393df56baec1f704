using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ExposureMonitor.Api;

/// <summary>A key as it is kept: everything but the key.</summary>
/// <param name="Prefix">First characters of the key; names it in lists.</param>
/// <param name="Hash">SHA-256 of the key in hex.</param>
/// <param name="Authority">Largest amount that the person may approve, minor units of the base currency; −1 without ceiling.</param>
/// <param name="Segments">Segments that it sees; empty or <c>null</c> for all.</param>
public sealed record StoredKey(string Prefix, string Hash, string Subject, Roles Roles, long Authority, IReadOnlyList<string>? Segments = null,
    DateTimeOffset? CreatedAt = null, DateTimeOffset? ExpiresAt = null, DateTimeOffset? RevokedAt = null, string CreatedBy = "");

/// <summary>
/// API keys of the standalone edition: 256 random bits each, kept as SHA-256 in a file of the owner, found by their
/// prefix, compared in constant time. The file is read again when another process changed it.
/// </summary>
public sealed class KeyRing
{
    /// <summary>Characters of a key that name it.</summary>
    public const int PrefixLength = 11;

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly TimeProvider _time;
    private Dictionary<string, StoredKey> _keys = new(StringComparer.Ordinal);
    private DateTime _written;
    private long _looked;

    private KeyRing(string path, TimeProvider time) => (_path, _time) = (path, time);

    /// <summary>Opens the ring of a file; an empty one when the file does not exist.</summary>
    /// <exception cref="InvalidDataException">The file holds something else.</exception>
    public static KeyRing Open(string path, TimeProvider? time = null)
    {
        var ring = new KeyRing(path, time ?? TimeProvider.System);
        ring.Read();
        return ring;
    }

    /// <summary>Reads the ring, or makes one with demo keys; their text is returned once and never kept.</summary>
    public static (KeyRing Ring, IReadOnlyList<(string Who, string Key)> Fresh) OpenOrCreate(string path, TimeProvider? time = null)
    {
        var ring = Open(path, time);
        if (File.Exists(path)) return (ring, []);
        var fresh = new List<(string, string)>();
        foreach (var (who, roles, authority) in (ReadOnlySpan<(string, Roles, long)>)
            [("admin", Roles.Admin | Roles.Auditor, 0), ("service", Roles.Service, 0), ("analyst", Roles.Analyst, 0), ("approver", Roles.Approver, 100_000_000)])
            fresh.Add((who, ring.Create(who, roles, authority, [], null, "setup").Key));
        return (ring, fresh);
    }

    /// <summary>All keys, revoked ones too, by subject.</summary>
    public IReadOnlyList<StoredKey> List()
    {
        lock (_gate)
        {
            Read();
            return [.. _keys.Values.OrderBy(k => k.Subject, StringComparer.Ordinal).ThenBy(k => k.CreatedAt)];
        }
    }

    /// <summary>Makes a key. Its text is returned here and never again.</summary>
    /// <exception cref="ArgumentException">The rights contradict each other.</exception>
    public (string Key, StoredKey Stored) Create(string subject, Roles roles, long authority, IReadOnlyList<string> segments, DateTimeOffset? expires, string by)
    {
        if (!Domain.Ids.IsValid(subject)) throw new ArgumentException("subject: expected 1 to 64 characters of A–Z a–z 0–9 . _ : -");
        if (roles == Roles.None) throw new ArgumentException("roles: expected at least one of " + string.Join(", ", Single) + ".");
        if ((roles & Roles.Service) != 0 && roles != Roles.Service) throw new ArgumentException("roles: a service never acts for a person; it has no other role.");
        if (authority != 0 && (roles & Roles.Approver) == 0) throw new ArgumentException("authority: only an Approver has one.");
        if (authority < -1) throw new ArgumentException("authority: expected minor units from 0, or -1 for no ceiling.");
        lock (_gate)
        {
            Read();
            if ((roles & Roles.PolicyOwner) != 0 && (roles & Roles.PolicyApprover) != 0)
                throw new ArgumentException("roles: drafting and approving a policy are two people's work.");
            if (_keys.Values.Count(k => k.Subject == subject && IsLive(k)) >= 2)
                throw new ArgumentException($"subject: '{subject}' has two live keys, as many as a rotation needs; revoke one first.");
            string key;
            do key = $"em_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}";
            while (_keys.ContainsKey(key[..PrefixLength]));
            var stored = new StoredKey(key[..PrefixLength], HashOf(key), subject, roles, authority, segments, _time.GetUtcNow(), expires, null, by);
            _keys.Add(stored.Prefix, stored);
            Write();
            return (key, stored);
        }
    }

    /// <summary>Ends a key for good; false when there is none of this prefix that lives.</summary>
    public bool Revoke(string prefix)
    {
        lock (_gate)
        {
            Read();
            if (!_keys.TryGetValue(prefix, out var stored) || stored.RevokedAt is not null) return false;
            _keys[prefix] = stored with { RevokedAt = _time.GetUtcNow() };
            Write();
            return true;
        }
    }

    /// <summary>The caller of a key, or <c>null</c>.</summary>
    public Caller? Find(string key)
    {
        if (key.Length <= PrefixLength || key.Length > 200) return null;
        StoredKey? stored;
        lock (_gate)
        {
            // A key that another process revoked ends within a second.
            if (Environment.TickCount64 - _looked > 1_000) Read();
            if (!_keys.TryGetValue(key[..PrefixLength], out stored)) return null;
        }

        var equal = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(stored.Hash), Encoding.ASCII.GetBytes(HashOf(key)));
        return equal && IsLive(stored) ? new Caller(stored.Subject, stored.Roles, stored.Authority, stored.Segments ?? []) : null;
    }

    /// <summary>Roles that are one right each.</summary>
    public static IReadOnlyList<Roles> Single { get; } =
        [Roles.Viewer, Roles.Analyst, Roles.Approver, Roles.PolicyOwner, Roles.PolicyApprover, Roles.Admin, Roles.Auditor, Roles.Service];

    private static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private bool IsLive(StoredKey key) => key.RevokedAt is null && (key.ExpiresAt is null || key.ExpiresAt > _time.GetUtcNow());

    private void Read()
    {
        _looked = Environment.TickCount64;
        if (!File.Exists(_path)) return;
        var written = File.GetLastWriteTimeUtc(_path);
        if (written == _written) return;
        try
        {
            var stored = JsonSerializer.Deserialize<List<StoredKey>>(File.ReadAllText(_path), Format) ?? throw new JsonException("It is empty.");
            (_keys, _written) = (stored.ToDictionary(k => k.Prefix, StringComparer.Ordinal), written);
        }
        catch (Exception broken) when (broken is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"'{_path}' holds no list of keys.", broken);
        }
    }

    private void Write()
    {
        OwnerFile.Write(_path, JsonSerializer.Serialize(_keys.Values, Format));
        _written = File.GetLastWriteTimeUtc(_path);
    }
}

/// <summary>Small files beside the database, readable by their owner only, replaced whole.</summary>
internal static class OwnerFile
{
    internal static void Write(string path, string text)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var draft = path + ".new";
        using (var stream = new FileStream(draft, options))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
    }
}
