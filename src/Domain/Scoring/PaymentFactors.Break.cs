namespace ExposureMonitor.Domain;

/// <summary>The factors that tell a break with habit: what is unusual for this customer, and items most like the invoice.</summary>
public static partial class PaymentFactors
{
    /// <summary>Days of due dates that count as fresh.</summary>
    private const int FreshDays = 60;

    private static void Break(ref Writer to, PaymentFigures own, in Prior prior, InvoiceAtIssue invoice, ReadOnlySpan<OpenDebt> open)
    {
        var ring = own.Ring;
        var today = invoice.IssuedOn;
        var late5 = LateTally.Shrunk(own.All.Above5, own.All.Count, PriorWeight, prior.Late5);
        var late15 = LateTally.Shrunk(own.All.Above15, own.All.Count, PriorWeight, prior.Late15);
        Fresh(ref to, ring, open, today, 5, late5);
        Fresh(ref to, ring, open, today, 15, late15);
        Alike(ref to, ring, invoice, late5, own.All.MeanDays(PriorWeight, prior.Mean));
        Unusual(ref to, own, open, invoice);
        if (ring.Length == 0)
        {
            to.None(3);
            return;
        }

        int run = 0, run5 = 0;
        while (run < ring.Length && ring[ring.Length - 1 - run].DaysLate > 0) run++;
        while (run5 < ring.Length && ring[ring.Length - 1 - run5].DaysLate > 5) run5++;
        to.Add(run);
        to.Add(run5);
        to.Add(Step(ring));
    }

    /// <summary>
    /// Share of the customer's items not paid within the grace, of those whose grace ended in the last 60 days: unlike a share of settled items it knows
    /// at once of those that are not paid.
    /// </summary>
    private static void Fresh(ref Writer to, ReadOnlySpan<SettledItem> ring, ReadOnlySpan<OpenDebt> open, int today, int grace, int share)
    {
        // Paid on the last day of grace is known from the day after.
        var last = today - grace - 2;
        int due = 0, late = 0;
        foreach (var item in ring)
        {
            if (item.DueOn > last || item.DueOn <= last - FreshDays) continue;
            due++;
            if (item.DaysLate > grace) late++;
        }

        foreach (var debt in open)
        {
            if (debt.IssuedOn >= today || debt.DueOn > last || debt.DueOn <= last - FreshDays) continue;
            due++;
            late++;
        }

        to.Add(LateTally.Shrunk(late, due, 5, share));
    }

    /// <summary>Items of the last 40, the more the like the invoice: its terms, weekday of the due date, size, third of the month, and the latest ten.</summary>
    private static void Alike(ref Writer to, ReadOnlySpan<SettledItem> ring, InvoiceAtIssue invoice, int share, int mean)
    {
        int weights = 0, late = 0, days = 0;
        var (size, terms, weekday, tenth) = (invoice.Size, invoice.TermDays, PaymentFigures.Weekday(invoice.DueOn), PaymentFigures.TenthOf(invoice.DueOn));
        for (var i = 0; i < ring.Length; i++)
        {
            ref readonly var item = ref ring[i];
            var weight = i >= ring.Length - 10 ? 2 : 1;
            if (item.TermDays == terms) weight *= 3;
            if (PaymentFigures.Weekday(item.DueOn) == weekday) weight *= 2;
            if (PaymentFigures.TenthOf(item.DueOn) == tenth) weight *= 2;
            if (Math.Abs(item.Size - size) <= 16) weight *= 2;
            weights += weight;
            days += weight * item.DaysLate;
            if (item.DaysLate > 5) late += weight;
        }

        const int OwnWeight = 24;
        to.Add(LateTally.Shrunk(late, weights, OwnWeight, share));
        to.Add((int)Rounding.HalfUp((Int128)days * 100 + (Int128)OwnWeight * mean, weights + OwnWeight));
    }

    private static void Unusual(ref Writer to, PaymentFigures own, ReadOnlySpan<OpenDebt> open, InvoiceAtIssue invoice)
    {
        var ring = own.Ring;
        var today = invoice.IssuedOn;
        Span<int> late = stackalloc int[PaymentFigures.RingMost];
        late = late[..ring.Length];
        for (var i = 0; i < ring.Length; i++) late[i] = ring[i].DaysLate;
        late.Sort();
        var (usual, most) = ring.Length == 0 ? (0, 0) : (late[Math.Min(late.Length - 1, late.Length * 8 / 10)], late[^1]);
        int count = 0, above = 0, aboveMost = 0, since = 0, oldest = int.MaxValue;
        Int128 value = 0;
        foreach (var debt in open)
        {
            if (debt.IssuedOn >= today) continue;
            count++;
            value += debt.Amount;
            oldest = Math.Min(oldest, debt.DueOn);
            var past = today - 1 - debt.DueOn;
            if (past > Math.Max(0, usual)) above++;
            if (past > Math.Max(0, most)) aboveMost++;
            if (past > 0 && debt.DueOn > own.LastSettledOn) since++;
        }

        var isTold = ring.Length > 0 && count > 0;
        to.Add(isTold ? above : Missing);
        to.Add(isTold ? aboveMost : Missing);
        to.Add(isTold ? Math.Clamp(today - 1 - oldest - usual, -400, 2_000) : Missing);
        to.Add(isTold ? since : Missing);
        var size = SettledItem.SizeOf(Rounding.Pin(value));
        to.Add(isTold ? size - (int)(own.Sizes / Math.Max(1, own.All.Count)) : Missing);
        to.Add(count > 0 ? invoice.Size - size : Missing);
    }

    /// <summary>Mean days late of the last five items less that of the others of the last 40, hundredths; leaning on no difference.</summary>
    private static int Step(ReadOnlySpan<SettledItem> ring)
    {
        if (ring.Length < 6) return Missing;
        long last = 0, before = 0;
        for (var i = 0; i < ring.Length; i++)
        {
            if (i >= ring.Length - 5) last += ring[i].DaysLate;
            else before += ring[i].DaysLate;
        }

        return (int)(Rounding.HalfUp((Int128)last * 100, 5) - Rounding.HalfUp((Int128)before * 100, ring.Length - 5));
    }
}
