namespace ExposureMonitor.Domain;

/// <summary>Figures of the group: what the account uses in the eyes of a parent, and by what it lends to its own children.</summary>
internal sealed partial class AccountWork
{
    /// <summary>No limit of an amount; far from any sum that could overflow.</summary>
    private const long Boundless = long.MaxValue / 8;

    private static int ShareOf(Rare rare) => rare.ShareBp > 0 ? rare.ShareBp : 10_000;

    /// <summary>An amount of the limit's currency in another one, with the haircut of limit steps; <c>null</c> without a rate.</summary>
    private Int128? InCurrency(Int128 amount, Currency to)
    {
        amount = Int128.Max(0, amount);
        if (Account.LimitCurrency == to) return amount;
        return Context.Convert(amount, Account.LimitCurrency, to) is { } here ? here + Exposure.HaircutOf(here, Account.LimitCurrency, to, Policy, Context) : null;
    }

    /// <summary>
    /// The use that a parent sees at an exposure: the customer's share of it, rounded up; of a parent in between all that it has
    /// lent as well. Never below 0: a credit balance lifts no sibling.
    /// </summary>
    private Int128? UseIn(LeaseHeld pair, Int128 exposure)
    {
        var rare = book.RareFor(Slot);
        var share = ShareOf(rare);
        if (rare.Group?.Lender is not { } lender) return InCurrency(exposure, pair.Currency) is { } own ? ShareUp(own, share) : null;
        return InCurrency(exposure, lender.Currency) is { } here && Context.Convert(here + lender.Lent, lender.Currency, pair.Currency) is { } use ? ShareUp(use, share) : null;
    }

    /// <summary>Most members count in whole, and need no division for it.</summary>
    private static Int128 ShareUp(Int128 amount, int share) => share == 10_000 ? amount : Rounding.Up(amount * share, 10_000);

    /// <summary>A capacity of this account's group as a slice of the parent's.</summary>
    private long Bound(LeaseHeld pair, long capacity, Currency currency) => capacity == 0
        ? 0
        : Rounding.Pin(ShareUp(Context.Convert(capacity, currency, pair.Currency) ?? capacity, ShareOf(book.RareFor(Slot))));

    /// <summary>The other way round, rounded down: what may be used by it here.</summary>
    private long Usable(LeaseHeld pair, long slice, Currency currency) =>
        Rounding.Pin(Rounding.Down((Context.Convert(Int128.Max(0, slice), pair.Currency, currency) ?? 0) * 10_000, ShareOf(book.RareFor(Slot))));

    /// <summary>By what the account lends now.</summary>
    private LendingTerms TermsOf(GroupState group, Lender lender)
    {
        var policy = Policy;
        if (lender.NeverLent) lender.Currency = Account.LimitCurrency;
        var own = EffectiveLimit.Own(book, Slot, Context, Now);
        var used = Exposure.Of(book, Slot, Context, Account.LimitCurrency).CheckGross;
        var use = Rounding.Pin(InCurrency(used, lender.Currency) ?? used);
        var (binds, most, told, above) = (false, Boundless, Boundless, -1L);
        if (own.Kind == LimitKind.Amount)
        {
            // Rounded down: never a cent more than the limit says.
            most = Rounding.Pin(Context.Convert(own.Amount, Account.LimitCurrency, lender.Currency) ?? 0);
            (binds, told) = (true, most);
        }

        var capacity = own.Expired ? Math.Min(most, Rounding.Pin(use + lender.Lent)) : most;
        var recall = false;
        foreach (var pair in group.Held)
        {
            if (pair.Former || book.RareFor(Slot).OutsideGroup) continue;
            // Before the parent has spoken nothing more is lent.
            var slice = !pair.IsTold ? Rounding.Pin(use + lender.Lent) : pair.Binds ? Usable(pair, pair.Slice, lender.Currency) : Boundless;
            binds |= !pair.IsTold || pair.Binds;
            capacity = Math.Min(capacity, slice);
            if (!pair.IsTold || !pair.Binds) continue;
            recall |= pair.Recall > 0;
            var limit = Usable(pair, pair.Limit, lender.Currency);
            (most, told) = (Math.Min(most, limit), Math.Min(told, Rounding.Pin(Context.Convert(pair.Limit, pair.Currency, lender.Currency) ?? 0)));
            if (pair.Parent == group.Parent && pair.Reach >= 0) above = Usable(pair, pair.Reach, lender.Currency);
        }

        var (want, key, least) = OwnWant(group, lender, use);
        return new LendingTerms
        {
            Binds = binds, Capacity = capacity, CapacityMost = own.Expired ? capacity : Math.Max(most, capacity), CapacityAbove = above, KindTold = binds ? LimitKind.Amount : LimitKind.Unlimited,
            LimitTold = binds ? told : 0, Currency = lender.Currency, OwnUse = use, OwnWant = want, OwnKey = key, OwnLeast = least, RecallAbove = recall, Now = Now,
            AnswerMicros = policy[Parameter.GroupAnswerSeconds] * Instant.Second, SlackDivisor = policy.Int(Parameter.GroupSlackDivisor),
        };
    }

    /// <summary>
    /// The own use with the parent's first order that lacks headroom and can be had, or with the first check that waits; when all were refused,
    /// with the first of them. And the least of those that were refused.
    /// </summary>
    private (long Want, ReleaseKey Key, long Least) OwnWant(GroupState group, Lender lender, long use)
    {
        (long Want, ReleaseKey Key) asked = default, refused = default;
        var least = 0L;
        foreach (var order in ShortOrders()) See(HoldOf(order)!.Reasons.Find(r => IsOfGroup(r.Rule) && r.StillValid)!.Observed, KeyOf(order));
        foreach (var check in group.Checks)
            if (check.Want > 0) See(check.Want, new ReleaseKey(IsCheck: true, 0, 0, check.Until, check.Entry.ToString()));
        return asked.Want > 0 ? (asked.Want, asked.Key, least) : (refused.Want, refused.Key, least);

        void See(long want, ReleaseKey key)
        {
            if (want <= use) return;
            if (lender.OwnReach < 0 || want <= lender.OwnReach)
            {
                if (asked.Want == 0) asked = (want, key);
                return;
            }

            if (refused.Want == 0) refused = (want, key);
            if (least == 0 || want < least) least = want;
        }
    }

    /// <summary>Use of the whole group: the own exposure and what the children last reported, each with its share.</summary>
    private Int128 GroupUse(Lender lender)
    {
        var used = Exposure.Of(book, Slot, Context, Account.LimitCurrency).CheckGross;
        return (InCurrency(used, lender.Currency) ?? used) + lender.Used;
    }
}
