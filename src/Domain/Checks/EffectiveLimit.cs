namespace ExposureMonitor.Domain;

/// <summary>What serves as the limit now, after all rules of credit.md 8.2.</summary>
/// <param name="Amount">Minor units of the limit currency; 0 unless <paramref name="Kind"/> is an amount.</param>
/// <param name="Expired">The schedule ended and the policy blocks by now: the reason is LIMIT_EXPIRED.</param>
/// <param name="EndedOn">Day on which the last step of the schedule ended, or 0 while one serves.</param>
internal readonly record struct EffectiveLimit(LimitKind Kind, long Amount, bool Expired, int EndedOn)
{
    /// <summary>The own limit, and no more than the group's as last told by the parent.</summary>
    internal static EffectiveLimit Of(Book book, int slot, PartitionContext context, Instant now, bool withTemporary = true, bool withCovers = true)
    {
        var own = Own(book, slot, context, now, withTemporary, withCovers);
        return book.RareOf(slot) is { Group: { } group, OutsideGroup: false } ? own.Within(group, book.Account(slot), context) : own;
    }

    /// <summary>The group binds also whom nobody decided a limit, and whose limit is unlimited; a provisional account falls through to nothing.</summary>
    private EffectiveLimit Within(GroupState group, in AccountRecord account, PartitionContext context)
    {
        if (Kind == LimitKind.NotSet && (account.Flags & AccountFlags.Provisional) != 0) return this;
        var (kind, amount) = (Kind, Amount);
        foreach (var pair in group.Held)
        {
            if (pair.Former || !pair.IsTold || !pair.Binds) continue;
            var limit = pair.Currency == account.LimitCurrency ? pair.Limit : Rounding.Pin(context.Convert(pair.Limit, pair.Currency, account.LimitCurrency) ?? 0);
            (kind, amount) = (LimitKind.Amount, kind == LimitKind.Amount ? Math.Min(amount, limit) : limit);
        }

        return new EffectiveLimit(kind, amount, Expired, EndedOn);
    }

    /// <summary>The limit of the customer alone.</summary>
    internal static EffectiveLimit Own(Book book, int slot, PartitionContext context, Instant now, bool withTemporary = true, bool withCovers = true)
    {
        ref var account = ref book.Account(slot);
        var policy = book.PolicyOf(slot, context);
        var (kind, amount, expired, endedOn) = (account.LimitKind, account.LimitAmount, false, 0);
        var rare = book.RareOf(slot);
        // Nearly every customer has an amount, and nothing that raises, ends or caps it.
        if (kind == LimitKind.Amount && rare is null && !policy.HasTiers) return new EffectiveLimit(kind, amount, false, 0);
        if (kind == LimitKind.NotSet && rare is not null && LastEnded(rare, context.Today) is { } last)
        {
            endedOn = last.To;
            var late = context.Today - last.To;
            var how = policy[Parameter.LimitExpiry];
            (kind, amount) = how == 1 ? (LimitKind.Amount, 0) : (last.Kind, last.Amount);
            expired = how == 0 || (how == 2 && late >= policy[Parameter.LimitExpiryGraceDays]);
        }

        // Whom nobody decided a limit falls through to a default; a temporary limit replaces whatever serves.
        if (kind == LimitKind.NotSet) (kind, amount) = Fallback(book, slot, policy, context);
        // A limit of 0 that is mandatory is raised by nothing.
        if (kind == LimitKind.Amount && amount == 0 && rare is { Mandatory: true }) return new EffectiveLimit(kind, 0, expired, endedOn);
        var temporary = withTemporary && rare is not null ? Temporary(rare, context, account.LimitCurrency, now) : null;
        if (temporary is not null) (kind, expired) = (LimitKind.Amount, false);
        if (kind != LimitKind.Amount) return new EffectiveLimit(kind, 0, expired, endedOn);
        var basis = rare is null ? amount : Raised(rare, context, account.LimitCurrency, amount, temporary, withCovers);
        if (rare is { EligibleMax: >= 0 }) basis = Int128.Min(basis, rare.EligibleMax);
        if (policy.TierMax(book.Names.Get(account.Tier)) is var most && most >= 0 && context.Convert(most, context.BaseCurrency, account.LimitCurrency) is { } tierMax)
            basis = Int128.Min(basis, tierMax);
        return new EffectiveLimit(LimitKind.Amount, Rounding.Pin(basis), expired, endedOn);
    }

    /// <summary>The temporary limit that serves everything now; the last granted wins, <c>null</c> without one.</summary>
    private static Int128? Temporary(Rare rare, PartitionContext context, Currency currency, Instant now)
    {
        Int128? instead = null;
        foreach (var temporary in rare.Temporary)
            if (!temporary.IsBound && temporary.IsActive(now) && context.Convert(temporary.Amount, temporary.Currency, currency) is { } amount) instead = amount;
        return instead;
    }

    /// <summary>The day's amount, replaced or lifted by its season, and raised by covers. A limit of 0 is raised by cover only.</summary>
    private static Int128 Raised(Rare rare, PartitionContext context, Currency currency, long amount, Int128? temporary, bool withCovers)
    {
        var basis = temporary ?? (amount == 0 ? 0 : Rounding.Down(Math.BigMul(amount, 10_000L + UpliftBp(rare, context.Today)), 10_000));
        if (!withCovers) return basis;
        foreach (var cover in rare.Covers)
            if (Covers.Raises(cover, context.Today) && context.Convert(cover.Amount, cover.Currency, currency) is { } value)
                basis += Rounding.Down(Rounding.Times(value, cover.AddOnBp), 10_000);
        return basis;
    }

    /// <summary>A provisional account has no default; any other falls through to its tier's, then to its segment's.</summary>
    private static (LimitKind Kind, long Amount) Fallback(Book book, int slot, Policy policy, PartitionContext context)
    {
        ref var account = ref book.Account(slot);
        if ((account.Flags & AccountFlags.Provisional) != 0) return default;
        var standard = policy.TierLimit(book.Names.Get(account.Tier));
        if (standard < 0) standard = policy[Parameter.SegmentDefaultLimit];
        return standard >= 0 && context.Convert(standard, context.BaseCurrency, account.LimitCurrency) is { } here ? (LimitKind.Amount, Rounding.Pin(here)) : default;
    }

    private static LimitStepState? LastEnded(Rare rare, int today)
    {
        LimitStepState? last = null;
        foreach (var step in rare.Steps)
        {
            // A step that says "nobody decided" serves today: that is no expiry.
            if (step.From <= today && (step.To == 0 || today < step.To)) return null;
            if (step.To != 0 && step.To <= today && (last is null || step.To > last.To)) last = step;
        }

        return last;
    }

    private static int UpliftBp(Rare rare, int today)
    {
        if (rare.Seasons.Count == 0) return 0;
        var uplift = 0;
        foreach (var season in rare.Seasons)
            if (Contains(season, today)) uplift = Math.Max(uplift, season.UpliftBp);
        return uplift;
    }

    private static bool Contains(SeasonState season, int day)
    {
        var date = DateOnly.FromDayNumber(day);
        var monthDay = date.Month * 100 + date.Day;
        return season.FromMonthDay <= season.ToMonthDay
            ? monthDay >= season.FromMonthDay && monthDay <= season.ToMonthDay
            : monthDay >= season.FromMonthDay || monthDay <= season.ToMonthDay;
    }

    /// <summary>The next day on which a season begins, or is over; <c>null</c> for one that never ends or never comes.</summary>
    internal static int? NextTurn(SeasonState season, int today)
    {
        var inside = Contains(season, today);
        for (var day = today + 1; day <= today + 366; day++)
            if (Contains(season, day) != inside) return day;
        return null;
    }
}
