using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExposureMonitor.Api;

/// <summary>The web server, with limits that suit it.</summary>
public static class ApiHost
{
    /// <summary>Builds the server on a port of the loopback; 0 takes a free one.</summary>
    /// <param name="listen">Another address than the loopback, when somebody wants that; TLS is then for a proxy in front.</param>
    public static WebApplication Build(int port, Desk desk, MetricsText metrics, System.Net.IPAddress? listen = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        Configure(builder, port, listen);
        var app = builder.Build();
        app.MapExposure(desk, metrics);
        return app;
    }

    /// <summary>Limits, logging and services of the API, for a host of any kind.</summary>
    public static void Configure(WebApplicationBuilder builder, int port, System.Net.IPAddress? listen = null)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Desk.EventsMax + 1;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
            kestrel.Limits.MaxConcurrentConnections = 2_000;
            // Without an identity provider nothing but the loopback may reach the API.
            if (listen is not null) kestrel.Listen(listen, port);
            else if (port == 0) kestrel.Listen(System.Net.IPAddress.Loopback, 0);
            else kestrel.ListenLocalhost(port);
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // Why the host did not start is told by whoever starts it, in one line.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Services.AddExposureOpenApi();
        builder.Services.AddProblemDetails();
    }
}
