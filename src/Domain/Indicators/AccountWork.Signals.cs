namespace ExposureMonitor.Domain;

/// <summary>One step of an indicator: fires at, and is armed again at.</summary>
internal readonly record struct LadderStep(long Fire, long Rearm, Severity Severity);

/// <summary>
/// The trigger machine of credit.md 19.1 and the indicators on utilisation, orders, overdue items, limits and horizon.
/// A signal is an edge: raised when a step is crossed, resolved when the value stayed beyond the re-arm for a minute.
/// </summary>
internal sealed partial class AccountWork
{
    private const long ClearDwell = 60 * Instant.Second;

    private static readonly LadderStep[] Utilisation =
    [
        new(7_000, 6_500, Severity.Info), new(8_000, 7_500, Severity.Low), new(9_000, 8_500, Severity.Medium),
        new(10_000, 9_500, Severity.High), new(11_000, 10_500, Severity.Critical),
    ];

    private static readonly LadderStep[] OldestItem = [new(16, 0, Severity.Medium), new(31, 0, Severity.High)];
    private static readonly LadderStep[] ShareOverdue = [new(2_000, 1_000, Severity.Medium)];
    private static readonly LadderStep[] PastDue = [new(31, 30, Severity.Medium), new(91, 90, Severity.Critical)];
    private static readonly LadderStep[] Once = [new(1, 0, Severity.High)];
    private static readonly LadderStep[] OnceMedium = [new(1, 0, Severity.Medium)];

    /// <summary>Days to the end, counted so that nearer is higher: 30, 7, 0 days, and past.</summary>
    private static readonly LadderStep[] LimitEnds =
        [new(-30, -31, Severity.Low), new(-7, -31, Severity.Medium), new(0, -31, Severity.High), new(1, -31, Severity.Critical)];

    private void JudgeSignals()
    {
        var limit = EffectiveLimit.Of(book, Slot, Context, Now);
        var exposure = Exposure.Of(book, Slot, Context, Account.LimitCurrency);
        var gross = exposure.Gross;
        if (limit.Kind == LimitKind.Amount)
        {
            var used = limit.Amount > 0 ? Rounding.Pin(Rounding.Down(gross * 10_000, limit.Amount)) : gross > 0 ? 11_000 : 0;
            Judge("EW-01", "", Utilisation, used, "utilisation at or below the step less 5 points");
            JudgeTimeOverLimit(used);
            JudgeBreach(gross > limit.Amount);
            JudgeTemporaryEnd(gross);
            JudgeHorizonEntry(exposure, limit);
            var (_, late, _) = Overdue(Policy, 0, 0);
            // Fires above both thresholds, is armed again when either is below 80 % of its own.
            var both = late * 10 > limit.Amount && used > 7_000 ? 1 : late * 100 < (Int128)limit.Amount * 8 || used < 5_600 ? 0 : StepOf("EW-07", "");
            Judge("EW-07", "", Once, both, "overdue or utilisation below 80 % of its threshold");
        }
        else
        {
            Judge("EW-01", "", Utilisation, 0, "");
            JudgeTimeOverLimit(0);
            JudgeBreach(false);
            Judge("EW-07", "", Once, 0, "");
        }

        var (oldest, share, balance) = Overdue(Policy, Policy["oldestMinimum"], 10);
        Judge("EW-05", "", OldestItem, oldest, "no item past due");
        Judge("EW-06", "", ShareOverdue, balance > 0 ? (long)Rounding.Down(share * 10_000, balance) : 0, "at most 10 % overdue");
        Judge("EW-10", "", PastDue, LongestPastDue(), "no item beyond the step");
        JudgeLimitEnd();
        JudgeOrders();
    }

    private void JudgeBreach(bool breached)
    {
        if (breached) Account.Flags |= AccountFlags.Breached;
        else Account.Flags &= ~AccountFlags.Breached;
    }

