namespace ExposureMonitor.Domain;

/// <summary>The payment index of credit.md section 12: 80 is prompt, 0 is 180 days late and more.</summary>
public static class PaymentIndex
{
    private static readonly (int Days, int Index)[] Knots =
        [(-30, 100), (-20, 90), (0, 80), (15, 70), (22, 60), (30, 50), (60, 40), (90, 30), (120, 20), (180, 0)];

    /// <summary>Index of so many days late, in hundredths of a point, half up; linear between the knots.</summary>
    public static int Of(int daysLate)
    {
        if (daysLate <= Knots[0].Days) return 10_000;
        for (var i = 1; i < Knots.Length; i++)
        {
            if (daysLate > Knots[i].Days) continue;
            var (days, index) = Knots[i - 1];
            var span = Knots[i].Days - days;
            var fall = (index - Knots[i].Index) * 100;
            return index * 100 - (int)Rounding.HalfUp((Int128)fall * (daysLate - days), span);
        }

        return 0;
    }

    /// <summary>Days late of an index in whole points, rounded up (59 → 23).</summary>
    public static int DaysOf(int index)
    {
        for (var i = 1; i < Knots.Length; i++)
        {
            if (index < Knots[i].Index) continue;
            var (days, above) = Knots[i - 1];
            return days + (int)Rounding.Up((Int128)(above - index) * (Knots[i].Days - days), above - Knots[i].Index);
        }

        return Knots[^1].Days;
    }
}
