namespace ExposureMonitor.Domain;

/// <summary>
/// Indicators that count what happened within so many days: EW-28 round sums on account, EW-31 returned payments, EW-32 broken
/// promises and plans, EW-33 requests for longer terms, EW-35 other ways to pay; and EW-08, the dunning level.
/// </summary>
internal sealed partial class AccountWork
{
    private static readonly Ladder DunningSteps = Ladder.Levels(Severity.High), ReturnedSteps = Ladder.Levels(Severity.High, Severity.Critical),
        BrokenSteps = Ladder.Levels(Severity.Medium, Severity.High), AskedSteps = Ladder.Levels(Severity.Low, Severity.Medium), RoundSteps = Ladder.Levels(Severity.Low);

    private static readonly Ladder OtherWaySteps = Ladder.Levels(Severity.Low, Severity.Medium);

    /// <summary>EW-08: the highest dunning level of open items.</summary>
    private void JudgeDunning()
    {
        if (book.RareOf(Slot) is not { Dunned: true }) return;
        var level = HighestDunning();
        var (fire, calm) = (Policy[Parameter.Signal08Level], Policy[Parameter.Signal08Rearm]);
        var step = level >= fire ? 1 : level > calm ? StepOf("EW-08", "") : 0;
        Tell("EW-08", "", DunningSteps, step, new Measure(level, fire), "no open item above the level of its re-arm");
    }

    private void JudgeCounted(OutsideHabit outside)
    {
        JudgeCount("EW-31", ReturnedSteps, outside.Returned, Policy.Int(Parameter.Signal31Days), 1, "days without a returned payment");
        JudgeCount("EW-33", AskedSteps, outside.Asked, Policy.Int(Parameter.Signal33Days), 1, "days without a request for longer terms");
        JudgeRounds(outside);
        JudgeCount("EW-28", RoundSteps, outside.RoundSums, Policy.Int(Parameter.Signal28Days), Policy.Int(Parameter.Signal28Count), "days without a round sum on account");
        JudgePromises(outside);
        foreach (var way in outside.Ways) JudgeWay(way);
        outside.Returned.CutBefore(Context.Today - 200);
        outside.Asked.CutBefore(Context.Today - 200);
        outside.RoundSums.CutBefore(Context.Today - 200);
    }

    /// <summary>The first step at so many within the days, the second at one more; armed again when the last has left the days.</summary>
    private void JudgeCount(string indicator, Ladder ladder, in DaySeries series, int days, int first, string clears)
    {
        if (series.Length == 0 && StateOf(indicator, "") is null) return;
        var step = CountStep(series, days, first, ladder.Steps.Length, Context.Today, StepOf(indicator, ""));
        Tell(indicator, "", ladder, step, new Measure(series.Between(Context.Today - days + 1, Context.Today).Count, first), clears);
        if (step > 0) book.Wake(Slot, series.LastUpTo(Context.Today) + days);
    }

    /// <summary>
    /// The step of a day: the highest that its days reached since the last calm, by their own dates; what stands from before the series stays.
    /// </summary>
    private static int CountStep(in DaySeries series, int days, int first, int steps, int day, int standing)
    {
        if (series.LastUpTo(day) is var last && (last == 0 || last <= day - days)) return 0;
        var step = Math.Min(standing, steps);
        for (var at = last; at != 0; at = series.LastUpTo(at - 1))
        {
            step = Math.Max(step, Math.Clamp(series.Between(at - days + 1, at).Count - first + 1, 0, steps));
            if (series.LastUpTo(at - 1) <= at - days) break;
        }

        return step;
    }

    /// <summary>EW-28: a round sum is one when it was not used up within the days, and fits nothing that the customer owes.</summary>
    private void JudgeRounds(OutsideHabit outside)
    {
        if (outside.Rounds.Count == 0) return;
        var days = Policy.Int(Parameter.Signal28AfterDays);
        for (var i = 0; i < outside.Rounds.Count; i++)
        {
            var round = outside.Rounds[i];
            if (Context.Today <= round.On + days)
            {
                book.Wake(Slot, round.On + days + 1);
                continue;
            }

            outside.Rounds.RemoveAt(i--);
            var source = book.FindSource(Slot, round.Payment);
            if (source == 0 || book.Sources[source].Void || book.Sources[source].Allocated != 0 || FitsDebt(book.Sources[source].Amount, book.Sources[source].Currency)) continue;
            outside.RoundSums.Add(round.On + days + 1, 1, 0);
        }
    }

