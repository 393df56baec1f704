namespace ExposureMonitor.Domain;

/// <summary>Which of Altman's models fits a company (credit.md 13.1).</summary>
public enum AltmanModel : byte
{
    /// <summary>No Z: an input is missing.</summary>
    None,

    /// <summary>Z, for a listed manufacturer.</summary>
    Listed,

    /// <summary>Z′, for a manufacturer that is not listed.</summary>
    Private,

    /// <summary>Z″, for all others.</summary>
    General,

    /// <summary>Z″ plus 3.25, in countries that the policy names as emerging markets.</summary>
    Emerging,
}

/// <summary>Zones of Altman's models, the worst first.</summary>
public enum AltmanZone : byte
{
    /// <summary>No Z.</summary>
    None,
    Distress,
    Grey,
    Safe,
}

/// <summary>Altman's Z of a filed statement: exact until it is shown.</summary>
/// <param name="Model">The model that fits.</param>
/// <param name="Zone">Judged by exact cross-products, not on the rounded figure.</param>
/// <param name="Thousandths">Z in thousandths, half up.</param>
/// <param name="Parts">What each of the five factors contributes, thousandths, half up.</param>
public readonly record struct AltmanScore(AltmanModel Model, AltmanZone Zone, long Thousandths, IReadOnlyList<long> Parts)
{
    /// <summary>Weights of the factors X1 to X5 and what is added, in thousandths; the cut-offs in hundredths.</summary>
    private static readonly (int[] Weights, int Base, int Distress, int Safe)[] Models =
    [
        ([], 0, 0, 0), ([1200, 1400, 3300, 600, 1000], 0, 181, 299), ([717, 847, 3107, 420, 998], 0, 123, 290), ([6560, 3260, 6720, 1050, 0], 0, 110, 260),
        ([6560, 3260, 6720, 1050, 0], 3250, 435, 585),
    ];

    /// <summary>
    /// Z of a statement. A missing input gives no Z, never a guess: total assets, total liabilities, and the market value of the
    /// equity of a listed company. Equity over liabilities is capped at 10.
    /// </summary>
    /// <param name="f">The statement.</param>
    /// <param name="emerging">True for a company of an emerging market.</param>
    public static AltmanScore Of(FinancialStatementFiled f, bool emerging = false)
    {
        ArgumentNullException.ThrowIfNull(f);
        var model = !f.Manufacturer ? (emerging ? AltmanModel.Emerging : AltmanModel.General) : f.Listed ? AltmanModel.Listed : AltmanModel.Private;
        var equity = model == AltmanModel.Listed ? f.MarketEquity : f.BookEquity;
        if (f.TotalAssets <= 0 || f.TotalLiabilities <= 0 || (model == AltmanModel.Listed && f.MarketEquity <= 0)) return default;
        var capped = Int128.Min(equity, (Int128)f.TotalLiabilities * 10);
        Int128[] over = [(Int128)f.CurrentAssets - f.CurrentLiabilities, f.RetainedEarnings, f.Ebit, capped, f.Sales];
        return Of(model, over, f.TotalAssets, f.TotalLiabilities);
    }

    /// <summary>Z of five factors in millionths, for figures that are published as ratios.</summary>
    public static AltmanScore Of(AltmanModel model, IReadOnlyList<long> millionths)
    {
        ArgumentNullException.ThrowIfNull(millionths);
        return Of(model, [.. millionths.Select(x => (Int128)x)], 1_000_000, 1_000_000);
    }

    private static AltmanScore Of(AltmanModel model, Int128[] over, long assets, long liabilities)
    {
        var (weights, start, distress, safe) = Models[(int)model];
        if (weights.Length == 0) return default;
        // Everything over assets × liabilities, in thousandths of Z: four factors are over the assets, the fourth over the liabilities.
        var scale = (Int128)assets * liabilities;
        var sum = start * scale;
        var parts = new long[over.Length];
        for (var i = 0; i < over.Length; i++)
        {
            var part = over[i] * weights[i] * (i == 3 ? assets : liabilities);
            sum += part;
            parts[i] = Rounding.Pin(Rounding.HalfUp(part, scale));
        }

        var zone = sum < distress * 10 * scale ? AltmanZone.Distress : sum > safe * 10 * scale ? AltmanZone.Safe : AltmanZone.Grey;
        return new AltmanScore(model, zone, Rounding.Pin(Rounding.HalfUp(sum, scale)), parts);
    }
}
