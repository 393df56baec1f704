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
/// <param name="Items">One line per thing, of what is merged one per customer, with how many alerts it stands for; empty when there is only one thing.</param>
/// <param name="Details">Lines below the only thing.</param>
/// <param name="Standing">A line about what was told before; "" for none.</param>
public sealed record MessageText(string Title, IReadOnlyList<(string Line, int Alerts)> Items, IReadOnlyList<string> Details, string Standing, string Footer, string? Link, Severity Worst, bool IsGood)
{
    /// <summary>Lines that are shown at most: all of them, or the worst alone in the smallest form.</summary>
    public int Most { get; private init; } = Items.Count;

    /// <summary>Alerts that are not shown behind so many lines.</summary>
    public int Left(int kept) => Items.Skip(kept).Sum(i => i.Alerts);

    /// <summary>A message in words.</summary>
    public static MessageText Of(OutMessage message, Words words, ConsoleLinks links)
    {
        var standing = message.Standing.Count > 0 && !message.Minimal ? words.Standing(message.Standing.Count) : "";
        var good = message.Items.All(i => i.IsEnd);
        if (message.Items.Count == 1)
            return new MessageText(Escapes.OneLine(words.Head(message.Items[0])), [], message.Minimal ? [] : [.. words.Details(message.Items[0]).Select(Escapes.OneLine)], standing, words.Footer(message), links.Of(message), message.Items[0].Row.Severity, good);
        var text = new MessageText(words.Summary(message), Lines(message, words), [], standing, words.Footer(message), links.Of(message), message.Items[0].Row.Severity, good);
        return message.Minimal ? text with { Most = 1 } : text;
    }

    /// <summary>Of what was merged, a line for each customer with the worst of his; of a group, a line for each thing.</summary>
    private static List<(string Line, int Alerts)> Lines(OutMessage message, Words words)
    {
        if (message.Shape is MessageShape.Single or MessageShape.Group) return [.. message.Items.Select(i => (Escapes.OneLine(words.Head(i)), 1))];
        // What concerns no customer stands for itself. The items come worst first, and so do the customers.
        return
        [
            .. message.Items.GroupBy(i => i.Alert.Customer.Length > 0 ? i.Alert.Customer : i.Row.Key, StringComparer.Ordinal).Select(g => (Worst: g.First(), Alerts: g.Count()))
                .Select(g => (Escapes.OneLine(words.Head(g.Worst)) + (g.Alerts > 1 ? words.OfHisMore(g.Alerts - 1) : ""), g.Alerts)),
        ];
    }
}
