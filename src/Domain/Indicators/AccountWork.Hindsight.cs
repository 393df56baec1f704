namespace ExposureMonitor.Domain;

/// <summary>
/// What a late fact says about days that are over: indicators that are judged by business dates are judged again on
/// the day of their firing, with what was known by its own dates. Only an account with a recent firing pays for it.
/// </summary>
internal sealed partial class AccountWork
{
    private const string WasFalse = "a late fact shows that it was not so on its own dates";

    private readonly List<(int Due, long Open, Currency Currency)> _then = [];

    /// <summary>Before today is judged: a signal that was false on its own dates is taken back, and not resolved.</summary>
    private void TakeBack()
    {
        var own = OwnDateOf(_fact);
        if (own == 0 || own >= Context.Today) return;
        var window = Policy.Int(Parameter.SignalLatenessDays);
        if (book.RareOf(Slot) is { Signals.Count: > 0 } rare)
        {
            foreach (var state in rare.Signals)
            {
                if (state.Retracted || state.RaisedOn == 0 || state.RaisedOn < own || Context.Today - state.RaisedOn > window) continue;
                if (LadderOf(state.Indicator) is { } ladder ? WasReached(state.Indicator, state.RaisedOn, ladder) > 0 : StoodThen(state.Indicator, state.Subject, state.RaisedOn) != 0) continue;
                Retract(state);
            }
        }
    }

    /// <summary>What the first rules noted: debts that a late invoice shows.</summary>
    private void NoteMissedDebts()
    {
        var own = OwnDateOf(_fact);
        if (own == 0 || own >= Context.Today) return;
        var window = Policy.Int(Parameter.SignalLatenessDays);
        if (_fact is InvoicePosted posted && Context.Today - posted.DueOn > Policy[Parameter.Signal06Days]) NoteMissedDebts(Math.Max(own, Context.Today - window));
    }

    /// <summary>Step on which an indicator of the habits, or of the outside, stood on a past day; −1 when its past is not judged.</summary>
    private int StoodThen(string indicator, string subject, int day)
    {
        var rare = book.RareOf(Slot);
        if (indicator == "EW-18") return rare is null ? 0 : ReviewStep(rare, day);
        if (indicator == "EW-17") return rare?.Covers.Find(c => c.Id == subject) is { } cover && IsLost(rare, cover, day, cover.MepDays > 0 ? OverdueThen("EW-10", day) : 0) ? 1 : 0;
        if (indicator == "EW-32") return BrokenUpTo(day).Count;
        if (book.HabitsOf(Slot) is not { } habits) return -1;
        if (DatedOf(indicator) is var dated && dated != Dated.Count)
        {
            LookAtHabits(habits);
            return StepAt(habits, dated, Habits.StepIn(habits.Stood, dated), habits.StoodOn, day);
        }

        return indicator switch
        {
            "EW-41" => habits.FirstPaidOn == 0 || habits.FirstPaidOn > day ? 1 : 0,
            "EW-31" when habits.Outside is { } outside => CountStep(outside.Returned, Policy.Int(Parameter.Signal31Days), 1, 2, day, 0),
            "EW-16" when habits.Outside is { } outside => AltmanStep(outside, day),
            "EW-22" when habits.Outside is { } outside => StatementStep(outside, day),
            "EW-42" when habits.Outside is { } outside => outside.News.Find(n => n.Id == subject) is { Closed: false } news ? NewsStep(outside, news, day) : -1,
            _ => -1,
        };
    }

    /// <summary>The own date of a fact; a limit counts from the day on which it was decided, and what has no date of its own from its time.</summary>
    private int OwnDateOf(Fact? fact) => fact switch
    {
        null => 0,
        LimitSet or LimitRemoved or InvoiceDueDateChanged => fact.Time.UtcDate.DayNumber,
        PaymentReturned f => f.ReturnedOn,
        AcceptanceDishonoured f => f.On,
        AcceptanceHonoured f => f.PaidOn,
        PaymentCleared f => f.ClearedOn,
        ReviewCompleted f => f.ReviewedOn,
        ExternalSignalReceived f => f.HappenedOn,
        MoratoriumSet f when !IsOfFirstRules => f.From,
        StatementAnswered or FinancialStatementFiled or PaymentDeallocated or InvoiceCancelled or PromiseWithdrawn or CoverChanged or CoverGranted => fact.Time.UtcDate.DayNumber,
        { OwnDate: 0 } when !IsOfFirstRules => fact.Time.UtcDate.DayNumber,
        _ => fact.OwnDate,
    };

    private Ladder? LadderOf(string indicator) => indicator switch
    {
        "EW-05" => Policy.Ladders.OldestItem,
        "EW-06" => Policy.Ladders.ShareOverdue,
        "EW-10" => Policy.Ladders.PastDue,
        "EW-11" => Policy.Ladders.LimitEnds,
        _ => null,
    };

    private void Retract(SignalState state)
    {
        state.Retracted = true;
        DiscountMedium(state);
        var isOver = true;
        for (var step = 1; step <= Ladder.StepsMax; step++)
        {
            if (state.Open[step - 1] == 0) continue;
            isOver = false;
            Tell(SignalChanged.Retracted, state, step, 0, 0, WasFalse);
            state.Open[step - 1] = 0;
        }

        if (isOver)
        {
            // It had ended already: whoever was told of it is told of this, under the id of then.
            var told = Told(SignalChanged.Retracted, state, Math.Max(1, state.RaisedStep), 0, 0, WasFalse);
            told.SignalId = IdOf(state, Math.Max(1, state.RaisedStep), state.RaisedCrossing);
            Say(told);
        }

        // What is true today fires by its own, with a signal of its own.
        state.Step = 0;
        state.ClearSince = default;
    }

