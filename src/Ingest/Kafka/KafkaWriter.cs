using System.Text.Json;
using Confluent.Kafka;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>Writes events to the topics that the feed reads: each to the topic of its type, keyed by its customer. For generated books and replays.</summary>
public sealed class KafkaWriter : IDisposable
{
    private readonly KafkaOptions _options;
    private readonly IProducer<byte[]?, byte[]> _producer;
    private long _written;
    private volatile string? _failure;

    /// <summary>A producer that waits for all replicas and never writes a record twice.</summary>
    public KafkaWriter(KafkaOptions options)
    {
        _options = options;
        _producer = new ProducerBuilder<byte[]?, byte[]>(options.Producer()).SetKeySerializer(new Bytes()).SetLogHandler((_, _) => { }).Build();
    }

    /// <summary>The same, once a broker has said that the topics are there.</summary>
    /// <exception cref="KafkaRefusedException">One is missing, or no broker answers.</exception>
    public static async Task<KafkaWriter> OpenAsync(KafkaOptions options)
    {
        await KafkaTopics.DescribeAsync(options);
        return new KafkaWriter(options);
    }

    /// <summary>Records that every replica has.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>The topic of an event type; what cannot be told goes to the receivables, and becomes a dead letter there.</summary>
    public string TopicOf(string type)
    {
        if (FactCatalogue.Find(type) is { } entry && entry.Type.IsSubclassOf(typeof(HouseFact))) return _options.Global;
        var noun = type.Split('.') is [_, var found, ..] ? found : "";
        return noun switch
        {
            "order" or "delivery" or "return" => _options.Orders,
            "customer" or "limit" or "temporary-limit" or "seasonal-limit" or "terms" or "moratorium" or "cover" or "rating" or "financial-statement" or "external-signal" or "review" => _options.Reference,
            _ => _options.Receivables,
        };
    }

    /// <summary>Writes an event, in JSON or in Protobuf; waits while too many are on their way.</summary>
    /// <exception cref="KafkaRefusedException">The broker did not take an earlier one.</exception>
    public void Write(byte[] record)
    {
        var (type, subject) = Envelope(record);
        var message = new Message<byte[]?, byte[]> { Key = subject, Value = record };
        while (true)
        {
            if (_failure is { } failure) throw new KafkaRefusedException(failure);
            try
            {
                _producer.Produce(TopicOf(type), message, report =>
                {
                    if (report.Error.IsError) _failure ??= $"{report.Topic}: {report.Error.Reason}";
                    else Interlocked.Increment(ref _written);
                });
                return;
            }
            catch (ProduceException<byte[]?, byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                _producer.Poll(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    /// <summary>Waits until every replica has all of them.</summary>
    /// <exception cref="KafkaRefusedException">The broker did not take one.</exception>
    public void Flush(CancellationToken cancel)
    {
        _producer.Flush(cancel);
        if (_failure is { } failure) throw new KafkaRefusedException(failure);
    }

    public void Dispose() => _producer.Dispose();

    /// <summary>Type and customer of a record, as far as they can be read: a poison record is written all the same.</summary>
    private static (string Type, byte[]? Subject) Envelope(byte[] record)
    {
        if (ProtobufEvent.Is(record)) return ProtobufEvent.Peek(record);
        var (type, subject) = ("", (byte[]?)null);
        try
        {
            var reader = new Utf8JsonReader(record);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return (type, subject);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isType, isSubject) = (reader.ValueTextEquals("type"u8), reader.ValueTextEquals("subject"u8));
                reader.Read();
                if (isType && reader.TokenType == JsonTokenType.String) type = reader.GetString()!;
                if (isSubject && reader.TokenType == JsonTokenType.String) subject = System.Text.Encoding.UTF8.GetBytes(reader.GetString()!);
                reader.Skip();
            }
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // What was read so far stands.
        }

        return (type, subject);
    }

    private sealed class Bytes : ISerializer<byte[]?>
    {
        public byte[] Serialize(byte[]? data, SerializationContext context) => data!;
    }
}
