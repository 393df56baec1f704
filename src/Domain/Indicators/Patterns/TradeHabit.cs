namespace ExposureMonitor.Domain;

/// <summary>Invoices, credit notes and disputes by day and by month, in the base currency.</summary>
internal sealed class TradeHabit
{
    internal readonly DaySeries Invoices = new();
    internal readonly PeriodRing InvoicesByMonth = new(20);

    /// <summary>Made with the first credit note, or the first dispute.</summary>
    internal DaySeries? Credits, Disputes, LateDisputes;
    internal PeriodRing? CreditsByMonth, DisputesByMonth;

    internal int Bytes => 64 + Invoices.Bytes + InvoicesByMonth.Bytes + (Credits?.Bytes ?? 0) + (Disputes?.Bytes ?? 0) + (LateDisputes?.Bytes ?? 0)
        + (CreditsByMonth?.Bytes ?? 0) + (DisputesByMonth?.Bytes ?? 0);

    internal void SeeInvoice(int day, long value, int sign)
    {
        Invoices.Add(day, sign, sign * value);
        InvoicesByMonth.Add(Periods.MonthOf(day), sign, sign * value);
    }

    internal void SeeCredit(int day, long value)
    {
        (Credits ??= new DaySeries()).Add(day, 1, value);
        (CreditsByMonth ??= new PeriodRing(20)).Add(Periods.MonthOf(day), 1, value);
    }

    internal void SeeDispute(int day, bool isLate, int sign)
    {
        (Disputes ??= new DaySeries()).Add(day, sign, 0);
        (DisputesByMonth ??= new PeriodRing(20)).Add(Periods.MonthOf(day), sign, 0);
        if (isLate) (LateDisputes ??= new DaySeries()).Add(day, sign, 0);
    }

    internal void FoldBefore(int day)
    {
        Invoices.CutBefore(day - 90);
        Credits?.CutBefore(day - 90);
        Disputes?.CutBefore(day - 30);
        LateDisputes?.CutBefore(day - 30);
    }

    /// <summary>Credit notes and invoices of the 90 days up to a day, and of the twelve calendar months before them, by value.</summary>
    internal (Int128 Credits, Int128 Invoices, Int128 CreditsBefore, Int128 InvoicesBefore) CreditsUpTo(int day)
    {
        if (Credits is null) return default;
        var month = Periods.MonthOf(day - 89);
        return (Credits.Between(day - 89, day).Value, Invoices.Between(day - 89, day).Value,
            CreditsByMonth!.Between(month - 12, month - 1).Value, InvoicesByMonth.Between(month - 12, month - 1).Value);
    }

    /// <summary>Disputes and invoices of the 30 days up to a day, and of the twelve calendar months before them, by number; and disputes after the due date.</summary>
    internal (int Disputes, int Invoices, int DisputesBefore, int InvoicesBefore, int Late) DisputesUpTo(int day)
    {
        if (Disputes is null) return default;
        var month = Periods.MonthOf(day - 29);
        return (Disputes.Between(day - 29, day).Count, Invoices.Between(day - 29, day).Count,
            DisputesByMonth!.Between(month - 12, month - 1).Count, InvoicesByMonth.Between(month - 12, month - 1).Count, LateDisputes?.Between(day - 29, day).Count ?? 0);
    }

    internal void State(StateStream s)
    {
        Invoices.State(s);
        InvoicesByMonth.State(s);
        Part(s, ref Credits);
        Part(s, ref Disputes);
        Part(s, ref LateDisputes);
        if (Credits is not null) (CreditsByMonth ??= new PeriodRing(20)).State(s);
        if (Disputes is not null) (DisputesByMonth ??= new PeriodRing(20)).State(s);
    }

    private static void Part(StateStream s, ref DaySeries? series)
    {
        var has = series is not null;
        s.Do(ref has);
        if (has) (series ??= new DaySeries()).State(s);
    }
}
