using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>What was fitted for one meaning of late: a score for all invoices, and one upon it for customers with a clean past (onset).</summary>
internal sealed class LateModel
{
    /// <summary>Fewer late cases than this, or fewer in time: the shrunk share serves instead.</summary>
    internal const int LateLeast = 60;

    /// <summary>Share of the cases, the latest ones, that say when to stop.</summary>
    private const double LatestShare = 0.15;

    private readonly BinnedFactors _cases;
    private readonly Boosting _all;
    private readonly Boosting? _onset;

    private LateModel(int days, BinnedFactors cases, Boosting all, Boosting? onset) => (Days, _cases, _all, _onset) = (days, cases, all, onset);

    /// <summary>Late is more than so many days.</summary>
    internal int Days { get; }

    /// <summary>Cases it was fitted on.</summary>
    internal int Cases => _cases.Count;

    /// <summary>Fits on what was known on a day; <c>null</c> when that is too little.</summary>
    internal static LateModel? Fit(IReadOnlyList<Case> cases, int days, int on, Growing how)
    {
        // Those whose time is over: of younger ones only the punctual are known, and they would paint the world too bright.
        var known = cases.Where(c => c.IssuedOn < on && c.Late(days, on) is not null).OrderBy(c => c.IssuedOn).ToList();
        var late = known.Select(c => c.Late(days, on)!.Value).ToArray();
        if (late.Count(l => l) < LateLeast || late.Count(l => !l) < LateLeast) return null;
        var fitting = (int)(known.Count * (1 - LatestShare));
        if (late.Take(fitting).Count(l => l) < LateLeast / 2) return null;
        var rows = known.Select(c => c.Factors).ToList();
        var binned = new BinnedFactors(rows);
        var all = Boosting.Fit(binned, late, null, fitting, how with { LeafLeast = LeastOf(known.Count, how) });
        return new LateModel(days, binned, all, null).WithOnset(known, late, how);
    }

    private LateModel WithOnset(List<Case> known, bool[] late, Growing how)
    {
        var chosen = Enumerable.Range(0, known.Count).Where(i => known[i].IsOnset(Days)).ToArray();
        var hits = chosen.Select(i => late[i]).ToArray();
        if (hits.Count(h => h) < LateLeast) return this;
        // Cross-fitting is not needed here: early stopping looks at the latest cases, and the trees of the first card are small.
        var binned = new BinnedFactors([.. chosen.Select(i => known[i].Factors)]);
        var onset = Boosting.Fit(binned, hits, null, (int)(chosen.Length * (1 - LatestShare)), how with { LeafLeast = LeastOf(chosen.Length, how), Leaves = 8 });
        return new LateModel(Days, _cases, _all, onset) { OnsetCases = binned };
    }

    internal BinnedFactors? OnsetCases { get; private init; }

    /// <summary>The card for all invoices.</summary>
    internal Scorecard Card() => CardMaker.Make("late" + Days, Days, _all, _cases);

    /// <summary>The card for invoices of customers with a clean past; <c>null</c> when there were too few.</summary>
    internal Scorecard? OnsetCard() => _onset is null ? null : CardMaker.Make("onset" + Days, Days, _onset, OnsetCases!);

    private static int LeastOf(int cases, Growing how) => Math.Clamp(cases / 100, 10, how.LeafLeast);
}
