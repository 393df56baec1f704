namespace ExposureMonitor.Domain;

/// <summary>When a pass over held orders can be left out, because nothing that it looks at has changed.</summary>
internal sealed partial class AccountWork
{
    /// <summary>
    /// True when the pass would change nothing but the orders that changed since the last one, and these stay held: they
    /// are judged here. False when all of them have to be judged.
    /// </summary>
    private bool StaysQuiet(Rare rare)
    {
        if (rare.Quiet is not { } quiet || book.JudgesEveryHold) return false;
        var standing = Stand();
        if (MayNotBeQuiet(rare, standing) || InputsOf(standing) != quiet.Inputs)
        {
            rare.Quiet = null;
            return false;
        }

        var rests = true;
        if (quiet.Changed.Count > 1) quiet.Changed.Sort(InReleaseOrder);
        foreach (var order in quiet.Changed)
        {
            if (HoldOf(order) is not { } hold || IsLeaving(order)) continue;
            var judgement = Judge(SubjectOf(order, isNew: true), standing);
            if (!IsHeldBy(hold, judgement))
            {
                // It is cured, or dwells: who comes before and behind it matters now.
                rare.Quiet = null;
                return false;
            }

            TryRelease(hold, judgement, mayRelease: false);
            rests &= !MovesByTime(hold);
            if (DeadlineOf(hold) is var due && due < quiet.Deadline) quiet.Deadline = due;
        }

        quiet.Changed.Clear();
        if (!rests) rare.Quiet = null;
        return true;
    }

    /// <summary>A pass ended with every held order judged by one standing, and held: the next one may be left out.</summary>
    private void Rest(Rare rare, in Standing standing)
    {
        rare.Quiet = null;
        if (book.JudgesEveryHold || MayNotBeQuiet(rare, standing)) return;
        var deadline = new Instant(long.MaxValue);
        foreach (var hold in rare.Holds)
        {
            if (MovesByTime(hold)) return;
            if (DeadlineOf(hold) is var due && due < deadline) deadline = due;
        }

        rare.Quiet = new QuietHolds { Inputs = InputsOf(standing), Deadline = deadline };
    }

    /// <summary>
    /// Where one order's turn depends on others, or an input has a clock or a name of its own, every pass is made: strict
    /// order and barriers, cash and reservations that name orders, payment plans; of limits
    /// of an amount those for a time, and the haircut of what stands in other currencies.
    /// </summary>
    private bool MayNotBeQuiet(Rare rare, in Standing standing) => Policy.Is(Parameter.ReleaseStrict) || Policy[Parameter.BarrierDays] > 0
        || rare.NamedSources.Count > 0 || rare.Plans.Count > 0 || rare.Reservations.Count > 0
        || (standing.Limit.Kind == LimitKind.Amount && (rare.Temporary.Count > 0 || standing.Exposure.HasForeign));

    /// <summary>Facts of the trade that reach a held order only through its value, its terms or the sums; after any other all are judged.</summary>
    private void MindQuiet(Fact fact)
    {
        if (fact is OrderPlaced or OrderChanged or OrderCancelled or OrderClosed or DeliveryPosted or InvoiceBilled or InvoicePosted
            or PaymentReceived or PaymentCleared or PaymentAllocated) return;
        if (book.RareOf(Slot) is { } rare) rare.Quiet = null;
    }

    /// <summary>A reason of the hold is true, or one joins.</summary>
    private static bool IsHeldBy(HoldState hold, Judgement judgement)
    {
        foreach (var now in judgement.Reasons)
            if (now.Reaction >= Reaction.Hold) return true;
        foreach (var reason in hold.Reasons)
            if (reason is { StillValid: true, Rule: "FORCED" or "PAYMENT_RETURNED" }) return true;
        return false;
    }

    /// <summary>Nothing holds the order any more, or a reason that is over dwells.</summary>
    private bool MovesByTime(HoldState hold)
    {
        var (isValid, dwell) = (false, Policy[Parameter.DwellSeconds] * Instant.Second);
        foreach (var reason in hold.Reasons)
        {
            if (reason.StillValid) isValid = true;
            else if (reason.CuredAt.Plus(dwell) > Now) return true;
        }

        return !isValid;
    }

    /// <summary>The moment that a hold waits for, apart from dwells; far in the future for none.</summary>
    private static Instant DeadlineOf(HoldState hold)
    {
        var due = long.MaxValue;
        if (!hold.Acknowledged && !hold.Escalated && hold.AcknowledgeBy.Micros != 0) due = hold.AcknowledgeBy.Micros;
        if (hold.RequestedBy.Length > 0 && hold.LapsesAt.Micros != 0) due = Math.Min(due, hold.LapsesAt.Micros);
        return new Instant(due);
    }

    /// <summary>A hold has ended by itself: if the others waited for its moment, theirs is looked up again.</summary>
    private void LeaveQuiet(Rare rare, HoldState hold)
    {
        if (rare.Quiet is not { } quiet || DeadlineOf(hold) > quiet.Deadline) return;
        var deadline = new Instant(long.MaxValue);
        foreach (var other in rare.Holds)
            if (DeadlineOf(other) is var due && due < deadline) deadline = due;
        quiet.Deadline = deadline;
    }

    private HoldInputs InputsOf(in Standing standing)
    {
        ref var account = ref Account;
        var (policy, isAmount) = (Policy, standing.Limit.Kind == LimitKind.Amount);
        var fails = standing.Balance > 0 && standing.OverdueByMore * 10_000 > standing.Balance * policy[Parameter.OverdueShareBp];
        var looks = isAmount || RuleOf(Parameter.Rule1) is { Reaction: not Reaction.Off };
        ref readonly var e = ref standing.Exposure;
        return new HoldInputs
        {
            Context = Context, Policy = policy, Limit = standing.Limit, LimitCurrency = account.LimitCurrency, Missing = e.Missing,
            Account = (account.Flags, account.RiskState, account.Status, account.Terms, account.TermsRank, account.DiscountRank, account.Tier),
            Steps = (standing.Oldest > policy[Parameter.OldestDays] ? standing.Oldest : 0, standing.Dunning > policy[Parameter.DunningLevel] ? standing.Dunning : 0,
                standing.Index < policy[Parameter.PaymentIndexFloor] ? standing.Index : 0, fails ? standing.OverdueByMore : 0, fails ? standing.Balance : 0),
            Rules = looks ? (standing.OldestOfAny, standing.Overdue) : default,
            Exposure = isAmount ? (e.Sum, e.StaticSum, e.CheckSum, e.OrdersInside, e.OrdersOutside, e.HeldInside, e.HeldOutside, e.Haircut) : default,
        };
    }
}
