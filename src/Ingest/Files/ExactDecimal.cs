namespace ExposureMonitor.Ingest;

/// <summary>A decimal number as it is written: digits and how many of them stand behind the point. Nothing is ever rounded.</summary>
internal readonly record struct ExactDecimal(Int128 Digits, int Scale)
{
    private const int LengthMax = 36;

    /// <summary>
    /// Reads digits with a sign in front, a minus behind (SAP) or brackets (accountants). Thousands must stand in groups
    /// of two or three digits, the last of three, so that "1,5" under a mistaken format is no fifteen.
    /// </summary>
    internal static bool TryParse(string text, string point, string thousands, out ExactDecimal value)
    {
        value = default;
        var rest = text.AsSpan().Trim();
        var negative = false;
        if (rest.Length > 1)
        {
            var isBracketed = rest[0] == '(' && rest[^1] == ')';
            negative = isBracketed || rest[0] == '-' || rest[^1] == '-';
            if (isBracketed) rest = rest[1..^1];
            else if (rest[0] is '-' or '+') rest = rest[1..];
            else if (rest[^1] == '-') rest = rest[..^1];
        }

        var at = point.Length == 0 ? -1 : rest.IndexOf(point);
        var whole = at < 0 ? rest : rest[..at];
        var fraction = at < 0 ? default : rest[(at + point.Length)..];
        if (at >= 0 && fraction.Length == 0) return false;
        Int128 digits = 0;
        if (!TryGroups(whole, thousands, ref digits) || !TryDigits(fraction, ref digits)) return false;
        if (whole.Length + fraction.Length is 0 or > LengthMax) return false;
        value = new ExactDecimal(negative ? -digits : digits, fraction.Length);
        return true;
    }

    /// <summary>The product, exact.</summary>
    internal bool TryTimes(ExactDecimal other, out ExactDecimal product)
    {
        product = default;
        // Far beyond any amount, and safe from overflow.
        Int128 most = 1_000_000_000_000_000_000;
        if (Int128.Abs(Digits) > most || Int128.Abs(other.Digits) > most) return false;
        product = new ExactDecimal(Digits * other.Digits, Scale + other.Scale);
        return true;
    }

    /// <summary>The number in units of 10^−<paramref name="minorDigits"/>; false when that would need rounding, or is above 10¹⁵.</summary>
    internal bool TryMinor(int minorDigits, out long minor)
    {
        minor = 0;
        var (digits, scale) = (Digits, Scale);
        for (; scale > minorDigits; scale--)
        {
            if (digits % 10 != 0) return false;
            digits /= 10;
        }

        for (; scale < minorDigits; scale++)
        {
            if (Int128.Abs(digits) > JsonScalars.AmountMax) return false;
            digits *= 10;
        }

        if (Int128.Abs(digits) > JsonScalars.AmountMax) return false;
        minor = (long)digits;
        return true;
    }

    /// <summary>The nearest number of so many digits, half up.</summary>
    internal ExactDecimal Rounded(int digits)
    {
        if (Scale <= digits) return this;
        Int128 divisor = 1;
        for (var i = digits; i < Math.Min(Scale, digits + 37); i++) divisor *= 10;
        return new ExactDecimal(Domain.Rounding.HalfUp(Digits, divisor), digits);
    }

    private static bool TryGroups(ReadOnlySpan<char> whole, string thousands, ref Int128 digits)
    {
        if (thousands.Length == 0 || whole.IndexOf(thousands) < 0) return TryDigits(whole, ref digits);
        var isFirst = true;
        while (true)
        {
            var at = whole.IndexOf(thousands);
            var group = at < 0 ? whole : whole[..at];
            if (at < 0 ? group.Length != 3 : isFirst ? group.Length is 0 or > 3 : group.Length is not (2 or 3)) return false;
            if (!TryDigits(group, ref digits)) return false;
            if (at < 0) return true;
            whole = whole[(at + thousands.Length)..];
            isFirst = false;
        }
    }

    private static bool TryDigits(ReadOnlySpan<char> text, ref Int128 digits)
    {
        if (text.Length > LengthMax) return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c)) return false;
            if (digits > Int128.MaxValue / 100) return false;
            digits = digits * 10 + (c - '0');
        }

        return true;
    }
}
