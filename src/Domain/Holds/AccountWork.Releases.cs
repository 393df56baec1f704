namespace ExposureMonitor.Domain;

/// <summary>The pass over held orders (credit.md 7.3): who is released, in which order, and why.</summary>
internal sealed partial class AccountWork
{
    /// <summary>Entries that brought headroom while orders waited; older ones than these are not named as a cause.</summary>
    private const int FreedMax = 64;

    /// <summary>Where an order is held that enters the horizon.</summary>
    private const string Entering = "Horizon";

    private readonly List<(int Order, HoldState? Hold)> _pass = [];

    /// <summary>Held orders that did not fit at their turn of the pass.</summary>
    private readonly List<HoldState> _unfit = [];

    /// <summary>
    /// The pass ends every entry after which headroom grew, an order shrank or a reason's mark changed: each held order
    /// in release order, each reason judged again, cured ones dwell, and what fits is released before the next is tried.
    /// </summary>
    /// <param name="byTime">True when nothing but time passed: then nothing is cured while a feed is stale.</param>
    private void JudgeHolds(bool byTime = false)
    {
        if (book.RareOf(Slot) is not { Holds.Count: > 0 } rare) return;
        if (byTime && Context.IsStale) return;
        if (byTime) rare.Quiet = null;
        else if (StaysQuiet(rare)) return;
        _pass.Clear();
        foreach (var hold in rare.Holds) _pass.Add((hold.Order, hold));
        Pass("");
    }

    /// <summary>
    /// Orders that come in question again are judged like new ones, together with the held ones: first all are taken
    /// out, then each that passes joins before the next. An order on its way to another payer is judged there.
    /// </summary>
    private void JudgeAgain(List<int> orders, string checkpoint, bool byTime = false)
    {
        orders.RemoveAll(IsLeaving);
        if (orders.Count == 0)
        {
            JudgeHolds(byTime);
            return;
        }

        foreach (var slot in orders) SetState(slot, OrderState.OnHold);
        _pass.Clear();
        foreach (var slot in orders) _pass.Add((slot, HoldOf(slot)));
        if (book.RareOf(Slot) is { } rare && !(byTime && Context.IsStale))
            foreach (var hold in rare.Holds) _pass.Add((hold.Order, hold));
        Pass(checkpoint);
    }

    private void Pass(string checkpoint)
    {
        _pass.Sort((a, b) => InReleaseOrder(a.Order, b.Order));
        var (taken, standing) = (false, Stand());
        // More may be reserved for an order than it takes: what its release frees is there for those whose turn was before it.
        while (PassOnce(checkpoint, ref standing, ref taken) && _unfit.Count > 0) _pass.RemoveAll(p => p.Hold is null || HoldOf(p.Order) is null);
        if (taken && _unfit.Count > 0) TellNeeds();
        if (book.RareOf(Slot) is not { } rare) return;
        if (taken || checkpoint.Length > 0) rare.Quiet = null;
        else Rest(rare, standing);
    }

    /// <summary>Asks each in turn; true when a release left more headroom than there was before it.</summary>
    private bool PassOnce(string checkpoint, ref Standing standing, ref bool taken)
    {
        _unfit.Clear();
        var (stopped, freed) = (false, false);
        foreach (var (slot, hold) in _pass)
        {
            if (IsLeaving(slot)) continue;
            var judgement = Judge(SubjectOf(slot, isNew: hold is not null), standing);
            if (hold is null ? JoinAgain(slot, judgement, checkpoint) : TryRelease(hold, judgement, mayRelease: !stopped))
            {
                // Who did not fit is passed over by everybody behind who does.
                foreach (var unfit in _unfit)
                    if (unfit.PassedOverOn == 0) unfit.PassedOverOn = Context.Today;
                var before = standing.Exposure.Sum;
                (taken, standing) = (true, Stand());
                freed |= standing.Exposure.Sum < before;
                continue;
            }

            if (hold is null) standing = Stand();
            if (hold is null || judgement.Needs == 0 || hold.Forced || hold.ManualOnly) continue;
            _unfit.Add(hold);
            stopped |= Policy.Is(Parameter.ReleaseStrict) || IsBarrier(hold);
        }

        return freed;
    }

