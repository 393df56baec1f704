using System.Globalization;

namespace ExposureMonitor.Domain;

/// <summary>How an order comes on hold, and how a hold ends without a release (credit.md section 7).</summary>
internal sealed partial class AccountWork
{
    /// <summary>Judges an order whose value or risk rose, and holds it when a step says so.</summary>
    private void CheckOrder(int slot, string reservationId, bool isNew, string checkpoint = nameof(Checkpoint.Accept))
    {
        // A payment that bounced, or an invoice that was cancelled, may have broken a plan or kept it.
        KeepPlans();
        ref var order = ref book.Orders[slot];
        if (reservationId.Length > 0) BindReservation(reservationId, IdText(order.Id));
        var judgement = Judge(SubjectOf(slot, isNew));
        if (judgement.Holds && IsExcusedByRelease(slot, judgement))
        {
            judgement.Excuse = "Grace";
            TellDecision(slot, judgement, Verdict.ApprovedWithWarnings, "");
            return;
        }

        if (judgement.Holds)
        {
            Hold(slot, judgement, checkpoint);
            TellDecision(slot, judgement, Verdict.Held, reservationId);
            return;
        }

        Accept(slot, judgement);
    }

    private void Accept(int slot, Judgement judgement)
    {
        ref var order = ref book.Orders[slot];
        Consume(judgement);
        var reservation = ReservationOf(IdText(order.Id));
        if (reservation is not null) EndReservation(reservation, "");
        order.AcceptedAt = Now;
        order.IsPrepaid = judgement.Excuse == "Prepaid";
        KeepCheck(ref order, slot);
        TellDecision(slot, judgement, VerdictOf(judgement), reservation?.Id ?? "");
    }

    private static Verdict VerdictOf(Judgement judgement) =>
        judgement.Worst >= Reaction.Warn || judgement.AtLimit ? Verdict.ApprovedWithWarnings : Verdict.Approved;

    /// <summary>What is good for one approval is used up by the first that fails without it, and does not come back.</summary>
    private static void Consume(Judgement judgement)
    {
        if (judgement.UsesTemporary is { Once: true } once) once.Consumed = true;
    }

    /// <summary>A passed check serves the next checkpoints for the days of grace; without grace each looks again.</summary>
    private void KeepCheck(ref OrderRecord order, int slot)
    {
        var days = Policy[Parameter.GraceDays];
        (order.CheckedUntil, order.CheckedValue) = days == 0 ? (default, 0) : (Now.Plus(days * Instant.Day), ValueOf(slot));
    }

    private long ValueOf(int slot) => book.Orders[slot].Delivered + book.Undelivered(book.Orders[slot]);

    private Subject SubjectOf(int slot, bool isNew)
    {
        ref var order = ref book.Orders[slot];
        var id = IdText(order.Id);
        return new Subject
        {
            Order = slot, OrderId = id, Amount = book.Undelivered(order), Currency = order.Currency, ShipOn = FirstShipOn(slot, order),
            Terms = book.Names.Get(order.Terms), DiscountRank = order.DiscountRank, Reservation = ReservationOf(id), IsNew = isNew,
        };
    }

    private int FirstShipOn(int slot, in OrderRecord order) => book.ScheduleOf(Slot, slot) is { Lines.Count: > 0 } schedule ? schedule.Lines[0].ShipOn : order.ShipOn;

    private void TellDecision(int slot, Judgement judgement, Verdict verdict, string reservationId)
    {
        ref var order = ref book.Orders[slot];
        Say(new CheckDecided
        {
            Decision = verdict, OrderId = IdText(order.Id), ReservationId = reservationId, Amount = book.Undelivered(order),
            Currency = order.Currency.Code, Reasons = judgement.Told, Figures = judgement.Figures, Excuse = judgement.Excuse,
            RefuseAdvised = judgement.RefuseAdvised,
        });
    }

    private HoldState Hold(int slot, Judgement judgement, string checkpoint)
    {
        SetState(slot, OrderState.OnHold);
        var rare = book.RareFor(Slot);
        var hold = HoldOf(slot);
        if (hold is null)
        {
            var id = book.Texts.Get(book.Orders[slot].Id);
            hold = new HoldState
            {
                Id = $"h-{At}-{id}", Order = slot, CreatedAt = Now, Checkpoint = checkpoint,
                AcknowledgeBy = Now.Plus(Policy[Parameter.AcknowledgeMinutes] * 60 * Instant.Second),
            };
            if (hold.Id.Length > Ids.LengthMax) hold.Id = $"h-{At}-{Hashing.Text(id, 0).ToString("x16", CultureInfo.InvariantCulture)}";
            Few.Add(ref rare.Holds, hold);
        }

        rare.Quiet?.Note(slot);

        if (Account.RiskState == RiskState.Stopped) (hold.Forced, hold.ByStop) = (true, true);
        hold.RefuseAdvised |= judgement.RefuseAdvised;
        hold.Needs = judgement.Needs;
        hold.RequestedBy = "";
        hold.Reasons.Clear();
        foreach (var reason in judgement.Reasons)
            if (reason.Reaction >= Reaction.Hold) hold.Reasons.Add(reason.Copy());
        TellHold(HoldChanged.Held, hold, judgement.Figures, hold.ForcedBy, "", "");
        return hold;
    }

