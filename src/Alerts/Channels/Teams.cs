using System.Text.Json;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>Microsoft Teams by Workflows: an adaptive card. The flow answers before it has done anything, so that nothing better than accepted is ever known.</summary>
internal sealed class Teams(ChannelSettings settings) : IVendor
{
    private readonly Words _words = new(settings.Language);

    public HttpDraft Draft(OutMessage message, Instant now)
    {
        var text = MessageText.Of(message, _words, settings.Links);
        return new HttpDraft(new Uri(settings.Url), Vendors.Fit(text.Most, Vendors.Room(settings, _words, message), k => Body(text, k)), []);
    }

    public Answer Judge(HttpAnswer answer)
    {
        if (Vendors.ByStatus(answer) is { } failed) return failed;
        // Old connectors say 200 and put what went wrong behind them into the text.
        if (answer.Body.Contains("HTTP error 413", StringComparison.OrdinalIgnoreCase)) return new Answer(AnswerKind.TooLarge, $"{answer.Status} HTTP error 413");
        if (answer.Body.Contains("HTTP error 429", StringComparison.OrdinalIgnoreCase)) return new Answer(AnswerKind.Slower, $"{answer.Status} HTTP error 429", answer.RetryAfter);
        if (answer.Body.Contains("error", StringComparison.OrdinalIgnoreCase) || answer.Body.Contains("<html", StringComparison.OrdinalIgnoreCase)) return new Answer(AnswerKind.Unrecognised, $"{answer.Status} {answer.Body}");
        return answer.Status == 202 || answer.Body.Trim() is "" or "1"
            ? new Answer(AnswerKind.Accepted, $"{answer.Status} accepted; the flow may still fail")
            : new Answer(AnswerKind.Unrecognised, $"{answer.Status} {answer.Body}");
    }

    private byte[] Body(MessageText text, int kept) => Vendors.Json(json =>
    {
        json.WriteString("type", "message");
        json.WriteStartArray("attachments");
        json.WriteStartObject();
        json.WriteString("contentType", "application/vnd.microsoft.card.adaptive");
        json.WriteNull("contentUrl");
        json.WriteStartObject("content");
        json.WriteString("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
        json.WriteString("type", "AdaptiveCard");
        json.WriteString("version", "1.2");
        json.WriteStartObject("msteams");
        json.WriteString("width", "full");
        json.WriteEndObject();
        json.WriteStartArray("body");
        Text(json, text.Title, bold: true, text.IsGood ? "Good" : text.Worst >= Severity.High ? "Attention" : text.Worst == Severity.Medium ? "Warning" : "Default");
        foreach (var (line, _) in text.Items.Take(kept)) Text(json, line);
        if (kept < text.Items.Count) Text(json, _words.More(text.Left(kept)));
        foreach (var line in text.Details) Text(json, line);
        if (text.Standing.Length > 0) Text(json, text.Standing);
        Text(json, text.Footer, subtle: true);
        json.WriteEndArray();
        if (text.Link is { } link)
        {
            json.WriteStartArray("actions");
            json.WriteStartObject();
            json.WriteString("type", "Action.OpenUrl");
            json.WriteString("title", _words.Open);
            json.WriteString("url", link);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private static void Text(Utf8JsonWriter json, string text, bool bold = false, string? color = null, bool subtle = false)
    {
        json.WriteStartObject();
        json.WriteString("type", "TextBlock");
        json.WriteString("text", Escapes.Cards(text));
        json.WriteBoolean("wrap", true);
        if (bold) json.WriteString("weight", "Bolder");
        if (color is not null) json.WriteString("color", color);
        if (subtle)
        {
            json.WriteString("size", "Small");
            json.WriteBoolean("isSubtle", true);
        }

        json.WriteEndObject();
    }
}
