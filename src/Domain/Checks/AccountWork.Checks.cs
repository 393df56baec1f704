namespace ExposureMonitor.Domain;

/// <summary>What is judged: an order, or the question before an order.</summary>
internal struct Subject
{
    internal int Order;
    internal string OrderId;
    internal long Amount;
    internal Currency Currency;
    internal int ShipOn;
    internal int TermsRank, DiscountRank;
    internal ReservationState? Reservation;
}

/// <summary>The result of all steps.</summary>
internal sealed class Judgement
{
    internal Reaction Worst = Reaction.Off;
    internal List<HoldReason> Reasons = [];
    internal string Excuse = "";
    internal bool AtLimit;
    internal DecisionFigures Figures = new();
    internal TemporaryLimitState? UsesTemporary;

    /// <summary>By how much the limit steps are exceeded, in the limit's currency.</summary>
    internal long Needs;

    internal bool Holds => Worst >= Reaction.Hold;
}

/// <summary>The credit check of credit.md section 5: all steps run, every failure is a reason, the worst reaction wins.</summary>
internal sealed partial class AccountWork
{
    /// <summary>Judges a document against the account, its own value taken out first.</summary>
    internal Judgement Judge(in Subject subject)
    {
        ref var account = ref Account;
        var policy = Policy;
        var rare = book.RareOf(Slot);
        var limit = EffectiveLimit.Of(book, Slot, Context, Now);
        var exposure = Exposure.Of(book, Slot, Context, account.LimitCurrency);
        var result = new Judgement();
        var own = TakeOwnOut(ref exposure, subject);
        var doc = Context.Convert(subject.Amount, subject.Currency, account.LimitCurrency);
        if (doc is null) exposure.Missing = subject.Currency;
        var value = doc ?? 0;

        if (Context.GlobalHold) Fail(result, "GLOBAL_HOLD", Reaction.Hold, 0, 0, 0);
        if (rare?.StoppedBy.Length > 0) Fail(result, "FORCED", Reaction.Hold, 0, 0, 0);
        if ((account.Flags & AccountFlags.Closed) != 0) Fail(result, "CUSTOMER_CLOSED", Reaction.Refuse, 0, 0, 0);
        if (account.RiskState >= RiskState.Restricted) Fail(result, "RISK_STATE", Reaction.Hold, (long)account.RiskState, (long)RiskState.Restricted, 0);

        var prepaid = subject.Order != 0 ? PrepaidFor(subject.OrderId, account.LimitCurrency) : 0;
        if (result.Reasons.Count == 0 && prepaid > 0 && doc is not null && prepaid >= value + own) result.Excuse = "Prepaid";
        if (result.Reasons.Count == 0 && (account.Flags & AccountFlags.CheckExempt) != 0) result.Excuse = "Exclusion";
        if (result.Excuse.Length == 0 || result.Reasons.Count > 0)
        {
            JudgeLimit(result, subject, policy, limit, exposure, value);
            JudgeOverdue(result, policy, exposure);
            JudgeRules(result, subject, policy, limit, exposure, value);
        }

        foreach (var reason in result.Reasons)
            if (reason.Reaction > result.Worst) result.Worst = reason.Reaction;
        result.Figures = FiguresOf(exposure, limit, value, result.AtLimit);
        return result;
    }

    /// <summary>Takes O, H and a consumed reservation of the subject out; returns what is delivered of it.</summary>
    private Int128 TakeOwnOut(ref Exposure exposure, in Subject subject)
    {
        if (subject.Order == 0) return 0;
        ref var order = ref book.Orders[subject.Order];
        var undelivered = book.Undelivered(order);
        var inside = book.InsideOf(subject.Order, order, undelivered, Context.Today + Policy.HorizonDays);
        var insideHere = Context.Convert(inside, order.Currency, exposure.Currency) ?? 0;
        var outsideHere = Context.Convert(undelivered - inside, order.Currency, exposure.Currency) ?? 0;
        if (Book.IsHeld(order))
        {
            exposure.HeldInside -= insideHere;
            exposure.HeldOutside -= outsideHere;
        }
        else
        {
            exposure.OrdersInside -= insideHere;
            exposure.OrdersOutside -= outsideHere;
            if (order.Currency != exposure.Currency) exposure.Haircut -= Exposure.HaircutOf(insideHere, order.Currency, Policy, Context);
        }

        return Context.Convert(Book.DeliveredOf(order), order.Currency, exposure.Currency) ?? 0;
    }

