namespace ExposureMonitor.Domain;

/// <summary>An amount in minor units of one currency. <c>default</c> is zero of no currency.</summary>
public readonly record struct Money(long Minor, Currency Currency)
{
    /// <summary>The sum.</summary>
    /// <exception cref="InvalidOperationException">The currencies differ: that is a bug, never business.</exception>
    public static Money operator +(Money left, Money right) => new(checked(left.Minor + Same(left, right)), left.Currency);

    /// <summary>The difference.</summary>
    /// <exception cref="InvalidOperationException">The currencies differ: that is a bug, never business.</exception>
    public static Money operator -(Money left, Money right) => new(checked(left.Minor - Same(left, right)), left.Currency);

    private static long Same(Money left, Money right) => left.Currency == right.Currency
        ? right.Minor
        : throw new InvalidOperationException($"{left.Currency} and {right.Currency} do not add.");

    /// <summary>Digits with the currency, such as <c>12345 EUR</c> (minor units).</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Minor} {Currency}");
}

/// <summary>Division with a named rounding. The divisor is positive.</summary>
public static class Rounding
{
    /// <summary>To the nearest, ties to the even neighbour: conversions.</summary>
    public static Int128 HalfEven(Int128 value, Int128 divisor)
    {
        var quotient = Down(value, divisor);
        var twice = 2 * (value - quotient * divisor);
        if (twice > divisor || (twice == divisor && (quotient & 1) == 1)) quotient++;
        return quotient;
    }

    /// <summary>Toward minus infinity: limits and cover, never a cent more.</summary>
    public static Int128 Down(Int128 value, Int128 divisor)
    {
        // Nearly every figure has 64 bits, whose division takes a fraction of the time.
        if (IsNarrow(value, out var narrow) && IsNarrow(divisor, out var by))
        {
            var (whole, rest) = Math.DivRem(narrow, by);
            return rest < 0 ? whole - 1 : whole;
        }

        var quotient = value / divisor;
        return value - quotient * divisor < 0 ? quotient - 1 : quotient;
    }

    /// <summary>Toward plus infinity: provisions and the haircut of an exposure.</summary>
    public static Int128 Up(Int128 value, Int128 divisor) => -Down(-value, divisor);

    /// <summary>To the nearest, ties upward: ratios for display.</summary>
    public static Int128 HalfUp(Int128 value, Int128 divisor) => Down(value + value + divisor, divisor + divisor);

    /// <summary>The product: of a figure of 64 bits by one multiplication, where 128 bits by themselves take ten times as long.</summary>
    /// <exception cref="OverflowException">It does not fit 128 bits: bounds of documents and sums keep it far below.</exception>
    public static Int128 Times(Int128 value, long by) => IsNarrow(value, out var narrow) ? Math.BigMul(narrow, by) : value * by;

    private static bool IsNarrow(Int128 value, out long narrow)
    {
        narrow = unchecked((long)value);
        return value == narrow;
    }

    /// <summary>Cuts a wide figure to what a ledger can hold; a figure outside is pinned to the edge, never wrapped.</summary>
    public static long Pin(Int128 value) =>
        IsNarrow(value, out var narrow) ? narrow : value > 0 ? long.MaxValue : long.MinValue;
}

/// <summary>An exchange rate: quote units per base unit, in 10⁻¹².</summary>
public readonly record struct FxRate(long Trillionths)
{
    /// <summary>One for one.</summary>
    public static FxRate One => new(Scale);

    /// <summary>Units of the representation per quote unit.</summary>
    public const long Scale = 1_000_000_000_000;

    /// <summary>Reads decimal text such as <c>0.235</c>: at most 6 digits before and 12 after the point.</summary>
    public static bool TryParse(string? text, out FxRate rate)
    {
        rate = default;
        if (string.IsNullOrEmpty(text)) return false;
        long whole = 0, fraction = 0, unit = Scale;
        int digits = 0, position = 0;
        for (; position < text.Length && char.IsAsciiDigit(text[position]); position++, digits++) whole = whole * 10 + (text[position] - '0');
        if (digits is 0 or > 6) return false;
        if (position < text.Length)
        {
            if (text[position++] != '.' || position == text.Length || text.Length - position > 12) return false;
            for (; position < text.Length; position++)
            {
                if (!char.IsAsciiDigit(text[position])) return false;
                unit /= 10;
                fraction += (text[position] - '0') * unit;
            }
        }

        rate = new FxRate(whole * Scale + fraction);
        return true;
    }

    /// <summary>
    /// <c>half_even(minor × rate × 10^(digits(to) − digits(from)))</c>, computed in 128 bits.
    /// </summary>
    public Int128 Convert(Int128 minor, Currency from, Currency to) => Convert(minor, Trillionths, Scale, to.Digits - from.Digits);

    /// <summary><c>half_even(minor × rate ÷ per × 10^shift)</c>: the one place where money changes its currency.</summary>
    internal static Int128 Convert(Int128 minor, Int128 rate, Int128 per, int shift)
    {
        var scaled = minor * rate;
        for (; shift > 0; shift--) scaled *= 10;
        for (; shift < 0; shift++) per *= 10;
        return Rounding.HalfEven(scaled, per);
    }

    /// <summary>Decimal text without trailing zeros.</summary>
    public override string ToString()
    {
        var fraction = (Trillionths % Scale).ToString("D12", System.Globalization.CultureInfo.InvariantCulture).TrimEnd('0');
        var whole = (Trillionths / Scale).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return fraction.Length == 0 ? whole : whole + "." + fraction;
    }
}
