using System.Buffers.Binary;
using System.Text;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Texts that come again and again (customers, producers) as the string that exists already. A place per hash and no more: a text
/// that falls on another's place takes it over, so that no producer can make it grow. ASCII only. Not safe for two threads.
/// </summary>
internal sealed class TextCache
{
    private const int Places = 1 << 14;

    private readonly string?[] _texts = new string?[Places];

    /// <summary>The string of some ASCII bytes.</summary>
    internal string Of(ReadOnlySpan<byte> ascii)
    {
        ref var place = ref _texts[Hash(ascii) & (Places - 1)];
        if (place is { } known && Ascii.Equals(ascii, known)) return known;
        return place = Encoding.Latin1.GetString(ascii);
    }

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        unchecked
        {
            var hash = (ulong)bytes.Length * 0x9E37_79B9_7F4A_7C15;
            for (; bytes.Length >= 8; bytes = bytes[8..]) hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * 0xC2B2_AE3D_27D4_EB4F;
            foreach (var b in bytes) hash = (hash ^ b) * 0x0000_0100_0000_01B3;
            return (uint)((hash ^ (hash >> 29)) * 0x9E37_79B9_7F4A_7C15 >> 40);
        }
    }
}
