using System.Globalization;
using System.Text;
using Confluent.Kafka;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Ingest;

/// <summary>
/// The re-keying stage: copies a topic that is keyed by something else than the customer to one that the feed reads, keyed by
/// customer, with the place of origin in a header. It reads on from what it has committed after all replicas had the copies, so
/// that a record may be copied twice and none is left out; the origin tells the feed which it has taken.
/// </summary>
/// <remarks>
/// Why the highest origin per partition suffices to tell: copies of one origin partition reach each partition of the other topic
/// in the order of their offsets, except for those that come again behind, because the producer lets none overtake another and
/// nothing is committed before it is there. That holds for two stages at once, too.
/// </remarks>
public sealed class Rekeyer : IDisposable
{
    private const int RoundMax = 2_000, WaitMs = 100, CoordinatorAskedMax = 300;

    private readonly KafkaOptions _options;
    private readonly IEventDecoder _decoder;
    private readonly KafkaTopic _from, _to;
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly IProducer<byte[]?, byte[]?> _producer;

    private Rekeyer(KafkaOptions options, IEventDecoder decoder, KafkaTopic from, KafkaTopic to)
    {
        (_options, _decoder, _from, _to) = (options, decoder, from, to);
        var config = options.Careful("");
        // A topic that was made again has another id, and so no committed offsets: it is read from its beginning.
        (config.GroupId, config.EnablePartitionEof, config.ConsumeResultFields) = ($"exposure-rekey-{from.Id}-{to.Name}", false, "timestamp,headers");
        _consumer = new ConsumerBuilder<byte[]?, byte[]?>(config).SetLogHandler((_, _) => { }).Build();
        _producer = new ProducerBuilder<byte[]?, byte[]?>(options.Outbox()).SetKeySerializer(new Bytes()).SetValueSerializer(new Bytes()).SetLogHandler((_, _) => { }).Build();
    }

    /// <summary>Records that were copied since it began, repetitions included.</summary>
    public long Copied { get; private set; }

    /// <summary>For tests: copies are confirmed, and nothing is committed yet.</summary>
    internal Action BeforeCommit { get; init; } = () => { };

    /// <summary>Checks both topics.</summary>
    /// <param name="from">Name of the topic of origin.</param>
    /// <param name="to">Name of a topic that the feed reads.</param>
    /// <exception cref="KafkaRefusedException">One does not exist, or the second is none that the feed reads.</exception>
    public static Task<Rekeyer> OpenAsync(KafkaOptions options, IEventDecoder decoder, string from, string to) => OpenAsync(options, decoder, from, to, () => { });

    internal static async Task<Rekeyer> OpenAsync(KafkaOptions options, IEventDecoder decoder, string from, string to, Action beforeCommit)
    {
        if (to == options.Global || !options.Read.Contains(to))
            throw new KafkaRefusedException($"--to {to}: expected a topic that is read by customer: {string.Join(", ", options.Read.Where(t => t != options.Global))}.");
        if (options.Read.Contains(from)) throw new KafkaRefusedException($"--from {from}: the feed reads it itself.");
        try
        {
            var topics = await KafkaTopics.DescribeAsync(options, [from, to]);
            return new Rekeyer(options, decoder, topics[0], topics[1]) { BeforeCommit = beforeCommit };
        }
        catch (KafkaRefusedException missing) when (missing.Missing == from)
        {
            throw new KafkaRefusedException($"--from {from}: there is no such topic.", missing);
        }
    }

    /// <summary>Copies until it is stopped, or with <paramref name="untilEnd"/> what is there now.</summary>
    /// <exception cref="KafkaRefusedException">Records were deleted before they were copied, or a broker refuses; what was committed stands.</exception>
    public void Run(bool untilEnd, CancellationToken cancel)
    {
        try
        {
            CopyAll(untilEnd, cancel);
        }
        catch (KafkaException away)
        {
            throw new KafkaRefusedException($"{_from.Name} cannot be copied on: {away.Error.Reason}. What was committed stands; start it again.", away);
        }
    }

    private void CopyAll(bool untilEnd, CancellationToken cancel)
    {
        var ends = Begin();
        var next = new Dictionary<int, long>();
        while (!cancel.IsCancellationRequested)
        {
            var round = Round(next);
            if (round.Count > 0)
            {
                Send(round, cancel);
                BeforeCommit();
                WithCoordinator(() => _consumer.Commit(next.Select(n => new TopicPartitionOffset(_from.Name, n.Key, n.Value))));
                Copied += round.Count;
            }

            if (untilEnd && ends.All(e => next.GetValueOrDefault(e.Key, -1) >= e.Value)) return;
            // The last offsets of a partition may be marks of transactions, which nobody reads.
            if (untilEnd && round.Count == 0 && ends.All(e => _consumer.Position(new TopicPartition(_from.Name, e.Key)).Value >= e.Value)) return;
        }
    }

