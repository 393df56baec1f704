using System.Buffers.Binary;

namespace ExposureMonitor.Engine;

/// <summary>The identity of a document that has left the memory, kept for 400 days.</summary>
/// <param name="IdHash">Hash of customer, kind and document id.</param>
/// <param name="Content32">Low 32 bits of the content hash.</param>
/// <param name="Day">Later of closing and own date (day number of <see cref="DateOnly"/>).</param>
public readonly record struct ClosedDocument(ulong IdHash, uint Content32, int Day)
{
    /// <summary>Bytes of a record: hash 8, content 4, day 2.</summary>
    public const int Size = 14;

    /// <summary>Days that an identity is kept.</summary>
    public const int KeepDays = 400;

    /// <summary>1970-01-01: days are stored from there, in 16 bits, and so reach to 2149.</summary>
    private const int FirstDay = 719_162;

    /// <summary>The records of one day, one behind the other.</summary>
    public static byte[] Pack(IReadOnlyCollection<ClosedDocument> documents)
    {
        var bytes = new byte[documents.Count * Size];
        var rest = bytes.AsSpan();
        foreach (var document in documents)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(rest, document.IdHash);
            BinaryPrimitives.WriteUInt32LittleEndian(rest[8..], document.Content32);
            BinaryPrimitives.WriteUInt16LittleEndian(rest[12..], StoredDay(document.Day));
            rest = rest[Size..];
        }

        return bytes;
    }

    /// <summary>Reads records back.</summary>
    /// <exception cref="InvalidDataException">The bytes are cut.</exception>
    public static IEnumerable<ClosedDocument> Unpack(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length % Size != 0) throw new InvalidDataException($"{bytes.Length} bytes of closed documents are no whole records.");
        for (; bytes.Length > 0; bytes = bytes[Size..]) yield return Read(bytes.Span);
    }

    private static ClosedDocument Read(ReadOnlySpan<byte> record) => new(BinaryPrimitives.ReadUInt64LittleEndian(record),
        BinaryPrimitives.ReadUInt32LittleEndian(record[8..]), FirstDay + BinaryPrimitives.ReadUInt16LittleEndian(record[12..]));

    /// <summary>The day as a record holds it; days outside the range count as its ends.</summary>
    public static ushort StoredDay(int day) => (ushort)Math.Clamp(day - FirstDay, 0, ushort.MaxValue);

    /// <summary>The day number of a stored day.</summary>
    public static int DayOf(int stored) => FirstDay + stored;
}
