using System.Globalization;
using System.Text;

namespace ExposureMonitor.Alerts;

/// <summary>Makes what customers and vendors wrote harmless where it is shown. One encoder for each markup.</summary>
public static class Escapes
{
    /// <summary>One line without control characters, and without those that turn the direction of what follows.</summary>
    public static string OneLine(string text)
    {
        StringBuilder? changed = null;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var bad = char.IsControl(c) || c is '\u2028' or '\u2029' or '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069')
                || (char.IsSurrogate(c) && !IsPair(text, i));
            if (!bad)
            {
                changed?.Append(c);
                continue;
            }

            changed ??= new StringBuilder(text, 0, i, text.Length);
            changed.Append(char.IsSurrogate(c) ? '\uFFFD' : ' ');
        }

        return changed?.ToString() ?? text;

        static bool IsPair(string text, int i) => char.IsHighSurrogate(text[i]) ? i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) : i > 0 && char.IsHighSurrogate(text[i - 1]);
    }

    /// <summary>Slack's own three; without angle brackets there is no mention, no channel and no link.</summary>
    public static string Slack(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    /// <summary>Markdown of adaptive cards: a backslash before what would be markup; no angle bracket, so that no mention comes about.</summary>
    public static string Cards(string text)
    {
        var to = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (c == '<') to.Append("&lt;");
            else if (c is '\\' or '`' or '*' or '_' or '[' or ']' or '#' or '~') to.Append('\\').Append(c);
            else to.Append(c);
        }

        return to.ToString();
    }

    /// <summary>
    /// The markdown of DingTalk and WeCom, which has no way to escape: what would be markup or a mention is replaced by the wide form of
    /// itself, and a closing bracket is kept apart from an opening parenthesis, so that no link comes about.
    /// </summary>
    public static string Wide(string text)
    {
        var to = new StringBuilder(text.Length + 4);
        for (var i = 0; i < text.Length; i++)
        {
            to.Append(text[i] switch { '<' => '＜', '>' => '＞', '*' => '＊', '`' => '｀', '@' => '＠', '#' => '＃', '~' => '～', '!' when i + 1 < text.Length && text[i + 1] == '[' => '！', var c => c });
            if (text[i] == ']' && i + 1 < text.Length && text[i + 1] == '(') to.Append('\u200B');
        }

        return to.ToString();
    }

    /// <summary>HTML text and attributes.</summary>
    public static string Html(string text) => System.Net.WebUtility.HtmlEncode(text);

    /// <summary>What a channel answered, for a record: one line, short, without the address that was asked.</summary>
    public static string Answer(string text, string hidden)
    {
        var line = OneLine(text).Trim();
        if (hidden.Length > 0) line = line.Replace(hidden, "…", StringComparison.OrdinalIgnoreCase);
        return Fitting.Cut(string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)), 200);
    }

    /// <summary>A whole number for a header.</summary>
    internal static string Digits(long number) => number.ToString(CultureInfo.InvariantCulture);
}
