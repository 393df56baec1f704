using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>What is told together, and what is not told at all.</summary>
public sealed partial class ChannelDesk
{
    /// <summary>Messages of unknown outcome beside which new ones are made.</summary>
    private const int UnknownMax = 5;

    /// <summary>What was muted and is no longer is told once, while its cause lasts.</summary>
    private void Rejudge(Instant now)
    {
        if (!DependsOnMuting(now)) return;
        var changed = _judgedVersion != _muting.Version && now >= _judgedAt.Plus(RejudgeAtMostEvery);
        if (!changed && _muting.NextChange(_judgedAt) > now) return;
        (_judgedVersion, _judgedAt) = (_muting.Version, now);
        foreach (var (id, item) in _muted.ToList())
        {
            if (_muting.Judge(item.Alert, now) is not null) continue;
            _muted.Remove(id);
            if (_muting.IsHandled(id)) continue;
            var row = item.Row with
            {
                Transition = _muting.ReachedBp(item.Row.By) is { } reached ? Transition.Better(item.Row.By, reached) : Transition.Over(item.Row.By), State = DeliveryState.Pending, CreatedAt = now, ChangedAt = now, FirstSentAt = default, Attempts = 0, MessageId = "",
                MayBeThere = false, Answer = "", By = item.Row.By, Number = 0,
            };
            Wait(item with { Row = row }, now);
        }

        Quieten(now);
    }

    /// <summary>What was told and is silenced now rests: its record says by whom, and the end of the silence brings it back, also in another process.</summary>
    private void Quieten(Instant now)
    {
        if (_muting.NextChange(now) == Times.Never) return;
        foreach (var (id, group) in _toldIn)
        {
            // What crosses to and fro has its digest of the day and nothing else.
            if (_muted.ContainsKey(id) || _busy.Contains(id) || !group.Told.TryGetValue(id, out var told) || told.Alert.Transitions > 0 || _muting.IsHandled(id)) continue;
            if (_muting.Judge(told.Alert, now) is not { IsSilence: true } by) continue;
            var row = told.Row with
            {
                Transition = Transition.Quiet(by.Id), State = DeliveryState.Suppressed, CreatedAt = now, ChangedAt = now, FirstSentAt = default, Attempts = 0, MessageId = "",
                MayBeThere = false, Answer = by.Why, By = by.Id, Number = 0,
            };
            _muted[id] = told with { Row = row, Mark = "" };
            _writes.Add(row);
        }
    }

    /// <summary>Something is muted, or may become so.</summary>
    private bool DependsOnMuting(Instant now) => _muted.Count > 0 || (_toldIn.Count > 0 && _muting.NextChange(now) != Times.Never);

    /// <summary>What still stands after the repeat interval, and nobody has taken, is told again.</summary>
    private void Repeat(Instant now)
    {
        while (_standing.TryPeek(out var group, out var at) && at <= now.Micros)
        {
            _standing.Dequeue();
            group.IsStanding = false;
            var isDue = group.RepeatAt <= now;
            if (isDue) group.Repeated(now);
            Stands(group);
            if (!isDue) continue;
            var waiting = group.Pending.Select(p => p.Alert.Id).ToHashSet(StringComparer.Ordinal);
            foreach (var told in group.Told.Values.ToList())
            {
                var id = told.Alert.Id;
                // What crosses to and fro has its digest of the day and nothing else.
                if (told.Alert.Transitions > 0 || _busy.Contains(id) || _muting.IsHandled(id) || waiting.Contains(id) || _muting.Judge(told.Alert, now) is not null) continue;
                var row = told.Row with
                {
                    Transition = Transition.Repeated(_repeats.GetValueOrDefault(id) + 1), State = DeliveryState.Pending, CreatedAt = now, ChangedAt = now, FirstSentAt = default,
                    Attempts = 0, MessageId = "", MayBeThere = false, Answer = "", By = "", Number = 0,
                };
                CountRepeat(row);
                Wait(told with { Row = row, Mark = "" }, now);
            }
        }
    }

