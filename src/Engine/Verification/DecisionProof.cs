using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// I6 to I8 and I10: every approval stands at the prefix just before it, one decision per key, a hold row for every order
/// that fails, no signal that is raised twice.
/// </summary>
internal sealed class DecisionProof(Book book, VerificationTotals total)
{
    private const long KeyDays = 30;

    private static readonly HashSet<string> Excuses =
        ["Unlimited", "Exclusion", "Prepaid", "Reserved", "LowerRisk", "Grace", "ValueCap", "WarnOnly", "PersonWithAuthority"];

    /// <summary>Releases and passed checks that are still good: until when, and up to which value.</summary>
    private readonly Dictionary<(string Customer, string OrderId, bool IsRelease), (Instant ValidUntil, long ValueCap)> _good = [];
    private readonly PriorityQueue<(string Customer, string OrderId, bool IsRelease), long> _goodUntil = new();
    private readonly Dictionary<long, long> _keys = [];
    private readonly Queue<(long Key, long At)> _keyOrder = new();
    private readonly Dictionary<string, int> _firing = new(StringComparer.Ordinal);
    private CheckDecided? _expected;

    /// <summary>Writes what later entries are judged by, for a base: grace, keys, signals.</summary>
    internal void Write(ByteBuffer to)
    {
        // In order, so that equal proofs give equal bytes.
        var good = _good.Where(g => g.Value.ValidUntil > book.StreamTime).OrderBy(g => g.Key.Customer, StringComparer.Ordinal).ThenBy(g => g.Key.OrderId, StringComparer.Ordinal).ThenBy(g => g.Key.IsRelease).ToList();
        to.Varint((ulong)good.Count);
        foreach (var (order, (until, cap)) in good)
        {
            to.Text(order.Customer);
            to.Text(order.OrderId);
            to.Byte(order.IsRelease ? (byte)1 : (byte)0);
            to.Signed(until.Micros);
            to.Signed(cap);
        }

        to.Varint((ulong)_keyOrder.Count);
        foreach (var (key, at) in _keyOrder)
        {
            to.Signed(key);
            to.Signed(at);
        }

        to.Varint((ulong)_firing.Count);
        foreach (var (signal, step) in _firing.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            to.Text(signal);
            to.Signed(step);
        }
    }

    /// <summary>Goes on from what a base remembers.</summary>
    internal void Read(ref ByteReader from)
    {
        for (var left = from.Int(); left > 0; left--)
            Remember((from.Text(), from.Text(), from.Byte() != 0), new Instant(from.Signed()), from.Signed());
        for (var left = from.Int(); left > 0; left--)
        {
            var (key, at) = (from.Signed(), from.Signed());
            _keys[key] = at;
            _keyOrder.Enqueue((key, at));
        }

        for (var left = from.Int(); left > 0; left--) _firing[from.Text()] = checked((int)from.Signed());
    }

    /// <summary>Judges a check at the prefix just before its entry.</summary>
    internal void Before(EntryPosition at, Entry entry)
    {
        _expected = null;
        if (entry is not { Fact: CheckCredit check, Outcome: OutcomeKind.Applied } || book.FindSlot(check.Customer) is not (>= 0 and var slot)) return;
        // A temporary limit may begin or end in the instant between the prefix and the entry.
        if (book.LimitDetail(slot).Temporary.Count == 0) _expected = PartitionMachine.WhatIf(book, check);
    }

    internal string? After(EntryPosition at, Entry entry, IReadOnlyList<Effect> effects)
    {
        foreach (var effect in effects)
        {
            var wrong = effect switch
            {
                CheckDecided decided => Decision(entry.Fact, decided, effects) ?? Key(decided),
                HoldChanged { Step: HoldChanged.Released } released => Remember(released),
                SignalChanged signal => Signal(signal),
                _ => null,
            };
            if (wrong is not null) return $"Entry {at}, customer '{effect.Customer}': {wrong}";
        }

        return null;
    }

