using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace ExposureMonitor.Ingest;

/// <summary>A topic as the broker has it.</summary>
/// <param name="Id">Its id; a topic that was deleted and made again has another.</param>
public sealed record KafkaTopic(string Name, string Id, int Partitions);

/// <summary>The topics are not as the feed needs them, or the broker does not answer; the message says what to do.</summary>
public sealed class KafkaRefusedException : Exception
{
    public KafkaRefusedException(string message) : base(message)
    {
    }

    public KafkaRefusedException() : this("Kafka is not as the feed needs it.")
    {
    }

    public KafkaRefusedException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>The topic that does not exist, when that is the reason.</summary>
    public string? Missing { get; init; }
}

/// <summary>Looks at the topics of an installation, and makes those that are missing.</summary>
public static class KafkaTopics
{
    private const int ReadyLooksMax = 150;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10), ReadyPause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The topics that are read, checked: each exists, has as many partitions as the database (the one of the house has
    /// one), and is not compacted, since a compacted topic loses events.
    /// </summary>
    /// <param name="partitions">Partitions of the database.</param>
    /// <exception cref="KafkaRefusedException">One is not so, or no broker answers.</exception>
    public static async Task<IReadOnlyList<KafkaTopic>> CheckAsync(KafkaOptions options, int partitions)
    {
        using var broker = new Asked(options);
        var topics = await DescribeAsync(broker, options, options.Read);
        foreach (var topic in topics)
        {
            var wanted = topic.Name == options.Global ? 1 : partitions;
            if (topic.Partitions != wanted)
                throw new KafkaRefusedException(string.Create(CultureInfo.InvariantCulture,
                    $"Topic {topic.Name} has {topic.Partitions} partitions; {(wanted == 1 ? "what concerns everybody has one order, and so one partition" : $"the database has {wanted}, and a customer must be in the same partition everywhere")}. Make it again with --partitions {wanted}, or use a database of {topic.Partitions} partitions."));
        }

        if (!options.IsBuiltIn) await RefuseCompactedAsync(broker.Admin, topics);
        return topics;
    }

    /// <summary>The topics that are written, checked: each exists, and none is compacted, since that would lose decisions. They may have any number of partitions.</summary>
    /// <exception cref="KafkaRefusedException">One is not so, or no broker answers.</exception>
    public static async Task<IReadOnlyList<KafkaTopic>> CheckWrittenAsync(KafkaOptions options)
    {
        using var broker = new Asked(options);
        var topics = await DescribeAsync(broker, options, options.Written);
        if (!options.IsBuiltIn) await RefuseCompactedAsync(broker.Admin, topics);
        return topics;
    }

    /// <summary>Makes the topics that are missing; returns their names.</summary>
    /// <param name="partitions">Partitions of the database.</param>
    /// <param name="replication">Copies of each partition; −1 for the broker's default.</param>
    public static async Task<IReadOnlyList<string>> CreateAsync(KafkaOptions options, int partitions, short replication = -1)
    {
        using var broker = new Asked(options);
        List<TopicSpecification> wanted = [];
        foreach (var name in options.Read.Concat(options.Written))
            wanted.Add(new TopicSpecification { Name = name, NumPartitions = name == options.Global ? 1 : partitions, ReplicationFactor = replication });
        try
        {
            await broker.Admin.CreateTopicsAsync(wanted, new CreateTopicsOptions { RequestTimeout = Timeout, OperationTimeout = Timeout });
            await ReadyAsync(broker.Admin, options);
            return [.. wanted.Select(w => w.Name)];
        }
        catch (CreateTopicsException some)
        {
            if (some.Results.FirstOrDefault(r => r.Error.IsError && r.Error.Code != ErrorCode.TopicAlreadyExists) is { } failed)
                throw new KafkaRefusedException($"Topic {failed.Topic} could not be made: {failed.Error.Reason}", some);
            await ReadyAsync(broker.Admin, options);
            return [.. some.Results.Where(r => !r.Error.IsError).Select(r => r.Topic)];
        }
        catch (KafkaException away)
        {
            throw broker.Away(away);
        }
    }

    /// <summary>
    /// A topic that the controller has made is not known to every broker at once, and has no leader yet: who uses it in that
    /// moment is told that it does not exist.
    /// </summary>
    private static async Task ReadyAsync(IAdminClient admin, KafkaOptions options)
    {
        string[] names = [.. options.Read, .. options.Written];
        for (var looked = 0; looked < ReadyLooksMax; looked++)
        {
            try
            {
                var found = (await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames(names), new DescribeTopicsOptions { RequestTimeout = Timeout })).TopicDescriptions;
                if (found.All(t => !t.Error.IsError && t.Partitions.All(p => p.Leader is { Id: >= 0 }))) return;
            }
            catch (DescribeTopicsException)
            {
                // One is not known yet.
            }

            await Task.Delay(ReadyPause);
        }
    }

    /// <summary>The topics of these names, in their order; those that are read unless told.</summary>
    /// <exception cref="KafkaRefusedException">One is missing, or no broker answers.</exception>
    internal static async Task<IReadOnlyList<KafkaTopic>> DescribeAsync(KafkaOptions options, IReadOnlyList<string>? names = null)
    {
        using var broker = new Asked(options);
        return await DescribeAsync(broker, options, names ?? options.Read);
    }

    private static async Task<IReadOnlyList<KafkaTopic>> DescribeAsync(Asked broker, KafkaOptions options, IReadOnlyList<string> names)
    {
        if (options.IsBuiltIn)
        {
            var known = broker.Admin.GetMetadata(Timeout).Topics;
            return [.. names.Select(n => known.Find(t => t.Topic == n) is { } topic ? new KafkaTopic(n, "builtin", topic.Partitions.Count) : throw Missing(n))];
        }

        List<TopicDescription> found;
        try
        {
            found = (await broker.Admin.DescribeTopicsAsync(TopicCollection.OfTopicNames(names), new DescribeTopicsOptions { RequestTimeout = Timeout })).TopicDescriptions;
        }
        catch (DescribeTopicsException some)
        {
            found = some.Results.TopicDescriptions;
        }
        catch (KafkaException away)
        {
            throw broker.Away(away);
        }

        var topics = new List<KafkaTopic>();
        foreach (var name in names)
        {
            var topic = found.Find(t => t.Name == name);
            if (topic is null || topic.Error.Code == ErrorCode.UnknownTopicOrPart) throw Missing(name);
            if (topic.Error.IsError) throw new KafkaRefusedException($"Topic {name}: {topic.Error.Reason}.");
            topics.Add(new KafkaTopic(name, topic.TopicId.ToString(), topic.Partitions.Count));
        }

        return topics;
    }

    private static KafkaRefusedException Missing(string topic) => new($"Topic {topic}: it does not exist; `exposure kafka topics --create` makes what is missing.") { Missing = topic };

    private static async Task RefuseCompactedAsync(IAdminClient admin, IReadOnlyList<KafkaTopic> topics)
    {
        List<DescribeConfigsResult> configs;
        try
        {
            configs = await admin.DescribeConfigsAsync(topics.Select(t => new ConfigResource { Type = ResourceType.Topic, Name = t.Name }), new DescribeConfigsOptions { RequestTimeout = Timeout });
        }
        catch (KafkaException)
        {
            // Some brokers do not let every client read settings; then nobody can tell.
            return;
        }

        foreach (var config in configs)
            if (config.Entries.TryGetValue("cleanup.policy", out var policy) && policy.Value?.Contains("compact", StringComparison.Ordinal) == true)
                throw new KafkaRefusedException($"Topic {config.ConfigResource.Name} is compacted (cleanup.policy={policy.Value}): it would lose events. Set cleanup.policy=delete.");
    }

    /// <summary>A client that remembers what its connections said: a question that ends in a timeout does not tell a wrong password from a broker that is away.</summary>
    private sealed class Asked : IDisposable
    {
        private readonly string _bootstrap;
        private volatile string? _said;

        internal Asked(KafkaOptions options)
        {
            _bootstrap = options.Bootstrap;
            Admin = new AdminClientBuilder(options.Admin()).SetLogHandler((_, _) => { })
                .SetErrorHandler((_, error) => _said = error.Code == ErrorCode.Local_AllBrokersDown && _said is not null ? _said : error.Reason).Build();
        }

        internal IAdminClient Admin { get; }

        internal KafkaRefusedException Away(KafkaException away) => new($"No broker answers at {_bootstrap}: {_said ?? away.Error.Reason}", away);

        public void Dispose() => Admin.Dispose();
    }
}
