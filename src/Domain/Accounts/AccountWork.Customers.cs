namespace ExposureMonitor.Domain;

/// <summary>Master data, limits, terms and cover: no value moves, but reasons and signals are judged again.</summary>
internal sealed partial class AccountWork
{
    private Outcome OpenCustomer(CustomerOpened f)
    {
        if ((Account.Flags & AccountFlags.Provisional) == 0) return Graded(book.RareFor(Slot).OpenedContent, f.Customer);
        Account.Flags &= ~AccountFlags.Provisional;
        book.RareFor(Slot).OpenedContent = Content;
        TakeProfile(f.Profile);
        if (f.Currency.IsKnown && Account.LimitKind == LimitKind.NotSet) Account.LimitCurrency = f.Currency;
        return Outcome.Applied;
    }

    private Outcome ChangeCustomer(CustomerChanged f)
    {
        var rare = book.RareFor(Slot);
        if (f.Version <= rare.ProfileVersion) return Outcome.Superseded;
        rare.ProfileVersion = f.Version;
        TakeProfile(f.Profile);
        return Outcome.Applied;
    }

    private void TakeProfile(CustomerProfile p)
    {
        var undo = Account.Segment;
        if (p.Segment.Length > 0 && book.Names.Of(p.Segment) != undo) Rebook(() => Account.Segment = book.Names.Of(p.Segment));
        if (p.Country.Length > 0) Account.Country = book.Names.Of(p.Country);
        if (p.Industry.Length > 0) Account.Industry = book.Names.Of(p.Industry);
        if (p.Controller.Length > 0) Account.Controller = book.Names.Of(p.Controller);
        if (p.Tier.Length > 0) Account.Tier = book.Names.Of(p.Tier);
        if (p.ParentId.Length > 0) book.RareFor(Slot).ParentId = p.ParentId;
        if (p.Status.Length > 0) book.RareFor(Slot).Status = p.Status;
        if (p.GraceDays > 0) book.RareFor(Slot).GraceDays = p.GraceDays;
        SetFlag(AccountFlags.CheckExempt, p.CheckExempt);
        SetFlag(AccountFlags.PrepayOnly, p.PrepayOnly);
        if (p.Name.Length > 0) Say(new PartyNamed { Name = p.Name });
    }

    private void SetFlag(AccountFlags flag, YesNo told)
    {
        if (told == YesNo.Yes) Account.Flags |= flag;
        if (told == YesNo.No) Account.Flags &= ~flag;
    }

    private Outcome CloseCustomer(CustomerClosed f)
    {
        if ((Account.Flags & AccountFlags.Closed) != 0) return Outcome.Superseded;
        Account.Flags |= AccountFlags.Closed;
        return Outcome.Applied;
    }

    private Outcome SetLimit(LimitSet f)
    {
        if (f.Version <= book.RareOf(Slot)?.LimitVersion) return Outcome.Superseded;
        foreach (var step in f.Steps)
            if (step.Kind == LimitKind.Amount && step.Amount > Policy["documentAmountMax"])
                return Outcome.Refused("AMOUNT_TOO_LARGE", $"A limit of {step.Amount} is more than {Policy["documentAmountMax"]}.");
        var rare = book.RareFor(Slot);
        rare.LimitVersion = f.Version;
        rare.EligibleMax = f.EligibleMax == 0 ? -1 : f.EligibleMax;
        (rare.Mandatory, rare.OutsideGroup) = (f.Mandatory, f.OutsideGroup);
        var before = (Account.LimitKind, Account.LimitAmount);
        rare.Steps.Clear();
        foreach (var step in f.Steps)
            rare.Steps.Add(new LimitStepState { From = step.From, To = step.To, Kind = step.Kind, Amount = step.Amount });
        rare.Steps.Sort((a, b) => a.From != b.From ? a.From.CompareTo(b.From) : a.To.CompareTo(b.To));
        if (f.Currency.IsKnown) Account.LimitCurrency = f.Currency;
        TakeStepOfToday();
        foreach (var step in rare.Steps)
        {
            if (step.From > Context.Today) book.Wake(Slot, step.From);
            if (step.To > Context.Today) book.Wake(Slot, step.To);
        }

        TellLimit("credit.limit.set", before, "", f.SetBy, f.ApprovedBy, f.Reason);
        return Outcome.Applied;
    }

