using System.Buffers;
using System.Text.Json;

namespace ExposureMonitor.Engine;

/// <summary>JSON as bytes of their own, written in a buffer that each thread keeps.</summary>
public static class JsonBytes
{
    /// <summary>Beyond this size a buffer is not kept for the next value.</summary>
    private const int Kept = 64 << 10;

    /// <summary>Buffer and writer of this thread; <c>null</c> while they are in use, so that a value inside of a value gets its own.</summary>
    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json)? _idle;

    /// <summary>One JSON object in UTF-8.</summary>
    /// <param name="members">Writes its members.</param>
    public static byte[] ObjectOf(Action<Utf8JsonWriter> members)
    {
        var (buffer, json) = _idle ?? Fresh();
        _idle = null;
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
        json.Flush();
        var bytes = buffer.WrittenSpan.ToArray();
        // What a value that fails leaves half written is simply not taken again.
        if (buffer.Capacity > Kept) return bytes;
        buffer.ResetWrittenCount();
        json.Reset();
        _idle = (buffer, json);
        return bytes;
    }

    private static (ArrayBufferWriter<byte>, Utf8JsonWriter) Fresh()
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        return (buffer, new Utf8JsonWriter(buffer));
    }
}
