using System.Text.Encodings.Web;
using System.Text.Json;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>A request that is about to be made.</summary>
public sealed record HttpDraft(Uri Address, byte[] Body, IReadOnlyList<(string Name, string Value)> Headers);

/// <summary>An answer as it came.</summary>
/// <param name="Body">At most the first 64 KiB, as UTF-8.</param>
/// <param name="RetryAfter">What the header says, as a span from now; <c>null</c> without one.</param>
public sealed record HttpAnswer(int Status, string Body, TimeSpan? RetryAfter = null);

/// <summary>What one vendor wants and says. Pure: a message to a request, an answer to its meaning.</summary>
public interface IVendor
{
    /// <summary>The request; signed for the moment.</summary>
    HttpDraft Draft(OutMessage message, Instant now);

    /// <summary>What the answer proves. Whatever is not recognised is no success.</summary>
    Answer Judge(HttpAnswer answer);
}

/// <summary>What the vendors have in common.</summary>
internal static class Vendors
{
    /// <summary>Keeps Chinese as it is: escaped, a character would take six bytes of a limit instead of three.</summary>
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static IVendor Of(ChannelSettings settings) => settings.Kind switch
    {
        ChannelKind.Slack => new Slack(settings),
        ChannelKind.Teams => new Teams(settings),
        ChannelKind.DingTalk => new DingTalk(settings),
        ChannelKind.Feishu => new Feishu(settings),
        ChannelKind.WeCom => new WeCom(settings),
        ChannelKind.Webhook => new Webhook(settings),
        _ => throw new ArgumentException($"{settings.Kind} is no channel over HTTP."),
    };

    internal static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(2_048);
        using (var json = new Utf8JsonWriter(buffer, Compact))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Bytes for a message. The first attempt leaves room for the mark of a repetition, which so carries the same lines.</summary>
    internal static int Room(ChannelSettings settings, Words words, OutMessage message) => settings.BytesMax - (message.IsRepeat ? 0 : Fitting.Bytes(words.RepeatMark));

    /// <summary>A body with as many items as fit; at least the first.</summary>
    internal static byte[] Fit(int items, int bytesMax, Func<int, byte[]> body) => body(Fitting.Most(items, bytesMax, k => body(k).Length));

    /// <summary>What a status means by itself; <c>null</c> for 2xx.</summary>
    internal static Answer? ByStatus(HttpAnswer answer)
    {
        var text = $"{answer.Status} {answer.Body}";
        return answer.Status switch
        {
            >= 200 and < 300 => null,
            429 => new Answer(AnswerKind.Slower, text, answer.RetryAfter),
            408 or >= 500 => new Answer(AnswerKind.Unknown, text, answer.RetryAfter),
            401 or 403 or 404 or 410 => new Answer(AnswerKind.Unhealthy, text),
            413 => new Answer(AnswerKind.TooLarge, text),
            >= 300 and < 400 => new Answer(AnswerKind.Rejected, $"{answer.Status}: redirects are not followed"),
            _ => new Answer(AnswerKind.Malformed, text),
        };
    }

    /// <summary>A code in a JSON object; <c>null</c> when the body is none or has no such number.</summary>
    internal static (long? Code, string Text) CodeOf(string body, string code, string text)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty(code, out var told) || told.ValueKind != JsonValueKind.Number || !told.TryGetInt64(out var number)) return (null, body);
            return (number, $"{number} {(json.RootElement.TryGetProperty(text, out var words) && words.ValueKind == JsonValueKind.String ? words.GetString() : "")}".TrimEnd());
        }
        catch (JsonException)
        {
            return (null, body);
        }
    }
}