    private Outcome RemoveLimit(LimitRemoved f)
    {
        var rare = book.RareFor(Slot);
        if (f.Version <= rare.LimitVersion) return Outcome.Superseded;
        var before = (Account.LimitKind, Account.LimitAmount);
        rare.LimitVersion = f.Version;
        rare.Steps.Clear();
        (Account.LimitKind, Account.LimitAmount) = (LimitKind.NotSet, 0);
        TellLimit("credit.limit.removed", before, "", f.SetBy, [], f.Reason);
        return Outcome.Applied;
    }

    /// <summary>The step of the schedule that serves today stands in the hot record.</summary>
    private void TakeStepOfToday()
    {
        if (book.RareOf(Slot) is not { Steps.Count: > 0 } rare) return;
        (Account.LimitKind, Account.LimitAmount) = (LimitKind.NotSet, 0);
        foreach (var step in rare.Steps)
            if (step.From <= Context.Today && (step.To == 0 || Context.Today < step.To))
                (Account.LimitKind, Account.LimitAmount) = (step.Kind, step.Amount);
    }

    private void TellLimit(string step, (LimitKind Kind, long Amount) before, string request, string actor, IReadOnlyList<string> approvedBy, string reason) =>
        Say(new LimitChanged
        {
            Step = step, RequestId = request, KindBefore = before.Kind, Before = before.Amount, KindAfter = Account.LimitKind,
            After = Account.LimitAmount, Currency = Account.LimitCurrency.Code, Version = book.RareOf(Slot)?.LimitVersion ?? 0,
            Actor = actor, ApprovedBy = approvedBy, Reason = reason,
        });

    private Outcome RequestLimitOf(RequestLimit f)
    {
        var rare = book.RareFor(Slot);
        if (f.Version != rare.LimitVersion)
            return Outcome.Refused("VERSION_CONFLICT", $"The limit has version {rare.LimitVersion}; {f.Version} was shown.");
        if (f.Kind == LimitKind.Amount && f.Amount > Policy["documentAmountMax"])
            return Outcome.Refused("AMOUNT_TOO_LARGE", $"A limit of {f.Amount} is more than {Policy["documentAmountMax"]}.");
        var currency = f.Currency.IsKnown ? f.Currency : Account.LimitCurrency;
        var id = "lr-" + At;
        rare.LimitRequests.Add(new LimitRequestState
        {
            Id = id, Actor = f.Actor, Reason = f.Reason, Kind = f.Kind, Amount = f.Amount, Currency = currency,
            LimitVersion = rare.LimitVersion, LapsesAt = Now.Plus(Policy["approvalDays"] * Instant.Day),
        });
        Say(new LimitChanged
        {
            Step = "limit.requested", RequestId = id, KindBefore = Account.LimitKind, Before = Account.LimitAmount, KindAfter = f.Kind,
            After = f.Amount, Currency = currency.Code, Version = rare.LimitVersion, Actor = f.Actor, Reason = f.Reason,
        });
        return Outcome.Applied;
    }

