using System.Globalization;
using System.Text;
using Confluent.Kafka;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Looks at the newest keys of a topic before it is read. A producer that partitions by another hash would make a dead letter of nearly
/// every record; it is told at the start instead. Single keys in the wrong place stay a matter of each record.
/// </summary>
internal static class KeySample
{
    /// <summary>Newest records of a partition that are looked at, and how many of all are enough to judge by.</summary>
    private const int Each = 4, Least = 10;

    /// <summary>Partitions that are looked at: a wrong hash shows in each of them, and each costs the batch that its newest records stand in.</summary>
    private const int PartitionsMax = 16;

    /// <summary>A broker that has no more says so at once: the service waits for this look before it reads.</summary>
    private const int FetchWaitMs = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5), Wait = TimeSpan.FromMilliseconds(200);

    /// <exception cref="KafkaRefusedException">Most keys stand in other partitions than murmur2 puts them.</exception>
    internal static void Check(KafkaOptions options, string environment, KafkaTopic topic)
    {
        if (topic.Partitions == 1) return;
        var (looked, wrong, example) = (0, 0, "");
        foreach (var (key, partition) in Newest(options, environment, topic))
        {
            var wanted = Ids.PartitionOf(key, topic.Partitions);
            looked++;
            if (wanted == partition) continue;
            if (wrong++ == 0) example = string.Create(CultureInfo.InvariantCulture, $"'{key}' stands in {partition} and belongs in {wanted}");
        }

        if (looked < Least || wrong * 2 <= looked) return;
        throw new KafkaRefusedException(string.Create(CultureInfo.InvariantCulture,
            $"{topic.Name}: of {looked} keys that were looked at {wrong} stand in other partitions than Kafka's murmur2 puts them ({example}): its producer partitions by another hash. "
            + $"Set the producer's partitioner to murmur2 (librdkafka: partitioner=murmur2_random) and write the records again, or bring them over with: exposure kafka rekey. Where such records are to become dead letters, start with --accept {topic.Name}."));
    }

    private static List<(string Key, int Partition)> Newest(KafkaOptions options, string environment, KafkaTopic topic)
    {
        var keys = new List<(string, int)>();
        using var offsets = new TopicOffsets(options, topic.Name, topic.Partitions);
        var (first, ends) = (offsets.FirstAsync().GetAwaiter().GetResult(), offsets.EndAsync().GetAwaiter().GetResult());
        var filled = Enumerable.Range(0, topic.Partitions).Where(p => ends[p] > first[p]).ToHashSet();
        if (filled.Count == 0) return keys;
        var step = (filled.Count + PartitionsMax - 1) / PartitionsMax;
        filled = filled.Order().Where((_, i) => i % step == 0).ToHashSet();
        var config = options.Careful(environment);
        config.FetchWaitMaxMs = FetchWaitMs;
        using var consumer = new ConsumerBuilder<byte[], Ignore>(config).SetLogHandler((_, _) => { }).Build();
        consumer.Assign(filled.Select(p => new TopicPartitionOffset(topic.Name, p, Math.Max(first[p], ends[p] - Each))));
        for (var begun = Environment.TickCount64; filled.Count > 0 && Environment.TickCount64 - begun < Patience.TotalMilliseconds;)
        {
            ConsumeResult<byte[], Ignore>? result;
            try
            {
                result = consumer.Consume(Wait);
            }
            catch (ConsumeException)
            {
                // What keeps it from being read the feed says with its instruction.
                break;
            }

            if (result is null) continue;
            // The end is told a fetch later than the last record, and alone where a mark of a transaction stands last.
            if (result.IsPartitionEOF || result.Offset.Value >= ends[result.Partition.Value] - 1) filled.Remove(result.Partition.Value);
            if (!result.IsPartitionEOF && result.Message.Key is { Length: > 0 } key && Encoding.Latin1.GetString(key) is var text && Ids.IsValid(text)) keys.Add((text, result.Partition.Value));
        }

        return keys;
    }
}
