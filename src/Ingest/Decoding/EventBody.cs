using System.Text;
using System.Text.Json;

namespace ExposureMonitor.Ingest;

/// <summary>How several events stand in one body.</summary>
public enum EventBodyKind
{
    /// <summary>Found out from the bytes.</summary>
    Auto,

    /// <summary>One CloudEvents object.</summary>
    Single,

    /// <summary>A JSON array of them.</summary>
    Batch,

    /// <summary>One to a line.</summary>
    Lines,

    /// <summary>One event in Protobuf, or a message <c>EventBatch</c> of them.</summary>
    Protobuf,
}

/// <summary>Cuts a body into records, so that a bad one spoils none of its neighbours.</summary>
public static class EventBody
{
    /// <summary>The kind that a media type names.</summary>
    public static EventBodyKind KindOf(string? mediaType) => mediaType?.Split(';')[0].Trim().ToLowerInvariant() switch
    {
        "application/cloudevents+json" => EventBodyKind.Single,
        "application/cloudevents-batch+json" => EventBodyKind.Batch,
        "application/x-ndjson" or "application/ndjson" or "application/jsonl" => EventBodyKind.Lines,
        ProtobufEvent.MediaType or "application/x-protobuf" => EventBodyKind.Protobuf,
        _ => EventBodyKind.Auto,
    };

    /// <summary>The records in their order. Blank lines are none.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> body, EventBodyKind kind = EventBodyKind.Auto) => Split(body, kind, out _);

    /// <summary>The records in their order. Blank lines are none.</summary>
    /// <param name="isBatch">False when the body has the form of one event; a batch or lines may hold one event as well.</param>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> body, EventBodyKind kind, out bool isBatch)
    {
        if (kind == EventBodyKind.Protobuf || ProtobufEvent.Is(body.Span))
        {
            isBatch = IsBatchOfMessages(body.Span);
            return isBatch ? Messages(body) : [body];
        }

        if (body.Span.StartsWith(Encoding.UTF8.Preamble)) body = body[3..];
        if (kind == EventBodyKind.Auto) kind = Guess(body.Span);
        isBatch = kind != EventBodyKind.Single;
        return kind switch
        {
            EventBodyKind.Batch => Elements(body),
            EventBodyKind.Lines => Lines(body),
            _ => [body],
        };
    }

    private static EventBodyKind Guess(ReadOnlySpan<byte> body)
    {
        var first = body.IndexOfAnyExcept(" \t\r\n"u8);
        if (first < 0) return EventBodyKind.Single;
        if (body[first] == '[') return EventBodyKind.Batch;
        var rest = body[first..];
        var line = rest.IndexOf((byte)'\n');
        // A first line that is whole by itself, with more behind it, tells lines from one event on several lines.
        return line > 0 && rest[(line + 1)..].IndexOfAnyExcept(" \t\r\n"u8) >= 0 && IsWhole(rest[..line])
            ? EventBodyKind.Lines
            : EventBodyKind.Single;
    }

    private static bool IsWhole(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd(" \t\r"u8);
        return line.Length > 0 && line[^1] == '}' && Ends(line);
    }

    private static bool Ends(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            return reader.Read() && reader.TrySkip() && reader.BytesConsumed == line.Length;
        }
        catch (JsonException)
        {
            // Not one object; but a broken first line of several is more likely than an event that breaks after "}".
            return true;
        }
    }

    private static List<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> body)
    {
        var records = new List<ReadOnlyMemory<byte>>();
        while (body.Length > 0)
        {
            var end = body.Span.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            line = line[..line.Span.TrimEnd(" \t\r"u8).Length];
            if (line.Length > 0) records.Add(line);
        }

        return records;
    }

    private static bool IsBatchOfMessages(ReadOnlySpan<byte> body) => body is [ProtobufEvent.BatchTag, ..];

    /// <summary>The events of an <c>EventBatch</c>. What breaks off is a record of its own, so that it shows as a dead letter.</summary>
    private static List<ReadOnlyMemory<byte>> Messages(ReadOnlyMemory<byte> body)
    {
        var records = new List<ReadOnlyMemory<byte>>();
        var bytes = new byte[body.Length + ProtobufMessage.Padding];
        body.Span.CopyTo(bytes);
        for (var at = 0; at < body.Length;)
        {
            var begun = at;
            if (bytes[at] != ProtobufEvent.BatchTag || ProtobufMessage.Next(bytes, ref at, body.Length, out _, out var record) is not null)
            {
                records.Add(body[begun..]);
                break;
            }

            records.Add(body.Slice(record.At, record.Length));
        }

        return records;
    }

    private static List<ReadOnlyMemory<byte>> Elements(ReadOnlyMemory<byte> body)
    {
        var records = new List<ReadOnlyMemory<byte>>();
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = int.MaxValue });
        var done = 0;
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray) return [body];
            done = (int)reader.BytesConsumed;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                done = (int)reader.BytesConsumed;
                records.Add(body[start..done]);
            }

            while (reader.Read())
            {
                // Anything behind the closing bracket makes the reader throw.
            }
        }
        catch (JsonException)
        {
            // What came before is whole. The rest is one record that is no JSON, so that it shows as a dead letter.
            records.Add(body[done..]);
        }

        return records;
    }
}
