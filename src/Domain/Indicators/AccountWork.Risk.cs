namespace ExposureMonitor.Domain;

/// <summary>
/// The risk state of credit.md 19.4: what the signals that stand mean together, and what follows. Up at once, down one step at a
/// time when all causes are gone for the days of the policy. What was stopped starts again by persons alone.
/// </summary>
internal sealed partial class AccountWork
{
    /// <summary>A signal of severity MED counts from the day on which it was raised, also when it is over.</summary>
    private void CountMedium(SignalState state)
    {
        if (state.Severity != Severity.Medium) return;
        var rare = book.RareFor(Slot);
        rare.Mediums = (Context.Today, rare.Mediums.Newest, rare.Mediums.Second);
    }

    /// <summary>One that was taken back does not count.</summary>
    private void DiscountMedium(SignalState state)
    {
        if (state.Severity != Severity.Medium || book.RareOf(Slot) is not { } rare) return;
        var (newest, second, third) = rare.Mediums;
        if (newest == state.RaisedOn) rare.Mediums = (second, third, 0);
        else if (second == state.RaisedOn) rare.Mediums = (newest, third, 0);
        else if (third == state.RaisedOn) rare.Mediums = (newest, second, 0);
    }

    private void JudgeRisk()
    {
        if (!Policy.Is(Parameter.RiskOn) || book.RareOf(Slot) is not { } rare) return;
        if (rare.Signals.Count == 0 && Account.RiskState == RiskState.Normal && rare.Mediums.Newest == 0) return;
        var (means, cause) = Meant(rare);
        var state = Account.RiskState;
        if (means > state)
        {
            rare.RiskDownAt = default;
            SetRisk(means, cause);
            TellTask(means, cause);
            if (means == RiskState.Stopped) StopBySignal(rare);
            return;
        }

        // A stop ends by two persons, never by itself.
        if (means == state || state == RiskState.Stopped)
        {
            rare.RiskDownAt = default;
            return;
        }

        if (rare.RiskDownAt.Micros == 0) rare.RiskDownAt = Now.Plus(Policy[Parameter.RiskDownDays] * Instant.Day);
        if (Now < rare.RiskDownAt) return;
        rare.RiskDownAt = state - 1 > means ? Now.Plus(Policy[Parameter.RiskDownDays] * Instant.Day) : default;
        SetRisk(state - 1, "the causes are gone");
        // What the state held is judged again.
        if (state == RiskState.Restricted && rare.Holds.Count > 0) JudgeHolds();
    }

    /// <summary>The state that the standing signals mean, and the signal that says so.</summary>
    private (RiskState State, string Cause) Meant(Rare rare)
    {
        var (means, worst, large, overtaken) = (RiskState.Normal, (SignalState?)null, 0, 0);
        var isLate = StepOf("EW-05", "") >= 2;
        if (rare.SignalIndex is { } index && !book.JudgesEveryHold)
        {
            (large, overtaken) = (index.Large, index.Overtaken);
            foreach (var signal in index.Others) Weigh(signal);
        }
        else
        {
            foreach (var signal in rare.Signals)
            {
                if (!SignalIndex.IsOfOrder(signal.Indicator)) Weigh(signal);
                else if (signal.Indicator == "EW-04") large++;
                else if (signal.Indicator == "OVERTAKEN") overtaken++;
            }
        }

        var cause = worst is null ? "" : worst.Subject.Length > 0 ? $"{worst.Indicator} {worst.Subject}" : worst.Indicator;
        // Signals about orders are counted, and EW-03 is none of them: what breaches is held already, and there may be one for each held order.
        if (overtaken > 0 && means < RiskState.Warning) (means, cause) = (RiskState.Warning, "OVERTAKEN");
        if (large > 0 && means < RiskState.Watch) (means, cause) = (RiskState.Watch, "EW-04");

        var from = Context.Today - Policy.Int(Parameter.RiskMediumDays) + 1;
        var least = Policy[Parameter.RiskMediums] switch
        {
            1 => rare.Mediums.Newest,
            2 => rare.Mediums.Second,
            _ => rare.Mediums.Third,
        };
        if (least < from || least == 0) return (means, cause);
        book.Wake(Slot, least + Policy.Int(Parameter.RiskMediumDays));
        return means >= RiskState.Warning ? (means, cause) : (RiskState.Warning, $"{Policy[Parameter.RiskMediums]} MED in {Policy[Parameter.RiskMediumDays]} days");

        void Weigh(SignalState signal)
        {
            if (signal.Firing && Meant(signal, isLate) is var one && one > means) (means, worst) = (one, signal);
        }
    }

    private RiskState Meant(SignalState signal, bool isLate)
    {
        if (IsStopping(signal)) return RiskState.Stopped;
        if (signal.Indicator == Colours) return ColourMeans(signal.Step);
        return signal.Severity switch
        {
            // The limit steps hold what does not fit already.
            Severity.Critical => signal.Indicator is "EW-01" or "EW-02" or "EW-19" or "EW-30" ? RiskState.Warning : RiskState.Restricted,
            Severity.High when isLate && (signal.Indicator is "EW-16" or "EW-17" or "EW-20" or "EW-24" or "EW-31" or "EW-32" or "EW-41") => RiskState.Restricted,
            Severity.High => RiskState.Warning,
            Severity.Medium => RiskState.Watch,
            _ => RiskState.Normal,
        };
    }

    /// <summary>Insolvency, or a legal case of the highest severity.</summary>
    private bool IsStopping(SignalState signal)
    {
        if (signal.Indicator == Colours) return signal.Step >= 3 && Policy.Is(Parameter.ColoursRedStops);
        if (signal is not { Indicator: "EW-42", Step: 3 }) return false;
        foreach (var news in book.HabitsOf(Slot)?.Outside?.News ?? Few<NewsState>.None)
            if (news.Id == signal.Subject) return news.Kind is ExternalSignalKind.Insolvency or ExternalSignalKind.Lawsuit;
        return false;
    }

    /// <summary>Somebody has to act: the controller and sales get a task with the cause.</summary>
    private void TellTask(RiskState state, string cause)
    {
        if (state < RiskState.Warning) return;
        Say(new AuditNoted { Act = "task.opened", About = state.ToString(), After = book.Names.Get(Account.Controller), Reason = cause });
    }

    /// <summary>Shipments stop at once, as by a person's word.</summary>
    private void StopBySignal(Rare rare)
    {
        rare.StoppedBy = SignalStopper;
        HoldAllUndelivered("Signal");
    }

    /// <summary>True while a signal stands that would stop the customer again at once.</summary>
    private bool IsStoppedBySignal(Rare rare)
    {
        if (!Policy.Is(Parameter.RiskOn)) return false;
        foreach (var signal in rare.Signals)
            if (signal.Firing && IsStopping(signal)) return true;
        return false;
    }

    private const string SignalStopper = "signal";
}
