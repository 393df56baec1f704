using Confluent.Kafka;

namespace ExposureMonitor.Ingest;

/// <summary>Which records a broker has of a partition.</summary>
internal static class OffsetRange
{
    private const int AskedMax = 100, WaitMs = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The range; a partition whose leader is just being chosen (a broker came back, a topic is new) is asked for again.</summary>
    /// <exception cref="KafkaRefusedException">Nobody says.</exception>
    internal static WatermarkOffsets Of<TKey, TValue>(IConsumer<TKey, TValue> consumer, TopicPartition partition)
    {
        for (var asked = 0; ; asked++)
        {
            try
            {
                return consumer.QueryWatermarkOffsets(partition, Patience);
            }
            catch (KafkaException moving) when (asked < AskedMax && moving.Error.Code is ErrorCode.NotLeaderForPartition or ErrorCode.LeaderNotAvailable or ErrorCode.Local_UnknownPartition)
            {
                Thread.Sleep(WaitMs);
            }
            catch (KafkaException away)
            {
                throw new KafkaRefusedException($"{partition.Topic}[{partition.Partition.Value}]: its broker does not say which records it has: {away.Error.Reason}", away);
            }
        }
    }
}
