using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>What mutes an alert.</summary>
/// <param name="Id">Of the silence, or of the alert that inhibits.</param>
/// <param name="Why">For the delivery record and for people.</param>
public sealed record MutedBy(string Id, bool IsSilence, string Why);

/// <summary>What a channel asks before it sends.</summary>
public interface IMuting
{
    /// <summary>What mutes an alert at this moment, or <c>null</c>.</summary>
    MutedBy? Judge(Alert alert, Instant now);

    /// <summary>Somebody has taken or closed it: it is not repeated.</summary>
    bool IsHandled(string alert);

    /// <summary>Grows with everything that could change an answer.</summary>
    long Version { get; }

    /// <summary>When an answer may change by itself, because a silence begins or ends.</summary>
    Instant NextChange(Instant now);

    /// <summary>The utilisation at which a silence ended that waited for it, basis points; <c>null</c> for any other end.</summary>
    int? ReachedBp(string silence);
}

/// <summary>
/// Alerts that are open, who handles them, and the silences: what inhibition, silence and escalation are judged by. It is filled before the
/// first message is sent, so that a restart wakes nobody who was muted. Safe from any thread.
/// </summary>
public sealed class AlertBook(IReadOnlyList<InhibitRule> rules) : IMuting
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Alert> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Alert>> _byCustomer = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AlertHandling> _handled = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Silence> _silences = new(StringComparer.Ordinal);

    /// <summary>Open alerts that mute others, by rule and equal labels.</summary>
    private readonly Dictionary<(int Rule, string Equal), List<string>> _sources = [];
    private long _version;

    public long Version => Interlocked.Read(ref _version);

    /// <summary>An alert as it stands now. One that is no longer open leaves the book.</summary>
    /// <returns>Silences that changed with it and have to be written: they met it for the first time, or end there.</returns>
    public IReadOnlyList<Silence> Take(Alert alert, Instant now, AlertHandling? handling = null)
    {
        lock (_gate)
        {
            Remove(alert.Id);
            if (alert.State == AlertState.Firing)
            {
                _open[alert.Id] = alert;
                if (!_byCustomer.TryGetValue(alert.Customer, out var list)) _byCustomer[alert.Customer] = list = [];
                list.Add(alert);
                for (var rule = 0; rule < rules.Count; rule++)
                {
                    if (!LabelMatcher.All(rules[rule].Source, alert.Labels)) continue;
                    var at = (rule, rules[rule].EqualOf(alert.Labels));
                    if (!_sources.TryGetValue(at, out var sources)) _sources[at] = sources = [];
                    sources.Add(alert.Id);
                }

                if (handling is { } told) Set(alert.Id, told);
            }
            else _handled.Remove(alert.Id);

            var changed = new List<Silence>();
            foreach (var silence in _silences.Values)
                if (silence.See(alert, now) is var seen && !ReferenceEquals(seen, silence)) changed.Add(seen);
            foreach (var silence in changed) _silences[silence.Id] = silence;
            _version++;
            return changed;
        }
    }

    /// <summary>What somebody did about an alert.</summary>
    public void Handle(string alert, AlertHandling handling)
    {
        lock (_gate)
        {
            if (_open.ContainsKey(alert)) Set(alert, handling);
            _version++;
        }
    }

    /// <summary>A silence, new or changed. It meets what is open now.</summary>
    /// <returns>The silence with what it met.</returns>
    public Silence Take(Silence silence, Instant now)
    {
        lock (_gate)
        {
            // The worst first: what is open when somebody silences it is what he knows of, the worst of it included.
            foreach (var alert in _open.Values.OrderByDescending(a => a.Severity).ThenByDescending(a => a.Step).ThenBy(a => a.Id, StringComparer.Ordinal)) silence = silence.See(alert, now);
            _silences[silence.Id] = silence;
            _version++;
            return silence;
        }
    }

    /// <summary>An open alert; <c>null</c> when there is none of that id.</summary>
    public Alert? Find(string id)
    {
        lock (_gate) return _open.GetValueOrDefault(id);
    }

    /// <summary>Open alerts of a customer.</summary>
    public IReadOnlyList<Alert> Of(string customer)
    {
        lock (_gate) return _byCustomer.TryGetValue(customer, out var list) ? [.. list] : [];
    }

    /// <summary>
    /// Open alerts whose place a digest takes: an indicator that crosses a step to and fro tells its further ends in the digest alone, so that what was
    /// raised before would stand, and be told again, for ever.
    /// </summary>
    /// <param name="digest">The alert of an indicator that flaps.</param>
    public IReadOnlyList<Alert> OvertakenBy(Alert digest) => digest is { Transitions: > 0, State: AlertState.Firing }
        ? [.. Of(digest.Customer).Where(a => a.Id != digest.Id && a.Rule == digest.Rule && a.About == digest.About && a.Step == digest.Step && a.Transitions == 0)] : [];

    /// <summary>All silences that it knows.</summary>
    public IReadOnlyList<Silence> Silences
    {
        get
        {
            lock (_gate) return [.. _silences.Values];
        }
    }

    /// <summary>Alerts that nobody has taken, raised before a moment.</summary>
    public IReadOnlyList<Alert> Untaken(Instant raisedBefore)
    {
        lock (_gate) return [.. _open.Values.Where(a => a.RaisedAt <= raisedBefore && !_handled.ContainsKey(a.Id))];
    }

    /// <inheritdoc/>
    public MutedBy? Judge(Alert alert, Instant now)
    {
        // Two people have decided about a letter: what mutes alerts of its customer is no third one.
        if (alert.Letter is not null) return null;
        lock (_gate)
        {
            foreach (var silence in _silences.Values)
                if (silence.Mutes(alert, now)) return new MutedBy(silence.Id, IsSilence: true, $"{silence.Creator}: {silence.Comment}");
            return Inhibitor(alert);
        }
    }

    /// <inheritdoc/>
    public bool IsHandled(string alert)
    {
        lock (_gate) return _handled.ContainsKey(alert);
    }

    /// <inheritdoc/>
    public Instant NextChange(Instant now)
    {
        lock (_gate)
        {
            var next = Times.Never;
            foreach (var silence in _silences.Values)
            {
                if (silence.StartsAt > now) next = Times.Earlier(next, silence.StartsAt);
                else if (silence.EndsAt > now) next = Times.Earlier(next, silence.EndsAt);
            }

            return next;
        }
    }

    /// <inheritdoc/>
    public int? ReachedBp(string silence)
    {
        lock (_gate) return _silences.GetValueOrDefault(silence)?.ReachedBp;
    }

    private MutedBy? Inhibitor(Alert alert)
    {
        for (var rule = 0; rule < rules.Count; rule++)
        {
            if (!rules[rule].MayMute(alert.Labels) || !_sources.TryGetValue((rule, rules[rule].EqualOf(alert.Labels)), out var sources)) continue;
            foreach (var source in sources)
                if (source != alert.Id) return new MutedBy(source, IsSilence: false, rules[rule].Name);
        }

        return null;
    }

    private void Set(string alert, AlertHandling handling)
    {
        if (handling == AlertHandling.New) _handled.Remove(alert);
        else _handled[alert] = handling;
    }

    private void Remove(string id)
    {
        if (!_open.Remove(id, out var known) || !_byCustomer.TryGetValue(known.Customer, out var list)) return;
        list.RemoveAll(a => a.Id == id);
        if (list.Count == 0) _byCustomer.Remove(known.Customer);
        for (var rule = 0; rule < rules.Count; rule++)
        {
            var at = (rule, rules[rule].EqualOf(known.Labels));
            if (_sources.TryGetValue(at, out var sources) && sources.Remove(id) && sources.Count == 0) _sources.Remove(at);
        }
    }
}
