using ExposureMonitor.Api;

namespace ExposureMonitor.Standalone;

/// <summary>The identity provider, told by the environment: a secret never stands on a command line.</summary>
internal static class Provider
{
    /// <exception cref="ArgumentException">Something that it needs is missing.</exception>
    internal static OpenIdConnect? FromEnvironment()
    {
        if (Told("EXPOSURE_OIDC_ISSUER") is not { } issuer) return null;
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttps && !address.IsLoopback)) throw new ArgumentException("EXPOSURE_OIDC_ISSUER: expected an https address.");
        var options = new ProviderOptions
        {
            Issuer = issuer, ClientId = Need("EXPOSURE_OIDC_CLIENT"), ClientSecret = Secret(), ExternalAddress = Need("EXPOSURE_EXTERNAL_URL"), Name = Told("EXPOSURE_OIDC_NAME") ?? "Single sign-on",
            RolesClaim = Told("EXPOSURE_OIDC_ROLES") ?? "realm_access.roles", SubjectClaim = Told("EXPOSURE_OIDC_SUBJECT") ?? "preferred_username",
        };
        // The provider is configured by its operator; it gets ten seconds, and no redirect is followed.
        return new OpenIdConnect(options, new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = 1024 * 1024 });
    }

    private static string Secret() => Told("EXPOSURE_OIDC_SECRET_FILE") is { } file ? File.ReadAllText(file).Trim() : Told("EXPOSURE_OIDC_SECRET") ?? "";

    private static string Need(string name) => Told(name) ?? throw new ArgumentException($"{name}: needed with EXPOSURE_OIDC_ISSUER.");

    private static string? Told(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
