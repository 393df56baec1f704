using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// I6 to I10: every approval stands at the prefix just before it, one decision per key, a hold row for every order that
/// fails, a rule or a second person behind every release, no signal that is raised twice.
/// </summary>
internal sealed class DecisionProof(Book book, VerificationTotals total)
{
    private const long KeyDays = 30;

    private static readonly HashSet<string> Excuses =
        ["Unlimited", "Exclusion", "Prepaid", "Reserved", "LowerRisk", "Grace", "ValueCap", "WarnOnly", "PersonWithAuthority"];

    /// <summary>Releases, with the time and the value up to which they are good.</summary>
    private readonly Dictionary<(string Customer, string OrderId), (Instant ValidUntil, long ValueCap)> _released = [];
    private readonly Dictionary<long, long> _keys = [];
    private readonly Queue<(long Key, long At)> _keyOrder = new();
    private readonly Dictionary<string, int> _firing = new(StringComparer.Ordinal);
    private CheckDecided? _expected;

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
                CheckDecided decided => Decision(entry.Fact, decided, effects) ?? Key(decided, entry.Fact),
                HoldChanged { Step: HoldChanged.Released } released => Release(released) ?? Remember(released),
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
        _released[(released.Customer, released.OrderId)] = (released.ValidUntil, released.ValueCap);
        return null;
    }

    /// <summary>I6: approved in spite of reasons, because a release of the order is still good, in time and in value.</summary>
    private string? Grace(CheckDecided decided)
    {
        if (!_released.TryGetValue((decided.Customer, decided.OrderId), out var release)) return $"order '{decided.OrderId}' is approved by the grace of a release that never was.";
        return book.StreamTime >= release.ValidUntil || decided.Amount > release.ValueCap
            ? $"order '{decided.OrderId}' of {decided.Amount} is approved by the grace of a release that was good until {release.ValidUntil} and {release.ValueCap}."
            : null;
    }

    /// <summary>I7: the keys of the last thirty days, once each.</summary>
    private string? Key(CheckDecided decided, Fact fact)
    {
        var now = book.StreamTime.Micros;
        while (_keyOrder.TryPeek(out var oldest) && oldest.At < now - KeyDays * Instant.Day)
        {
            _keyOrder.Dequeue();
            if (_keys.TryGetValue(oldest.Key, out var last) && last == oldest.At) _keys.Remove(oldest.Key);
        }

        if (decided.Key.Length == 0) return null;
        var key = IdempotencyKey.Hash(decided.Actor, fact.Customer, decided.Key);
        if (!_keys.TryAdd(key, now)) return $"key '{decided.Key}' of '{decided.Actor}' made a second decision.";
        _keyOrder.Enqueue((key, now));
        return null;
    }

    /// <summary>I9: cured by rule, or agreed to by somebody else than the one who asked.</summary>
    private static string? Release(HoldChanged released)
    {
        if (released.Approver.Length > 0)
        {
            var approvers = released.Approver.Split(',');
            return approvers.Contains(released.Actor) || approvers.Distinct().Count() != approvers.Length
                ? $"order '{released.OrderId}' was released by '{released.Approver}' on the request of '{released.Actor}'."
                : null;
        }

        if (released.Actor.Length == 0) return $"order '{released.OrderId}' was released by nobody.";
        if (released.Forced) return $"order '{released.OrderId}' was held by a person and released by '{released.Actor}' alone.";
        return released.Reasons.FirstOrDefault(r => r.StillValid) is { } valid
            ? $"order '{released.OrderId}' was released although reason {valid.Rule} holds."
            : null;
    }

    /// <summary>I10: a signal that fires at a step is not raised there again before it ended.</summary>
    private string? Signal(SignalChanged signal)
    {
        if (signal.State == SignalChanged.Resolved) _firing.Remove(signal.SignalId);
        // The digest of a signal that flaps is told again each day.
        if (signal.State != SignalChanged.Raised || signal.Flapping) return null;
        if (_firing.TryGetValue(signal.SignalId, out var step) && step == signal.Step) return $"signal {signal.SignalId} was raised twice at step {step}.";
        _firing[signal.SignalId] = signal.Step;
        return null;
    }
}
