namespace ExposureMonitor.Domain;

/// <summary>How the factors are made. Every figure is of the day before the issue, or earlier.</summary>
public static partial class PaymentFactors
{
    /// <summary>Weight of the portfolio in a share of a customer (credit.md section 20).</summary>
    public const int PriorWeight = 3;

    /// <summary>Fills <paramref name="to"/> with all factors.</summary>
    /// <param name="own">The customer's figures; <c>null</c> before the first item.</param>
    /// <param name="book">The portfolio's.</param>
    /// <param name="invoice">The invoice that is scored.</param>
    /// <param name="open">The customer's open items; those of today, and later, are left out.</param>
    /// <param name="to">One place per factor.</param>
    public static void Compute(PaymentFigures? own, PortfolioFigures book, InvoiceAtIssue invoice, ReadOnlySpan<OpenDebt> open, Span<int> to)
    {
        var figures = own ?? Nobody;
        var prior = Prior.Of(book);
        var at = new Writer(to);
        History(ref at, figures, prior, open, invoice.IssuedOn);
        Recent(ref at, figures, prior, invoice.IssuedOn);
        Last(ref at, figures, prior);
        Since(ref at, figures, invoice.IssuedOn);
        Open(ref at, figures, open, invoice.IssuedOn);
        Invoice(ref at, figures, prior, invoice);
        Due(ref at, figures, prior, invoice.DueOn);
        Issue(ref at, figures, invoice.IssuedOn);
        Book(ref at, book, prior, invoice);
        Break(ref at, figures, prior, invoice, open);
        at.End();
    }

    /// <summary>The late-payment score of credit.md section 20: (late + 3 × portfolio share) ÷ (n + 3), ppm, over all history.</summary>
    public static int ShrunkShare(LateTally own, LateTally all, int above) =>
        LateTally.Shrunk(AboveOf(own, above), own.Count, PriorWeight, LateTally.Shrunk(AboveOf(all, above), all.Count, 2, 200_000));

    /// <summary>Items later than 0, 5 or 15 days.</summary>
    public static int AboveOf(in LateTally tally, int days) => days switch { 0 => tally.Above0, 5 => tally.Above5, _ => tally.Above15 };

    /// <summary>Read only: who has no history yet.</summary>
    private static readonly PaymentFigures Nobody = new();

    private static void History(ref Writer to, PaymentFigures own, in Prior prior, ReadOnlySpan<OpenDebt> open, int today)
    {
        var all = own.All;
        to.Add(all.Count);
        to.Add(LateTally.Shrunk(all.Above0, all.Count, PriorWeight, prior.Late0));
        to.Add(LateTally.Shrunk(all.Above5, all.Count, PriorWeight, prior.Late5));
        to.Add(LateTally.Shrunk(all.Above15, all.Count, PriorWeight, prior.Late15));
        to.Add(all.MeanDays(PriorWeight, prior.Mean));
        to.Add((int)Rounding.HalfUp((Int128)own.DaysToPay * 100 + PriorWeight * prior.ToPay, all.Count + PriorWeight));
        int late5 = 0, late15 = 0;
        foreach (var debt in open)
        {
            if (debt.IssuedOn >= today) continue;
            // What is settled on a day is known from the day after.
            if (today - 1 - debt.DueOn > 5) late5++;
            if (today - 1 - debt.DueOn > 15) late15++;
        }

        to.Add(LateTally.Shrunk(all.Above5 + late5, all.Count + late5, PriorWeight, prior.Late5));
        to.Add(LateTally.Shrunk(all.Above15 + late15, all.Count + late15, PriorWeight, prior.Late15));
    }

    private static void Recent(ref Writer to, PaymentFigures own, in Prior prior, int today)
    {
        var late5 = LateTally.Shrunk(own.All.Above5, own.All.Count, PriorWeight, prior.Late5);
        var late15 = LateTally.Shrunk(own.All.Above15, own.All.Count, PriorWeight, prior.Late15);
        var mean = own.All.MeanDays(PriorWeight, prior.Mean);
        var (recent, half) = (own.Recent(today, 1), own.Recent(today, 5));
        to.Add(recent.Count);
        to.Add(LateTally.Shrunk(recent.Above5, recent.Count, 5, late5));
        to.Add(LateTally.Shrunk(recent.Above15, recent.Count, 5, late15));
        to.Add(recent.MeanDays(5, mean));
        to.Add(LateTally.Shrunk(half.Above5, half.Count, 5, late5));
        to.Add(half.MeanDays(5, mean));
        to.Add(recent.MeanDays(5, mean) - mean);
    }

    private static void Last(ref Writer to, PaymentFigures own, in Prior prior)
    {
        var ring = own.Ring;
        if (ring.Length == 0)
        {
            to.None(13);
            return;
        }

        Span<int> late = stackalloc int[PaymentFigures.RingMost];
        late = late[..ring.Length];
        for (var i = 0; i < ring.Length; i++) late[i] = ring[i].DaysLate;
        to.Add(late[^1]);
        var last3 = late[^Math.Min(3, late.Length)..];
        to.Add((int)Rounding.HalfUp((Int128)Sum(last3) * 100, last3.Length));
        var last10 = late[^Math.Min(10, late.Length)..];
        to.Add(Above(last10, 0));
        to.Add(Above(last10, 5));
        to.Add(LateTally.Shrunk(Above(late, 5), late.Length, PriorWeight, prior.Late5));
        to.Add(LateTally.Shrunk(Above(late, 15), late.Length, PriorWeight, prior.Late15));
        var ewma = EwmaOf(late);
        late.Sort();
        var median = MedianOf(late);
        to.Add(median);
        to.Add(late[Math.Min(late.Length - 1, late.Length * 8 / 10)]);
        to.Add(late[late.Length * 2 / 10]);
        to.Add(late[^1]);
        var spread = 0;
        foreach (var days in late) spread += Math.Abs(days - median);
        to.Add((int)Rounding.HalfUp((Int128)spread * 100, late.Length));
        to.Add(ewma);
        to.Add(ewma - median * 100);
    }

