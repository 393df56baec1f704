using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>A fact as a CloudEvents 1.0 record in JSON: the counterpart of <see cref="EventDecoder"/>.</summary>
public static class CloudEventWriter
{
    // Text is readable in any alphabet; quotes and control characters are still escaped. It is never put into HTML.
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Readable = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true, NewLine = "\n",
    };

    /// <summary>The record as bytes, on one line unless <paramref name="indented"/>.</summary>
    public static byte[] Write(Fact fact, bool indented = false)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        Write(fact, buffer, indented);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Appends the record to a buffer.</summary>
    public static void Write(Fact fact, IBufferWriter<byte> buffer, bool indented = false)
    {
        using var json = new Utf8JsonWriter(buffer, indented ? Readable : Compact);
        json.WriteStartObject();
        json.WriteString("specversion", "1.0");
        json.WriteString("id", fact.EventId);
        json.WriteString("type", FactCatalogue.WireTypeOf(fact));
        json.WriteString("source", fact.Source);
        if (fact.Customer.Length > 0) json.WriteString("subject", fact.Customer);
        json.WriteString("time", fact.Time.ToString());
        json.WritePropertyName("data");
        new EventFieldWriter(json).Write(fact);
        json.WriteEndObject();
    }
}
