namespace ExposureMonitor.Domain;

/// <summary>The indicators on utilisation, orders, overdue items, limits and horizon (credit.md 19.2).</summary>
internal sealed partial class AccountWork
{
    private const string OverdueAndUsedEnds = "overdue amount or utilisation below the re-arm of its threshold";

    /// <summary>After a fact that counts more orders than these anew, all signals are looked at.</summary>
    private const int CountedMax = 16;

    private readonly List<SignalState> _ending = [];

    /// <param name="byTime">True when nothing but time passed: then nothing is raised or cleared while a feed is stale.</param>
    private void JudgeSignals(bool byTime = false)
    {
        if (byTime && Context.IsStale) return;
        ref readonly var exposure = ref ExposureForSignals();
        var limit = EffectiveLimit.Of(book, Slot, Context, Now);
        var gross = exposure.CheckGross;
        var isAmount = limit.Kind == LimitKind.Amount;
        var over = isAmount && gross > limit.Amount;
        var (used, usedUp) = UsedOf(limit, gross);
        Judge("EW-01", "", UtilisationSteps, used, usedUp, "utilisation at or below the step less the re-arm");
        JudgeTimeOverLimit(over, usedUp);
        JudgeBreach(over);
        JudgeOverdueAndUsed(limit, gross);
        JudgeTemporaryEnd(gross);
        JudgeHorizonEntry(limit, exposure);
        JudgeOverdueSignals();
        JudgeLimitEnd();
        JudgeOrders();
        JudgeDunning();
        JudgePatterns(limit, gross, used);
        JudgeColours();
        JudgeGroupSignals();
        EndFlaps();
        JudgeRisk();
    }

    /// <summary>The grade's steps where a grade exists (credit.md 19.1): a person's, else the computed one that is kept.</summary>
    private Ladder UtilisationSteps
    {
        get
        {
            var ladders = Policy.Ladders;
            if (!ladders.AreByGrade) return ladders.Utilisation;
            var grade = GradeOf();
            if (grade.Length == 0 && Policy.Is(Parameter.ScoreOn)) grade = book.HabitsOf(Slot)?.Scores?.ComputedGrade ?? "";
            return grade.Length == 0 ? ladders.Utilisation : ladders.UtilisationOf(grade);
        }
    }

    /// <summary>The indicators on habits and on what comes from outside; a customer without either is done with at once.</summary>
    private void JudgePatterns(EffectiveLimit limit, Int128 gross, long used)
    {
        if (!Policy.KeepsHabits && book.RareOf(Slot) is not { Signals.Count: > 0 }) return;
        if (Policy.KeepsHabits) JudgeUse(limit, gross, used);
        JudgeMigration();
        JudgeConcentration();
        JudgeRates(limit, gross);
        JudgeCovers();
        JudgeReview();
        JudgeScore();
        if (book.HabitsOf(Slot) is { } habits)
        {
            JudgeDated(habits);
            if (habits.Outside is { } outside)
            {
                JudgeOutside(outside);
                JudgeCounted(outside);
            }

            if (habits.Orders is { } orders) MindSilence(habits, orders);
            JudgeBurst(habits, limit, gross);
            JudgeHugs();
        }

        JudgeSurgeWhileLate();
    }

    /// <summary>Utilisation in basis points, rounded down or up; with a limit of 0 anything is the top step.</summary>
    private static (long Down, long Up) UsedOf(EffectiveLimit limit, Int128 gross)
    {
        if (limit.Kind != LimitKind.Amount) return (0, 0);
        if (limit.Amount == 0) return gross > 0 ? (long.MaxValue, long.MaxValue) : (0, 0);
        var tenThousandths = Rounding.Times(gross, 10_000);
        var down = Rounding.Down(tenThousandths, limit.Amount);
        return (Rounding.Pin(down), Rounding.Pin(Rounding.Times(down, limit.Amount) == tenThousandths ? down : down + 1));
    }

    private void JudgeBreach(bool breached)
    {
        if (breached) Account.Flags |= AccountFlags.Breached;
        else Account.Flags &= ~AccountFlags.Breached;
    }

