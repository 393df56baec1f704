using System.Buffers.Binary;
using System.Numerics;

namespace ExposureMonitor.Domain;

/// <summary>
/// Named hashes that give the same value on every machine. Written here because the base class library has none of
/// them and the package that does is not in every registry.
/// </summary>
public static class Hashing
{
    private const ulong P1 = 0x9E3779B185EBCA87, P2 = 0xC2B2AE3D27D4EB4F, P3 = 0x165667B19E3779F9,
        P4 = 0x85EBCA77C2B2AE63, P5 = 0x27D4EB2F165667C5;

    /// <summary>XXH64 with seed 0 (published test vectors apply).</summary>
    public static ulong XxHash64(ReadOnlySpan<byte> data, ulong seed = 0)
    {
        unchecked
        {
            var rest = data;
            ulong hash;
            if (data.Length >= 32)
            {
                ulong a = seed + P1 + P2, b = seed + P2, c = seed, d = seed - P1;
                for (; rest.Length >= 32; rest = rest[32..])
                {
                    a = Round(a, BinaryPrimitives.ReadUInt64LittleEndian(rest));
                    b = Round(b, BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]));
                    c = Round(c, BinaryPrimitives.ReadUInt64LittleEndian(rest[16..]));
                    d = Round(d, BinaryPrimitives.ReadUInt64LittleEndian(rest[24..]));
                }

                hash = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7)
                    + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
                hash = Merge(Merge(Merge(Merge(hash, a), b), c), d);
            }
            else
            {
                hash = seed + P5;
            }

            hash += (ulong)data.Length;
            for (; rest.Length >= 8; rest = rest[8..])
                hash = BitOperations.RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(rest)), 27) * P1 + P4;
            if (rest.Length >= 4)
            {
                hash = BitOperations.RotateLeft(hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(rest) * P1), 23) * P2 + P3;
                rest = rest[4..];
            }

            foreach (var b in rest) hash = BitOperations.RotateLeft(hash ^ (b * P5), 11) * P1;
            hash ^= hash >> 33;
            hash *= P2;
            hash ^= hash >> 29;
            hash *= P3;
            return hash ^ (hash >> 32);
        }
    }

    /// <summary>Kafka's murmur2 (its <c>Utils.murmur2</c>), unsigned.</summary>
    public static uint Murmur2(ReadOnlySpan<byte> data)
    {
        unchecked
        {
            const uint m = 0x5bd1e995;
            var h = 0x9747b28c ^ (uint)data.Length;
            for (; data.Length >= 4; data = data[4..])
            {
                var k = BinaryPrimitives.ReadUInt32LittleEndian(data) * m;
                h = (h * m) ^ ((k ^ (k >> 24)) * m);
            }

            if (data.Length >= 3) h ^= (uint)data[2] << 16;
            if (data.Length >= 2) h ^= (uint)data[1] << 8;
            if (data.Length >= 1) h = (h ^ data[0]) * m;
            h = (h ^ (h >> 13)) * m;
            return h ^ (h >> 15);
        }
    }

    /// <summary>Hash of an ASCII text, seeded by a kind so that equal texts of two kinds differ.</summary>
    public static ulong Text(string text, ulong seed)
    {
        Span<byte> bytes = stackalloc byte[256];
        if (text.Length > bytes.Length) return XxHash64(System.Text.Encoding.UTF8.GetBytes(text), seed);
        var length = System.Text.Encoding.UTF8.TryGetBytes(text, bytes, out var written) ? written : -1;
        return length >= 0 ? XxHash64(bytes[..length], seed) : XxHash64(System.Text.Encoding.UTF8.GetBytes(text), seed);
    }

    private static ulong Round(ulong accumulator, ulong input) =>
        unchecked(BitOperations.RotateLeft(accumulator + input * P2, 31) * P1);

    private static ulong Merge(ulong hash, ulong value) => unchecked((hash ^ Round(0, value)) * P1 + P4);
}
