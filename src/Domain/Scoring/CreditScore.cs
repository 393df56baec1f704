namespace ExposureMonitor.Domain;

/// <summary>One factor of the weighted score.</summary>
/// <param name="Name">Such as <c>paymentIndex</c>.</param>
/// <param name="Weight">Its share of the whole, in any unit.</param>
/// <param name="Points">0 to 100, in hundredths of a point; <c>null</c> when the data is missing.</param>
/// <param name="Raw">The value behind the points, as it is shown.</param>
/// <param name="AsOf">Day (day number) of the data; 0 for none.</param>
public readonly record struct CreditFactor(string Name, int Weight, int? Points, string Raw, int AsOf);

/// <summary>The weighted score of credit.md 13.2 with its confidence, grade and parts.</summary>
/// <param name="Score">Hundredths of a point; <c>null</c> when no factor has data.</param>
/// <param name="ConfidenceBp">Weight of the factors that have data, of all: below 6,000 there is no automatic raise.</param>
/// <param name="Grade">By section 14; "" without a score.</param>
/// <param name="Parts">What each factor gives to the score, hundredths of a point; the last one that has data takes what rounding leaves, so that they sum to the score.</param>
public sealed record CreditScore(int? Score, int ConfidenceBp, string Grade, IReadOnlyList<int> Parts)
{
    /// <summary>Below this confidence nobody is raised without a person.</summary>
    public const int RaiseConfidenceBp = 6_000;

    /// <summary>Σ wᵢ sᵢ ÷ Σ wᵢ over the factors that have data; half up.</summary>
    /// <exception cref="ArgumentException">A weight is negative, or points are outside 0 to 100.</exception>
    public static CreditScore Of(IReadOnlyList<CreditFactor> factors)
    {
        long sum = 0, available = 0, all = 0;
        foreach (var factor in factors)
        {
            if (factor.Weight < 0) throw new ArgumentException($"{factor.Name}: a weight of {factor.Weight}.", nameof(factors));
            if (factor.Points is < 0 or > 10_000) throw new ArgumentException($"{factor.Name}: {factor.Points} hundredths of a point, expected 0 to 10,000.", nameof(factors));
            all += factor.Weight;
            if (factor.Points is not { } points) continue;
            available += factor.Weight;
            sum += (long)factor.Weight * points;
        }

        var parts = new int[factors.Count];
        if (available == 0) return new CreditScore(null, 0, "", parts);
        var score = (int)Rounding.HalfUp(sum, available);
        var (left, last) = (score, -1);
        for (var i = 0; i < parts.Length; i++)
        {
            if (factors[i].Points is not { } points || factors[i].Weight == 0) continue;
            parts[i] = (int)Rounding.HalfUp((long)factors[i].Weight * points, available);
            left -= parts[i];
            last = i;
        }

        parts[last] += left;
        return new CreditScore(score, (int)Rounding.Down(available * 10_000, all), CreditGrade.Of(score).Name, parts);
    }
}

/// <summary>A grade of section 14 with what follows from it (our defaults).</summary>
/// <param name="Name">A to E.</param>
/// <param name="From">Least score, hundredths of a point.</param>
/// <param name="PdPpm">Chance of default within a year, ppm.</param>
/// <param name="TermDays">Longest terms; 0 is prepay.</param>
/// <param name="LimitTenths">Limit against mean monthly sales, tenths.</param>
/// <param name="ReviewMonths">Months to the next review.</param>
public sealed record CreditGrade(string Name, int From, int PdPpm, int TermDays, int LimitTenths, int ReviewMonths)
{
    /// <summary>From the best one down.</summary>
    public static IReadOnlyList<CreditGrade> All { get; } =
    [
        new("A", 8_500, 5_000, 90, 30, 12), new("B", 7_000, 15_000, 60, 20, 6), new("C", 5_500, 40_000, 30, 12, 3), new("D", 4_000, 100_000, 15, 5, 1), new("E", 0, 250_000, 0, 0, 1),
    ];

    /// <summary>The grade of a score in hundredths of a point.</summary>
    public static CreditGrade Of(int score)
    {
        foreach (var grade in All) if (score >= grade.From) return grade;
        return All[^1];
    }

    /// <summary>Tomorrow's grade: down at once, up at most one a day.</summary>
    /// <param name="now">The grade that stands; "" for none.</param>
    public static CreditGrade Moved(string now, int score)
    {
        var computed = Of(score);
        var (at, to) = (IndexOf(now), IndexOf(computed.Name));
        return at < 0 || to >= at - 1 ? computed : All[at - 1];
    }

    /// <summary>The most that a limit may be: mean monthly sales times the factor of the grade, down.</summary>
    public Int128 EligibleLimit(Int128 salesOfTwelveMonths) => salesOfTwelveMonths <= 0 ? 0 : Rounding.Down(salesOfTwelveMonths * LimitTenths, 120);

    /// <summary>The grade of a name; <c>null</c> for one that is none of ours.</summary>
    public static CreditGrade? Find(string name) => IndexOf(name) is >= 0 and var at ? All[at] : null;

    /// <summary>The name of a rank: 5 is the best grade, 1 the worst; "" for any other.</summary>
    public static string NameOf(byte rank) => rank > 0 && rank <= All.Count ? All[All.Count - rank].Name : "";

    private static int IndexOf(string name)
    {
        for (var i = 0; i < All.Count; i++) if (All[i].Name == name) return i;
        return -1;
    }
}
