using System.Globalization;

namespace ExposureMonitor.Domain;

/// <summary>
/// The trigger machine of credit.md 19.1. A signal is an edge: raised when a step is crossed, resolved when the value
/// stayed beyond the re-arm for the clear dwell. What crosses to and fro is told once a day; what a late fact shows to
/// have been false is taken back.
/// </summary>
internal sealed partial class AccountWork
{
    private const int EventIdsMax = 10;

    private List<string>? _ruleChanged;

    private SignalState? StateOf(string indicator, string subject)
    {
        if (book.RareOf(Slot) is not { Signals.Count: > 0 } rare) return null;
        if (rare.Signals.Count >= SignalIndex.From && !book.JudgesEveryHold) return (rare.SignalIndex ??= new SignalIndex(rare.Signals)).Find(indicator, subject);
        foreach (var state in rare.Signals)
            if (state.Indicator == indicator && state.Subject == subject) return state;
        return null;
    }

    private int StepOf(string indicator, string subject) => StateOf(indicator, subject)?.Step ?? 0;

    private SignalState AddState(string indicator, string subject)
    {
        var state = new SignalState { Indicator = indicator, Subject = subject };
        var rare = book.RareFor(Slot);
        Few.Add(ref rare.Signals, state);
        rare.SignalIndex?.Add(state);
        return state;
    }

    /// <summary>Compares a value with the ladder of an indicator and tells the edge, if there is one.</summary>
    private void Judge(string indicator, string subject, Ladder ladder, long value, string clears) => Judge(indicator, subject, ladder, value, value, clears);

    /// <param name="indicator">Its number in the catalogue.</param>
    /// <param name="subject">What it is about; "" for the customer.</param>
    /// <param name="ladder">The steps.</param>
    /// <param name="value">Rounded down, so that no step is reached early.</param>
    /// <param name="above">The same rounded up, so that no step is armed again early.</param>
    /// <param name="clears">What would clear it.</param>
    private void Judge(string indicator, string subject, Ladder ladder, long value, long above, string clears)
    {
        var steps = ladder.Steps;
        var reached = 0;
        if (!Policy.Judges(indicator)) (value, above) = (long.MinValue, long.MinValue);
        while (reached < steps.Length && value >= steps[reached].Fire) reached++;
        var state = StateOf(indicator, subject);
        if (state is null)
        {
            if (reached == 0) return;
            state = AddState(indicator, subject);
        }

        // A policy with fewer steps leaves no step behind that nothing could clear.
        if (state.Step > steps.Length) state.Step = steps.Length;
        if (reached > state.Step)
        {
            Raise(state, reached, steps[reached - 1], value, clears);
            return;
        }

        if (state.Step > 0) Calm(state, steps, value, above);
    }

    /// <summary>Several steps crossed in one fact are one signal, the highest; the lower ones count as passed.</summary>
    private void Raise(SignalState state, int step, LadderStep crossed, long value, string clears)
    {
        // A step that kept telling for the lower ones, and is crossed again, is another signal.
        if (state.Open[step - 1] != 0) Resolve(state, step, value, crossed.Rearm, state.IsFlapping(step));
        for (var i = 0; i < step; i++) state.ClearSince[i] = default;
        (state.Step, state.Severity, state.RaisedOn, state.Retracted) = (step, crossed.Severity, Context.Today, false);
        state.Open[step - 1] = ++book.RareFor(Slot).Crossings;
        (state.RaisedStep, state.RaisedCrossing) = (step, state.Open[step - 1]);
        state.RaisedAt = AtText;
        CountMedium(state);
        if (Transition(state, step)) return;
        Tell(SignalChanged.Raised, state, step, value, crossed.Fire, clears);
    }

    /// <summary>Each step is armed again by itself, after its own dwell; what concerns one order ends at once.</summary>
    private void Calm(SignalState state, LadderStep[] steps, long value, long above)
    {
        var dwell = state.Subject.Length > 0 ? 0 : Policy[Parameter.SignalClearSeconds] * Instant.Second;
        var armed = state.Step;
        for (var i = 0; i < state.Step; i++)
        {
            if (above > steps[i].Rearm) state.ClearSince[i] = default;
            else if (state.ClearSince[i].Micros == 0) state.ClearSince[i] = Now;
        }

        while (armed > 0 && state.ClearSince[armed - 1].Micros != 0 && Now >= state.ClearSince[armed - 1].Plus(dwell)) armed--;
        if (armed == state.Step) return;
        var before = state.Step;
        state.Step = armed;
        for (var i = armed; i < before; i++) state.ClearSince[i] = default;
        // While a lower step stands that had no signal of its own, the one above keeps telling.
        for (var step = Ladder.StepsMax; step > armed; step--)
        {
            if (state.Open[step - 1] == 0 || (armed > 0 && !HasOpenBelow(state, step))) continue;
            Resolve(state, step, value, step <= steps.Length ? steps[step - 1].Rearm : 0, Transition(state, step));
        }

        if (armed > 0) state.Severity = steps[armed - 1].Severity;
    }

    private static bool HasOpenBelow(SignalState state, int step)
    {
        for (var i = 0; i < step - 1; i++)
            if (state.Open[i] != 0) return true;
        return false;
    }

    private void Resolve(SignalState state, int step, long value, long threshold, bool muted)
    {
        if (!muted) Tell(SignalChanged.Resolved, state, step, value, threshold, "");
        state.Open[step - 1] = 0;
    }

