using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>Cards that were learned from a book, and what is known of their worth.</summary>
/// <param name="Cards">For more than 5 and 15 days, all invoices and onset; what had too little history is missing.</param>
/// <param name="Report">How cards fitted the same way did on the latest fifth of the book, which none of those had seen.</param>
public sealed record Learned(IReadOnlyList<Scorecard> Cards, EvaluationReport Report);

/// <summary>Fits scorecards on all that a book knows.</summary>
public static class Learner
{
    /// <summary>Judges first, walking forward in time; then fits on everything.</summary>
    public static Learned Learn(LedgerWalk walk, JudgingPlan plan)
    {
        var report = Evaluation.Of(walk, plan, []);
        List<Scorecard> cards = [];
        foreach (var days in (int[])[5, 15])
        {
            if (LateModel.Fit(walk.Cases, days, report.AsOf.DayNumber, null, new Growing()) is not { } model) continue;
            cards.Add(model.Card);
            cards.Add(model.OnsetCard);
        }

        return new Learned(cards, report);
    }
}
