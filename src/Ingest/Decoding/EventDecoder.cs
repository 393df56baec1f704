using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Ingest;

/// <summary>What became of one record: a fact of the trade, or an <see cref="UndecodableRecord"/> that says why not.</summary>
/// <param name="Fact">With its envelope.</param>
/// <param name="Fault">Why it could not be read, or <c>null</c>.</param>
/// <param name="ExtraFields">Fields in <c>data</c> that the type does not have: ignored, but counted.</param>
public readonly record struct DecodeResult(Fact Fact, DecodeFault? Fault, int ExtraFields)
{
    /// <summary>True when the record could be read.</summary>
    public bool IsDecoded => Fault is null;
}

/// <summary>
/// Turns CloudEvents 1.0 in JSON, and the same events in Protobuf, into facts; the first byte of a record tells which it is. Every
/// sequence of bytes has an answer; none throws. Safe from any thread.
/// </summary>
public sealed class EventDecoder(DecodeLimits? limits = null) : IEventDecoder
{
    /// <summary>Largest record, in bytes.</summary>
    public const int RecordMax = 256 * 1024;

    /// <summary>How much of an unreadable record is kept for people.</summary>
    public const int KeptBytes = 48 * 1024;

    private readonly DecodeLimits _limits = limits ?? DecodeLimits.Default;
    private Readers? _spare;
    private long _extra;

    /// <summary>Records whose <c>data</c> had fields that their type does not have, since this decoder began.</summary>
    public long RecordsWithExtraFields => Interlocked.Read(ref _extra);

    /// <inheritdoc/>
    public Fact Decode(ReadOnlyMemory<byte> record, SourcePosition position) => Decode(record.Span, default, position).Fact;

    /// <inheritdoc cref="Decode(ReadOnlySpan{byte}, Instant, SourcePosition)"/>
    public DecodeResult Decode(ReadOnlyMemory<byte> record, Instant arrival, SourcePosition position) => Decode(record.Span, arrival, position);

    /// <summary>Reads one record and says in detail what became of it.</summary>
    /// <param name="record">The body; empty is a tombstone. It is not kept.</param>
    /// <param name="arrival">When the shell took it in; <c>default</c> when the engine stamps it later.</param>
    /// <param name="position">Where it stood; <c>default</c> when its source has no positions.</param>
    public DecodeResult Decode(ReadOnlySpan<byte> record, Instant arrival, SourcePosition position)
    {
        // Readers keep their buffers. One spare serves a single feed; callers that overlap make their own.
        var readers = Interlocked.Exchange(ref _spare, null) ?? new Readers(_limits);
        var result = readers.Read(record, arrival);
        _spare = readers;
        if (result.ExtraFields > 0) Interlocked.Increment(ref _extra);
        result.Fact.Arrival = arrival;
        result.Fact.Position = position;
        return result;
    }

    /// <summary>A reader of each encoding, with what they share.</summary>
    private sealed class Readers
    {
        private readonly DecodeLimits _limits;
        private readonly RecordReader _json;
        private readonly ProtobufRecordReader _protobuf;

        internal Readers(DecodeLimits limits)
        {
            var texts = new TextCache();
            (_limits, _json, _protobuf) = (limits, new RecordReader(limits, texts), new ProtobufRecordReader(limits, texts));
        }

        internal DecodeResult Read(ReadOnlySpan<byte> record, Instant arrival)
        {
            if (record.Length > _limits.BytesMax) return Dead(JsonTree.TooLarge(record.Length, _limits), record, arrival, "");
            if (ProtobufEvent.Is(record))
                return _protobuf.Read(record) is { } broken ? Dead(broken, record, arrival, _protobuf.Subject) : new DecodeResult(_protobuf.Fact!, null, _protobuf.ExtraFields);
            return _json.Read(record) is { } fault ? Dead(fault, record, arrival, _json.Subject) : new DecodeResult(_json.Fact!, null, _json.ExtraFields);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> body, string contentType, out bool isBatch) =>
        EventBody.Split(body, EventBody.KindOf(contentType), out isBatch);

    /// <inheritdoc/>
    public DecodeError? Fill(Command command, ReadOnlyMemory<byte> body)
    {
        var fault = new JsonFieldReader(_limits).Read(body.Span, command, refuseExtra: true);
        return fault is null ? null : new DecodeError(fault.Reason, fault.Detail);
    }

    /// <inheritdoc/>
    public string TextOf(Fact fact, ReadOnlyMemory<byte> record) =>
        Encoding.UTF8.GetString(ProtobufEvent.Is(record.Span) ? CloudEventWriter.Write(fact) : record.Span);

    /// <inheritdoc/>
    public byte[] EventOf(Fact fact) => CloudEventWriter.Write(fact);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> RecordOf(UndecodableRecord dead) => KeptRecord.BytesOf(dead.Record).Bytes;

    /// <inheritdoc/>
    public string? ReadableOf(UndecodableRecord dead) => RecordOf(dead).Span is var record && ProtobufEvent.Is(record) ? Encoding.UTF8.GetString(ProtobufText.Of(record)) : null;

    private static DecodeResult Dead(DecodeFault fault, ReadOnlySpan<byte> record, Instant arrival, string customer)
    {
        var detail = fault.Detail;
        var dead = new UndecodableRecord
        {
            Reason = fault.Reason,
            Detail = detail.Length <= 1000 ? detail : detail[..999] + "…",
            Record = KeptRecord.Of(record),
            // Only says to which partition the dead letter goes.
            Customer = customer,
            Time = arrival,
        };
        return new DecodeResult(dead, fault, 0);
    }
}