    /// <summary>
    /// Counts a transition of one step; true when it is not told by itself because that step flaps. To climb a ladder
    /// is no flapping: each step has transitions of its own.
    /// </summary>
    private bool Transition(SignalState state, int step)
    {
        var count = 1;
        for (var i = state.Transitions.Count - 1; i >= 0; i--)
        {
            if (state.Transitions[i].At <= Now.Plus(-Instant.Day)) state.Transitions.RemoveAt(i);
            else if (state.Transitions[i].Step == step) count++;
        }

        Few.Add(ref state.Transitions, (step, Now));
        if (state.IsFlapping(step))
        {
            state.Muted++;
            return true;
        }

        if (count < Policy[Parameter.SignalFlaps]) return false;
        if (!state.Flapping) (state.DigestAt, state.Muted, state.FlapCrossing) = (Now.Plus(Instant.Day), 0, ++book.RareFor(Slot).Crossings);
        state.FlapSteps |= 1 << step;
        if (book.RareFor(Slot).SignalIndex is { } index) index.MayFlap = true;
        TellDigest(state, step, count);
        return true;
    }

    /// <summary>A flapping signal is told once a day, and singly again after 24 hours of calm.</summary>
    private void EndFlaps()
    {
        if (book.RareOf(Slot) is not { Signals.Count: > 0 } rare || rare.SignalIndex is { MayFlap: false }) return;
        var flapped = false;
        foreach (var state in rare.Signals)
        {
            if (!state.Flapping) continue;
            flapped = true;
            for (var step = 1; step <= Ladder.StepsMax; step++)
                if (state.IsFlapping(step) && Now >= state.LastOf(step).Plus(Instant.Day)) EndFlap(state, step);
            if (!state.Flapping || Now < state.DigestAt) continue;
            TellDigest(state, Math.Max(1, state.Step), state.Muted);
            (state.DigestAt, state.Muted) = (state.DigestAt.Plus(Instant.Day), 0);
        }

        // What stopped flapping just now may leave at the next look.
        if (rare.SignalIndex is { } index) index.MayFlap = flapped;
    }

    private void EndFlap(SignalState state, int step)
    {
        state.FlapSteps &= ~(1 << step);
        if (state.Step >= step) return;
        var calm = Told(SignalChanged.Resolved, state, step, 0, 0, "24 hours of calm");
        calm.SignalId = IdOf(state, step, state.FlapCrossing);
        Say(calm);
    }

    private void TellDigest(SignalState state, int step, int transitions)
    {
        var told = Told(SignalChanged.Raised, state, step, 0, 0, "24 hours of calm");
        (told.Flapping, told.Transitions, told.SignalId) = (true, transitions, IdOf(state, step, state.FlapCrossing));
        Say(told);
    }

    private void Tell(string what, SignalState state, int step, long value, long threshold, string clears)
    {
        var told = Told(what, state, step, value, threshold, clears);
        if (what == SignalChanged.Raised && _ruleChanged is { } digest) digest.Add(told.SignalId);
        else Say(told);
    }

    private SignalChanged Told(string what, SignalState state, int step, long value, long threshold, string clears)
    {
        // What people read beside the signal is of the same evaluation; a question asked later would be answered by another state.
        var limit = EffectiveLimit.Of(book, Slot, Context, Now);
        var measured = _measure ?? new Measure(value, threshold);
        return new()
        {
            State = what, Indicator = state.Indicator, About = state.Subject, Step = step, Severity = state.Severity, Value = measured.Value, Threshold = measured.Threshold,
            BaselineCount = measured.Count, BaselineMedian = measured.Median, BaselineMad = measured.Mad, Moved = state.Indicator == "EW-30" ? _byRate.Moved : 0,
            Clears = clears, Version = Context.Policy.Version, EventIds = _fact is { EventId.Length: > 0 } ? [_fact.EventId] : [],
            FirstPosition = state.RaisedAt, LastPosition = AtText, SignalId = IdOf(state, step, state.Open[step - 1]),
            Currency = Account.LimitCurrency.Code, LimitKind = limit.Kind, Limit = limit.Kind == LimitKind.Amount ? limit.Amount : 0,
            Exposure = Rounding.Pin(Domain.Exposure.Of(book, Slot, Context, Account.LimitCurrency).CheckGross),
        };
    }

    private string IdOf(SignalState state, int step, long crossing) => state.IdOf(book.CustomerAt(Slot), step, crossing);

    /// <summary>After a new version of the rules, what is true already is one digest and no alerts.</summary>
    private void TellRuleChange()
    {
        var digest = _ruleChanged;
        _ruleChanged = null;
        if (digest is not { Count: > 0 }) return;
        var ids = digest.Count > EventIdsMax ? digest.GetRange(0, EventIdsMax) : digest;
        Say(new SignalChanged
        {
            State = SignalChanged.Raised, Indicator = "RULES", Severity = Severity.Info, Value = digest.Count, Version = Context.Policy.Version,
            Clears = "rule changed", EventIds = ids, FirstPosition = AtText, LastPosition = AtText, Step = 1,
            SignalId = string.Create(CultureInfo.InvariantCulture, $"{book.CustomerAt(Slot)}/RULES//1/{Context.Policy.Version}"),
        });
    }
}