    /// <summary>EW-02: above 100 % without a break; armed again below.</summary>
    private void JudgeTimeOverLimit(bool isOver, long used)
    {
        var state = StateOf("EW-02", "");
        if (!isOver && state is null) return;
        state ??= AddState("EW-02", "");
        if (!isOver && !state.Firing) state.Since = default;
        else if (isOver && state.Since.Micros == 0) state.Since = Now;
        var calm = Policy[Parameter.Signal02Rearm];
        var over = isOver && Now >= state.Since.Plus(OverLimitDwell);
        Judge("EW-02", "", Ladder.Once(Severity.High), over || (state.Firing && used > calm) ? 1 : 0, "utilisation at or below the re-arm");
        if (!state.Firing && !isOver) state.Since = default;
    }

    private long OverLimitDwell => Policy[Parameter.Signal02Hours] * 3600 * Instant.Second;

    /// <summary>EW-07: fires above both thresholds, is armed again when either is below a share of its own.</summary>
    private void JudgeOverdueAndUsed(EffectiveLimit limit, Int128 gross)
    {
        var overdue = HasOverdue() ? Overdue(0, 0).Overdue : 0;
        var both = 0;
        if (limit.Kind == LimitKind.Amount)
        {
            var (calm, atLeast) = (Policy[Parameter.Signal07RearmBp], Policy[Parameter.Signal07OverdueBp]);
            // Nothing overdue is below every threshold that there is.
            if (overdue == 0 && limit.Amount > 0 && calm > 0 && atLeast > 0)
            {
                Judge("EW-07", "", Ladder.Once(Severity.High), 0, OverdueAndUsedEnds);
                return;
            }

            var (late, latest) = (Rounding.Times(overdue, 10_000), Math.BigMul(limit.Amount, atLeast));
            var (used, most) = (Rounding.Times(gross, 10_000), Math.BigMul(limit.Amount, Policy[Parameter.Signal07UsedBp]));
            if (late > latest && used > most) both = 1;
            else if (late * 10_000 >= latest * calm && used * 10_000 >= most * calm) both = StepOf("EW-07", "");
        }

        Judge("EW-07", "", Ladder.Once(Severity.High), both, OverdueAndUsedEnds);
    }

    private void JudgeOverdueSignals()
    {
        var policy = Policy;
        var days = policy.Int(Parameter.Signal06Days);
        var (oldest, late, balance) = HasOverdue() ? Overdue(policy[Parameter.Signal05Minimum], days) : default;
        Judge("EW-05", "", policy.Ladders.OldestItem, oldest, "no item past due");
        Judge("EW-06", "", policy.Ladders.ShareOverdue, balance > 0 ? (long)Rounding.Down(Rounding.Times(late, 10_000), balance) : 0,
            balance > 0 ? (long)Rounding.Up(Rounding.Times(late, 10_000), balance) : 0, "the share overdue at or below the re-arm");
        var longest = LongestPastDue();
        Judge("EW-10", "", policy.Ladders.PastDue, longest, "no item beyond the step");
        if (longest > 0) WakeAtNext(longest, policy[Parameter.Signal10Days], policy[Parameter.Signal10High]);
        if (oldest > 0) WakeAtNext(oldest, policy[Parameter.Signal05Days], policy[Parameter.Signal05High], policy[Parameter.OldestDays]);
        var before = OverdueBefore(days);
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
            if (book.FirstDueAfter(ledger, before - 1) is { } due) book.Wake(Slot, Math.Max(Context.Today + 1, due + days + 1));
    }

    /// <summary>The account is looked at on the day on which its oldest item crosses the next threshold.</summary>
    private void WakeAtNext(long oldest, params ReadOnlySpan<long> thresholds)
    {
        foreach (var days in thresholds)
            if (days + 1 > oldest) book.Wake(Slot, Context.Today + (int)(days + 1 - oldest));
    }

