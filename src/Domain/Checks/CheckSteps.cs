namespace ExposureMonitor.Domain;

/// <summary>What became of a step of the check.</summary>
public enum CheckStepState : byte
{
    Passed = 1,
    Failed,

    /// <summary>It was not asked, for a reason of <see cref="CheckStepReason"/>.</summary>
    Skipped,
}

/// <summary>Why a step was not asked.</summary>
public enum CheckStepReason : byte
{
    None,

    /// <summary>The policy switches it off.</summary>
    Off,

    /// <summary>It compares with a limit of an amount, and there is none.</summary>
    NoAmount,

    /// <summary>Two people excluded the order, or the customer, from it.</summary>
    Excluded,
}

/// <summary>A step of the check as it stands for a held order.</summary>
public sealed record CheckStepLine(string Rule, CheckStepState State, CheckStepReason Why);

/// <summary>The order in which the machine asks, and how each question stands for an order on hold.</summary>
public sealed partial class Book
{
    /// <summary>A step: where its reaction stands (<c>null</c> where no policy can switch it off), whether it needs an amount to compare with, and what excludes from it.</summary>
    private readonly record struct Step(string Rule, Parameter? Reaction = null, bool NeedsAmount = false, ExclusionKind Excludes = ExclusionKind.None, ExclusionKind AlsoExcludes = ExclusionKind.None);

    /// <summary>In the order of <see cref="AccountWork.Judge(in Subject)"/>.</summary>
    private static readonly Step[] InOrder =
    [
        new("FORCED"), new("GLOBAL_HOLD"), new("RISK_STATE"), new("CUSTOMER_CLOSED"), new("GROUP_HEADROOM_PENDING"), new("NO_LIMIT", Parameter.NoLimit), new("LIMIT_EXPIRED"), new("FX_MISSING"), new("FX_STALE"),
        new("020", Parameter.Step020), new("010", Parameter.Step010, NeedsAmount: true), new("030", Parameter.Step030, NeedsAmount: true), new("GROUP_LIMIT", NeedsAmount: true),
        new("110", Parameter.Step110), new("OV", Parameter.StepOverdueShare), new("100", Parameter.Step100), new("120", Parameter.Step120), new("PLAN_BROKEN", Parameter.PlanBroken),
        new("R1", Parameter.Rule1, Excludes: ExclusionKind.DaysOverdue, AlsoExcludes: ExclusionKind.OverdueAmount), new("R4", Parameter.Rule4, Excludes: ExclusionKind.LimitExpired), new("R2", Parameter.Rule2), new("R3", Parameter.Rule3),
        new("R5", Parameter.Rule5, NeedsAmount: true, Excludes: ExclusionKind.OverdueAmount), new("R6", Parameter.Rule6, Excludes: ExclusionKind.OrderAmount), new("R7", Parameter.Rule7, NeedsAmount: true, Excludes: ExclusionKind.LimitUsed),
        new("R8", Parameter.Rule8, Excludes: ExclusionKind.TermsRank), new("R9", Parameter.Rule9, Excludes: ExclusionKind.DiscountRank),
    ];

    /// <summary>All steps for a held order, in the order of evaluation; none for an order that is not on hold. What holds it and is no step (a returned payment) stands behind them.</summary>
    public List<CheckStepLine> CheckStepsOf(int slot, string orderId)
    {
        var lines = new List<CheckStepLine>();
        if (FindOrder(slot, orderId) is not (not 0 and var order) || RareOf(slot)?.Holds.Find(h => h.Order == order) is not { } hold) return lines;
        var failed = hold.Reasons.Where(r => r.StillValid).Select(r => r.Rule).ToList();
        var isAmount = EffectiveLimit.Of(this, slot, Context, StreamTime).Kind == LimitKind.Amount;
        foreach (var step in InOrder)
        {
            var why = failed.Contains(step.Rule) ? CheckStepReason.None
                : step.Reaction is { } parameter && ReactionOf(slot, parameter) == Reaction.Off ? CheckStepReason.Off
                : step.NeedsAmount && !isAmount ? CheckStepReason.NoAmount
                : IsExcludedFrom(slot, orderId, step.Excludes) || IsExcludedFrom(slot, orderId, step.AlsoExcludes) ? CheckStepReason.Excluded : CheckStepReason.None;
            lines.Add(new CheckStepLine(step.Rule, failed.Contains(step.Rule) ? CheckStepState.Failed : why == CheckStepReason.None ? CheckStepState.Passed : CheckStepState.Skipped, why));
        }

        lines.AddRange(failed.Where(rule => !InOrder.Any(s => s.Rule == rule)).Distinct().Select(rule => new CheckStepLine(rule, CheckStepState.Failed, CheckStepReason.None)));
        return lines;
    }

    private Reaction ReactionOf(int slot, Parameter parameter)
    {
        var policy = PolicyOf(slot, Context);
        return PolicyScopes.IsRule(parameter) && Context.Policy.HasScopes ? policy.RuleOf(parameter, CustomerAt(slot), Names.Get(Account(slot).Tier), GradeOf(slot, Today)).Reaction : policy.ReactionOf(parameter);
    }

    /// <summary>The grade that a person set, while it is not stale; it gives the risk group.</summary>
    internal string GradeOf(int slot, int today) => RareOf(slot) is { Grade.Length: > 0 } rare && (rare.GradeStaleOn == 0 || today < rare.GradeStaleOn) ? rare.Grade : "";

    private bool IsExcludedFrom(int slot, string orderId, ExclusionKind kind) => kind != ExclusionKind.None && RareOf(slot) is { Exclusions.Count: > 0 } rare
        && rare.Exclusions.Any(e => e.Kind == kind && Today <= e.EndsOn && (e.OrderId.Length == 0 || e.OrderId == orderId));
}
