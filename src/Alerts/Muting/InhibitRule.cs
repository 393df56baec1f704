using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>
/// While an alert that the source conditions choose fires, those that the target conditions choose are muted, where all the
/// equal labels are equal. An alert that both choose does not mute itself, nor others that both choose.
/// </summary>
/// <param name="Name">What is said of it where somebody asks why an alert was not told.</param>
public sealed record InhibitRule(string Name, IReadOnlyList<LabelMatcher> Source, IReadOnlyList<LabelMatcher> Target, IReadOnlyList<string> Equal)
{
    /// <summary>An alert that may be muted by the rule.</summary>
    public bool MayMute(Labels target) => LabelMatcher.All(Target, target) && !LabelMatcher.All(Source, target);

    /// <summary>Sources and targets with the same text have equal labels, a missing one being an empty one.</summary>
    public string EqualOf(Labels labels) => string.Join('\u001f', Equal.Select(l => labels[l]));

    /// <summary>
    /// Those that every desk wants unless it says otherwise: a stopped customer's other alerts, the lower steps of the utilisation ladder beside
    /// a step of 100 % or more, and members whose orders wait for the group alone beside the group that has run out. What a member does by itself is muted by no group.
    /// </summary>
    public static IReadOnlyList<InhibitRule> Defaults { get; } =
    [
        new("stopped customer", [LabelMatcher.Equal("alertname", Rules.Stop)], [LabelMatcher.Parse($"alertname!=\"{Rules.Stop}\"")], ["customer"]),
        new("limit reached", [LabelMatcher.Equal("alertname", "EW-01"), LabelMatcher.Parse("step=~\"1[0-9][0-9]\"")],
            [LabelMatcher.Equal("alertname", "EW-01"), LabelMatcher.Parse("step=~\"[0-9]{1,2}\"")], ["customer"]),
        new("group headroom", [LabelMatcher.Equal("alertname", "EW-19"), LabelMatcher.Equal("about", "")], [LabelMatcher.Equal("alertname", "EW-19"), LabelMatcher.Equal("about", "member")], ["customerGroup"]),
    ];
}
