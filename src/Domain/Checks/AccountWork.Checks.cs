namespace ExposureMonitor.Domain;

/// <summary>What is judged: an order, or the question before an order.</summary>
internal struct Subject
{
    internal int Order;
    internal string OrderId;
    internal long Amount;
    internal Currency Currency;
    internal int ShipOn;
    internal string Terms;
    internal int DiscountRank;
    internal ReservationState? Reservation;

    /// <summary>It was not judged before: only then a dead rate holds it.</summary>
    internal bool IsNew;

    /// <summary>An accepted order at a later checkpoint: nothing is added by it.</summary>
    internal bool IsLater;
}

/// <summary>The result of all steps.</summary>
internal sealed class Judgement
{
    internal Reaction Worst = Reaction.Off;
    private List<HoldReason>? _reasons;

    /// <summary>Most judgements have none, and make no list.</summary>
    internal bool HasReasons => _reasons is { Count: > 0 };

    internal List<HoldReason> Reasons => _reasons ??= [];

    /// <summary>The reasons for an effect.</summary>
    internal IReadOnlyList<HoldReason> Told => _reasons is null ? [] : _reasons;

    internal string Excuse = "";
    internal bool AtLimit, RefuseAdvised;
    internal DecisionFigures Figures = null!;
    internal TemporaryLimitState? UsesTemporary;

    /// <summary>By how much the limit steps are exceeded, in the limit's currency.</summary>
    internal long Needs;

    internal bool Holds => Worst >= Reaction.Hold;
}

/// <summary>The credit check of credit.md section 5: all steps run, every failure is a reason, the worst reaction wins.</summary>
internal sealed partial class AccountWork
{
    /// <summary>Judges a document against the account, its own value taken out first.</summary>
    internal Judgement Judge(in Subject subject) => Judge(subject, Stand());

    private Judgement Judge(in Subject subject, in Standing standing)
    {
        var policy = Policy;
        var result = new Judgement();
        var exposure = standing.Exposure;
        TakeOwnOut(ref exposure, subject);
        var doc = Context.Convert(subject.Amount, subject.Currency, Account.LimitCurrency);
        if (doc is null) exposure.Missing = subject.Currency;
        var value = doc ?? 0;
        var isQuestion = subject.Order == 0;

        if (Context.GlobalHold) Fail(result, "GLOBAL_HOLD", isQuestion ? Reaction.Refuse : Reaction.Hold, 0, 0);
        if (isQuestion && Context.IsStale && policy.Is(Parameter.CloseChecksWhenStale)) Fail(result, "FEED_STALE", Reaction.Refuse, 0, 0);
        if (Account.RiskState == RiskState.Stopped) Fail(result, "RISK_STATE", Reaction.Hold, (long)Account.RiskState, (long)RiskState.Restricted);

        // Only a person's word, the risk state and the switch for everything stand above cash in hand and exclusions.
        if (!result.HasReasons && doc is not null && !isQuestion && IsPrepaid(subject.Order)) result.Excuse = "Prepaid";
        else if (!result.HasReasons && IsReleasedByExclusion(subject.OrderId)) result.Excuse = "Exclusion";
        if (result.Excuse.Length == 0)
        {
            if ((Account.Flags & AccountFlags.Closed) != 0) Fail(result, "CUSTOMER_CLOSED", Reaction.Refuse, 0, 0);
            if (Account.RiskState == RiskState.Restricted && !subject.IsLater) Fail(result, "RISK_STATE", Reaction.Hold, (long)Account.RiskState, (long)RiskState.Restricted);
            JudgeLimit(result, subject, policy, standing.Limit, exposure, value);
            JudgeOverdue(result, policy, standing);
            JudgePlans(result, policy);
            JudgeRules(result, subject, policy, standing, exposure, value);
        }

        if (result.HasReasons)
        {
            foreach (var reason in result.Reasons)
                if (reason.Reaction > result.Worst) result.Worst = reason.Reaction;
        }

        // An order that is in the books already cannot be refused: it is held, and the refusal is advised.
        result.RefuseAdvised = !isQuestion && result.Worst == Reaction.Refuse;
        result.Figures = FiguresOf(exposure, standing.Limit, Inside(subject, value - ReservedFor(subject)), result.AtLimit);
        return result;
    }

    /// <summary>Takes O and H of the subject out; what is reserved for it stays in V, and only its excess is judged on top.</summary>
    private void TakeOwnOut(ref Exposure exposure, in Subject subject)
    {
        if (subject.Order == 0) return;
        ref var order = ref book.Orders[subject.Order];
        var undelivered = book.Undelivered(order);
        var inside = book.InsideOf(subject.Order, order, undelivered, Context.Today + Policy.HorizonDays);
        var insideHere = Context.Convert(inside, order.Currency, exposure.Currency) ?? 0;
        var outsideHere = Context.Convert(undelivered - inside, order.Currency, exposure.Currency) ?? 0;
        var isForeign = order.Currency != exposure.Currency;
        var (before, beforeStatic) = isForeign ? (exposure.Sum, exposure.StaticSum) : default;
        exposure.TakeOrder(insideHere, outsideHere, Book.IsHeld(order));
        if (!isForeign) return;
        var taken = before - exposure.Sum;
        exposure.TakeForeign(order.Currency, taken, beforeStatic - exposure.StaticSum - taken, Policy, Context);
    }

