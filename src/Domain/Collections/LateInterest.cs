namespace ExposureMonitor.Domain;

/// <summary>By which law or contract late interest runs (credit.md 15).</summary>
public enum InterestRegime : byte
{
    /// <summary>Directive 2011/7/EU: reference rate of the half-year and 8 points or more; a fixed sum a debt.</summary>
    EuDirective = 1,

    /// <summary>Late Payment of Commercial Debts (Interest) Act 1998: base rate and 8 points, simple; a fixed sum by the size of the debt.</summary>
    Uk1998,

    /// <summary>Order 802 of 2025 on payments to small firms: as agreed, not below the one-year LPR at signing; nothing agreed: 0.05 % a day.</summary>
    CnSme,

    /// <summary>As the contract says; simple interest.</summary>
    Contract,
}

/// <summary>Where interest is rounded, half up.</summary>
public enum InterestRounding : byte
{
    /// <summary>Once, the sum of all days.</summary>
    AtEnd = 1,

    /// <summary>The interest of one day, times the days: the method that the government of the United Kingdom publishes.</summary>
    DailyToPenny,
}

/// <summary>A reference rate that holds from a day on: the ECB's, the Bank of England's, the LPR. Law changes: rates are data.</summary>
/// <param name="From">Day number.</param>
/// <param name="YearlyBp">Basis points a year; may be below zero.</param>
public readonly record struct ReferenceRate(int From, int YearlyBp);

/// <summary>What was open and not contested from a day on, minor units.</summary>
/// <param name="From">Day number.</param>
public readonly record struct OpenFrom(int From, long Amount);

/// <summary>The rules under which one debt bears interest.</summary>
public sealed record InterestRules
{
    public required InterestRegime Regime { get; init; }

    /// <summary>By their days; the regime says which rate is meant.</summary>
    public IReadOnlyList<ReferenceRate> References { get; init; } = [];

    /// <summary>Points above the reference rate, basis points: at least 800 under the directive and the act.</summary>
    public int MarginBp { get; init; } = 800;

    /// <summary>Agreed yearly rate in basis points; −1 for none.</summary>
    public int AgreedBp { get; init; } = -1;

    /// <summary>Agreed daily rate in parts per million; −1 for none.</summary>
    public int AgreedDailyPpm { get; init; } = -1;

    /// <summary>Days of a year: 360 or 365.</summary>
    public int DayBase { get; init; } = 365;

    /// <summary>Of a contract: no interest runs in the first days behind the due date.</summary>
    public int GraceDays { get; init; }

    /// <summary>Interest below it is not asked, minor units.</summary>
    public long LeastAmount { get; init; }

    /// <summary>Fixed sum a debt under the directive, minor units: 40 EUR or more.</summary>
    public long FixedSum { get; init; } = 4_000;

    /// <summary>Days until interest runs when no date was agreed.</summary>
    public int DaysWithoutDate { get; init; } = 30;

    public InterestRounding Rounding { get; init; } = InterestRounding.AtEnd;
}

/// <summary>One late debt.</summary>
/// <param name="IssuedOn">Day of the invoice.</param>
/// <param name="DueOn">Day number; 0 when no date was agreed.</param>
/// <param name="SignedOn">Day of the contract, for the LPR; 0 when unknown: the day of the invoice.</param>
/// <param name="Principal">The debt as it was, minor units: the fixed sum follows from it.</param>
/// <param name="Open">What was open, ascending; a payment counts from the day after its value date.</param>
public sealed record LateDebt(int IssuedOn, int DueOn, int SignedOn, long Principal, IReadOnlyList<OpenFrom> Open);

/// <summary>Days with the same open amount and the same rate.</summary>
/// <param name="RateText">As people write it, such as <c>10.15 %</c> or <c>0.05 % a day</c>.</param>
public sealed record InterestSpan(int From, int To, long Open, string RateText);

/// <summary>Late interest of one debt.</summary>
/// <param name="Interest">Minor units.</param>
/// <param name="FixedSum">Minor units; 0 where the regime has none or the debt is not late.</param>
/// <param name="Missing">The day whose reference rate is not known; 0 when all are. With one missing there is no figure.</param>
public sealed record InterestDue(long Interest, long FixedSum, IReadOnlyList<InterestSpan> Spans, int Missing)
{
    /// <summary>Interest and fixed sum.</summary>
    public long Total => Interest + FixedSum;
}

/// <summary>
/// Late interest (credit.md 15): Σ over days of open amount × rate ÷ day base, from the day after due to a last day, that day included;
/// piecewise over part payments and changes of the rate; no compounding. Pure and exact: integers only, rounded where the regime says.
/// </summary>
public static class LateInterest
{
    private const int BpScale = 10_000, PpmScale = 1_000_000, CnDailyPpm = 500;

    private static readonly (long Below, long Sum)[] UkSums = [(100_000, 4_000), (1_000_000, 7_000), (long.MaxValue, 10_000)];

