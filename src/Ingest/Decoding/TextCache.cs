using System.Buffers.Binary;
using System.Text;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Texts that come again and again (customers, producers) as the string that exists already. A place per hash and no more: a text
/// that falls on another's place takes it over, so that no producer can make it grow. ASCII only. Not safe for two threads.
/// </summary>
/// <remarks>The bytes of a short text stand in the table itself: comparing with the string would fetch it from far memory.</remarks>
internal sealed class TextCache
{
    private const int Places = 1 << 12, ShortMax = 16;

    private readonly Place[] _places = new Place[Places];

    private struct Place
    {
        internal ulong Front, Back;
        internal string? Text;
    }

    /// <summary>The string of some ASCII bytes.</summary>
    internal string Of(ReadOnlySpan<byte> ascii)
    {
        ref var place = ref _places[Hash(ascii) & (Places - 1)];
        if (ascii.Length > ShortMax)
        {
            if (place.Text is { Length: > ShortMax } known && Ascii.Equals(ascii, known)) return known;
            return (place = new Place { Text = Encoding.Latin1.GetString(ascii) }).Text!;
        }

        // No text has a NUL: the length follows from the bytes.
        var (front, back) = (Eight(ascii), ascii.Length > 8 ? Eight(ascii[8..]) : 0);
        if (place.Front == front && place.Back == back && place.Text is { } same && front != 0) return same;
        return (place = new Place { Front = front, Back = back, Text = Encoding.Latin1.GetString(ascii) }).Text!;
    }

    /// <summary>A hash that is good enough for tables; nothing that is kept depends on it.</summary>
    internal static uint Hash(ReadOnlySpan<byte> bytes)
    {
        unchecked
        {
            var hash = (ulong)bytes.Length * 0x9E37_79B9_7F4A_7C15;
            for (; bytes.Length > 8; bytes = bytes[8..]) hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * 0xC2B2_AE3D_27D4_EB4F;
            hash = (hash ^ hash >> 32 ^ Eight(bytes)) * 0x9E37_79B9_7F4A_7C15;
            return (uint)((hash ^ hash >> 29) * 0xC2B2_AE3D_27D4_EB4F >> 40);
        }
    }

    /// <summary>At most eight bytes as a number.</summary>
    private static ulong Eight(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= 8) return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (bytes.Length >= 4)
            return BinaryPrimitives.ReadUInt32LittleEndian(bytes) | (ulong)BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]) << (8 * (bytes.Length - 4));
        var few = 0UL;
        for (var i = bytes.Length - 1; i >= 0; i--) few = few << 8 | bytes[i];
        return few;
    }
}
