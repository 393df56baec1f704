namespace ExposureMonitor.Domain;

/// <summary>Checks before an order, and the headroom that they keep.</summary>
internal sealed partial class AccountWork
{
    private Outcome Check(CheckCredit f)
    {
        if (Refuses(f.Amount, out var refusal)) return refusal;
        if (ReservationOf("", f.OrderId) is not null)
            return Outcome.Refused("ALREADY_RESERVED", $"Headroom is already kept for order '{f.OrderId}'.");
        var judgement = Judge(SubjectOf(f));
        var decided = Answer(f, judgement);
        if (!judgement.Holds)
        {
            Weigh(f.Amount);
            var minutes = f.LiveMinutes > 0 ? f.LiveMinutes : Policy["reservationMinutes"];
            var reservation = new ReservationState
            {
                Id = "r-" + At, OrderId = f.OrderId, Amount = f.Amount, Currency = f.Currency, ShipOn = f.ShipOn,
                ExpiresAt = Now.Plus(minutes * 60 * Instant.Second),
            };
            book.RareFor(Slot).Reservations.Add(reservation);
            book.Ledgers[book.LedgerOf(Slot, f.Currency)].Sums[(int)Part.Reserved] += f.Amount;
            if (judgement.UsesTemporary is { Once: true } once) once.Consumed = true;
            (decided.ReservationId, decided.ExpiresAt) = (reservation.Id, reservation.ExpiresAt);
        }

        Say(decided);
        return Outcome.Applied;
    }

    /// <summary>The same figures without an effect; not an approval.</summary>
    internal CheckDecided WhatIf(CheckCredit f) => Answer(f, Judge(SubjectOf(f)));

    private Subject SubjectOf(CheckCredit f) => new()
    {
        OrderId = f.OrderId, Amount = f.Amount, Currency = f.Currency, ShipOn = f.ShipOn == 0 ? Context.Today : f.ShipOn,
        TermsRank = RankOf(book.Names.Of(f.Terms)), DiscountRank = f.DiscountRank,
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
        OrderId = f.OrderId, Amount = f.Amount, Currency = f.Currency.Code, Reasons = judgement.Reasons, Figures = judgement.Figures,
        Excuse = judgement.Excuse, Actor = f.Actor, Key = f.Key,
    };

    private Outcome EndReservationByHand(EndReservation f)
    {
        if (ReservationOf(f.ReservationId, "") is not { } reservation)
            return Outcome.Refused("NO_RESERVATION", $"No reservation '{f.ReservationId}'.");
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