    private void TellHold(string step, HoldState hold, DecisionFigures? figures, string actor, string approver, string reason, string excuse = "")
    {
        ref var order = ref book.Orders[hold.Order];
        var isRelease = step == HoldChanged.Released;
        var reasons = new List<HoldReason>(hold.Reasons.Count);
        foreach (var told in hold.Reasons) reasons.Add(told.Copy());
        Say(new HoldChanged
        {
            Step = step, HoldId = hold.Id, OrderId = book.Texts.Get(order.Id), Amount = book.Undelivered(order), Currency = order.Currency.Code,
            Forced = hold.Forced, Reasons = reasons, Actor = actor, Approver = approver, Reason = reason, Checkpoint = hold.Checkpoint,
            CreatedAt = hold.CreatedAt, RefuseAdvised = hold.RefuseAdvised, Needs = hold.Needs, Causes = [.. hold.Causes], Figures = figures,
            ReleaseId = isRelease ? "rl-" + hold.Id[2..] : "", ValidUntil = isRelease ? order.GraceUntil : default,
            ValueCap = isRelease ? order.ValueCap : 0, ReviewOn = isRelease ? order.GraceUntil.UtcDate.DayNumber : 0, Excuse = excuse, Reserved = isRelease ? hold.Consumed : 0,
        });
    }

    /// <summary>The hold ends without a release: cancelled, closed, or overtaken by a shipment.</summary>
    private void EndHold(int slot, string reason)
    {
        if (HoldOf(slot) is not { } hold) return;
        SetState(slot, OrderState.Accepted);
        var rare = book.RareFor(Slot);
        rare.Holds.Remove(hold);
        LeaveQuiet(rare, hold);
        TellHold(HoldChanged.Ended, hold, null, "", "", reason);
    }

    /// <summary>Goods left, or were invoiced, while the order was on hold: the fact stands and is told with urgency.</summary>
    private void Overtake(int slot, bool wasHeld)
    {
        ref var order = ref book.Orders[slot];
        if (wasHeld) Judge("OVERTAKEN", book.Texts.Get(order.Id), Ladder.Once(Severity.High), 1, "the hold of the order ends");
        if (book.Undelivered(order) == 0) EndHold(slot, "Overtaken");
    }

    /// <summary>True while a release still covers the order: in time, and inside its value cap.</summary>
    private bool StandsByGrace(int slot)
    {
        ref var order = ref book.Orders[slot];
        return order.ValueCap > 0 && Now < order.GraceUntil && ValueOf(slot) <= order.ValueCap;
    }

    /// <summary>Released before, in time and inside the value cap, and for no reason of a new class: it stands.</summary>
    private bool IsExcusedByRelease(int slot, Judgement judgement) =>
        StandsByGrace(slot) && (ClassesOf(judgement.Reasons) & ~book.Orders[slot].ReleasedClasses) == 0;

    /// <summary>The grace of a release is over: what is undelivered is checked again.</summary>
    private void EndGraces()
    {
        if (book.RareOf(Slot) is not { Released.Count: > 0 } rare) return;
        for (var i = 0; i < rare.Released.Count; i++)
        {
            var released = rare.Released[i];
            if (released.GraceUntil.Micros == 0 || released.GraceUntil > Now) continue;
            released.GraceUntil = default;
            ref var order = ref book.Orders[released.Order];
            (order.ValueCap, order.GraceUntil, order.ReleasedClasses) = (0, default, 0);
            if (order.State == OrderState.Accepted && book.Undelivered(order) > 0) CheckOrder(released.Order, "", isNew: false, "Grace");
        }
    }

    private void SetState(int slot, OrderState state)
    {
        book.CountOrder(slot, -1, Context);
        book.Orders[slot].State = state;
        book.CountOrder(slot, +1, Context);
    }

    private HoldState? HoldOf(int slot)
    {
        if (slot == 0 || book.RareOf(Slot) is not { Holds.Count: > 0 } rare) return null;
        foreach (var hold in rare.Holds)
            if (hold.Order == slot) return hold;
        return null;
    }

    private HoldState? HoldOf(string orderId) => HoldOf(book.FindOrder(Slot, orderId));

    private Outcome Acknowledge(HoldAcknowledged f)
    {
        var hold = HoldOf(f.OrderId);
        if (hold is null || hold.Id != f.HoldId || hold.Acknowledged) return Outcome.Superseded;
        hold.Acknowledged = true;
        TellHold(HoldChanged.Acknowledged, hold, null, f.AcknowledgedBy, "", "");
        return Outcome.Applied;
    }

    /// <summary>Money that released orders bounced: what is undelivered of them is held, for a person to release.</summary>
    private void HoldWhatItReleased(string paymentId)
    {
        if (book.RareOf(Slot) is not { Released.Count: > 0 } rare) return;
        for (var i = rare.Released.Count - 1; i >= 0; i--)
        {
            var released = rare.Released[i];
            if (!released.Payments.Contains(paymentId) || book.Undelivered(book.Orders[released.Order]) == 0) continue;
            rare.Released.RemoveAt(i);
            var judgement = Judge(SubjectOf(released.Order, isNew: false));
            Fail(judgement, "PAYMENT_RETURNED", Reaction.Hold, 0, 0);
            var hold = Hold(released.Order, judgement, nameof(Checkpoint.Ship));
            hold.ManualOnly = true;
        }
    }
}
