using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ExposureMonitor.Chaos.Alerting;

/// <summary>What a server says to a request.</summary>
/// <param name="Takes">The message is shown.</param>
/// <param name="BreaksLimit">The caller was faster, or the message larger, than the vendor allows.</param>
internal sealed record Verdict(int Status, string Text, bool Takes, bool BreaksLimit = false, string? RetryAfter = null);

/// <summary>A request as it came.</summary>
internal sealed record Incoming(string Body, Func<string, string> Query, Func<string, string> Header);

/// <summary>
/// The vendors' rules as they are documented: signatures, bytes, requests in sliding windows, "200 but failed". Time is the host's for windows
/// and the server's own, which may be off, for signatures.
/// </summary>
internal sealed class VendorRules(Vendor vendor, string secret, TimeSpan rest)
{
    private readonly List<DateTime> _counted = [];
    private DateTime _restUntil;

    /// <summary>Says what the vendor would say.</summary>
    /// <param name="clockOff">How far the server's clock is off.</param>
    internal Verdict Judge(Incoming request, DateTime now, TimeSpan clockOff)
    {
        JsonElement json;
        try
        {
            json = JsonDocument.Parse(request.Body).RootElement;
        }
        catch (JsonException)
        {
            return Malformed("no json");
        }

        var theirs = new DateTimeOffset(now + clockOff);
        var bytes = Encoding.UTF8.GetByteCount(request.Body);
        return vendor switch
        {
            Vendor.Slack => Slack(json, now),
            Vendor.Teams => bytes > 28 * 1_024 ? new Verdict(413, "too large", false, BreaksLimit: true) : Over(now, (4, 1)) ? new Verdict(429, "throttled", false, true, "2") : new Verdict(202, "", true),
            Vendor.DingTalk => DingTalk(request, bytes, now, theirs),
            Vendor.Feishu => Feishu(json, bytes, now, theirs),
            Vendor.WeCom => WeCom(request, json, now),
            _ => Webhook(request, theirs),
        };
    }

    /// <summary>What the vendor says when it finds the caller too fast.</summary>
    internal Verdict TooFast() => vendor switch
    {
        Vendor.DingTalk => new Verdict(200, """{"errcode":130101,"errmsg":"send too fast"}""", false),
        Vendor.WeCom => new Verdict(200, """{"errcode":45009,"errmsg":"api freq out of limit"}""", false),
        Vendor.Feishu => new Verdict(200, """{"code":11232,"msg":"frequency limited"}""", false),
        _ => new Verdict(429, "rate_limited", false, RetryAfter: "3"),
    };

    private Verdict Slack(JsonElement json, DateTime now)
    {
        if (!json.TryGetProperty("text", out var text) || text.GetString() is not { Length: > 0 }) return new Verdict(400, "no_text", false);
        var blocks = json.GetProperty("blocks");
        var parts = blocks.EnumerateArray().Where(b => b.GetProperty("type").GetString() is "header" or "section").Select(b => (Type: b.GetProperty("type").GetString(), b.GetProperty("text").GetProperty("text").GetString()!.Length)).ToList();
        if (blocks.GetArrayLength() > 50 || parts.Exists(p => p.Length > (p.Type == "header" ? 150 : 3_000))) return new Verdict(400, "invalid_blocks", false, BreaksLimit: true);
        if (blocks.GetRawText().Length > 13_200) return new Verdict(400, "msg_blocks_too_long", false, BreaksLimit: true);
        // One a second with short bursts: six in five seconds are too many.
        return Over(now, (6, 5)) ? new Verdict(429, "rate_limited", false, true, "5") : new Verdict(200, "ok", true);
    }

    private Verdict DingTalk(Incoming request, int bytes, DateTime now, DateTimeOffset theirs)
    {
        if (now < _restUntil) return TooFast() with { BreaksLimit = true };
        if (!long.TryParse(request.Query("timestamp"), out var ms) || Math.Abs(ms - theirs.ToUnixTimeMilliseconds()) > 3_600_000 || request.Query("sign") != Hmac(Encoding.UTF8.GetBytes(secret), $"{ms}\n{secret}"))
            return new Verdict(200, """{"errcode":310000,"errmsg":"sign not match"}""", false);
        if (bytes > 20_000) return new Verdict(200, """{"errcode":40035,"errmsg":"param invalid"}""", false, BreaksLimit: true);
        if (!Over(now, (20, 60))) return new Verdict(200, """{"errcode":0,"errmsg":"ok"}""", true);
        _restUntil = now + rest;
        return TooFast() with { BreaksLimit = true };
    }

