namespace ExposureMonitor.Learning;

/// <summary>Slope and shift of log-odds that fit what happened (Platt), leaning on "no change".</summary>
internal static class Platt
{
    /// <summary>ln(1 + eˣ) without overflow.</summary>
    internal static double Softplus(double x) => x > 30 ? x : x < -30 ? 0 : Math.Log(1 + Math.Exp(x));

    internal static (double Slope, double Shift) Fit(ReadOnlySpan<double> odds, ReadOnlySpan<bool> late)
    {
        var hits = 0;
        foreach (var hit in late) if (hit) hits++;
        if (hits < 20 || late.Length - hits < 20) return (1, 0);
        double slope = 1, shift = 0;
        for (var round = 0; round < 30; round++)
        {
            // Penalties: a slope away from 1 counts like 10 cases, a shift away from 0 like 5.
            double g0 = 10 * (slope - 1), g1 = 5 * shift, h00 = 10, h01 = 0, h11 = 5;
            for (var i = 0; i < odds.Length; i++)
            {
                var chance = 1 / (1 + Math.Exp(-(slope * odds[i] + shift)));
                var (error, curve) = (chance - (late[i] ? 1 : 0), chance * (1 - chance));
                g0 += error * odds[i];
                g1 += error;
                h00 += curve * odds[i] * odds[i];
                h01 += curve * odds[i];
                h11 += curve;
            }

            var det = h00 * h11 - h01 * h01;
            if (det < 1e-9) break;
            slope -= (h11 * g0 - h01 * g1) / det;
            shift -= (h00 * g1 - h01 * g0) / det;
        }

        return (Math.Clamp(slope, 0.5, 1.3), Math.Clamp(shift, -1, 1));
    }

    /// <summary>A shift alone; leaning on none like 100 cases, since cases of a month are late together.</summary>
    internal static double Shift(ReadOnlySpan<double> odds, ReadOnlySpan<bool> late)
    {
        var shift = 0.0;
        for (var round = 0; round < 20; round++)
        {
            double gradient = 25 * shift, curve = 25;
            for (var i = 0; i < odds.Length; i++)
            {
                var chance = 1 / (1 + Math.Exp(-(odds[i] + shift)));
                gradient += chance - (late[i] ? 1 : 0);
                curve += chance * (1 - chance);
            }

            shift -= gradient / curve;
        }

        return Math.Clamp(shift, -0.7, 0.7);
    }
}
