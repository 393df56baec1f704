namespace ExposureMonitor.Domain;

/// <summary>EW-19: the headroom of a group runs out, or a member would fit and its group does not let it (credit.md 19.2).</summary>
internal sealed partial class AccountWork
{
    /// <summary>Subject of the signal of a member that fits its own limit and is stopped by the group's.</summary>
    private const string StoppedByGroup = "member";

    private void JudgeGroupSignals()
    {
        if (book.RareOf(Slot) is not { Group: { } group } rare) return;
        if (group.Lender is { } lender)
        {
            var (terms, policy) = (TermsOf(group, lender), Policy);
            var calm = policy[Parameter.Signal19Rearm];
            var steps = new List<LadderStep>();
            foreach (var (step, severity) in new[] { (Parameter.Signal19Step1, Severity.Medium), (Parameter.Signal19Step2, Severity.High), (Parameter.Signal19Step3, Severity.High) })
                if (policy[step] is var fire and > 0) steps.Add(new LadderStep(fire, fire - calm, severity));
            steps.Sort(static (a, b) => a.Fire != b.Fire ? a.Fire.CompareTo(b.Fire) : a.Severity.CompareTo(b.Severity));
            Judge("EW-19", "", Ladder.Of([.. steps]), GroupUtilisation(lender, terms, up: false), GroupUtilisation(lender, terms, up: true), "utilisation of the group at or below the step less the re-arm");
        }

        if (group.Held.Count == 0) return;
        var stopped = false;
        foreach (var hold in rare.Holds) stopped |= LacksHeadroomOnly(hold) && hold.Reasons.Exists(static r => r is { Rule: GroupLimit, StillValid: true });
        Judge("EW-19", StoppedByGroup, Ladder.Once(Severity.High), stopped ? 1 : 0, "no order waits for the group alone");
    }

    /// <summary>Use of the group over its limit in basis points; with a limit of 0 anything is the top step.</summary>
    private long GroupUtilisation(Lender lender, in LendingTerms terms, bool up)
    {
        if (!terms.Binds) return 0;
        var use = GroupUse(lender);
        if (terms.LimitTold == 0) return use > 0 ? long.MaxValue : 0;
        return Rounding.Pin(up ? Rounding.Up(use * 10_000, terms.LimitTold) : Rounding.Down(use * 10_000, terms.LimitTold));
    }
}
