using System.Collections.Frozen;

namespace ExposureMonitor.Domain;

/// <summary>
/// A currency of ISO 4217. <c>default</c> is <see cref="None"/>: no currency was said.
/// </summary>
/// <remarks>Represented by the numeric code of the standard, which never changes its meaning in a journal.</remarks>
public readonly record struct Currency : IComparable<Currency>
{
    private readonly short _numeric;

    private Currency(short numeric) => _numeric = numeric;

    /// <summary>No currency.</summary>
    public static Currency None => default;

    /// <summary>The ISO 4217 numeric code, 0 for <see cref="None"/>.</summary>
    public int Numeric => _numeric;

    /// <summary>The ISO 4217 alphabetic code, such as <c>EUR</c>; empty for <see cref="None"/>.</summary>
    public string Code => CurrencyTable.Code(_numeric);

    /// <summary>Digits of the minor unit: EUR 2, JPY 0, KWD 3.</summary>
    public int Digits => CurrencyTable.Digits(_numeric);

    /// <summary>True for every currency but <see cref="None"/>.</summary>
    public bool IsKnown => _numeric != 0;

    /// <summary>Reads an alphabetic code; false when ISO 4217 does not list it.</summary>
    public static bool TryParse(string? code, out Currency currency)
    {
        currency = default;
        if (code is null || !CurrencyTable.ByCode.TryGetValue(code, out var numeric)) return false;
        currency = new Currency(numeric);
        return true;
    }

    /// <summary>Reads an alphabetic code of which the caller is sure.</summary>
    /// <exception cref="ArgumentException">ISO 4217 does not list the code.</exception>
    public static Currency Parse(string code) =>
        TryParse(code, out var currency) ? currency : throw new ArgumentException($"'{code}' is no ISO 4217 currency.", nameof(code));

    /// <summary>The currency of a numeric code; 0 and unlisted codes give <see cref="None"/>.</summary>
    public static Currency FromNumeric(int numeric) =>
        CurrencyTable.Code(numeric).Length == 0 ? default : new Currency((short)numeric);

    /// <summary>All listed currencies, by alphabetic code.</summary>
    public static IEnumerable<Currency> All =>
        CurrencyTable.ByCode.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new Currency(pair.Value));

    /// <summary>Orders by numeric code.</summary>
    public int CompareTo(Currency other) => _numeric.CompareTo(other._numeric);

    /// <summary>The alphabetic code.</summary>
    public override string ToString() => Code;
}

/// <summary>ISO 4217: alphabetic code, numeric code and digits of the minor unit.</summary>
internal static class CurrencyTable
{
    private const string Listed =
        "AED7842 AFN9712 ALL0082 AMD0512 AOA9732 ARS0322 AUD0362 AWG5332 AZN9442 BAM9772 BBD0522 BDT0502 " +
        "BGN9752 BHD0483 BIF1080 BMD0602 BND0962 BOB0682 BRL9862 BSD0442 BTN0642 BWP0722 BYN9332 BZD0842 " +
        "CAD1242 CDF9762 CHF7562 CLF9904 CLP1520 CNY1562 COP1702 CRC1882 CUP1922 CVE1322 CZK2032 DJF2620 " +
        "DKK2082 DOP2142 DZD0122 EGP8182 ERN2322 ETB2302 EUR9782 FJD2422 FKP2382 GBP8262 GEL9812 GHS9362 " +
        "GIP2922 GMD2702 GNF3240 GTQ3202 GYD3282 HKD3442 HNL3402 HTG3322 HUF3482 IDR3602 ILS3762 INR3562 " +
        "IQD3683 IRR3642 ISK3520 JMD3882 JOD4003 JPY3920 KES4042 KGS4172 KHR1162 KMF1740 KPW4082 KRW4100 " +
        "KWD4143 KYD1362 KZT3982 LAK4182 LBP4222 LKR1442 LRD4302 LSL4262 LYD4343 MAD5042 MDL4982 MGA9692 " +
        "MKD8072 MMK1042 MNT4962 MOP4462 MRU9292 MUR4802 MVR4622 MWK4542 MXN4842 MYR4582 MZN9432 NAD5162 " +
        "NGN5662 NIO5582 NOK5782 NPR5242 NZD5542 OMR5123 PAB5902 PEN6042 PGK5982 PHP6082 PKR5862 PLN9852 " +
        "PYG6000 QAR6342 RON9462 RSD9412 RUB6432 RWF6460 SAR6822 SBD0902 SCR6902 SDG9382 SEK7522 SGD7022 " +
        "SHP6542 SLE9252 SOS7062 SRD9682 SSP7282 STN9302 SVC2222 SYP7602 SZL7482 THB7642 TJS9722 TMT9342 " +
        "TND7883 TOP7762 TRY9492 TTD7802 TWD9012 TZS8342 UAH9802 UGX8000 USD8402 UYU8582 UYW9274 UZS8602 " +
        "VED9262 VES9282 VND7040 VUV5480 WST8822 XAF9500 XCD9512 XOF9520 XPF9530 YER8862 ZAR7102 ZMW9672 " +
        "ZWG9242 ";

    private static readonly string[] Codes = new string[1000];
    private static readonly byte[] MinorDigits = new byte[1000];

    internal static readonly FrozenDictionary<string, short> ByCode = Read();

    internal static string Code(int numeric) => (uint)numeric < 1000u ? Codes[numeric] ?? "" : "";

    internal static int Digits(int numeric) => (uint)numeric < 1000u ? MinorDigits[numeric] : 0;

    private static FrozenDictionary<string, short> Read()
    {
        var byCode = new Dictionary<string, short>(StringComparer.Ordinal);
        foreach (var entry in Listed.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var numeric = (entry[3] - '0') * 100 + (entry[4] - '0') * 10 + (entry[5] - '0');
            Codes[numeric] = entry[..3];
            MinorDigits[numeric] = (byte)(entry[6] - '0');
            byCode.Add(entry[..3], (short)numeric);
        }

        return byCode.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