    private Outcome DecideLimitOf(DecideLimit f)
    {
        var rare = book.RareFor(Slot);
        var request = rare.LimitRequests.Find(r => r.Id == f.RequestId);
        if (request is null || request.LapsesAt <= Now) return Outcome.Refused("NO_REQUEST", $"No open request '{f.RequestId}'.");
        if (request.Actor == f.Actor) return Outcome.Refused("SELF_APPROVAL", "Who asked may not decide.");
        var before = (Account.LimitKind, Account.LimitAmount);
        if (!f.Approve)
        {
            rare.LimitRequests.Remove(request);
            TellLimit("limit.rejected", before, request.Id, f.Actor, [], f.Reason);
            return Outcome.Applied;
        }

        if (request.LimitVersion != rare.LimitVersion)
            return Outcome.Refused("VERSION_CONFLICT", $"The limit has version {rare.LimitVersion}; the request was made on {request.LimitVersion}.");
        var needed = request.Kind == LimitKind.Unlimited ? (Int128?)Int128.MaxValue : Context.Convert(request.Amount, request.Currency, Context.BaseCurrency);
        if (needed is null) return Outcome.Refused("FX_MISSING", $"No rate for {request.Currency}.");
        if (f.Authority >= 0 && needed > f.Authority)
            return Outcome.Refused("AUTHORITY", $"The limit is {needed}, the authority {f.Authority} minor units of {Context.BaseCurrency}.");
        rare.LimitRequests.Remove(request);
        rare.LimitVersion++;
        rare.Steps.Clear();
        rare.Steps.Add(new LimitStepState { From = 0, To = 0, Kind = request.Kind, Amount = request.Amount });
        Account.LimitCurrency = request.Currency;
        TakeStepOfToday();
        TellLimit("credit.limit.set", before, request.Id, request.Actor, [f.Actor], request.Reason);
        return Outcome.Applied;
    }

    private Outcome GrantTemporary(TemporaryLimitGranted f)
    {
        var rare = book.RareFor(Slot);
        var known = rare.Temporary.Find(t => t.Id == f.TemporaryId);
        if (known is not null) return Graded(known.Content, f.TemporaryId);
        if (f.To <= f.From) return Outcome.Refused("BAD_PERIOD", "A temporary limit ends after it begins.");
        rare.Temporary.Add(new TemporaryLimitState
        {
            Id = f.TemporaryId, Content = Content, Amount = f.Amount, Currency = f.Currency, From = f.From, To = f.To,
            Orders = [.. f.Orders], Once = f.Once,
        });
        return Outcome.Applied;
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
        var seasons = book.RareFor(Slot).Seasons;
        seasons.RemoveAll(s => s.Id == f.SeasonId);
        seasons.Add(new SeasonState { Id = f.SeasonId, FromMonthDay = f.FromMonthDay, ToMonthDay = f.ToMonthDay, UpliftBp = f.UpliftBp });
        return Outcome.Applied;
    }

    private Outcome RemoveSeason(SeasonalLimitRemoved f) =>
        book.RareFor(Slot).Seasons.RemoveAll(s => s.Id == f.SeasonId) > 0 ? Outcome.Applied : Outcome.Superseded;

    private Outcome AssignTerms(TermsAssigned f)
    {
        Account.Terms = book.Names.Of(f.Terms);
        var rare = book.RareFor(Slot);
        (rare.TermsRank, rare.DiscountRank, rare.NetDays) = (f.Rank, f.DiscountRank, f.NetDays);
        if (f.Kind == TermsKind.Prepay) Account.Flags |= AccountFlags.PrepayOnly;
        return Outcome.Applied;
    }

    private Outcome GrantCover(CoverGranted f)
    {
        var rare = book.RareFor(Slot);
        var known = rare.Covers.Find(c => c.Id == f.CoverId);
        if (known is not null) return f.Version > known.Version ? Outcome.Conflict($"Cover '{f.CoverId}' was granted before.") : Graded(known.Content, f.CoverId);
        var cover = new CoverState { Id = f.CoverId, Content = Content };
        TakeCover(cover, f);
        rare.Covers.Add(cover);
        return Outcome.Applied;
    }

    private Outcome ChangeCover(CoverChanged f)
    {
        var known = book.RareOf(Slot)?.Covers.Find(c => c.Id == f.CoverId);
        if (known is null) return Park(DocumentKind.Customer, f.CoverId);
        if (f.Version <= known.Version) return Outcome.Superseded;
        TakeCover(known, f);
        return Outcome.Applied;
    }

