using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>Sign-in at an identity provider: a real one of the test's own, which signs tokens over HTTP and can be told to sign wrong ones.</summary>
public sealed class Providers : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private readonly Service _service = new();
    private Issuer _issuer = null!;

    public async Task InitializeAsync()
    {
        _issuer = await Issuer.StartAsync();
        _service.Provider = new OpenIdConnect(new ProviderOptions { Issuer = _issuer.Address, ClientId = "exposure", ClientSecret = "s3cret", ExternalAddress = "https://desk.example" }, new HttpClient());
        await _service.InitializeAsync();
        await _service.People.CreateAtConsoleAsync(new KeyWish("anna", Roles.Analyst | Roles.Approver, 5_000), Password);
    }

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    [Fact]
    public async Task Who_the_provider_proves_has_the_rights_of_the_house_and_no_others()
    {
        using var browser = new Person(_service);
        var (code, target, body) = await SignInAsync(browser);
        Assert.True(code == 302, body);
        Assert.Equal("/holds?tab=confirm", target!.ToString());
        var me = (await browser.GetAsync("/session")).Json;
        Assert.Equal("anna", me.GetProperty("user").GetString());
        // The token says approver and admin; the house analyst and approver: what both say stands.
        Assert.Equal(["Approver"], me.GetProperty("roles").EnumerateArray().Select(r => r.GetString()!));
        Assert.Equal(200, (await browser.GetAsync("/portfolio")).Code);
        Assert.Equal("ROLE", (await browser.GetAsync("/keys")).Problem);
    }

    [Fact]
    public async Task Tokens_that_prove_nothing_open_nothing()
    {
        var wrong = new Dictionary<string, Action<Issuer.Token>>
        {
            ["no signature"] = t => t.Algorithm = "none",
            ["signed with the public key as a secret"] = t => t.Algorithm = "HS256",
            ["a key that the provider does not have"] = t => t.Stranger = true,
            ["a key id that leads elsewhere"] = t => t.KeyId = "../../etc/passwd",
            ["another audience"] = t => t.Claims["aud"] = "somebody-else",
            ["several audiences and another party"] = t => t.Claims["aud"] = new[] { "exposure", "other" },
            ["another issuer"] = t => t.Claims["iss"] = "https://elsewhere.example",
            ["expired"] = t => t.Claims["exp"] = DateTimeOffset.UtcNow.AddMinutes(-2).ToUnixTimeSeconds(),
            ["without an end"] = t => t.Claims.Remove("exp"),
            ["not yet valid"] = t => t.Claims["nbf"] = DateTimeOffset.UtcNow.AddMinutes(2).ToUnixTimeSeconds(),
            ["of another sign-in"] = t => t.Claims["nonce"] = "another",
            ["of nobody"] = t => t.Claims.Remove("preferred_username"),
            ["changed after it was signed"] = t => t.Tampered = true,
            ["huge"] = t => t.Claims["filler"] = new string('x', 20_000),
        };
        foreach (var (name, spoil) in wrong)
        {
            using var browser = new Person(_service);
            _issuer.Spoil = spoil;
            var (code, _, body) = await SignInAsync(browser);
            Assert.True(code == 401, $"{name}: {code} {body}");
            Assert.Equal(401, (await browser.GetAsync("/portfolio")).Code);
        }
    }

    [Fact]
    public async Task Whom_the_house_does_not_know_gets_no_rights_from_a_token()
    {
        using var browser = new Person(_service);
        _issuer.Spoil = t => t.Claims["preferred_username"] = "stranger";
        Assert.Equal(403, (await SignInAsync(browser)).Code);
        _issuer.Spoil = t => t.Claims["realm_access"] = new { roles = Array.Empty<string>() };
        Assert.Equal(302, (await SignInAsync(browser)).Code);
        Assert.Equal(401, (await browser.GetAsync("/portfolio")).Code);
    }

    [Fact]
    public async Task An_answer_belongs_to_the_browser_that_asked_and_counts_once()
    {
        using var victim = new Person(_service);
        using var attacker = new Person(_service);
        var back = await BackAsync(attacker);
        // Somebody else's answer in this browser would sign the victim in as the attacker.
        Assert.Equal(401, (await victim.VisitAsync(back)).Code);
        var mine = await BackAsync(victim);
        Assert.Equal(302, (await victim.VisitAsync(mine)).Code);
        Assert.Equal(401, (await victim.VisitAsync(mine)).Code);
    }

    [Fact]
    public async Task It_leads_to_places_of_this_service_only()
    {
        foreach (var target in new[] { "https://evil.example/", "//evil.example", "/\\evil.example" })
        {
            using var browser = new Person(_service);
            Assert.Equal("/board", (await SignInAsync(browser, target)).Target!.ToString());
        }
    }

    private async Task<(int Code, Uri? Target, string Body)> SignInAsync(Person browser, string target = "/holds?tab=confirm") => await browser.VisitAsync(await BackAsync(browser, target));

    /// <summary>Goes to the provider, which sends the browser back with a code.</summary>
    private async Task<Uri> BackAsync(Person browser, string target = "/holds?tab=confirm")
    {
        var (code, there, body) = await browser.VisitAsync(new Uri(_service.Address, "/api/v1/session/provider?to=" + Uri.EscapeDataString(target)));
        Assert.True(code == 302, body);
        var (_, back, _) = await browser.VisitAsync(there!);
        Assert.StartsWith("https://desk.example/api/v1/session/provider/back?", back!.ToString(), StringComparison.Ordinal);
        return new Uri(_service.Address, back.PathAndQuery);
    }
}

