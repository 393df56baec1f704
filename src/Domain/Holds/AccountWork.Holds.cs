using System.Globalization;

namespace ExposureMonitor.Domain;

/// <summary>Hold and release (credit.md section 7): the judgement of orders, the pass over held ones, four eyes.</summary>
internal sealed partial class AccountWork
{
    /// <summary>Judges an order whose value rose, and holds it when a step says so.</summary>
    private void CheckOrder(int slot, string reservationId, string segment)
    {
        var judgement = Judge(SubjectOf(slot, reservationId));
        ref var order = ref book.Orders[slot];
        var reservation = ReservationOf(reservationId, book.Texts.Get(order.Id));
        if (judgement.Holds)
        {
            Hold(slot, judgement, order.EnteredHorizonOn == Context.Today && Context.Today > 0 ? "Horizon" : "Accept");
            TellDecision(slot, judgement, Verdict.Held, reservationId);
            return;
        }

        if (judgement.UsesTemporary is { Once: true } once) once.Consumed = true;
        if (reservation is not null) EndReservation(reservation, "");
        order.AcceptedAt = Now;
        TellDecision(slot, judgement, judgement.Worst == Reaction.Warn || judgement.AtLimit ? Verdict.ApprovedWithWarnings : Verdict.Approved, reservation?.Id ?? "");
    }

    private Subject SubjectOf(int slot, string reservationId)
    {
        ref var order = ref book.Orders[slot];
        var id = book.Texts.Get(order.Id);
        return new Subject
        {
            Order = slot, OrderId = id, Amount = book.Undelivered(order), Currency = order.Currency,
            ShipOn = FirstShipOn(slot, order), TermsRank = RankOf(order.Terms), DiscountRank = order.DiscountRank,
            Reservation = ReservationOf(reservationId, id),
        };
    }

    private int FirstShipOn(int slot, in OrderRecord order) =>
        book.RareOf(Slot)?.Schedules.Find(s => s.Order == slot) is { Lines.Count: > 0 } schedule ? schedule.Lines[0].ShipOn : order.ShipOn;

    private ReservationState? ReservationOf(string reservationId, string orderId) =>
        book.RareOf(Slot)?.Reservations.Find(r => reservationId.Length > 0 ? r.Id == reservationId : orderId.Length > 0 && r.OrderId == orderId);

    private void TellDecision(int slot, Judgement judgement, Verdict verdict, string reservationId)
    {
        ref var order = ref book.Orders[slot];
        Say(new CheckDecided
        {
            Decision = verdict, OrderId = book.Texts.Get(order.Id), ReservationId = reservationId, Amount = book.Undelivered(order),
            Currency = order.Currency.Code, Reasons = judgement.Reasons, Figures = judgement.Figures, Excuse = judgement.Excuse,
        });
    }

    private void Hold(int slot, Judgement judgement, string checkpoint, bool forced = false, string by = "", bool manualOnly = false)
    {
        book.CountOrder(slot, -1, Context);
        book.Orders[slot].State = OrderState.OnHold;
        book.CountOrder(slot, +1, Context);
        var rare = book.RareFor(Slot);
        var hold = rare.Holds.Find(h => h.Order == slot);
        if (hold is null)
        {
            rare.Holds.Add(hold = new HoldState
            {
                Id = "h-" + At + "-" + book.Texts.Get(book.Orders[slot].Id), Order = slot, CreatedAt = Now, Checkpoint = checkpoint,
                AcknowledgeBy = Now.Plus(Policy["acknowledgeMinutes"] * 60 * Instant.Second),
            });
            if (hold.Id.Length > Ids.LengthMax) hold.Id = "h-" + At + "-" + Hashing.Text(book.Texts.Get(book.Orders[slot].Id), 0).ToString("x16", CultureInfo.InvariantCulture);
        }

        (hold.Forced, hold.ForcedBy) = (hold.Forced || forced, forced ? by : hold.ForcedBy);
        hold.ManualOnly |= manualOnly;
        hold.Needs = judgement.Needs;
        hold.Reasons = [.. judgement.Reasons.Where(r => r.Reaction >= Reaction.Hold).Select(r => r.Copy())];
        TellHold(HoldChanged.Held, hold, judgement.Figures, by, "", "");
    }

