using System.Globalization;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>Texts of numbers, dates and moments. Strict: ASCII digits only, no sign, exponent or blank that was not asked for.</summary>
public static class JsonScalars
{
    /// <summary>Largest amount, in minor units: 10¹⁵. Sums of a million of them still fit a 128-bit figure, and one fits a double exactly.</summary>
    public const long AmountMax = 1_000_000_000_000_000;

    /// <summary>Earliest date of a document.</summary>
    public static readonly int DateMin = new DateOnly(1900, 1, 1).DayNumber;

    /// <summary>Latest date of a document: year 9999 is what systems write for "never", and would overflow with terms added.</summary>
    public static readonly int DateMax = new DateOnly(9998, 12, 31).DayNumber;

    private static readonly int EpochDay = new DateOnly(1970, 1, 1).DayNumber;

    // The years are those of the place where it happened: with the widest offset, 14:59, they reach beyond those of UTC.
    private const long OffsetMax = (14 * 60 + 59) * 60 * Instant.Second;
    private static readonly long MomentMin = Instant.From(new DateOnly(1900, 1, 1)).Micros - OffsetMax;
    private static readonly long MomentEnd = Instant.From(new DateOnly(9999, 1, 1)).Micros + OffsetMax;


    /// <summary>Reads digits with an optional minus; "-0" is refused. False when it is anything else or has more than 64 bits.</summary>
    public static bool TryWhole(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        var negative = text.Length > 0 && text[0] == (byte)'-';
        if (negative) text = text[1..];
        if (text.Length is 0 or > 32) return false;
        if (text.Length <= 18)
        {
            // So few digits always fit.
            foreach (var b in text)
            {
                var digit = unchecked((uint)(b - '0'));
                if (digit > 9) return false;
                value = unchecked(value * 10 + digit);
            }
        }
        else
        {
            foreach (var b in text)
            {
                var digit = b - '0';
                if (digit is < 0 or > 9) return false;
                if (value > (long.MaxValue - digit) / 10) return false;
                value = value * 10 + digit;
            }
        }

        if (!negative) return true;
        value = -value;
        return value != 0;
    }

    /// <summary>Reads <c>yyyy-MM-dd</c> within the years 1900 to 9998 as a day number.</summary>
    public static bool TryDate(ReadOnlySpan<byte> text, out int day)
    {
        day = 0;
        if (text.Length != 10 || text[4] != '-' || text[7] != '-') return false;
        if (!TryTwo(text, 0, out var century) || !TryTwo(text, 2, out var yearOfCentury) || !TryTwo(text, 5, out var month) || !TryTwo(text, 8, out var dayOfMonth)) return false;
        return TryDay(century * 100 + yearOfCentury, month, dayOfMonth, out day);
    }

    /// <summary>The date of a number <c>yyyymmdd</c> within the years 1900 to 9998, as a day number.</summary>
    public static bool TryDate(int yyyymmdd, out int day)
    {
        day = 0;
        return yyyymmdd >= 0 && TryDay(yyyymmdd / 10_000, yyyymmdd / 100 % 100, yyyymmdd % 100, out day);
    }

    /// <summary>The moment of a number of microseconds since 1970, when it lies within the years 1900 to 9998.</summary>
    public static bool TryMoment(long micros, out Instant moment)
    {
        moment = new Instant(micros);
        return micros >= MomentMin && micros < MomentEnd;
    }

    /// <summary>A day number as the number <c>yyyymmdd</c>.</summary>
    public static int DateNumber(int day) => DateOnly.FromDayNumber(day) is var date ? date.Year * 10_000 + date.Month * 100 + date.Day : 0;

    /// <summary>Reads a moment of RFC 3339 with its offset; digits beyond microseconds are cut, a leap second is refused.</summary>
    public static bool TryMoment(ReadOnlySpan<byte> text, out Instant moment)
    {
        moment = default;
        if (text.Length is < 20 or > 40 || !TryDate(text[..10], out var day) || text[10] is not ((byte)'T' or (byte)'t')) return false;
        if (text[13] != ':' || text[16] != ':') return false;
        if (!TryTwo(text, 11, out var hour) || !TryTwo(text, 14, out var minute) || !TryTwo(text, 17, out var second)) return false;
        if (hour > 23 || minute > 59 || second > 59) return false;
        var rest = text[19..];
        if (!TryFraction(ref rest, out var micros) || !TryOffset(rest, out var offset)) return false;
        var seconds = (day - EpochDay) * 86_400L + hour * 3600 + minute * 60 + second - offset * 60L;
        moment = new Instant(seconds * Instant.Second + micros);
        return true;
    }

    /// <summary>Text of a day number.</summary>
    public static string DateText(int day) => DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static bool TryFraction(ref ReadOnlySpan<byte> rest, out int micros)
    {
        micros = 0;
        if (rest.Length == 0 || rest[0] != '.') return true;
        rest = rest[1..];
        var digits = 0;
        for (; digits < rest.Length && char.IsAsciiDigit((char)rest[digits]); digits++)
            if (digits < 6) micros = micros * 10 + (rest[digits] - '0');
        for (var i = digits; i < 6; i++) micros *= 10;
        rest = rest[digits..];
        return digits is > 0 and <= 12;
    }

    private static bool TryOffset(ReadOnlySpan<byte> rest, out int minutes)
    {
        minutes = 0;
        if (rest.Length == 1) return rest[0] is (byte)'Z' or (byte)'z';
        if (rest.Length != 6 || rest[0] is not ((byte)'+' or (byte)'-') || rest[3] != ':') return false;
        if (!TryTwo(rest, 1, out var hours) || !TryTwo(rest, 4, out minutes) || hours > 14 || minutes > 59) return false;
        minutes += hours * 60;
        if (rest[0] == '-') minutes = -minutes;
        return true;
    }

    private static bool TryDay(int year, int month, int dayOfMonth, out int day)
    {
        day = 0;
        if (year is < 1900 or > 9998 || month is < 1 or > 12 || dayOfMonth < 1) return false;
        if (dayOfMonth > 28 && dayOfMonth > DateTime.DaysInMonth(year, month)) return false;
        day = new DateOnly(year, month, dayOfMonth).DayNumber;
        return true;
    }

    /// <summary>Two digits.</summary>
    private static bool TryTwo(ReadOnlySpan<byte> text, int at, out int value)
    {
        var (tens, ones) = unchecked(((uint)(text[at] - '0'), (uint)(text[at + 1] - '0')));
        value = unchecked((int)(tens * 10 + ones));
        return tens <= 9 && ones <= 9;
    }
}
