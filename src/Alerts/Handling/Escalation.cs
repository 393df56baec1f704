using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>Whom to tell of alerts that nobody has taken. Pure.</summary>
public static class Escalation
{
    /// <summary>Open alerts that have waited longer for somebody than a route of theirs allows, with that route; muted ones wait.</summary>
    public static IReadOnlyList<(Alert Alert, RoutePlan Plan)> Due(AlertBook book, RouteTree routes, Instant now)
    {
        var least = routes.Plans.Where(p => p.EscalateAfter is not null && p.EscalateTo.Count > 0).Select(p => p.EscalateAfter!.Value).DefaultIfEmpty(TimeSpan.MaxValue).Min();
        if (least == TimeSpan.MaxValue) return [];
        var due = new List<(Alert, RoutePlan)>();
        foreach (var alert in book.Untaken(now.Plus(-least)))
        {
            foreach (var plan in routes.Match(alert.Labels))
                if (plan.EscalateAfter is { } after && plan.EscalateTo.Count > 0 && alert.RaisedAt.Plus(after) <= now && book.Judge(alert, now) is null) due.Add((alert, plan));
        }

        return due;
    }

    /// <summary>Until when somebody has to take an alert before it is escalated; <c>null</c> when no route says so.</summary>
    public static Instant? TakeBy(Alert alert, RouteTree routes)
    {
        Instant? first = null;
        foreach (var plan in routes.Match(alert.Labels))
            if (plan.EscalateAfter is { } after && (first is not { } known || alert.RaisedAt.Plus(after) < known)) first = alert.RaisedAt.Plus(after);
        return first;
    }
}
