using System.Globalization;

namespace ExposureMonitor.Domain;

/// <summary>
/// Sums over some accounts, from which the figures of a portfolio follow. Sums and counts only: what two parts of a book say adds up to what the whole
/// says, however it was cut and in whatever order the parts come. Amounts are minor units of the base currency.
/// </summary>
public sealed class PortfolioTally
{
    /// <summary>A segment with fewer observations than these has the figure of the whole book: its own would be chance.</summary>
    public const int Least = 30;

    /// <summary>Later than these days counts as late in the share that others lean on (credit.md 20).</summary>
    public const int LateBeyond = 5;

    public int Customers { get; set; }

    public Int128 Receivables { get; set; }

    /// <summary>Exposure that no cover takes, by customer never below 0: what one has too much covers nobody else.</summary>
    public Int128 UncoveredEad { get; set; }

    /// <summary>Open items after set-off, and what of them is past due: as EW-27 compares a customer with the portfolio.</summary>
    public Int128 Balance { get; set; }

    public Int128 Overdue { get; set; }

    /// <summary>Settled items by value, and by value × payment index.</summary>
    public Int128 SettledAmount { get; set; }

    public Int128 SettledIndex { get; set; }

    /// <summary>Items of twelve months by days late, from −30 to 120 and what lies beyond at the ends.</summary>
    public Dictionary<int, long> DaysLate { get; init; } = [];

    /// <summary>Weeks in which a customer ordered, of the 26 complete ones, by value in bins of at most 1/64 of it (<see cref="BinOf"/>).</summary>
    public Dictionary<int, long> Weeks { get; init; } = [];

    /// <summary>Takes in what another part says.</summary>
    public void Add(PortfolioTally other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Customers += other.Customers;
        Receivables += other.Receivables;
        UncoveredEad += other.UncoveredEad;
        Balance += other.Balance;
        Overdue += other.Overdue;
        SettledAmount += other.SettledAmount;
        SettledIndex += other.SettledIndex;
        foreach (var (late, count) in other.DaysLate) Count(DaysLate, late, count);
        foreach (var (bin, count) in other.Weeks) Count(Weeks, bin, count);
    }

    internal static void Count(Dictionary<int, long> counts, int key, long by) => counts[key] = counts.GetValueOrDefault(key) + by;

    /// <summary>The fact that tells these figures. Shares are rounded so that nobody stands out by rounding alone.</summary>
    /// <param name="segment">"" for the whole portfolio.</param>
    /// <param name="day">Day number of the measurement.</param>
    /// <param name="whole">Of the whole portfolio, for a segment: it lends what the segment has too little of.</param>
    public PortfolioMeasured Measured(string segment, int day, PortfolioTally? whole = null)
    {
        ArgumentNullException.ThrowIfNull(segment);
        var (late, weeks) = (whole is not null && Total(DaysLate) < Least ? whole.DaysLate : DaysLate, whole is not null && Total(Weeks) < Least ? whole.Weeks : Weeks);
        var settled = Total(late);
        var (median2, _) = Middle(late.Select(l => ((Int128)l.Key, l.Value)), settled);
        var (week2, away4) = Middle(weeks.Select(w => (MiddleOf(w.Key), w.Value)), Total(weeks));
        return new PortfolioMeasured
        {
            EventId = PortfolioSurvey.EventIdOf(day, segment), Source = PortfolioSurvey.Source, AsOn = day, Segment = segment,
            Receivables = Rounding.Pin(Int128.Max(0, Receivables)), UncoveredEad = Rounding.Pin(Int128.Max(0, UncoveredEad)),
            OverdueShareBp = Balance > 0 ? (int)Int128.Clamp(Rounding.Up(Overdue * 10_000, Balance), 0, 1_000_000) : 0,
            LateSharePpm = settled > 0 ? (int)Rounding.HalfUp((Int128)late.Where(l => l.Key > LateBeyond).Sum(l => l.Value) * 1_000_000, settled) : 0,
            MedianDaysLate = (int)Rounding.HalfUp(median2, 2),
            // An index of 0 would say that nobody measured it.
            PaymentIndex = SettledAmount > 0 ? (int)Int128.Clamp(Rounding.HalfUp(SettledIndex, SettledAmount), 1, 10_000) : 0,
            WeeklyOrders = Rounding.Pin(Rounding.HalfUp(week2, 2)), WeeklyOrdersMad = Rounding.Pin(Rounding.HalfUp(away4, 4)),
        };
    }

