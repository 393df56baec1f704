using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ExposureMonitor.Standalone;

/// <summary>Calls of a running service. The key comes from the environment, so that it stands in no list of processes and no shell history.</summary>
internal sealed class Remote : IDisposable
{
    private readonly HttpClient _http;

    private Remote(string url, string key)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")) throw new InvalidOperationException($"--url: '{url}' is no address such as http://localhost:8480.");
        if (key.Length == 0) throw new InvalidOperationException("The environment variable that --key-env names holds no key.");
        _http = new HttpClient { BaseAddress = address };
        _http.DefaultRequestHeaders.Add("X-Api-Key", key);
    }

    internal static Option<string?> Url() => new("--url") { Description = "A running service, such as http://localhost:8480; its key is in the environment." };

    internal static Option<string> KeyEnvironment() => new("--key-env") { DefaultValueFactory = _ => "EXPOSURE_KEY", Description = "Environment variable with the API key." };

    internal static Remote Open(string? url, string? variable) =>
        new(url ?? throw new InvalidOperationException("--url is missing: this command acts on a running service."), Environment.GetEnvironmentVariable(variable ?? "EXPOSURE_KEY") ?? "");

    internal Task<JsonElement> GetAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Get, path, null, "application/json", cancel);

    /// <summary>Posts once; the key makes a repetition of the same command safe.</summary>
    internal Task<JsonElement> PostAsync(string path, string? body, CancellationToken cancel, string media = "application/json") => SendAsync(HttpMethod.Post, path, body, media, cancel);

    internal Task<JsonElement> DeleteAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Delete, path, null, "application/json", cancel);

    public void Dispose() => _http.Dispose();

    /// <summary>
    /// Sends events, one per line, and counts the outcomes. A service that is busy or away is asked again for a while: every
    /// event has its id, so none counts twice.
    /// </summary>
    internal async Task<SortedDictionary<string, long>> PostEventsAsync(IReadOnlyList<string> lines, CancellationToken cancel)
    {
        var outcomes = new SortedDictionary<string, long>(StringComparer.Ordinal);
        // A second line, so that also one event alone is a batch with an answer per event.
        var body = string.Join('\n', lines) + (lines.Count == 1 ? "\n" + lines[0] : "");
        for (var tries = 1; ; tries++)
        {
            try
            {
                var answer = await PostAsync("/events", body, cancel, "application/x-ndjson");
                foreach (var result in answer.GetProperty("results").EnumerateArray().Take(lines.Count))
                {
                    var name = result.GetProperty("outcome").GetString()! + (result.TryGetProperty("proposal", out _) ? " (waits for a second person)" : "")
                        + (result.TryGetProperty("reason", out var reason) ? " " + reason.GetString() : "");
                    outcomes[name] = outcomes.GetValueOrDefault(name) + 1;
                }

                return outcomes;
            }
            catch (HttpRequestException away) when (tries < TriesMax && away.StatusCode is null or System.Net.HttpStatusCode.TooManyRequests or System.Net.HttpStatusCode.ServiceUnavailable)
            {
                if (tries >= TriesMax) throw;
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(tries, 5)), cancel);
            }
        }
    }

    private const int TriesMax = 8;

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, string? body, string media, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, new Uri("/api/v1" + path, UriKind.Relative));
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString("N"));
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(media));
        using var answer = await _http.SendAsync(request, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        if (!answer.IsSuccessStatusCode) throw new HttpRequestException(Told(text) ?? $"The service answers {(int)answer.StatusCode}.", null, answer.StatusCode);
        using var document = JsonDocument.Parse(text.Length == 0 ? "{}" : text);
        return document.RootElement.Clone();
    }

    /// <summary>Code and detail of a problem.</summary>
    private static string? Told(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return $"{document.RootElement.GetProperty("code").GetString()}: {document.RootElement.GetProperty("detail").GetString()}";
        }
        catch (Exception strange) when (strange is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
