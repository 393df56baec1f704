using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ExposureMonitor.Api;

/// <summary>An identity provider, as its operator configures it.</summary>
public sealed record ProviderOptions
{
    /// <summary>Exactly as the provider names itself in its tokens.</summary>
    public required string Issuer { get; init; }

    public required string ClientId { get; init; }

    /// <summary>Comes from the environment or a file, never from the command line.</summary>
    public string ClientSecret { get; init; } = "";

    /// <summary>What the button says.</summary>
    public string Name { get; init; } = "Single sign-on";

    /// <summary>Where the roles stand in the token, with dots between, as Keycloak does it.</summary>
    public string RolesClaim { get; init; } = "realm_access.roles";

    /// <summary>The claim that names the person as the house does.</summary>
    public string SubjectClaim { get; init; } = "preferred_username";

    /// <summary>The address of the console as a browser sees it; a proxy may change what the request says.</summary>
    public required string ExternalAddress { get; init; }
}

/// <summary>
/// Sign-in at an identity provider by OpenID Connect: authorisation code with PKCE. The provider proves who somebody is. What he may do two
/// people have agreed to in the house; the roles of the token can only take something away from it.
/// </summary>
public sealed class OpenIdConnect(ProviderOptions options, HttpClient http, TimeProvider? time = null)
{
    internal const string Begin = "/api/v1/session/provider", Back = "/api/v1/session/provider/back";

    /// <summary>A sign-in that is not finished by then begins anew; so many wait at once.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5), Skew = TimeSpan.FromSeconds(30), KeysKept = TimeSpan.FromMinutes(10);