    private void JudgeLimit(Judgement result, in Subject subject, Policy policy, EffectiveLimit limit, in Exposure exposure, Int128 doc)
    {
        JudgeUnknownGroup(result);
        if (limit.Kind == LimitKind.NotSet) Fail(result, "NO_LIMIT", policy.ReactionOf(Parameter.NoLimit), 0, 0);
        if (limit.Expired) Fail(result, "LIMIT_EXPIRED", Reaction.Hold, Context.Today - limit.EndedOn, 0);
        if (exposure.Missing.IsKnown) Fail(result, "FX_MISSING", Reaction.Hold, 0, 0);
        if (subject.IsNew && Context.RateAge(subject.Currency, Account.LimitCurrency) is var age && age > policy[Parameter.FxDeadDays])
            Fail(result, "FX_STALE", Reaction.Hold, age, policy[Parameter.FxDeadDays]);
        JudgeDocument(result, subject, policy, limit, doc);
        if (limit.Kind != LimitKind.Amount)
        {
            if (limit.Kind == LimitKind.Unlimited) result.Excuse = "Unlimited";
            return;
        }

        // The reserved part is in V already; what exceeds it is judged on top.
        var excess = doc - ReservedFor(subject);
        if (subject.Reservation is not null && excess <= 0)
        {
            result.Excuse = "Reserved";
            return;
        }

        // What ships beyond the horizon counts nothing, and so has no haircut either.
        var within = Inside(subject, excess);
        var named = exposure.Counts(6) ? NamedElsewhere(subject.OrderId, Account.LimitCurrency) : 0;
        var inHorizon = Int128.Max(0, exposure.Sum + named + within + exposure.HaircutWith(subject.Currency, within, isStatic: false, policy, Context));
        var total = Int128.Max(0, exposure.StaticSum + named + excess + exposure.HaircutWith(subject.Currency, excess, isStatic: true, policy, Context));
        var allowed = (Int128)limit.Amount;
        if (OneTimeLimitFor(subject.OrderId, allowed) is { } temporary && Exceeds(policy, inHorizon, CeilingOf(policy, allowed)))
        {
            result.UsesTemporary = temporary;
            allowed = Context.Convert(temporary.Amount, temporary.Currency, Account.LimitCurrency) ?? allowed;
        }

        var ceiling = CeilingOf(policy, allowed);
        result.AtLimit = inHorizon == allowed && inHorizon > 0;
        if (Exceeds(policy, total, ceiling)) FailAmount(result, "010", policy.ReactionOf(Parameter.Step010), total, ceiling);
        if (Exceeds(policy, inHorizon, ceiling))
        {
            FailAmount(result, "030", policy.ReactionOf(Parameter.Step030), inHorizon, ceiling);
            result.Needs = Rounding.Pin(Int128.Max(1, inHorizon - ceiling));
            if (policy.ReactionOf(Parameter.Step030) == Reaction.Warn) result.Excuse = "WarnOnly";
        }
        else if (inHorizon > allowed)
        {
            // Inside the band of tolerance above the limit: let pass, and said.
            FailAmount(result, "030", Reaction.Warn, inHorizon, allowed);
        }

        JudgeGroup(result, subject, policy.ReactionOf(Parameter.Step010) == Reaction.Off ? inHorizon : Int128.Max(inHorizon, total));
    }

    /// <summary>Step 020: the largest document, as an amount or as a share of the limit.</summary>
    private void JudgeDocument(Judgement result, in Subject subject, Policy policy, EffectiveLimit limit, Int128 doc)
    {
        var reaction = policy.ReactionOf(Parameter.Step020);
        var share = policy[Parameter.MaxDocumentBp];
        var isReserved = subject.Reservation is not null && doc <= ReservedFor(subject);
        if (limit.Kind == LimitKind.Amount && share > 0 && !isReserved && Rounding.Times(doc, 10_000) > Math.BigMul(limit.Amount, share))
            FailAmount(result, "020", reaction, doc, Rounding.Down((Int128)limit.Amount * share, 10_000));
        else if (policy[Parameter.MaxDocumentAmount] is var most && most > 0 && Context.Convert(most, Context.BaseCurrency, Account.LimitCurrency) is { } here && doc > here)
            FailAmount(result, "020", reaction, doc, here);
    }

    private Int128 ReservedFor(in Subject subject) => subject.Reservation is { } kept && kept.Currency == subject.Currency
        ? Context.Convert(Math.Min(kept.Amount, subject.Amount), subject.Currency, Account.LimitCurrency) ?? 0
        : 0;

