namespace ExposureMonitor.Domain;

/// <summary>What time and the house do to an account: days, rates, policies, timers.</summary>
internal sealed partial class AccountWork
{
    /// <summary>
    /// Brings the account from the version of the context that it knows to the next one: the day first (ageing,
    /// limit schedule), then the orders that entered the horizon, then holds and signals.
    /// </summary>
    internal void Fold(PartitionContext before, PartitionContext after)
    {
        ref var account = ref Account;
        account.Folded = after.Version;
        var dayChanged = before.Today != after.Today;
        var otherChanged = before.Policy != after.Policy || before.Rates != after.Rates || before.GlobalHold != after.GlobalHold
            || before.PortfolioIndex != after.PortfolioIndex;
        if (!otherChanged && after.Today < account.WakeOn && book.RareOf(Slot) is not { Holds.Count: > 0 })
        {
            if (HasOverdue()) book.Show(Slot);
            return;
        }

        book.Touch(Slot);
        var entering = new List<int>();
        if (dayChanged || before.Policy != after.Policy) MoveDay(before, after, entering);
        Context = after;
        TakeStepOfToday();
        foreach (var slot in entering) book.Orders[slot].EnteredHorizonOn = after.Today;
        JudgeEntering(entering);
        JudgeHolds();
        JudgeSignals();
        CloseDocuments();
        book.Schedule(Slot, Now);
    }

    /// <summary>True when days past due grow with the day.</summary>
    private bool HasOverdue()
    {
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
            for (var bucket = 1; bucket < 6; bucket++)
                if (book.Ledgers[ledger].Sums[(int)Part.Aged + bucket] != 0) return true;
        return false;
    }

    private void MoveDay(PartitionContext before, PartitionContext after, List<int> entering)
    {
        Account.WakeOn = int.MaxValue;
        if (Account.LookOn != 0) book.Wake(Slot, Account.LookOn);
        book.Age(Slot, before, after);
        // A day changes only orders behind the horizon; a policy may change the horizon of all.
        var all = before.Policy != after.Policy;
        for (int slot = all ? Account.OpenOrder : Account.OutsideOrder, next; slot != 0; slot = next)
        {
            next = all ? book.Orders[slot].OpenNext : book.Orders[slot].OutsideNext;
            ref var order = ref book.Orders[slot];
            var undelivered = book.Undelivered(order);
            var inside = book.InsideOf(slot, order, undelivered, before.Today + book.PolicyOf(Slot, before).HorizonDays);
            book.CountOrder(slot, -1, before);
            book.CountOrder(slot, +1, after);
            var insideNow = book.InsideOf(slot, order, undelivered, after.Today + book.PolicyOf(Slot, after).HorizonDays);
            if (insideNow > inside && before.Today != 0 && order.State == OrderState.Accepted) entering.Add(slot);
        }

        if (book.RareOf(Slot) is not { } rare) return;
        foreach (var step in rare.Steps)
        {
            if (step.From > after.Today) book.Wake(Slot, step.From);
            if (step.To > after.Today) book.Wake(Slot, step.To);
        }

        foreach (var cover in rare.Covers)
            if (cover.To > after.Today) book.Wake(Slot, Math.Max(after.Today + 1, cover.To - cover.ClaimLagDays));
    }

    /// <summary>
    /// Orders that enter the horizon are judged like new ones, in release order: first all are taken out, then each
    /// that passes joins before the next.
    /// </summary>
    private void JudgeEntering(List<int> entering)
    {
        if (entering.Count == 0) return;
        entering.Sort(InReleaseOrderOfOrders);
        foreach (var slot in entering) SetState(slot, OrderState.OnHold);
        foreach (var slot in entering)
        {
            var judgement = Judge(SubjectOf(slot, ""));
            if (judgement.Holds) Hold(slot, judgement, "HORIZON");
            else SetState(slot, OrderState.Accepted);
        }
    }

    private int InReleaseOrderOfOrders(int a, int b)
    {
        ref var x = ref book.Orders[a];
        ref var y = ref book.Orders[b];
        var order = x.Priority.CompareTo(y.Priority);
        if (order == 0) order = PromiseOf(x).CompareTo(PromiseOf(y));
        if (order == 0) order = x.PlacedAt.CompareTo(y.PlacedAt);
        return order != 0 ? order : string.CompareOrdinal(book.Texts.Get(x.Id), book.Texts.Get(y.Id));
    }

    /// <summary>The earliest moment at which time alone changes something, or <c>default</c>.</summary>
    internal static Instant DeadlineOf(Book book, int slot, Instant now)
    {
        if (book.RareOf(slot) is not { } rare) return default;
        var earliest = new Instant(long.MaxValue);
        void At(Instant moment)
        {
            if (moment.Micros != 0 && moment < earliest) earliest = moment;
        }

        foreach (var reservation in rare.Reservations) At(reservation.ExpiresAt);
        foreach (var parked in rare.Parked) At(parked.Until);
        foreach (var signal in rare.Signals)
        {
            At(signal.PendingUntil);
            if (signal is { Indicator: "EW-02", Firing: false } && signal.Since.Micros != 0) At(signal.Since.Plus(Instant.Day));
        }

        foreach (var request in rare.LimitRequests) At(request.LapsesAt);
        foreach (var temporary in rare.Temporary)
        {
            if (temporary.Ended) continue;
            if (temporary.From > now) At(temporary.From);
            else if (temporary.To > now) At(temporary.To);
        }

        var dwell = book.PolicyOf(slot, book.Context)["dwellSeconds"] * Instant.Second;
        foreach (var hold in rare.Holds)
        {
            if (!hold.Acknowledged && !hold.Escalated) At(hold.AcknowledgeBy);
            if (hold.RequestedBy.Length > 0) At(hold.LapsesAt);
            foreach (var reason in hold.Reasons)
                if (reason is { StillValid: false } && reason.CuredAt.Micros != 0 && reason.CuredAt.Plus(dwell) > now) At(reason.CuredAt.Plus(dwell));
        }

        return earliest.Micros == long.MaxValue ? default : earliest;
    }

    /// <summary>Does what is due by now: reservations, parked facts, requests, clocks, dwells.</summary>
    internal void Fire()
    {
        if (book.RareOf(Slot) is not { } rare) return;
        foreach (var reservation in rare.Reservations.ToArray())
            if (reservation.ExpiresAt <= Now) EndReservation(reservation, "expired");
        LapseParked();
        foreach (var request in rare.LimitRequests.ToArray())
        {
            if (request.LapsesAt > Now) continue;
            rare.LimitRequests.Remove(request);
            TellLimit("limit.request-lapsed", (Account.LimitKind, Account.LimitAmount), request.Id, request.Actor, [], "");
        }

        foreach (var hold in rare.Holds.ToArray())
        {
            if (!hold.Acknowledged && !hold.Escalated && hold.AcknowledgeBy <= Now)
            {
                hold.Escalated = true;
                TellHold(HoldChanged.Escalated, hold, null, "", "", "");
            }

            if (hold.RequestedBy.Length == 0 || hold.LapsesAt > Now) continue;
            SetState(hold.Order, OrderState.OnHold);
            TellHold(HoldChanged.Lapsed, hold, null, hold.RequestedBy, "", "");
            hold.RequestedBy = "";
        }

        JudgeHolds();
        JudgeSignals();
        book.Schedule(Slot, Now);
    }
}
