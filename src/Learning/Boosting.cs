namespace ExposureMonitor.Learning;

/// <summary>Gradient boosting of trees on the log-loss, stopped by the latest cases.</summary>
internal sealed class Boosting
{
    /// <summary>Trees that stand; their sum and <see cref="Start"/> are the log-odds of being late.</summary>
    internal List<Tree> Trees { get; } = [];

    /// <summary>Log-odds of all cases together.</summary>
    internal double Start { get; private set; }

    /// <summary>What the trial, before the latest cases were used, said of them: log-odds.</summary>
    internal double[] TrialOdds { get; private set; } = [];

    /// <summary>
    /// Fits. Cases are in order of time. The first <paramref name="fitting"/> grow the trees and the others say when to stop; then all
    /// of them grow as many again, since the latest cases are the most like those to come.
    /// </summary>
    /// <param name="trialStart">Log-odds of each case to build upon, fitted on the first <paramref name="fitting"/>; or <c>null</c>.</param>
    /// <param name="start">The same, fitted on all cases.</param>
    /// <param name="trees">How many trees an earlier fit of the same book found best; 0 finds out.</param>
    internal static Boosting Fit(BinnedFactors cases, bool[] late, double[]? trialStart, double[]? start, int fitting, int trees, Growing how)
    {
        var final = new Boosting();
        if (trees == 0)
        {
            var trial = new Boosting();
            var best = trial.Grow(cases, late, trialStart, fitting, how, how.TreesMost, stopEarly: true);
            final.TrialOdds = trial.TrialOdds;
            // A little more room, as the number of cases grew.
            trees = Math.Min(how.TreesMost, (int)Math.Round(best * (0.5 + 0.5 * cases.Count / fitting)));
        }

        final.Grow(cases, late, start, cases.Count, how, trees, stopEarly: false);
        return final;
    }

    private int Grow(BinnedFactors cases, bool[] late, double[]? start, int fitting, Growing how, int trees, bool stopEarly)
    {
        var odds = new double[cases.Count];
        var hits = 0;
        for (var i = 0; i < fitting; i++) if (late[i]) hits++;
        Start = start is null ? Math.Log((hits + 0.5) / (fitting - hits + 0.5)) : 0;
        for (var i = 0; i < odds.Length; i++) odds[i] = start is null ? Start : start[i];
        var (slopes, curves) = (new double[cases.Count], new double[cases.Count]);
        var grower = new TreeGrower(cases, how);
        var dice = new Dice(how.Seed);
        var usable = Enumerable.Range(0, Domain.PaymentFactors.Count).Where(f => cases.BinsOf(f) > 2).ToArray();
        var (best, bestLoss) = (0, stopEarly ? Loss(odds, late, fitting) : 0);
        double[]? bestOdds = stopEarly ? [.. odds] : null;
        for (var t = 0; t < trees; t++)
        {
            grower.Draw(fitting, how.Cases, ref dice);
            foreach (var i in grower.Chosen)
            {
                var chance = 1 / (1 + Math.Exp(-odds[i]));
                slopes[i] = chance - (late[i] ? 1 : 0);
                curves[i] = Math.Max(1e-6, chance * (1 - chance));
            }

            var tree = grower.Grow(slopes, curves, Choose(usable, how, ref dice));
            Trees.Add(tree);
            grower.AddTo(odds, tree);
            if (!stopEarly) continue;
            var loss = Loss(odds, late, fitting);
            if (loss < bestLoss - 1e-6)
            {
                (best, bestLoss) = (t + 1, loss);
                odds.CopyTo(bestOdds!, 0);
            }
            else if (t + 1 - best >= how.Patience)
            {
                break;
            }
        }

        if (stopEarly) TrialOdds = bestOdds![fitting..];
        return best;
    }

    internal static int[] Choose(int[] usable, Growing how, ref Dice dice)
    {
        var pool = usable.ToArray();
        var count = Math.Max(1, (int)Math.Round(pool.Length * how.Factors));
        for (var i = 0; i < count; i++)
        {
            var at = i + dice.Below(pool.Length - i);
            (pool[i], pool[at]) = (pool[at], pool[i]);
        }

        Array.Sort(pool, 0, count);
        return pool[..count];
    }

    private static double Loss(double[] odds, bool[] late, int from)
    {
        var loss = 0.0;
        for (var i = from; i < odds.Length; i++) loss += Platt.Softplus(late[i] ? -odds[i] : odds[i]);
        return loss / Math.Max(1, odds.Length - from);
    }
}
