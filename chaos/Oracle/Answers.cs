using System.Net;
using System.Text.Json;

namespace ExposureMonitor.Chaos;

/// <summary>What the product says over its API: read as any client would.</summary>
internal sealed class Answers(Uri service, string key) : IDisposable
{
    private readonly HttpClient _http = Client(key);

    private static HttpClient Client(string key)
    {
        var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        http.DefaultRequestHeaders.Add("X-Api-Key", key);
        return http;
    }

    /// <summary>One document; <c>null</c> when the service does not answer it with success.</summary>
    internal async Task<JsonElement?> TryAsync(string path)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(service, path));
            if (!response.IsSuccessStatusCode) return null;
            using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
            return json.RootElement.Clone();
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or JsonException)
        {
            return null;
        }
    }

    /// <summary>True when the probe of liveness says that the process does not come back by itself.</summary>
    internal async Task<bool> HasGivenUpAsync()
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(service, "/health/live"));
            return response.StatusCode == HttpStatusCode.ServiceUnavailable;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>One document of a service that is expected to serve: asked for again when it does not answer at once.</summary>
    internal async Task<JsonElement> GetAsync(string path)
    {
        var limit = Clock.Now + 5_000;
        for (var i = 0; i < 20 || Clock.Now < limit; i++)
        {
            if (await TryAsync(path) is { } found) return found;
            await Task.Delay(250);
        }

        throw new ViolationException($"liveness: {path} is not answered, five seconds long, by a service that has nothing to wait for.");
    }

    /// <summary>All pages of a list, one element after the other.</summary>
    internal async IAsyncEnumerable<JsonElement> PagesAsync(string path, string list)
    {
        var cursor = "";
        do
        {
            var page = await GetAsync($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=500{cursor}");
            foreach (var element in page.GetProperty(list).EnumerateArray()) yield return element;
            cursor = page.TryGetProperty("cursor", out var next) ? "&cursor=" + next.GetString() : "";
        }
        while (cursor.Length > 0);
    }

    /// <summary>Rows of the lists whose rows may go out, the newest first, back to what was shown before.</summary>
    internal async Task ShowAllAsync(Outgoing outgoing)
    {
        foreach (var list in (string[])["decisions", "hold-records", "signals", "limit-changes", "audit?kind=credit.risk-state.changed.v1", "dead-letters"])
        {
            var known = 0;
            await foreach (var row in PagesAsync(list, "rows"))
            {
                if (outgoing.Show(row) is not { } isNew) continue;
                // A page of what is known: whoever came meanwhile stands before it.
                if ((known = isNew ? 0 : known + 1) >= 500) break;
            }
        }
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>The product broke a promise.</summary>
internal sealed class ViolationException(string message) : Exception(message);
