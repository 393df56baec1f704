using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>WeCom 企业微信: a robot. The key stands in the address, nothing is signed, and the limit is on the bytes of the content.</summary>
internal sealed class WeCom(ChannelSettings settings) : IVendor
{
    private readonly Words _words = new(settings.Language);

    public HttpDraft Draft(OutMessage message, Instant now)
    {
        var text = MessageText.Of(message, _words, settings.Links);
        var color = text.IsGood ? "info" : text.Worst >= Severity.Medium ? "warning" : "comment";
        List<string> tail = [];
        if (text.Standing.Length > 0) tail.Add(text.Standing);
        if (text.Link is { } link) tail.Add($"[{_words.Open}]({link})");
        tail.Add($"<font color=\"comment\">{Escapes.Wide(text.Footer)}</font>");
        List<string> lines = [.. text.Items.Take(text.Most).Select(i => "> " + Escapes.Wide(i.Line))];
        if (text.Most < text.Items.Count) lines.Add(_words.More(text.Left(text.Most)));
        var content = Content($"**<font color=\"{color}\">{Escapes.Wide(text.Title)}</font>**", [.. lines, .. text.Details.Select(d => "> " + Escapes.Wide(d))], tail, Vendors.Room(settings, _words, message), _words, text.Items.Count > 0 ? text.Left : null);
        return new HttpDraft(new Uri(settings.Url), Vendors.Json(json =>
        {
            json.WriteString("msgtype", "markdown");
            json.WriteStartObject("markdown");
            json.WriteString("content", content);
            json.WriteEndObject();
        }), []);
    }

    public Answer Judge(HttpAnswer answer)
    {
        if (Vendors.ByStatus(answer) is { } failed) return failed;
        var (code, text) = Vendors.CodeOf(answer.Body, "errcode", "errmsg");
        return code switch
        {
            null => new Answer(AnswerKind.Unrecognised, $"{answer.Status} {text}"),
            0 => new Answer(AnswerKind.Delivered, text),
            40058 => new Answer(AnswerKind.TooLarge, text),
            45009 => new Answer(AnswerKind.Rest, text),
            93000 or 93004 or 93008 or 40001 or 40014 => new Answer(AnswerKind.Unhealthy, text),
            40008 or 44004 or 45002 or 47001 => new Answer(AnswerKind.Malformed, text),
            _ => new Answer(AnswerKind.NotSent, text),
        };
    }

    /// <summary>The content: the first line whole, as many lines as fit behind it, how many are left out, and the tail as long as there is room.</summary>
    /// <param name="left">Alerts behind so many lines; without it each line is one.</param>
    internal static string Content(string head, IReadOnlyList<string> lines, IReadOnlyList<string> tail, int bytesMax, Words words, Func<int, int>? left = null)
    {
        for (var tailed = tail.Count; ; tailed--)
        {
            var end = tailed == 0 ? "" : "\n" + string.Join('\n', tail.Skip(tail.Count - tailed));
            var room = bytesMax - Fitting.Bytes(end);
            var text = Fitting.Lines([head, .. lines], room, n => words.More(left is null ? n : left(lines.Count - n)));
            if (tailed == 0 || Fitting.Bytes(text) <= room) return text + end;
        }
    }
}
