using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>Where links lead to; ids only, and everything else behind a sign-in.</summary>
/// <param name="Base">Address of the console; <c>null</c> for no links.</param>
public sealed record ConsoleLinks(Uri? Base)
{
    /// <summary>The alert, or the list when there are several.</summary>
    public string? Of(OutMessage message) => message.Items.Count == 1 ? OfAlert(message.Items[0].Alert) : List;

    /// <summary>One alert.</summary>
    public string? OfAlert(Alert alert) => Base is null ? null : $"{Base.AbsoluteUri.TrimEnd('/')}/alerts/{Uri.EscapeDataString(alert.Id)}";

    /// <summary>The list of alerts.</summary>
    public string? List => Base is null ? null : $"{Base.AbsoluteUri.TrimEnd('/')}/alerts";
}

/// <summary>A message as plain text in parts, from which every channel makes its own markup.</summary>
/// <param name="Title">What stands above everything: the only thing, or how many there are.</param>
/// <param name="Items">One line per thing; empty when there is only one.</param>
/// <param name="Details">Lines below the only thing.</param>
/// <param name="Standing">A line about what was told before; "" for none.</param>
public sealed record MessageText(string Title, IReadOnlyList<(string Line, DeliveryItem Item)> Items, IReadOnlyList<string> Details, string Standing, string Footer, string? Link, Severity Worst, bool IsGood)
{
    /// <summary>A message in words.</summary>
    public static MessageText Of(OutMessage message, Words words, ConsoleLinks links)
    {
        var standing = message.Standing.Count > 0 && !message.Minimal ? words.Standing(message.Standing.Count) : "";
        var good = message.Items.All(i => i.IsEnd);
        return message.Items.Count == 1
            ? new MessageText(Escapes.OneLine(words.Head(message.Items[0])), [], message.Minimal ? [] : [.. words.Details(message.Items[0]).Select(Escapes.OneLine)], standing, words.Footer(message), links.Of(message), message.Items[0].Row.Severity, good)
            : new MessageText(words.Summary(message), [.. message.Items.Select(i => (Escapes.OneLine(words.Head(i)), i))], [], standing, words.Footer(message), links.Of(message), message.Items[0].Row.Severity, good);
    }
}
