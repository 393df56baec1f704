namespace ExposureMonitor.Domain;

/// <summary>
/// Payment figures of credit.md section 12, from sums. All ratios are for display, half up at the stated scale; <c>null</c> where the divisor is
/// not above 0, since a figure that cannot be told is not 0.
/// </summary>
public static class PortfolioMeasures
{
    /// <summary>Days sales outstanding, hundredths of a day: open receivables ÷ credit sales of the period × days of the period.</summary>
    /// <param name="days">Days of the period; it starts at <em>customer since</em> at the earliest.</param>
    public static long? Dso(Int128 open, Int128 sales, int days) => Share(open * days * 100, sales);

    /// <summary>
    /// Count-back DSO, hundredths of a day: whole months are taken off the receivables, the newest first, and give their days; the last one gives its
    /// share. Months of returns (sales not above 0) give their days and take nothing.
    /// </summary>
    /// <param name="months">Sales and days of each month, the newest first.</param>
    /// <returns>All days of the months told when their sales do not reach the receivables.</returns>
    public static long CountBackDso(Int128 open, ReadOnlySpan<(Int128 Sales, int Days)> months)
    {
        long days = 0;
        foreach (var month in months)
        {
            if (open <= 0) break;
            if (month.Sales > open) return days * 100 + (long)Rounding.HalfUp(open * month.Days * 100, month.Sales);
            if (month.Sales > 0) open -= month.Sales;
            days += month.Days;
        }

        return days * 100;
    }

    /// <summary>Collection effectiveness, basis points: (opening + sales − closing) ÷ (opening + sales − closing not due).</summary>
    public static long? Cei(Int128 opening, Int128 sales, Int128 closing, Int128 closingNotDue) =>
        Share((opening + sales - closing) * 10_000, opening + sales - closingNotDue);

    /// <summary>Overdue ÷ receivables, basis points.</summary>
    public static long? OverdueRatio(Int128 overdue, Int128 receivables) => Share(overdue * 10_000, receivables);

    /// <summary>Credit sales ÷ mean receivables, hundredths.</summary>
    public static long? Turnover(Int128 sales, Int128 opening, Int128 closing) => Share(sales * 200, opening + closing);

    /// <summary>Our index with its long memory: (n × own + 3 × portfolio) ÷ (n + 3), hundredths of a point.</summary>
    public static int LongIndex(long count, int own, int portfolio) => (int)Rounding.HalfUp((Int128)count * own + 3 * portfolio, count + 3);

    private static long? Share(Int128 value, Int128 divisor) => divisor > 0 ? Rounding.Pin(Rounding.HalfUp(value, divisor)) : null;
}