    /// <summary>Judges what is due: what is muted, what has ended before it was told, what somebody has taken care of.</summary>
    private void Clean(DeskGroup group, Instant now)
    {
        var ended = group.Pending.Where(p => p.IsEnd).Select(p => p.Alert.Id).ToHashSet(StringComparer.Ordinal);
        for (var i = group.Pending.Count - 1; i >= 0; i--)
        {
            var item = group.Pending[i];
            var id = item.Alert.Id;
            if (_busy.Contains(id)) continue;
            if (ended.Contains(id) && !item.IsEnd)
            {
                End(DeliveryState.Skipped, WasTold(id) ? "it has ended" : "it ended before it was told");
            }
            else if (item.IsEnd)
            {
                if (!WasTold(id))
                {
                    var muted = _muted.Remove(id);
                    End(DeliveryState.Skipped, muted ? "it was muted all the time" : "it ended before it was told");
                }
                else if (_muting.Judge(item.Alert with { State = AlertState.Firing }, now) is { } quiet) group.Pending[i] = item with { Mark = quiet.Why };
            }
            else if (_muting.Judge(item.Alert, now) is { } by)
            {
                if (item.Alert.State == AlertState.Firing) _muted[id] = item with { Row = item.Row with { By = by.Id } };
                End(DeliveryState.Suppressed, by.Why, by.Id);
            }
            else if (item.Row.Transition != Transition.Raised && _muting.IsHandled(id)) End(DeliveryState.Skipped, "somebody has taken it");

            void End(DeliveryState state, string why, string mutedBy = "")
            {
                group.Pending.RemoveAt(i);
                _known.Remove(item.Row.Key);
                _late.Remove(item.Row.Key);
                _writes.Add(item.Row with { State = state, Answer = why, By = mutedBy, ChangedAt = now });
            }
        }

        if (group.Pending.Count == 0) group.Flushed(now, sent: false);
    }

    /// <summary>The message that leaves first: CRIT before others, attempts before what is new, the longest waiting group.</summary>
    private OutMessage? Due(Instant now)
    {
        foreach (var critical in (bool[])[true, false])
        {
            // A crowded minute holds back what is not CRIT.
            if (!critical && _rules.Spread(now, _channel, isCritical: false) > now) return null;
            var at = -1;
            for (var i = 0; i < _tries.Count; i++)
                if (_tries[i].Message.IsCritical == critical && _tries[i].At <= now && (at < 0 || _tries[i].At < _tries[at].At)) at = i;
            if (at >= 0)
            {
                var message = _tries[at].Message;
                _tries.RemoveAt(at);
                return message;
            }

            // While nobody knows what became of several messages, no further ones join them: what waits goes together later.
            if ((critical || _tries.Count < UnknownMax) && Compose(critical, now) is { } composed) return composed;
        }

        return null;
    }

    private OutMessage? Compose(bool critical, Instant now)
    {
        var ready = _waiting.Values.Where(g => g.IsCritical == critical && g.FlushAt <= now && g.Pending.Exists(Free)).OrderBy(g => g.FlushAt.Micros).ThenBy(g => g.Key, StringComparer.Ordinal).ToList();
        if (ready.Count == 0) return null;
        if (CommonCause(ready, critical) is { } cause) return Take(cause, MessageShape.Cause, "", []);
        var flowing = ready.FindAll(g => g.Plan is { DailyAt: null, IsAlone: false });
        if (flowing.Count > 1 && (_memory.Merge || flowing.Count > _rules.OverflowCount || now.Since(flowing[0].FlushAt) > _rules.OverflowAge))
            return Take([.. flowing.SelectMany(g => g.Pending.Where(Free))], MessageShape.Overflow, "", []);
        var group = ready[0];
        var items = group.Pending.FindAll(Free);
        if (group.Plan.IsAlone && items.Count > 1) items.RemoveRange(1, items.Count - 1);
        var told = items.Select(i => i.Alert.Id).ToHashSet(StringComparer.Ordinal);
        return Take(items, group.Plan.DailyAt is not null ? MessageShape.Daily : items.Count == 1 ? MessageShape.Single : MessageShape.Group, group.Key,
            [.. group.Told.Values.Where(t => !told.Contains(t.Alert.Id)).Select(t => t.Alert)]);

        OutMessage Take(List<DeliveryItem> all, MessageShape shape, string key, IReadOnlyList<Alert> standing)
        {
            var carried = OutMessage.Ordered(all);
            if (carried.Count > _rules.ItemsMax) carried.RemoveRange(_rules.ItemsMax, carried.Count - _rules.ItemsMax);
            var keys = carried.Select(i => i.Row.Key).ToHashSet(StringComparer.Ordinal);
            foreach (var from in _waiting.Values)
            {
                if (from.IsCritical != critical || from.Pending.RemoveAll(p => keys.Contains(p.Row.Key)) == 0) continue;
                from.Flushed(now, sent: true);
                if (from.Pending.Count == 0) _emptied.Add(from);
            }

            if (shape != MessageShape.Cause) _memory = _memory with { Merge = false };
            return new OutMessage { Id = OutMessage.IdOf(carried), Items = carried, Shape = carried.Count == 1 ? MessageShape.Single : shape, GroupKey = key, Standing = standing };
        }
    }

