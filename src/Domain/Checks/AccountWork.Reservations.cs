namespace ExposureMonitor.Domain;

/// <summary>Checks before an order, and the headroom that they keep.</summary>
internal sealed partial class AccountWork
{
    private Outcome Check(CheckCredit f)
    {
        if (f.Checkpoint != Checkpoint.Accept) return CheckAt(f);
        if (Refuses(f.Amount, out var refusal)) return refusal;
        if (ReservationOf(f.OrderId) is not null)
            return Outcome.Refused("ALREADY_RESERVED", $"Headroom is already kept for order '{f.OrderId}'.");
        if (EndWaiting(f)) return Outcome.Applied;
        if (f.OrderId.Length > 0 && book.RareOf(Slot)?.Group is { Checks.Count: > 0 } waits && waits.Checks.Exists(c => ((CheckCredit)c.Fact).OrderId == f.OrderId))
            return Outcome.Refused("ALREADY_RESERVED", $"Another check waits for headroom for order '{f.OrderId}'.");
        var judgement = Judge(SubjectOf(f));
        if (!book.EventClock && judgement.Holds && IsPendingOnly(judgement) && Policy[Parameter.GroupWaitMs] is var wait && wait > 0)
        {
            // On the clock of events nobody would end the wait.
            (book.RareFor(Slot).Group ??= new GroupState()).Checks.Add(new WaitingCheck { Fact = f, Entry = At, Until = Now.Plus(wait * 1_000), Want = WantOf(judgement) });
            return Outcome.Applied;
        }

        Decide(f, judgement, At);
        return Outcome.Applied;
    }

    /// <summary>The same check again while it waits, from a caller who could not wait for the answer: it is decided now.</summary>
    private bool EndWaiting(CheckCredit f)
    {
        if (f.Key.Length == 0 || book.RareOf(Slot)?.Group is not { Checks.Count: > 0 } group) return false;
        var check = group.Checks.Find(c => c.Fact is CheckCredit known && known.Key == f.Key && known.Actor == f.Actor);
        if (check is null) return false;
        group.Checks.Remove(check);
        var asked = (CheckCredit)check.Fact;
        Decide(asked, Judge(SubjectOf(asked)), check.Entry);
        return true;
    }

    /// <summary>The answer to a check; an approval keeps its headroom. The entry that asked is named when it is an earlier one.</summary>
    private void Decide(CheckCredit f, Judgement judgement, EntryPosition asked)
    {
        var decided = Answer(f, judgement);
        if (asked != At) decided.Asked = asked.ToString();
        if (!judgement.Holds)
        {
            Weigh(f.Amount);
            var minutes = f.LiveMinutes > 0 ? f.LiveMinutes : Policy[Parameter.ReservationMinutes];
            var reservation = new ReservationState
            {
                Id = "r-" + asked, OrderId = f.OrderId, Amount = f.Amount, Currency = f.Currency, ShipOn = f.ShipOn,
                ExpiresAt = Now.Plus(minutes * 60 * Instant.Second),
            };
            Few.Add(ref book.RareFor(Slot).Reservations, reservation);
            book.Ledgers[book.LedgerOf(Slot, f.Currency)].Sums[(int)Part.Reserved] += f.Amount;
            Consume(judgement);
            (decided.ReservationId, decided.ExpiresAt) = (reservation.Id, reservation.ExpiresAt);
        }

        Say(decided);
    }

    /// <summary>
    /// A later checkpoint of an order that stands: a passed check or a release serves it inside its grace and value;
    /// else the undelivered part is judged again, and held when it fails.
    /// </summary>
    private Outcome CheckAt(CheckCredit f)
    {
        var slot = book.FindOrder(Slot, f.OrderId);
        if (slot == 0 || !book.Orders[slot].Placed) return Outcome.Refused("UNKNOWN_ORDER", $"No order '{f.OrderId}'.");
        ref var order = ref book.Orders[slot];
        // What was rejected, cancelled, closed or delivered has nothing left that could be let go.
        if (book.Undelivered(order) == 0) return Outcome.Refused("NOTHING_OPEN", $"Nothing of '{f.OrderId}' is undelivered.");
        var hold = HoldOf(slot);
        var judgement = Judge(SubjectOf(slot, isNew: false) with { IsLater = hold is null });
        var decided = Answer(f, judgement);
        (decided.Amount, decided.Currency) = (book.Undelivered(order), order.Currency.Code);
        if (hold is not null)
        {
            decided.Decision = Verdict.Held;
            decided.Excuse = "";
            Say(decided);
            return Outcome.Applied;
        }

        if (!IsOn(f.Checkpoint))
        {
            // Nobody looks there: it has no reasons either.
            (decided.Decision, decided.Excuse, decided.Reasons) = (Verdict.Approved, "", []);
        }
        else if (IsExcusedByCheck(slot) || (StandsByGrace(slot) && !judgement.Holds) || IsExcusedByRelease(slot, judgement))
        {
            (decided.Decision, decided.Excuse) = (Verdict.Approved, judgement.Holds ? "Grace" : judgement.Excuse);
        }
        else if (judgement.Holds)
        {
            (decided.Decision, decided.Excuse) = (Verdict.Held, "");
            Hold(slot, judgement, f.Checkpoint.ToString());
        }
        else
        {
            Consume(judgement);
            KeepCheck(ref order, slot);
        }

        Say(decided);
        return Outcome.Applied;
    }

