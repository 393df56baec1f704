namespace ExposureMonitor.Domain;

/// <summary>The exposure of one customer in one currency, by component; each sum was converted once.</summary>
internal struct Exposure
{
    internal Currency Currency;
    internal Int128 OrdersInside, OrdersOutside, HeldInside, HeldOutside, Delivered, Billed, Receivables, Acceptances,
        PaymentsAtRisk, Unapplied, Reserved, External;

    /// <summary>What the haircut adds in limit steps for exposure in other currencies.</summary>
    internal Int128 Haircut;

    /// <summary>A currency without a rate: figures leave it out, and checks hold.</summary>
    internal Currency Missing;

    internal bool HeldCounts;

    /// <summary>S(h): may be below 0.</summary>
    internal readonly Int128 Sum => OrdersInside + Delivered + Billed + Receivables + Acceptances + PaymentsAtRisk
        + Reserved + External + (HeldCounts ? HeldInside : 0) - Unapplied;

    /// <summary>Gross(h), the exposure.</summary>
    internal readonly Int128 Gross => Int128.Max(0, Sum);

    /// <summary>Shown; helps the customer's own next order.</summary>
    internal readonly Int128 CreditBalance => Int128.Max(0, -Sum);

    /// <summary>Measures an account under a context, in a currency.</summary>
    internal static Exposure Of(Book book, int slot, PartitionContext context, Currency currency)
    {
        var policy = book.PolicyOf(slot, context);
        var e = new Exposure { Currency = currency, HeldCounts = policy.HeldCounts };
        for (var ledger = book.Account(slot).Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
        {
            ref var record = ref book.Ledgers[ledger];
            if (record.Currency != currency && context.Convert(1, record.Currency, currency) is null)
            {
                if (!IsEmpty(record.Sums)) e.Missing = record.Currency;
                continue;
            }

            var before = e.Sum;
            e.OrdersInside += In(ref record, Part.OrdersInside, context, currency);
            e.OrdersOutside += In(ref record, Part.OrdersOutside, context, currency);
            e.HeldInside += In(ref record, Part.HeldInside, context, currency);
            e.HeldOutside += In(ref record, Part.HeldOutside, context, currency);
            e.Delivered += In(ref record, Part.Delivered, context, currency);
            e.Billed += In(ref record, Part.Billed, context, currency);
            e.Receivables += In(ref record, Part.Receivables, context, currency);
            e.Acceptances += In(ref record, Part.Acceptances, context, currency);
            e.PaymentsAtRisk += In(ref record, Part.PaymentsAtRisk, context, currency);
            e.Unapplied += In(ref record, Part.Unapplied, context, currency);
            e.Reserved += In(ref record, Part.Reserved, context, currency);
            e.External += In(ref record, Part.External, context, currency);
            if (record.Currency != currency) e.Haircut += HaircutOf(e.Sum - before, record.Currency, policy, context);
        }

        return e;
    }

    /// <summary>The haircut of an amount in another currency: doubled when its rate is stale, rounded up.</summary>
    internal static Int128 HaircutOf(Int128 amount, Currency from, Policy policy, PartitionContext context)
    {
        if (amount <= 0) return 0;
        var bp = policy["fxHaircutBp"];
        if (context.RateOf(from) is { } rate && from != context.BaseCurrency
            && context.Today - rate.AsOf.UtcDate.DayNumber > policy["fxStaleDays"]) bp *= 2;
        return Rounding.Up(amount * bp, 10_000);
    }

    private static Int128 In(ref LedgerRecord ledger, Part part, PartitionContext context, Currency currency) =>
        context.Convert(ledger.Sums[(int)part], ledger.Currency, currency) ?? 0;

    private static bool IsEmpty(in Sums sums)
    {
        for (var i = 0; i < (int)Part.Count; i++)
            if (sums[i] != 0) return false;
        return true;
    }
}

/// <summary>What serves as the limit now, after all rules of credit.md 8.2.</summary>
/// <param name="Amount">Minor units of the limit currency; 0 unless <paramref name="Kind"/> is an amount.</param>
/// <param name="Expired">The schedule ended and its grace is over: the reason is LIMIT_EXPIRED.</param>
internal readonly record struct EffectiveLimit(LimitKind Kind, long Amount, bool Expired)
{
    internal static EffectiveLimit Of(Book book, int slot, PartitionContext context, Instant now, bool withTemporary = true)
    {
        ref var account = ref book.Account(slot);
        var policy = book.PolicyOf(slot, context);
        var (kind, amount, expired) = (account.LimitKind, account.LimitAmount, false);
        if (book.RareOf(slot) is not { } rare) return Fallback(kind, amount, account.Flags, policy);

        if (kind == LimitKind.NotSet && rare.Steps.Count > 0 && LastEnded(rare, context.Today) is { } last)
        {
            (kind, amount) = (last.Kind, last.Amount);
            expired = context.Today - last.To >= policy["limitExpiryGraceDays"];
        }

        if (kind == LimitKind.NotSet) return Fallback(kind, amount, account.Flags, policy);
        if (kind == LimitKind.Unlimited) return new EffectiveLimit(kind, 0, expired);
        var basis = (Int128)amount;
        if (amount > 0 && !rare.Mandatory) basis = Rounding.Down(basis * (10_000 + UpliftBp(rare, context.Today)), 10_000);
        if (withTemporary)
            foreach (var temporary in rare.Temporary)
                if (!temporary.Ended && temporary.Orders.Count == 0 && temporary.From <= now && now < temporary.To
                    && context.Convert(temporary.Amount, temporary.Currency, account.LimitCurrency) is { } instead)
                    basis = instead;
        if (!rare.Mandatory)
            foreach (var cover in rare.Covers)
                if (cover.Use == CoverUse.RaisesLimit && Covers.InForce(cover, context.Today)
                    && context.Convert(cover.Amount, cover.Currency, account.LimitCurrency) is { } value)
                    basis += Rounding.Down(value * cover.AddOnBp, 10_000);
        if (rare.EligibleMax >= 0) basis = Int128.Min(basis, rare.EligibleMax);
        return new EffectiveLimit(LimitKind.Amount, Rounding.Pin(basis), expired);
    }

    /// <summary>A provisional account has no default; any other falls through to its segment's.</summary>
    private static EffectiveLimit Fallback(LimitKind kind, long amount, AccountFlags flags, Policy policy)
    {
        if (kind != LimitKind.NotSet) return new EffectiveLimit(kind, kind == LimitKind.Amount ? amount : 0, false);
        var standard = policy["segmentDefaultLimit"];
        return standard < 0 || (flags & AccountFlags.Provisional) != 0 ? default : new EffectiveLimit(LimitKind.Amount, standard, false);
    }

    private static LimitStepState? LastEnded(Rare rare, int today)
    {
        LimitStepState? last = null;
        foreach (var step in rare.Steps)
            if (step.To != 0 && step.To <= today && (last is null || step.To > last.To)) last = step;
        return last;
    }

    private static int UpliftBp(Rare rare, int today)
    {
        var date = DateOnly.FromDayNumber(today);
        var monthDay = date.Month * 100 + date.Day;
        var uplift = 0;
        foreach (var season in rare.Seasons)
        {
            var inside = season.FromMonthDay <= season.ToMonthDay
                ? monthDay >= season.FromMonthDay && monthDay <= season.ToMonthDay
                : monthDay >= season.FromMonthDay || monthDay <= season.ToMonthDay;
            if (inside) uplift = Math.Max(uplift, season.UpliftBp);
        }

        return uplift;
    }
}

/// <summary>Cover: what pays if the buyer does not (credit.md section 11).</summary>
internal static class Covers
{
    /// <summary>True while the instrument is in force on a day.</summary>
    internal static bool InForce(CoverState cover, int today)
    {
        if (today < cover.From || (cover.EndedOn != 0 && today >= cover.EndedOn)) return false;
        if (cover.To == 0) return true;
        if (cover.Kind == CoverKind.BankGuarantee) return today <= cover.To - cover.ClaimLagDays;
        return today <= cover.To || (cover.Kind == CoverKind.Insurance && cover.Basis == CoverBasis.Delivery);
    }

