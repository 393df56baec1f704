using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>
/// The forecast of the day of payment: the usual delay (median of the last 20, with the book's mean while there are few), moved by
/// trees that were grown on a loss which a few very late payments cannot bend. The interval is as wide as forecasts of the latest known cases were wrong,
/// in units of the customer's own spread.
/// </summary>
internal sealed class PaymentDates
{
    /// <summary>Share of payments that the interval claims.</summary>
    internal const double Claimed = 0.8;

    private const int TreesMost = 150, CasesLeast = 200;
    private readonly List<Tree> _trees = [];
    private double _low = -1, _high = 1;

    private PaymentDates()
    {
    }

    /// <summary>Fits on what was known on a day; <c>null</c> when that is too little.</summary>
    internal static PaymentDates? Fit(IReadOnlyList<Case> cases, int on)
    {
        var known = cases.Where(c => c.IssuedOn < on && c.Late(15, on) is not null).OrderBy(c => c.IssuedOn).ThenBy(c => c.Document, StringComparer.Ordinal).ToList();
        if (known.Count < CasesLeast) return null;
        var binned = new BinnedFactors([.. known.Select(c => c.Factors)]);
        var actual = known.Select(c => (double)DaysLate(c, on)).ToArray();
        var fitting = (int)(known.Count * 0.85);
        // The trial stops where the latest cases say so, and its errors on them make the interval.
        var trial = new PaymentDates();
        var (trees, residuals) = trial.Grow(binned, known, actual, fitting, TreesMost);
        var final = new PaymentDates();
        final.Grow(binned, known, actual, known.Count, trees);
        Array.Sort(residuals);
        final._low = residuals[(int)(residuals.Length * (1 - Claimed) / 2)];
        final._high = residuals[(int)(residuals.Length * (1 + Claimed) / 2)];
        return final;
    }

    /// <summary>Expected days late and the ends of the interval.</summary>
    internal (int Days, int Low, int High) Of(Case told)
    {
        var days = (double)told.Usual.Median;
        foreach (var tree in _trees) days += tree.Of(told.Factors);
        var unit = UnitOf(told);
        return ((int)Math.Round(days), (int)Math.Floor(days + _low * unit), (int)Math.Ceiling(days + _high * unit));
    }

    /// <summary>Judges forecasts month by month, each made by what was fitted before.</summary>
    internal static DateReport? Judge(IReadOnlyList<Case> all, Judging judging)
    {
        double error = 0, usual = 0, width = 0;
        int count = 0, within = 0, usualWithin = 0, covered = 0;
        for (var s = 0; s < judging.Starts.Count; s++)
        {
            var (start, end) = (judging.Starts[s], s + 1 < judging.Starts.Count ? judging.Starts[s + 1] : int.MaxValue);
            if (Fit(all, start) is not { } fit) continue;
            foreach (var told in all)
            {
                // Only where its time is over: else the early payers alone would be judged.
                if (told.IssuedOn < start || told.IssuedOn >= end || told.SettledOn == 0 || told.Late(15, judging.AsOf) is null) continue;
                var actual = told.SettledOn - told.DueOn;
                var (days, low, high) = fit.Of(told);
                count++;
                error += Math.Abs(actual - days);
                usual += Math.Abs(actual - told.Usual.Median);
                if (Math.Abs(actual - days) <= 3) within++;
                if (Math.Abs(actual - told.Usual.Median) <= 3) usualWithin++;
                if (actual >= low && actual <= high) covered++;
                width += high - low;
            }
        }

        return count == 0 ? null : new DateReport(count, error / count, usual / count, within / (double)count, usualWithin / (double)count, Claimed, covered / (double)count, width / count);
    }

    private static int DaysLate(Case told, int on) => Math.Clamp((told.SettledOn == 0 || told.SettledOn >= on ? on : told.SettledOn) - told.DueOn, -60, 120);

    private static double UnitOf(Case told) => told.Usual.Spread / 100.0 + 2;

    private (int Trees, double[] Residuals) Grow(BinnedFactors binned, List<Case> known, double[] actual, int fitting, int trees)
    {
        var how = new Growing { Leaves = 10, Rate = 0.1, Shrink = 20, LeafLeast = Math.Clamp(known.Count / 200, 10, 60) };
        var predicted = known.Select(c => (double)c.Usual.Median).ToArray();
        var (slopes, curves) = (new double[known.Count], new double[known.Count]);
        var chosen = new int[fitting];
        var factors = Enumerable.Range(0, PaymentFactors.Count).Where(f => binned.BinsOf(f) > 2).ToArray();
        var grower = new TreeGrower(binned, how);
        var dice = new Dice(31);
        var (best, bestError) = (0, Error(predicted, actual, fitting));
        var bestPredicted = (double[])predicted.Clone();
        Array.Fill(curves, 1);
        for (var t = 0; t < trees; t++)
        {
            var count = 0;
            for (var i = 0; i < fitting; i++)
            {
                slopes[i] = Math.Clamp(predicted[i] - actual[i], -2, 2);
                if (dice.Share() < 0.7) chosen[count++] = i;
            }

            var tree = grower.Grow(chosen.AsSpan(0, count), slopes, curves, factors);
            tree.Bind(binned);
            _trees.Add(tree);
            for (var i = 0; i < predicted.Length; i++) predicted[i] += tree.Of(binned, i);
            if (fitting == known.Count) continue;
            var error = Error(predicted, actual, fitting);
            if (error >= bestError) continue;
            (best, bestError) = (t + 1, error);
            predicted.CopyTo(bestPredicted, 0);
        }

        return (best, [.. Enumerable.Range(fitting, known.Count - fitting).Select(i => (actual[i] - bestPredicted[i]) / UnitOf(known[i]))]);
    }

    private static double Error(double[] predicted, double[] actual, int from)
    {
        var sum = 0.0;
        for (var i = from; i < actual.Length; i++) sum += Math.Abs(predicted[i] - actual[i]);
        return sum;
    }
}
