namespace ExposureMonitor.Domain;

/// <summary>EW-24 surge while late, EW-25 order silence, EW-38 orders that hug the limit, EW-41 the burst of a new customer.</summary>
internal sealed partial class AccountWork
{
    private static readonly Ladder SurgeLateSteps = Ladder.Levels(Severity.High), SilenceSteps = Ladder.Levels(Severity.Medium),
        HugSteps = Ladder.Levels(Severity.Medium), BurstSteps = Ladder.Levels(Severity.High);

    /// <summary>EW-24: a surge of orders from somebody who is late, both within days of each other; ends with either.</summary>
    private void JudgeSurgeWhileLate()
    {
        if (book.RareOf(Slot) is not { Signals.Count: > 0 }) return;
        var surge = StateOf("EW-23", "");
        var late = StateOf("EW-05", "") is { Firing: true } oldest ? oldest : StateOf("EW-06", "");
        var both = surge is { Firing: true } && late is { Firing: true };
        var near = both && Math.Abs(surge!.RaisedOn - late!.RaisedOn) <= Policy[Parameter.Signal24Days];
        var step = near || (both && StepOf("EW-24", "") > 0) ? 1 : 0;
        if (step == 0 && StateOf("EW-24", "") is null) return;
        Tell("EW-24", "", SurgeLateSteps, step, new Measure(both ? surge!.RaisedOn - late!.RaisedOn : 0, Policy[Parameter.Signal24Days]), "the surge or the lateness ends");
    }

    /// <summary>Further orders of a day change no gap: silence is judged once a day, and again while it stands or when an earlier day has an order.</summary>
    private void MindSilence(Habits habits, OrderHabit orders)
    {
        var isNew = _ordersChanged && (habits.SilenceOn != Context.Today || _fact is not OrderPlaced placed || placed.OrderedOn != Context.Today);
        if (!isNew && _fact is not null && StateOf("EW-25", "") is null) return;
        habits.SilenceOn = Context.Today;
        JudgeSilence(orders);
    }

    /// <summary>EW-25: a gap that is long for the customer, or months of hardly any orders.</summary>
    private void JudgeSilence(OrderHabit orders)
    {
        var gap = orders.LongGap(Context.Today);
        var (last, before) = orders.LastTwo(Context.Today);
        if (last == 0) return;
        var most = gap == 0 ? 0 : (int)Math.Min(10_000, gap * Policy[Parameter.Signal25TimesTenths] / 10);
        var isSilent = most > 0 && Context.Today - last > most;
        // Two normal orders end it: the last two days with an order are no long gap apart.
        // What was usual before the silence says what is long, not the silence itself.
        var isBack = before == 0 || (last - before) * 10 <= orders.LongGap(before) * Policy[Parameter.Signal25TimesTenths];
        var isThin = IsThin(orders);
        var step = isSilent || isThin || (!isBack && StepOf("EW-25", "") > 0) ? 1 : 0;
        if (most > 0) WakeAhead(last + most + 1);
        if (gap > 0) WakeAhead(Periods.StartOf(Periods.MonthOf(Context.Today) + 1));
        if (step == 0 && StateOf("EW-25", "") is null) return;
        Tell("EW-25", "", SilenceSteps, step, new Measure(Context.Today - last, most), "two normal orders");
    }

    /// <summary>So many complete months in a row below a share of the mean of the twelve months before each.</summary>
    private bool IsThin(OrderHabit orders)
    {
        var month = Periods.MonthOf(Context.Today);
        for (var back = 1; back <= Policy[Parameter.Signal25Months]; back++)
        {
            var of = month - back;
            if (orders.FirstOn == 0 || Periods.MonthOf(orders.FirstOn) > of - 12) return false;
            if ((Int128)orders.Months[of].Value * 12 * 10_000 >= orders.Months.Between(of - 12, of - 1).Value * Policy[Parameter.Signal25MonthBp]) return false;
        }

        return true;
    }