    /// <summary>The part of a document that ships inside the horizon; a schedule enters line by line.</summary>
    private Int128 Inside(in Subject subject, Int128 excess)
    {
        var last = Context.Today + Policy.HorizonDays;
        if (subject.Order == 0 || excess <= 0) return subject.ShipOn <= last ? excess : Int128.Min(excess, 0);
        ref var order = ref book.Orders[subject.Order];
        var undelivered = book.Undelivered(order);
        var outside = undelivered - book.InsideOf(subject.Order, order, undelivered, last);
        return outside == 0 ? excess : Int128.Max(0, excess - (Context.Convert(outside, order.Currency, Account.LimitCurrency) ?? 0));
    }

    private static Int128 CeilingOf(Policy policy, Int128 limit) => Rounding.Down(Rounding.Times(limit, policy[Parameter.CeilingBp]), 10_000);

    private static bool Exceeds(Policy policy, Int128 exposure, Int128 limit) =>
        exposure > limit || (exposure == limit && exposure > 0 && policy.Is(Parameter.AtLimitHolds));

    private void JudgeOverdue(Judgement result, Policy policy, in Standing standing)
    {
        if (standing.Oldest > policy[Parameter.OldestDays]) Fail(result, "110", policy.ReactionOf(Parameter.Step110), standing.Oldest, policy[Parameter.OldestDays]);
        var share = policy[Parameter.OverdueShareBp];
        if (standing.Balance > 0 && Rounding.Times(standing.OverdueByMore, 10_000) > Rounding.Times(standing.Balance, share))
            Fail(result, "OV", policy.ReactionOf(Parameter.StepOverdueShare), (long)Rounding.HalfUp(standing.OverdueByMore * 10_000, standing.Balance), share);
        if (standing.Dunning > policy[Parameter.DunningLevel]) Fail(result, "100", policy.ReactionOf(Parameter.Step100), standing.Dunning, policy[Parameter.DunningLevel]);
        if (standing.Index < policy[Parameter.PaymentIndexFloor]) Fail(result, "120", policy.ReactionOf(Parameter.Step120), standing.Index, policy[Parameter.PaymentIndexFloor]);
    }

    /// <summary>A temporary limit that is bound to orders, or good for one: it can only raise.</summary>
    private TemporaryLimitState? OneTimeLimitFor(string orderId, Int128 limit)
    {
        if (book.RareOf(Slot) is not { Temporary.Count: > 0 } rare) return null;
        foreach (var temporary in rare.Temporary)
            if (temporary.IsBound && temporary.IsActive(Now) && temporary.Serves(orderId)
                && Context.Convert(temporary.Amount, temporary.Currency, Account.LimitCurrency) > limit) return temporary;
        return null;
    }

    private void Fail(Judgement result, string rule, Reaction reaction, long observed, long threshold)
    {
        if (reaction == Reaction.Off) return;
        result.Reasons.Add(new HoldReason
        {
            Rule = rule, Reaction = reaction, Observed = observed, Threshold = threshold, RuleVersion = Context.Policy.Version, Position = AtText,
        });
    }

    private void FailAmount(Judgement result, string rule, Reaction reaction, Int128 observed, Int128 threshold)
    {
        if (reaction == Reaction.Off) return;
        Fail(result, rule, reaction, Rounding.Pin(observed), Rounding.Pin(threshold));
        var reason = result.Reasons[^1];
        reason.Currency = Account.LimitCurrency.Code;
        if (Policy.Is(Parameter.ShowExcess)) reason.Excess = Rounding.Pin(Int128.Max(0, observed - threshold));
    }

    /// <param name="exposure">Without the document's own value.</param>
    /// <param name="limit">What serves as the limit.</param>
    /// <param name="adds">What the document adds inside the horizon to what is reserved for it.</param>
    /// <param name="atLimit">Exactly at the limit.</param>
    private DecisionFigures FiguresOf(in Exposure exposure, EffectiveLimit limit, Int128 adds, bool atLimit) => new()
    {
        Currency = exposure.Currency.Code, Gross = Rounding.Pin(exposure.Gross), GrossWithHaircut = Rounding.Pin(exposure.CheckGross),
        NetRisk = Rounding.Pin(Int128.Max(0, exposure.Gross - Covers.Total(book, Slot, Context, exposure))),
        LimitKind = limit.Kind, Limit = limit.Amount,
        Available = limit.Kind == LimitKind.Amount ? Rounding.Pin(limit.Amount - exposure.CheckGross) : 0,
        AfterThis = Rounding.Pin(Int128.Max(0, exposure.Sum + adds)), AtLimit = atLimit,
        PolicyVersion = Context.Policy.Version, LimitVersion = LimitVersion,
        StaleSince = Context.IsStale ? Context.StaleFeeds[0].Since : default,
    };
}