    /// <summary>Bin of a value above 0: below 128 the value itself, then 64 bins for each doubling.</summary>
    public static int BinOf(long value)
    {
        if (value < 128) return (int)Math.Max(0, value);
        var shift = long.Log2(value) - 6;
        return (int)(64 + shift * 64 + ((value >> (int)shift) - 64));
    }

    /// <summary>The value in the middle of a bin, which stands for all of it.</summary>
    public static Int128 MiddleOf(int bin)
    {
        if (bin < 128) return bin;
        var shift = bin / 64 - 1;
        return ((Int128)(bin % 64 + 64) << shift) + ((Int128)1 << shift) / 2;
    }

    /// <summary>Twice the median, and four times the median of what lies around it; the mean of the two in the middle of an even number.</summary>
    private static (Int128 Median2, Int128 Mad4) Middle(IEnumerable<(Int128 Value, long Count)> counted, long total)
    {
        if (total == 0) return default;
        (Int128 Value, long Count)[] values = [.. counted.OrderBy(v => v.Value)];
        var median2 = MiddleTwo(values, total);
        return (median2, MiddleTwo([.. values.Select(v => (Value: Int128.Abs(2 * v.Value - median2), v.Count)).OrderBy(v => v.Value)], total));
    }

    private static Int128 MiddleTwo((Int128 Value, long Count)[] sorted, long total)
    {
        var (low, high) = ((total + 1) / 2, total / 2 + 1);
        Int128 sum = 0;
        long seen = 0;
        foreach (var (value, count) in sorted)
        {
            if (seen < low && low <= seen + count) sum += value;
            if (seen < high && high <= seen + count) sum += value;
            seen += count;
        }

        return sum;
    }

    private static long Total(Dictionary<int, long> counts) => counts.Values.Sum();
}

/// <summary>A part of a book by segment, and the facts of the day that follow from all parts together.</summary>
public sealed class PortfolioSurvey
{
    /// <summary>Segments with figures of their own, the largest ones: each is a version of the context, which every account folds.</summary>
    public const int SegmentsMost = 16;

    /// <summary>
    /// The payment index is told when it has moved so far from the one that stands, in hundredths: with it every account is judged anew and written down
    /// again, and less than a point moves nobody's own index by anything that shows.
    /// </summary>
    public const int IndexMoves = 100;

    /// <summary>Who tells the figures.</summary>
    public const string Source = "exposure";

    /// <summary>By segment; "" holds those without one.</summary>
    public Dictionary<string, PortfolioTally> Segments { get; init; } = [];

    /// <summary>The same day and segment have the same id, in whichever process and however often they are measured.</summary>
    public static string EventIdOf(int day, string segment)
    {
        ArgumentNullException.ThrowIfNull(segment);
        var date = DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return segment.Length == 0 ? $"portfolio:{date}" : $"portfolio:{date}:{segment}";
    }

    /// <summary>The fact under whose id the day was told here, without its figures.</summary>
    public static PortfolioMeasured ToldOf(int day) => new() { EventId = EventIdOf(day, ""), Source = Source };

    /// <summary>
    /// The total of an hour: what is owed, uncovered and overdue now, beside the medians of the morning, so that nobody's habits are compared with other
    /// ones in the course of a day. <c>null</c> where nothing has changed.
    /// </summary>
    /// <param name="morning">What stands of the whole portfolio.</param>
    /// <param name="now">The moment; the id has its hour.</param>
    public PortfolioMeasured? Total(PortfolioBaseline morning, Instant now)
    {
        ArgumentNullException.ThrowIfNull(morning);
        var whole = new PortfolioTally();
        foreach (var tally in Segments.Values) whole.Add(tally);
        var total = whole.Measured("", morning.AsOn);
        if ((total.Receivables, total.UncoveredEad, total.OverdueShareBp) == (morning.Receivables, morning.UncoveredEad, morning.OverdueShareBp)) return null;
        return new PortfolioMeasured
        {
            EventId = string.Create(CultureInfo.InvariantCulture, $"{EventIdOf(morning.AsOn, "")}@{now.ToDateTimeOffset():yyyy-MM-dd'T'HH'Z'}"), Source = Source, AsOn = morning.AsOn,
            Receivables = total.Receivables, UncoveredEad = total.UncoveredEad, OverdueShareBp = total.OverdueShareBp,
            MedianDaysLate = morning.MedianDaysLate, WeeklyOrders = morning.WeeklyOrders, WeeklyOrdersMad = morning.WeeklyOrdersMad,
        };
    }

