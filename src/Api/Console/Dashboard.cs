namespace ExposureMonitor.Api;

/// <summary>Where the dashboard of the operators stands, as a browser reaches it.</summary>
public static class Dashboard
{
    /// <summary>The address as it is told, without a slash at its end; "" for none.</summary>
    /// <exception cref="ArgumentException">It is no http or https address, and the console links to nothing else.</exception>
    public static string Address(string? told, string name)
    {
        if (string.IsNullOrWhiteSpace(told)) return "";
        if (!Uri.TryCreate(told.Trim(), UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp) || address.Query.Length > 0)
            throw new ArgumentException($"{name}: '{told}' is no address of a dashboard such as https://grafana.example.com/d/exposure-monitor.");
        return address.AbsoluteUri.TrimEnd('/');
    }
}
