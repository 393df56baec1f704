using System.Text.Json;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>
/// Slack: an incoming webhook. What customers are called stands in plain text blocks, which have no markup at all. Success is 200 with exactly "ok".
/// </summary>
internal sealed class Slack(ChannelSettings settings) : IVendor
{
    /// <summary>Blocks beside the sections of a list: header, the same in whole, what stood before, the button, the footer.</summary>
    private const int OtherBlocks = 5;

    private readonly Words _words = new(settings.Language);
    private readonly SlackLimits _limits = settings.Slack;

    public HttpDraft Draft(OutMessage message, Instant now)
    {
        var text = MessageText.Of(message, _words, settings.Links);
        return new HttpDraft(new Uri(settings.Url), Vendors.Fit(text.Most, Vendors.Room(settings, _words, message), k => Body(text, k)), []);
    }

    public Answer Judge(HttpAnswer answer)
    {
        var body = answer.Body.Trim();
        if (body == "msg_blocks_too_long") return new Answer(AnswerKind.TooLarge, $"{answer.Status} {body}");
        if (body is "channel_is_archived" or "action_prohibited" or "no_service" or "no_team" or "invalid_token") return new Answer(AnswerKind.Unhealthy, $"{answer.Status} {body}");
        if (Vendors.ByStatus(answer) is { } failed) return failed;
        if (answer.Status == 200 && body == "ok") return new Answer(AnswerKind.Delivered, "200 ok");
        return WebApi(body) ?? new Answer(AnswerKind.Unrecognised, $"{answer.Status} {body}");
    }

    /// <summary>The Web API says 200 whatever happens, and tells in the body.</summary>
    private static Answer? WebApi(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("ok", out var ok)) return null;
            if (ok.ValueKind == JsonValueKind.True) return new Answer(AnswerKind.Delivered, "ok: true");
            if (ok.ValueKind != JsonValueKind.False) return null;
            var error = json.RootElement.TryGetProperty("error", out var told) ? told.ToString() : "";
            return new Answer(error switch
            {
                "ratelimited" or "rate_limited" => AnswerKind.Slower,
                "msg_too_long" or "msg_blocks_too_long" => AnswerKind.TooLarge,
                "invalid_auth" or "not_authed" or "token_revoked" or "account_inactive" or "channel_not_found" or "is_archived" or "not_in_channel" => AnswerKind.Unhealthy,
                "fatal_error" or "internal_error" or "service_unavailable" => AnswerKind.Unknown,
                _ => AnswerKind.Malformed,
            }, $"ok: false, {error}");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private byte[] Body(MessageText text, int kept) => Vendors.Json(json =>
    {
        json.WriteString("text", Chars(Escapes.Slack(text.Title), _limits.Text));
        json.WriteStartArray("blocks");
        Block(json, "header", Chars(text.Title, _limits.Header));
        // A header is cut; the first line never is.
        if (text.Title.Length > _limits.Header) Block(json, "section", Chars(text.Title, _limits.Section));
        foreach (var section in Sections([.. text.Items.Take(kept)], text.Left(0))) Block(json, "section", section);
        if (text.Details.Count > 0) Block(json, "section", Chars(string.Join('\n', text.Details), _limits.Section));
        if (text.Standing.Length > 0) Block(json, "section", text.Standing);
        if (text.Link is { } link)
        {
            json.WriteStartObject();
            json.WriteString("type", "actions");
            json.WriteStartArray("elements");
            json.WriteStartObject();
            json.WriteString("type", "button");
            Plain(json, "text", _words.Open);
            json.WriteString("url", link);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteStartObject();
        json.WriteString("type", "context");
        json.WriteStartArray("elements");
        json.WriteStartObject();
        json.WriteString("type", "plain_text");
        json.WriteString("text", Chars(text.Footer, 300));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    });

    /// <summary>Lines in sections of at most so many characters; what does not fit into so many sections is counted.</summary>
    private List<string> Sections(IReadOnlyList<(string Line, int Alerts)> lines, int all)
    {
        var (most, sectionsMax) = (_limits.Section, Math.Max(1, _limits.Blocks - OtherBlocks));
        var sections = new List<string>();
        var (section, told) = ("", 0);
        foreach (var (whole, alerts) in lines)
        {
            var line = Chars(whole, Math.Min(1_000, most - 150));
            if (sections.Count == sectionsMax - 1 && section.Length + line.Length + 1 > most - 100) break;
            if (section.Length + line.Length + 1 > most - 100)
            {
                sections.Add(section);
                section = "";
            }

            section += (section.Length > 0 ? "\n" : "") + line;
            told += alerts;
        }

        if (told < all) section += "\n" + _words.More(all - told);
        if (section.Length > 0) sections.Add(section);
        return sections;
    }

    private static void Block(Utf8JsonWriter json, string type, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        Plain(json, "text", text);
        json.WriteEndObject();
    }

    private static void Plain(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("type", "plain_text");
        json.WriteString("text", text);
        json.WriteBoolean("emoji", false);
        json.WriteEndObject();
    }

    /// <summary>At most so many characters, none of them torn.</summary>
    private static string Chars(string text, int most)
    {
        if (text.Length <= most) return text;
        var end = most - 1;
        if (char.IsHighSurrogate(text[end - 1])) end--;
        return text[..end] + "…";
    }
}
