using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Which records the partitions of a topic have, asked for all at once and over a connection of its own: behind a consumer's fetch, which
/// waits half a second for records, each partition's question would wait as well, and a topic of 64 partitions half a minute.
/// </summary>
internal sealed class TopicOffsets(KafkaOptions options, string topic, int partitions) : IDisposable
{
    private const int AskedMax = 100, WaitMs = 100;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly IAdminClient _admin = new AdminClientBuilder(options.Admin()).SetLogHandler((_, _) => { }).Build();

    /// <summary>By partition, the first offset that the broker still has.</summary>
    /// <exception cref="KafkaRefusedException">A broker does not say.</exception>
    internal Task<long[]> FirstAsync() => AskAsync(OffsetSpec.Earliest());

    /// <summary>By partition, the offset behind the newest record that may be read.</summary>
    /// <inheritdoc cref="FirstAsync"/>
    internal Task<long[]> EndAsync() => AskAsync(OffsetSpec.Latest());

    public void Dispose() => _admin.Dispose();

    /// <summary>A partition whose leader is just being chosen (a broker came back, a topic is new) is asked for again.</summary>
    private async Task<long[]> AskAsync(OffsetSpec spec)
    {
        for (var asked = 0; ; asked++)
        {
            try
            {
                return await AskOnceAsync(spec);
            }
            catch (KafkaRefusedException moving) when (asked < AskedMax && moving.InnerException is ListOffsetsException some && some.Result.ResultInfos.All(r => IsMoving(r.TopicPartitionOffsetError.Error)))
            {
                await Task.Delay(WaitMs);
            }
        }
    }

    private static bool IsMoving(Error error) =>
        !error.IsError || error.Code is ErrorCode.NotLeaderForPartition or ErrorCode.LeaderNotAvailable or ErrorCode.Local_UnknownPartition;

    private async Task<long[]> AskOnceAsync(OffsetSpec spec)
    {
        try
        {
            var asked = Enumerable.Range(0, partitions).Select(p => new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(topic, p), OffsetSpec = spec });
            var told = await _admin.ListOffsetsAsync(asked, new ListOffsetsOptions { RequestTimeout = Timeout, IsolationLevel = IsolationLevel.ReadCommitted });
            var offsets = new long[partitions];
            foreach (var info in told.ResultInfos) offsets[info.TopicPartitionOffsetError.Partition.Value] = info.TopicPartitionOffsetError.Offset.Value;
            return offsets;
        }
        catch (ListOffsetsException some)
        {
            var failed = some.Result.ResultInfos.Select(r => r.TopicPartitionOffsetError).First(r => r.Error.IsError);
            throw new KafkaRefusedException($"{topic}[{failed.Partition.Value}]: its broker does not say which records it has: {failed.Error.Reason}", some);
        }
        catch (KafkaException away)
        {
            throw new KafkaRefusedException($"{topic}: its broker does not say which records it has: {away.Error.Reason}", away);
        }
    }
}
