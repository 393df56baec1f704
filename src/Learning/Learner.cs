using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>Cards that were learned from a book, and what is known of their worth.</summary>
/// <param name="Cards">For more than 5 and 15 days, all invoices and onset; what had too little history is missing.</param>
/// <param name="TooLittle">Targets without a card, with what there is; the shrunk share serves there.</param>
/// <param name="Report">How cards fitted the same way did on the latest fifth of the book, which none of those had seen.</param>
public sealed record Learned(IReadOnlyList<Scorecard> Cards, IReadOnlyList<Shortage> TooLittle, EvaluationReport Report);

/// <summary>Too little history for a card.</summary>
/// <param name="Target">Such as <c>late5</c>.</param>
/// <param name="Late">Invoices that were late, of those whose outcome is known.</param>
/// <param name="InTime">Those that were not.</param>
/// <param name="Needed">How many of each a card needs.</param>
public sealed record Shortage(string Target, int Late, int InTime, int Needed);

/// <summary>Fits scorecards on all that a book knows.</summary>
public static class Learner
{
    /// <summary>Judges first, walking forward in time; then fits on everything.</summary>
    public static Learned Learn(LedgerWalk walk, JudgingPlan plan)
    {
        var report = Evaluation.Of(walk, plan, []);
        List<Scorecard> cards = [];
        List<Shortage> tooLittle = [];
        // Neither knows of the other: side by side they are the same.
        var fifteen = Task.Run(() => LateModel.Fit(walk.Cases, 15, report.AsOf.DayNumber, null, new Growing()));
        var five = LateModel.Fit(walk.Cases, 5, report.AsOf.DayNumber, null, new Growing());
        foreach (var (days, fit) in new[] { (5, five), (15, fifteen.GetAwaiter().GetResult()) })
        {
            if (fit is not { } model)
            {
                var known = walk.Cases.Select(c => c.Late(days, report.AsOf.DayNumber)).OfType<bool>().ToList();
                var late = known.Count(l => l);
                foreach (var target in (string[])["late", "onset"]) tooLittle.Add(new Shortage(target + days, late, known.Count - late, LateModel.LateLeast));
                continue;
            }

            cards.Add(model.Card);
            cards.Add(model.OnsetCard);
        }

        return new Learned(cards, tooLittle, report);
    }
}
