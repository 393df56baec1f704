namespace ExposureMonitor.Domain;

/// <summary>Expected loss and provision of credit.md section 16; rounded up, so that neither is ever a cent short.</summary>
public static class ExpectedLoss
{
    /// <summary>Share lost of an unsecured debt when its customer fails, basis points (our default).</summary>
    public const int UnsecuredLgdBp = 6_000;

    /// <summary>PD × LGD × EAD; EAD is net risk and a share of the unused limit. Minor units.</summary>
    /// <param name="pdPpm">Chance of default within a year.</param>
    /// <param name="lgdBp">Share that is lost then.</param>
    /// <param name="netRisk">Exposure less cover; cover is taken off here, and once.</param>
    /// <param name="unused">Limit less exposure; below 0 counts as 0.</param>
    /// <param name="ccfBp">Share of the unused limit that will be drawn; 0 for limits that may be withdrawn.</param>
    public static Int128 Of(int pdPpm, int lgdBp, Int128 netRisk, Int128 unused = default, int ccfBp = 0)
    {
        // One division at the end: EAD in ten thousandths.
        var exposure = Int128.Max(0, netRisk) * 10_000 + Int128.Max(0, unused) * ccfBp;
        return Rounding.Up(exposure * pdPpm * lgdBp, (Int128)10_000 * 1_000_000 * 10_000);
    }

    /// <summary>True when the margin of a held order is larger than what it adds to the expected loss: a release may be suggested, never done.</summary>
    public static bool SuggestsRelease(int pdPpm, int lgdBp, long value, long margin) => margin > Of(pdPpm, lgdBp, value);

    /// <summary>Lifetime provision: Σ of what is open in each bucket × its rate (ppm), each bucket rounded up.</summary>
    /// <exception cref="ArgumentException">Not one rate per bucket.</exception>
    public static Int128 Provision(ReadOnlySpan<Int128> buckets, ReadOnlySpan<int> ratesPpm)
    {
        if (buckets.Length != ratesPpm.Length) throw new ArgumentException($"{buckets.Length} buckets need as many rates, not {ratesPpm.Length}.", nameof(ratesPpm));
        Int128 sum = 0;
        for (var i = 0; i < buckets.Length; i++) sum += Rounding.Up(Int128.Max(0, buckets[i]) * ratesPpm[i], 1_000_000);
        return sum;
    }
}
