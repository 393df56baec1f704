using System.Security.Cryptography;
using System.Text;

namespace ExposureMonitor.Alerts;

/// <summary>Where credentials of a file come from. None of them stands in it readable, unless somebody writes it there.</summary>
public interface ISecretSource
{
    /// <summary>An environment variable; <c>null</c> without it.</summary>
    string? Variable(string name);

    /// <summary>Content of a file; <c>null</c> when it cannot be read.</summary>
    string? File(string path);

    /// <summary>What was set over the API for a place of the file, sealed, the newest first; none where nothing was.</summary>
    IReadOnlyList<string> Stored(string place) => [];
}

/// <summary>The environment and the files of this process.</summary>
public sealed class ProcessSecrets : ISecretSource
{
    /// <inheritdoc/>
    public string? Variable(string name) => Environment.GetEnvironmentVariable(name);

    /// <inheritdoc/>
    public string? File(string path)
    {
        try
        {
            return System.IO.File.ReadAllText(path);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>
/// Credentials that are encrypted where they rest: AES-256-GCM under a key that stands in <see cref="KeyVariable"/> and never beside them. What was
/// sealed for one place of a file opens in no other.
/// </summary>
public static class SealedSecrets
{
    /// <summary>Environment variable with the key: 32 bytes in Base64.</summary>
    public const string KeyVariable = "EXPOSURE_SECRETS_KEY";

    /// <summary>What a sealed text begins with.</summary>
    public const string Prefix = "sealed:v1:";

    private const int NonceBytes = 12, TagBytes = 16, KeyBytes = 32;

    /// <summary>A new key.</summary>
    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));

    /// <summary>Encrypts a credential for a place such as <c>channels.desk.url</c>.</summary>
    /// <exception cref="FormatException">The key is none.</exception>
    public static string Seal(string text, string key, string place)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var all = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(all.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(KeyOf(key), TagBytes);
        aes.Encrypt(all.AsSpan(0, NonceBytes), plain, all.AsSpan(NonceBytes, plain.Length), all.AsSpan(NonceBytes + plain.Length), Encoding.UTF8.GetBytes(place));
        return Prefix + Convert.ToBase64String(all);
    }

    /// <summary>Decrypts a credential.</summary>
    /// <exception cref="FormatException">The key or the text is none.</exception>
    /// <exception cref="CryptographicException">Another key, another place, or the text was changed.</exception>
    public static string Open(string text, string key, string place)
    {
        var all = Convert.FromBase64String(text[Prefix.Length..]);
        if (all.Length < NonceBytes + TagBytes) throw new FormatException("The sealed text is cut.");
        var plain = new byte[all.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(KeyOf(key), TagBytes);
        aes.Decrypt(all.AsSpan(0, NonceBytes), all.AsSpan(NonceBytes, plain.Length), all.AsSpan(all.Length - TagBytes), plain, Encoding.UTF8.GetBytes(place));
        return Encoding.UTF8.GetString(plain);
    }

    private static byte[] KeyOf(string key)
    {
        var bytes = Convert.FromBase64String(key.Trim());
        return bytes.Length == KeyBytes ? bytes : throw new FormatException($"{KeyVariable} holds {bytes.Length} bytes; expected {KeyBytes} in Base64 (exposure channels key).");
    }
}