    private string? Decision(Fact fact, CheckDecided decided, IReadOnlyList<Effect> effects)
    {
        if (decided is { Decision: Verdict.Held, OrderId.Length: > 0 } && fact is not CheckCredit
            && !effects.Any(e => e is HoldChanged hold && hold.OrderId == decided.OrderId))
            return $"order '{decided.OrderId}' fails and has no hold in the same entry.";
        if (decided.Decision is not (Verdict.Approved or Verdict.ApprovedWithWarnings)) return null;
        total.Approvals++;
        if (decided.Excuse == "Grace") return Grace(decided);
        Passed(decided);
        if (decided.Reasons.FirstOrDefault(r => r.Reaction >= Reaction.Hold) is { } holding)
            return $"approved in spite of reason {holding.Rule}.";
        if (decided.Excuse.Length > 0 && !Excuses.Contains(decided.Excuse)) return $"approved with the excuse '{decided.Excuse}', which nobody knows.";
        if (decided.Figures is not { } figures) return "approved without figures.";
        if (decided.Excuse == "Unlimited" && figures.LimitKind != LimitKind.Unlimited) return "approved as unlimited under a limit.";
        if (fact is not CheckCredit || _expected is not { } expected) return null;
        return (expected.Decision, expected.Excuse) != (decided.Decision, decided.Excuse) || expected.Figures!.AfterThis != figures.AfterThis || expected.Figures.Gross != figures.Gross
            ? $"decided {decided.Decision} with '{decided.Excuse}' at {figures.AfterThis}; the prefix just before says {expected.Decision} with '{expected.Excuse}' at {expected.Figures!.AfterThis}."
            : null;
    }

    private string? Remember(HoldChanged released)
    {
        Remember((released.Customer, released.OrderId, true), released.ValidUntil, released.ValueCap);
        return null;
    }

    /// <summary>What is no longer good is forgotten, so that memory does not grow with the history.</summary>
    private void Remember((string Customer, string OrderId, bool IsRelease) order, Instant until, long value)
    {
        while (_goodUntil.TryPeek(out var oldest, out var ended) && ended < book.StreamTime.Micros)
        {
            _goodUntil.Dequeue();
            if (_good.TryGetValue(oldest, out var known) && known.ValidUntil.Micros <= ended) _good.Remove(oldest);
        }

        if (until <= book.StreamTime) return;
        _good[order] = (until, value);
        _goodUntil.Enqueue(order, until.Micros);
    }

    /// <summary>A check that passed serves the next checkpoints for the policy's days of grace, up to its value.</summary>
    private void Passed(CheckDecided decided)
    {
        var slot = book.FindSlot(decided.Customer);
        if (slot < 0 || decided.OrderId.Length == 0 || decided.Excuse == "Grace") return;
        var order = book.CheckedOf(slot, decided.OrderId);
        if (order.Until > book.StreamTime) Remember((decided.Customer, decided.OrderId, false), order.Until, order.Value);
    }

    /// <summary>I6: approved in spite of reasons, because a release or a passed check of the order is still good, in time and in value.</summary>
    private string? Grace(CheckDecided decided)
    {
        var why = $"order '{decided.OrderId}' is approved by the grace of a release, or of a passed check, that is none.";
        foreach (var isRelease in (ReadOnlySpan<bool>)[true, false])
        {
            if (!_good.TryGetValue((decided.Customer, decided.OrderId, isRelease), out var good)) continue;
            if (book.StreamTime < good.ValidUntil && decided.Amount <= good.ValueCap) return null;
            why = $"order '{decided.OrderId}' of {decided.Amount} is approved by a grace that was good until {good.ValidUntil} and {good.ValueCap}.";
        }

        return why;
    }

    /// <summary>I7: the keys of the last thirty days, once each.</summary>
    private string? Key(CheckDecided decided)
    {
        var now = book.StreamTime.Micros;
        while (_keyOrder.TryPeek(out var oldest) && oldest.At < now - KeyDays * Instant.Day)
        {
            _keyOrder.Dequeue();
            if (_keys.TryGetValue(oldest.Key, out var last) && last == oldest.At) _keys.Remove(oldest.Key);
        }

        if (decided.Key.Length == 0) return null;
        var key = IdempotencyKey.Hash(decided.Actor, decided.Customer, decided.Key);
        if (!_keys.TryAdd(key, now)) return $"key '{decided.Key}' of '{decided.Actor}' made a second decision.";
        _keyOrder.Enqueue((key, now));
        return null;
    }

    /// <summary>I10: a signal that fires at a step is not raised there again before it ended.</summary>
    private string? Signal(SignalChanged signal)
    {
        if (signal.State is SignalChanged.Resolved or SignalChanged.Retracted) _firing.Remove(signal.SignalId);
        // The digest of a signal that flaps is told again each day.
        if (signal.State != SignalChanged.Raised || signal.Flapping) return null;
        if (_firing.TryGetValue(signal.SignalId, out var step) && step == signal.Step) return $"signal {signal.SignalId} was raised twice at step {step}.";
        _firing[signal.SignalId] = signal.Step;
        return null;
    }
}
