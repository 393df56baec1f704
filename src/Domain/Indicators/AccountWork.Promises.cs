namespace ExposureMonitor.Domain;

/// <summary>EW-32: promises and payment plans that were not kept (credit.md 15).</summary>
internal sealed partial class AccountWork
{
    private Outcome Promise(PromiseMade f)
    {
        var outcome = Record(f);
        if (outcome.Kind != OutcomeKind.Applied) return outcome;
        var outside = book.HabitsFor(Slot).Outside ??= new OutsideHabit();
        var known = outside.Promises.Find(p => p.Id == f.PromiseId);
        if (known is null) Few.Add(ref outside.Promises, known = new PromisedState { Id = f.PromiseId });
        (known.Amount, known.Currency, known.MadeOn, known.PromisedOn) = (f.Amount, f.Currency, f.Time.UtcDate.DayNumber, f.PromisedOn);
        known.Items.Clear();
        known.Items.AddRange(f.Items);
        WakeAhead(f.PromisedOn + Promises.GraceDays + 1);
        return outcome;
    }

    /// <summary>A withdrawal that comes before its promise waits in the place of it.</summary>
    private Outcome WithdrawPromise(PromiseWithdrawn f)
    {
        var outside = book.HabitsFor(Slot).Outside ??= new OutsideHabit();
        var known = outside.Promises.Find(p => p.Id == f.PromiseId);
        if (known is null) Few.Add(ref outside.Promises, known = new PromisedState { Id = f.PromiseId });
        if (known.WithdrawnOn != 0) return Outcome.Superseded;
        known.WithdrawnOn = f.Time.UtcDate.DayNumber;
        return Outcome.Applied;
    }

    private void JudgePromises(OutsideHabit outside)
    {
        var plans = book.RareOf(Slot) is { Plans.Count: > 0 };
        if (outside.Promises.Count == 0 && outside.Broken.Length == 0 && !plans && StateOf("EW-32", "") is null) return;
        for (var i = 0; i < outside.Promises.Count; i++)
        {
            var promise = outside.Promises[i];
            var brokenOn = promise.PromisedOn + Promises.GraceDays + 1;
            if (promise.PromisedOn == 0) continue;
            if (brokenOn > Context.Today) book.Wake(Slot, brokenOn);
            if (brokenOn > Context.Today - LatenessDays) continue;
            // Beyond the window nothing changes it any more.
            if (BrokenOn(promise, Context.Today) is var day and > 0) outside.Broken.Add(day, 1, 0);
            outside.Promises.RemoveAt(i--);
        }

        var days = Policy.Int(Parameter.Signal32Days);
        var (count, last) = BrokenUpTo(Context.Today);
        var step = StepOf("EW-32", "");
        // What broke together on a day of the window counts, also when one of them is known later.
        for (var day = Context.Today - LatenessDays; day <= Context.Today && count > 0; day++) step = Math.Max(step, Math.Min(2, BrokenUpTo(day).Count));
        Tell("EW-32", "", BrokenSteps, count == 0 ? 0 : step, new Measure(count, 1), "days without a broken promise or plan");
        if (count > 0) book.Wake(Slot, last + days);
        outside.Broken.CutBefore(Context.Today - 100);
    }

    /// <summary>Promises and plans that broke within the days up to one, and the last such day.</summary>
    private (int Count, int Last) BrokenUpTo(int day)
    {
        var (from, count, last) = (day - Policy.Int(Parameter.Signal32Days) + 1, 0, 0);
        if (book.HabitsOf(Slot)?.Outside is { } outside)
        {
            count = outside.Broken.Between(from, day).Count;
            last = outside.Broken.LastUpTo(day);
            foreach (var promise in outside.Promises) Count(BrokenOn(promise, day));
        }

        foreach (var plan in book.RareOf(Slot)?.Plans ?? Few<PlanState>.None)
            if (MissedOn(plan) is { } missed) Count(missed + (plan.Outcome == PlanOutcome.Broken && plan.EndedOn == missed ? 0 : Policy.Int(Parameter.PlanGraceDays) + 1));
        return (count, last);

        void Count(int on)
        {
            if (on < from || on > day || on == 0) return;
            count++;
            last = Math.Max(last, on);
        }
    }

    /// <summary>The day on which a promise broke, as a day knows it; 0 while it did not.</summary>
    private int BrokenOn(PromisedState promise, int day)
    {
        if (promise.PromisedOn == 0) return 0;
        var until = Context.IsStale ? Math.Min(day, Context.StaleFeeds[0].Since.UtcDate.DayNumber) : day;
        var withdrawn = promise.WithdrawnOn != 0 && promise.WithdrawnOn <= promise.PromisedOn + Promises.GraceDays;
        return Promises.StateOf(promise.Amount, promise.PromisedOn, book.PaidFor(Slot, promise), withdrawn, until) == PromiseState.Broken ? promise.PromisedOn + Promises.GraceDays + 1 : 0;
    }
}