    private void TakeCover(CoverState cover, CoverTermsFact f)
    {
        (cover.Version, cover.Kind, cover.Use, cover.Basis) = (f.Version, f.Kind, f.Use, f.Basis);
        (cover.Amount, cover.Currency, cover.Deductible, cover.InsuredBp) = (f.Amount, f.Currency, f.Deductible, f.InsuredBp);
        (cover.AddOnBp, cover.From, cover.To) = (f.AddOnBp, f.From, f.To);
        (cover.MepDays, cover.MaxTermsDays, cover.ClaimLagDays) = (f.MepDays, f.MaxTermsDays, f.ClaimLagDays);
        if (cover.From > Context.Today) book.Wake(Slot, cover.From);
        if (cover.To > 0) book.Wake(Slot, Math.Max(Context.Today + 1, cover.To - cover.ClaimLagDays));
        if (cover.To > 0) book.Wake(Slot, cover.To + 1);
    }

    private Outcome StopCover(CoverStopped f)
    {
        var known = book.RareOf(Slot)?.Covers.Find(c => c.Id == f.CoverId);
        if (known is null) return Park(DocumentKind.Customer, f.CoverId);
        if (f.Version <= known.StopVersion) return Outcome.Superseded;
        (known.StoppedOn, known.StopVersion) = (f.StoppedOn, f.Version);
        return Outcome.Applied;
    }

    private Outcome EndCover(CoverEnded f)
    {
        var known = book.RareOf(Slot)?.Covers.Find(c => c.Id == f.CoverId);
        if (known is null) return Park(DocumentKind.Customer, f.CoverId);
        if (f.Version <= known.EndVersion) return Outcome.Superseded;
        (known.EndedOn, known.EndVersion) = (f.EndedOn, f.Version);
        return Outcome.Applied;
    }

    private Outcome CompleteReview(ReviewCompleted f)
    {
        var rare = book.RareFor(Slot);
        if (f.ReviewedOn < rare.ReviewedOn) return Outcome.Superseded;
        (rare.ReviewedOn, rare.NextReviewOn) = (f.ReviewedOn, f.NextOn);
        if (f.EligibleMax > 0) rare.EligibleMax = f.EligibleMax;
        return Outcome.Applied;
    }

    private Outcome ReportExternal(ExternalExposureReported f)
    {
        var rare = book.RareFor(Slot);
        var known = rare.Externals.Find(e => e.System == f.System);
        if (known is not null && (f.AsOn, f.Time.Micros).CompareTo((known.AsOn, known.Time.Micros)) is var order
            && (order < 0 || (order == 0 && string.CompareOrdinal(f.EventId, known.EventId) <= 0)))
            return Outcome.Superseded;
        if (Refuses(f.Amount, out var refusal)) return refusal;
        Weigh(f.Amount);
        if (known is null) rare.Externals.Add(known = new ExternalState { System = f.System, Currency = f.Currency });
        book.Ledgers[book.LedgerOf(Slot, known.Currency)].Sums[(int)Part.External] -= known.Amount;
        (known.Amount, known.Currency, known.AsOn, known.Time, known.EventId) = (f.Amount, f.Currency, f.AsOn, f.Time, f.EventId);
        book.Ledgers[book.LedgerOf(Slot, known.Currency)].Sums[(int)Part.External] += known.Amount;
        return Outcome.Applied;
    }

    /// <summary>Takes all open orders out, changes what their split depends on, and puts them in again.</summary>
    private void Rebook(Action change)
    {
        for (var slot = Account.Orders.First; slot != 0; slot = book.Orders[slot].Next) book.CountOrder(slot, -1, Context);
        change();
        for (var slot = Account.Orders.First; slot != 0; slot = book.Orders[slot].Next) book.CountOrder(slot, +1, Context);
    }
}