    /// <summary>Alerts of one cause at many customers, those of groups that would wait a little longer included.</summary>
    private List<DeliveryItem>? CommonCause(List<DeskGroup> ready, bool critical)
    {
        if (ready.Count == 1 && _groups.Count == 1) return null;
        var causes = ready.SelectMany(g => g.Pending).Where(p => Free(p) && p.Alert.Cause.Length > 0).Select(p => p.Alert.Cause).Distinct(StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        if (causes.Count == 0) return null;
        var largest = _waiting.Values.Where(g => g.IsCritical == critical && g.Plan.DailyAt is null).SelectMany(g => g.Pending)
            .Where(p => Free(p) && causes.Contains(p.Alert.Cause))
            .GroupBy(p => p.Alert.Cause, StringComparer.Ordinal)
            .Select(g => (Items: g.ToList(), Customers: g.Select(p => p.Alert.Customer).Distinct(StringComparer.Ordinal).Count()))
            .MaxBy(g => g.Customers);
        return largest.Customers >= _rules.CauseCount ? largest.Items : null;
    }

    /// <summary>Nothing about the alert is on its way: what ended must not overtake what was raised.</summary>
    private bool Free(DeliveryItem item) => !_busy.Contains(item.Alert.Id);

    /// <summary>Why these went together, from themselves: the owner who made a message of them is gone.</summary>
    private (MessageShape Shape, string GroupKey) ShapeOf(List<DeliveryItem> items)
    {
        var keys = items.Select(i => i.Route.GroupKeyOf(i.Alert)).Distinct(StringComparer.Ordinal).ToList();
        var key = keys.Count == 1 ? keys[0] : "";
        if (items.Count == 1) return (MessageShape.Single, key);
        if (items[0].Alert.Cause is { Length: > 0 } cause && items.TrueForAll(i => i.Alert.Cause == cause) && items.Select(i => i.Alert.Customer).Distinct(StringComparer.Ordinal).Count() >= _rules.CauseCount) return (MessageShape.Cause, "");
        return key.Length == 0 ? (MessageShape.Overflow, "") : (items[0].Route.DailyAt is not null ? MessageShape.Daily : MessageShape.Group, key);
    }

    private DeskStep.Send Claim(OutMessage message, Instant now)
    {
        _pace.Take(now);
        var first = message.FirstSentAt.Micros == 0 ? now : message.FirstSentAt;
        List<DeliveryItem> items =
        [
            .. message.Items.Select(i => i with
            {
                Row = i.Row with
                {
                    State = DeliveryState.Sent, MessageId = message.Id, Attempts = i.Row.Attempts + 1, ChangedAt = now, FirstSentAt = i.Row.FirstSentAt.Micros == 0 ? now : i.Row.FirstSentAt,
                },
            }),
        ];
        foreach (var item in items) _busy.Add(item.Alert.Id);
        return new DeskStep.Send(message with { Items = items, FirstSentAt = first, Attempt = items.Max(i => i.Row.Attempts) }, [.. items.Select(i => i.Row)]);
    }
}