    private void TellHold(string step, HoldState hold, DecisionFigures? figures, string actor, string approver, string reason)
    {
        ref var order = ref book.Orders[hold.Order];
        Say(new HoldChanged
        {
            Step = step, HoldId = hold.Id, OrderId = book.Texts.Get(order.Id), Amount = book.Undelivered(order), Currency = order.Currency.Code,
            Forced = hold.Forced, Reasons = [.. hold.Reasons.Select(r => r.Copy())], Actor = actor, Approver = approver, Reason = reason,
            ValidUntil = order.GraceUntil, ValueCap = order.ValueCap, Needs = hold.Needs, Causes = [.. hold.Causes], Figures = figures,
        });
    }

    /// <summary>The hold ends without a release: cancelled, closed, or overtaken by a shipment.</summary>
    private void EndHold(int slot, string reason)
    {
        if (book.RareOf(Slot) is not { Holds.Count: > 0 } rare) return;
        var at = rare.Holds.FindIndex(h => h.Order == slot);
        if (at < 0) return;
        var hold = rare.Holds[at];
        book.CountOrder(slot, -1, Context);
        book.Orders[slot].State = OrderState.Accepted;
        book.CountOrder(slot, +1, Context);
        rare.Holds.RemoveAt(at);
        TellHold(HoldChanged.Ended, hold, null, "", "", reason);
    }

    /// <summary>True while a release or a passed check still covers the order: in time, and inside its value cap.</summary>
    private bool StandsByGrace(in OrderRecord order, long undelivered) =>
        order.ValueCap > 0 && Now < order.GraceUntil && order.Delivered + undelivered <= order.ValueCap;

    /// <summary>
    /// The pass over the held orders, in release order: each reason is judged again, cured ones dwell, and an order
    /// that fits is released before the next is tried.
    /// </summary>
    private void JudgeHolds()
    {
        if (book.RareOf(Slot) is not { Holds.Count: > 0 } rare) return;
        var policy = Policy;
        var inTurn = rare.Holds.ToArray();
        Array.Sort(inTurn, InReleaseOrder);
        foreach (var hold in inTurn)
        {
            if (IsLeaving(hold.Order)) continue;
            var judgement = Judge(SubjectOf(hold.Order, ""));
            var changed = Remark(hold, judgement, policy);
            hold.Needs = judgement.Needs;
            var ready = !hold.Forced && !hold.ManualOnly && hold.Reasons.TrueForAll(r => !r.StillValid && IsDwelled(r, policy));
            ref var order = ref book.Orders[hold.Order];
            if (ready && order.State == OrderState.OnHold)
            {
                SetState(hold.Order, OrderState.ReadyToRelease);
                TellHold(HoldChanged.Ready, hold, judgement.Figures, "", "", "");
            }
            else if (!ready && order.State == OrderState.ReadyToRelease)
            {
                SetState(hold.Order, OrderState.OnHold);
                TellHold(HoldChanged.Judged, hold, judgement.Figures, "", "", "");
            }
            else if (changed)
            {
                TellHold(HoldChanged.Judged, hold, judgement.Figures, "", "", "");
            }

            if (ready && policy["releaseAutomatically"] == 1 && !Context.GlobalHold)
            {
                Remember(hold);
                Release(hold, judgement, "rule", "", "cured");
            }
            else if (policy["releaseStrict"] == 1)
            {
                break;
            }
        }

        // What an order that was passed over still needs is told as at the end of the pass.
        if (rare.Holds.Count == inTurn.Length) return;
        foreach (var hold in rare.Holds) hold.Needs = Judge(SubjectOf(hold.Order, "")).Needs;
    }

    private int InReleaseOrder(HoldState a, HoldState b)
    {
        ref var x = ref book.Orders[a.Order];
        ref var y = ref book.Orders[b.Order];
        var order = x.Priority.CompareTo(y.Priority);
        if (order == 0) order = PromiseOf(x).CompareTo(PromiseOf(y));
        if (order == 0) order = x.PlacedAt.CompareTo(y.PlacedAt);
        return order != 0 ? order : string.CompareOrdinal(book.Texts.Get(x.Id), book.Texts.Get(y.Id));
    }

    private static int PromiseOf(in OrderRecord order) => order.PromisedOn != 0 ? order.PromisedOn : order.ShipOn;

    private static bool IsLimitReason(string rule) => rule is "010" or "020" or "030" or "NO_LIMIT" or "LIMIT_EXPIRED" or "FX_MISSING" or "FX_STALE" or "GLOBAL_HOLD";

    private bool IsDwelled(HoldReason reason, Policy policy) =>
        IsLimitReason(reason.Rule) || Now >= reason.CuredAt.Plus(policy["dwellSeconds"] * Instant.Second);

