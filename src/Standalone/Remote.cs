using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Ingest;

namespace ExposureMonitor.Standalone;

/// <summary>Calls of a running service. The key comes from the environment, so that it stands in no list of processes and no shell history.</summary>
internal sealed class Remote : IDisposable
{
    private readonly HttpClient _http;

    private Remote(string url, string variable, string key)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")) throw new InvalidOperationException($"--url: '{url}' is no address such as http://localhost:8480.");
        if (key.Length == 0) throw new InvalidOperationException($"The environment variable {variable} holds no API key; --key-env names another.");
        _http = new HttpClient { BaseAddress = address };
        _http.DefaultRequestHeaders.Add("X-Api-Key", key);
    }

    internal static Option<string?> Url() => new("--url") { Description = "A running service, such as http://localhost:8480; its key is in the environment." };

    internal static Option<string> KeyEnvironment() => new("--key-env") { DefaultValueFactory = _ => "EXPOSURE_KEY", Description = "Environment variable with the API key." };

    internal static Remote Open(string? url, string? variable)
    {
        if (url is null) throw new InvalidOperationException("--url is missing: this command acts on a running service.");
        var name = variable ?? "EXPOSURE_KEY";
        return new Remote(url, name, Environment.GetEnvironmentVariable(name) ?? "");
    }

    internal Task<JsonElement> GetAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Get, path, null, "", cancel);

    /// <summary>Posts once; the key makes a repetition of the same command safe.</summary>
    internal Task<JsonElement> PostAsync(string path, string? body, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, path, body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body)), "application/json", cancel);

    /// <summary>Posts one record as it is, in JSON or in Protobuf; without one the address is asked alone.</summary>
    internal Task<JsonElement> PostRecordAsync(string path, byte[]? record, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, path, record is null ? null : new ByteArrayContent(record), ProtobufEvent.Is(record) ? ProtobufEvent.MediaType : "application/json", cancel);

    internal Task<JsonElement> DeleteAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Delete, path, null, "", cancel);

    public void Dispose() => _http.Dispose();

    /// <summary>One Protobuf among the records makes a batch of all; the service tells each record's encoding by its first byte.</summary>
    private static (byte[] Body, string Media) BodyOf(IReadOnlyList<byte[]> records)
    {
        var (body, isProtobuf) = (new ByteBuffer(1 << 16), records.Any(record => ProtobufEvent.Is(record)));
        foreach (var record in records)
        {
            if (isProtobuf)
            {
                ProtobufEventWriter.WriteToBatch(record, body);
                continue;
            }

            body.Raw(record);
            body.Byte((byte)'\n');
        }

        return (body.Written.ToArray(), isProtobuf ? ProtobufEvent.MediaType : "application/x-ndjson");
    }

    /// <summary>
    /// Sends events, one per line or as a batch in Protobuf, and counts the outcomes. A service that is busy or away is asked again for a while: every
    /// event has its id, so none counts twice.
    /// </summary>
    internal async Task<SortedDictionary<string, long>> PostEventsAsync(IReadOnlyList<byte[]> lines, CancellationToken cancel)
    {
        var outcomes = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var (body, media) = BodyOf(lines);
        for (var tries = 1; ; tries++)
        {
            try
            {
                var answer = await SendAsync(HttpMethod.Post, "/events", new ByteArrayContent(body), media, cancel);
                foreach (var result in answer.GetProperty("results").EnumerateArray())
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
                if (tries == 1) await Console.Error.WriteLineAsync($"exposure: {away.Message}; trying again for a while.");
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(tries, 5)), cancel);
            }
        }
    }

    /// <summary>Cuts events into bodies that a service takes.</summary>
    internal static IEnumerable<IReadOnlyList<byte[]>> Batches(IEnumerable<byte[]> events)
    {
        var (batch, size) = (new List<byte[]>(), 0);
        foreach (var one in events)
        {
            if (batch.Count > 0 && (batch.Count >= BatchMost || size + one.Length > BatchBytes))
            {
                yield return batch;
                (batch, size) = ([], 0);
            }

            batch.Add(one);
            size += one.Length + 1;
        }

        if (batch.Count > 0) yield return batch;
    }

    /// <summary>Events of one request, and their bytes: half of what a service takes, so that a long last one fits.</summary>
    internal const int BatchMost = 500, BatchBytes = 512 * 1024;

    private const int TriesMax = 8;

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, HttpContent? body, string media, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, new Uri("/api/v1" + path, UriKind.Relative));
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString("N"));
        if (body is not null)
        {
            body.Headers.ContentType = MediaTypeHeaderValue.Parse(media);
            request.Content = body;
        }

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
