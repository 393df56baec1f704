using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>
/// Boosted trees from two starts, averaged: one from the share of all, one from a plain logistic regression. A small book leans on the
/// straight lines, a large one on the trees, and their errors are not the same.
/// </summary>
internal sealed class Ensemble
{
    private readonly BinnedFactors _cases;
    private readonly PlainTables _plain;
    private readonly List<(Boosting Fit, double Weight)> _members;
    private readonly double _plainWeight;

    private Ensemble(BinnedFactors cases, PlainTables plain, List<(Boosting, double)> members, double plainWeight, double[] trialOdds) =>
        (_cases, _plain, _members, _plainWeight, TrialOdds) = (cases, plain, members, plainWeight, trialOdds);

    /// <summary>What a first fit without the latest cases said of them: log-odds. Empty for a later fit of the same book.</summary>
    internal double[] TrialOdds { get; }

    /// <summary>The plain logistic regression that half of it builds upon.</summary>
    internal required Logistic Plain { get; init; }

    internal int Count => _cases.Count;

    internal int Trees => _members.Sum(m => m.Fit.Trees.Count);

    /// <param name="rows">Factors per case, in the order of time.</param>
    /// <param name="cases">The same in bins.</param>
    /// <param name="fitting">So many of the first ones grow the trees while the others say when to stop.</param>
    /// <param name="before">An earlier fit of the same book: how many trees serve was found out there.</param>
    internal static Ensemble Fit(List<int[]> rows, BinnedFactors cases, bool[] late, int fitting, Ensemble? before, Growing how)
    {
        var floor = Logistic.Fit(rows, late);
        var plain = PlainTables.Of(floor, cases, rows);
        var (start, trialStart) = (plain.Of(cases), before is null ? PlainTables.Of(Logistic.Fit(rows.GetRange(0, fitting), late[..fitting]), cases, rows).Of(cases) : null);
        var fits = new Boosting[how.Members];
        // Each has its own dice, so that side by side gives the same as one after the other.
        Parallel.For(0, fits.Length, m =>
        {
            var started = m % 2 == 0;
            fits[m] = Boosting.Fit(cases, late, started ? trialStart : null, started ? start : null, fitting, before is null ? 0 : Math.Max(1, before._members[m].Fit.Trees.Count), how with { Seed = how.Seed + (ulong)m });
        });
        var trial = new double[rows.Count - fitting];
        if (before is null) foreach (var fit in fits) for (var i = 0; i < trial.Length; i++) trial[i] += fit.TrialOdds[i] / fits.Length;
        var share = (fits.Length + 1) / 2 / (double)fits.Length;
        return new Ensemble(cases, plain, [.. fits.Select(fit => (fit, 1.0 / fits.Length))], share, before is null ? trial : []) { Plain = floor };
    }

    /// <summary>Adds what this model says, times <paramref name="weight"/>, to a card.</summary>
    internal void AddTo(CardMaker card, double weight)
    {
        card.AddBase(_plain.Start * _plainWeight * weight);
        card.AddTables(_plain, _cases, _plainWeight * weight);
        foreach (var (fit, share) in _members)
        {
            card.AddBase(fit.Start * share * weight);
            foreach (var tree in fit.Trees) card.AddTree(tree, _cases, share * weight);
        }
    }
}