    /// <summary>Marks each reason as still valid or not; a new failing reason joins. True when a mark changed.</summary>
    private bool Remark(HoldState hold, Judgement judgement, Policy policy)
    {
        var changed = false;
        foreach (var reason in hold.Reasons)
        {
            if (reason.Rule is "FORCED" or "PAYMENT_RETURNED") continue;
            var now = judgement.Reasons.Find(r => r.Rule == reason.Rule && r.Reaction >= Reaction.Hold);
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
            if (now.Reaction < Reaction.Hold || hold.Reasons.Exists(r => r.Rule == now.Rule)) continue;
            hold.Reasons.Add(now.Copy());
            changed = true;
        }

        return changed;
    }

    /// <summary>The entry that cured the hold, newest first, at most ten.</summary>
    private void Remember(HoldState hold)
    {
        hold.Causes.Insert(0, At.ToString());
        if (hold.Causes.Count > 10) hold.Causes.RemoveAt(10);
    }

    private void Release(HoldState hold, Judgement judgement, string actor, string approver, string reason)
    {
        ref var order = ref book.Orders[hold.Order];
        var policy = Policy;
        var value = order.Delivered + book.Undelivered(order);
        order.ValueCap = Rounding.Pin(Rounding.Down((Int128)value * (10_000 + policy["deviationBp"]), 10_000));
        order.GraceUntil = Now.Plus(policy["graceDays"] * Instant.Day);
        order.AcceptedAt = Now;
        SetState(hold.Order, OrderState.Accepted);
        var rare = book.RareFor(Slot);
        rare.Holds.Remove(hold);
        rare.Released.RemoveAll(r => r.Order == hold.Order);
        rare.Released.Add(new ReleasedState { Order = hold.Order, Payments = [.. _fact is PaymentReceived or PaymentCleared or PaymentAllocated ? PaymentsOf(_fact) : []] });
        if (ReservationOf("", book.Texts.Get(order.Id)) is { } reservation) EndReservation(reservation, "");
        if (judgement.UsesTemporary is { Once: true } once) once.Consumed = true;
        TellHold(HoldChanged.Released, hold, judgement.Figures, actor, approver, reason);
    }

    private static string[] PaymentsOf(Fact fact) => fact switch
    {
        PaymentReceived f => [f.PaymentId],
        PaymentCleared f => [f.PaymentId],
        PaymentAllocated f => [f.FromId],
        _ => [],
    };

    /// <summary>A payment that released orders bounced: what is undelivered of them is held, for a person to release.</summary>
    private void HoldWhatItReleased(string paymentId)
    {
        if (book.RareOf(Slot) is not { Released.Count: > 0 } rare) return;
        foreach (var released in rare.Released.ToArray())
        {
            if (!released.Payments.Contains(paymentId) || book.Undelivered(book.Orders[released.Order]) == 0) continue;
            rare.Released.Remove(released);
            var judgement = Judge(SubjectOf(released.Order, ""));
            Fail(judgement, "PAYMENT_RETURNED", Reaction.Hold, 0, 0, 0);
            Hold(released.Order, judgement, "Ship", manualOnly: true);
        }
    }

    private void SetState(int slot, OrderState state)
    {
        book.CountOrder(slot, -1, Context);
        book.Orders[slot].State = state;
        book.CountOrder(slot, +1, Context);
    }

    private Outcome Acknowledge(HoldAcknowledged f)
    {
        var hold = HoldOf(f.OrderId);
        if (hold is null || hold.Id != f.HoldId || hold.Acknowledged) return Outcome.Superseded;
        hold.Acknowledged = true;
        TellHold(HoldChanged.Acknowledged, hold, null, f.AcknowledgedBy, "", "");
        return Outcome.Applied;
    }

    private HoldState? HoldOf(string orderId)
    {
        var slot = book.FindOrder(Slot, orderId);
        return slot == 0 ? null : book.RareOf(Slot)?.Holds.Find(h => h.Order == slot);
    }

    private static Outcome NotHeld(string orderId) => Outcome.Refused("NOT_ON_HOLD", $"Order '{orderId}' is not on hold.");