    /// <summary>EW-02: above 100 % without a break for a day; armed again at 95 %.</summary>
    private void JudgeTimeOverLimit(long used)
    {
        var state = StateOf("EW-02", "");
        if (used <= 10_000 && state is null) return;
        state ??= AddState("EW-02", "");
        if (used > 10_000 && state.Since.Micros == 0) state.Since = Now;
        if (used <= 10_000 && !state.Firing) state.Since = default;
        var over = used > 10_000 && state.Since.Micros != 0 && Now >= state.Since.Plus(Instant.Day);
        Judge("EW-02", "", Once, over || (state.Firing && used > 9_500) ? 1 : 0, "utilisation at or below 95 %");
        if (used <= 9_500 && !state.Firing) state.Since = default;
    }

    /// <summary>EW-10: any item of the minimum, by its original due date, without set-off.</summary>
    private long LongestPastDue()
    {
        // Without receivables beyond 30 days there is nothing to look for.
        var late = false;
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
            for (var bucket = 2; bucket < 6; bucket++)
                late |= book.Ledgers[ledger].Sums[(int)Part.Aged + bucket] != 0;
        if (!late) return 0;
        long longest = 0;
        var tree = new ItemTree(book.Items, book.Texts);
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
        {
            ref var record = ref book.Ledgers[ledger];
            var least = Rounding.Pin(Context.Convert(Policy["oldestMinimum"], Context.BaseCurrency, record.Currency) ?? 1);
            if (tree.OldestDue(record.Root, 0, Math.Max(1, least)) is { } due) longest = Math.Max(longest, Context.Today - due);
        }

        return longest;
    }

    private void JudgeLimitEnd()
    {
        if (book.RareOf(Slot) is not { Steps.Count: > 0 } rare) return;
        var last = rare.Steps[^1];
        var days = last.To == 0 ? long.MinValue : Context.Today - last.To;
        Judge("EW-11", "", LimitEnds, days, "a limit that ends more than 30 days ahead");
        foreach (var ahead in (ReadOnlySpan<int>)[30, 7, 0, -1])
            if (last.To - ahead > Context.Today) book.Wake(Slot, last.To - ahead);
    }

    /// <summary>EW-12: three days before a temporary limit ends, the exposure needs it.</summary>
    private void JudgeTemporaryEnd(Int128 gross)
    {
        if (book.RareOf(Slot) is not { Temporary.Count: > 0 } rare) return;
        foreach (var temporary in rare.Temporary)
        {
            var without = EffectiveLimit.Of(book, Slot, Context, Now, withTemporary: false);
            var near = !temporary.Ended && Now < temporary.To && Now >= temporary.To.Plus(-3 * Instant.Day);
            var needed = near && temporary.Orders.Count == 0 && without.Kind == LimitKind.Amount && gross > without.Amount;
            Judge("EW-12", temporary.Id, Once, needed ? 1 : 0, "it fits without, or is extended");
            if (!temporary.Ended) book.Wake(Slot, Math.Max(Context.Today + 1, temporary.To.UtcDate.DayNumber - 3));
        }
    }

    /// <summary>EW-13: an order that enters the horizon within 7 days lifts the exposure above the limit.</summary>
    private void JudgeHorizonEntry(in Exposure exposure, EffectiveLimit limit)
    {
        if (exposure.OrdersOutside == 0 && StateOf("EW-13", "") is null) return;
        var last = Context.Today + Policy.HorizonDays + 7;
        Int128 entering = 0;
        for (var slot = Account.OutsideOrder; slot != 0; slot = book.Orders[slot].OutsideNext)
        {
            ref var order = ref book.Orders[slot];
            var undelivered = book.Undelivered(order);
            if (Book.IsHeld(order)) continue;
            var soon = book.InsideOf(slot, order, undelivered, last) - book.InsideOf(slot, order, undelivered, last - 7);
            entering += Context.Convert(soon, order.Currency, exposure.Currency) ?? 0;
            if (order.ShipOn > last) book.Wake(Slot, order.ShipOn - Policy.HorizonDays - 7);
        }

        var breaks = entering > 0 && exposure.Gross <= limit.Amount && exposure.Sum + entering > limit.Amount;
        Judge("EW-13", "", OnceMedium, breaks ? 1 : 0, "what enters fits the limit");
    }