    private void JudgeLimit(Judgement result, in Subject subject, Policy policy, EffectiveLimit limit, in Exposure exposure, Int128 doc)
    {
        if (limit.Kind == LimitKind.NotSet) Fail(result, "NO_LIMIT", policy.ReactionOf("noLimit"), 0, 0, 0);
        if (limit.Expired) Fail(result, "LIMIT_EXPIRED", Reaction.Hold, Context.Today, 0, 0);
        if (exposure.Missing.IsKnown) Fail(result, "FX_MISSING", Reaction.Hold, 0, 0, 0);
        if (subject.Currency != Account.LimitCurrency && Context.RateOf(subject.Currency) is { } rate && rate.AsOf.Micros != 0
            && Context.Today - rate.AsOf.UtcDate.DayNumber > policy["fxDeadDays"])
            Fail(result, "FX_STALE", Reaction.Hold, Context.Today - rate.AsOf.UtcDate.DayNumber, policy["fxDeadDays"], 0);
        if (limit.Kind != LimitKind.Amount)
        {
            if (limit.Kind == LimitKind.Unlimited && result.Excuse.Length == 0) result.Excuse = "Unlimited";
            return;
        }

        // The reserved part is in V already; what exceeds it is judged on top.
        var reserved = subject.Reservation is { } reservation && reservation.Currency == subject.Currency
            ? Context.Convert(Math.Min(reservation.Amount, subject.Amount), subject.Currency, Account.LimitCurrency) ?? 0
            : 0;
        var excess = doc - reserved;
        if (subject.Currency != Account.LimitCurrency) excess += Exposure.HaircutOf(excess, subject.Currency, policy, Context);
        var inside = subject.ShipOn <= Context.Today + policy.HorizonDays;
        var named = NamedElsewhere(subject.OrderId, Account.LimitCurrency);
        var ceiling = (Int128)limit.Amount * policy.CeilingBp / 10_000;
        var inHorizon = Int128.Max(0, exposure.Sum + named + exposure.Haircut + (inside ? excess : 0));
        var total = Int128.Max(0, exposure.Sum + named + exposure.Haircut + exposure.OrdersOutside + excess);
        var isReserved = reserved > 0 && excess <= 0;
        if (isReserved) result.Excuse = "Reserved";
        result.AtLimit = inHorizon == ceiling;

        var temporary = isReserved ? null : OneTimeLimitFor(subject.OrderId, ceiling, inHorizon);
        if (temporary is not null && Exceeds(policy, inHorizon, ceiling))
        {
            result.UsesTemporary = temporary;
            ceiling = Context.Convert(temporary.Amount, temporary.Currency, Account.LimitCurrency) ?? ceiling;
        }

        if (!isReserved && Exceeds(policy, total, ceiling)) FailAmount(result, "010", policy.ReactionOf("step.010"), total, ceiling);
        if (!isReserved && Exceeds(policy, inHorizon, ceiling))
        {
            FailAmount(result, "030", policy.ReactionOf("step.030"), inHorizon, ceiling);
            result.Needs = Rounding.Pin(inHorizon - ceiling);
        }

        var share = policy["maxDocumentBp"];
        if (!isReserved && share > 0 && doc * 10_000 > (Int128)limit.Amount * share)
            FailAmount(result, "020", policy.ReactionOf("step.020"), doc, Rounding.Down((Int128)limit.Amount * share, 10_000));
        if (policy["maxDocumentAmount"] is var most && most > 0 && doc > most)
            FailAmount(result, "020", policy.ReactionOf("step.020"), doc, most);
    }

    private static bool Exceeds(Policy policy, Int128 exposure, Int128 limit) =>
        exposure > limit || (policy.AtLimitHolds && exposure == limit && exposure > 0);

    private void JudgeOverdue(Judgement result, Policy policy, in Exposure exposure)
    {
        var (oldest, overdueShare, balance) = Overdue(policy, policy["oldestMinimum"], (int)policy["overdueShareDays"]);
        if (oldest > policy["oldestDays"]) Fail(result, "110", policy.ReactionOf("step.110"), oldest, policy["oldestDays"], 0);
        if (balance > 0 && overdueShare * 10_000 > balance * policy["overdueShareBp"])
            Fail(result, "OV", policy.ReactionOf("step.OV"), (long)Rounding.HalfUp(overdueShare * 10_000, balance), policy["overdueShareBp"], 0);
        var level = HighestDunning();
        if (level > policy["dunningLevel"]) Fail(result, "100", policy.ReactionOf("step.100"), level, policy["dunningLevel"], 0);
        var index = IndexOf();
        if (index < policy["paymentIndexFloor"]) Fail(result, "120", policy.ReactionOf("step.120"), index, policy["paymentIndexFloor"], 0);
        if (policy.ReactionOf("rule.1") != Reaction.Off)
        {
            var grace = book.RareOf(Slot)?.GraceDays ?? 0;
            if (oldest > policy["rule.1.days"] + grace) Fail(result, "R1", policy.ReactionOf("rule.1"), oldest, policy["rule.1.days"] + grace, 0);
        }
    }