    /// <summary>
    /// EW-10: any item of the minimum by its original due date, without set-off. The tree answers while due dates are
    /// the original ones and nothing is contested or planned; else the open items are walked.
    /// </summary>
    private long LongestPastDue()
    {
        long longest = 0;
        if (book.RareOf(Slot) is { HasOddItems: true })
        {
            for (var at = Account.OpenItem; at != 0; at = book.Items[at].OpenNext)
            {
                ref var item = ref book.Items[at];
                if (book.OpenOf(item) < LeastIn(Policy[Parameter.Signal05Minimum], item.Currency)) continue;
                longest = Math.Max(longest, Context.Today - item.OriginalDueOn);
                if (item.OriginalDueOn + Policy[Parameter.Signal10High] >= Context.Today) book.Wake(Slot, Context.Today + 1);
            }

            return longest;
        }

        var tree = new ItemTree(book.Items, book.Texts);
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
        {
            ref var record = ref book.Ledgers[ledger];
            if (record.Root != 0 && HasOverdue(record) && tree.OldestDue(record.Root, 0, LeastIn(Policy[Parameter.Signal05Minimum], record.Currency)) is { } due)
                longest = Math.Max(longest, Context.Today - due);
        }

        return longest;
    }

    private void JudgeLimitEnd()
    {
        // A limit without an end, or none at all, ends a signal that an earlier schedule raised.
        if (book.RareOf(Slot) is not { Steps.Count: > 0 } && StateOf("EW-11", "") is null) return;
        var end = EndOfLimit();
        Judge("EW-11", "", Policy.Ladders.LimitEnds, DaysBeyondEnd(Context.Today), "a limit that ends beyond the first warning");
        if (end == 0) return;
        WakeAhead(end - Policy.Int(Parameter.Signal11Days1));
        WakeAhead(end - Policy.Int(Parameter.Signal11Days2));
        WakeAhead(end);
        WakeAhead(end + 1);
        WakeAhead(end + Policy.Int(Parameter.LimitExpiryGraceDays));
    }

    private void WakeAhead(int day)
    {
        if (day > Context.Today) book.Wake(Slot, day);
    }

    /// <summary>EW-12: before a temporary limit ends, the exposure needs it.</summary>
    private void JudgeTemporaryEnd(Int128 gross)
    {
        if (book.RareOf(Slot) is not { Temporary.Count: > 0 } rare) return;
        var days = Policy.Int(Parameter.Signal12Days);
        var without = EffectiveLimit.Of(book, Slot, Context, Now, withTemporary: false);
        foreach (var temporary in rare.Temporary)
        {
            if (temporary.IsBound) continue;
            var near = temporary.IsActive(Now) && Now >= temporary.To.Plus(-days * Instant.Day);
            var needed = near && without.Kind == LimitKind.Amount && gross > without.Amount;
            Judge("EW-12", temporary.Id, Ladder.Once(Severity.High), needed ? 1 : 0, "it fits without, or is extended");
            if (!temporary.Ended && temporary.To > Now) book.Wake(Slot, Math.Max(Context.Today + 1, temporary.To.UtcDate.DayNumber - days));
        }
    }

    /// <summary>EW-13: an order that enters the horizon soon lifts the exposure above the limit.</summary>
    private void JudgeHorizonEntry(EffectiveLimit limit, in Exposure exposure)
    {
        if (exposure.OrdersOutside == 0 && StateOf("EW-13", "") is null) return;
        var ahead = Policy.Int(Parameter.Signal13Days);
        var last = Context.Today + Policy.HorizonDays + ahead;
        Int128 entering = 0;
        for (var slot = Account.OutsideOrder; slot != 0; slot = book.Orders[slot].OutsideNext)
        {
            ref var order = ref book.Orders[slot];
            var undelivered = book.Undelivered(order);
            if (undelivered == 0 || Book.IsHeld(order)) continue;
            var soon = book.InsideOf(slot, order, undelivered, last) - book.InsideOf(slot, order, undelivered, last - ahead);
            entering += Context.Convert(soon, order.Currency, exposure.Currency) ?? 0;
            WakeAhead(order.ShipOn - Policy.HorizonDays - ahead);
            if (book.ScheduleOf(Slot, slot) is not { } schedule) continue;
            foreach (var (shipOn, _) in schedule.Lines) WakeAhead(shipOn - Policy.HorizonDays - ahead);
        }

        var breaks = limit.Kind == LimitKind.Amount && entering > 0 && exposure.CheckGross <= limit.Amount && exposure.CheckSum + entering > limit.Amount;
        Judge("EW-13", "", Ladder.Once(Severity.Medium), breaks ? 1 : 0, "what enters fits the limit");
    }

