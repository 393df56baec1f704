namespace ExposureMonitor.Domain;

/// <summary>
/// What the last pass over the held orders of an account was judged by, kept while it left every one of them held: another
/// pass that would look at the same can change nothing, and is left out but for the orders that changed since. No part of
/// the state: a book that was read back passes over all of them once, with the same result.
/// </summary>
internal sealed class QuietHolds
{
    /// <summary>Held orders that changed since.</summary>
    private readonly List<int> _changed = [];

    internal required HoldInputs Inputs { get; init; }

    /// <summary>The earliest moment that one of them waits for.</summary>
    internal Instant Deadline { get; set; }

    internal List<int> Changed => _changed;

    internal void Note(int order)
    {
        if (!_changed.Contains(order)) _changed.Add(order);
    }
}

/// <summary>Everything of account and partition that the judgement of a held order reads, as far as it can make a difference.</summary>
internal readonly record struct HoldInputs
{
    internal required PartitionContext Context { get; init; }

    internal required Policy Policy { get; init; }

    internal required EffectiveLimit Limit { get; init; }

    internal required Currency LimitCurrency { get; init; }

    internal required Currency Missing { get; init; }

    internal required (AccountFlags Flags, RiskState RiskState, short Status, short Terms, short TermsRank, short DiscountRank, short Tier) Account { get; init; }

    /// <summary>Observed by the overdue steps that fail; 0 while a step passes.</summary>
    internal required (long Oldest, long Dunning, long Index, Int128 OverdueByMore, Int128 Balance) Steps { get; init; }

    /// <summary>What the overdue rules read; 0 while they are off.</summary>
    internal required (long OldestOfAny, Int128 Overdue) Rules { get; init; }

    /// <summary>Under a limit of an amount: S(h), S(∞), Gross(h) and the components that the own value is taken out of.</summary>
    internal required (Int128 Sum, Int128 Static, Int128 Check, Int128 OrdersInside, Int128 OrdersOutside, Int128 HeldInside, Int128 HeldOutside, Int128 Haircut) Exposure { get; init; }
}
