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
    private readonly Foreseen _foreseen, _onsetForeseen;
    private readonly int _on;

    private LateModel(int days, int on, int cases, Ensemble all, Ensemble? clean, Foreseen foreseen, Foreseen onsetForeseen)
    {
        (Days, _on, Cases, _all, _clean, _foreseen, _onsetForeseen) = (days, on, cases, all, clean, foreseen, onsetForeseen);
        var card = new CardMaker();
        var (slope, shift) = foreseen.Honest(days, on);
        card.AddBase(shift);
        all.AddTo(card, slope);
        Card = card.Make("late" + days, days);
        card = new CardMaker();
        (slope, shift) = onsetForeseen.Honest(days, on);
        card.AddBase(shift);
        all.AddTo(card, slope * (clean is null ? 1 : OnsetShare));
        clean?.AddTo(card, slope * (1 - OnsetShare));
        OnsetCard = card.Make("onset" + days, days);
    }

    /// <summary>How much of the card for a clean past comes from the fit on all.</summary>
    private const double OnsetShare = 0.5;

    /// <summary>Late is more than so many days.</summary>
    internal int Days { get; }

    /// <summary>The floor, fitted on the same cases.</summary>
    internal Logistic Plain => _all.Plain;

    /// <summary>Cases it was fitted on.</summary>
    internal int Cases { get; }

    /// <summary>The card for all invoices.</summary>
    internal Scorecard Card { get; }

    /// <summary>The card for invoices of customers with a clean past: what was fitted on all, made honest on such cases; where a trial said that it helps, half of it fitted on such cases alone.</summary>
    internal Scorecard OnsetCard { get; }

    /// <summary>Fits on what was known on a day; <c>null</c> when that is too little.</summary>
    /// <param name="before">The fit of the month before, which already found out when to stop, and whose forecasts say how honest such fits are; or <c>null</c>.</param>
    /// <param name="shared">What was known on that day for this meaning of late, where somebody else asks for it too; or <c>null</c>.</param>
    internal static LateModel? Fit(IReadOnlyList<Case> cases, int days, int on, LateModel? before, Growing how, KnownCases? shared = null)
    {
        shared ??= new KnownCases(cases, days, on);
        var known = shared.Cases;
        var late = known.Select(c => c.Late(days, on)!.Value).ToArray();
        if (!Suffices(late)) return null;
        var fitting = (int)(known.Count * (1 - LatestShare));
        var all = Ensemble.Fit([.. known.Select(c => c.Factors)], shared.Binned, late, fitting, before?._all, how with { LeafLeast = LeastOf(known.Count, how) });
        var chosen = Enumerable.Range(0, known.Count).Where(i => known[i].IsOnset(days)).ToArray();
        var clean = before is { _clean: null } ? null : FitClean(known, late, chosen, fitting, all, before?._clean, how);
        var (foreseen, onset) = before is null ? (new Foreseen(), new Foreseen()) : (before._foreseen, before._onsetForeseen);
        before?.Foresee(cases, on);
        for (var i = 0; i < all.TrialOdds.Length; i++) foreseen.AddTrial(known[fitting + i], all.TrialOdds[i]);
        if (before is null) foreach (var (i, odds) in OnsetTrial(chosen, fitting, all, clean)) onset.AddTrial(known[i], odds);
        return new LateModel(days, on, known.Count, all, clean, foreseen, onset);
    }

    /// <summary>A fit on the customers with a clean past alone; <c>null</c> where they are too few, or where the latest cases say that it adds nothing to the fit on all.</summary>
    private static Ensemble? FitClean(List<Case> known, bool[] late, int[] chosen, int fitting, Ensemble all, Ensemble? before, Growing how)
    {
        var hits = chosen.Select(i => late[i]).ToArray();
        var cleanFitting = chosen.Count(i => i < fitting);
        if (!Suffices(hits) || cleanFitting == chosen.Length || cleanFitting < CleanLeast) return null;
        List<int[]> rows = [.. chosen.Select(i => known[i].Factors)];
        var clean = Ensemble.Fit(rows, new BinnedFactors(rows), hits, cleanFitting, before, how with { LeafLeast = LeastOf(chosen.Length, how), Leaves = how.Leaves / 2, TreesMost = how.TreesMost / 2 });
        if (before is not null) return clean;
        double AucOf(Ensemble? with)
        {
            var trial = OnsetTrial(chosen, fitting, all, with).ToList();
            var odds = trial.Select(t => t.Odds).ToArray();
            return Measures.Auc(odds, [.. trial.Select(t => late[t.At])], Measures.Rank(odds));
        }

        return AucOf(clean) > AucOf(null) + CleanGain ? clean : null;
    }

    /// <summary>What the trial said of the latest cases with a clean past.</summary>
    private static IEnumerable<(int At, double Odds)> OnsetTrial(int[] chosen, int fitting, Ensemble all, Ensemble? clean)
    {
        var from = chosen.Count(i => i < fitting);
        for (var i = from; i < chosen.Length; i++)
            yield return (chosen[i], clean is null ? all.TrialOdds[chosen[i] - fitting] : OnsetShare * all.TrialOdds[chosen[i] - fitting] + (1 - OnsetShare) * clean.TrialOdds[i - from]);
    }

    /// <summary>Cases with a clean past that a fit of their own needs, and how much better (in AUC) its half has to be on the latest ones.</summary>
    private const int CleanLeast = 400;

    private const double CleanGain = 0.01;

    /// <summary>Notes what this fit says of the invoices that were issued between it and the next one.</summary>
    private void Foresee(IReadOnlyList<Case> cases, int until)
    {
        var ((slope, shift), (onsetSlope, onsetShift)) = (_foreseen.Honest(Days, _on), _onsetForeseen.Honest(Days, _on));
        foreach (var told in cases)
        {
            if (told.IssuedOn < _on || told.IssuedOn >= until) continue;
            _foreseen.Add(told, (CardMaker.OddsOf(Card.Score(told.Factors)) - shift) / slope);
            if (told.IsOnset(Days)) _onsetForeseen.Add(told, (CardMaker.OddsOf(OnsetCard.Score(told.Factors)) - onsetShift) / onsetSlope);
        }
    }

    private static bool Suffices(bool[] late)
    {
        var fitting = (int)(late.Length * (1 - LatestShare));
        return late.Count(l => l) >= LateLeast && late.Count(l => !l) >= LateLeast && late.Take(fitting).Count(l => l) >= LateLeast / 2;
    }

    private static int LeastOf(int cases, Growing how) => Math.Clamp(cases / 100, 10, how.LeafLeast);
}
