using Confluent.Kafka;

namespace ExposureMonitor.Chaos;

/// <summary>Reads the topics that the product writes, each time on from where it was, to the end that they have then.</summary>
internal sealed class TopicReader : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly IConsumer<byte[]?, byte[]> _consumer;
    private readonly Dictionary<TopicPartition, long> _next = [];

    /// <summary>Begins at the ends that the topics have now.</summary>
    internal TopicReader(string bootstrap, params string[] topics)
    {
        var config = new ConsumerConfig { BootstrapServers = bootstrap, GroupId = "chaos", EnableAutoCommit = false, AutoOffsetReset = AutoOffsetReset.Error, FetchWaitMaxMs = 50, ReconnectBackoffMaxMs = 500 };
        _consumer = new ConsumerBuilder<byte[]?, byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).SetLogHandler((_, _) => { }).Build();
        foreach (var topic in topics)
        {
            foreach (var partition in admin.GetMetadata(topic, Patience).Topics[0].Partitions)
            {
                var at = new TopicPartition(topic, partition.PartitionId);
                _next[at] = End(at);
            }
        }
    }

    /// <summary>Reads what has come since.</summary>
    /// <exception cref="RigException">The broker does not give it.</exception>
    internal void ReadOn(Action<Message> take)
    {
        var ends = _next.Keys.ToDictionary(p => p, End);
        foreach (var (at, end) in ends)
            if (end < _next[at]) throw new RigException($"{at} ends at {end} and was read up to {_next[at]}: the broker has lost records.");
        var left = ends.Where(e => e.Value > _next[e.Key]).Select(e => e.Key).ToHashSet();
        if (left.Count == 0) return;
        _consumer.Assign(left.Select(at => new TopicPartitionOffset(at, _next[at])));
        var limit = Clock.Now + 60_000;
        while (left.Count > 0)
        {
            if (Clock.Now > limit) throw new RigException($"{left.First()} is not read to its end, a minute long.");
            if (ConsumeOne() is not { } record) continue;
            var at = record.TopicPartition;
            // What came behind the end that was asked for is read the next time.
            if (!left.Contains(at)) continue;
            take(new Message(record.Topic, record.Partition.Value, record.Offset.Value, record.Message.Key, record.Message.Value));
            limit = Clock.Now + 60_000;
            if ((_next[at] = record.Offset.Value + 1) >= ends[at]) left.Remove(at);
        }

        _consumer.Unassign();
    }

    private ConsumeResult<byte[]?, byte[]>? ConsumeOne()
    {
        try
        {
            return _consumer.Consume(100);
        }
        catch (ConsumeException failed) when (!failed.Error.IsFatal && failed.Error.Code != ErrorCode.Local_AutoOffsetReset)
        {
            // A broker that was killed a moment ago: the client comes back by itself.
            return null;
        }
    }

    private long End(TopicPartition at)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return _consumer.QueryWatermarkOffsets(at, Patience).High.Value;
            }
            catch (KafkaException) when (tries < 100)
            {
                // A topic that was made, or a broker that came back, a moment ago.
                Thread.Sleep(300);
            }
        }
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }
}