    /// <summary>Goes on behind what was committed. Returns where each partition that has something to copy ends now.</summary>
    private Dictionary<int, long> Begin()
    {
        var ends = new Dictionary<int, long>();
        var begin = new List<TopicPartitionOffset>();
        List<TopicPartitionOffset> known = [];
        WithCoordinator(() => known = _consumer.Committed(Enumerable.Range(0, _from.Partitions).Select(p => new TopicPartition(_from.Name, p)), TimeSpan.FromSeconds(10)));
        foreach (var committed in known)
        {
            var range = OffsetRange.Of(_consumer, committed.TopicPartition);
            if (committed.Offset.Value >= 0 && committed.Offset < range.Low)
                throw new KafkaRefusedException(string.Create(CultureInfo.InvariantCulture,
                    $"{_from.Name}[{committed.Partition.Value}]: copied up to offset {committed.Offset.Value - 1}, the broker has records from {range.Low.Value} on: those between were deleted by retention. Tell them by `exposure replay`, then reset the offsets of the group exposure-rekey-{_from.Id}-{_to.Name}."));
            var first = committed.Offset.Value >= 0 ? committed.Offset.Value : range.Low.Value;
            begin.Add(new TopicPartitionOffset(committed.TopicPartition, first));
            if (range.High.Value > first) ends[committed.Partition.Value] = range.High.Value;
        }

        _consumer.Assign(begin);
        return ends;
    }

    /// <summary>Asks again while the broker that keeps the offsets is being chosen.</summary>
    private static void WithCoordinator(Action ask)
    {
        for (var asked = 0; ; asked++)
        {
            try
            {
                ask();
                return;
            }
            catch (KafkaException moving) when (asked < CoordinatorAskedMax && moving.Error.Code is ErrorCode.NotCoordinatorForGroup or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.GroupLoadInProgress)
            {
                Thread.Sleep(WaitMs);
            }
        }
    }

    private List<ConsumeResult<byte[]?, byte[]?>> Round(Dictionary<int, long> next)
    {
        var round = new List<ConsumeResult<byte[]?, byte[]?>>();
        try
        {
            while (round.Count < RoundMax && _consumer.Consume(round.Count == 0 ? WaitMs : 0) is { } result)
            {
                round.Add(result);
                next[result.Partition.Value] = result.Offset.Value + 1;
            }
        }
        catch (ConsumeException failed)
        {
            throw new KafkaRefusedException($"{_from.Name} cannot be read on: {failed.Error.Reason}.", failed);
        }

        return round;
    }

    /// <summary>Writes copies and waits until every replica has all of them.</summary>
    private void Send(IReadOnlyList<ConsumeResult<byte[]?, byte[]?>> round, CancellationToken cancel)
    {
        var (left, failure) = (round.Count, (Error?)null);
        foreach (var result in round) Produce(Copy(result), report =>
        {
            if (report.Error.IsError) Interlocked.CompareExchange(ref failure, report.Error, null);
            Interlocked.Decrement(ref left);
        });
        while (Volatile.Read(ref left) > 0 && Volatile.Read(ref failure) is null)
        {
            cancel.ThrowIfCancellationRequested();
            _producer.Flush(TimeSpan.FromMilliseconds(WaitMs));
        }

        if (failure is { } why) throw new KafkaRefusedException($"{_to.Name} does not take copies: {why.Reason}.");
    }

    private void Produce((TopicPartition To, Message<byte[]?, byte[]?> Message) copy, Action<DeliveryReport<byte[]?, byte[]?>> done)
    {
        while (true)
        {
            try
            {
                _producer.Produce(copy.To, copy.Message, done);
                return;
            }
            catch (ProduceException<byte[]?, byte[]?> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                _producer.Flush(TimeSpan.FromMilliseconds(WaitMs));
            }
            catch (ProduceException<byte[]?, byte[]?> failed)
            {
                throw new KafkaRefusedException($"{_to.Name} does not take copies: {failed.Error.Reason}.", failed);
            }
        }
    }

    /// <summary>
    /// The record under its customer. One whose customer cannot be read goes on without a key, in a partition that its origin
    /// chooses: the feed makes it a dead letter. Nothing is left out.
    /// </summary>
    private (TopicPartition, Message<byte[]?, byte[]?>) Copy(ConsumeResult<byte[]?, byte[]?> result)
    {
        var origin = new SourcePosition(SourcePosition.OfKafka(_from.Name, _from.Id, result.Partition.Value), result.Offset.Value);
        var customer = _decoder.Decode(result.Message.Value ?? [], origin).Customer;
        var isKnown = Ids.IsValid(customer);
        var headers = new Headers();
        // An origin that somebody else wrote is not ours.
        foreach (var header in result.Message.Headers ?? [])
            if (header.Key != Origin.Header) headers.Add(header);
        headers.Add(Origin.Header, Origin.Write(origin));
        var partition = isKnown ? Ids.PartitionOf(customer, _to.Partitions) : result.Partition.Value % _to.Partitions;
        return (new TopicPartition(_to.Name, partition), new Message<byte[]?, byte[]?>
        {
            // The time of the original: a copy of something old is a backlog, not news.
            Key = isKnown ? Encoding.ASCII.GetBytes(customer) : null, Value = result.Message.Value, Headers = headers, Timestamp = result.Message.Timestamp,
        });
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
        _producer.Dispose();
    }

    private sealed class Bytes : ISerializer<byte[]?>
    {
        public byte[] Serialize(byte[]? data, SerializationContext context) => data!;
    }
}