    private Outcome RequestReleaseOf(RequestRelease f)
    {
        if (HoldOf(f.OrderId) is not { } hold) return NotHeld(f.OrderId);
        if (f.Reason.Length == 0) return Outcome.Refused("REASON_MISSING", "A request for release needs a reason.");
        if (book.Orders[hold.Order].State == OrderState.PendingApproval) return Outcome.Refused("ALREADY_REQUESTED", $"{hold.RequestedBy} asked already.");
        (hold.RequestedBy, hold.RequestReason, hold.RequestedAt) = (f.Actor, f.Reason, Now);
        hold.LapsesAt = Now.Plus(Policy["approvalDays"] * Instant.Day);
        hold.Approvals.Clear();
        SetState(hold.Order, OrderState.PendingApproval);
        TellHold(HoldChanged.Requested, hold, null, f.Actor, "", f.Reason);
        return Outcome.Applied;
    }

    private Outcome ApproveReleaseOf(ApproveRelease f)
    {
        if (HoldOf(f.OrderId) is not { } hold) return NotHeld(f.OrderId);
        ref var order = ref book.Orders[hold.Order];
        if (order.State != OrderState.PendingApproval) return Outcome.Refused("NO_REQUEST", $"Nobody asked to release '{f.OrderId}'.");
        if (f.Actor == hold.RequestedBy || f.Actor == hold.ForcedBy || hold.Approvals.Contains(f.Actor))
            return Outcome.Refused("SELF_APPROVAL", "Requester and approvers must be different people.");
        if (Context.GlobalHold) return Outcome.Refused("GLOBAL_HOLD", "Nothing is released while everything is on hold.");
        var limitVersion = book.RareOf(Slot)?.LimitVersion ?? 0;
        if ((f.OrderVersion >= 0 && f.OrderVersion != order.TermsVersion) || (f.LimitVersion >= 0 && f.LimitVersion != limitVersion))
            return Outcome.Refused("VERSION_CONFLICT", $"Order version is {order.TermsVersion}, limit version {limitVersion}.");
        var value = Context.Convert(book.Undelivered(order), order.Currency, Context.BaseCurrency);
        if (value is null) return Outcome.Refused("FX_MISSING", $"No rate for {order.Currency}.");
        if (f.Authority >= 0 && value > f.Authority)
            return Outcome.Refused("AUTHORITY", $"The order is worth {value}, the authority {f.Authority} minor units of {Context.BaseCurrency}.");
        hold.Approvals.Add(f.Actor);
        var two = Policy["twoApproversAbove"];
        if (two >= 0 && value > two && hold.Approvals.Count < 2)
        {
            TellHold(HoldChanged.Approved, hold, null, hold.RequestedBy, f.Actor, f.Reason);
            return Outcome.Applied;
        }

        var judgement = Judge(SubjectOf(hold.Order, ""));
        Release(hold, judgement, hold.RequestedBy, string.Join(",", hold.Approvals), hold.RequestReason);
        return Outcome.Applied;
    }

    private Outcome RejectReleaseOf(RejectRelease f)
    {
        if (HoldOf(f.OrderId) is not { } hold) return NotHeld(f.OrderId);
        if (book.Orders[hold.Order].State != OrderState.PendingApproval) return Outcome.Refused("NO_REQUEST", $"Nobody asked to release '{f.OrderId}'.");
        SetState(hold.Order, OrderState.OnHold);
        TellHold(HoldChanged.TurnedDown, hold, null, hold.RequestedBy, f.Actor, f.Reason);
        hold.RequestedBy = "";
        return Outcome.Applied;
    }

    private Outcome RejectOrderOf(RejectOrder f)
    {
        if (HoldOf(f.OrderId) is not { } hold) return NotHeld(f.OrderId);
        TellHold(HoldChanged.Rejected, hold, null, f.Actor, "", f.Reason);
        SetState(hold.Order, OrderState.Rejected);
        book.RareFor(Slot).Holds.Remove(hold);
        return Outcome.Applied;
    }

    private Outcome ForceHoldOf(ForceHold f)
    {
        var slot = book.FindOrder(Slot, f.OrderId);
        if (slot == 0 || !book.Orders[slot].Placed) return Outcome.Refused("UNKNOWN_ORDER", $"No order '{f.OrderId}'.");
        if (f.Reason.Length == 0) return Outcome.Refused("REASON_MISSING", "A forced hold needs a reason.");
        if (book.Undelivered(book.Orders[slot]) == 0) return Outcome.Refused("NOTHING_OPEN", $"Nothing of '{f.OrderId}' is undelivered.");
        var judgement = Judge(SubjectOf(slot, ""));
        judgement.Reasons.Insert(0, new HoldReason { Rule = "FORCED", Reaction = Reaction.Hold });
        Hold(slot, judgement, "Person", forced: true, by: f.Actor);
        return Outcome.Applied;
    }
}