    /// <summary>Marks the reasons, moves the state, and releases what is cured, fits, and whose turn it is.</summary>
    private bool TryRelease(HoldState hold, Judgement judgement, bool mayRelease)
    {
        var changed = Remark(hold, judgement);
        hold.Needs = judgement.Needs;
        var ready = !hold.Forced && !hold.ManualOnly && IsCured(hold);
        var state = book.Orders[hold.Order].State;
        if (ready && state == OrderState.OnHold)
        {
            SetState(hold.Order, OrderState.ReadyToRelease);
            TellHold(HoldChanged.Ready, hold, judgement.Figures, "", "", "");
        }
        else if (!ready && state == OrderState.ReadyToRelease)
        {
            SetState(hold.Order, OrderState.OnHold);
            TellHold(HoldChanged.Judged, hold, judgement.Figures, "", "", "");
        }
        else if (changed)
        {
            TellHold(HoldChanged.Judged, hold, judgement.Figures, "", "", "");
        }

        if (!ready || !mayRelease || !Policy.Is(Parameter.ReleaseAutomatically) || Context.GlobalHold) return false;
        Release(hold, judgement, "rule", "", "cured");
        return true;
    }

    /// <summary>An accepted order in question again: it joins when it passes, or when its release still stands; else it is held.</summary>
    private bool JoinAgain(int slot, Judgement judgement, string checkpoint)
    {
        var stands = judgement.Holds && IsExcusedByRelease(slot, judgement) && (checkpoint != Entering || (book.Orders[slot].ReleasedClasses & HorizonClass) != 0);
        if (judgement.Holds && !stands)
        {
            HoldAgain(slot, judgement, checkpoint);
            return false;
        }

        SetState(slot, OrderState.Accepted);
        if (stands) judgement.Excuse = "Grace";
        else Consume(judgement);
        book.Orders[slot].IsPrepaid = judgement.Excuse == "Prepaid";
        TellDecision(slot, judgement, VerdictOf(judgement), "");
        return true;
    }

    /// <summary>An order in question again that fails: it enters the horizon, or the limit was cut.</summary>
    private void HoldAgain(int slot, Judgement judgement, string checkpoint)
    {
        if (checkpoint == Entering)
        {
            judgement.Reasons.Insert(0, new HoldReason
            {
                Rule = "HORIZON", Reaction = Reaction.Hold, Observed = book.Orders[slot].ShipOn, Threshold = Context.Today + Policy.HorizonDays,
                RuleVersion = Context.Policy.Version, Position = AtText,
            });
        }

        Hold(slot, judgement, checkpoint);
        TellDecision(slot, judgement, Verdict.Held, "");
    }

    /// <summary>What an order that was passed over still needs is told as at the end of the pass.</summary>
    private void TellNeeds()
    {
        var standing = Stand();
        foreach (var hold in book.RareFor(Slot).Holds)
        {
            var needs = Judge(SubjectOf(hold.Order, isNew: false), standing).Needs;
            if (needs == hold.Needs) continue;
            hold.Needs = needs;
            TellHold(HoldChanged.Judged, hold, null, "", "", "");
        }
    }

    private bool IsBarrier(HoldState hold) => Policy[Parameter.BarrierDays] is var days && days > 0 && hold.PassedOverOn != 0
        && Context.Calendar.Between(hold.PassedOverOn, Context.Today) >= days;

    private int InReleaseOrder(int a, int b)
    {
        ref var x = ref book.Orders[a];
        ref var y = ref book.Orders[b];
        var order = Policy[Parameter.ReleaseOrder] switch
        {
            1 => x.ShipOn.CompareTo(y.ShipOn),
            2 => ByValue(x, y),
            3 => ByValue(y, x),
            _ => x.Priority != y.Priority ? x.Priority.CompareTo(y.Priority) : PromiseOf(x).CompareTo(PromiseOf(y)),
        };
        if (order == 0) order = x.PlacedAt.CompareTo(y.PlacedAt);
        return order != 0 ? order : book.Texts.Bytes(x.Id).SequenceCompareTo(book.Texts.Bytes(y.Id));
    }