    private void NoteMissedDebts(int from)
    {
        NoteMissedDebt("EW-05", from);
        NoteMissedDebt("EW-06", from);
        NoteMissedDebt("EW-10", from);
    }

    private void NoteMissedDebt(string indicator, int from)
    {
        if (LadderOf(indicator) is not { } ladder || StateOf(indicator, "") is { } state && (state.Firing || state.RaisedOn >= from)) return;
        for (var day = from; day < Context.Today; day++)
        {
            var step = WasReached(indicator, day, ladder);
            if (step == 0) continue;
            var missed = new SignalState { Indicator = indicator, Severity = ladder.Steps[step - 1].Severity, RaisedAt = AtText };
            var told = Told(SignalChanged.LateCorrection, missed, step, day, ladder.Steps[step - 1].Fire, WasMissed);
            Say(told);
            return;
        }
    }

    /// <summary>Highest step that was reached on a past day, by the own dates of what is known now.</summary>
    private int WasReached(string indicator, int day, Ladder ladder)
    {
        var value = indicator == "EW-11" ? DaysBeyondEnd(day) : OverdueThen(indicator, day);
        var reached = 0;
        while (reached < ladder.Steps.Length && value >= ladder.Steps[reached].Fire) reached++;
        return reached;
    }

    private long DaysBeyondEnd(int day) => EndOfLimit() is var end && end == 0 ? long.MinValue : day - end;

    private long OverdueThen(string indicator, int day)
    {
        _then.Clear();
        var original = indicator == "EW-10";
        for (var at = Account.Items.First; at != 0; at = book.Items[at].Next)
        {
            ref var item = ref book.Items[at];
            if (!item.Posted || item.Cancelled || item.IssuedOn > day) continue;
            var open = item.Amount - book.ExtraOf(item).WrittenOff;
            for (var part = item.FirstPart; part != 0; part = book.Parts[part].NextOfItem)
            {
                ref var allocation = ref book.Allocations[book.Parts[part].Allocation];
                if (!allocation.WriteOff && allocation.On <= day && IsLive(book.Parts[part].Allocation)) open -= book.Parts[part].Amount + book.Parts[part].Discount;
            }

            if (!original) open = book.ExtraOf(item).Plans > 0 ? 0 : open - book.ExtraOf(item).Contested;
            if (open > 0) _then.Add((original ? item.OriginalDueOn : item.DueOn, open, item.Currency));
        }

        _then.Sort(static (a, b) => a.Due != b.Due ? a.Due.CompareTo(b.Due) : a.Open != b.Open ? a.Open.CompareTo(b.Open) : a.Currency.CompareTo(b.Currency));
        return indicator == "EW-06" ? ShareThen(day) : OldestThen(day, setOff: !original);
    }

    private long OldestThen(int day, bool setOff)
    {
        long longest = 0;
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
        {
            var currency = book.Ledgers[ledger].Currency;
            var least = LeastIn(Policy[Parameter.Signal05Minimum], currency);
            var unapplied = setOff ? UnappliedThen(day, currency) : 0;
            foreach (var (due, open, of) in _then)
            {
                if (of != currency) continue;
                var covered = Math.Min(open, unapplied);
                unapplied -= covered;
                if (open - covered < least) continue;
                longest = Math.Max(longest, day - due - (setOff ? PausedBetween(due, day) : 0));
                break;
            }
        }

        return longest;
    }

    private long ShareThen(int day)
    {
        Int128 overdue = 0, balance = 0;
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
        {
            var currency = book.Ledgers[ledger].Currency;
            Int128 late = 0, all = 0;
            foreach (var (due, open, of) in _then)
            {
                if (of != currency) continue;
                all += open;
                if (day - due - PausedBetween(due, day) > Policy[Parameter.Signal06Days]) late += open;
            }

            overdue += Context.Convert(Int128.Max(0, late - UnappliedThen(day, currency)), currency, Account.LimitCurrency) ?? 0;
            balance += Context.Convert(all, currency, Account.LimitCurrency) ?? 0;
        }

        return balance > 0 ? (long)Rounding.Down(overdue * 10_000, balance) : 0;
    }

    private long UnappliedThen(int day, Currency currency)
    {
        long sum = 0;
        for (var at = Account.Sources.First; at != 0; at = book.Sources[at].Next)
        {
            ref var source = ref book.Sources[at];
            if (source.Currency != currency || source.Void || source.OwnDate > day || source.NamedOrder != 0) continue;
            var left = source.Amount - source.Refunded;
            for (var allocation = source.FirstAllocation; allocation != 0; allocation = book.Allocations[allocation].NextOfSource)
            {
                if (book.Allocations[allocation].Undone || book.Allocations[allocation].On > day) continue;
                for (var part = book.Allocations[allocation].FirstPart; part != 0; part = book.Parts[part].NextOfAllocation) left -= book.Parts[part].FromAmount;
            }

            sum += Math.Max(0, left);
        }

        return sum;
    }

    private int PausedBetween(int dueOn, int day)
    {
        if (book.RareOf(Slot) is not { PauseFrom: not 0 } rare) return 0;
        return Math.Max(0, Math.Min(day, rare.PauseTo) - Math.Max(dueOn + 1, rare.PauseFrom) + 1);
    }
}
