using System.Runtime.CompilerServices;
using System.Text;

namespace ExposureMonitor.Ingest;

/// <summary>Names of an enumeration on the wire, as ASCII. A zero called None or Unsaid means "missing" and has no name there.</summary>
internal static class ChoiceNames<T> where T : struct, Enum
{
    private static readonly T[] Members = [.. Enum.GetValues<T>().Where(IsSaid)];
    private static readonly byte[][] Utf8Names = [.. Members.Select(member => Encoding.ASCII.GetBytes(member.ToString()))];

    internal static IEnumerable<string> All => Members.Select(member => member.ToString());

    internal static bool IsSaid(T value) => value.ToString() is not ("None" or "Unsaid");

    /// <summary>Members with a name, and their numbers in Protobuf and in the journal.</summary>
    internal static IEnumerable<(string Name, ulong Number)> Numbered => Members.Select(member => (member.ToString(), NumberOf(member)));

    internal static ulong NumberOf(T value) => Unsafe.SizeOf<T>() switch
    {
        1 => Unsafe.As<T, byte>(ref value),
        2 => Unsafe.As<T, ushort>(ref value),
        _ => Unsafe.As<T, uint>(ref value),
    };

    internal static bool TryNumber(ulong number, out T value)
    {
        foreach (var member in Members)
        {
            if (NumberOf(member) != number) continue;
            value = member;
            return true;
        }

        value = default;
        return false;
    }

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
