namespace ExposureMonitor.Domain;

/// <summary>Invoices, credit notes and disputes by day and by month, in the base currency. In place, as nearly every customer has it.</summary>
internal struct TradeHabit
{
    internal const int MonthsKept = 20;

    private DaySeries _invoices;
    private PeriodRing _invoicesByMonth;

    /// <summary>Made with the first credit note, or the first dispute.</summary>
    private Complaints? _complaints;

    /// <summary>Bytes beside the place of the habit itself.</summary>
    internal readonly int Bytes => _invoices.Bytes + _invoicesByMonth.Bytes + (_complaints?.Bytes ?? 0);

    /// <summary>There was a credit note or a dispute: invoices are compared with them.</summary>
    internal readonly bool HasComplaints => _complaints is not null;

    internal void SeeInvoice(int day, long value, int sign)
    {
        _invoices.Add(day, sign, sign * value);
        _invoicesByMonth.Add(MonthsKept, Periods.MonthOf(day), sign, sign * value);
    }

    internal void SeeCredit(int day, long value)
    {
        var complaints = _complaints ??= new Complaints();
        complaints.HasCredits = true;
        complaints.Credits.Add(day, 1, value);
        complaints.CreditsByMonth.Add(MonthsKept, Periods.MonthOf(day), 1, value);
    }

    internal void SeeDispute(int day, bool isLate, int sign)
    {
        var complaints = _complaints ??= new Complaints();
        complaints.HasDisputes = true;
        complaints.Disputes.Add(day, sign, 0);
        complaints.DisputesByMonth.Add(MonthsKept, Periods.MonthOf(day), sign, 0);
        if (!isLate) return;
        complaints.HasLate = true;
        complaints.LateDisputes.Add(day, sign, 0);
    }

    /// <summary>Invoices of a month, by value.</summary>
    internal readonly Int128 SalesIn(int month) => _invoicesByMonth[month].Value;

    internal void FoldBefore(int day)
    {
        _invoices.CutBefore(day - 90);
        if (_complaints is null) return;
        _complaints.Credits.CutBefore(day - 90);
        _complaints.Disputes.CutBefore(day - 30);
        _complaints.LateDisputes.CutBefore(day - 30);
    }

    /// <summary>The first day behind one with a credit note, or with a dispute; 0 without one.</summary>
    internal readonly int CreditAfter(int day) => _complaints?.Credits.FirstAfter(day) ?? 0;

    internal readonly int DisputeAfter(int day) => _complaints?.Disputes.FirstAfter(day) ?? 0;

    /// <summary>Credit notes and invoices of the 90 days up to a day, and of the twelve calendar months before them, by value.</summary>
    internal readonly (Int128 Credits, Int128 Invoices, Int128 CreditsBefore, Int128 InvoicesBefore) CreditsUpTo(int day)
    {
        if (_complaints is not { HasCredits: true }) return default;
        var month = Periods.MonthOf(day - 89);
        return (_complaints.Credits.Between(day - 89, day).Value, _invoices.Between(day - 89, day).Value,
            _complaints.CreditsByMonth.Between(month - 12, month - 1).Value, _invoicesByMonth.Between(month - 12, month - 1).Value);
    }

    /// <summary>Disputes and invoices of the 30 days up to a day, and of the twelve calendar months before them, by number; and disputes after the due date.</summary>
    internal readonly (int Disputes, int Invoices, int DisputesBefore, int InvoicesBefore, int Late) DisputesUpTo(int day)
    {
        if (_complaints is not { HasDisputes: true }) return default;
        var month = Periods.MonthOf(day - 29);
        return (_complaints.Disputes.Between(day - 29, day).Count, _invoices.Between(day - 29, day).Count,
            _complaints.DisputesByMonth.Between(month - 12, month - 1).Count, _invoicesByMonth.Between(month - 12, month - 1).Count,
            _complaints.LateDisputes.Between(day - 29, day).Count);
    }

    internal void State(StateStream s)
    {
        _invoices.State(s);
        _invoicesByMonth.State(s);
        var (hasCredits, hasDisputes, hasLate) = _complaints is { } c ? (c.HasCredits, c.HasDisputes, c.HasLate) : default;
        s.Do(ref hasCredits);
        if (hasCredits) (_complaints ??= new Complaints()).Credits.State(s);
        s.Do(ref hasDisputes);
        if (hasDisputes) (_complaints ??= new Complaints()).Disputes.State(s);
        s.Do(ref hasLate);
        if (hasLate) (_complaints ??= new Complaints()).LateDisputes.State(s);
        if (hasCredits) (_complaints ??= new Complaints()).CreditsByMonth.State(s);
        if (hasDisputes) (_complaints ??= new Complaints()).DisputesByMonth.State(s);
        if (_complaints is not null) (_complaints.HasCredits, _complaints.HasDisputes, _complaints.HasLate) = (hasCredits, hasDisputes, hasLate);
    }
}

/// <summary>Credit notes and disputes, which few customers have.</summary>
internal sealed class Complaints
{
    internal DaySeries Credits, Disputes, LateDisputes;
    internal PeriodRing CreditsByMonth, DisputesByMonth;

    /// <summary>There was one ever, also when it is forgotten by now.</summary>
    internal bool HasCredits, HasDisputes, HasLate;

    private const int ObjectBytes = 104;

    internal int Bytes => ObjectBytes + Credits.Bytes + Disputes.Bytes + LateDisputes.Bytes + CreditsByMonth.Bytes + DisputesByMonth.Bytes;
}
