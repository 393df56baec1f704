namespace ExposureMonitor.Domain;

/// <summary>The factors of the invoice itself and of its due date.</summary>
public static partial class PaymentFactors
{
    private static void Invoice(ref Writer to, PaymentFigures own, in Prior prior, InvoiceAtIssue invoice)
    {
        var ring = own.Ring;
        var (size, days) = (invoice.Size, invoice.TermDays);
        to.Add(size);
        to.Add(own.All.Count == 0 ? Missing : size - (int)(own.Sizes / own.All.Count));
        var mean = own.All.MeanDays(PriorWeight, prior.Mean);
        var late5 = LateTally.Shrunk(own.All.Above5, own.All.Count, PriorWeight, prior.Late5);
        int smaller = 0, alike = 0, alikeDays = 0;
        Span<int> terms = stackalloc int[PaymentFigures.RingMost], toPay = stackalloc int[PaymentFigures.RingMost];
        for (var i = 0; i < ring.Length; i++)
        {
            (terms[i], toPay[i]) = (ring[i].TermDays, ring[i].DaysToPay);
            if (ring[i].Size < size) smaller++;
            if (Math.Abs(ring[i].Size - size) > 16) continue;
            alike++;
            alikeDays += ring[i].DaysLate;
        }

        terms = terms[..ring.Length];
        toPay = toPay[..ring.Length];
        to.Add(ring.Length == 0 ? Missing : smaller * 100 / ring.Length);
        to.Add((int)Rounding.HalfUp((Int128)alikeDays * 100 + PriorWeight * mean, alike + PriorWeight));
        var ofSize = own.BySize[PaymentFigures.SizeClass(size)];
        to.Add(LateTally.Shrunk(ofSize.Above5, ofSize.Count, 5, late5));
        to.Add(days);
        if (ring.Length == 0)
        {
            to.None(1);
        }
        else
        {
            terms.Sort();
            to.Add(days - MedianOf(terms));
        }

        var under = own.Under(days);
        to.Add(LateTally.Shrunk(under.Above5, under.Count, 5, late5));
        to.Add(under.MeanDays(5, mean));
        if (ring.Length == 0)
        {
            to.None(2);
            return;
        }

        toPay.Sort();
        to.Add(MedianOf(toPay) - days);
        to.Add(toPay[Math.Min(toPay.Length - 1, toPay.Length * 8 / 10)] - days);
    }

    private static void Due(ref Writer to, PaymentFigures own, in Prior prior, int due)
    {
        var mean = own.All.MeanDays(PriorWeight, prior.Mean);
        var late5 = LateTally.Shrunk(own.All.Above5, own.All.Count, PriorWeight, prior.Late5);
        var date = DateOnly.FromDayNumber(due);
        to.Add(PaymentFigures.Weekday(due));
        to.Add(date.Day);
        var weekday = own.ByDueWeekday[PaymentFigures.Weekday(due)];
        to.Add(weekday.MeanDays(5, mean));
        to.Add(LateTally.Shrunk(weekday.Above5, weekday.Count, 5, late5));
        var tenth = own.ByDueTenth[PaymentFigures.TenthOf(due)];
        to.Add(tenth.MeanDays(5, mean));
        to.Add(LateTally.Shrunk(tenth.Above5, tenth.Count, 5, late5));
        to.Add(Run(own.PaidWeekday, due, static day => PaymentFigures.Weekday(day), 14));
        to.Add(Run(own.PaidDay, due, static day => DateOnly.FromDayNumber(day).Day - 1, 45));
        var newYear = new DateOnly(date.Month > 6 ? date.Year + 1 : date.Year, 1, 1).DayNumber;
        to.Add(Math.Min(60, Math.Abs(due - newYear)));
    }

    /// <summary>
    /// Expected days (hundredths) from a day to the next usual payment: the most frequent place of the calendar pays for
    /// certain, others as often as they stand to it.
    /// </summary>
    private static int Run(int[] counts, int day, Func<int, int> place, int most)
    {
        var peak = 0;
        foreach (var count in counts) peak = Math.Max(peak, count);
        if (peak < 3) return Missing;
        long left = 1_000_000, days = 0;
        for (var ahead = 0; ahead < most && left > 0; ahead++)
        {
            var pays = left * Math.Max(0, counts[place(day + ahead)]) / peak;
            days += pays * ahead;
            left -= pays;
        }

        return (int)((days + left * most) / 10_000);
    }

    /// <summary>Weighted mean in hundredths, half-life 5 items, rounded half up at each step (credit.md 19.3).</summary>
    public static int EwmaOf(ReadOnlySpan<int> late)
    {
        var ewma = late[0] * 100;
        foreach (var days in late[1..]) ewma += (int)Rounding.HalfUp((Int128)(days * 100 - ewma) * 129_449, 1_000_000);
        return ewma;
    }

    /// <summary>The middle of sorted values; the lower one of two.</summary>
    public static int MedianOf(ReadOnlySpan<int> sorted) => sorted[(sorted.Length - 1) / 2];

    private static int Sum(ReadOnlySpan<int> values)
    {
        var sum = 0;
        foreach (var value in values) sum += value;
        return sum;
    }

    private static int Above(ReadOnlySpan<int> late, int days)
    {
        var count = 0;
        foreach (var value in late) if (value > days) count++;
        return count;
    }

    /// <summary>What a customer without history is taken for: the whole book, and with an empty book a fifth late.</summary>
    private readonly record struct Prior(int Late0, int Late5, int Late15, int Mean, int ToPay)
    {
        internal static Prior Of(PortfolioFigures book)
        {
            var all = book.All;
            return new Prior(
                LateTally.Shrunk(all.Above0, all.Count, 2, 400_000), LateTally.Shrunk(all.Above5, all.Count, 2, 200_000), LateTally.Shrunk(all.Above15, all.Count, 2, 100_000),
                all.Count == 0 ? 0 : all.MeanDays(0, 0), all.Count == 0 ? 3_000 : (int)Rounding.HalfUp((Int128)book.DaysToPay * 100, all.Count));
        }
    }

    /// <summary>Fills the places one after the other.</summary>
    private ref struct Writer(Span<int> to)
    {
        private readonly Span<int> _to = to;
        private int _at;

        internal void Add(int value) => _to[_at++] = value;

        internal void AddSince(int today, int day) => Add(day == 0 ? Missing : today - day);

        internal void None(int count)
        {
            for (var i = 0; i < count; i++) Add(Missing);
        }

        internal readonly void End() => System.Diagnostics.Debug.Assert(_at == _to.Length, "A factor has no name, or a name no factor.");
    }
}
