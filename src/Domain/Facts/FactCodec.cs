namespace ExposureMonitor.Domain;

/// <summary>A whole fact with its envelope as journal bytes. The customer travels beside it, as a partition slot.</summary>
public sealed class FactCodec
{
    private readonly BinaryFieldReader _reader = new();

    /// <summary>Appends kind, envelope and body.</summary>
    public static void Write(Fact fact, ByteBuffer buffer)
    {
        Head(fact, buffer);
        buffer.Fields.Write(fact);
    }

    /// <summary>The same, of a fact whose fields have been written for its content hash.</summary>
    /// <param name="content">What <see cref="Fact.ContentHash"/> left in its buffer: kind and fields.</param>
    public static void Write(Fact fact, ReadOnlySpan<byte> content, ByteBuffer buffer)
    {
        Head(fact, buffer);
        var kind = new ByteReader(content);
        kind.Varint();
        buffer.Raw(content[^kind.Remaining..]);
    }

    private static void Head(Fact fact, ByteBuffer buffer)
    {
        buffer.Varint((ulong)FactCatalogue.NumberOf(fact));
        buffer.Text(fact.EventId);
        buffer.Text(fact.Source);
        buffer.Signed(fact.Time.Micros);
        buffer.Signed(fact.Arrival.Micros);
        buffer.Text(fact.Position.Stream ?? "");
        if (fact.Position.IsKnown) buffer.Signed(fact.Position.Offset);
        buffer.Varint(fact.KnownClosed);
    }

    /// <summary>Reads one fact and returns how many bytes it took.</summary>
    /// <exception cref="InvalidDataException">The bytes are cut, or of a later version.</exception>
    public int Read(ReadOnlyMemory<byte> bytes, out Fact fact)
    {
        var reader = new ByteReader(bytes.Span);
        fact = FactCatalogue.Create(reader.Int());
        fact.EventId = reader.Text();
        fact.Source = reader.Text();
        fact.Time = new Instant(reader.Signed());
        fact.Arrival = new Instant(reader.Signed());
        var stream = reader.Text();
        if (stream.Length > 0) fact.Position = new SourcePosition(stream, reader.Signed());
        fact.KnownClosed = reader.Varint();
        var head = bytes.Length - reader.Remaining;
        return head + _reader.Read(bytes[head..], fact);
    }
}
