namespace ExposureMonitor.Domain;

/// <summary>A factor of the weighted score with its table: how many points a value gives (credit.md 13.2, "range points").</summary>
/// <param name="Name">Such as <c>paymentIndex</c>.</param>
/// <param name="Weight">The parameter of the policy that says what it weighs.</param>
/// <param name="Unit">Of the value.</param>
/// <param name="Steps">From which value on how many points, 0 to 100, by rising values; none where the value is the points.</param>
public sealed record CreditTable(string Name, Parameter Weight, string Unit, IReadOnlyList<(long From, int Points)> Steps)
{
    /// <summary>The ten factors in the order of the specification. The tables are our defaults; docs/scoring.md publishes them, and a test compares.</summary>
    public static IReadOnlyList<CreditTable> All { get; } =
    [
        new("paymentIndex", Parameter.ScoreWeightPaymentIndex, "hundredths of a point", [(0, 0), (4_000, 15), (5_000, 30), (6_000, 45), (7_000, 65), (7_500, 80), (8_000, 100)]),
        new("overdueRatio", Parameter.ScoreWeightOverdueRatio, "bp", [(0, 100), (1, 80), (501, 60), (1_001, 40), (2_001, 20), (5_001, 0)]),
        new("brokenPromises", Parameter.ScoreWeightBrokenPromises, "broken", [(0, 100), (1, 50), (2, 20), (3, 0)]),
        new("limitUse", Parameter.ScoreWeightLimitUse, "bp", [(0, 100), (5_001, 85), (7_001, 65), (8_001, 50), (9_001, 30), (10_001, 0)]),
        new("relationship", Parameter.ScoreWeightRelationship, "days", [(0, 20), (90, 40), (365, 60), (730, 80), (1_825, 100)]),
        new("altmanZone", Parameter.ScoreWeightAltmanZone, "zone", [((long)AltmanZone.Distress, 0), ((long)AltmanZone.Grey, 50), ((long)AltmanZone.Safe, 100)]),
        new("liquidity", Parameter.ScoreWeightLiquidity, "millionths", [(0, 0), (800_000, 20), (1_000_000, 40), (1_200_000, 60), (1_500_000, 80), (2_000_000, 100)]),
        new("leverage", Parameter.ScoreWeightLeverage, "millionths", [(0, 100), (400_001, 80), (500_001, 60), (600_001, 40), (700_001, 20), (800_001, 0)]),
        new("externalRating", Parameter.ScoreWeightExternalRating, "rank", [(0, 0), (85, 25), (88, 50), (91, 80), (94, 100)]),
        new("sectorCountry", Parameter.ScoreWeightSectorCountry, "points", []),
    ];

    /// <summary>Hundredths of a point; a value below the first step has the points of the first.</summary>
    internal int PointsOf(long value)
    {
        if (Steps.Count == 0) return (int)Math.Clamp(value, 0, 100) * 100;
        var points = Steps[0].Points;
        foreach (var step in Steps)
            if (value >= step.From) points = step.Points;
        return points * 100;
    }
}
