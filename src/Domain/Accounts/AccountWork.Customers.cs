namespace ExposureMonitor.Domain;

/// <summary>Master data, terms, grade and review: no value moves, but reasons and signals are judged again.</summary>
internal sealed partial class AccountWork
{
    private Outcome OpenCustomer(CustomerOpened f)
    {
        if ((Account.Flags & AccountFlags.Provisional) == 0) return Graded(Account.OpenedContent, f.Customer);
        Account.Flags &= ~AccountFlags.Provisional;
        Account.OpenedContent = Content;
        TakeProfile(f.Profile, 0);
        if (f.CustomerSince > 0) book.HabitsFor(Slot).Since = f.CustomerSince;
        if (f.Currency.IsKnown && Account.LimitKind == LimitKind.NotSet) Account.LimitCurrency = f.Currency;
        return Outcome.Applied;
    }

    private Outcome ChangeCustomer(CustomerChanged f) => TakeProfile(f.Profile, f.Version) ? Outcome.Applied : Outcome.Superseded;

    private Outcome Reparent(CustomerReparented f)
    {
        if (!Newer(ProfileField.Parent, f.Version)) return Outcome.Superseded;
        WishParent(f.ParentId, f.EffectiveOn);
        if (Newer(ProfileField.Share, f.Version)) book.RareFor(Slot).ShareBp = f.ShareBp;
        return Outcome.Applied;
    }

    /// <summary>Per field the highest version wins; opening is version 0. False when no field was newer than what is known.</summary>
    private bool TakeProfile(CustomerProfile p, long version)
    {
        var taken = false;
        if (Told(ProfileField.Segment, p.Segment) && book.Names.Of(p.Segment) is var segment && segment != Account.Segment) Resegment(segment);
        if (Told(ProfileField.Country, p.Country)) Account.Country = book.Names.Of(p.Country);
        if (Told(ProfileField.Industry, p.Industry)) Account.Industry = book.Names.Of(p.Industry);
        if (Told(ProfileField.Controller, p.Controller)) Account.Controller = book.Names.Of(p.Controller);
        if (Told(ProfileField.Tier, p.Tier)) Account.Tier = book.Names.Of(p.Tier);
        if (Told(ProfileField.Parent, p.ParentId)) WishParent(p.ParentId, 0);
        if (p.ShareBp > 0 && Take(ProfileField.Share)) book.RareFor(Slot).ShareBp = p.ShareBp;
        if (Told(ProfileField.Status, p.Status)) Account.Status = book.Names.Of(p.Status);
        if (p.GraceDays > 0 && Take(ProfileField.GraceDays)) book.RareFor(Slot).GraceDays = p.GraceDays;
        if (p.CheckExempt != YesNo.Unsaid && Take(ProfileField.CheckExempt)) SetFlag(AccountFlags.CheckExempt, p.CheckExempt == YesNo.Yes);
        if (p.PrepayOnly != YesNo.Unsaid && Take(ProfileField.PrepayOnly)) SetFlag(AccountFlags.PrepayOnly, p.PrepayOnly == YesNo.Yes);
        if (Told(ProfileField.Name, p.Name)) Say(new PartyNamed { Name = p.Name });
        return taken;

        bool Told(ProfileField field, string value) => value.Length > 0 && Take(field);

        bool Take(ProfileField field)
        {
            var newer = version == 0 ? (book.RareOf(Slot)?.FieldVersions?[(int)field] ?? 0) == 0 : Newer(field, version);
            taken |= newer;
            return newer;
        }
    }

    private bool Newer(ProfileField field, long version)
    {
        ref var known = ref (book.RareFor(Slot).FieldVersions ??= new long[(int)ProfileField.Count])[(int)field];
        if (version <= known) return false;
        known = version;
        return true;
    }

    private void SetFlag(AccountFlags flag, bool on)
    {
        if (on) Account.Flags |= flag;
        else Account.Flags &= ~flag;
    }

    private Outcome CloseCustomer(CustomerClosed f)
    {
        var rare = book.RareFor(Slot);
        if (f.Version <= rare.ClosedVersion) return Outcome.Superseded;
        rare.ClosedVersion = f.Version;
        Account.Flags |= AccountFlags.Closed;
        return Outcome.Applied;
    }