    /// <summary><c>max(0, share × min(value, eligible) − deductible)</c>, rounded down.</summary>
    internal static Int128 Of(Int128 value, Int128 eligible, int shareBp, Int128 deductible) =>
        Int128.Max(0, Rounding.Down(Int128.Min(value, eligible) * shareBp, 10_000) - deductible);

    /// <summary>Cover of an account in a currency, most certain first; later covers see what is left.</summary>
    internal static Int128 Total(Book book, int slot, PartitionContext context, in Exposure exposure)
    {
        if (book.RareOf(slot) is not { Covers.Count: > 0 } rare) return 0;
        Int128 total = 0;
        var left = exposure.Gross;
        var shipped = Int128.Min(left, exposure.Delivered + exposure.Billed + exposure.Receivables);
        foreach (var kind in (ReadOnlySpan<CoverKind>)[CoverKind.Deposit, CoverKind.BankGuarantee, CoverKind.Insurance, CoverKind.ParentGuarantee])
        {
            foreach (var cover in rare.Covers)
            {
                if (cover.Kind != kind || cover.Use != CoverUse.ReducesRisk || !InForce(cover, context.Today)) continue;
                if (context.Convert(cover.Amount, cover.Currency, exposure.Currency) is not { } value
                    || context.Convert(cover.Deductible, cover.Currency, exposure.Currency) is not { } deductible) continue;
                var eligible = kind == CoverKind.Deposit ? left : Int128.Min(left, shipped);
                if (kind == CoverKind.Insurance) eligible = Int128.Min(eligible, Insurable(book, slot, context, cover, exposure.Currency));
                var share = kind is CoverKind.Insurance or CoverKind.ParentGuarantee && cover.InsuredBp > 0 ? cover.InsuredBp : 10_000;
                var amount = Of(value, eligible, share, deductible);
                total += amount;
                // The items that carry this cover are used up by it, also their uninsured share.
                var used = kind == CoverKind.Insurance ? amount : Int128.Min(amount, left);
                (left, shipped) = (left - used, Int128.Max(0, shipped - used));
            }
        }

        return total;
    }

