using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>
/// A group of alerts at one channel: what waits to be told, and what was told and still fires. Its messages come as in Alertmanager: the
/// first after the group's wait, changes at the ticks of its interval, what still stands after the repeat interval.
/// </summary>
internal sealed class DeskGroup(string key, RoutePlan plan, bool isCritical)
{
    private bool _sawEnd;

    internal string Key => key;

    internal RoutePlan Plan => plan;

    internal bool IsCritical => isCritical;

    internal List<DeliveryItem> Pending { get; } = [];

    /// <summary>By alert, the newest thing that was told of it while it fires.</summary>
    internal Dictionary<string, DeliveryItem> Told { get; } = new(StringComparer.Ordinal);

    /// <summary>When what waits is due; never while nothing does.</summary>
    internal Instant FlushAt { get; private set; } = Times.Never;

    /// <summary>When the last message about it left; default before the first.</summary>
    internal Instant LastFlush { get; private set; }

    /// <summary>When what still stands is told again.</summary>
    internal Instant RepeatAt => Told.Count == 0 || plan.DailyAt is not null ? Times.Never : LastFlush.Plus(plan.RepeatInterval);

    /// <summary>It is among those that are looked at when what stands is told again.</summary>
    internal bool IsStanding { get; set; }

    internal bool IsIdle => Pending.Count == 0 && Told.Count == 0;

    internal void Add(DeliveryItem item, Instant now)
    {
        Pending.Add(item);
        FlushAt = Times.Earlier(FlushAt, DueOf(item, now));
        _sawEnd |= item.IsEnd;
    }

    /// <summary>Everything that was told is about to end, and nothing new is there: good news need not wait for a tick.</summary>
    internal void Settle(Instant now)
    {
        if (!_sawEnd) return;
        _sawEnd = false;
        if (plan.DailyAt is not null || Told.Count == 0 || !Pending.TrueForAll(p => p.IsEnd)) return;
        var ending = Pending.Select(p => p.Alert.Id).ToHashSet(StringComparer.Ordinal);
        if (Told.Keys.All(ending.Contains)) FlushAt = Times.Earlier(FlushAt, now);
    }

    /// <summary>What could not be sent waits again, not before a moment.</summary>
    internal void GiveBack(DeliveryItem item, Instant due)
    {
        Pending.Add(item);
        FlushAt = FlushAt == Times.Never ? due : Times.Later(FlushAt, due);
    }

    /// <summary>What was pending leaves with a message, or comes to its end.</summary>
    internal void Flushed(Instant now, bool sent)
    {
        if (sent) LastFlush = Times.Later(LastFlush, now);
        if (Pending.Count == 0) FlushAt = Times.Never;
    }

    /// <summary>Nothing was to be repeated this time.</summary>
    internal void Repeated(Instant now) => LastFlush = Times.Later(LastFlush, now);

    private Instant DueOf(DeliveryItem item, Instant now)
    {
        if (plan.DailyAt is not null) return plan.NextDaily(item.Row.CreatedAt);
        if (item.Row.Transition == Transition.Escalated || Transition.IsRepeat(item.Row.Transition) || Transition.IsOver(item.Row.Transition)) return now;
        var wait = plan.WaitOf(item.Row.Severity);
        if (LastFlush.Micros == 0 || (Told.Count == 0 && Pending.Count <= 1)) return item.Row.CreatedAt.Plus(wait);
        var interval = plan.IntervalOf(item.Row.Severity).Ticks / TimeSpan.TicksPerMicrosecond;
        if (interval <= 0) return now;
        var ticks = ((now.Micros - LastFlush.Micros) + interval - 1) / interval;
        return LastFlush.Plus(Math.Max(1, ticks) * interval);
    }
}
