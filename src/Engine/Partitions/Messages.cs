using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Messages between partitions as rows: the customer who is told, and the fact. A message is part of the commit that
/// decided it; its number is the position up to which the receiver took it.
/// </summary>
internal static class Messages
{
    /// <summary>The row of a message that an entry sends.</summary>
    /// <param name="sender">Partition of the entry.</param>
    /// <param name="sent">The effect.</param>
    /// <param name="cause">Fact of the entry; a message without a time of its own has that of its cause.</param>
    internal static MessageRow RowOf(int sender, MessageSent sent, Fact cause)
    {
        var buffer = new ByteBuffer();
        FactCodec.Write(sent.Fact, buffer);
        new FactCodec().Read(buffer.Written.ToArray(), out var copy);
        // Event ids are known per source; the account that forwards is a source without ids: its numbers identify.
        (copy.EventId, copy.Source) = ("", $"account:{cause.Customer}");
        copy.Position = new SourcePosition(SourcePosition.OfPartition(sender), sent.Number);
        copy.Arrival = default;
        if (copy.Time.Micros == 0) copy.Time = cause.Time;
        buffer.Clear();
        buffer.Text(sent.To);
        FactCodec.Write(copy, buffer);
        return new MessageRow(sender, sent.Receiver, sent.Number, buffer.Written.ToArray());
    }

    /// <summary>The fact of a row, as the receiver applies it.</summary>
    internal static Fact FactOf(MessageRow row)
    {
        var reader = new ByteReader(row.Body);
        var customer = reader.Text();
        new FactCodec().Read(row.Body.AsMemory(row.Body.Length - reader.Remaining), out var fact);
        fact.Customer = customer;
        return fact;
    }
}