    /// <summary>EW-03 and EW-04: an order would breach, or is too large; they end with the order's hold, or with the order.</summary>
    private void JudgeOrders()
    {
        foreach (var effect in _effects.Effects.ToArray())
        {
            if (effect is not CheckDecided { OrderId.Length: > 0 } decided || decided.Actor.Length > 0) continue;
            foreach (var reason in decided.Reasons)
            {
                if (reason.Rule is "010" or "030") Judge("EW-03", decided.OrderId, Once, 1, "the order passes or ends");
                if (reason.Rule is "020") Judge("EW-04", decided.OrderId, OnceMedium, 1, "the order ends");
            }
        }

        if (book.RareOf(Slot) is not { Signals.Count: > 0 } rare) return;
        for (var i = rare.Signals.Count - 1; i >= 0; i--)
        {
            var state = rare.Signals[i];
            if (state.Indicator is not ("EW-03" or "EW-04") || !state.Firing) continue;
            var slot = book.FindOrder(Slot, state.Subject);
            var ended = slot == 0 || book.Undelivered(book.Orders[slot]) == 0;
            var passes = state.Indicator == "EW-03" && slot != 0 && !Book.IsHeld(book.Orders[slot]) && HadHold(state.Subject);
            if (ended || passes) Judge(state.Indicator, state.Subject, Once, 0, "");
        }
    }

    private bool HadHold(string orderId)
    {
        foreach (var effect in _effects.Effects)
            if (effect is HoldChanged { Step: HoldChanged.Released or HoldChanged.Ended } changed && changed.OrderId == orderId) return true;
        return false;
    }

    private SignalState? StateOf(string indicator, string subject) =>
        book.RareOf(Slot)?.Signals.Find(s => s.Indicator == indicator && s.Subject == subject);

    private int StepOf(string indicator, string subject) => StateOf(indicator, subject)?.Step ?? 0;

    private SignalState AddState(string indicator, string subject)
    {
        var state = new SignalState { Indicator = indicator, Subject = subject };
        book.RareFor(Slot).Signals.Add(state);
        return state;
    }

    /// <summary>Compares a value with the ladder of an indicator and tells the edge, if there is one.</summary>
    private void Judge(string indicator, string subject, LadderStep[] ladder, long value, string clears)
    {
        var reached = 0;
        while (reached < ladder.Length && value >= ladder[reached].Fire) reached++;
        var state = StateOf(indicator, subject);
        if (state is null)
        {
            if (reached == 0) return;
            state = AddState(indicator, subject);
        }

        if (reached > state.Step)
        {
            (state.Step, state.Firing, state.PendingUntil) = (reached, true, default);
            state.Crossing++;
            state.Severity = ladder[reached - 1].Severity;
            Tell(SignalChanged.Raised, state, value, ladder[reached - 1].Fire, clears);
            return;
        }

        if (state.Step == 0) return;
        var armed = state.Step;
        while (armed > 0 && value <= ladder[armed - 1].Rearm) armed--;
        if (armed == state.Step)
        {
            state.PendingUntil = default;
            return;
        }

        // Orders end at once; what time and money move must stay beyond the re-arm for the clear dwell.
        if (state.PendingUntil.Micros == 0 && subject.Length == 0) state.PendingUntil = Now.Plus(ClearDwell);
        if (Now < state.PendingUntil) return;
        var threshold = ladder[state.Step - 1].Rearm;
        (state.Step, state.PendingUntil) = (armed, default);
        if (armed > 0) return;
        state.Firing = false;
        Tell(SignalChanged.Resolved, state, value, threshold, "");
    }

    private void Tell(string what, SignalState state, long value, long threshold, string clears) => Say(new SignalChanged
    {
        State = what, Indicator = state.Indicator, About = state.Subject, Step = state.Step, Severity = state.Severity, Value = value,
        Threshold = threshold, Clears = clears,
        SignalId = string.Join('/', book.CustomerAt(Slot), state.Indicator, state.Subject, state.Crossing.ToString(System.Globalization.CultureInfo.InvariantCulture)),
    });
}
