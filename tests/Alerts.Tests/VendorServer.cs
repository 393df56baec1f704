using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>What came, and what was said to it.</summary>
internal sealed record Received(string Body, string Query, IReadOnlyDictionary<string, string> Headers, DateTimeOffset At, int Status, string Answer)
{
    /// <summary>The vendor showed it to people.</summary>
    internal bool Shown { get; init; }
}

/// <summary>What is said instead of what the vendor would say; a null body cuts the connection.</summary>
internal sealed record Reply(int Status, string? Body, string? RetryAfter = null, bool Hangs = false, string? Location = null);

/// <summary>
/// One vendor on the loopback that behaves as it is documented: it checks signatures, counts bytes and requests in sliding windows, rests, and says 200
/// to what it did not take. It shares no code with what it judges.
/// </summary>
internal sealed class VendorServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ChannelKind _kind;
    private readonly TimeProvider _time;
    private readonly List<DateTimeOffset> _counted = [];
    private readonly Lock _gate = new();
    private DateTimeOffset _blockedUntil;

    private VendorServer(ChannelKind kind, TimeProvider time)
    {
        (_kind, _time) = (kind, time);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.AddServerHeader = false;
            k.Listen(IPAddress.Loopback, 0);
        });
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    internal string Secret { get; set; } = "SEC0123456789abcdef";

    internal string Url { get; private set; } = "";

    internal ConcurrentQueue<Received> Received { get; } = new();

    /// <summary>What it is to say next, before it behaves again.</summary>
    internal ConcurrentQueue<Reply> Replies { get; } = new();

    /// <summary>Answers to everything, while it is set.</summary>
    internal Reply? Always { get; set; }

    internal IReadOnlyList<Received> Shown => [.. Received.Where(r => r.Shown)];

    internal static async Task<VendorServer> StartAsync(ChannelKind kind, TimeProvider? time = null)
    {
        var server = new VendorServer(kind, time ?? TimeProvider.System);
        await server._app.StartAsync();
        var address = server._app.Urls.First();
        server.Url = kind switch
        {
            ChannelKind.Slack => $"{address}/services/T0/B0/secretpath",
            ChannelKind.DingTalk => $"{address}/robot/send?access_token=secrettoken",
            ChannelKind.Feishu => $"{address}/open-apis/bot/v2/hook/secrettoken",
            ChannelKind.WeCom => $"{address}/cgi-bin/webhook/send?key=secretkey",
            ChannelKind.Teams => $"{address}/workflows/secretflow?sig=secretsig",
            _ => $"{address}/hook",
        };
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var reply = Always ?? (Replies.TryDequeue(out var told) ? told : null);
        if (reply is { Hangs: true })
        {
            Note(http, body, 0, "hangs", shown: false);
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }

        if (reply is { Body: null })
        {
            Note(http, body, 0, "cut", shown: true);
            http.Abort();
            return;
        }

        var (status, text, retryAfter) = reply is null ? Behave(http, body) : (reply.Status, reply.Body!, reply.RetryAfter);
        var shown = reply is null ? Takes(status, text) : reply is { Status: 200, Body: "ok" };
        Note(http, body, status, text, shown);
        http.Response.StatusCode = status;
        if (retryAfter is not null) http.Response.Headers.RetryAfter = retryAfter;
        if (reply?.Location is { } location) http.Response.Headers.Location = location;
        http.Response.Headers.Date = _time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        if (text.Length > 0) await http.Response.WriteAsync(text);
    }

    private void Note(HttpContext http, string body, int status, string answer, bool shown) =>
        Received.Enqueue(new Received(body, http.Request.QueryString.Value ?? "", http.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()), _time.GetUtcNow(), status, answer) { Shown = shown });

    private bool Takes(int status, string text) => _kind switch
    {
        ChannelKind.DingTalk or ChannelKind.WeCom => text.Contains("\"errcode\":0", StringComparison.Ordinal),
        ChannelKind.Feishu => text.Contains("\"code\":0", StringComparison.Ordinal),
        _ => status is >= 200 and < 300,
    };

    private (int Status, string Text, string? RetryAfter) Behave(HttpContext http, string body)
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var bytes = Encoding.UTF8.GetByteCount(body);
            JsonElement json;
            try
            {
                json = JsonDocument.Parse(body).RootElement;
            }
            catch (JsonException)
            {
                return _kind switch { ChannelKind.Slack => (400, "invalid_payload", null), ChannelKind.Feishu => (200, """{"code":9499,"msg":"Bad Request"}""", null), _ => (400, "bad json", null) };
            }

            switch (_kind)
            {
                case ChannelKind.Slack:
                    if (!json.TryGetProperty("text", out _)) return (400, "no_text", null);
                    var blocks = json.GetProperty("blocks");
                    if (blocks.GetArrayLength() > 50) return (400, "invalid_blocks", null);
                    foreach (var block in blocks.EnumerateArray())
                    {
                        if (block.GetProperty("type").GetString() == "header" && block.GetProperty("text").GetProperty("text").GetString()!.Length > 150) return (400, "invalid_blocks", null);
                        if (block.GetProperty("type").GetString() == "section" && block.GetProperty("text").GetProperty("text").GetString()!.Length > 3_000) return (400, "invalid_blocks", null);
                    }

                    if (blocks.GetRawText().Length > 13_200) return (400, "msg_blocks_too_long", null);
                    return Over(now, (6, 5)) ? (429, "rate_limited", "5") : (200, "ok", null);
                case ChannelKind.Teams:
                    return bytes > 28 * 1_024 ? (413, "too large", null) : Over(now, (4, 1)) ? (429, "throttled", "2") : (202, "", null);
                case ChannelKind.DingTalk:
                    if (now < _blockedUntil) return (200, """{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}""", null);
                    var query = http.Request.Query;
                    if (!long.TryParse(query["timestamp"], out var ms) || Math.Abs(ms - now.ToUnixTimeMilliseconds()) > 3_600_000 || query["sign"] != Hmac(Secret, $"{ms}\n{Secret}"))
                        return (200, """{"errcode":310000,"errmsg":"sign not match"}""", null);
                    if (bytes > 20_000) return (200, """{"errcode":40035,"errmsg":"param invalid"}""", null);
                    if (!Over(now, (20, 60))) return (200, """{"errcode":0,"errmsg":"ok"}""", null);
                    _blockedUntil = now.AddMinutes(10);
                    return (200, """{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}""", null);
                case ChannelKind.Feishu:
                    if (!json.TryGetProperty("sign", out var sign) || !long.TryParse(json.GetProperty("timestamp").GetString(), out var seconds) || Math.Abs(seconds - now.ToUnixTimeSeconds()) > 3_600
                        || sign.GetString() != Hmac($"{seconds}\n{Secret}", ""))
                        return (200, """{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}""", null);
                    if (bytes > 20 * 1_024) return (200, """{"code":9499,"msg":"Bad Request"}""", null);
                    return Over(now, (5, 1), (100, 60)) ? (200, """{"code":11232,"msg":"frequency limited"}""", null) : (200, """{"code":0,"msg":"success"}""", null);
                case ChannelKind.WeCom:
                    if (http.Request.Query["key"] != "secretkey") return (200, """{"errcode":93000,"errmsg":"invalid webhook url"}""", null);
                    if (Encoding.UTF8.GetByteCount(json.GetProperty("markdown").GetProperty("content").GetString()!) > 4_096) return (200, """{"errcode":40058,"errmsg":"markdown.content exceed max length 4096"}""", null);
                    return Over(now, (20, 60)) ? (200, """{"errcode":45009,"errmsg":"api freq out of limit"}""", null) : (200, """{"errcode":0,"errmsg":"ok"}""", null);
                default:
                    var headers = http.Request.Headers;
                    var expected = "v1," + Hmac(Convert.FromBase64String(Secret["whsec_".Length..]), $"{headers["webhook-id"]}.{headers["webhook-timestamp"]}.{body}");
                    return headers["webhook-signature"].ToString().Split(' ').Contains(expected) ? (204, "", null) : (401, "bad signature", null);
            }
        }
    }

    /// <summary>One more than is allowed in any window. What is refused is not counted.</summary>
    private bool Over(DateTimeOffset now, params (int Count, double Seconds)[] rates)
    {
        foreach (var (count, seconds) in rates)
            if (_counted.Count(c => c > now.AddSeconds(-seconds)) >= count) return true;
        _counted.Add(now);
        return false;
    }

    private static string Hmac(string key, string text) => Hmac(Encoding.UTF8.GetBytes(key), text);

    private static string Hmac(byte[] key, string text) => Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
}

/// <summary>A clock that runs faster, so that an hour of a vendor's patience is seconds of ours.</summary>
internal sealed class FastTime(double factor) : TimeProvider
{
    private readonly DateTimeOffset _start = TimeProvider.System.GetUtcNow();
    private readonly long _from = TimeProvider.System.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => _start + (TimeProvider.System.GetElapsedTime(_from) * factor);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, Less(dueTime), Less(period));

    private TimeSpan Less(TimeSpan span) => span == Timeout.InfiniteTimeSpan || span == TimeSpan.Zero ? span : TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, (long)(span.Ticks / factor)));
}
