using ExposureMonitor.Domain;

namespace ExposureMonitor.Simulation;

/// <summary>
/// Payment plans as the specification says them, asked from scratch: an instalment is missed when two days behind its due
/// date less than 95 % of all that was due was paid; a breach stands until the items are settled or stand in another plan.
/// </summary>
internal sealed class NaivePlans(NaiveBook book)
{
    /// <summary>True while some broken plan has an item that is owed and waits for no other plan.</summary>
    internal bool IsBroken(int today)
    {
        var plans = book.Facts.OfType<PlanAgreed>().Where(p => !book.Waits(p)).ToList();
        if (plans.Count == 0) return false;
        var missed = plans.Where(p => IsMissed(p, today)).ToList();
        var crosses = missed.Exists(p => p.CrossDefault);
        bool Broken(PlanAgreed p) => missed.Contains(p) || (crosses && EndOf(p) is null);
        var kept = plans.Where(p => EndOf(p) is null && !Broken(p)).SelectMany(p => p.Items).ToHashSet();
        return plans.Exists(p => Broken(p) && p.Items.Any(i => !kept.Contains(i) && book.OpenOf(i) > 0));
    }

    private PlanEnded? EndOf(PlanAgreed plan) => book.Facts.OfType<PlanEnded>().FirstOrDefault(e => e.PlanId == plan.PlanId);

    private bool IsMissed(PlanAgreed plan, int today)
    {
        var end = EndOf(plan);
        if (end is { Outcome: PlanOutcome.Broken }) return true;
        var until = end is null ? today : Math.Min(today, end.Time.UtcDate.DayNumber);
        for (var n = 1; n <= plan.Instalments.Count; n++)
        {
            var first = plan.Instalments.OrderBy(i => i.DueOn).Take(n).ToList();
            var lastDay = first[^1].DueOn + 2;
            if (lastDay < until && plan.Items.Sum(i => book.PaidOf(i, plan.Time.UtcDate.DayNumber, lastDay)) * 100 < first.Sum(i => i.Amount) * 95) return true;
        }

        return false;
    }
}
