namespace ExposureMonitor.Domain;

/// <summary>
/// Value-weighted days to pay and days late of section 12, kept item by item: a settled item, an open overdue one, and their way back. It equals the
/// batch formula over the same items at any time, since it is a sum.
/// </summary>
public struct WeightedLateness
{
    private Int128 _amount, _toPay, _terms, _late, _lateClipped, _index;

    /// <summary>Adds (+1) or takes out (−1) an item; an open overdue one with today as its day of payment, else a non-payer looks perfect.</summary>
    public void Count(long amount, int issuedOn, int dueOn, int paidOn, int sign)
    {
        var weight = (Int128)amount * sign;
        _amount += weight;
        _toPay += weight * (paidOn - issuedOn);
        _terms += weight * (dueOn - issuedOn);
        _late += weight * (paidOn - dueOn);
        _lateClipped += weight * Math.Max(0, paidOn - dueOn);
        _index += weight * PaymentIndex.Of(paidOn - dueOn);
    }

    /// <summary>Hundredths of a day from issue to payment; <c>null</c> without items.</summary>
    public readonly long? DaysToPay => Mean(_toPay * 100);

    /// <summary>Hundredths of a day of terms, shown beside it.</summary>
    public readonly long? Terms => Mean(_terms * 100);

    /// <summary>Hundredths of a day late, early ones count against late ones.</summary>
    public readonly long? DaysLate => Mean(_late * 100);

    /// <summary>The same without the early ones.</summary>
    public readonly long? DaysLateClipped => Mean(_lateClipped * 100);

    /// <summary>Mean of the index of each item, hundredths of a point (not the index of the mean days).</summary>
    public readonly long? Index => Mean(_index);

    private readonly long? Mean(Int128 sum) => _amount > 0 ? Rounding.Pin(Rounding.HalfUp(sum, _amount)) : null;
}
