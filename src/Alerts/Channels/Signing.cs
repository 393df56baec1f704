using System.Security.Cryptography;
using System.Text;

namespace ExposureMonitor.Alerts;

/// <summary>The three ways in which channels prove who sends.</summary>
public static class Signing
{
    /// <summary>DingTalk: the secret is the key, the text is "{milliseconds}\n{secret}"; not yet encoded for the query.</summary>
    public static string DingTalk(string secret, long milliseconds) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{milliseconds}\n{secret}")));

    /// <summary>Feishu: the key is "{seconds}\n{secret}" and the text is empty, the other way round than DingTalk.</summary>
    public static string Feishu(string secret, long seconds) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes($"{seconds}\n{secret}"), ReadOnlySpan<byte>.Empty));

    /// <summary>Standard Webhooks: the key is the Base64 behind <c>whsec_</c>, the text "{id}.{seconds}.{body}".</summary>
    public static string StandardWebhooks(string secret, string id, long seconds, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, KeyOf(secret));
        hash.AppendData(Encoding.UTF8.GetBytes($"{id}.{seconds}."));
        hash.AppendData(body);
        return "v1," + Convert.ToBase64String(hash.GetHashAndReset());
    }

    /// <summary>The key of a secret.</summary>
    /// <exception cref="FormatException">It is no Base64 behind <c>whsec_</c>.</exception>
    public static byte[] KeyOf(string secret)
    {
        const string Prefix = "whsec_";
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal)) throw new FormatException("A secret of a webhook begins with whsec_ and goes on in Base64.");
        return Convert.FromBase64String(secret[Prefix.Length..]);
    }
}

/// <summary>What a check of a captured request found.</summary>
public enum WebhookCheck
{
    Valid,

    /// <summary>A header is missing or no number.</summary>
    Incomplete,

    /// <summary>More than five minutes off.</summary>
    TooOld,

    /// <summary>No signature fits any secret: the body was changed, or another secret signed.</summary>
    WrongSignature,
}

/// <summary>Checks a request that came by Standard Webhooks, as a receiver has to.</summary>
public static class WebhookVerifier
{
    private const long OffMax = 300;

    /// <param name="secrets">Those that may have signed; two during a rotation.</param>
    /// <param name="signatures">Header <c>webhook-signature</c>: one or more with spaces between.</param>
    /// <param name="now">Seconds since 1970.</param>
    public static WebhookCheck Check(IReadOnlyList<string> secrets, string id, string timestamp, string signatures, ReadOnlySpan<byte> body, long now)
    {
        if (id.Length == 0 || signatures.Length == 0 || !long.TryParse(timestamp, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var at)) return WebhookCheck.Incomplete;
        var right = false;
        foreach (var secret in secrets)
        {
            var expected = Encoding.ASCII.GetBytes(Signing.StandardWebhooks(secret, id, at, body));
            // In constant time, and all of them: how long it takes must not tell how much of a signature was right.
            foreach (var told in signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                right |= CryptographicOperations.FixedTimeEquals(expected, Encoding.ASCII.GetBytes(told));
        }

        if (!right) return WebhookCheck.WrongSignature;
        return Math.Abs((decimal)now - at) > OffMax ? WebhookCheck.TooOld : WebhookCheck.Valid;
    }
}
