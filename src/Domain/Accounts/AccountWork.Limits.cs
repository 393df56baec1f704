namespace ExposureMonitor.Domain;

/// <summary>Limits (credit.md section 8): schedules, temporary and seasonal limits, and who may change them.</summary>
internal sealed partial class AccountWork
{
    private Outcome SetLimit(LimitSet f)
    {
        if (f.Version <= LimitVersion) return Outcome.Superseded;
        foreach (var step in f.Steps)
        {
            if (step.Kind == LimitKind.Amount && IsTooLarge(step.Amount, out var refusal)) return refusal;
            if (step.To != 0 && step.To <= step.From) return Outcome.Refused("BAD_PERIOD", "A step of a limit ends after it begins.");
        }

        var before = (Account.LimitKind, Account.LimitAmount);
        Account.LimitVersion = f.Version;
        if (f.EligibleMax >= 0) book.RareFor(Slot).EligibleMax = f.EligibleMax;
        if (f.Mandatory || f.OutsideGroup || book.RareOf(Slot) is not null)
            (book.RareFor(Slot).Mandatory, book.RareFor(Slot).OutsideGroup) = (f.Mandatory, f.OutsideGroup);
        var steps = new List<LimitStepState>(f.Steps.Count);
        foreach (var step in f.Steps) steps.Add(new LimitStepState { From = step.From, To = step.To, Kind = step.Kind, Amount = step.Amount });
        if (f.Currency.IsKnown) Account.LimitCurrency = f.Currency;
        TakeSteps(steps, before, f.SetBy);
        TellLimit("credit.limit.set", before, "", f.SetBy, f.ApprovedBy, f.Reason);
        return Outcome.Applied;
    }

    private bool IsTooLarge(long amount, out Outcome refusal)
    {
        var most = Policy[Parameter.DocumentAmountMax];
        refusal = amount > most ? Outcome.Refused("AMOUNT_TOO_LARGE", $"A limit of {amount} is more than {most}.") : default;
        return amount > most;
    }

    private Outcome RemoveLimit(LimitRemoved f)
    {
        if (f.Version <= LimitVersion) return Outcome.Superseded;
        var before = (Account.LimitKind, Account.LimitAmount);
        Account.LimitVersion = f.Version;
        TakeSteps([], before, f.SetBy);
        TellLimit("credit.limit.removed", before, "", f.SetBy, [], f.Reason);
        return Outcome.Applied;
    }

    /// <summary>A new schedule takes effect; who raised the limit is remembered for the conflict of duty.</summary>
    private void TakeSteps(List<LimitStepState> steps, (LimitKind Kind, long Amount) before, string by)
    {
        steps.Sort(static (a, b) => a.From != b.From ? a.From.CompareTo(b.From) : a.To.CompareTo(b.To));
        book.SetSteps(Slot, steps, Context.Today);
        TakeStepOfToday();
        foreach (var step in steps)
        {
            WakeAhead(step.From);
            WakeAhead(step.To);
        }

        if (IsRaise(Account.LimitKind, Account.LimitAmount, before)) (Account.LimitRaisedBy, Account.LimitRaisedAt) = (book.Names.Of(by), Now);
    }

    private static bool IsRaise(LimitKind kind, long amount, (LimitKind Kind, long Amount) before) => kind switch
    {
        LimitKind.Unlimited => before.Kind != LimitKind.Unlimited,
        LimitKind.Amount => before.Kind == LimitKind.NotSet || (before.Kind == LimitKind.Amount && amount > before.Amount),
        _ => false,
    };

    /// <summary>The step of the schedule that serves today stands in the hot record.</summary>
    private void TakeStepOfToday()
    {
        if (book.RareOf(Slot) is not { Steps.Count: > 0 } rare) return;
        (Account.LimitKind, Account.LimitAmount) = (LimitKind.NotSet, 0);
        foreach (var step in rare.Steps)
            if (step.From <= Context.Today && (step.To == 0 || Context.Today < step.To))
                (Account.LimitKind, Account.LimitAmount) = (step.Kind, step.Kind == LimitKind.Amount ? step.Amount : 0);
    }

    private void TellLimit(string step, (LimitKind Kind, long Amount) before, string request, string actor, IReadOnlyList<string> approvedBy, string reason) =>
        Say(new LimitChanged
        {
            Step = step, RequestId = request, KindBefore = before.Kind, Before = before.Amount, KindAfter = Account.LimitKind,
            After = Account.LimitAmount, Currency = Account.LimitCurrency.Code, Version = LimitVersion,
            Actor = actor, ApprovedBy = approvedBy, Reason = reason,
        });