    private static void Since(ref Writer to, PaymentFigures own, int today)
    {
        to.AddSince(today, own.LastSettledOn);
        to.AddSince(today, own.LastAbove5On);
        var items = 0;
        var ring = own.Ring;
        while (items < ring.Length && ring[ring.Length - 1 - items].DaysLate <= 5) items++;
        to.Add(ring.Length == 0 ? Missing : items);
        var last = 0;
        foreach (var day in own.IssueDays) if (day.Day < today) last = day.Day;
        to.AddSince(today, last);
        to.AddSince(today, own.FirstIssuedOn < today ? own.FirstIssuedOn : 0);
        var days = PaymentDays(ring);
        to.Add(days < 2 ? Missing : (int)Math.Min(10_000, (long)(today - ring[^1].SettledOn) * 100 * (days - 1) / Math.Max(1, ring[^1].SettledOn - ring[0].SettledOn)));
    }

    private static int PaymentDays(ReadOnlySpan<SettledItem> ring)
    {
        int days = 0, last = 0;
        foreach (var item in ring)
        {
            if (item.SettledOn != last) days++;
            last = item.SettledOn;
        }

        return days;
    }

    private static void Open(ref Writer to, PaymentFigures own, ReadOnlySpan<OpenDebt> open, int today)
    {
        int count = 0, late = 0, late5 = 0, late15 = 0, oldest = int.MaxValue, skipped = 0, paidDue = int.MinValue;
        Int128 value = 0, lateValue = 0;
        foreach (var item in own.Ring) paidDue = Math.Max(paidDue, item.DueOn);
        foreach (var debt in open)
        {
            if (debt.IssuedOn >= today) continue;
            count++;
            value += debt.Amount;
            oldest = Math.Min(oldest, debt.DueOn);
            if (debt.DueOn < paidDue) skipped++;
            var past = today - 1 - debt.DueOn;
            if (past <= 0) continue;
            late++;
            lateValue += debt.Amount;
            if (past > 5) late5++;
            if (past > 15) late15++;
        }

        to.Add(count);
        to.Add(late);
        to.Add(late5);
        to.Add(late15);
        to.Add(count == 0 ? Missing : LateTally.Shrunk(late, count, 0, 0));
        to.Add(count == 0 ? Missing : LateTally.Shrunk(late5, count, 0, 0));
        to.Add(value <= 0 ? Missing : (int)Rounding.HalfUp(lateValue * 1_000_000, value));
        to.Add(count == 0 ? Missing : Math.Clamp(today - 1 - oldest, -365, 2_000));
        to.Add(skipped);
        var recent = own.Recent(today, 1).Count;
        to.Add((int)Math.Min(100_000, count * 100L / Math.Max(1, recent)));
    }

    private static void Issue(ref Writer to, PaymentFigures own, int today)
    {
        to.Add(PaymentFigures.Weekday(today));
        to.Add(DateOnly.FromDayNumber(today).Day);
        int month = 0, first = 0, all = 0;
        foreach (var day in own.IssueDays)
        {
            if (day.Day >= today) continue;
            if (first == 0) first = day.Day;
            all += day.Count;
            if (today - day.Day <= 30) month += day.Count;
        }

        to.Add(month);
        var span = own.FirstIssuedOn == 0 ? 0 : today - own.FirstIssuedOn;
        to.Add(span < 60 ? Missing : (int)Math.Min(100_000, month * 100L * span / Math.Max(1, own.Issued * 30L)));
    }

    private static void Book(ref Writer to, PortfolioFigures book, in Prior prior, InvoiceAtIssue invoice)
    {
        var today = invoice.IssuedOn;
        var late5 = book.Fresh(today, 28, 5);
        to.Add(late5);
        to.Add(book.Fresh(today, 28, 15));
        to.Add(book.Fresh(today, 14, 0));
        to.Add(late5 - prior.Late5);
        Share(ref to, book.ByDueWeekday[PaymentFigures.Weekday(invoice.DueOn)], prior.Late5);
        Share(ref to, book.ByDueDay[DateOnly.FromDayNumber(invoice.DueOn).Day - 1], prior.Late5);
        Share(ref to, book.BySize[PaymentFigures.SizeClass(invoice.Size)], prior.Late5);
        foreach (var trait in invoice.Traits) Share(ref to, book.Of(trait), prior.Late5);
        foreach (var trait in (ReadOnlySpan<int>)[1, 5])
        {
            var tally = book.Of(invoice.Traits[trait]);
            to.Add(LateTally.Shrunk(tally.Above15, tally.Count, 30, prior.Late15));
        }
    }

    private static void Share(ref Writer to, in LateTally tally, int prior) => to.Add(LateTally.Shrunk(tally.Above5, tally.Count, 30, prior));
}