    /// <summary>
    /// Days past due of the oldest item, what is overdue by more than so many days, and the balance: over all
    /// currencies, each set off within itself, disputed parts left out.
    /// </summary>
    private (long Oldest, Int128 Overdue, Int128 Balance) Overdue(Policy policy, long minimum, int days)
    {
        long oldest = 0;
        Int128 overdue = 0, balance = 0;
        var tree = new ItemTree(book.Items, book.Texts);
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
        {
            ref var record = ref book.Ledgers[ledger];
            if (record.Root == 0) continue;
            var currency = record.Currency;
            var unapplied = Math.Max(0, record.Sums[(int)Part.Unapplied] - NamedIn(currency));
            // The minimum is a figure of the base currency.
            var least = Rounding.Pin(Context.Convert(minimum, Context.BaseCurrency, currency) ?? minimum);
            if (tree.OldestDue(record.Root, unapplied, Math.Max(1, least)) is { } due) oldest = Math.Max(oldest, Context.Today - due);
            var late = Math.Max(0, tree.DueBefore(record.Root, Context.Today - days) - unapplied);
            overdue += Context.Convert(late, currency, Account.LimitCurrency) ?? 0;
            balance += Context.Convert(tree.Total(record.Root), currency, Account.LimitCurrency) ?? 0;
        }

        return (oldest, overdue, balance);
    }

    private void JudgeRules(Judgement result, in Subject subject, Policy policy, EffectiveLimit limit, in Exposure exposure, Int128 doc)
    {
        var rare = book.RareOf(Slot);
        if (rare is not null && rare.Status is "Blocked" or "Stopped") Fail(result, "R2", policy.ReactionOf("rule.2"), 0, 0, 0);
        if ((Account.Flags & AccountFlags.PrepayOnly) != 0) Fail(result, "R3", policy.ReactionOf("rule.3"), 0, 0, 0);
        var used = exposure.Gross;
        var isAmount = limit.Kind == LimitKind.Amount;
        if (policy.ReactionOf("rule.5") != Reaction.Off && isAmount)
        {
            var (_, late, _) = Overdue(policy, 0, 0);
            if (late > policy["rule.5.amount"] && used * 10_000 > (Int128)limit.Amount * policy["rule.5.shareBp"])
                FailAmount(result, "R5", policy.ReactionOf("rule.5"), late, policy["rule.5.amount"]);
        }

        if (policy.ReactionOf("rule.6") != Reaction.Off && doc > policy["rule.6.amount"])
            FailAmount(result, "R6", policy.ReactionOf("rule.6"), doc, policy["rule.6.amount"]);
        if (policy.ReactionOf("rule.7") != Reaction.Off && isAmount && (used + doc) * 10_000 > (Int128)limit.Amount * policy["rule.7.shareBp"])
            FailAmount(result, "R7", policy.ReactionOf("rule.7"), used + doc, Rounding.Down((Int128)limit.Amount * policy["rule.7.shareBp"], 10_000));
        if (policy.ReactionOf("rule.8") != Reaction.Off && subject.TermsRank > (rare?.TermsRank ?? 0))
            Fail(result, "R8", policy.ReactionOf("rule.8"), subject.TermsRank, rare?.TermsRank ?? 0, 0);
        if (policy.ReactionOf("rule.9") != Reaction.Off && subject.DiscountRank > (rare?.DiscountRank ?? 0))
            Fail(result, "R9", policy.ReactionOf("rule.9"), subject.DiscountRank, rare?.DiscountRank ?? 0, 0);
    }

    /// <summary>Cleared, unallocated cash that names an order.</summary>
    private Int128 PrepaidFor(string orderId, Currency currency)
    {
        Int128 sum = 0;
        if (book.RareOf(Slot) is not { } rare) return 0;
        foreach (var slot in rare.NamedSources)
        {
            ref var source = ref book.Sources[slot];
            if (source.Cleared && book.Texts.Holds(source.NamedOrder, orderId))
                sum += Context.Convert(Book.UnallocatedOf(source), source.Currency, currency) ?? 0;
        }

        return sum;
    }

