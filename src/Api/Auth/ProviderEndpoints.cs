using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ExposureMonitor.Api;

/// <summary>The two addresses of a sign-in at an identity provider: there, and back.</summary>
internal static class ProviderEndpoints
{
    private const string Cookie = "exposure-provider";

    internal static void MapProvider(this WebApplication app, Desk desk)
    {
        Map(OpenIdConnect.Begin, async http =>
        {
            if (desk.SignIn?.Provider is not { } provider) return Problems.Of(404, "NO_ROUTE", "No identity provider is configured.");
            try
            {
                var (address, browser) = await provider.BeginAsync(http.Request.Query["to"].ToString(), http.RequestAborted);
                // Lax, since the provider's answer comes from another site; it lives for the sign-in alone.
                http.Response.Cookies.Append(Cookie, browser, new CookieOptions { HttpOnly = true, Secure = http.Request.IsHttps, SameSite = SameSiteMode.Lax, Path = OpenIdConnect.Back, MaxAge = TimeSpan.FromMinutes(5) });
                return Results.Redirect(address);
            }
            catch (HttpRequestException)
            {
                return Problems.Of(503, "PROVIDER", "The identity provider does not answer.");
            }
        });
        Map(OpenIdConnect.Back, async http =>
        {
            if (desk.SignIn?.Provider is not { } provider) return Problems.Of(404, "NO_ROUTE", "No identity provider is configured.");
            http.Response.Cookies.Delete(Cookie, new CookieOptions { Path = OpenIdConnect.Back });
            try
            {
                var query = http.Request.Query;
                var (subject, roles, target, wrong) = await provider.FinishAsync(query["state"].ToString(), query["code"].ToString(), http.Request.Cookies[Cookie] ?? "", http.RequestAborted);
                if (subject is null) return Problems.Of(401, "WRONG", wrong.Length > 0 ? wrong : "The token names nobody.");
                if (desk.Keys.Person(subject) is null) return Problems.Of(403, "NO_USER", $"'{subject}' has no rights here. An administrator asks for them, and a second person agrees.");
                await desk.SignIn.BeginAsync(http, subject, mustChange: false, roles);
                return Results.LocalRedirect(target);
            }
            catch (HttpRequestException)
            {
                return Problems.Of(503, "PROVIDER", "The identity provider does not answer.");
            }
        });

        void Map(string address, Func<HttpContext, Task<IResult>> handler) => app.MapMethods(address, ["GET"], (Delegate)handler).ExcludeFromDescription();
    }
}