    /// <summary>EW-03 and EW-04: an order would breach, or is too large; they end when the order passes, or with the order.</summary>
    private void JudgeOrders()
    {
        var effects = _effects.Effects;
        for (int i = _saidBefore, told = effects.Count; i < told; i++)
        {
            if (effects[i] is not CheckDecided { OrderId.Length: > 0, Actor.Length: 0 } decided) continue;
            var (breaches, large, worst) = (false, false, 0L);
            foreach (var reason in decided.Reasons)
            {
                if (reason.Reaction < Reaction.Warn) continue;
                breaches = true;
                worst = Math.Max(worst, reason.Excess);
                large |= reason.Rule is "020" or "R6";
            }

            if (breaches) Judge("EW-03", decided.OrderId, Ladder.Once(Severity.High), 1, "the order passes or ends");
            else Judge("EW-03", decided.OrderId, Ladder.Once(Severity.High), 0, "");
            if (large) Judge("EW-04", decided.OrderId, Ladder.Once(Severity.Medium), 1, "the order ends");
        }

        EndOrderSignals();
    }

    private void EndOrderSignals()
    {
        if (book.RareOf(Slot) is not { Signals.Count: > 0 } rare) return;
        if (rare.SignalIndex is { MayFlap: false } index && book.Counted.Count <= CountedMax)
        {
            EndCounted(rare, index);
            return;
        }

        for (var i = rare.Signals.Count - 1; i >= 0; i--) EndOrderSignal(rare, rare.Signals[i]);
    }

    /// <summary>Only orders that were counted anew can have ended, or pass now; their signals end from the last to the first.</summary>
    private void EndCounted(Rare rare, SignalIndex index)
    {
        _ending.Clear();
        foreach (var slot in book.Counted)
        {
            if (book.Orders[slot].Account != Slot) continue;
            var id = book.Texts.Get(book.Orders[slot].Id);
            Take(index.Find("EW-03", id));
            Take(index.Find("EW-04", id));
            Take(index.Find("OVERTAKEN", id));
        }

        if (_ending.Count > 1) _ending.Sort((a, b) => rare.Signals.IndexOf(b).CompareTo(rare.Signals.IndexOf(a)));
        foreach (var state in _ending) EndOrderSignal(rare, state);

        void Take(SignalState? state)
        {
            if (state is not null && !_ending.Contains(state)) _ending.Add(state);
        }
    }

    private void EndOrderSignal(Rare rare, SignalState state)
    {
        if (!SignalIndex.IsOfOrder(state.Indicator)) return;
        var slot = book.FindOrder(Slot, state.Subject);
        var ended = slot == 0 || book.Undelivered(book.Orders[slot]) == 0;
        var passes = state.Indicator != "EW-04" && slot != 0 && !Book.IsHeld(book.Orders[slot]) && WasFreed(state.Subject);
        if (!ended && !passes) return;
        if (state.Firing) Judge(state.Indicator, state.Subject, Ladder.Once(state.Severity), 0, "");
        if (state.Flapping) return;
        rare.Signals.Remove(state);
        rare.SignalIndex?.Remove(state);
    }

    private bool WasFreed(string orderId)
    {
        var effects = _effects.Effects;
        for (var i = _saidBefore; i < effects.Count; i++)
            if (effects[i] is HoldChanged { Step: HoldChanged.Released or HoldChanged.Ended } changed && changed.OrderId == orderId) return true;
        return false;
    }
}
