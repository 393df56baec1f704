namespace ExposureMonitor.Domain;

/// <summary>
/// The account in its group (credit.md section 9): the step of the check that looks at slices, and what follows from an entry
/// for the pairs with parents and children. All of it is local; what others have to know leaves as a message.
/// </summary>
internal sealed partial class AccountWork
{
    private const string HeadroomPending = "GROUP_HEADROOM_PENDING", GroupLimit = "GROUP_LIMIT";

    /// <summary>Rounds of settling and releasing in one entry; each takes from a pool that does not grow.</summary>
    private const int SettlesMax = 16;

    /// <summary>Shared by all accounts, since most have no held order: nobody adds to it.</summary>
    private static readonly List<int> NoOrders = [];

    private Outcome TakeLease(LeaseStatement f)
    {
        var group = book.RareFor(Slot).Group ??= new GroupState();
        var pair = group.PairWith(f.Parent);
        if (f.Parent != group.Parent && pair.Number == 0) pair.Former = true;
        pair.Take(f);
        EndMove(group);
        return Outcome.Applied;
    }

    private Outcome TakeReport(LeaseReport f)
    {
        var group = book.RareFor(Slot).Group ??= new GroupState();
        (group.Lender ??= new Lender { Currency = Account.LimitCurrency }).Take(f);
        return Outcome.Applied;
    }

    /// <summary>Fails while the group is not known yet: nothing may be approved past a limit that was not told.</summary>
    private void JudgeUnknownGroup(Judgement result)
    {
        if (book.RareOf(Slot) is not { Group: { } group, OutsideGroup: false }) return;
        var isNew = group.IsAsking && group.Wish.Length > 0;
        if (isNew || group.Current is { IsTold: false }) Fail(result, HeadroomPending, Reaction.Hold, 0, 0);
    }

    /// <summary>
    /// The group's part of steps 010 and 030: use + document ≤ slice. A parent judges its own orders by what it has not lent,
    /// less what children wait for whose turn comes first.
    /// </summary>
    /// <param name="after">The exposure with the document, in the limit's currency.</param>
    private void JudgeGroup(Judgement result, in Subject subject, Int128 after)
    {
        if (book.RareOf(Slot) is not { Group: { } group, OutsideGroup: false }) return;
        if (group.Lender is { } lender)
        {
            var terms = TermsOf(group, lender);
            if (!terms.Binds) return;
            if (InCurrency(after, lender.Currency) is not { } here)
            {
                Fail(result, "FX_MISSING", Reaction.Hold, 0, 0);
                return;
            }

            var key = subject.Order != 0 ? KeyOf(subject.Order) : new ReleaseKey(IsCheck: true, 0, 0, Now, "");
            var free = terms.Capacity - lender.Lent - lender.KeptBefore(key);
            if (here <= free) return;
            var isRefused = lender.OwnReach >= 0 && here > lender.OwnReach;
            FailGroup(result, isRefused, here, free, here - free, lender.Currency);
            return;
        }

        foreach (var pair in group.Held)
        {
            if (pair.Former || !pair.IsTold || !pair.Binds) continue;
            if (UseIn(pair, after) is not { } use)
            {
                Fail(result, "FX_MISSING", Reaction.Hold, 0, 0);
                return;
            }

            if (use <= pair.Slice) continue;
            var isRefused = pair.Reach >= 0 && use > pair.Reach;
            FailGroup(result, isRefused, use, pair.Slice, isRefused ? use - pair.Reach : use - pair.Slice, pair.Currency);
            return;
        }
    }

    private void FailGroup(Judgement result, bool isRefused, Int128 observed, Int128 threshold, Int128 shortBy, Currency currency)
    {
        Fail(result, isRefused ? GroupLimit : HeadroomPending, Reaction.Hold, Rounding.Pin(observed), Rounding.Pin(threshold));
        var reason = result.Reasons[^1];
        reason.Currency = currency.Code;
        if (Policy.Is(Parameter.ShowExcess)) reason.Excess = Rounding.Pin(shortBy);
        var needs = Context.Convert(shortBy, currency, Account.LimitCurrency) ?? shortBy;
        result.Needs = Math.Max(result.Needs, Rounding.Pin(needs));
    }

