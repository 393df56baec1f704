using System.Globalization;

namespace ExposureMonitor.Chaos;

/// <summary>Where something stands in the journal: <c>partition-sequence-index-ordinal</c>, as ids say it.</summary>
/// <param name="Ordinal">Number of the row in its entry; −1 for the entry itself.</param>
internal readonly record struct Place(int Partition, long Seq, int Index, int Ordinal)
{
    internal Place Entry => this with { Ordinal = -1 };

    /// <summary>Before another of the same partition.</summary>
    internal bool IsBefore(Place other) => (Seq, Index, Ordinal).CompareTo((other.Seq, other.Index, other.Ordinal)) < 0;

    /// <summary>The place of an id with three parts, an entry, or four; <c>null</c> when it is neither.</summary>
    internal static Place? Parse(string id)
    {
        var parts = id.Split('-');
        static bool Number<T>(string text, out T number) where T : ISpanParsable<T> => T.TryParse(text, CultureInfo.InvariantCulture, out number!) && text == string.Create(CultureInfo.InvariantCulture, $"{number}");
        if (parts.Length is not (3 or 4) || !Number<int>(parts[0], out var partition) || !Number<long>(parts[1], out var seq) || !Number<int>(parts[2], out var index)) return null;
        var ordinal = -1;
        return parts.Length == 3 || Number(parts[3], out ordinal) ? new Place(partition, seq, index, ordinal) : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}-{Seq}-{Index}{(Ordinal < 0 ? "" : $"-{Ordinal}")}");
}
