using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>What a route says about the alerts that it takes, with everything that it inherits.</summary>
public sealed record RoutePlan
{
    /// <summary>Its place in the tree, such as <c>root/high</c>; part of the key of its groups, so that it stays the same.</summary>
    public required string Name { get; init; }

    /// <summary>Channels that are told, all of them.</summary>
    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>Channels that are told one after the other when a CRIT has not reached the one before in <see cref="NextAfter"/>.</summary>
    public IReadOnlyList<string> Next { get; init; } = [];

    /// <summary>How long a CRIT may be on its way before the next channel is told as well.</summary>
    public TimeSpan NextAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Labels whose values make a group: what is alike goes out in one message.</summary>
    public IReadOnlyList<string> GroupBy { get; init; } = ["customerGroup", "desk"];

    /// <summary>How long the first message of a group waits for others.</summary>
    public TimeSpan GroupWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Least time between two messages about changes of a group.</summary>
    public TimeSpan GroupInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>When what still stands is told again; a multiple of <see cref="GroupInterval"/>.</summary>
    public TimeSpan RepeatInterval { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How long an alert may wait for somebody who takes it; <c>null</c> for ever.</summary>
    public TimeSpan? EscalateAfter { get; init; }

    /// <summary>Channels that are told when nobody has taken it.</summary>
    public IReadOnlyList<string> EscalateTo { get; init; } = [];

    /// <summary>Each thing is a message of its own, whatever waits: a letter to a customer must never be seen by another one.</summary>
    public bool IsAlone { get; init; }

    /// <summary>The time of the day at which everything goes out in one message; <c>null</c> for at once.</summary>
    public TimeOnly? DailyAt { get; init; }

    /// <summary>Where that time of the day is meant.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>CRIT waits for nothing.</summary>
    public TimeSpan WaitOf(Severity severity) => severity == Severity.Critical ? TimeSpan.Zero : GroupWait;

    /// <summary>The same for changes: a second CRIT must not wait because there was a first.</summary>
    public TimeSpan IntervalOf(Severity severity) => severity == Severity.Critical ? TimeSpan.Zero : GroupInterval;

    /// <summary>The key of the group that an alert belongs to. CRIT has groups of its own: it is never merged with lower ones.</summary>
    public string GroupKeyOf(Alert alert) =>
        DailyAt is not null ? Name + ":daily" : $"{Name}:{alert.Labels.Only([.. GroupBy])}{(alert.Severity == Severity.Critical ? "!" : "")}";

    /// <summary>The next time of the daily message behind a moment. An hour that the clock skips counts as the one behind it.</summary>
    public Instant NextDaily(Instant now)
    {
        var local = TimeZoneInfo.ConvertTime(now.ToDateTimeOffset(), TimeZone);
        for (var day = DateOnly.FromDateTime(local.DateTime); ; day = day.AddDays(1))
        {
            var at = day.ToDateTime(DailyAt ?? TimeOnly.MinValue);
            while (TimeZone.IsInvalidTime(at)) at = at.AddMinutes(30);
            var moment = Instant.From(new DateTimeOffset(at, TimeZone.GetUtcOffset(at)));
            if (moment > now) return moment;
        }
    }
}

/// <summary>A route of the tree: what it takes, and what stands below it.</summary>
/// <param name="Matchers">All have to be met.</param>
/// <param name="Continue">The next sibling is asked as well.</param>
public sealed record Route(RoutePlan Plan, IReadOnlyList<LabelMatcher> Matchers, bool Continue, IReadOnlyList<Route> Children);

/// <summary>
/// The tree of routes, as in Alertmanager: an alert goes down to the deepest route that takes it; of siblings the first that takes it wins,
/// unless it says to continue; the root takes everything.
/// </summary>
public sealed class RouteTree(Route root)
{
    private readonly Dictionary<string, RoutePlan> _byName = PlansOf(root).ToDictionary(p => p.Name, StringComparer.Ordinal);

    /// <summary>How letters to customers go: at once, and each alone. No file can name a route so: theirs begin with the root.</summary>
    public static RoutePlan ForLetters { get; } = new() { Name = "letters", GroupBy = ["about"], GroupWait = TimeSpan.Zero, GroupInterval = TimeSpan.Zero, IsAlone = true };

    /// <summary>How the sign of life goes: at once, and merged with nothing.</summary>
    public static RoutePlan ForHeartbeat { get; } = new() { Name = "heartbeat", GroupBy = ["alertname"], GroupWait = TimeSpan.Zero, GroupInterval = TimeSpan.Zero, IsAlone = true };

    /// <summary>All plans, from the root down.</summary>
    public IReadOnlyCollection<RoutePlan> Plans => _byName.Values;

    /// <summary>The plans of the routes that take an alert; none when nobody is to be told.</summary>
    public IReadOnlyList<RoutePlan> Match(Labels labels) => [.. Match(root, labels).Where(p => p.To.Count > 0)];

    /// <summary>The plan of that name; without one (the file has changed) the first that takes the alert, or the root's.</summary>
    public RoutePlan PlanOf(string name, Labels labels) =>
        name == ForLetters.Name ? ForLetters : name == ForHeartbeat.Name ? ForHeartbeat : _byName.TryGetValue(name, out var plan) ? plan : Match(labels) is [var first, ..] ? first : root.Plan;

    private static List<RoutePlan> Match(Route route, Labels labels)
    {
        var taken = new List<RoutePlan>();
        foreach (var child in route.Children)
        {
            if (!LabelMatcher.All(child.Matchers, labels)) continue;
            taken.AddRange(Match(child, labels));
            if (!child.Continue) break;
        }

        if (taken.Count == 0) taken.Add(route.Plan);
        return taken;
    }

    private static IEnumerable<RoutePlan> PlansOf(Route route) => route.Children.SelectMany(PlansOf).Prepend(route.Plan);
}