    private Verdict Feishu(JsonElement json, int bytes, DateTime now, DateTimeOffset theirs)
    {
        if (!json.TryGetProperty("sign", out var sign) || !long.TryParse(json.GetProperty("timestamp").GetString(), out var seconds) || Math.Abs(seconds - theirs.ToUnixTimeSeconds()) > 3_600
            || sign.GetString() != Hmac(Encoding.UTF8.GetBytes($"{seconds}\n{secret}"), ""))
            return new Verdict(200, """{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}""", false);
        if (bytes > 20 * 1_024) return new Verdict(200, """{"code":9499,"msg":"Bad Request"}""", false, BreaksLimit: true);
        return Over(now, (5, 1), (100, 60)) ? TooFast() with { BreaksLimit = true } : new Verdict(200, """{"code":0,"msg":"success"}""", true);
    }

    private Verdict WeCom(Incoming request, JsonElement json, DateTime now)
    {
        if (request.Query("key") != secret) return new Verdict(200, """{"errcode":93000,"errmsg":"invalid webhook url"}""", false);
        if (Encoding.UTF8.GetByteCount(json.GetProperty("markdown").GetProperty("content").GetString()!) > 4_096)
            return new Verdict(200, """{"errcode":40058,"errmsg":"markdown.content exceed max length 4096"}""", false, BreaksLimit: true);
        return Over(now, (20, 60)) ? TooFast() with { BreaksLimit = true } : new Verdict(200, """{"errcode":0,"errmsg":"ok"}""", true);
    }

    private Verdict Webhook(Incoming request, DateTimeOffset theirs)
    {
        if (!long.TryParse(request.Header("webhook-timestamp"), out var seconds) || Math.Abs(seconds - theirs.ToUnixTimeSeconds()) > 300) return new Verdict(401, "timestamp", false);
        var expected = "v1," + Hmac(Convert.FromBase64String(secret["whsec_".Length..]), $"{request.Header("webhook-id")}.{seconds}.{request.Body}");
        return request.Header("webhook-signature").Split(' ').Contains(expected) ? new Verdict(204, "", true) : new Verdict(401, "bad signature", false);
    }

    private Verdict Malformed(string why) => vendor switch
    {
        Vendor.Slack => new Verdict(400, "invalid_payload", false), Vendor.Feishu => new Verdict(200, """{"code":9499,"msg":"Bad Request"}""", false), _ => new Verdict(400, why, false),
    };

    /// <summary>One more than is allowed in any window. What is refused is not counted.</summary>
    private bool Over(DateTime now, params (int Count, double Seconds)[] rates)
    {
        foreach (var (count, seconds) in rates)
            if (_counted.Count(c => c > now.AddSeconds(-seconds)) >= count) return true;
        _counted.Add(now);
        if (_counted.Count > 1_000) _counted.RemoveRange(0, 500);
        return false;
    }

    private static string Hmac(byte[] key, string text) => Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
}

/// <summary>Finds a message's own id in what was sent.</summary>
internal static class MessageIds
{
    private static readonly string[] Repeats = ["repeat · ", "重发 · "];

    /// <summary>The id, and whether the message says that it may be a repetition.</summary>
    internal static (string Id, bool IsRepeat) In(string body)
    {
        var found = ("", false);
        JsonElement json;
        try
        {
            json = JsonDocument.Parse(body).RootElement;
        }
        catch (JsonException)
        {
            return found;
        }

        foreach (var text in Texts(json))
            foreach (var line in text.Split('\n'))
                if (Read(line) is { } id) found = id;
        return found;
    }

    /// <summary>One line; markup and the wide forms that harmless texts have are taken away.</summary>
    internal static (string Id, bool IsRepeat)? Read(string line)
    {
        var plain = line.Replace("\\", "", StringComparison.Ordinal).Replace('＃', '#').Replace('＠', '@').Replace('＊', '*').Replace('～', '~');
        if (plain.StartsWith('<') && plain.EndsWith("</font>", StringComparison.Ordinal)) plain = plain[(plain.IndexOf('>', StringComparison.Ordinal) + 1)..^"</font>".Length];
        var isRepeat = false;
        foreach (var mark in Repeats)
        {
            if (!plain.StartsWith(mark, StringComparison.Ordinal)) continue;
            (plain, isRepeat) = (plain[mark.Length..], true);
        }

        if (plain.Contains(' ', StringComparison.Ordinal)) return null;
        var isDigest = plain.Length == 34 && plain.StartsWith("m-", StringComparison.Ordinal) && plain[2..].All(char.IsAsciiHexDigitLower);
        return isDigest || plain.Count(c => c == '#') == 2 ? (plain, isRepeat) : null;
    }

    private static IEnumerable<string> Texts(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => [json.GetString()!],
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => json.EnumerateObject().SelectMany(p => Texts(p.Value)),
        _ => [],
    };
}
