using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Ingest;

/// <summary>CloudEvents 1.0 in JSON to facts. Stateless and safe from any thread.</summary>
public sealed class EventDecoder : IEventDecoder
{
    /// <summary>Largest record, in bytes.</summary>
    public const int RecordMax = 256 * 1024;

    private const int KeptOfRecord = 48 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <inheritdoc/>
    public Fact Decode(ReadOnlyMemory<byte> record, SourcePosition position)
    {
        var fact = Read(record, out var error, out var customer);
        if (error is not null)
            fact = new UndecodableRecord { Reason = error.Reason, Detail = Cut(error.Detail), Record = TextOf(record), Customer = customer };
        fact!.Position = position;
        return fact;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> body, string contentType)
    {
        var records = new List<ReadOnlyMemory<byte>>();
        if (contentType.Contains("ndjson", StringComparison.OrdinalIgnoreCase) || contentType.Contains("jsonl", StringComparison.OrdinalIgnoreCase))
        {
            while (!body.IsEmpty)
            {
                var end = body.Span.IndexOf((byte)'\n');
                var line = end < 0 ? body : body[..end];
                body = end < 0 ? default : body[(end + 1)..];
                if (!line.Span.Trim(" \t\r"u8).IsEmpty) records.Add(line);
            }

            return records;
        }

        var start = body.Span.IndexOfAnyExcept(" \t\r\n"u8);
        if (start < 0 || body.Span[start] != (byte)'[') return [body];
        try
        {
            var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = 33 });
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var from = (int)reader.TokenStartIndex;
                reader.Skip();
                records.Add(body[from..(int)reader.BytesConsumed]);
            }

            return records;
        }
        catch (JsonException)
        {
            // The whole body is one bad record then: nothing of it is guessed.
            return [body];
        }
    }

    /// <inheritdoc/>
    public DecodeError? Fill(Command command, ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            var reader = new JsonFieldReader();
            reader.Read(document.RootElement, command, "$");
            if (reader.Error is not null) return reader.Error;
            return reader.Unknown == 0 ? null : new DecodeError("UNKNOWN_MEMBER", $"$: {reader.Unknown} member(s) that this command does not have.");
        }
        catch (JsonException broken)
        {
            return Broken(broken);
        }
    }

    private static Fact? Read(ReadOnlyMemory<byte> record, out DecodeError? error, out string customer)
    {
        (error, customer) = (null, "");
        if (record.Length > RecordMax) error = new DecodeError("TOO_LARGE", $"$: {record.Length} bytes; at most {RecordMax}.");
        else if (record.Span.Trim(" \t\r\n"u8).IsEmpty || record.Span.SequenceEqual("null"u8)) error = new DecodeError("NULL_BODY", "$: the record has no body.");
        if (error is not null) return null;
        try
        {
            using var document = JsonDocument.Parse(record, Strict);
            return Read(document.RootElement, out error, out customer);
        }
        catch (JsonException broken)
        {
            error = Broken(broken);
            return null;
        }
    }

    private static Fact? Read(JsonElement root, out DecodeError? error, out string customer)
    {
        (error, customer) = (null, "");
        if (root.ValueKind != JsonValueKind.Object) return Wrong("BAD_ENVELOPE", "$: expected an object.", out error);
        if (Text(root, "subject") is { } subject && Ids.IsValid(subject)) customer = subject;
        if (Text(root, "specversion") is { } version && version != "1.0") return Wrong("BAD_ENVELOPE", "$.specversion: expected 1.0.", out error);
        if (Text(root, "id") is not { Length: > 0 and <= 200 } id) return Wrong("BAD_ENVELOPE", "$.id: expected text of 1 to 200 characters.", out error);
        if (Text(root, "source") is not { Length: > 0 and <= 200 } source) return Wrong("BAD_ENVELOPE", "$.source: expected text of 1 to 200 characters.", out error);
        if (Text(root, "type") is not { Length: > 0 } type) return Wrong("BAD_ENVELOPE", "$.type: expected the type of the event.", out error);
        if (FactCatalogue.Find(type) is not { IsEvent: true } entry) return Wrong("UNKNOWN_TYPE", $"$.type: '{Cut(type)}' is no event type.", out error);
        if (!root.TryGetProperty("time", out var told) || !JsonFieldReader.TryGetMoment(told, out var time))
            return Wrong("BAD_TIME", "$.time: expected a moment of RFC 3339.", out error);
        if (!root.TryGetProperty("data", out var data)) return Wrong("MISSING_FIELD", "$.data: expected an object.", out error);

        var fact = entry.Create();
        if (customer.Length == 0 && fact is not HouseFact) return Wrong("NO_SUBJECT", "$.subject: expected the customer's id.", out error);
        var reader = new JsonFieldReader();
        reader.Read(data, fact, "$.data");
        error = reader.Error;
        (fact.Customer, fact.EventId, fact.Source, fact.Time) = (fact is HouseFact ? "" : customer, id, source, time);
        return fact;
    }

    private static Fact? Wrong(string reason, string detail, out DecodeError? error)
    {
        error = new DecodeError(reason, detail);
        return null;
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var element) && element.ValueKind == JsonValueKind.String && JsonFieldReader.TryGetText(element, out var text) ? text : null;

    private static DecodeError Broken(JsonException broken)
    {
        var reason = broken.Message.Contains("maximum configured depth", StringComparison.OrdinalIgnoreCase) ? "TOO_DEEP"
            : broken.Message.Contains("duplicate", StringComparison.OrdinalIgnoreCase) ? "DUPLICATE_KEY" : "NOT_JSON";
        return new DecodeError(reason, $"line {(broken.LineNumber ?? 0) + 1}, byte {broken.BytePositionInLine ?? 0}: {Cut(broken.Message)}");
    }

    private static string Cut(string text) => text.Length <= 400 ? text : text[..400];

    private static string TextOf(ReadOnlyMemory<byte> record)
    {
        var kept = record.Length > KeptOfRecord ? record[..KeptOfRecord] : record;
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(kept.Span);
        }
        catch (DecoderFallbackException)
        {
            return "base64:" + Convert.ToBase64String(kept.Span);
        }
    }
}