    private int ByValue(in OrderRecord x, in OrderRecord y) =>
        (Context.Convert(book.Undelivered(x), x.Currency, Context.BaseCurrency) ?? 0).CompareTo(Context.Convert(book.Undelivered(y), y.Currency, Context.BaseCurrency) ?? 0);

    private static int PromiseOf(in OrderRecord order) => order.PromisedOn != 0 ? order.PromisedOn : order.ShipOn;

    /// <summary>An order that enters the horizon is judged like a new one: only a person's release let that pass before.</summary>
    private const short HorizonClass = 256;

    /// <summary>Classes of reasons: a release lets a class pass, and only a reason of a new class holds again.</summary>
    private static short ClassOf(string rule) => rule switch
    {
        "HORIZON" => HorizonClass,
        "010" or "020" or "030" or "NO_LIMIT" or "LIMIT_EXPIRED" or "R4" or "R6" or "R7" or "FX_MISSING" or "FX_STALE" or HeadroomPending or GroupLimit => 1,
        "100" or "110" or "OV" or "R1" or "R5" or PlanBroken => 2,
        "120" => 4,
        "R2" or "R3" or "R8" or "R9" => 8,
        "RISK_STATE" or "CUSTOMER_CLOSED" => 16,
        "PAYMENT_RETURNED" => 32,
        "GLOBAL_HOLD" => 64,
        _ => 128,
    };

    private static short ClassesOf(List<HoldReason> reasons)
    {
        short classes = 0;
        foreach (var reason in reasons)
            if (reason.Reaction >= Reaction.Hold) classes |= ClassOf(reason.Rule);
        return classes;
    }

    /// <summary>Overdue and behaviour reasons dwell, so that a burst of reversals does not flap; the others do not.</summary>
    private static bool Dwells(string rule) => (ClassOf(rule) & (2 | 4)) != 0;

    private bool IsCured(HoldState hold)
    {
        var dwell = Policy[Parameter.DwellSeconds] * Instant.Second;
        foreach (var reason in hold.Reasons)
            if (reason.StillValid || (Dwells(reason.Rule) && Now < reason.CuredAt.Plus(dwell))) return false;
        return true;
    }

    private static bool Names(HoldState hold, string rule)
    {
        foreach (var reason in hold.Reasons)
            if (reason.Rule == rule) return true;
        return false;
    }

    /// <summary>Marks each reason as still valid or not; a new failing reason joins. True when a mark changed.</summary>
    private bool Remark(HoldState hold, Judgement judgement)
    {
        var changed = false;
        foreach (var reason in hold.Reasons)
        {
            if (reason.Rule is "FORCED" or "PAYMENT_RETURNED") continue;
            var now = reason.Rule == "HORIZON" ? judgement.Holds ? reason : null : Find(judgement.Reasons, reason.Rule);
            if (now is null && reason.StillValid)
            {
                (reason.StillValid, reason.CuredAt, changed) = (false, Now, true);
            }
            else if (now is not null)
            {
                changed |= !reason.StillValid;
                (reason.StillValid, reason.CuredAt) = (true, default);
                (reason.Observed, reason.Threshold, reason.Excess) = (now.Observed, now.Threshold, now.Excess);
            }
        }

        foreach (var now in judgement.Reasons)
        {
            if (now.Reaction < Reaction.Hold || Names(hold, now.Rule)) continue;
            hold.Reasons.Add(now.Copy());
            changed = true;
        }

        return changed;
    }

    private static HoldReason? Find(List<HoldReason> reasons, string rule)
    {
        foreach (var reason in reasons)
            if (reason.Rule == rule && reason.Reaction >= Reaction.Hold) return reason;
        return null;
    }

