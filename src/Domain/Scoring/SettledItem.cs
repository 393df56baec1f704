namespace ExposureMonitor.Domain;

/// <summary>One settled item as the long memory keeps it.</summary>
/// <param name="IssuedOn">Day number of the issue.</param>
/// <param name="DueOn">Day number of the due date; the original one, where the item keeps it.</param>
/// <param name="SettledOn">Day number of the payment that settled it.</param>
/// <param name="Size">How large it was, in sixteenths of a doubling (<see cref="SizeOf"/>).</param>
public readonly record struct SettledItem(int IssuedOn, int DueOn, int SettledOn, int Size) : IComparable<SettledItem>
{
    /// <summary>Days after the due date, negative when earlier; cut at −90 and 365, so that one forgotten item is no whole history.</summary>
    public int DaysLate => Math.Clamp(SettledOn - DueOn, -90, 365);

    /// <summary>Days from the issue to the payment.</summary>
    public int DaysToPay => Math.Clamp(SettledOn - IssuedOn, 0, 500);

    /// <summary>Days from the issue to the due date.</summary>
    public int TermDays => Math.Clamp(DueOn - IssuedOn, -1, 400);

    /// <summary>By payment day first; ties in an order that does not depend on which was told first.</summary>
    public int CompareTo(SettledItem other)
    {
        var order = SettledOn.CompareTo(other.SettledOn);
        if (order == 0) order = DueOn.CompareTo(other.DueOn);
        if (order == 0) order = IssuedOn.CompareTo(other.IssuedOn);
        return order != 0 ? order : Size.CompareTo(other.Size);
    }

    /// <summary>
    /// Sixteenths of a doubling: the position of the highest bit, and four bits below it. 0 for an amount of 0. It tells large from small
    /// without a logarithm; 16 more is twice as much.
    /// </summary>
    public static int SizeOf(long amount)
    {
        if (amount <= 0) return 0;
        var high = 63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)amount);
        var below = high >= 4 ? (int)(amount >> (high - 4)) & 15 : (int)(amount << (4 - high)) & 15;
        return high * 16 + below + 1;
    }

    public static bool operator <(SettledItem left, SettledItem right) => left.CompareTo(right) < 0;

    public static bool operator >(SettledItem left, SettledItem right) => left.CompareTo(right) > 0;

    public static bool operator <=(SettledItem left, SettledItem right) => left.CompareTo(right) <= 0;

    public static bool operator >=(SettledItem left, SettledItem right) => left.CompareTo(right) >= 0;
}
