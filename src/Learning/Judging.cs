using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>What to judge, and how.</summary>
public sealed record JudgingPlan
{
    /// <summary>Models are fitted on what was known on this day number, once, and judged on what was issued from it on; 0 judges the last fifth and fits anew each month.</summary>
    public int FitUntil { get; init; }

    /// <summary>Share of the invoices with a known outcome that are judged, the latest ones, when no day is told.</summary>
    public double JudgedShare { get; init; } = 0.2;

    /// <summary>Draws of customers for the intervals.</summary>
    public int Draws { get; init; } = 200;

    /// <summary>Told after each fit: what, and how much of all is done (per thousand).</summary>
    public Action<string, int>? Progress { get; init; }
}

/// <summary>One way to put invoices in order of risk, on one meaning of late.</summary>
/// <param name="Name">Such as <c>learned</c> or <c>shrunk share</c>.</param>
/// <param name="Risk">One number per judged case, in their order: the higher, the riskier.</param>
/// <param name="Chance">Chance of being late, ppm; empty for an order that is no chance.</param>
internal sealed record RiskOrder(string Name, double[] Risk, int[] Chance);

/// <summary>Scores cases in the order of time, each by models fitted before its month.</summary>
internal sealed class Judging
{
    private readonly IReadOnlyList<Case> _all;
    private readonly JudgingPlan _plan;
    private readonly Growing _how;
    private readonly Dictionary<string, int> _done = [];
    private readonly Dictionary<int, KnownCases> _known = [];

    internal Judging(IReadOnlyList<Case> cases, int asOf, JudgingPlan plan, Growing? how = null)
    {
        // Each fit takes them in order: sorted once, they are only looked through.
        (_all, AsOf, _plan, _how) = (Case.InOrder(cases), asOf, plan, how ?? new Growing());
        var known = cases.Where(c => c.Late(15, asOf) is not null).OrderBy(c => c.IssuedOn).ToList();
        From = plan.FitUntil > 0 ? plan.FitUntil : known.Count == 0 ? asOf : known[(int)(known.Count * (1 - plan.JudgedShare))].IssuedOn;
        Starts = plan.FitUntil > 0 ? [From] : MonthsFrom(From, known.Count == 0 ? From : known[^1].IssuedOn);
    }

    /// <summary>The cases, in order.</summary>
    internal IReadOnlyList<Case> All => _all;

    /// <summary>The day from which outcomes are seen.</summary>
    internal int AsOf { get; }

    /// <summary>Cases issued from here on are judged.</summary>
    internal int From { get; }

    /// <summary>Days on which models are fitted.</summary>
    internal IReadOnlyList<int> Starts { get; }

    /// <summary>Orders of the judged cases for one meaning of late.</summary>
    internal (List<Case> Cases, bool[] Late, List<RiskOrder> Orders, List<LateModel?> Models) Judge(int days)
    {
        var judged = _all.Where(c => c.IssuedOn >= From && c.Late(days, AsOf) is not null).OrderBy(c => c.IssuedOn).ThenBy(c => c.Document, StringComparer.Ordinal).ToList();
        var late = judged.Select(c => c.Late(days, AsOf)!.Value).ToArray();
        var (learned, onset, logistic) = (new RiskOrder("learned", new double[late.Length], new int[late.Length]), new RiskOrder("onset", new double[late.Length], new int[late.Length]), new RiskOrder("plain logistic", new double[late.Length], new int[late.Length]));
        var models = new List<LateModel?>();
        var shrunk = PaymentFactors.IndexOf("history.late" + days);
        for (var s = 0; s < Starts.Count; s++)
        {
            var (start, end) = (Starts[s], s + 1 < Starts.Count ? Starts[s + 1] : int.MaxValue);
            var model = LateModel.Fit(_all, days, start, models.Count > 0 ? models[^1] : null, _how, days == 15 ? KnownOn(start) : null);
            models.Add(model);
            var (card, onsetCard, plain) = (model?.Card, model?.OnsetCard, model?.Plain);
            for (var i = 0; i < judged.Count; i++)
            {
                if (judged[i].IssuedOn < start || judged[i].IssuedOn >= end) continue;
                var factors = judged[i].Factors;
                if (card is null)
                {
                    foreach (var order in (RiskOrder[])[learned, onset, logistic]) (order.Risk[i], order.Chance[i]) = (factors[shrunk], factors[shrunk]);
                    continue;
                }

                var points = card.Score(factors);
                (learned.Risk[i], learned.Chance[i]) = (-points, card.Chance(points));
                if (judged[i].IsOnset(days)) points = onsetCard!.Score(factors);
                // One scale for all cards: the chance of a score does not depend on which.
                (onset.Risk[i], onset.Chance[i]) = (-points, card.Chance(points));
                var odds = plain!.Odds(factors);
                (logistic.Risk[i], logistic.Chance[i]) = (odds, (int)(1_000_000 / (1 + Math.Exp(-odds))));
            }

            Tell($"late {days}", s + 1);
        }

        var share = judged.Select(c => (double)(days == 5 ? c.PlainShare.Above5 : c.PlainShare.Above15)).ToArray();
        return (judged, late,
        [
            learned, onset, logistic,
            new("shrunk share", Column(judged, shrunk), [.. judged.Select(c => c.Factors[shrunk])]),
            new("all-time share", share, []),
            new("EWMA", Column(judged, PaymentFactors.IndexOf("last40.ewma")), []),
        ], models);
    }

    /// <summary>What was known on a day for more than 15 days: the day of payment is fitted on the same cases.</summary>
    internal KnownCases KnownOn(int day)
    {
        lock (_known)
        {
            if (_known.Remove(day, out var known)) return known;
            // Kept for the other one that asks.
            _known.Add(day, known = new KnownCases(_all, 15, day));
            return known;
        }
    }

    /// <summary>Tells of a fit of one of the three that are judged, which may be fitted side by side: all of them together are the whole.</summary>
    internal void Tell(string what, int fits)
    {
        lock (_done)
        {
            _done[what] = fits;
            _plan.Progress?.Invoke($"{what}, fit {fits} of {Starts.Count}", 1000 * _done.Values.Sum() / (3 * Starts.Count));
        }
    }

    private static double[] Column(List<Case> cases, int factor) => [.. cases.Select(c => c.Factors[factor] == PaymentFactors.Missing ? 0.0 : c.Factors[factor])];

    private static List<int> MonthsFrom(int first, int last)
    {
        var starts = new List<int> { first };
        var date = DateOnly.FromDayNumber(first);
        for (var month = new DateOnly(date.Year, date.Month, 1).AddMonths(1); month.DayNumber <= last; month = month.AddMonths(1)) starts.Add(month.DayNumber);
        // A first part of a few days is no month of its own.
        if (starts.Count > 1 && starts[1] - starts[0] < 7) starts.RemoveAt(1);
        return starts;
    }
}