    private void Release(HoldState hold, Judgement judgement, string actor, string approver, string reason, string excuse = "")
    {
        ref var order = ref book.Orders[hold.Order];
        var policy = Policy;
        order.ValueCap = Rounding.Pin(Rounding.Down((Int128)ValueOf(hold.Order) * (10_000 + policy[Parameter.DeviationBp]), 10_000));
        order.GraceUntil = Now.Plus(policy[Parameter.GraceDays] * Instant.Day);
        order.ReleasedClasses = (short)(actor == "rule" ? ClassesOf(hold.Reasons) & ~HorizonClass : ClassesOf(hold.Reasons) | HorizonClass);
        order.AcceptedAt = Now;
        order.IsPrepaid = judgement.Excuse == "Prepaid";
        SetState(hold.Order, OrderState.Accepted);
        var rare = book.RareFor(Slot);
        rare.Holds.Remove(hold);
        hold.Consumed = 0;
        if (ReservationOf(book.Texts.Get(order.Id)) is { } reservation)
        {
            if (reservation.Currency == order.Currency) hold.Consumed = reservation.Amount;
            EndReservation(reservation, "");
        }

        Consume(judgement);
        var payments = NameCauses(hold, rare, actor == "rule");
        // What is delivered by now cannot be stopped any more, so its release need not be remembered.
        for (var i = rare.Released.Count - 1; i >= 0; i--)
            if (rare.Released[i].Order == hold.Order || book.Undelivered(book.Orders[rare.Released[i].Order]) == 0) rare.Released.RemoveAt(i);
        Few.Add(ref rare.Released, new ReleasedState { Order = hold.Order, GraceUntil = order.GraceUntil, Payments = payments });
        if (rare.Holds.Count == 0) rare.Freed.Clear();
        TellHold(HoldChanged.Released, hold, judgement.Figures, actor, approver, reason, excuse);
    }

    /// <summary>
    /// The causes of a release: newest first, all entries since the hold whose headroom the fit needed, and the entry
    /// that cured the rest. Returns the payments among them.
    /// </summary>
    private List<string> NameCauses(HoldState hold, Rare rare, bool byRule)
    {
        var payments = new List<string>();
        hold.Causes.Clear();
        var limit = EffectiveLimit.Of(book, Slot, Context, Now);
        if (limit.Kind == LimitKind.Amount)
        {
            var slack = limit.Amount - Exposure.Of(book, Slot, Context, Account.LimitCurrency).CheckSum;
            Int128 freed = 0;
            foreach (var entry in rare.Freed)
                if (entry.At >= hold.CreatedAt) freed += entry.Amount;
            var needed = freed - Int128.Max(0, slack);
            for (var i = rare.Freed.Count - 1; i >= 0 && needed > 0 && rare.Freed[i].At >= hold.CreatedAt; i--)
            {
                needed -= rare.Freed[i].Amount;
                hold.Causes.Add(rare.Freed[i].Entry);
                if (rare.Freed[i].Payment.Length > 0 && !payments.Contains(rare.Freed[i].Payment)) payments.Add(rare.Freed[i].Payment);
            }
        }

        if (!hold.Causes.Contains(AtText)) hold.Causes.Insert(0, AtText);
        if (PaymentOf(_fact) is { Length: > 0 } cured && !payments.Contains(cured)) payments.Add(cured);
        // What a person released, no payment did: none that bounces takes it back.
        return byRule ? payments : [];
    }

    private static string PaymentOf(Fact? fact) => fact switch
    {
        PaymentReceived f => f.PaymentId,
        AcceptanceReceived f => f.AcceptanceId,
        PaymentCleared f => f.PaymentId,
        PaymentAllocated f => f.FromId,
        _ => "",
    };

    /// <summary>Headroom of the account, in the limit's currency; only measured while orders wait for it.</summary>
    private Int128 Room()
    {
        if (book.RareOf(Slot) is not { Holds.Count: > 0 }) return 0;
        var limit = EffectiveLimit.Of(book, Slot, Context, Now);
        return limit.Kind == LimitKind.Amount ? limit.Amount - Exposure.Of(book, Slot, Context, Account.LimitCurrency).CheckSum : 0;
    }

    private void RememberFreed(Int128 before)
    {
        if (book.RareOf(Slot) is not { Holds.Count: > 0 } rare) return;
        var freed = Room() - before;
        if (freed <= 0) return;
        if (rare.Freed.Count == FreedMax) rare.Freed.RemoveAt(0);
        Few.Add(ref rare.Freed, new FreedState { Entry = AtText, Payment = PaymentOf(_fact), At = Now, Amount = Rounding.Pin(freed) });
    }
}