    /// <summary>The outside is told when what serves as the limit changed; a cut may judge accepted orders again.</summary>
    private void TellEffectiveLimit(EffectiveLimit before)
    {
        var now = EffectiveLimit.Of(book, Slot, Context, Now);
        if (now == before) return;
        Say(new LimitChanged
        {
            Step = "credit.effective-limit.changed.v1", KindBefore = before.Kind, Before = before.Amount, KindAfter = now.Kind, After = now.Amount,
            Currency = Account.LimitCurrency.Code, Version = LimitVersion, Reason = now.Expired ? "LIMIT_EXPIRED" : "",
        });
        if (!Policy.Is(Parameter.RecheckOnCut) || IsRaise(now.Kind, now.Amount, (before.Kind, before.Amount))) return;
        var orders = new List<int>();
        for (var slot = Account.OpenOrder; slot != 0; slot = book.Orders[slot].OpenNext)
            if (book.Orders[slot] is { Placed: true, State: OrderState.Accepted } && book.Undelivered(book.Orders[slot]) > 0) orders.Add(slot);
        JudgeAgain(orders, "LimitCut");
    }

    private Outcome RequestLimitOf(RequestLimit f)
    {
        if (f.Version != LimitVersion)
            return Outcome.Refused("VERSION_CONFLICT", $"The limit has version {LimitVersion}; {f.Version} was shown.");
        if (AmountOf(f, out var amount) is { } refusal) return refusal;
        var to = f.To != 0 ? f.To : f.Days > 0 ? Math.Max(f.From, Context.Today) + f.Days : 0;
        if (to != 0 && to <= Math.Max(f.From, Context.Today)) return Outcome.Refused("BAD_PERIOD", "A limit ends after it begins.");
        var request = new LimitRequestState
        {
            Id = "lr-" + At, Actor = f.Actor, Reason = f.Reason, Kind = f.Kind, Amount = amount, From = f.From, To = to,
            Currency = f.Currency.IsKnown ? f.Currency : Account.LimitCurrency, LimitVersion = LimitVersion,
            LapsesAt = AfterBusinessDays(Policy[Parameter.ApprovalDays]),
        };
        if (Policy.Is(Parameter.DirectLimit) && !NeedsTwo(request, f.Authority)) return Grant(request, []);
        Few.Add(ref book.RareFor(Slot).LimitRequests, request);
        Say(new LimitChanged
        {
            Step = "limit.requested", RequestId = request.Id, KindBefore = Account.LimitKind, Before = Account.LimitAmount, KindAfter = f.Kind,
            After = amount, Currency = request.Currency.Code, Version = LimitVersion, Actor = f.Actor, Reason = f.Reason,
        });
        return Outcome.Applied;
    }

    /// <summary>The limit that is asked for: as an amount, or as a change of the present one, rounded down to a step.</summary>
    private Outcome? AmountOf(RequestLimit f, out long amount)
    {
        amount = 0;
        if (f.Kind != LimitKind.Amount) return null;
        var present = Account.LimitKind == LimitKind.Amount ? Account.LimitAmount : 0;
        if (f.Change != LimitChange.Absolute && f.Currency.IsKnown && f.Currency != Account.LimitCurrency) return CurrencyDiffers("limit", Account.LimitCurrency, f.Currency);
        var asked = f.Change switch
        {
            LimitChange.ByAmount => (Int128)present + f.Amount,
            LimitChange.ByShare => Rounding.Down((Int128)present * (10_000 + f.ShareBp), 10_000),
            _ => f.Amount,
        };
        if (f.RoundTo > 0) asked = Rounding.Down(asked, f.RoundTo) * f.RoundTo;
        if (asked < 0) return Outcome.Refused("BAD_AMOUNT", "A limit is 0 or more.");
        amount = Rounding.Pin(asked);
        return IsTooLarge(amount, out var refusal) ? refusal : null;
    }

    /// <summary>A raise above the own authority, above the factor, or above the cap needs a second person; a cut needs none.</summary>
    private bool NeedsTwo(LimitRequestState request, long authority)
    {
        if (request.Kind == LimitKind.Unlimited) return true;
        if (request.Kind != LimitKind.Amount) return false;
        if (Context.Convert(request.Amount, request.Currency, Context.BaseCurrency) is not { } asked) return true;
        if (Account.LimitKind == LimitKind.Unlimited) return false;
        var present = Account.LimitKind == LimitKind.Amount ? Context.Convert(Account.LimitAmount, Account.LimitCurrency, Context.BaseCurrency) : 0;
        if (present is null) return true;
        if (asked <= present) return false;
        var cap = Policy[Parameter.LimitAbsoluteCap];
        return (authority >= 0 && asked > authority) || (cap >= 0 && asked > cap)
            || (Account.LimitKind == LimitKind.Amount && asked > present * Policy[Parameter.LimitRaiseFactor]);
    }

    private Outcome DecideLimitOf(DecideLimit f)
    {
        var rare = book.RareFor(Slot);
        var request = rare.LimitRequests.Find(r => r.Id == f.RequestId);
        if (request is null || request.LapsesAt <= Now) return Outcome.Refused("NO_REQUEST", $"No open request '{f.RequestId}'.");
        if (request.Actor == f.Actor) return Outcome.Refused("SELF_APPROVAL", "Who asked may not decide.");
        if (!f.Approve)
        {
            rare.LimitRequests.Remove(request);
            TellLimit("limit.rejected", (Account.LimitKind, Account.LimitAmount), request.Id, f.Actor, [], f.Reason);
            return Outcome.Applied;
        }

        if (request.LimitVersion != LimitVersion)
            return Outcome.Refused("VERSION_CONFLICT", $"The limit has version {LimitVersion}; the request was made on {request.LimitVersion}.");
        var needed = request.Kind == LimitKind.Unlimited ? (Int128?)Int128.MaxValue : Context.Convert(request.Amount, request.Currency, Context.BaseCurrency);
        if (needed is null) return Outcome.Refused("FX_MISSING", $"No rate for {request.Currency}.");
        if (f.Authority >= 0 && needed > f.Authority)
            return Outcome.Refused("AUTHORITY", $"The limit is {needed}, the authority {f.Authority} minor units of {Context.BaseCurrency}.");
        rare.LimitRequests.Remove(request);
        return Grant(request, [f.Actor]);
    }

