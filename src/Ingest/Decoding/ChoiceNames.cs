using System.Text;

namespace ExposureMonitor.Ingest;

/// <summary>Names of an enumeration on the wire, as ASCII. A zero called None or Unsaid means "missing" and has no name there.</summary>
internal static class ChoiceNames<T> where T : struct, Enum
{
    private static readonly T[] Members = [.. Enum.GetValues<T>().Where(IsSaid)];
    private static readonly byte[][] Utf8Names = [.. Members.Select(member => Encoding.ASCII.GetBytes(member.ToString()))];

    internal static IEnumerable<string> All => Members.Select(member => member.ToString());

    internal static bool IsSaid(T value) => value.ToString() is not ("None" or "Unsaid");

    internal static bool TryParse(ReadOnlySpan<byte> name, out T value)
    {
        for (var i = 0; i < Members.Length; i++)
        {
            if (!name.SequenceEqual(Utf8Names[i])) continue;
            value = Members[i];
            return true;
        }

        value = default;
        return false;
    }
}

/// <summary>Fields that live in the journal only: no producer may set them, no event shows them.</summary>
internal static class JournalOnly
{
    internal static bool Is(int number) => number is >= 50 and < 60;
}
