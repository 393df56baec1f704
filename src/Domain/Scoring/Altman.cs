namespace ExposureMonitor.Domain;

/// <summary>Which of Altman's models (credit.md 13.1).</summary>
public enum AltmanModel : byte
{
    /// <summary>Listed manufacturer; X4 with the market value of equity.</summary>
    Z = 1,

    /// <summary>Private manufacturer (Z′).</summary>
    ZPrime,

    /// <summary>Not a manufacturer (Z″).</summary>
    ZDouble,

    /// <summary>Emerging market (Z″-EM).</summary>
    ZEmerging,
}

/// <summary>What a Z-score means.</summary>
public enum AltmanZone : byte
{
    Distress = 1, Grey, Safe,
}

/// <summary>Figures of one statement, minor units of one currency; <c>null</c> is missing.</summary>
public sealed record BalanceFigures(long? WorkingCapital, long? RetainedEarnings, long? Ebit, long? Equity, long? Sales, long? TotalAssets, long? TotalLiabilities);

/// <summary>A Z-score: the score in thousandths (half up, for display), its zone (judged before rounding) and what each ratio gives.</summary>
/// <param name="Parts">X1 to X5, thousandths of Z, half up; 0 for what the model does not read.</param>
public sealed record AltmanScore(AltmanModel Model, int Thousandths, AltmanZone Zone, IReadOnlyList<int> Parts)
{
    /// <summary>X4 counts at most this much.</summary>
    private const int EquityMost = 10;

    /// <summary>The score; <c>null</c> when an input that the model reads is missing, or assets or liabilities are not above 0: never a guess.</summary>
    public static AltmanScore? Of(AltmanModel model, BalanceFigures told)
    {
        var (weights, constant, distressBelow, safeAbove) = model switch
        {
            AltmanModel.Z => ((int[])[1_200, 1_400, 3_300, 600, 1_000], 0, 1_810, 2_990),
            AltmanModel.ZPrime => ([717, 847, 3_107, 420, 998], 0, 1_230, 2_900),
            AltmanModel.ZDouble => ([6_560, 3_260, 6_720, 1_050, 0], 0, 1_100, 2_600),
            _ => ([6_560, 3_260, 6_720, 1_050, 0], 3_250, 4_350, 5_850),
        };
        if (told is not { WorkingCapital: { } working, RetainedEarnings: { } retained, Ebit: { } ebit, Equity: { } equity, TotalAssets: > 0 and { } assets, TotalLiabilities: > 0 and { } debts }) return null;
        if (weights[4] > 0 && told.Sales is null) return null;
        long[] figures = [working, retained, ebit, 0, told.Sales ?? 0];
        // Over the common divisor assets × liabilities, so that no ratio is rounded before the zone is judged.
        var capped = Int128.Min(equity, (Int128)debts * EquityMost);
        Int128 sum = (Int128)constant * assets * debts + weights[3] * capped * assets;
        var parts = new int[5];
        for (var i = 0; i < figures.Length; i++)
        {
            sum += (Int128)weights[i] * figures[i] * debts;
            parts[i] = (int)Rounding.Pin(i == 3 ? Rounding.HalfUp(weights[3] * capped, debts) : Rounding.HalfUp((Int128)weights[i] * figures[i], assets));
        }

        var divisor = (Int128)assets * debts;
        var zone = sum < distressBelow * divisor ? AltmanZone.Distress : sum > safeAbove * divisor ? AltmanZone.Safe : AltmanZone.Grey;
        return new AltmanScore(model, (int)Math.Clamp(Rounding.Pin(Rounding.HalfUp(sum, divisor)), int.MinValue, int.MaxValue), zone, parts);
    }
}