    /// <summary>The new step takes its period out of the schedule; a step without a period replaces it all.</summary>
    private Outcome Grant(LimitRequestState request, IReadOnlyList<string> approvedBy)
    {
        var before = (Account.LimitKind, Account.LimitAmount);
        Account.LimitVersion++;
        var kept = new List<LimitStepState>();
        if (Account.LimitCurrency == request.Currency && (request.From > Context.Today || request.To != 0))
        {
            var from = Math.Max(request.From, Context.Today);
            foreach (var step in book.StepsOf(Slot))
            {
                if (step.From < from) kept.Add(new LimitStepState { From = step.From, To = step.To == 0 || step.To > from ? from : step.To, Kind = step.Kind, Amount = step.Amount });
                if (request.To != 0 && (step.To == 0 || step.To > request.To))
                    kept.Add(new LimitStepState { From = Math.Max(step.From, request.To), To = step.To, Kind = step.Kind, Amount = step.Amount });
            }
        }

        kept.Add(new LimitStepState { From = request.From > Context.Today ? request.From : kept.Count > 0 ? Context.Today : 0, To = request.To, Kind = request.Kind, Amount = request.Amount });
        Account.LimitCurrency = request.Currency;
        TakeSteps(kept, before, request.Actor);
        TellLimit("credit.limit.set", before, request.Id, request.Actor, approvedBy, request.Reason);
        return Outcome.Applied;
    }

    private Outcome GrantTemporary(TemporaryLimitGranted f)
    {
        var rare = book.RareFor(Slot);
        var known = rare.Temporary.Find(t => t.Id == f.TemporaryId);
        if (known is not null) return Graded(known.Content, f.TemporaryId);
        if (f.To <= f.From) return Outcome.Refused("BAD_PERIOD", "A temporary limit ends after it begins.");
        if (IsTooLarge(f.Amount, out var refusal)) return refusal;
        var without = EffectiveLimit.Of(book, Slot, Context, Now, withTemporary: false);
        var temporary = new TemporaryLimitState
        {
            Id = f.TemporaryId, Content = Content, Amount = f.Amount, Currency = f.Currency, From = f.From, To = f.To,
            Orders = [.. f.Orders], Once = f.Once,
        };
        Few.Add(ref rare.Temporary, temporary);
        // It replaces the base also when it is lower; somebody should know.
        if (!temporary.IsBound && without.Kind == LimitKind.Amount && Context.Convert(f.Amount, f.Currency, Account.LimitCurrency) < without.Amount)
            Say(new AuditNoted { Act = "limit.temporary-lower", About = f.TemporaryId, Before = Text(without.Amount), After = Text(f.Amount), Reason = f.Reason });
        return Outcome.Applied;

        static string Text(long amount) => amount.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private Outcome EndTemporary(TemporaryLimitEnded f)
    {
        var known = book.RareOf(Slot)?.Temporary.Find(t => t.Id == f.TemporaryId);
        if (known is null) return Park(DocumentKind.Customer, f.TemporaryId);
        if (known.Ended) return Outcome.Superseded;
        known.Ended = true;
        return Outcome.Applied;
    }

    private Outcome SetSeason(SeasonalLimitSet f)
    {
        var season = SeasonOf(f.SeasonId);
        if (!season.Set.Takes(f)) return Outcome.Superseded;
        (season.FromMonthDay, season.ToMonthDay, season.UpliftBp, season.Removed) = (f.FromMonthDay, f.ToMonthDay, f.UpliftBp, false);
        WakeForSeason(season);
        return Outcome.Applied;
    }

    private Outcome RemoveSeason(SeasonalLimitRemoved f)
    {
        var season = SeasonOf(f.SeasonId);
        if (!season.Set.Takes(f)) return Outcome.Superseded;
        (season.UpliftBp, season.Removed) = (0, true);
        return Outcome.Applied;
    }

    private void WakeForSeason(SeasonState season)
    {
        if (!season.Removed && EffectiveLimit.NextTurn(season, Context.Today) is { } day) book.Wake(Slot, day);
    }

    /// <summary>The later fact about a season stands, whatever the order of arrival: a removed one stays as a mark.</summary>
    private SeasonState SeasonOf(string id)
    {
        var rare = book.RareFor(Slot);
        foreach (var known in rare.Seasons)
            if (known.Id == id) return known;
        var season = new SeasonState { Id = id };
        Few.Add(ref rare.Seasons, season);
        return season;
    }
}