    /// <summary>True when an amount is that of a single open item, of all that is due, or of the oldest two to ten together.</summary>
    private bool FitsDebt(long amount, Currency currency)
    {
        _then.Clear();
        Int128 due = 0;
        for (var at = Account.OpenItem; at != 0; at = book.Items[at].OpenNext)
        {
            ref var item = ref book.Items[at];
            if (item.Currency != currency || book.OpenOf(item) is not (> 0 and var open)) continue;
            if (open == amount || item.Amount == amount) return true;
            if (item.DueOn <= Context.Today) due += open;
            _then.Add((item.DueOn, open, currency));
        }

        if (due == amount) return true;
        _then.Sort(static (a, b) => a.Due != b.Due ? a.Due.CompareTo(b.Due) : a.Open.CompareTo(b.Open));
        Int128 running = 0;
        for (var i = 0; i < Math.Min(10, _then.Count); i++)
            if ((running += _then[i].Open) == amount) return true;
        return false;
    }

    /// <summary>A payment of whole thousands is looked at again when its days on account are over; accounts and ways are compared at once.</summary>
    private void SeePayment(PaymentReceived f)
    {
        if (!Policy.KeepsHabits) return;
        if (f.Cleared) SeeCleared(f.ValueOn);
        var unit = 1_000L;
        for (var digit = 0; digit < f.Currency.Digits; digit++) unit *= 10;
        if (f.Amount % unit == 0)
            Few.Add(ref (book.HabitsFor(Slot).Outside ??= new OutsideHabit()).Rounds, new RoundState { Payment = f.PaymentId, On = f.ValueOn });
        if (f.ThirdPartyPayer.Length > 0) SeeWay("THIRD-PARTY", f.ValueOn);
        if (f.Method == PaymentMethod.Cheque) SeeWay("CHEQUE", f.ValueOn);
        else if (f.Method is PaymentMethod.Transfer or PaymentMethod.DirectDebit) (book.HabitsFor(Slot).Outside ??= new OutsideHabit()).Methods |= 1;
        if (f.PayerAccount.Length > 0) SeeAccount(f);
    }

    /// <summary>EW-35: another account than the last eight; the first account of all is none.</summary>
    private void SeeAccount(PaymentReceived f)
    {
        var outside = book.HabitsFor(Slot).Outside ??= new OutsideHabit();
        var account = Hashing.Text(f.PayerAccount, 0);
        if (!outside.Accounts.Remove(account) && outside.Accounts.Count > 0) SeeWay("ACCOUNT", f.ValueOn);
        Few.Add(ref outside.Accounts, account);
        if (outside.Accounts.Count > 8) outside.Accounts.RemoveAt(0);
    }

    /// <summary>EW-35: who paid by transfer pays by acceptance or cheque, or somebody else pays: each is told the first time.</summary>
    private void SeeWay(string way, int on)
    {
        var outside = book.HabitsFor(Slot).Outside ??= new OutsideHabit();
        // Who never paid by transfer has not changed his way.
        if (way is "ACCEPTANCE" or "CHEQUE" && (outside.Methods & 1) == 0) return;
        var known = outside.Ways.Find(w => w.Way == way);
        // An account is compared with the last eight each time; the other ways are new once.
        if (known is not null && (way != "ACCOUNT" || !known.Closed)) return;
        if (known is null) Few.Add(ref outside.Ways, known = new WayState { Way = way });
        (known.On, known.Closed) = (on, false);
    }

    private void JudgeWay(WayState way) =>
        Tell("EW-35", way.Way, OtherWaySteps, way.Closed ? 0 : way.Way == "THIRD-PARTY" ? 2 : 1, new Measure(way.On, 0), "somebody acknowledges it");

    /// <summary>Ends what only a person can end.</summary>
    private Outcome CloseSignalOf(CloseSignal f)
    {
        var outside = book.HabitsOf(Slot)?.Outside;
        if (f.Indicator == "EW-35" && outside?.Ways.Find(w => w.Way == f.About && !w.Closed) is { } way) way.Closed = true;
        else if (f.Indicator == "EW-42" && outside?.News.Find(n => n.Id == f.About && !n.Closed) is { } news) news.Closed = true;
        else return Outcome.Refused("NOT_CLOSABLE", $"No signal {f.Indicator} about '{f.About}' stands that a person could close.");
        return Outcome.Applied;
    }

    /// <summary>Judges a step, and tells figures with it when it rises.</summary>
    private void Tell(string indicator, string subject, Ladder ladder, int step, in Measure measure, string clears)
    {
        if (step > StepOf(indicator, subject)) _measure = measure;
        Judge(indicator, subject, ladder, step, clears);
        _measure = null;
    }
}
