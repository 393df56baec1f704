using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExposureMonitor.Chaos.Alerting;

/// <summary>One vendor on the loopback, with a log of its own and a will of its own.</summary>
internal sealed class VendorServer : IReceiver
{
    private readonly WebApplication _app;
    private readonly VendorRules _rules;
    private readonly ServerLog _log;
    private readonly Lock _gate = new();
    private int _broken;

    private VendorServer(Vendor vendor, ServerLog log, TimeSpan rest, int port)
    {
        (Vendor, _log) = (vendor, log);
        _rules = new VendorRules(vendor, Secret, rest);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.AddServerHeader = false;
            k.Listen(IPAddress.Loopback, port, l => l.Protocols = HttpProtocols.Http1);
        });
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public Vendor Vendor { get; }

    public TroubleMaker Troubles { get; } = new();

    public int LimitsBroken => Volatile.Read(ref _broken);

    /// <summary>What the service is configured with.</summary>
    internal string Secret => Vendor switch { Vendor.Webhook => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Vendor.WeCom => "secretkey", _ => "SEC0123456789abcdef" };

    /// <summary>The address that a person would copy from the vendor's page.</summary>
    internal string Url { get; private set; } = "";

    internal static async Task<VendorServer> StartAsync(Vendor vendor, ServerLog log, TimeSpan rest, int port = 0)
    {
        var server = new VendorServer(vendor, log, rest, port);
        await server._app.StartAsync();
        var address = server._app.Urls.First();
        server.Url = vendor switch
        {
            Vendor.Slack => $"{address}/services/T0/B0/slacksecret",
            Vendor.Teams => $"{address}/workflows/flow?sig=teamssecret",
            Vendor.DingTalk => $"{address}/robot/send?access_token=dingsecret",
            Vendor.Feishu => $"{address}/open-apis/bot/v2/hook/feishusecret",
            Vendor.WeCom => $"{address}/cgi-bin/webhook/send?key=secretkey",
            _ => $"{address}/hook",
        };
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var request = new Incoming(body, name => http.Request.Query[name].ToString(), name => http.Request.Headers[name].ToString());
        var (id, isRepeat) = Vendor == Vendor.Webhook ? (request.Header("webhook-id"), body.Contains("\"repeat\":\"true\"", StringComparison.Ordinal)) : MessageIds.In(body);
        var trouble = Troubles.Next();
        Verdict verdict;
        lock (_gate)
        {
            verdict = trouble == Trouble.TooFast ? _rules.TooFast() : trouble is Trouble.Hang or Trouble.Cut or Trouble.Garbage or Trouble.Error ? new Verdict(0, "", false) : _rules.Judge(request, DateTime.UtcNow, Troubles.ClockOff);
            if (verdict.BreaksLimit) _broken++;
            // A message that the vendor would have refused is refused, trouble or not.
            if (!verdict.Takes && trouble is not (Trouble.Hang or Trouble.Cut or Trouble.Garbage or Trouble.Error or Trouble.TooFast)) trouble = Trouble.None;
            var said = trouble is Trouble.None or Trouble.TooFast ? $"{verdict.Status} {verdict.Text}" : trouble.ToString();
            _log.Write(new LogLine(Vendor, DateTime.UtcNow, id, verdict.Takes, verdict.Takes && trouble == Trouble.None, isRepeat, trouble, said, body));
        }

        switch (trouble)
        {
            case Trouble.Hang or Trouble.HangAfter:
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                return;
            case Trouble.Cut or Trouble.CutAfter:
                http.Abort();
                return;
            case Trouble.Garbage or Trouble.GarbageAfter:
                // A webhook believes in 2xx alone: garbage is a status there.
                await SayAsync(http, Vendor == Vendor.Webhook ? 502 : 200, "<html>\0\u0001 sign in to the wireless network \ud83d\ude00");
                return;
            case Trouble.Error or Trouble.ErrorAfter:
                await SayAsync(http, 503, "out of order");
                return;
            default:
                if (verdict.RetryAfter is { } wait) http.Response.Headers.RetryAfter = wait;
                await SayAsync(http, verdict.Status, verdict.Text);
                return;
        }
    }

    private async Task SayAsync(HttpContext http, int status, string text)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.Date = (DateTimeOffset.UtcNow + Troubles.ClockOff).ToString("R", CultureInfo.InvariantCulture);
        if (text.Length > 0) await http.Response.WriteAsync(text);
    }
}
