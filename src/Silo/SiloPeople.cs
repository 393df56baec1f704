using ExposureMonitor.Api;
using Microsoft.Extensions.Configuration;

namespace ExposureMonitor.Silo;

/// <summary>How people sign in at a silo, by settings; their passwords and sessions stand in the database, so that every silo knows them.</summary>
internal static class SiloPeople
{
    internal static readonly string[] Settings = ["SignIn:Issuer", "SignIn:ClientId", "SignIn:ClientSecret", "SignIn:ExternalUrl", "SignIn:Name", "SignIn:RolesClaim", "SignIn:SubjectClaim"];

    /// <summary>The identity provider; <c>null</c> when none is named.</summary>
    /// <exception cref="SettingException">Something that it needs is missing.</exception>
    internal static ProviderOptions? Read(IConfiguration settings)
    {
        if (Told("SignIn:Issuer") is not { } issuer)
            return Settings.FirstOrDefault(s => Told(s) is not null) is { } alone ? throw new SettingException($"{alone} is set, and SignIn:Issuer is not; expected the https address of the identity provider.") : null;
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttps && !address.IsLoopback))
            throw new SettingException($"SignIn:Issuer is '{issuer}'; expected an https address.");
        var defaults = new ProviderOptions { Issuer = issuer, ClientId = Need("SignIn:ClientId"), ExternalAddress = Need("SignIn:ExternalUrl") };
        return defaults with
        {
            ClientSecret = Told("SignIn:ClientSecret") ?? "", Name = Told("SignIn:Name") ?? defaults.Name, RolesClaim = Told("SignIn:RolesClaim") ?? defaults.RolesClaim,
            SubjectClaim = Told("SignIn:SubjectClaim") ?? defaults.SubjectClaim,
        };

        string? Told(string name) => settings[name] is { } told && told.Trim().Length > 0 ? told.Trim() : null;

        string Need(string name) => Told(name) ?? throw new SettingException($"{name} is missing; it is needed with SignIn:Issuer.");
    }

    // The provider is configured by its operator; it gets ten seconds, and no redirect is followed.
    internal static OpenIdConnect? Provider(ProviderOptions? options) => options is null ? null
        : new OpenIdConnect(options, new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = 1024 * 1024 });
}