    private Outcome AssignTerms(TermsAssigned f)
    {
        var (setAt, setBy) = (Account.TermsSetAt, Account.TermsSetBy);
        if (f.Time < setAt || (f.Time == setAt && string.CompareOrdinal(f.EventId, book.Texts.Get(setBy)) <= 0)) return Outcome.Superseded;
        book.Texts.Free(setBy);
        (Account.TermsSetAt, Account.TermsSetBy, Account.Terms) = (f.Time, book.Texts.Add(f.EventId), book.Names.Of(f.Terms));
        (Account.TermsRank, Account.DiscountRank, Account.NetDays) = ((short)f.Rank, (short)f.DiscountRank, (short)f.NetDays);
        SetFlag(AccountFlags.PrepayTerms, f.Kind == TermsKind.Prepay);
        return Outcome.Applied;
    }

    /// <summary>A person's grade wins over the computed one until it is stale; two people agree on it.</summary>
    private Outcome OverrideGrade(RatingOverridden f)
    {
        var agrees = false;
        foreach (var approver in f.ApprovedBy) agrees |= approver != f.By;
        if (!agrees) return Outcome.Refused("SELF_APPROVAL", "Another grade needs a second person.");
        var rare = book.RareFor(Slot);
        if (!rare.GradeSet.Takes(f)) return Outcome.Superseded;
        (rare.Grade, rare.GradeStaleOn) = (f.Grade, f.StaleAt);
        WakeAhead(f.StaleAt);
        return Outcome.Applied;
    }

    private Outcome CompleteReview(ReviewCompleted f)
    {
        var rare = book.RareFor(Slot);
        if (!rare.ReviewSet.Takes(f)) return Outcome.Superseded;
        rare.ReviewBefore = rare.NextReviewOn;
        (rare.ReviewedOn, rare.NextReviewOn) = (f.ReviewedOn, f.NextOn);
        if (f.EligibleMax >= 0) rare.EligibleMax = f.EligibleMax;
        return Outcome.Applied;
    }

    private Outcome ReportExternal(ExternalExposureReported f)
    {
        var rare = book.RareFor(Slot);
        var known = rare.Externals.Find(e => e.System == f.System);
        if (known is not null && (f.AsOn, f.Time.Micros).CompareTo((known.AsOn, known.Time.Micros)) is var order
            && (order < 0 || (order == 0 && string.CompareOrdinal(f.EventId, known.EventId) <= 0)))
            return Outcome.Superseded;
        // Nothing owed elsewhere is a report as well.
        if (f.Amount != 0 && Refuses(f.Amount, out var refusal)) return refusal;
        Weigh(f.Amount);
        if (known is null) Few.Add(ref rare.Externals, known = new ExternalState { System = f.System, Currency = f.Currency });
        book.Ledgers[book.LedgerOf(Slot, known.Currency)].Sums[(int)Part.External] -= known.Amount;
        (known.Amount, known.Currency, known.AsOn, known.Time, known.EventId) = (f.Amount, f.Currency, f.AsOn, f.Time, f.EventId);
        book.Ledgers[book.LedgerOf(Slot, known.Currency)].Sums[(int)Part.External] += known.Amount;
        return Outcome.Applied;
    }

    /// <summary>Another segment has another horizon: orders that come inside are judged like those of a day start.</summary>
    private void Resegment(short segment)
    {
        _entering.Clear();
        for (var slot = Account.Orders.First; slot != 0; slot = book.Orders[slot].Next) book.CountOrder(slot, -1, Context);
        var last = Context.Today + Policy.HorizonDays;
        Account.Segment = segment;
        for (var slot = Account.Orders.First; slot != 0; slot = book.Orders[slot].Next)
        {
            book.CountOrder(slot, +1, Context);
            ref var order = ref book.Orders[slot];
            var undelivered = book.Undelivered(order);
            if (order.State == OrderState.Accepted && undelivered > 0 && InsideOf(slot) > book.InsideOf(slot, order, undelivered, last)) _entering.Add(slot);
        }

        JudgeAgain(_entering, Entering);
    }
}
