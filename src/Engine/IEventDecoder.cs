using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>Bytes to facts: the seam between what arrives and what the machine understands.</summary>
public interface IEventDecoder
{
    /// <summary>
    /// One record. What cannot be read comes back as an <see cref="UndecodableRecord"/> that says what, where and what
    /// was expected; it takes its place in the journal like any other fact.
    /// </summary>
    Fact Decode(ReadOnlyMemory<byte> record, SourcePosition position);

    /// <summary>The records of a body: one object, an array, one per line (<c>application/x-ndjson</c>), or Protobuf (<c>application/protobuf</c>).</summary>
    /// <param name="isBatch">False when the body has the form of one event, not of a batch or of lines, which may hold one event as well.</param>
    IReadOnlyList<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> body, string contentType, out bool isBatch);

    /// <summary>A decoded record as text that decodes to the same fact: as its source wrote it, or, of a binary encoding, the same in JSON.</summary>
    string TextOf(Fact fact, ReadOnlyMemory<byte> record);

    /// <summary>A fact of the trade as the event in JSON that decodes to it.</summary>
    byte[] EventOf(Fact fact);

    /// <summary>The record of a dead letter as it came, as far as it was kept.</summary>
    ReadOnlyMemory<byte> RecordOf(UndecodableRecord dead);

    /// <summary>
    /// The record of a dead letter in a binary encoding as the text that says the same, for a person to repair; it is refused where the record
    /// was. <c>null</c> of a record that is text, or that nobody can read.
    /// </summary>
    string? ReadableOf(UndecodableRecord dead);

    /// <summary>Fills a command from a JSON object; unknown members are refused. Returns what is wrong, or <c>null</c>.</summary>
    DecodeError? Fill(Command command, ReadOnlyMemory<byte> body);
}

/// <summary>Why bytes could not be read.</summary>
/// <param name="Reason">Reason code in capitals.</param>
/// <param name="Detail">What, where (JSON path) and what was expected.</param>
public sealed record DecodeError(string Reason, string Detail);
