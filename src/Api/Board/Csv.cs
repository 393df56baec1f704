using System.Globalization;
using System.Text;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Api;

/// <summary>
/// A table as spreadsheets take it: UTF-8 with a mark, lines end in CR LF. A text that a spreadsheet would take for a formula gets an
/// apostrophe; numbers stay numbers.
/// </summary>
internal static class Csv
{
    internal static string Line(IEnumerable<string> cells) => string.Join(',', cells) + "\r\n";

    /// <summary>A text, made harmless and quoted where it must be.</summary>
    internal static string Text(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        var safe = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;
        return safe.AsSpan().ContainsAny(",\"\r\n") ? "\"" + safe.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : safe;
    }

    /// <summary>Minor units as a plain decimal of the currency.</summary>
    internal static string Amount(Int128 minor, Currency currency)
    {
        if (currency.Digits == 0) return minor.ToString(CultureInfo.InvariantCulture);
        var digits = UInt128.CreateChecked(Int128.Abs(minor)).ToString(CultureInfo.InvariantCulture).PadLeft(currency.Digits + 1, '0');
        return new StringBuilder(minor < 0 ? "-" : "").Append(digits, 0, digits.Length - currency.Digits).Append('.').Append(digits, digits.Length - currency.Digits, currency.Digits).ToString();
    }

    internal static string Share(int basisPoints) => basisPoints < 0 ? "" : (basisPoints / 100m).ToString("0.00", CultureInfo.InvariantCulture);
}
