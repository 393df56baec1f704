using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>DingTalk 钉钉: a robot. Token and signature stand in the query, milliseconds in the text that is signed; the answer is always 200.</summary>
internal sealed class DingTalk(ChannelSettings settings) : IVendor
{
    private readonly Words _words = new(settings.Language);

    public HttpDraft Draft(OutMessage message, Instant now)
    {
        var text = MessageText.Of(message, _words, settings.Links);
        var address = settings.Url;
        if (settings.Secrets is [var secret, ..])
        {
            var ms = now.Micros / 1_000;
            address += $"{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}timestamp={Escapes.Digits(ms)}&sign={Uri.EscapeDataString(Signing.DingTalk(secret, ms))}";
        }

        IReadOnlyList<string> mentions = text.Worst == Severity.Critical && !text.IsGood ? settings.Mentions : [];
        return new HttpDraft(new Uri(address), Vendors.Fit(text.Most, Vendors.Room(settings, _words, message), k => Body(text, k, mentions)), []);
    }

    public Answer Judge(HttpAnswer answer)
    {
        if (Vendors.ByStatus(answer) is { } failed) return failed;
        var (code, text) = Vendors.CodeOf(answer.Body, "errcode", "errmsg");
        return code switch
        {
            null => new Answer(AnswerKind.Unrecognised, $"{answer.Status} {text}"),
            0 => new Answer(AnswerKind.Delivered, text),
            130101 => new Answer(AnswerKind.Rest, text),
            310000 or 300001 or 40014 => new Answer(AnswerKind.Unhealthy, text),
            40035 or 400013 or 400102 or 430101 => new Answer(AnswerKind.Malformed, text),
            _ => new Answer(AnswerKind.NotSent, text),
        };
    }

    private byte[] Body(MessageText text, int kept, IReadOnlyList<string> mentions) => Vendors.Json(json =>
    {
        List<string> lines = [$"#### {Escapes.Wide(text.Title)}", .. text.Items.Take(kept).Select(i => "- " + Escapes.Wide(i.Line))];
        if (kept < text.Items.Count) lines.Add(_words.More(text.Left(kept)));
        lines.AddRange(text.Details.Select(d => "> " + Escapes.Wide(d)));
        if (text.Standing.Length > 0) lines.Add(text.Standing);
        if (text.Link is { } link) lines.Add($"[{_words.Open}]({link})");
        // A mention needs the number in the text, too.
        if (mentions.Count > 0) lines.Add(string.Join(' ', mentions.Select(m => "@" + m)));
        lines.Add(Escapes.Wide(text.Footer));
        json.WriteString("msgtype", "markdown");
        json.WriteStartObject("markdown");
        json.WriteString("title", Fitting.Cut(Escapes.Wide(text.Title), 200));
        json.WriteString("text", string.Join("\n\n", lines));
        json.WriteEndObject();
        json.WriteStartObject("at");
        json.WriteStartArray("atMobiles");
        foreach (var mobile in mentions) json.WriteStringValue(mobile);
        json.WriteEndArray();
        json.WriteBoolean("isAtAll", false);
        json.WriteEndObject();
    });
}
