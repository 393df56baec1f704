using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ExposureMonitor.Api;

/// <summary>Passwords as PBKDF2 with SHA-256: what the framework has, so that nothing of ours is cryptography.</summary>
internal static class Passwords
{
    internal const int LeastLength = 12, MostLength = 200;

    /// <summary>As many rounds as OWASP recommends for SHA-256.</summary>
    internal const int Rounds = 600_000;

    internal static string Hash(string password, int rounds)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        return string.Create(CultureInfo.InvariantCulture, $"pbkdf2-sha256${rounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(password, salt, rounds))}");
    }

    internal static bool Verify(string password, string hash)
    {
        var parts = hash.Split('$');
        if (parts.Length != 4 || parts[0] != "pbkdf2-sha256" || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var rounds)) return false;
        return CryptographicOperations.FixedTimeEquals(Derive(password, Convert.FromBase64String(parts[2]), rounds), Convert.FromBase64String(parts[3]));
    }

    /// <summary>A password that somebody is given: five groups of letters and digits that nobody mistakes for one another.</summary>
    internal static string Draw()
    {
        const string letters = "abcdefghjkmnpqrstuvwxyz23456789";
        return string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString(letters, 4)));
    }

    private static byte[] Derive(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password.Normalize(NormalizationForm.FormC)), salt, rounds, HashAlgorithmName.SHA256, 32);
}
