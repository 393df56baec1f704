using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace ExposureMonitor.Alerts;

/// <summary>
/// Sends by HTTP: no redirect, no proxy of the environment, no cookies, no decompression, 3 s to connect, 64 KiB of answer. A failure says
/// whether the request can have arrived; the text of an answer never holds the address.
/// </summary>
internal sealed class HttpTransport : ITransport
{
    private const int AnswerMax = 64 << 10;

    /// <summary>Parts of an address that are shorter are words, not credentials.</summary>
    private const int SecretLeast = 8;

    private static readonly TimeSpan ConnectMax = TimeSpan.FromSeconds(3), LongestRequest = TimeSpan.FromSeconds(30), LongestWait = TimeSpan.FromHours(1);

    private readonly ChannelSettings _settings;
    private readonly IVendor _vendor;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    internal HttpTransport(ChannelSettings settings, TimeProvider time)
    {
        (_settings, _vendor, _time) = (settings, Vendors.Of(settings), time);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseProxy = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None, ConnectTimeout = ConnectMax, MaxConnectionsPerServer = 1,
            // Names are looked up again: a name that was bound to another address must not be kept for days.
            PooledConnectionLifetime = TimeSpan.FromMinutes(2), PooledConnectionIdleTimeout = TimeSpan.FromSeconds(50),
            ConnectCallback = (context, cancel) => AddressRules.ConnectAsync(context.DnsEndPoint, settings.AllowedNetworks, cancel),
        }) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }

    public async Task<Answer> SendAsync(OutMessage message, CancellationToken cancel)
    {
        var draft = _vendor.Draft(message, _time.Now());
        if (AddressRules.Refusal(draft.Address.AbsoluteUri, _settings) is { } refused) return new Answer(AnswerKind.Unhealthy, refused);
        using var request = new HttpRequestMessage(HttpMethod.Post, draft.Address) { Content = new ByteArrayContent(draft.Body), Version = HttpVersion.Version11 };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        request.Headers.UserAgent.ParseAdd("ExposureMonitor");
        foreach (var (name, value) in draft.Headers) request.Headers.TryAddWithoutValidation(name, value);
        using var whole = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        whole.CancelAfter(_settings.Timeout < LongestRequest ? _settings.Timeout : LongestRequest);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, whole.Token);
            var body = await ReadAsync(response.Content, whole.Token);
            var now = _time.GetUtcNow();
            var answer = _vendor.Judge(new HttpAnswer((int)response.StatusCode, body, RetryAfter(response, now)));
            return answer with { Text = Clean(answer.Text), ClockOffBy = response.Headers.Date is { } theirs ? now - theirs : null };
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new Answer(AnswerKind.Unknown, $"no answer in {_settings.Timeout.TotalSeconds:0} s");
        }
        catch (HttpRequestException failed) when (Refused(failed) is { } refusal)
        {
            return new Answer(AnswerKind.Unhealthy, refusal.Message);
        }
        catch (HttpRequestException failed)
        {
            // Without a connection nothing can have arrived; behind it nobody knows.
            var notSent = failed.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError;
            return new Answer(notSent ? AnswerKind.NotSent : AnswerKind.Unknown, Clean($"{failed.HttpRequestError}: {(failed.InnerException ?? failed).Message}"));
        }
        catch (IOException cut)
        {
            return new Answer(AnswerKind.Unknown, Clean(cut.Message));
        }
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Without the address, whole or in parts: a vendor may quote the key alone.</summary>
    private string Clean(string text)
    {
        var uri = new Uri(_settings.Url);
        string[] parts = [_settings.Url, uri.PathAndQuery, .. _settings.Secrets, .. uri.PathAndQuery.Split('/', '?', '&', '=').Where(p => p.Length >= SecretLeast), .. uri.Query.TrimStart('?').Split('&').Select(q => Uri.UnescapeDataString(q[(q.IndexOf('=', StringComparison.Ordinal) + 1)..])).Where(p => p.Length >= SecretLeast)];
        foreach (var part in parts.Where(p => p.Length > 1).OrderByDescending(p => p.Length)) text = text.Replace(part, "…", StringComparison.OrdinalIgnoreCase);
        return Escapes.Answer(text, "");
    }

    private static AddressRefusedException? Refused(Exception? failed)
    {
        for (; failed is not null; failed = failed.InnerException)
            if (failed is AddressRefusedException refused) return refused;
        return null;
    }

    private static async Task<string> ReadAsync(HttpContent content, CancellationToken cancel)
    {
        await using var stream = await content.ReadAsStreamAsync(cancel);
        var buffer = new byte[AnswerMax];
        var read = await stream.ReadAtLeastAsync(buffer, AnswerMax, throwOnEndOfStream: false, cancel);
        return Encoding.UTF8.GetString(buffer, 0, read);
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now)
    {
        var told = response.Headers.RetryAfter;
        var wait = told?.Delta ?? (told?.Date is { } date ? date - now : null);
        return wait is not { } span ? null : span < TimeSpan.Zero ? TimeSpan.Zero : span > LongestWait ? LongestWait : span;
    }
}