    /// <summary>Items that an insurance may cover: delivered inside the period and before a stop, terms not too long, undisputed part.</summary>
    private static Int128 Insurable(Book book, int slot, PartitionContext context, CoverState cover, Currency currency)
    {
        Int128 sum = 0;
        var last = cover.StoppedOn != 0 ? cover.StoppedOn : int.MaxValue;
        if (cover.To != 0) last = Math.Min(last, cover.To);
        for (var item = book.Account(slot).OpenItem; item != 0; item = book.Items[item].OpenNext)
        {
            ref var record = ref book.Items[item];
            if (record.IssuedOn < cover.From || record.IssuedOn > last) continue;
            if (cover.MaxTermsDays > 0 && record.DueOn - record.IssuedOn > cover.MaxTermsDays) continue;
            if (cover.MepDays > 0 && OverdueAt(book, slot, record.IssuedOn, item) > cover.MepDays) continue;
            var open = Book.OpenOf(record);
            sum += context.Convert(open - Math.Min(open, record.Disputed), record.Currency, currency) ?? 0;
        }

        return sum;
    }

    /// <summary>Longest delay of the other open items on a day.</summary>
    private static int OverdueAt(Book book, int slot, int day, int except)
    {
        var longest = 0;
        for (var item = book.Account(slot).OpenItem; item != 0; item = book.Items[item].OpenNext)
            if (item != except && book.Items[item].IssuedOn < day) longest = Math.Max(longest, day - book.Items[item].DueOn);
        return longest;
    }
}