    /// <summary>What is due by the end of a day.</summary>
    /// <param name="upTo">The last day that counts: today, or the value date of the payment that settles.</param>
    public static InterestDue Of(InterestRules rules, LateDebt debt, int upTo)
    {
        var start = StartOf(rules, debt);
        if (upTo < start) return new InterestDue(0, 0, [], 0);
        Int128 sum = 0;
        long daily = 0;
        var spans = new List<InterestSpan>();
        for (var day = start; day <= upTo;)
        {
            var open = OpenOn(debt, day);
            if (RateOn(rules, debt, start, day) is not { } rate) return new InterestDue(0, 0, [], day);
            var end = Math.Min(upTo, Math.Min(NextOpen(debt, day), NextRate(rules, day)) - 1);
            var days = end - day + 1;
            if (open > 0)
            {
                var ofDay = (Int128)open * (rate.DailyPpm >= 0 ? (Int128)rate.DailyPpm * BpScale * rules.DayBase : (Int128)Math.Max(0, rate.YearlyBp) * PpmScale);
                sum += ofDay * days;
                daily += HalfUp(ofDay, Denominator(rules)) * days;
                spans.Add(new InterestSpan(day, end, open, rate.Text));
            }

            day = end + 1;
        }

        var interest = rules.Rounding == InterestRounding.DailyToPenny ? daily : HalfUp(sum, Denominator(rules));
        if (interest < rules.LeastAmount) interest = 0;
        return new InterestDue(interest, FixedOf(rules, debt, spans.Count > 0), spans, 0);
    }

    /// <summary>The first day that bears interest.</summary>
    public static int StartOf(InterestRules rules, LateDebt debt) => rules.Regime switch
    {
        InterestRegime.Contract => (debt.DueOn == 0 ? debt.IssuedOn + rules.DaysWithoutDate : debt.DueOn) + rules.GraceDays + 1,
        _ => (debt.DueOn == 0 ? debt.IssuedOn + rules.DaysWithoutDate : debt.DueOn) + 1,
    };

    /// <summary>The compensation for the cost of recovery.</summary>
    private static long FixedOf(InterestRules rules, LateDebt debt, bool isLate)
    {
        if (!isLate) return 0;
        if (rules.Regime == InterestRegime.EuDirective) return rules.FixedSum;
        if (rules.Regime != InterestRegime.Uk1998) return 0;
        foreach (var (below, amount) in UkSums)
            if (debt.Principal < below) return amount;
        return 0;
    }

    private readonly record struct Rate(int YearlyBp, int DailyPpm, string Text);

    /// <summary>The rate of a day; <c>null</c> when its reference is not known.</summary>
    private static Rate? RateOn(InterestRules rules, LateDebt debt, int start, int day)
    {
        switch (rules.Regime)
        {
            case InterestRegime.EuDirective: return Above(rules, HalfYearOf(day));
            // Fixed by the day on which interest begins: what the base rate does later changes nothing. The rate of 31 December holds from January, of 30 June from July.
            case InterestRegime.Uk1998: return Above(rules, HalfYearOf(start) - 1);
            case InterestRegime.CnSme when rules.AgreedBp < 0 && rules.AgreedDailyPpm < 0: return Daily(CnDailyPpm);
            case InterestRegime.CnSme:
                if (ReferenceOn(rules, debt.SignedOn == 0 ? debt.IssuedOn : debt.SignedOn) is not { } lpr) return null;
                // A daily rate is compared as a yearly one, without division: ppm × base ÷ 100 = basis points a year.
                if (rules.AgreedDailyPpm >= 0) return (long)rules.AgreedDailyPpm * rules.DayBase >= (long)lpr * 100 ? Daily(rules.AgreedDailyPpm) : Yearly(lpr);
                return Yearly(Math.Max(rules.AgreedBp, lpr));
            default:
                return rules.AgreedDailyPpm >= 0 ? Daily(rules.AgreedDailyPpm) : rules.AgreedBp >= 0 ? Yearly(rules.AgreedBp) : null;
        }
    }

    private static Rate? Above(InterestRules rules, int on) => ReferenceOn(rules, on) is { } reference ? Yearly(reference + Math.Max(rules.MarginBp, 800)) : null;

    private static Rate Yearly(int bp) => new(bp, -1, Text(bp, 100) + " %");

    private static Rate Daily(int ppm) => new(0, ppm, Text(ppm, 10_000) + " % a day");

    private static string Text(int number, int unit)
    {
        var (whole, part) = Math.DivRem(Math.Abs(number), unit);
        var digits = part == 0 ? "" : "." + part.ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(unit == 100 ? 2 : 4, '0').TrimEnd('0');
        return (number < 0 ? "-" : "") + whole.ToString(System.Globalization.CultureInfo.InvariantCulture) + digits;
    }

    private static int? ReferenceOn(InterestRules rules, int day)
    {
        int? found = null;
        var from = int.MinValue;
        foreach (var rate in rules.References)
            if (rate.From <= day && rate.From >= from) (found, from) = (rate.YearlyBp, rate.From);
        return found;
    }

    private static long OpenOn(LateDebt debt, int day)
    {
        long open = 0;
        foreach (var change in debt.Open)
            if (change.From <= day) open = change.Amount;
        return open;
    }

    private static int NextOpen(LateDebt debt, int day)
    {
        foreach (var change in debt.Open)
            if (change.From > day) return change.From;
        return int.MaxValue;
    }

    /// <summary>Only the directive's rate changes while interest runs: with the half-year.</summary>
    private static int NextRate(InterestRules rules, int day)
    {
        if (rules.Regime != InterestRegime.EuDirective) return int.MaxValue;
        var date = DateOnly.FromDayNumber(HalfYearOf(day));
        return date.AddMonths(6).DayNumber;
    }

    private static int HalfYearOf(int day)
    {
        var date = DateOnly.FromDayNumber(day);
        return new DateOnly(date.Year, date.Month <= 6 ? 1 : 7, 1).DayNumber;
    }

    private static Int128 Denominator(InterestRules rules) => (Int128)BpScale * PpmScale * rules.DayBase;

    private static long HalfUp(Int128 number, Int128 by) => (long)((number + (by / 2)) / by);
}
