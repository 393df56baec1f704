using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>What came of what a person wanted to do about an alert.</summary>
public enum ActOutcome
{
    Done,

    /// <summary>There is no such alert or silence.</summary>
    Unknown,

    /// <summary>Somebody else was faster: look again.</summary>
    Overtaken,
}

/// <summary>What people do about alerts: take, close, snooze, silence.</summary>
public sealed partial class AlertHouse
{
    /// <summary>Takes an alert, gives it back (<see cref="AlertHandling.New"/>) or closes it with a note.</summary>
    /// <param name="seen">Version of the alert that the person saw; −1 for whichever stands.</param>
    /// <param name="assignee">Who is to look after it, when that is somebody else.</param>
    /// <param name="tag">What he thinks of it; <c>null</c> leaves what stands.</param>
    public async Task<ActOutcome> HandleAsync(string id, AlertHandling handling, string actor, string text, long seen, CancellationToken cancel, string? assignee = null, AlertTag? tag = null)
    {
        if (await _store.AlertsAsync([id], cancel) is not [var row]) return ActOutcome.Unknown;
        if (seen >= 0 && row.Version != seen) return ActOutcome.Overtaken;
        var now = _time.Now();
        var act = assignee is not null ? "assigned to " + assignee : handling switch { AlertHandling.Taken => "taken", AlertHandling.Closed => "closed", _ => "given back" };
        var changed = row with { Handling = handling, HandledBy = handling == AlertHandling.New ? "" : assignee ?? actor, HandledAt = handling == AlertHandling.New ? default : now, Tag = tag ?? row.Tag };
        if (!await _store.HandleAsync(changed, new AlertNote(id, now, actor, tag is { } said ? $"{act}, {Word(said)}" : act, text), cancel)) return ActOutcome.Overtaken;
        _book.Handle(id, handling);
        RingAll();
        return ActOutcome.Done;
    }

    /// <summary>Says whether an alert was useful or noise, and nothing else; <see cref="AlertTag.None"/> takes it back.</summary>
    public async Task<ActOutcome> TagAsync(string id, AlertTag tag, string actor, string text, long seen, CancellationToken cancel)
    {
        if (await _store.AlertsAsync([id], cancel) is not [var row]) return ActOutcome.Unknown;
        if (seen >= 0 && row.Version != seen) return ActOutcome.Overtaken;
        return await _store.HandleAsync(row with { Tag = tag }, new AlertNote(id, _time.Now(), actor, Word(tag), text), cancel) ? ActOutcome.Done : ActOutcome.Overtaken;
    }

    /// <summary>Silences what matches; the comment says why.</summary>
    public async Task<Silence> SilenceAsync(Silence silence, CancellationToken cancel)
    {
        var now = _time.Now();
        await _turn.WaitAsync(cancel);
        try
        {
            var met = _book.Take(silence, now);
            var row = AlertJson.RowOf(met, now, 1);
            if (!await _store.SaveSilenceAsync(row, cancel)) throw new InvalidOperationException($"There is a silence '{silence.Id}' already.");
            _silences[row.Id] = row;
            RingAll();
            return met;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends a silence before its time. What still fires and was muted is told.</summary>
    /// <param name="reachedBp">The utilisation that it waited for, basis points; <c>null</c> when a person ends it.</param>
    public async Task<ActOutcome> EndSilenceAsync(string id, CancellationToken cancel, int? reachedBp = null)
    {
        var now = _time.Now();
        await _turn.WaitAsync(cancel);
        try
        {
            if (_book.Silences.FirstOrDefault(s => s.Id == id) is not { } silence || silence.EndsAt <= now) return ActOutcome.Unknown;
            var ended = silence with { EndsAt = now, ReachedBp = reachedBp };
            var row = AlertJson.RowOf(ended, _silences[id].CreatedAt, _silences[id].Version + 1);
            if (!await _store.SaveSilenceAsync(row, cancel)) return ActOutcome.Overtaken;
            _silences[id] = row;
            _book.Take(ended, now);
            RingAll();
            return ActOutcome.Done;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Puts one indicator of a customer aside for a while; it comes back by itself, and at once when it gets worse.</summary>
    /// <param name="betterAtBp">It comes back as soon as the customer's utilisation is at or below this, basis points; <c>null</c> waits for the moment alone.</param>
    public async Task<ActOutcome> SnoozeAsync(string id, Instant until, string silenceId, string actor, string comment, CancellationToken cancel, int? betterAtBp = null)
    {
        if (await _store.AlertsAsync([id], cancel) is not [var row]) return ActOutcome.Unknown;
        var alert = AlertJson.AlertOf(row);
        var rest = new Silence
        {
            Id = silenceId, StartsAt = _time.Now(), EndsAt = until, BetterAtBp = betterAtBp, Creator = actor, Comment = comment.Length > 0 ? comment : "snoozed",
            Matchers = [LabelMatcher.Equal("alertname", alert.Rule), LabelMatcher.Equal("customer", alert.Customer), LabelMatcher.Equal("about", alert.About)],
        };
        await SilenceAsync(rest, cancel);
        // The last word holds: a rest of before ends behind the beginning of this one, so that nothing is told in between.
        foreach (var before in _book.Silences.Where(s => s.Id != silenceId && s.IsActive(rest.StartsAt) && IsOfTheSame(s, rest)).ToList()) await EndSilenceAsync(before.Id, cancel);
        // Whoever looks at the alert later sees that it rested, and why. Somebody who was faster with another act changes nothing about that.
        var act = betterAtBp is { } bp ? $"snoozed until {new Words(Language.English).Percent(bp)}, at most {until}" : $"snoozed until {until}";
        await _store.HandleAsync(row, new AlertNote(id, _time.Now(), actor, act, comment), cancel);
        return ActOutcome.Done;
    }

    private static bool IsOfTheSame(Silence one, Silence other) => one.Matchers.Select(m => m.ToString()).SequenceEqual(other.Matchers.Select(m => m.ToString()), StringComparer.Ordinal);

    private static string Word(AlertTag tag) => tag switch { AlertTag.Useful => "useful", AlertTag.Noise => "noise", _ => "not tagged" };

    private void RingAll()
    {
        foreach (var owner in _owners.Values) owner.Ring();
    }
}
