using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>What the owner of a channel has to do next.</summary>
public abstract record DeskStep
{
    private DeskStep()
    {
    }

    /// <summary>Write these rows, claimed for the message, and then send it; tell <see cref="ChannelDesk.Answered"/> what came of it.</summary>
    public sealed record Send(OutMessage Message, IReadOnlyList<DeliveryRow> Rows) : DeskStep;

    /// <summary>Write these rows and ask again.</summary>
    public sealed record Write(IReadOnlyList<DeliveryRow> Rows) : DeskStep;

    /// <summary>Nothing is to be done before that moment, unless something new comes.</summary>
    public sealed record Wait(Instant Until) : DeskStep;
}

/// <summary>Something about the channel itself that people have to hear of elsewhere.</summary>
/// <param name="MessageId">The message that it is about; "" for none.</param>
/// <param name="Number">Of its channel, each its own; a repair has that of the trouble which it ends.</param>
public sealed record DeskNotice(DeskNoticeKind Kind, string Text, string MessageId, int Number);

/// <summary>What it is.</summary>
public enum DeskNoticeKind
{
    /// <summary>It takes nothing until somebody repairs it.</summary>
    Unhealthy,

    /// <summary>It does again.</summary>
    Repaired,

    /// <summary>A message was given up or refused.</summary>
    GivenUp,

    /// <summary>The host's clock is off from the channel's.</summary>
    ClockOff,
}

/// <summary>
/// The whole decision of one channel: what is told when, together with what, and what an answer means. Pure: it reads no clock and does
/// nothing itself; the same calls give the same steps. One caller at a time, the channel's owner.
/// </summary>
/// <remarks>
/// Implementation note: it changes its state before its owner has written the rows. The owner writes until it succeeds or is no longer the
/// owner, so that nothing else can be decided in between.
/// </remarks>
public sealed partial class ChannelDesk
{
    private static readonly TimeSpan RejudgeAtMostEvery = TimeSpan.FromSeconds(1);

    private readonly string _channel;
    private readonly ChannelRules _rules;
    private readonly IMuting _muting;
    private readonly Pace _pace;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeskGroup> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeliveryItem> _muted = new(StringComparer.Ordinal);

    /// <summary>Of the groups, those in which something waits: what stands and was told costs nothing until it is told again.</summary>
    private readonly Dictionary<string, DeskGroup> _waiting = new(StringComparer.Ordinal);

    /// <summary>Groups in which something stands, by the moment at which it is told again, or an earlier one: it is looked up then.</summary>
    private readonly PriorityQueue<DeskGroup, long> _standing = new();

    /// <summary>Groups that may have nothing any more.</summary>
    private readonly List<DeskGroup> _emptied = [];

    /// <summary>By key, records of CRITs that the next channel is to be told of when they do not arrive, with the moment.</summary>
    private readonly Dictionary<string, (DeliveryItem Item, string Next, Instant At)> _late = new(StringComparer.Ordinal);

    /// <summary>By alert, the group in which it was told and still stands.</summary>
    private readonly Dictionary<string, DeskGroup> _toldIn = new(StringComparer.Ordinal);

    /// <summary>By alert, how often it was repeated: a number is never used twice.</summary>
    private readonly Dictionary<string, int> _repeats = new(StringComparer.Ordinal);

    private readonly HashSet<string> _busy = new(StringComparer.Ordinal);
    private readonly List<(OutMessage Message, Instant At)> _tries = [];
    private readonly List<DeliveryItem> _claimed = [];
    private readonly List<DeliveryRow> _writes = [];
    private ChannelMemory _memory;
    private Instant _judgedAt;
    private long _judgedVersion = -1;

    /// <param name="channel">Its name.</param>
    /// <param name="rules">What its vendor allows.</param>
    /// <param name="settings">Hash of its settings and secrets: an unhealthy channel with other settings is tried.</param>
    /// <param name="memory">What the owner before remembered.</param>
    /// <param name="muting">What mutes alerts.</param>
    public ChannelDesk(string channel, ChannelRules rules, string settings, ChannelMemory memory, IMuting muting)
    {
        (_channel, _rules, _muting, Settings) = (channel, rules, muting, settings);
        _pace = new Pace(rules.Rates);
        _pace.Restore(memory.Sent);
        _memory = memory;
        if (_memory.Unhealthy.Length > 0 && _memory.UnhealthyWith != settings) Repaired();
    }

    /// <summary>Hash of the settings.</summary>
    public string Settings { get; }

    /// <summary>What is to be remembered as of now.</summary>
    public ChannelMemory Memory => _memory with { Sent = [.. _pace.Sent] };

    /// <summary>Records that wait, those on their way included.</summary>
    public int Waiting => _known.Count;