    /// <summary>Takes in another part.</summary>
    public void Add(PortfolioSurvey other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var (segment, tally) in other.Segments) Of(segment).Add(tally);
    }

    internal PortfolioTally Of(string segment)
    {
        if (!Segments.TryGetValue(segment, out var tally)) Segments.Add(segment, tally = new PortfolioTally());
        return tally;
    }

    /// <summary>
    /// The facts of a day: the largest segments by name, the whole portfolio last, so that where it stands the others stand. Nothing for a book
    /// without a customer who owes or has ordered: figures of nobody would only wait for the next day.
    /// </summary>
    /// <param name="day">Day number of the measurement.</param>
    /// <param name="standingIndex">The payment index of the portfolio that stands, hundredths; 0 for none.</param>
    public IReadOnlyList<PortfolioMeasured> Measured(int day, int standingIndex = 0)
    {
        var whole = new PortfolioTally();
        foreach (var tally in Segments.Values) whole.Add(tally);
        if (whole.Receivables <= 0 && whole.UncoveredEad <= 0) return [];
        var named = Segments.Where(s => s.Key.Length > 0).OrderByDescending(s => s.Value.Customers).ThenBy(s => s.Key, StringComparer.Ordinal).Take(SegmentsMost);
        var last = whole.Measured("", day);
        if (Math.Abs(last.PaymentIndex - standingIndex) < IndexMoves) last.PaymentIndex = 0;
        return [.. named.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => s.Value.Measured(s.Key, day, whole)), last];
    }
}

/// <summary>What an account adds to the figures of the portfolio.</summary>
internal sealed partial class AccountWork
{
    /// <summary>Adds the account, as it stands under its context.</summary>
    internal void MeasureInto(PortfolioTally tally)
    {
        ref var account = ref Account;
        var exposure = Exposure.Of(book, Slot, Context, Context.BaseCurrency);
        var (_, overdue, balance) = Overdue(0, 0);
        tally.Customers++;
        tally.Receivables += ReceivablesInBase(Context);
        tally.UncoveredEad += Int128.Max(0, exposure.Gross - Covers.Total(book, Slot, Context, exposure));
        tally.Overdue += Context.Convert(overdue, account.LimitCurrency, Context.BaseCurrency) ?? 0;
        tally.Balance += Context.Convert(balance, account.LimitCurrency, Context.BaseCurrency) ?? 0;
        tally.SettledAmount += account.SettledAmount;
        tally.SettledIndex += account.SettledAmountIndex;
        if (book.HabitsOf(Slot) is not { } habits || Context.Today == 0) return;
        if (habits.Payments is { } payments)
        {
            Span<int> bins = stackalloc int[LateDays.Bins];
            bins.Clear();
            payments.Late.Gather(Periods.MonthOf(Context.Today), bins);
            for (var bin = 0; bin < bins.Length; bin++)
                if (bins[bin] != 0) PortfolioTally.Count(tally.DaysLate, bin + LateDays.First, bins[bin]);
        }

        if (habits.Orders is not { } orders) return;
        var week = Periods.WeekOf(Context.Today);
        for (var back = 1; back <= OrderHabit.BaselineWeeks; back++)
            if (orders.Weeks[week - back].Value is > 0 and var value) PortfolioTally.Count(tally.Weeks, PortfolioTally.BinOf(value), 1);
    }
}

/// <summary>A part of the book, for whoever measures the portfolio.</summary>
public sealed partial class Book
{
    /// <summary>
    /// What the accounts from a slot to behind another one add to the figures of the portfolio; <c>null</c> while some account has still to fold what
    /// the partition knows, since its ageing is of another day.
    /// </summary>
    public PortfolioSurvey? SurveyOf(int from, int end)
    {
        if (SweepPending) return null;
        var survey = new PortfolioSurvey();
        var effects = new EffectBuffer();
        for (var slot = Math.Max(0, from); slot < Math.Min(end, AccountCount); slot++)
        {
            Work.Begin(slot, Context, default, StreamTime, effects);
            Work.MeasureInto(survey.Of(Names.Get(Account(slot).Segment)));
        }

        return survey;
    }
}
