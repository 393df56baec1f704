using System.Text;
using Confluent.Kafka;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Decisions, signals and dead letters to their topics: keyed by customer, so that each customer's stand in one partition in
/// their order, by a producer that waits for all replicas and never writes a record twice by itself.
/// </summary>
public sealed class KafkaOutbox : IOutboxSink
{
    private const int FullWaitMs = 20;

    private readonly KafkaOptions _options;
    private readonly string _source;
    private readonly Headers _headers = [new Header("content-type", "application/cloudevents+json"u8.ToArray())];
    private readonly Lock _gate = new();
    private readonly HashSet<Batch> _onTheirWay = [];
    private IProducer<byte[]?, byte[]> _producer;
    private volatile string _trouble = "";
    private bool _disposed;

    private KafkaOutbox(KafkaOptions options, string environment)
    {
        (_options, _source) = (options, OutboxMessage.SourceOf(environment));
        _producer = Build();
    }

    /// <summary>Checks the topics that are written.</summary>
    /// <param name="environment">Id of the installation.</param>
    /// <exception cref="KafkaRefusedException">They are not as they have to be; the message says what to do.</exception>
    public static async Task<KafkaOutbox> OpenAsync(KafkaOptions options, string environment)
    {
        await KafkaTopics.CheckWrittenAsync(options);
        return new KafkaOutbox(options, environment);
    }

    /// <inheritdoc/>
    public string Name => "kafka";

    /// <inheritdoc/>
    public IReadOnlyList<string> Targets => _options.Written;

    /// <inheritdoc/>
    public string Trouble => _trouble;

    /// <inheritdoc/>
    public string TargetOf(OutboxRow row) =>
        row.IsDeadLetter ? _options.DeadLetters : row.Kind.StartsWith("credit.signal.", StringComparison.Ordinal) ? _options.Signals : _options.Decisions;

    /// <inheritdoc/>
    public async Task SendAsync(IReadOnlyList<OutboxRow> rows, CancellationToken cancel)
    {
        Batch batch;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _onTheirWay.Add(batch = new Batch(_producer, rows.Count));
        }

        try
        {
            foreach (var row in rows)
            {
                var message = new Message<byte[]?, byte[]> { Key = row.Customer.Length > 0 ? Encoding.UTF8.GetBytes(row.Customer) : null, Value = OutboxMessage.Write(row, _source), Headers = _headers };
                while (!TryProduce(batch, TargetOf(row), message)) await Task.Delay(FullWaitMs, cancel);
                if (batch.Failed) break;
            }

            await batch.Done.Task.WaitAsync(cancel);
            _trouble = "";
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            _trouble = failed.Message;
            Renew(batch.Producer);
            throw;
        }
        finally
        {
            lock (_gate) _onTheirWay.Remove(batch);
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate) _disposed = true;
        // What the brokers have not taken yet goes again from the cursor at the next start.
        _producer.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>False while too many records are on their way.</summary>
    private static bool TryProduce(Batch batch, string topic, Message<byte[]?, byte[]> message)
    {
        try
        {
            batch.Producer.Produce(topic, message, batch.Told);
            return true;
        }
        catch (ProduceException<byte[]?, byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
        {
            return batch.Failed;
        }
        catch (ProduceException<byte[]?, byte[]> failed)
        {
            batch.Fail(topic, failed.Error);
            return true;
        }
        catch (ObjectDisposedException)
        {
            batch.Fail(topic, new Error(ErrorCode.Local_Destroy, "the producer was replaced after another failure"));
            return true;
        }
    }

    private IProducer<byte[]?, byte[]> Build() => new ProducerBuilder<byte[]?, byte[]>(_options.Outbox())
        .SetKeySerializer(new Keys())
        .SetLogHandler((_, _) => { })
        .SetErrorHandler((_, error) => Note(error))
        .Build();

    /// <summary>What the client says by itself: while brokers are away nothing else tells why nothing is confirmed.</summary>
    private void Note(Error error)
    {
        if (error.IsFatal || error.Code is ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Authentication or ErrorCode.Local_Ssl) _trouble = error.Reason;
    }

    /// <summary>
    /// A producer that failed a record has given up all records behind it, and takes no more: another one begins, and every
    /// batch that was on its way goes again from its first record.
    /// </summary>
    private void Renew(IProducer<byte[]?, byte[]> failed)
    {
        Batch[] lost;
        lock (_gate)
        {
            if (_producer != failed || _disposed) return;
            _producer = Build();
            lost = [.. _onTheirWay.Where(b => b.Producer == failed)];
        }

        // Beside: it waits for its thread, which may be in the middle of telling.
        _ = Task.Run(() =>
        {
            failed.Dispose();
            foreach (var batch in lost) batch.Fail(_options.Bootstrap, new Error(ErrorCode.Local_Destroy, "the producer was replaced after another failure"));
        });
    }

    /// <summary>Records that were sent together and have no answer yet.</summary>
    private sealed class Batch(IProducer<byte[]?, byte[]> producer, int count)
    {
        private int _left = count;
        private Action<DeliveryReport<byte[]?, byte[]>>? _told;

        internal IProducer<byte[]?, byte[]> Producer => producer;

        /// <summary>Hears what became of each record; one for all of them.</summary>
        internal Action<DeliveryReport<byte[]?, byte[]>> Told => _told ??= Hear;

        internal TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal bool Failed => Done.Task.IsFaulted;

        private void Hear(DeliveryReport<byte[]?, byte[]> report)
        {
            if (report.Error.IsError) Fail(report.Topic, report.Error);
            else if (Interlocked.Decrement(ref _left) == 0) Done.TrySetResult();
        }

        internal void Fail(string topic, Error error) => Done.TrySetException(new OutboxFailedException(
            $"{topic}: {error.Reason}{(error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic ? "; `exposure kafka topics --create` makes what is missing" : "")}"));
    }

    private sealed class Keys : ISerializer<byte[]?>
    {
        public byte[] Serialize(byte[]? data, SerializationContext context) => data!;
    }
}
