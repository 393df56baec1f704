namespace ExposureMonitor.Domain;

/// <summary>
/// What some accounts may lose: receivables by bucket of the ageing with the cover that stands for them and the lifetime provision on the rest, insolvent and
/// legal cases apart, and the expected loss of a year (credit.md 16). Minor units of the base currency; sums, so that accounts and parts of a book add up.
/// </summary>
public sealed class ProvisionLine
{
    /// <summary>Not due, 1–30, 31–60, 61–90, 91–180, above 180 days past due; original due dates, without pauses.</summary>
    public const int Buckets = 6;

    public int Customers { get; set; }

    /// <summary>By bucket: open receivables, the cover that stands for them, and the provision on what is left.</summary>
    public Int128[] Gross { get; init; } = new Int128[Buckets];

    public Int128[] Covered { get; init; } = new Int128[Buckets];

    public Int128[] Provision { get; init; } = new Int128[Buckets];

    /// <summary>Of insolvent and legal cases, which leave the matrix: what is owed, its cover, and the provision on the rest.</summary>
    public Int128 SpecificGross { get; set; }

    public Int128 SpecificCovered { get; set; }

    public Int128 SpecificProvision { get; set; }

    /// <summary>Exposure less cover, of all components; and PD × LGD × that, 0 for an account without a grade.</summary>
    public Int128 NetRisk { get; set; }

    public Int128 ExpectedLoss { get; set; }

    /// <summary>Σ over the buckets and the specific cases.</summary>
    public Int128 TotalGross() => Sum(Gross) + SpecificGross;

    public Int128 TotalCovered() => Sum(Covered) + SpecificCovered;

    public Int128 TotalProvision() => Sum(Provision) + SpecificProvision;

    /// <summary>Uncovered receivables in the matrix above 30 days past due (significant increase in risk), and above 90 (default).</summary>
    public Int128 Over30() => Net(2) + Net(3) + Over90();

    public Int128 Over90() => Net(4) + Net(5);

    /// <summary>Receivables of a bucket that no cover stands for.</summary>
    public Int128 Net(int bucket) => Gross[bucket] - Covered[bucket];

    /// <summary>Takes in another line.</summary>
    public void Add(ProvisionLine other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Customers += other.Customers;
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            Gross[bucket] += other.Gross[bucket];
            Covered[bucket] += other.Covered[bucket];
            Provision[bucket] += other.Provision[bucket];
        }

        SpecificGross += other.SpecificGross;
        SpecificCovered += other.SpecificCovered;
        SpecificProvision += other.SpecificProvision;
        NetRisk += other.NetRisk;
        ExpectedLoss += other.ExpectedLoss;
    }

    private static Int128 Sum(Int128[] values)
    {
        Int128 sum = 0;
        foreach (var value in values) sum += value;
        return sum;
    }
}

/// <summary>The provision of a part of a book, by the grade that serves each customer; "" for those without one.</summary>
public sealed class ProvisionMatrix
{
    public Dictionary<string, ProvisionLine> Grades { get; init; } = [];

    /// <summary>Takes in another part.</summary>
    public void Add(ProvisionMatrix other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var (grade, line) in other.Grades) Of(grade).Add(line);
    }

    /// <summary>The line of a grade.</summary>
    public ProvisionLine Of(string grade)
    {
        if (!Grades.TryGetValue(grade, out var line)) Grades.Add(grade, line = new ProvisionLine());
        return line;
    }

    /// <summary>All grades together.</summary>
    public ProvisionLine Whole()
    {
        var whole = new ProvisionLine();
        foreach (var line in Grades.Values) whole.Add(line);
        return whole;
    }

    /// <summary>The lines from the best grade down, those without a grade last.</summary>
    public IEnumerable<(string Grade, ProvisionLine Line)> InOrder() =>
        Grades.OrderBy(g => g.Key.Length == 0).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, g.Value));

    /// <summary>The rate of each bucket under a policy, ppm: the historic one times what the years ahead make of it, up, and never above all.</summary>
    public static IReadOnlyList<int> RatesOf(Policy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var rates = new int[ProvisionLine.Buckets];
        for (var bucket = 0; bucket < rates.Length; bucket++)
            rates[bucket] = (int)Int128.Min(1_000_000, Rounding.Up((Int128)policy[(Parameter)((int)Parameter.ProvisionRate1 + bucket)] * policy[Parameter.ProvisionForwardBp], 10_000));
        return rates;
    }
}

/// <summary>The provision of an account.</summary>
internal sealed partial class AccountWork
{
    /// <summary>What the account may lose, as it stands under its context.</summary>
    /// <param name="covered">Cover by bucket, as it can be put down to items.</param>
    private ProvisionLine ProvisionOfToday(ReadOnlySpan<Int128> covered, Int128 netRisk, CreditGrade? grade)
    {
        var line = new ProvisionLine
        {
            Customers = 1, NetRisk = netRisk, ExpectedLoss = grade is null ? 0 : ExpectedLoss.Of(grade.PdPpm, ExpectedLoss.UnsecuredLgdBp, netRisk),
        };
        var rates = ProvisionMatrix.RatesOf(Policy);
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
            for (var bucket = 0; bucket < ProvisionLine.Buckets; bucket++)
                line.Gross[bucket] += Context.Convert(book.Ledgers[ledger].Sums[(int)Part.Aged + bucket], book.Ledgers[ledger].Currency, Context.BaseCurrency) ?? 0;
        for (var bucket = 0; bucket < ProvisionLine.Buckets; bucket++)
        {
            // Items are converted one by one for the cover, and together for the bucket: no more is covered than there is.
            line.Covered[bucket] = Int128.Min(covered[bucket], line.Gross[bucket]);
            line.Provision[bucket] = ExpectedLoss.Provision([line.Net(bucket)], [rates[bucket]]);
        }

        if (!IsSpecific()) return line;
        (line.SpecificGross, line.SpecificCovered) = (line.TotalGross(), line.TotalCovered());
        // It has happened: nothing is left to chance but what is lost of it.
        line.SpecificProvision = ExpectedLoss.Of(1_000_000, ExpectedLoss.UnsecuredLgdBp, line.SpecificGross - line.SpecificCovered);
        Array.Clear(line.Gross);
        Array.Clear(line.Covered);
        Array.Clear(line.Provision);
        return line;
    }

    /// <summary>Insolvent, or before a court in a way that endangers it, as the news that stand say (EW-42).</summary>
    private bool IsSpecific()
    {
        if (book.RareOf(Slot) is not { } rare) return false;
        foreach (var signal in rare.Signals)
            if (signal is { Firing: true, Indicator: "EW-42" } && IsStopping(signal)) return true;
        return false;
    }
}

/// <summary>What a part of the book may lose.</summary>
public sealed partial class Book
{
    /// <summary>The provision of the accounts from a slot to behind another one, by grade.</summary>
    /// <param name="segments">Only these; all when empty.</param>
    public ProvisionMatrix ProvisionOf(int from, int end, IReadOnlyCollection<string> segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        var matrix = new ProvisionMatrix();
        for (var slot = Math.Max(0, from); slot < Math.Min(end, AccountCount); slot++)
        {
            if (segments.Count > 0 && !segments.Contains(Names.Get(Account(slot).Segment))) continue;
            var credit = CreditOf(slot);
            matrix.Of(credit.Grade?.Name ?? "").Add(credit.Provision);
        }

        return matrix;
    }
}