    private static bool IsOfGroup(string rule) => rule is HeadroomPending or GroupLimit;

    /// <summary>Nothing but the group's headroom is missing.</summary>
    private static bool LacksHeadroomOnly(Judgement judgement)
    {
        if (!judgement.HasReasons) return false;
        var lacks = false;
        foreach (var reason in judgement.Reasons)
        {
            if (reason.Reaction < Reaction.Hold) continue;
            if (!IsOfGroup(reason.Rule)) return false;
            lacks = true;
        }

        return lacks;
    }

    private bool LacksHeadroomOnly(HoldState hold)
    {
        if (hold.Forced || hold.ManualOnly || IsLeaving(hold.Order)) return false;
        var lacks = false;
        foreach (var reason in hold.Reasons)
        {
            if (IsOfGroup(reason.Rule)) lacks |= reason is { StillValid: true, Observed: > 0 };
            else if (reason.StillValid || (Dwells(reason.Rule) && Now < reason.CuredAt.Plus(DwellMicros))) return false;
        }

        return lacks;
    }

    /// <summary>Settles what the entry means for the pairs, and tells parents and children. The last thing that moves holds.</summary>
    private void KeepGroup()
    {
        if (book.RareOf(Slot) is not { Group: { } group } rare) return;
        if (group.Lender is { } lends)
        {
            for (var round = 0; round < SettlesMax; round++)
            {
                var (reach, held) = (lends.OwnReach, rare.Holds.Count);
                if (!lends.Settle(Customer, TermsOf(group, lends)) && lends.OwnReach == reach) break;
                // The parent's own first order fits, or is refused: it is judged again, and the rest is shared out again.
                rare.Quiet = null;
                JudgeHolds();
                if (rare.Holds.Count == held && lends.OwnReach == reach) break;
            }
        }

        DecideWaiting(group);
        KeepPairs(group, rare);
        if (group.Lender is not { } lender) return;
        foreach (var child in lender.TakeOwed()) Send(child.Child, child.Say(Customer));
    }

    /// <summary>The exposure at the end of the entry, and whether a member has measured it already; the signals, which come next, need it too.</summary>
    private Exposure _exposure;
    private bool _isMeasured;

    private void KeepPairs(GroupState group, Rare rare)
    {
        if (group.Held.Count == 0) return;
        Exposure.Measure(book, Slot, Context, Account.LimitCurrency, out _exposure);
        _isMeasured = true;
        var (policy, sum) = (Policy, _exposure.CheckGross);
        var isMoving = IsMoving(group);
        foreach (var pair in group.Held)
        {
            var isCurrent = pair.Parent == group.Parent;
            // Without a rate the use stands as it was told last; checks hold by themselves then.
            var use = pair.Former || !pair.IsTold ? 0 : Rounding.Pin(UseIn(pair, sum) ?? pair.UseTold);
            var (want, key, least) = isCurrent && pair.IsTold && pair.Binds ? WantOf(group, pair) : default;
            var needs = new LeaseNeeds
            {
                Use = use, Want = want, Key = key, Least = least, IsOutside = rare.OutsideGroup, Now = Now, ShareBp = ShareOf(rare),
                Confirm = isCurrent && isMoving && pair is { IsTold: true, Binds: true, ConfirmIn: 0 }, IsCollected = group.Lender is not { IsAwaiting: true },
                SurplusMicros = policy[Parameter.GroupSurplusMinutes] * 60 * Instant.Second, ReportMicros = policy[Parameter.GroupReportSeconds] * Instant.Second,
            };
            var slice = pair.Slice;
            if (pair.Keep(needs) is var word && word == LeaseWord.None) continue;
            if (pair.Slice != slice) rare.Quiet = null;
            Send(pair.Parent, pair.Say(word, Customer, needs, At));
            if (needs.Confirm) pair.ConfirmIn = pair.OwnNumber;
        }

    }

