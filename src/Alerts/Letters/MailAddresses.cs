using MimeKit;

namespace ExposureMonitor.Alerts;

/// <summary>Addresses of e-mail as people type them.</summary>
public static class MailAddresses
{
    /// <summary>Whether a text is exactly one address without a name: no list, no second header, no control character.</summary>
    public static bool IsOne(string text) => text.Length is > 2 and <= 320 && !text.Any(c => char.IsControl(c) || c is ',' or ';' or '<' or '>' || char.IsWhiteSpace(c))
        && MailboxAddress.TryParse(text, out var parsed) && parsed.Address == text && text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < text.Length - 1 && parsed.Route.Count == 0;
}