    /// <summary>A check that passed serves the next checkpoints for its days of grace, unless a release is to be looked at.</summary>
    private bool IsExcusedByCheck(int slot)
    {
        ref var order = ref book.Orders[slot];
        return order.ValueCap == 0 && Now < order.CheckedUntil && ValueOf(slot) <= order.CheckedValue;
    }

    private bool IsOn(Checkpoint checkpoint) => checkpoint switch
    {
        Checkpoint.Pick => Policy.Is(Parameter.CheckpointPick),
        Checkpoint.Ship => Policy.Is(Parameter.CheckpointShip),
        _ => true,
    };

    /// <summary>The same figures without an effect; not an approval.</summary>
    internal CheckDecided WhatIf(CheckCredit f)
    {
        var slot = f.Checkpoint == Checkpoint.Accept ? 0 : book.FindOrder(Slot, f.OrderId);
        return Answer(f, Judge(slot == 0 ? SubjectOf(f) : SubjectOf(slot, isNew: false) with { IsLater = HoldOf(slot) is null }));
    }

    private Subject SubjectOf(CheckCredit f) => new()
    {
        OrderId = f.OrderId, Amount = f.Amount, Currency = f.Currency, ShipOn = f.ShipOn == 0 ? Context.Today : f.ShipOn,
        Terms = f.Terms, DiscountRank = f.DiscountRank, IsNew = true,
    };

    private static CheckDecided Answer(CheckCredit f, Judgement judgement) => new()
    {
        Decision = judgement.Worst switch
        {
            Reaction.Refuse => Verdict.Refused,
            Reaction.Hold => Verdict.Held,
            Reaction.Warn => Verdict.ApprovedWithWarnings,
            _ => judgement.AtLimit ? Verdict.ApprovedWithWarnings : Verdict.Approved,
        },
        OrderId = f.OrderId, Amount = f.Amount, Currency = f.Currency.Code, Reasons = judgement.Told, Figures = judgement.Figures,
        Excuse = judgement.Holds ? "" : judgement.Excuse, Actor = f.Actor, Key = f.Key,
    };

    /// <summary>The reservation that is kept for an order.</summary>
    private ReservationState? ReservationOf(string orderId)
    {
        if (orderId.Length == 0 || book.RareOf(Slot) is not { Reservations.Count: > 0 } rare) return null;
        foreach (var reservation in rare.Reservations)
            if (reservation.OrderId == orderId) return reservation;
        return null;
    }

    /// <summary>A reservation serves one order: the first that names it, or the one that it was made for.</summary>
    private void BindReservation(string reservationId, string orderId)
    {
        if (book.RareOf(Slot) is not { Reservations.Count: > 0 } rare || ReservationOf(orderId) is not null) return;
        foreach (var reservation in rare.Reservations)
            if (reservation.Id == reservationId && reservation.OrderId.Length == 0) reservation.OrderId = orderId;
    }

    /// <summary>An order that was delivered or cancelled before it was told needs nothing: what was kept for it is free again.</summary>
    private void EndNeedlessReservation(OrderPlaced f)
    {
        if (ReservationOf(f.OrderId) is not { } reservation || book.FindOrder(Slot, f.OrderId) is var order && order != 0 && book.Undelivered(book.Orders[order]) > 0) return;
        EndReservation(reservation, "nothing left to deliver");
    }

    private Outcome EndReservationByHand(EndReservation f)
    {
        var reservation = book.RareOf(Slot)?.Reservations.Find(r => r.Id == f.ReservationId);
        if (reservation is null) return Outcome.Refused("NO_RESERVATION", $"No reservation '{f.ReservationId}'.");
        EndReservation(reservation, "ended by " + f.Actor);
        return Outcome.Applied;
    }

    private void EndReservation(ReservationState reservation, string reason)
    {
        book.Ledgers[book.LedgerOf(Slot, reservation.Currency)].Sums[(int)Part.Reserved] -= reservation.Amount;
        book.RareFor(Slot).Reservations.Remove(reservation);
        if (reason.Length == 0) return;
        Say(new ReservationEnded
        {
            ReservationId = reservation.Id, Amount = reservation.Amount, Currency = reservation.Currency.Code, Reason = reason,
        });
    }
}
