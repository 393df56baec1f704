using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>A plain logistic regression as a table per factor: log-odds by bin, so that it becomes points that are only added.</summary>
internal sealed class PlainTables
{
    private PlainTables(int[] factors, double[][] odds, double start) => (Factors, Odds, Start) = (factors, odds, start);

    internal int[] Factors { get; }

    /// <summary>Per factor, by bin.</summary>
    internal double[][] Odds { get; }

    internal double Start { get; }

    internal static PlainTables Of(Logistic fit, BinnedFactors cases, IReadOnlyList<int[]> rows)
    {
        var odds = new double[fit.Factors.Length][];
        for (var f = 0; f < odds.Length; f++)
        {
            var bins = cases.Of(fit.Factors[f]);
            var (sums, counts) = (new double[cases.BinsOf(fit.Factors[f])], new int[cases.BinsOf(fit.Factors[f])]);
            for (var i = 0; i < rows.Count; i++)
            {
                sums[bins[i]] += fit.Part(f, rows[i]);
                counts[bins[i]]++;
            }

            for (var bin = 0; bin < sums.Length; bin++) sums[bin] = counts[bin] == 0 ? 0 : sums[bin] / counts[bin];
            odds[f] = sums;
        }

        return new PlainTables(fit.Factors, odds, fit.Start);
    }

    /// <summary>Log-odds of all cases.</summary>
    internal double[] Of(BinnedFactors cases)
    {
        var sums = new double[cases.Count];
        Array.Fill(sums, Start);
        for (var f = 0; f < Factors.Length; f++)
        {
            var bins = cases.Of(Factors[f]);
            for (var i = 0; i < sums.Length; i++) sums[i] += Odds[f][bins[i]];
        }

        return sums;
    }

    /// <summary>The tables in points.</summary>
    internal IEnumerable<ScoreTable> Points(BinnedFactors cases, double scale) => Factors.Select((factor, f) =>
        new ScoreTable(factor, [.. Enumerable.Range(1, cases.BinsOf(factor) - 2).Select(bin => cases.EdgeOf(factor, bin))], [.. Odds[f].Select(odds => (int)Math.Round(-odds * scale))]));
}
