using Confluent.Kafka;

namespace ExposureMonitor.Ingest;

/// <summary>Stands for a key or a value in what the client returns: the bytes are held aside.</summary>
internal readonly struct Held;

/// <summary>
/// The key or the value of the record that was consumed last: copied out of the client's memory into one buffer that is used again, where
/// the client's own byte arrays would be garbage of every record. Not safe for two threads.
/// </summary>
internal sealed class HeldBytes : IDeserializer<Held>
{
    private byte[] _bytes = new byte[1024];
    private int _length;

    /// <summary>True when the record has none: a tombstone, or no key.</summary>
    internal bool IsNull { get; private set; } = true;

    /// <summary>Valid until the next record; empty when there is none.</summary>
    internal ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, _length);

    /// <inheritdoc/>
    public Held Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        if (_bytes.Length < data.Length) _bytes = new byte[data.Length * 2];
        data.CopyTo(_bytes);
        (_length, IsNull) = (data.Length, isNull);
        return default;
    }
}
