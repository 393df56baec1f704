using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// I9: every release was cured by rule, or agreed to by somebody else than the one who asked, with the authority that it
/// takes; cured orders leave in the stated order, and nobody who is cured and fits is left behind.
/// </summary>
internal sealed class ReleaseProof(Book book)
{
    private readonly Dictionary<string, List<HoldChanged>> _byRule = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<HoldChanged>> _joined = new(StringComparer.Ordinal);
    private int _passes;

    /// <summary>How often an entry may run the pass over an account: once per version that it folds, and once for itself.</summary>
    internal void Before(Entry entry) => _passes = book.VersionsToFold + (entry.Fact is SweepDue ? 0 : 1);

    internal string? After(EntryPosition at, Entry entry, IReadOnlyList<Effect> effects)
    {
        _byRule.Clear();
        _joined.Clear();
        foreach (var effect in effects)
        {
            if (effect is CheckDecided { OrderId.Length: > 0, Decision: Verdict.Approved or Verdict.ApprovedWithWarnings } approved && entry.Fact is not CheckCredit)
                Add(_joined, effect.Customer, new HoldChanged { OrderId = approved.OrderId });
            if (effect is not HoldChanged { Step: HoldChanged.Released } released) continue;
            var wrong = released.Approver.Length > 0 ? ByPeople(released, entry.Fact) : ByRule(released);
            if (wrong is not null) return $"Entry {at}, customer '{effect.Customer}': {wrong}";
            if (released.Approver.Length == 0) Add(_byRule, effect.Customer, released);
        }

        foreach (var (customer, released) in _byRule)
            if (OutOfTurn(book.FindSlot(customer), released) is { } wrong) return $"Entry {at}, customer '{customer}': {wrong}";
        if (entry.Outcome != OutcomeKind.Applied) return null;
        foreach (var slot in book.Touched)
            if (LeftBehind(slot, entry.Fact) is { } wrong) return $"Entry {at}, customer '{book.CustomerAt(slot)}': {wrong}";
        return null;
    }

    private static void Add(Dictionary<string, List<HoldChanged>> lists, string customer, HoldChanged told)
    {
        if (!lists.TryGetValue(customer, out var list)) lists[customer] = list = [];
        list.Add(told);
    }

    /// <summary>Agreed to by others than the one who asked, each once, the last of them in this entry and with the authority.</summary>
    private string? ByPeople(HoldChanged released, Fact fact)
    {
        var approvers = released.Approver.Split(',');
        if (approvers.Contains(released.Actor) || approvers.Distinct().Count() != approvers.Length)
            return $"order '{released.OrderId}' was released by '{released.Approver}' on the request of '{released.Actor}'.";
        if (fact is not ApproveRelease approval || approval.Actor != approvers[^1])
            return $"order '{released.OrderId}' was released in the name of '{released.Approver}', who did not approve it there.";
        if (book.Context.Convert(released.Amount, Currency.Parse(released.Currency), book.BaseCurrency) is not { } value) return null;
        if (approval.Authority >= 0 && value > approval.Authority)
            return $"order '{released.OrderId}' of {value} was released by '{approval.Actor}', whose authority is {approval.Authority}.";
        var two = book.Context.Policy[Parameter.TwoApproversAbove];
        return two >= 0 && value > two && approvers.Length < 2 ? $"order '{released.OrderId}' of {value} was released by '{approval.Actor}' alone." : null;
    }

    /// <summary>No reason holds any more, and those that dwell have been cured for long enough.</summary>
    private string? ByRule(HoldChanged released)
    {
        if (released.Actor != "rule") return $"order '{released.OrderId}' was released by '{released.Actor}' alone.";
        if (released.Forced) return $"order '{released.OrderId}' was held by a person and released by a rule.";
        var slot = book.FindSlot(released.Customer);
        foreach (var reason in released.Reasons)
        {
            if (reason.StillValid) return $"order '{released.OrderId}' was released although reason {reason.Rule} holds.";
            if (book.StreamTime < reason.CuredAt.Plus(ReleaseTurns.DwellOf(book, slot, reason.Rule)))
                return $"order '{released.OrderId}' was released before reason {reason.Rule} had been cured for its dwell.";
        }

        return null;
    }

    /// <summary>Within one pass releases come in the stated order; an entry has few passes.</summary>
    private string? OutOfTurn(int slot, List<HoldChanged> released)
    {
        if (released.Count < 2) return null;
        var turns = ReleaseTurns.InTurn(book, slot, released.Select(r => r.OrderId));
        // What was reserved beyond an order is free behind its release, also for those whose turn was before it: they are asked once more.
        var most = _passes + released.Count(r => r.Reserved > 0);
        var (passes, last) = (1, -1);
        foreach (var order in released)
        {
            var turn = turns.IndexOf(order.OrderId);
            if (turn < last && ++passes > most) return $"order '{order.OrderId}' was released behind '{turns[last]}', whose turn came later.";
            last = turn;
        }

        return null;
    }

    /// <summary>Who is still on hold had to stay there at its turn: also before those whose turn came later took their headroom.</summary>
    private string? LeftBehind(int slot, Fact fact)
    {
        var held = ReleaseTurns.OnHold(book, slot);
        if (held.Count == 0) return null;
        var customer = book.CustomerAt(slot);
        // What a fold of several versions did to whom is told by its effects together.
        var now = fact is SweepDue ? book.Context.Since : book.StreamTime;
        var later = _passes == 1 ? Later(customer, fact) : [];
        var turns = later.Count == 0 ? [] : ReleaseTurns.InTurn(book, slot, held.Concat(later.Select(l => l.OrderId)).Distinct());
        foreach (var order in held)
        {
            if (ReleaseTurns.IsDue(book, slot, order, [], now)) return $"order '{order}' is cured and fits, and was left on hold.";
            var behind = later.Where(l => turns.IndexOf(l.OrderId) > turns.IndexOf(order)).ToList();
            if (behind.Count > 0 && ReleaseTurns.IsDue(book, slot, order, behind, now))
                return $"order '{order}' was cured and fitted at its turn; '{behind[0].OrderId}' was let through before it.";
        }

        return null;
    }

    /// <summary>Who took headroom in the pass: what a rule released, and what entered the horizon on a day start.</summary>
    private List<HoldChanged> Later(string customer, Fact fact)
    {
        var released = _byRule.GetValueOrDefault(customer) ?? [];
        var joined = _joined.GetValueOrDefault(customer) ?? [];
        if (joined.Count == 0) return released;
        // An order that was approved by itself in an entry was judged before the pass.
        if (fact is not SweepDue) return joined.TrueForAll(j => j.OrderId == fact.Document) ? released : [];
        return [.. released, .. joined.Where(j => !released.Exists(r => r.OrderId == j.OrderId))];
    }
}

/// <summary>Places in short lists.</summary>
file static class Lists
{
    internal static int IndexOf(this IReadOnlyList<string> list, string item)
    {
        for (var i = 0; i < list.Count; i++)
            if (list[i] == item) return i;
        return -1;
    }
}
