using System.Text.Json;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>Feishu 飞书 and Lark: a bot. Signature and seconds stand in the body; what customers are called stands in plain text, which has no markup.</summary>
internal sealed class Feishu(ChannelSettings settings) : IVendor
{
    private readonly Words _words = new(settings.Language);

    public HttpDraft Draft(OutMessage message, Instant now)
    {
        var text = MessageText.Of(message, _words, settings.Links);
        return new HttpDraft(new Uri(settings.Url), Vendors.Fit(text.Most, Vendors.Room(settings, _words, message), k => Body(text, k, now.Micros / Instant.Second)), []);
    }

    public Answer Judge(HttpAnswer answer)
    {
        if (Vendors.ByStatus(answer) is { } failed && answer.Status != 400) return failed;
        var (code, text) = Vendors.CodeOf(answer.Body, "code", "msg");
        if (code is null) (code, text) = Vendors.CodeOf(answer.Body, "StatusCode", "StatusMessage");
        return code switch
        {
            null => new Answer(answer.Status == 400 ? AnswerKind.Malformed : AnswerKind.Unrecognised, $"{answer.Status} {text}"),
            0 when answer.Status == 200 => new Answer(AnswerKind.Delivered, text),
            19001 or 19021 or 19022 or 19024 => new Answer(AnswerKind.Unhealthy, text),
            11232 => new Answer(AnswerKind.Rest, text),
            9499 or 19002 or 0 => new Answer(AnswerKind.Malformed, text),
            _ => new Answer(AnswerKind.NotSent, text),
        };
    }

    private byte[] Body(MessageText text, int kept, long seconds) => Vendors.Json(json =>
    {
        if (settings.Secrets is [var secret, ..])
        {
            json.WriteString("timestamp", Escapes.Digits(seconds));
            json.WriteString("sign", Signing.Feishu(secret, seconds));
        }

        json.WriteString("msg_type", "interactive");
        json.WriteStartObject("card");
        json.WriteStartObject("header");
        json.WriteString("template", text.IsGood ? "green" : text.Worst switch { Severity.Critical => "carmine", Severity.High => "red", Severity.Medium => "orange", _ => "blue" });
        Plain(json, "title", text.Title);
        json.WriteEndObject();
        json.WriteStartArray("elements");
        if (text.Items.Count > 0)
            Div(json, string.Join('\n', text.Items.Take(kept).Select(i => i.Line)) + (kept < text.Items.Count ? "\n" + _words.More(text.Left(kept)) : ""));
        if (text.Details.Count > 0) Div(json, string.Join('\n', text.Details));
        if (text.Standing.Length > 0) Div(json, text.Standing);
        if (text.Link is { } link)
        {
            json.WriteStartObject();
            json.WriteString("tag", "action");
            json.WriteStartArray("actions");
            json.WriteStartObject();
            json.WriteString("tag", "button");
            Plain(json, "text", _words.Open);
            json.WriteString("type", "primary");
            json.WriteString("url", link);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteStartObject();
        json.WriteString("tag", "note");
        json.WriteStartArray("elements");
        json.WriteStartObject();
        json.WriteString("tag", "plain_text");
        json.WriteString("content", text.Footer);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Div(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("tag", "div");
        Plain(json, "text", text);
        json.WriteEndObject();
    }

    private static void Plain(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("tag", "plain_text");
        json.WriteString("content", text);
        json.WriteEndObject();
    }
}