    /// <summary>Cash that names other orders and exceeds their own O and D: it frees no headroom for this one.</summary>
    private Int128 NamedElsewhere(string orderId, Currency currency)
    {
        Int128 sum = 0;
        if (book.RareOf(Slot) is not { } rare) return 0;
        foreach (var slot in rare.NamedSources)
        {
            ref var source = ref book.Sources[slot];
            var unallocated = Book.UnallocatedOf(source);
            if (unallocated == 0 || book.Texts.Holds(source.NamedOrder, orderId)) continue;
            var order = book.FindOrder(Slot, book.Texts.Get(source.NamedOrder));
            var backs = order == 0 || Book.IsHeld(book.Orders[order]) || book.Orders[order].Currency != source.Currency
                ? 0
                : book.Undelivered(book.Orders[order]) + Book.DeliveredOf(book.Orders[order]);
            sum += Context.Convert(Math.Max(0, unallocated - backs), source.Currency, currency) ?? 0;
        }

        return sum;
    }

    private long NamedIn(Currency currency)
    {
        long sum = 0;
        if (book.RareOf(Slot) is not { } rare) return 0;
        foreach (var slot in rare.NamedSources)
            if (book.Sources[slot].Currency == currency) sum += Book.UnallocatedOf(book.Sources[slot]);
        return sum;
    }

    private TemporaryLimitState? OneTimeLimitFor(string orderId, Int128 ceiling, Int128 wanted)
    {
        if (book.RareOf(Slot) is not { Temporary.Count: > 0 } rare) return null;
        foreach (var temporary in rare.Temporary)
            if (!temporary.Ended && !temporary.Consumed && temporary.Orders.Contains(orderId) && temporary.From <= Now && Now < temporary.To
                && Context.Convert(temporary.Amount, temporary.Currency, Account.LimitCurrency) > ceiling) return temporary;
        return null;
    }

    private int HighestDunning()
    {
        var level = 0;
        if (book.RareOf(Slot) is not { Dunned: true }) return 0;
        for (var item = Account.OpenItem; item != 0; item = book.Items[item].OpenNext) level = Math.Max(level, book.Items[item].DunningLevel);
        return level;
    }

    /// <summary>(n × own + 3 × portfolio) ÷ (n + 3), in hundredths.</summary>
    private long IndexOf()
    {
        ref var account = ref Account;
        if (account.SettledAmount <= 0) return Context.PortfolioIndex;
        var own = Rounding.HalfUp(account.SettledAmountIndex, account.SettledAmount);
        return (long)Rounding.HalfUp(account.SettledItems * own + 3 * Context.PortfolioIndex, account.SettledItems + 3);
    }

    private void Fail(Judgement result, string rule, Reaction reaction, long observed, long threshold, long excess)
    {
        if (reaction == Reaction.Off) return;
        result.Reasons.Add(new HoldReason { Rule = rule, Reaction = reaction, Observed = observed, Threshold = threshold, Excess = excess });
    }

    private void FailAmount(Judgement result, string rule, Reaction reaction, Int128 observed, Int128 threshold)
    {
        if (reaction == Reaction.Off) return;
        result.Reasons.Add(new HoldReason
        {
            Rule = rule, Reaction = reaction, Observed = Rounding.Pin(observed), Threshold = Rounding.Pin(threshold),
            Excess = Rounding.Pin(Int128.Max(0, observed - threshold)), Currency = Account.LimitCurrency.Code,
        });
    }

    private DecisionFigures FiguresOf(in Exposure exposure, EffectiveLimit limit, Int128 doc, bool atLimit) => new()
    {
        Currency = exposure.Currency.Code, Gross = Rounding.Pin(exposure.Gross),
        NetRisk = Rounding.Pin(Int128.Max(0, exposure.Gross - Covers.Total(book, Slot, Context, exposure))),
        LimitKind = limit.Kind, Limit = limit.Amount,
        Available = limit.Kind == LimitKind.Amount ? Rounding.Pin(limit.Amount - exposure.Gross) : 0,
        AfterThis = Rounding.Pin(Int128.Max(0, exposure.Sum + doc)), AtLimit = atLimit,
        PolicyVersion = Context.Policy.Version, LimitVersion = book.RareOf(Slot)?.LimitVersion ?? 0,
    };
}
