namespace ExposureMonitor.Domain;

/// <summary>EW-09 ageing migration, EW-27 concentration, EW-30 breach by exchange rate, EW-36 utilisation that accelerates, EW-37 a balance that never clears.</summary>
internal sealed partial class AccountWork
{
    private static readonly int[] BucketStarts = [1, 31, 61, 91, 181];

    private static readonly Ladder OneMedium = Ladder.Levels(Severity.Medium), ConcentrationSteps = Ladder.Levels(Severity.Low, Severity.Medium, Severity.High);

    /// <summary>What a rate alone did to the account in this fold: a step of the ladder crossed, or the exposure moved too far.</summary>
    private (bool Fires, Measure Measure, long Moved) _byRate;

    private bool _baselinesChanged;

    /// <summary>EW-09: what moved into a worse bucket within the days and is still open, as a share of the balance.</summary>
    private void JudgeMigration()
    {
        var state = StateOf("EW-09", "");
        if (state is null && !_itemsChanged && _fact is not null) return;
        var days = Policy.Int(Parameter.Signal09Days);
        Int128 moved = 0, balance = 0;
        var tree = new ItemTree(book.Items, book.Texts);
        var next = int.MaxValue;
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
        {
            ref var record = ref book.Ledgers[ledger];
            if (record.Root == 0) continue;
            balance += Context.Convert(tree.Total(record.Root), record.Currency, Account.LimitCurrency) ?? 0;
            if (!HasOverdue(record)) continue;
            long here = 0;
            for (var bucket = Policy.Int(Parameter.Signal09Bucket) - 1; bucket < BucketStarts.Length; bucket++)
            {
                var start = BucketStarts[bucket];
                // A move leaves the days when the days are over.
                if (tree.FirstDueAfter(record.Root, Context.Today - start - days) is { } moves && moves <= Context.Today - start) next = Math.Min(next, moves + start + days);
                here += tree.DueBefore(record.Root, Context.Today - start + 1) - tree.DueBefore(record.Root, Context.Today - start - days + 1);
                if (tree.FirstDueAfter(record.Root, Context.Today - start) is { } due) next = Math.Min(next, due + start);
            }

            moved += Context.Convert(here, record.Currency, Account.LimitCurrency) ?? 0;
        }

        if (next != int.MaxValue) book.Wake(Slot, Math.Max(Context.Today + 1, next));
        var (fire, calm) = (Policy[Parameter.Signal09ShareBp], Policy[Parameter.Signal09RearmBp]);
        var step = balance > 0 && moved * 10_000 > balance * fire ? 1 : balance > 0 && moved * 10_000 > balance * calm && state is { Firing: true } ? 1 : 0;
        if (step == 0 && state is null) return;
        Tell("EW-09", "", OneMedium, step, new Measure(balance > 0 ? Rounding.Pin(Rounding.HalfUp(moved * 10_000, balance)) : 0, fire), "a small share moved into a worse bucket");
    }

    private Int128 ReceivablesInBase(PartitionContext context)
    {
        Int128 sum = 0;
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
            sum += context.Convert(book.Ledgers[ledger].Sums[(int)Part.Receivables], book.Ledgers[ledger].Currency, context.BaseCurrency) ?? 0;
        return sum;
    }

    /// <summary>A measured portfolio concerns only customers above a twentieth of it, and those who stood out before.</summary>
    private bool IsConcerned(PartitionContext before, PartitionContext after)
    {
        if (before.Baselines == after.Baselines) return false;
        if (StateOf("EW-27", "") is not null) return true;
        if (after.BaselineOf("") is not { } portfolio) return false;
        var own = ReceivablesInBase(after);
        if (portfolio.Receivables > 0 && own * 20 > portfolio.Receivables) return true;
        return portfolio.UncoveredEad > 0 && Exposure.Of(book, Slot, after, after.BaseCurrency).Gross * 20 > portfolio.UncoveredEad;
    }

