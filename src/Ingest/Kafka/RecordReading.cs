using System.Text;
using Confluent.Kafka;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Ingest;

/// <summary>From a record of a topic to the fact that the journal takes: decoded, checked for its place, with the position that it is known by.</summary>
/// <param name="isRekeyed">The topic was written by the re-keying stage, whose headers count.</param>
internal sealed class RecordReading(IEventDecoder decoder, KeyCheck keys, Func<string, bool> isRekeyed)
{
    /// <summary>The record as a fact; what cannot be read, or stands where it must not, is an <see cref="UndecodableRecord"/>.</summary>
    /// <param name="key">The record's key; <c>null</c> when it has none.</param>
    internal Fact Read(FeedStream stream, ReadOnlyMemory<byte> record, ReadOnlyMemory<byte>? key, Headers? headers, long offset)
    {
        var here = new SourcePosition(stream.Name, offset);
        var position = isRekeyed(stream.Topic) && Origin.Of(headers) is { } origin ? origin : here;
        var fact = decoder.Decode(record, position);
        if (keys.Of(fact, key, stream.Home) is { } fault) return Dead(fault.Reason, fault.Detail, record.Span, fact.Customer, fact.EventId, fact.Source, position);
        // What carries authority waits for all before it: it keeps the place by which it is waited for, and its version tells it again.
        if (SecondPerson.CarriesAuthority(fact)) fact.Position = here;
        return fact;
    }

    /// <inheritdoc cref="Read(FeedStream, ReadOnlyMemory{byte}, ReadOnlyMemory{byte}?, Headers?, long)"/>
    internal Fact Read(FeedStream stream, ConsumeResult<byte[], byte[]> result) =>
        Read(stream, result.Message.Value, result.Message.Key is { } key ? new ReadOnlyMemory<byte>(key) : null, result.Message.Headers, result.Offset.Value);

    /// <summary>A record that must not be touched any more.</summary>
    internal UndecodableRecord Lost(FeedStream stream, ConsumeResult<byte[], byte[]> result)
    {
        var customer = result.Message.Key is { Length: <= Ids.LengthMax } key && Encoding.Latin1.GetString(key) is var text && Ids.IsValid(text) ? text : "";
        return Dead(DecodeReasons.Quarantined, "The process ended twice while exactly this record was tried.", result.Message.Value ?? [], customer, "", "", new SourcePosition(stream.Name, result.Offset.Value));
    }

    /// <summary>The record as its producer wrote it: what a proposal keeps.</summary>
    internal string Written(Fact fact, ReadOnlyMemory<byte> record) => decoder.TextOf(fact, record);

    private static UndecodableRecord Dead(string reason, string detail, ReadOnlySpan<byte> record, string customer, string eventId, string source, SourcePosition position) => new()
    {
        Reason = reason, Detail = detail, Record = KeptRecord.Of(record), Customer = customer, EventId = eventId, Source = source, Position = position,
    };
}

/// <summary>Where a re-keyed record stood first: the header that the re-keying stage writes.</summary>
internal static class Origin
{
    /// <summary>Name of the header.</summary>
    internal const string Header = "exposure-origin";

    internal static byte[] Write(SourcePosition origin) => Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{origin.Stream}:{origin.Offset}"));

    /// <summary>The origin of a record; <c>null</c> when it has none, or one that cannot be read.</summary>
    internal static SourcePosition? Of(Headers? headers)
    {
        if (headers is null || !headers.TryGetLastBytes(Header, out var bytes) || bytes.Length > 400) return null;
        var text = Encoding.ASCII.GetString(bytes);
        var cut = text.LastIndexOf(':');
        return cut > 0 && SourcePosition.KafkaOf(text[..cut]) is not null
            && long.TryParse(text.AsSpan(cut + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var offset)
            ? new SourcePosition(text[..cut], offset) : null;
    }
}
