using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ExposureMonitor.Api;

/// <summary>
/// API keys of the standalone edition: 256 random bits each, kept as SHA-256 beside the database, found by their
/// prefix, compared in constant time.
/// </summary>
public sealed class KeyRing
{
    private readonly Dictionary<string, StoredKey> _keys;

    private KeyRing(Dictionary<string, StoredKey> keys) => _keys = keys;

    private sealed record StoredKey(string Prefix, string Hash, string Subject, Roles Roles, long Authority);

    /// <summary>Reads the ring, or makes one with demo keys; their text is returned once and never kept.</summary>
    public static (KeyRing Ring, IReadOnlyList<(string Who, string Key)> Fresh) OpenOrCreate(string path)
    {
        if (File.Exists(path))
        {
            var stored = JsonSerializer.Deserialize<List<StoredKey>>(File.ReadAllText(path))
                ?? throw new InvalidDataException($"'{path}' holds no list of keys.");
            return (new KeyRing(stored.ToDictionary(k => k.Prefix, StringComparer.Ordinal)), []);
        }

        var fresh = new List<(string, string)>();
        var keys = new Dictionary<string, StoredKey>(StringComparer.Ordinal);
        foreach (var (who, roles, authority) in (ReadOnlySpan<(string, Roles, long)>)
            [("admin", Roles.Admin | Roles.Auditor, 0), ("service", Roles.Service, 0), ("analyst", Roles.Analyst, 0), ("approver", Roles.Approver, 100_000_000)])
        {
            var key = $"em_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}";
            keys.Add(key[..11], new StoredKey(key[..11], HashOf(key), who, roles, authority));
            fresh.Add((who, key));
        }

        WriteOwnerOnly(path, JsonSerializer.Serialize(keys.Values));
        return (new KeyRing(keys), fresh);
    }

    /// <summary>The caller of a key, or <c>null</c>.</summary>
    public Caller? Find(string key)
    {
        if (key.Length < 12 || !_keys.TryGetValue(key[..11], out var stored)) return null;
        var equal = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(stored.Hash), Encoding.ASCII.GetBytes(HashOf(key)));
        return equal ? new Caller(stored.Subject, stored.Roles, stored.Authority) : null;
    }

    private static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static void WriteOwnerOnly(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new StreamWriter(path, options);
        file.Write(text);
    }
}