    /// <summary>EW-27: the share of one customer in all receivables, or in all exposure that no cover takes.</summary>
    private void JudgeConcentration()
    {
        var state = StateOf("EW-27", "");
        if (state is null && !_baselinesChanged) return;
        if (Context.BaselineOf("") is not { } portfolio || portfolio.Segment.Length > 0) return;
        var exposure = Exposure.Of(book, Slot, Context, Context.BaseCurrency);
        var own = ReceivablesInBase(Context);
        var ead = Int128.Max(0, exposure.Gross - Covers.Total(book, Slot, Context, exposure));
        var (_, overdue, balance) = Overdue(0, 0);
        // The account's overdue share in the limit's currency against that of the portfolio.
        var isLate = balance > 0 && overdue * 10_000 > balance * portfolio.OverdueShareBp;
        var share = Int128.Max(portfolio.Receivables > 0 ? own * 10_000 / portfolio.Receivables : 0, portfolio.UncoveredEad > 0 ? ead * 10_000 / portfolio.UncoveredEad : 0);
        var (first, second, calm) = (Policy[Parameter.Signal27Step1], Policy[Parameter.Signal27Step2], Policy[Parameter.Signal27Rearm]);
        var standing = state?.Step ?? 0;
        var reached = share >= first - (standing >= 1 ? calm - 1 : 0) ? 1 : 0;
        if (share >= second - (standing >= 2 ? calm - 1 : 0)) reached = 2;
        if (reached > 0 && isLate) reached = 3;
        if (reached == 0 && state is null) return;
        Tell("EW-27", "", ConcentrationSteps, reached, new Measure(Rounding.Pin(share), first), "the share falls below the re-arm");
    }

    /// <summary>EW-30: compares the account under the rates before and behind a publication, nothing else being different.</summary>
    private void CompareRates(PartitionContext before, PartitionContext after)
    {
        var rates = after with { Rates = before.Rates };
        Int128 then = Exposure.Of(book, Slot, rates, Account.LimitCurrency).CheckGross, now = Exposure.Of(book, Slot, after, Account.LimitCurrency).CheckGross;
        if (then == now) return;
        var limit = EffectiveLimit.Of(book, Slot, after, Now);
        long usedThen = UsedOf(limit, then).Down, usedNow = UsedOf(limit, now).Down;
        var crosses = false;
        var (share, moved) = (Policy[Parameter.Signal30MoveBp], Rounding.Pin(now - then));
        // What it says is what it fires by: the use against the highest step that it crossed, else the move against the share.
        var measure = IsOfFirstRules ? new Measure(moved, share) : new Measure(then > 0 ? Rounding.Pin(Int128.Abs(now - then) * 10_000 / then) : 0, share);
        foreach (var step in UtilisationSteps.Steps)
        {
            if (usedThen >= step.Fire || usedNow < step.Fire) continue;
            crosses = true;
            if (!IsOfFirstRules) measure = new Measure(usedNow, step.Fire);
        }

        var moves = then > 0 && Int128.Abs(now - then) * 10_000 > then * share;
        _byRate = (crosses || moves, measure, IsOfFirstRules ? 0 : moved);
    }

    private void JudgeRates(EffectiveLimit limit, Int128 gross)
    {
        var state = StateOf("EW-30", "");
        if (!_byRate.Fires && state is null) return;
        var steps = UtilisationSteps.Steps;
        var stays = state is { Firing: true } && steps.Length > 0 && UsedOf(limit, gross).Up > steps[0].Rearm;
        Tell("EW-30", "", OneMedium, _byRate.Fires || stays ? 1 : 0, _byRate.Measure, "utilisation below the first step less its re-arm");
    }