    /// <summary>The record waits here already.</summary>
    public bool Knows(string key) => _known.Contains(key);

    /// <summary>When the oldest of them was written; <c>null</c> without one.</summary>
    public Instant? OldestWaiting => Open().Select(i => (Instant?)i.Row.CreatedAt).Min();

    /// <summary>What people have to hear of elsewhere, oldest first; it stands in the memory until it is <see cref="Noticed"/>.</summary>
    public IReadOnlyList<DeskNotice> Notices => _memory.Notices;

    /// <summary>They have been told: the memory forgets them.</summary>
    public void Noticed() => _memory = _memory with { Notices = [] };

    /// <summary>What was told, or muted, before this owner: final records of alerts that still fire, oldest first.</summary>
    public void Remember(DeliveryItem item)
    {
        var (row, alert) = (item.Row, item.Alert);
        CountRepeat(row);
        if (row.State == DeliveryState.Suppressed && !item.IsEnd)
        {
            if (alert.State == AlertState.Firing) _muted[alert.Id] = item;
            return;
        }

        if (row.State is not (DeliveryState.Delivered or DeliveryState.Accepted)) return;
        Told(item, row.ChangedAt);
    }

    /// <summary>A record that is not final. One that is known already changes nothing.</summary>
    public void Take(DeliveryItem item, Instant now)
    {
        if (item.Row.MessageId.Length == 0 || (item.Row.State != DeliveryState.Sent && !item.Row.MayBeThere)) Wait(item, now);
        else if (_known.Add(item.Row.Key))
        {
            _claimed.Add(item);
            MayBeLate(item);
        }
    }

    /// <summary>
    /// Everything of the owner before has been taken: what he had claimed goes again, under its id, with the same records, as a repetition.
    /// </summary>
    public void Begin(Instant now)
    {
        foreach (var claimed in _claimed.GroupBy(i => i.Row.MessageId, StringComparer.Ordinal))
        {
            var items = OutMessage.Ordered(claimed);
            var (shape, key) = ShapeOf(items);
            _tries.Add((new OutMessage
            {
                Id = claimed.Key, Items = items, Shape = shape, GroupKey = key, Attempt = items.Max(i => i.Row.Attempts) + 1,
                IsRepeat = true, FirstSentAt = items.Min(i => i.Row.FirstSentAt),
            }, now));
            foreach (var item in items) _busy.Add(item.Alert.Id);
        }

        _claimed.Clear();
    }

    /// <summary>
    /// Somebody wants to send a request beside the messages, which the vendor counts with them: it is taken down when it may leave now.
    /// </summary>
    /// <returns>The moment from which it may leave; <c>null</c> when it may now.</returns>
    public Instant? Request(Instant now)
    {
        if (FreeAt(now) is var free && free > now) return free;
        _pace.Take(now);
        return null;
    }

    /// <summary>Somebody has repaired the channel, or a test message has arrived: everything that was kept goes out.</summary>
    public void Repaired()
    {
        if (_memory.Unhealthy.Length == 0) return;
        // While it is unhealthy nothing is sent, so that no other trouble can have come behind this one.
        var notice = new DeskNotice(DeskNoticeKind.Repaired, _memory.Unhealthy, "", _memory.Troubles);
        _memory = _memory with { Unhealthy = "", UnhealthyWith = "", UnknownInARow = 0, FailuresInARow = 0, RestUntil = 0, RestWhy = "", Merge = true, Notices = [.. _memory.Notices, notice] };
    }

    /// <summary>
    /// CRITs that have not reached this channel in the time that their route gives it, with the channel that is to be told as well.
    /// Each is given once by an owner; telling it twice changes nothing.
    /// </summary>
    public IReadOnlyList<(DeliveryItem Item, string Next)> Overdue(Instant now)
    {
        if (_late.Count == 0) return [];
        var late = _late.Where(l => l.Value.At <= now).ToList();
        foreach (var (key, _) in late) _late.Remove(key);
        return [.. late.Select(l => (l.Value.Item, l.Value.Next))];
    }

    /// <summary>What to do at this moment.</summary>
    public DeskStep Next(Instant now)
    {
        Rejudge(now);
        Repeat(now);
        foreach (var group in _waiting.Values)
        {
            group.Settle(now);
            if (group.FlushAt <= now) Clean(group, now);
            if (group.Pending.Count == 0) _emptied.Add(group);
        }

        Forget();
        if (_writes.Count > 0)
        {
            DeliveryRow[] rows = [.. _writes];
            _writes.Clear();
            return new DeskStep.Write(rows);
        }

        if (_memory.Unhealthy.Length > 0) return new DeskStep.Wait(NextOverdue());
        if (FreeAt(now) is var free && free > now) return new DeskStep.Wait(Earliest(free, NextOverdue()));
        if (Due(now) is { } message) return Claim(message, now);
        return new DeskStep.Wait(Earliest(NextWork(now), NextOverdue()));
    }