    private const int WaitingMost = 1_000;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ConcurrentDictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);
    private (JsonElement Keys, DateTimeOffset At) _keys;

    private sealed record Waiting(string Verifier, string Nonce, string Target, string Browser, DateTimeOffset Until);

    internal string Name => options.Name;

    /// <summary>The address at the provider to go to, and the text that binds its answer to this browser.</summary>
    internal async Task<(string Address, string Browser)> BeginAsync(string target, CancellationToken cancel)
    {
        var now = _time.GetUtcNow();
        foreach (var (old, one) in _waiting)
            if (one.Until < now || _waiting.Count > WaitingMost) _waiting.TryRemove(old, out _);
        var (state, verifier, nonce, browser) = (Random(), Random(), Random(), Random());
        _waiting[state] = new Waiting(verifier, nonce, target.StartsWith('/') && !target.StartsWith("//", StringComparison.Ordinal) && !target.Contains('\\', StringComparison.Ordinal) ? target : "/board", browser, now + Patience);
        var about = await DiscoverAsync(cancel);
        var challenge = Base64Url(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        var query = QueryString.Create(new Dictionary<string, string?>
        {
            ["response_type"] = "code", ["client_id"] = options.ClientId, ["redirect_uri"] = options.ExternalAddress.TrimEnd('/') + Back, ["scope"] = "openid profile",
            ["state"] = state, ["nonce"] = nonce, ["code_challenge"] = challenge, ["code_challenge_method"] = "S256",
        });
        return (about.GetProperty("authorization_endpoint").GetString() + query, browser);
    }

    /// <summary>Takes the provider's answer; the person and the roles of the token, or what was wrong.</summary>
    internal async Task<(string? Subject, IReadOnlyList<string> Roles, string Target, string Wrong)> FinishAsync(string state, string code, string browser, CancellationToken cancel)
    {
        if (!_waiting.TryRemove(state, out var waiting) || waiting.Until < _time.GetUtcNow() || !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(browser), Encoding.ASCII.GetBytes(waiting.Browser)))
            return (null, [], "", "The sign-in took too long or began in another browser.");
        var about = await DiscoverAsync(cancel);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = options.ExternalAddress.TrimEnd('/') + Back, ["client_id"] = options.ClientId,
            ["client_secret"] = options.ClientSecret, ["code_verifier"] = waiting.Verifier,
        });
        using var answer = await http.PostAsync(new Uri(about.GetProperty("token_endpoint").GetString()!), form, cancel);
        if (!answer.IsSuccessStatusCode) return (null, [], "", "The provider did not take the code.");
        var told = await answer.Content.ReadFromJsonAsync<JsonElement>(cancel);
        if (!told.TryGetProperty("id_token", out var token) || await ReadAsync(token.GetString() ?? "", about, cancel) is not { } claims) return (null, [], "", "The token of the provider is not valid.");
        if (Text(claims, "nonce") != waiting.Nonce) return (null, [], "", "The token belongs to another sign-in.");
        return (Text(claims, options.SubjectClaim), RolesOf(claims), waiting.Target, "");
    }

    /// <summary>The claims of a token that this provider has signed for this client and that is valid now; <c>null</c> for any other.</summary>
    internal async Task<JsonElement?> ReadAsync(string token, JsonElement about, CancellationToken cancel)
    {
        var parts = token.Split('.');
        if (token.Length > 16_384 || parts.Length != 3 || Json(parts[0]) is not { } head || Json(parts[1]) is not { } claims || Bytes(parts[2]) is not { } signature) return null;
        // The list is ours: a token never chooses how it is checked.
        var algorithm = Text(head, "alg");
        if (algorithm is not ("RS256" or "ES256") || Text(head, "kid") is not { } kid) return null;
        if (!await IsSignedAsync(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), signature, algorithm, kid, about, cancel)) return null;
        var now = _time.GetUtcNow();
        if (Text(claims, "iss") != options.Issuer || !Audience(claims).Contains(options.ClientId)) return null;
        if (Audience(claims).Count > 1 && Text(claims, "azp") != options.ClientId) return null;
        if (Moment(claims, "exp") is not { } end || now >= end + Skew || (Moment(claims, "nbf") is { } begin && now < begin - Skew) || (Moment(claims, "iat") is { } made && now < made - Skew)) return null;
        return claims;
    }

    private async Task<bool> IsSignedAsync(byte[] signed, byte[] signature, string algorithm, string kid, JsonElement about, CancellationToken cancel)
    {
        for (var fresh = false; ; fresh = true)
        {
            foreach (var key in (await KeysAsync(about, fresh, cancel)).GetProperty("keys").EnumerateArray())
            {
                if (Text(key, "kid") != kid || Text(key, "use") is "enc") continue;
                if (algorithm == "RS256" && Text(key, "kty") == "RSA")
                {
                    using var rsa = RSA.Create(new RSAParameters { Modulus = Bytes(Text(key, "n") ?? ""), Exponent = Bytes(Text(key, "e") ?? "") });
                    return rsa.KeySize >= 2_048 && rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
                }

                if (algorithm == "ES256" && Text(key, "kty") == "EC" && Text(key, "crv") == "P-256")
                {
                    using var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Bytes(Text(key, "x") ?? ""), Y = Bytes(Text(key, "y") ?? "") } });
                    return ecdsa.VerifyData(signed, signature, HashAlgorithmName.SHA256);
                }
            }

            // A key that the provider has just begun to use: its set is read once more, and no oftener than every minute.
            if (fresh || _time.GetUtcNow() - _keys.At < TimeSpan.FromMinutes(1)) return false;
        }
    }

    private async Task<JsonElement> KeysAsync(JsonElement about, bool fresh, CancellationToken cancel)
    {
        var now = _time.GetUtcNow();
        if (!fresh && _keys.At != default && now - _keys.At < KeysKept) return _keys.Keys;
        var read = await http.GetFromJsonAsync<JsonElement>(new Uri(about.GetProperty("jwks_uri").GetString()!), cancel);
        _keys = (read, now);
        return read;
    }

    internal async Task<JsonElement> DiscoverAsync(CancellationToken cancel)
    {
        var about = await http.GetFromJsonAsync<JsonElement>(new Uri(options.Issuer.TrimEnd('/') + "/.well-known/openid-configuration"), cancel);
        return Text(about, "issuer") == options.Issuer ? about : throw new HttpRequestException($"The provider calls itself another issuer than {options.Issuer}.");
    }

    private List<string> RolesOf(JsonElement claims)
    {
        var at = claims;
        foreach (var name in options.RolesClaim.Split('.'))
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at)) return [];
        return at.ValueKind == JsonValueKind.Array ? [.. at.EnumerateArray().Where(r => r.ValueKind == JsonValueKind.String).Select(r => NameOf(r.GetString()!))] : [];
    }

    /// <summary>A role of a provider is often written as <c>policy-owner</c>.</summary>
    private static string NameOf(string role) => string.Concat(role.Split('-', '_').Where(p => p.Length > 0).Select(p => char.ToUpperInvariant(p[0]) + p[1..]));

    private static List<string> Audience(JsonElement claims) => !claims.TryGetProperty("aud", out var aud) ? []
        : aud.ValueKind == JsonValueKind.Array ? [.. aud.EnumerateArray().Where(a => a.ValueKind == JsonValueKind.String).Select(a => a.GetString()!)] : aud.ValueKind == JsonValueKind.String ? [aud.GetString()!] : [];

    private static DateTimeOffset? Moment(JsonElement of, string name) =>
        of.TryGetProperty(name, out var told) && told.TryGetInt64(out var seconds) && seconds is > 0 and < 100_000_000_000 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    private static string? Text(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var told) && told.ValueKind == JsonValueKind.String ? told.GetString() : null;

    private static JsonElement? Json(string part)
    {
        try
        {
            return Bytes(part) is { } bytes && JsonSerializer.Deserialize<JsonElement>(bytes) is { ValueKind: JsonValueKind.Object } told ? told : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[]? Bytes(string text)
    {
        var padded = text.Replace('-', '+').Replace('_', '/');
        padded = padded.PadRight((padded.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out var length) ? bytes[..length] : null;
    }

    private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static string Random() => Base64Url(RandomNumberGenerator.GetBytes(32));
}