    /// <summary>Takes the figures of today into the rings of EW-36 and EW-37 and judges what the day-ends say.</summary>
    private void JudgeUse(EffectiveLimit limit, Int128 gross, long used)
    {
        var habits = book.HabitsOf(Slot);
        if (habits is not { HasUse: true } && gross == 0) return;
        habits ??= book.HabitsFor(Slot);
        ref var use = ref habits.UseFor();
        if (Context.Today == 0) return;
        var isNewDay = use.Day != Context.Today;
        use.Look(Context.Today, (int)Math.Clamp(used, 0, 1_000_000), BalanceOf(), Rounding.Pin(ReceivablesInBase(Context)));
        if (!isNewDay && StateOf("EW-36", "") is null && StateOf("EW-37", "") is null) return;
        JudgeTrend(use, limit);
        JudgeNeverClears(use);
    }

    private long BalanceOf()
    {
        Int128 sum = 0;
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
            sum += Context.Convert(book.Ledgers[ledger].Sums[(int)Part.Receivables], book.Ledgers[ledger].Currency, Account.LimitCurrency) ?? 0;
        return Rounding.Pin(sum);
    }

    /// <summary>EW-36: the mean of the last three day-ends less the one fourteen days before the last, by day, reaches the limit soon.</summary>
    private void JudgeTrend(in UseHabit use, EffectiveLimit limit)
    {
        var state = StateOf("EW-36", "");
        if (limit.Kind != LimitKind.Amount || !use.HasRing)
        {
            if (state is not null) Judge("EW-36", "", OneMedium, 0, "");
            return;
        }

        var last = use.UsedAt(Context.Today - 1);
        var rise = last + use.UsedAt(Context.Today - 2) + use.UsedAt(Context.Today - 3) - 3L * use.UsedAt(Context.Today - UseHabit.DayEnds);
        // rise ÷ 42 is the trend by day; (10,000 − last) ÷ trend the days that are left.
        var left = (10_000L - last) * 42;
        var isSoon = left > 0 && rise > 0 && left < Policy[Parameter.Signal36Days] * rise;
        var isCalm = rise <= 0 || left > Policy[Parameter.Signal36Rearm] * rise;
        var step = isSoon || (state is { Firing: true } && !isCalm) ? 1 : 0;
        if (step > 0 || state is not null) Tell("EW-36", "", OneMedium, step, new Measure(rise > 0 ? left / rise : 0, Policy[Parameter.Signal36Days]), "the trend leaves more days to the limit");
        // Below two thirds no trend of fourteen days reaches the limit in a week.
        if (step > 0 || use.UsedNow >= 6_600) book.Wake(Slot, Context.Today + 1);
    }

    /// <summary>EW-37: the least balance of thirteen weeks is a large part of the average, and nothing old was settled in them.</summary>
    private void JudgeNeverClears(in UseHabit use)
    {
        var state = StateOf("EW-37", "");
        var (least, sum, days) = use.Weeks();
        if (days > 0 || state is not null)
        {
            var (fire, calm) = (Policy[Parameter.Signal37ShareBp], Policy[Parameter.Signal37RearmBp]);
            var scaled = (Int128)least * days * 10_000;
            var isPaid = use.OldSettledOn != 0 && Context.Today - use.OldSettledOn <= 7 * UseHabit.WeekCount;
            var step = days > 0 && !isPaid && sum > 0 && scaled > sum * fire ? 1 : days > 0 && scaled > sum * calm && state is { Firing: true } ? 1 : 0;
            if (step > 0 || state is not null)
                Tell("EW-37", "", OneMedium, step, new Measure(least, days > 0 ? Rounding.Pin(sum / days) : 0, days), "the balance falls to a small part of its average");
        }

        // What is paid in full has no event of its own any more; a signal that stands is still looked at when its weeks are over.
        if (BalanceOf() > 0 || StepOf("EW-37", "") > 0) WakeAhead(7 * Math.Max(Periods.WeekOf(Context.Today) + 1, Periods.WeekOf(use.FirstDay - 1) + 1 + UseHabit.WeekCount));
    }
}