/// <summary>A small identity provider: it knows one client and one person, checks PKCE, and signs with RS256.</summary>
internal sealed class Issuer : IAsyncDisposable
{
    private readonly RSA _key = RSA.Create(2048), _other = RSA.Create(2048);
    private readonly Dictionary<string, (string Nonce, string Challenge, string Redirect)> _codes = [];
    private WebApplication _app = null!;

    internal string Address { get; private set; } = "";

    /// <summary>What is wrong with the next tokens.</summary>
    internal Action<Token> Spoil { get; set; } = _ => { };

    internal sealed class Token
    {
        internal Dictionary<string, object> Claims { get; init; } = [];

        internal string Algorithm { get; set; } = "RS256";

        internal string KeyId { get; set; } = "k1";

        internal bool Stranger { get; set; }

        internal bool Tampered { get; set; }
    }

    internal static async Task<Issuer> StartAsync()
    {
        var issuer = new Issuer();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        issuer._app = builder.Build();
        issuer._app.MapGet("/.well-known/openid-configuration", () => Results.Json(new
        {
            issuer = issuer.Address, authorization_endpoint = issuer.Address + "/authorize", token_endpoint = issuer.Address + "/token", jwks_uri = issuer.Address + "/keys",
        }));
        issuer._app.MapGet("/keys", () =>
        {
            var told = issuer._key.ExportParameters(false);
            return Results.Json(new { keys = new[] { new { kty = "RSA", kid = "k1", use = "sig", alg = "RS256", n = WebEncoders.Base64UrlEncode(told.Modulus!), e = WebEncoders.Base64UrlEncode(told.Exponent!) } } });
        });
        issuer._app.MapGet("/authorize", (string client_id, string redirect_uri, string state, string nonce, string code_challenge) =>
        {
            if (client_id != "exposure") return Results.BadRequest();
            var code = Guid.NewGuid().ToString("N");
            issuer._codes[code] = (nonce, code_challenge, redirect_uri);
            return Results.Redirect($"{redirect_uri}?code={code}&state={Uri.EscapeDataString(state)}");
        });
        issuer._app.MapPost("/token", async (HttpContext http) =>
        {
            var form = await http.Request.ReadFormAsync();
            if (!issuer._codes.Remove(form["code"].ToString(), out var asked) || form["client_secret"] != "s3cret" || form["redirect_uri"] != asked.Redirect
                || WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) != asked.Challenge) return Results.BadRequest();
            return Results.Json(new { id_token = issuer.Sign(asked.Nonce), token_type = "Bearer" });
        });
        await issuer._app.StartAsync();
        issuer.Address = issuer._app.Urls.First();
        return issuer;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
        _other.Dispose();
    }

    private string Sign(string nonce)
    {
        var now = DateTimeOffset.UtcNow;
        var token = new Token
        {
            Claims = new Dictionary<string, object>
            {
                ["iss"] = Address, ["aud"] = "exposure", ["sub"] = "f:1:anna", ["preferred_username"] = "anna", ["nonce"] = nonce, ["iat"] = now.ToUnixTimeSeconds(), ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
                ["realm_access"] = new { roles = new[] { "approver", "admin" } },
            },
        };
        Spoil(token);
        var head = WebEncoders.Base64UrlEncode(JsonSerializer.SerializeToUtf8Bytes(new { alg = token.Algorithm, kid = token.KeyId, typ = "JWT" }));
        var body = WebEncoders.Base64UrlEncode(JsonSerializer.SerializeToUtf8Bytes(token.Claims));
        var signed = Encoding.ASCII.GetBytes($"{head}.{body}");
        var signature = token.Algorithm switch
        {
            "none" => [],
            "HS256" => HMACSHA256.HashData(_key.ExportSubjectPublicKeyInfo(), signed),
            _ => (token.Stranger ? _other : _key).SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        };
        if (token.Tampered) body = WebEncoders.Base64UrlEncode(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>(token.Claims) { ["preferred_username"] = "admin" }));
        return $"{head}.{body}.{WebEncoders.Base64UrlEncode(signature)}";
    }
}