    /// <summary>EW-38: orders that end just below the limit, or just below the largest document.</summary>
    private void JudgeHugs()
    {
        var effects = _effects.Effects;
        for (var i = _saidBefore; i < effects.Count && _fact is OrderPlaced; i++)
            if (effects[i] is CheckDecided { Actor.Length: 0, OrderId.Length: > 0, Figures: { } figures } decided && Hugs(decided, figures, ((OrderPlaced)_fact).Currency)) OutsideFor().Hugs.Add(Context.Today, 1, 0);
        if (book.HabitsOf(Slot)?.Outside is not { Hugs.Length: > 0 } outside) return;
        var (days, calm) = (Policy.Int(Parameter.Signal38Days), Policy.Int(Parameter.Signal38CalmDays));
        ref var hugs = ref outside.Hugs;
        var count = hugs.Between(Context.Today - days + 1, Context.Today).Count;
        var isCalm = hugs.Between(Context.Today - calm + 1, Context.Today).Count == 0;
        var step = count >= Policy[Parameter.Signal38Count] || (!isCalm && StepOf("EW-38", "") > 0) ? 1 : 0;
        Tell("EW-38", "", HugSteps, step, new Measure(count, Policy[Parameter.Signal38Count]), "days without an order that hugs the limit");
        if (step > 0) book.Wake(Slot, hugs.LastUpTo(Context.Today) + calm);
        hugs.CutBefore(Context.Today - 100);
    }

    private bool Hugs(CheckDecided decided, DecisionFigures figures, Currency currency)
    {
        if (figures.LimitKind != LimitKind.Amount || figures.Limit <= 0) return false;
        var ends = Math.BigMul(figures.AfterThis, 10_000L);
        if (ends >= Math.BigMul(figures.Limit, Policy[Parameter.Signal38LimitBp]) && figures.AfterThis <= figures.Limit) return true;
        var most = LargestDocument(figures.Limit);
        if (most == 0) return false;
        var value = Context.Convert(decided.Amount, currency, Account.LimitCurrency) ?? 0;
        return value <= most && value * 10_000 >= most * Policy[Parameter.Signal38DocumentBp];
    }

    /// <summary>The largest document of step 020, in the limit's currency; 0 when the step is off.</summary>
    private Int128 LargestDocument(long limit)
    {
        if (Policy.ReactionOf(Parameter.Step020) == Reaction.Off) return 0;
        var share = Policy[Parameter.MaxDocumentBp] > 0 ? Rounding.Down((Int128)limit * Policy[Parameter.MaxDocumentBp], 10_000) : 0;
        var most = Policy[Parameter.MaxDocumentAmount] > 0 ? Context.Convert(Policy[Parameter.MaxDocumentAmount], Context.BaseCurrency, Account.LimitCurrency) ?? 0 : 0;
        return share == 0 ? most : most == 0 ? share : Int128.Min(share, most);
    }

    /// <summary>EW-41: a new customer uses most of the limit and has not paid anything yet.</summary>
    private void JudgeBurst(Habits habits, EffectiveLimit limit, Int128 gross)
    {
        if (habits.Since == 0 || habits.Orders is null) return;
        var age = Context.Today - habits.Since;
        var state = StateOf("EW-41", "");
        if ((age >= Policy[Parameter.Signal41Days] || habits.FirstPaidOn != 0) && state is null) return;
        var isUsed = limit.Kind == LimitKind.Amount && Rounding.Times(gross, 10_000) > Math.BigMul(limit.Amount, Policy[Parameter.Signal41UsedBp]);
        // Armed again by the first payment that cleared, and by nothing else.
        var step = habits.FirstPaidOn == 0 && (state is { Firing: true } || (age < Policy[Parameter.Signal41Days] && isUsed)) ? 1 : 0;
        Tell("EW-41", "", BurstSteps, step, new Measure(UsedOf(limit, gross).Down, Policy[Parameter.Signal41UsedBp]), "the first payment clears");
    }
}
