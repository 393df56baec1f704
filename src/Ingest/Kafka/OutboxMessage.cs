using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Ingest;

/// <summary>A row of the outbox as a CloudEvents 1.0 record in JSON: the contract with whoever reads the topics (docs/kafka.md).</summary>
public static class OutboxMessage
{
    /// <summary>Type of every dead letter; its reason stands in the data.</summary>
    public const string DeadLetterType = "credit.dead-letter.noted.v1";

    /// <summary>Largest message, in bytes: what brokers take unless told otherwise, with room for the envelope of the protocol.</summary>
    public const int Max = 900_000;

    /// <summary>Members of the row of a dead letter that have a name of their own in the message.</summary>
    private static readonly HashSet<string> OfDeadLetter = new(StringComparer.Ordinal)
    {
        "id", "type", "customer", "at", "outcome", "reasonCode", "outcomeDetail", "eventId", "source", "time", "stream", "offset", "reason", "detail", "record", "entry", "waitedFor",
    };

    /// <summary>The <c>source</c> of all messages of an installation: with the id it names a message for ever.</summary>
    public static string SourceOf(string environment) => "exposure:" + environment;

    /// <summary>The record.</summary>
    /// <exception cref="JsonException">The row is damaged.</exception>
    public static byte[] Write(OutboxRow row, string source)
    {
        var message = Write(row, source, cut: false);
        // Nothing is skipped for its size: without its data it still says what there is to fetch.
        return message.Length <= Max ? message : Write(row, source, cut: true);
    }

    private static byte[] Write(OutboxRow row, string source, bool cut) => JsonBytes.ObjectOf(json =>
    {
        json.WriteString("specversion", "1.0");
        json.WriteString("id", row.Id);
        json.WriteString("source", source);
        json.WriteString("type", row.IsDeadLetter ? DeadLetterType : row.Kind);
        if (row.Customer.Length > 0) json.WriteString("subject", row.Customer);
        json.WriteString("time", row.At.ToString());
        json.WriteString("datacontenttype", "application/json");
        // An extension: where it stands in the journal, for /entries of the API and for auditors.
        json.WriteString("entry", row.Entry.ToString());
        json.WriteStartObject("data");
        if (row.IsDeadLetter) DeadLetter(json, row, cut);
        else if (cut) json.WriteBoolean("cut", true);
        else if (row.Row.Effect() is { } effect) effect.Describe(new JsonFieldWriter(json));
        else Members(json, row.Row.Body.Span);
        json.WriteEndObject();
    });

    /// <summary>Copies the members of a row in JSON as they stand, without those of the envelope.</summary>
    private static void Members(Utf8JsonWriter json, ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isData = !(reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("type"u8) || reader.ValueTextEquals("customer"u8) || reader.ValueTextEquals("at"u8));
            if (isData) json.WritePropertyName(reader.GetString()!);
            reader.Read();
            var from = (int)reader.TokenStartIndex;
            reader.Skip();
            // Read just now, so that nobody has to look at it again.
            if (isData) json.WriteRawValue(body[from..(int)reader.BytesConsumed], skipInputValidation: true);
        }
    }

    private static void DeadLetter(Utf8JsonWriter json, OutboxRow row, bool cut)
    {
        using var parsed = JsonDocument.Parse(row.Row.Json());
        var body = parsed.RootElement;
        json.WriteString("reason", row.Kind);
        // A record that could not be read says it twice: as the fact that it became, and as the outcome.
        if (body.TryGetProperty("detail", out var detail) || body.TryGetProperty("outcomeDetail", out detail)) json.WriteString("detail", detail.GetString());
        Position(json, body);
        Copy(json, body, "eventId", "eventId");
        Copy(json, body, "source", "eventSource");
        Copy(json, body, "type", "eventType");
        Copy(json, body, "time", "eventTime");
        // A parked fact that lapsed: the entry that has it, and what it waited for.
        Copy(json, body, "entry", "parkedAt");
        Copy(json, body, "waitedFor", "waitedFor");
        if (cut)
        {
            json.WriteBoolean("cut", true);
            return;
        }

        if (body.TryGetProperty("record", out var record)) json.WriteString(KeptRecord.BytesOf(record.GetString()!).IsBase64 ? "recordBase64" : "record", record.GetString());
        var any = false;
        foreach (var member in body.EnumerateObject())
        {
            if (OfDeadLetter.Contains(member.Name)) continue;
            if (!any) json.WriteStartObject("event");
            any = true;
            member.WriteTo(json);
        }

        if (any) json.WriteEndObject();
    }

    private static void Position(Utf8JsonWriter json, JsonElement body)
    {
        if (!body.TryGetProperty("stream", out var told) || told.GetString() is not { } stream) return;
        json.WriteStartObject("position");
        json.WriteString("stream", stream);
        if (SourcePosition.KafkaOf(stream) is { } kafka)
        {
            json.WriteString("topic", kafka.Topic);
            json.WriteString("topicId", kafka.TopicId);
            json.WriteNumber("partition", kafka.Partition);
        }

        if (body.TryGetProperty("offset", out var offset)) json.WriteNumber("offset", offset.GetInt64());
        json.WriteEndObject();
    }

    private static void Copy(Utf8JsonWriter json, JsonElement body, string from, string to)
    {
        if (body.TryGetProperty(from, out var told) && told.ValueKind == JsonValueKind.String) json.WriteString(to, told.GetString());
    }
}
