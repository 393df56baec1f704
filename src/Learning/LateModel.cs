using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>What was fitted for one meaning of late: a card for all invoices, and one for customers with a clean past (onset).</summary>
internal sealed class LateModel
{
    /// <summary>Fewer late cases than this, or fewer in time: the shrunk share serves instead.</summary>
    internal const int LateLeast = 60;

    /// <summary>Share of the cases, the latest ones, that say when to stop.</summary>
    private const double LatestShare = 0.15;

    private readonly Ensemble _all;
    private readonly Ensemble? _clean;

    private LateModel(int days, int cases, Ensemble all, Ensemble? clean)
    {
        (Days, Cases, _all, _clean) = (days, cases, all, clean);
        var card = new CardMaker();
        all.AddTo(card, 1);
        Card = card.Make("late" + days, days);
        if (clean is null) return;
        card = new CardMaker();
        all.AddTo(card, 0.5);
        clean.AddTo(card, 0.5);
        OnsetCard = card.Make("onset" + days, days);
    }

    /// <summary>Late is more than so many days.</summary>
    internal int Days { get; }

    /// <summary>Cases it was fitted on.</summary>
    internal int Cases { get; }

    /// <summary>The card for all invoices.</summary>
    internal Scorecard Card { get; }

    /// <summary>The card for invoices of customers with a clean past: half the first, half fitted on such cases alone; <c>null</c> when those were too few.</summary>
    internal Scorecard? OnsetCard { get; }

    /// <summary>Fits on what was known on a day; <c>null</c> when that is too little.</summary>
    /// <param name="before">The fit of an earlier month, which already found out when to stop; or <c>null</c>.</param>
    internal static LateModel? Fit(IReadOnlyList<Case> cases, int days, int on, LateModel? before, Growing how)
    {
        // Those whose time is over: of younger ones only the punctual are known, and they would paint the world too bright.
        var known = cases.Where(c => c.IssuedOn < on && c.Late(days, on) is not null).OrderBy(c => c.IssuedOn).ThenBy(c => c.Document, StringComparer.Ordinal).ToList();
        var late = known.Select(c => c.Late(days, on)!.Value).ToArray();
        if (!Suffices(late)) return null;
        var all = Ensemble.Fit([.. known.Select(c => c.Factors)], late, (int)(known.Count * (1 - LatestShare)), before?._all, how with { LeafLeast = LeastOf(known.Count, how) });
        var chosen = Enumerable.Range(0, known.Count).Where(i => known[i].IsOnset(days)).ToArray();
        var hits = chosen.Select(i => late[i]).ToArray();
        var clean = Suffices(hits)
            ? Ensemble.Fit([.. chosen.Select(i => known[i].Factors)], hits, (int)(chosen.Length * (1 - LatestShare)), before?._clean, how with { LeafLeast = LeastOf(chosen.Length, how), Leaves = how.Leaves / 2, TreesMost = how.TreesMost / 2 })
            : null;
        return new LateModel(days, known.Count, all, clean);
    }

    private static bool Suffices(bool[] late)
    {
        var fitting = (int)(late.Length * (1 - LatestShare));
        return late.Count(l => l) >= LateLeast && late.Count(l => !l) >= LateLeast && late.Take(fitting).Count(l => l) >= LateLeast / 2;
    }

    private static int LeastOf(int cases, Growing how) => Math.Clamp(cases / 100, 10, how.LeafLeast);
}
