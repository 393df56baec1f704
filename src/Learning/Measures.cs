namespace ExposureMonitor.Learning;

/// <summary>How well an order of cases puts the late ones first.</summary>
internal static class Measures
{
    /// <summary>Numbers of the cases, the highest risk first; ties by their place, which tells nothing.</summary>
    internal static int[] Rank(double[] risk)
    {
        var order = new int[risk.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        var keys = (double[])risk.Clone();
        for (var i = 0; i < keys.Length; i++) keys[i] = -keys[i];
        Array.Sort(keys, order);
        return order;
    }

    /// <summary>Area under the curve: the chance that a late case stands above one in time; ties count half. NaN without both kinds.</summary>
    /// <param name="order">From <see cref="Rank"/>.</param>
    /// <param name="weights">How often each case counts; <c>null</c> is once.</param>
    internal static double Auc(double[] risk, bool[] late, int[] order, double[]? weights = null)
    {
        double area = 0, seenLate = 0, tieLate = 0, tieRest = 0, rest = 0;
        for (var i = 0; i < order.Length; i++)
        {
            var row = order[i];
            var weight = weights is null ? 1 : weights[row];
            if (late[row]) tieLate += weight;
            else tieRest += weight;
            if (i + 1 < order.Length && risk[order[i + 1]] == risk[row]) continue;
            area += tieRest * (seenLate + tieLate / 2);
            seenLate += tieLate;
            rest += tieRest;
            tieLate = tieRest = 0;
        }

        return seenLate > 0 && rest > 0 ? area / (seenLate * rest) : double.NaN;
    }

    /// <summary>Mean precision at each late case; ties share their precision.</summary>
    internal static double AveragePrecision(double[] risk, bool[] late, int[] order, double[]? weights = null)
    {
        double hits = 0, all = 0, sum = 0, tieHits = 0, tieAll = 0;
        for (var i = 0; i < order.Length; i++)
        {
            var row = order[i];
            var weight = weights is null ? 1 : weights[row];
            tieAll += weight;
            if (late[row]) tieHits += weight;
            if (i + 1 < order.Length && risk[order[i + 1]] == risk[row]) continue;
            hits += tieHits;
            all += tieAll;
            if (all > 0) sum += tieHits * hits / all;
            tieHits = tieAll = 0;
        }

        return hits > 0 ? sum / hits : double.NaN;
    }

    /// <summary>Draws of customers, each with how often its cases count: three customers can hold half of a book.</summary>
    internal static double[][] Draws(IReadOnlyList<string> customers, int draws, ulong seed)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var of = new int[customers.Count];
        for (var i = 0; i < of.Length; i++)
        {
            if (!numbers.TryGetValue(customers[i], out var number)) numbers.Add(customers[i], number = numbers.Count);
            of[i] = number;
        }

        var dice = new Dice(seed);
        var weights = new double[draws][];
        for (var d = 0; d < draws; d++)
        {
            var times = new int[numbers.Count];
            for (var i = 0; i < times.Length; i++) times[dice.Below(times.Length)]++;
            weights[d] = new double[of.Length];
            for (var i = 0; i < of.Length; i++) weights[d][i] = times[of[i]];
        }

        return weights;
    }

    /// <summary>The middle 95 % of values; NaN ones are left out.</summary>
    internal static (double Low, double High) Interval(double[] values)
    {
        var sorted = values.Where(v => !double.IsNaN(v)).Order().ToArray();
        return sorted.Length < 20 ? (double.NaN, double.NaN) : (sorted[(int)(sorted.Length * 0.025)], sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * 0.975))]);
    }
}
