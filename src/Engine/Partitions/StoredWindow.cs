using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// The window of event ids beside a partition state: eight bytes of its checksum, then the window as the book writes it. A start would otherwise read and decode
/// the last 16,384 entries of each partition, which takes longer than everything else that it does.
/// </summary>
internal static class StoredWindow
{
    private const int ChecksumBytes = 8;

    /// <summary>The window of a book, as of now.</summary>
    internal static byte[] Of(Book book, ByteBuffer buffer)
    {
        buffer.Clear();
        book.WriteWindow(buffer);
        var window = buffer.Written;
        var bytes = new byte[ChecksumBytes + window.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes, Hashing.XxHash64(window));
        window.CopyTo(bytes.AsSpan(ChecksumBytes));
        return bytes;
    }

    /// <summary>Reads it into a book that has none yet.</summary>
    /// <returns>False, with the book as it was, when the state has none, or its bytes are not those that were written: the journal has it, too.</returns>
    internal static bool Read(Book book, PartitionStateRow state)
    {
        var bytes = state.EventWindow.Span;
        if (bytes.Length <= ChecksumBytes || System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Hashing.XxHash64(bytes[ChecksumBytes..])) return false;
        book.ReadWindow(bytes[ChecksumBytes..]);
        return true;
    }
}
