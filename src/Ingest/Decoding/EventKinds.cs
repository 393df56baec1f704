using System.Text;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>The types of events by their names in UTF-8, without a string per look-up.</summary>
internal static class EventKinds
{
    private const int Places = 512;

    private static readonly (byte[] Name, FactCatalogue.Entry Entry)[] Table = Fill();

    /// <summary>The kind of event of this type, or <c>null</c>.</summary>
    internal static FactCatalogue.Entry? Find(ReadOnlySpan<byte> type)
    {
        for (var place = TextCache.Hash(type) & (Places - 1); Table[place].Name is { } name; place = (place + 1) & (Places - 1))
            if (type.SequenceEqual(name)) return Table[place].Entry;
        return null;
    }

    private static (byte[], FactCatalogue.Entry)[] Fill()
    {
        var table = new (byte[] Name, FactCatalogue.Entry)[Places];
        foreach (var entry in FactCatalogue.All.Where(entry => entry.IsEvent))
        {
            var name = Encoding.ASCII.GetBytes(entry.WireType);
            var place = TextCache.Hash(name) & (Places - 1);
            while (table[place].Name is not null) place = (place + 1) & (Places - 1);
            table[place] = (name, entry);
        }

        return table;
    }
}

/// <summary>Alphabetic codes of ISO 4217 out of bytes.</summary>
internal static class CurrencyCodes
{
    private const int Letters = 26;

    private static readonly Currency[] Table = Fill();

    internal static bool TryParse(ReadOnlySpan<byte> code, out Currency currency)
    {
        currency = default;
        if (code.Length != 3) return false;
        var (a, b, c) = unchecked(((uint)(code[0] - 'A'), (uint)(code[1] - 'A'), (uint)(code[2] - 'A')));
        if (a >= Letters || b >= Letters || c >= Letters) return false;
        currency = Table[(a * Letters + b) * Letters + c];
        return currency.IsKnown;
    }

    private static Currency[] Fill()
    {
        var table = new Currency[Letters * Letters * Letters];
        foreach (var currency in Currency.All) table[((currency.Code[0] - 'A') * Letters + currency.Code[1] - 'A') * Letters + currency.Code[2] - 'A'] = currency;
        return table;
    }
}
