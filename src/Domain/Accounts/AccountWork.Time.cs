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
        var otherChanged = before.Policy != after.Policy || (before.Rates != after.Rates && !IsBlank) || before.GlobalHold != after.GlobalHold
            || before.PortfolioIndex != after.PortfolioIndex || before.StaleFeeds != after.StaleFeeds;
        _baselinesChanged = IsConcerned(before, after);
        if (!otherChanged && !_baselinesChanged && after.Today < account.WakeOn && book.RareOf(Slot) is not { Holds.Count: > 0 })
        {
            if (HasOverdue()) book.Show(Slot);
            return;
        }

        book.Touch(Slot);
        var limit = EffectiveLimit.Of(book, Slot, before, Now);
        _entering.Clear();
        if (dayChanged || before.Policy != after.Policy) MoveDay(before, after);
        Context = after;
        _fact = null!;
        if (before.Rates != after.Rates) CompareRates(before, after);
        // First expiries and the limit schedule, then the orders that enter the horizon together with the held ones.
        EndContests();
        KeepPlans();
        TakeStepOfToday();
        EndExclusions();
        if (book.RareOf(Slot) is { Seasons.Count: > 0 } seasonal)
            foreach (var season in seasonal.Seasons) WakeForSeason(season);
        TellEffectiveLimit(limit);
        foreach (var slot in _entering) book.Orders[slot].EnteredHorizonOn = after.Today;
        WishOfToday();
        if (_entering.Count > 0) JudgeAgain(_entering, Entering, byTime: !otherChanged);
        else JudgeHolds(byTime: !otherChanged);
        KeepGroup();
        if (dayChanged) TakeScore();
        if (before.Policy != after.Policy) _ruleChanged = [];
        JudgeSignals(byTime: !otherChanged);
        TellRuleChange();
        CloseDocuments();
        WakeForRates();
        book.Schedule(Slot, Now);
    }

    /// <summary>Nothing was ever ordered, owed or paid in any currency, nor agreed but a plain limit: no rate moves anything there, and a large book has many who need not be written down for one.</summary>
    private bool IsBlank => Account.Ledger == 0 && book.RareOf(Slot) is null && book.HabitsOf(Slot) is null;

    /// <summary>True when days past due grow with the day.</summary>
    private bool HasOverdue()
    {
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
            if (HasOverdue(book.Ledgers[ledger])) return true;
        return false;
    }

    /// <summary>A rate that grows old doubles the haircut of what stands in its currency: that day changes a figure.</summary>
    private void WakeForRates()
    {
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
        {
            var currency = book.Ledgers[ledger].Currency;
            if (currency == Account.LimitCurrency) continue;
            var left = Policy[Parameter.FxStaleDays] - Context.RateAge(currency, Account.LimitCurrency);
            if (left >= 0) book.Wake(Slot, Context.Today + (int)left + 1);
        }
    }

    private readonly List<int> _entering = [];

    private void MoveDay(PartitionContext before, PartitionContext after)
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
            // A day is no change of the document: its own date stays.
            var touchedOn = order.TouchedOn;
            book.CountOrder(slot, -1, before);
            book.CountOrder(slot, +1, after);
            order.TouchedOn = touchedOn;
            var insideNow = book.InsideOf(slot, order, undelivered, after.Today + book.PolicyOf(Slot, after).HorizonDays);
            if (insideNow > inside && before.Today != 0 && order.State == OrderState.Accepted) _entering.Add(slot);
        }

        if (book.RareOf(Slot) is not { } rare) return;
        if (rare.PauseTo >= after.Today) book.Wake(Slot, after.Today + 1);
        foreach (var step in rare.Steps)
        {
            if (step.From > after.Today) book.Wake(Slot, step.From);
            if (step.To > after.Today) book.Wake(Slot, step.To);
        }

        foreach (var cover in rare.Covers) WakeForCover(cover, after.Today);
        if (rare.GradeStaleOn > after.Today) book.Wake(Slot, rare.GradeStaleOn);
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

        // What judging the account does is waited for while it lies ahead of the last time that it was judged.
        void Later(Instant moment)
        {
            if (moment > now) At(moment);
        }

        var policy = book.PolicyOf(slot, book.Context);
        void SignalDeadline(SignalState signal)
        {
            foreach (var since in signal.ClearSince)
                if (since.Micros != 0) Later(since.Plus(policy[Parameter.SignalClearSeconds] * Instant.Second));
            if (signal is { Indicator: "EW-02", Firing: false } && signal.Since.Micros != 0) Later(signal.Since.Plus(policy[Parameter.Signal02Hours] * 3600 * Instant.Second));
            if (!signal.Flapping) return;
            Later(signal.DigestAt);
            for (var step = 1; step <= Ladder.StepsMax; step++)
                if (signal.IsFlapping(step)) Later(signal.LastOf(step).Plus(Instant.Day));
        }

        foreach (var reservation in rare.Reservations) At(reservation.ExpiresAt);
        foreach (var parked in rare.Parked) At(parked.Until);
        if (rare.SignalIndex is { MayFlap: false } index)
            foreach (var signal in index.Others) SignalDeadline(signal);
        else
            foreach (var signal in rare.Signals) SignalDeadline(signal);
        foreach (var released in rare.Released) At(released.GraceUntil);

        if (rare.RiskDownAt.Micros != 0) Later(rare.RiskDownAt);
        foreach (var request in rare.LimitRequests) At(request.LapsesAt);
        foreach (var temporary in rare.Temporary)
        {
            if (temporary.Ended) continue;
            Later(temporary.From);
            Later(temporary.To.Plus(-policy[Parameter.Signal12Days] * Instant.Day));
            Later(temporary.To);
        }

        if (rare.Group is { } group)
        {
            foreach (var check in group.Checks) At(check.Until);
            foreach (var pair in group.Held) Later(pair.Deadline(policy[Parameter.GroupSurplusMinutes] * 60 * Instant.Second));
            if (group.Lender is { } lender) Later(lender.Deadline);
        }

        var dwell = policy[Parameter.DwellSeconds] * Instant.Second;
        if (rare.Quiet is { } quiet)
        {
            At(quiet.Deadline);
            return earliest.Micros == long.MaxValue ? default : earliest;
        }

        foreach (var hold in rare.Holds)
        {
            if (!hold.Acknowledged && !hold.Escalated) At(hold.AcknowledgeBy);
            if (hold.RequestedBy.Length > 0) At(hold.LapsesAt);
            foreach (var reason in hold.Reasons)
                if (reason is { StillValid: false } && reason.CuredAt.Micros != 0) Later(reason.CuredAt.Plus(dwell));
        }

        return earliest.Micros == long.MaxValue ? default : earliest;
    }

    /// <summary>Does what is due by now: reservations, parked facts, requests, clocks, dwells.</summary>
    internal void Fire()
    {
        _fact = null!;
        if (book.RareOf(Slot) is not { } rare) return;
        rare.Quiet = null;
        for (var i = rare.Reservations.Count - 1; i >= 0; i--)
            if (rare.Reservations[i].ExpiresAt <= Now) EndReservation(rare.Reservations[i], "expired");
        LapseParked();
        for (var i = rare.LimitRequests.Count - 1; i >= 0; i--)
        {
            var request = rare.LimitRequests[i];
            if (request.LapsesAt > Now) continue;
            rare.LimitRequests.RemoveAt(i);
            TellLimit("limit.request-lapsed", (Account.LimitKind, Account.LimitAmount), request.Id, request.Actor, [], "");
        }

        foreach (var hold in rare.Holds)
        {
            if (!hold.Acknowledged && !hold.Escalated && hold.AcknowledgeBy <= Now)
            {
                hold.Escalated = true;
                TellHold(HoldChanged.Escalated, hold, null, "", "", "");
            }

            if (hold.RequestedBy.Length == 0 || hold.LapsesAt > Now) continue;
            EndRequest(hold, HoldChanged.Lapsed, "", "");
        }

        EndGraces();
        JudgeHolds(byTime: true);
        KeepGroup();
        JudgeSignals(byTime: true);
        book.Schedule(Slot, Now);
    }
}
