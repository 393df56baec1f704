using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace ExposureMonitor.Ingest;

/// <summary>How a record that could not be read is kept for people: its text, or base64 where it is none.</summary>
internal static class KeptRecord
{
    /// <summary>The first 48 KiB of a record. Protobuf, whose first byte is no character of JSON, is always base64.</summary>
    internal static string Of(ReadOnlySpan<byte> record)
    {
        var kept = record[..Math.Min(record.Length, EventDecoder.KeptBytes)];
        if (kept.Length < record.Length)
        {
            // A cut inside a character would make good text look broken.
            var end = kept.Length;
            while (end > kept.Length - 4 && end > 0 && (record[end] & 0xC0) == 0x80) end--;
            kept = kept[..end];
        }

        return IsText(kept) ? Encoding.UTF8.GetString(kept) : Convert.ToBase64String(kept);
    }

    /// <summary>The bytes that were kept, and whether they are kept in base64.</summary>
    /// <remarks>What is kept does not say which it is; but a record that could have been kept as text was, so base64 of something that is no text is that.</remarks>
    internal static (byte[] Bytes, bool IsBase64) BytesOf(string kept)
    {
        if (kept.Length > 0 && kept.Length % 4 == 0 && Base64.IsValid(kept) && Convert.FromBase64String(kept) is var bytes && !IsText(bytes)) return (bytes, true);
        return (Encoding.UTF8.GetBytes(kept), false);
    }

    private static bool IsText(ReadOnlySpan<byte> bytes) => !ProtobufEvent.Is(bytes) && Utf8.IsValid(bytes) && !bytes.Contains((byte)0);
}
