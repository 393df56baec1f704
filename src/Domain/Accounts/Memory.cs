using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace ExposureMonitor.Domain;

/// <summary>Arrays that are no larger than they must be, and what they take.</summary>
internal static class Memory
{
    /// <summary>
    /// Zeros, written now: a page of fresh memory that is read before it is written costs two faults, the second of which stops
    /// every processor for a moment.
    /// </summary>
    internal static T[] Of<T>(int length) where T : struct
    {
        var array = GC.AllocateUninitializedArray<T>(length);
        array.AsSpan().Clear();
        return array;
    }

    /// <summary>Makes room for so many elements: just for them while they are few, for a quarter more than asked when they are many.</summary>
    internal static void Fit<T>([NotNull] ref T[]? array, int needed) where T : struct
    {
        if (array is null) array = new T[needed];
        else if (array.Length < needed) Array.Resize(ref array, needed <= 4 ? needed : needed + needed / 4);
    }

    /// <summary>Bytes that an array takes, with what the runtime puts in front of it; 0 for none.</summary>
    internal static int BytesOf<T>(T[]? array) => array is null ? 0 : BytesOf<T>(array.Length);

    /// <summary>The same of a list.</summary>
    internal static int BytesOf<T>(List<T> list) => 32 + (list.Capacity == 0 ? 0 : BytesOf<T>(list.Capacity));

    /// <summary>The same of a text; the empty one is shared by all.</summary>
    internal static int BytesOf(string text) => text.Length == 0 ? 0 : (22 + 2 * text.Length + 7) & ~7;

    private static int BytesOf<T>(int length) => (24 + length * Unsafe.SizeOf<T>() + 7) & ~7;
}