    /// <summary>
    /// The slice that the first held order in release order needs, or else a check that waits; and the least that would do for one that
    /// was refused. When all were refused the first stays asked for, so that it is judged again whenever the pool grows.
    /// </summary>
    private (long Want, ReleaseKey Key, long Least) WantOf(GroupState group, LeaseHeld pair)
    {
        if (group.Lender is { } lender)
        {
            if (lender.Need == 0 && lender.NeedLeast == 0) return default;
            return (Bound(pair, lender.Need, lender.Currency), lender.NeedKey, Bound(pair, lender.NeedLeast, lender.Currency));
        }

        (long Want, ReleaseKey Key) asked = default, refused = default;
        var least = 0L;
        foreach (var order in ShortOrders()) See(HoldOf(order)!.Reasons.Find(r => IsOfGroup(r.Rule) && r.StillValid)!.Observed, KeyOf(order));
        foreach (var check in group.Checks)
            if (check.Want > 0) See(check.Want, new ReleaseKey(IsCheck: true, 0, 0, check.Until, check.Entry.ToString()));
        return asked.Want > 0 ? (asked.Want, asked.Key, least) : (refused.Want, refused.Key, least);

        void See(long want, ReleaseKey key)
        {
            if (want <= pair.Slice) return;
            if (pair.Reach < 0 || want <= pair.Reach)
            {
                if (asked.Want == 0) asked = (want, key);
                return;
            }

            if (refused.Want == 0) refused = (want, key);
            if (least == 0 || want < least) least = want;
        }
    }

    /// <summary>Held orders that lack only the group's headroom, in release order; none while no rule may release them.</summary>
    private List<int> ShortOrders()
    {
        if (book.RareOf(Slot) is not { Holds.Count: > 0 } rare || !Policy.Is(Parameter.ReleaseAutomatically) || Context.GlobalHold) return NoOrders;
        var orders = new List<int>();
        foreach (var hold in rare.Holds)
            if (LacksHeadroomOnly(hold)) orders.Add(hold.Order);
        if (orders.Count > 1) orders.Sort(InReleaseOrder);
        return orders;
    }

    private ReleaseKey KeyOf(int slot)
    {
        ref var order = ref book.Orders[slot];
        var value = Policy[Parameter.ReleaseOrder] is 2 or 3 ? Rounding.Pin(Context.Convert(book.Undelivered(order), order.Currency, Context.BaseCurrency) ?? 0) : 0;
        var (first, second) = Policy[Parameter.ReleaseOrder] switch
        {
            1 => (order.ShipOn, 0L),
            2 => (value, 0L),
            3 => (-value, 0L),
            _ => (order.Priority, (long)PromiseOf(order)),
        };
        return new ReleaseKey(IsCheck: false, first, second, order.PlacedAt, IdText(order.Id));
    }

    /// <summary>Checks that wait: answered when they fit, when more than headroom is missing, and at the end of their time.</summary>
    private void DecideWaiting(GroupState group)
    {
        for (var i = 0; i < group.Checks.Count; i++)
        {
            var check = group.Checks[i];
            var asked = (CheckCredit)check.Fact;
            var judgement = Judge(SubjectOf(asked));
            if (judgement.Holds && Now < check.Until && IsPendingOnly(judgement))
            {
                check.Want = WantOf(judgement);
                continue;
            }

            group.Checks.RemoveAt(i--);
            Decide(asked, judgement, check.Entry);
        }
    }

    private static bool IsPendingOnly(Judgement judgement) => LacksHeadroomOnly(judgement) && judgement.Reasons.Exists(r => r.Rule == HeadroomPending);

    private static long WantOf(Judgement judgement) => judgement.Reasons.Find(r => IsOfGroup(r.Rule))?.Observed ?? 0;
}