    private Instant FreeAt(Instant now) => Times.Later(_pace.FreeAt(now), new Instant(_memory.RestUntil));

    private static Instant Earliest(params ReadOnlySpan<Instant> moments)
    {
        var least = Times.Never;
        foreach (var moment in moments) least = Times.Earlier(least, moment);
        return least;
    }

    private Instant NextWork(Instant now)
    {
        var next = DependsOnMuting(now) ? _judgedVersion == _muting.Version ? _muting.NextChange(now) : _judgedAt.Plus(RejudgeAtMostEvery) : Times.Never;
        // What is due and has not left is held back by a crowded minute, or waits for a message about the same alert.
        var free = _rules.Spread(now, _channel, isCritical: false);
        foreach (var (_, at) in _tries) next = Times.Earlier(next, Times.Later(at, free));
        if (_standing.TryPeek(out _, out var again)) next = Times.Earlier(next, new Instant(again));
        foreach (var group in _waiting.Values)
            next = Times.Earlier(next, group.FlushAt > now ? group.FlushAt : free > now && group.Pending.Exists(Free) ? free : Times.Never);
        return next;
    }

    private Instant NextOverdue()
    {
        var next = Times.Never;
        foreach (var (_, _, at) in _late.Values) next = Times.Earlier(next, at);
        return next;
    }

    private string? NextOf(DeliveryItem item)
    {
        if (!item.IsCritical || item.IsEnd || item.Route.Next.Count == 0) return null;
        var at = 0;
        for (var i = 0; i < item.Route.Next.Count; i++)
            if (item.Route.Next[i] == _channel) at = i + 1;
        return at < item.Route.Next.Count ? item.Route.Next[at] : null;
    }

    private IEnumerable<DeliveryItem> Open() => _waiting.Values.SelectMany(g => g.Pending).Concat(_tries.SelectMany(t => t.Message.Items)).Concat(_claimed);

    private DeskGroup GroupOf(DeliveryItem item)
    {
        var key = item.Route.GroupKeyOf(item.Alert);
        if (!_groups.TryGetValue(key, out var group)) _groups[key] = group = new DeskGroup(key, item.Route, item.IsCritical);
        return group;
    }

    /// <summary>Something is to be told; what waits already stays as it is.</summary>
    private void Wait(DeliveryItem item, Instant now)
    {
        if (!_known.Add(item.Row.Key)) return;
        MayBeLate(item);
        WaitingIn(item).Add(item, now);
    }

    private void MayBeLate(DeliveryItem item)
    {
        if (NextOf(item) is { } next) _late[item.Row.Key] = (item, next, item.Row.CreatedAt.Plus(item.Route.NextAfter));
    }

    /// <summary>The group of a record, in which something waits from now on.</summary>
    private DeskGroup WaitingIn(DeliveryItem item)
    {
        var group = GroupOf(item);
        _waiting[group.Key] = group;
        return group;
    }

    private void CountRepeat(DeliveryRow row)
    {
        if (Transition.RepeatOf(row.Transition) is > 0 and var number) _repeats[row.Alert] = Math.Max(number, _repeats.GetValueOrDefault(row.Alert));
    }

    private bool WasTold(string alert) => _toldIn.ContainsKey(alert);

    private void Told(DeliveryItem item, Instant at)
    {
        var (group, id) = (GroupOf(item), item.Alert.Id);
        if (_toldIn.Remove(id, out var before) && before.Told.Remove(id)) _emptied.Add(before);
        if (item.IsEnd) _repeats.Remove(id);
        if (!item.IsEnd && item.Alert.State == AlertState.Firing)
        {
            group.Told[id] = item;
            _toldIn[id] = group;
        }

        _muted.Remove(id);
        group.Repeated(at);
        _emptied.Add(group);
        Stands(group);
    }

    /// <summary>What stands in a group is told again: the group is looked at then.</summary>
    private void Stands(DeskGroup group)
    {
        if (group.IsStanding || group.RepeatAt == Times.Never) return;
        group.IsStanding = true;
        _standing.Enqueue(group, group.RepeatAt.Micros);
    }

    private void Forget()
    {
        foreach (var group in _emptied)
        {
            if (group.Pending.Count == 0 && _waiting.GetValueOrDefault(group.Key) == group) _waiting.Remove(group.Key);
            if (group.IsIdle && _groups.GetValueOrDefault(group.Key) == group) _groups.Remove(group.Key);
        }

        _emptied.Clear();
    }
}
