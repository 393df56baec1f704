using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using Xunit;

namespace ExposureMonitor.Kafka.Tests;

/// <summary>A message as whoever reads the topics gets it.</summary>
internal sealed record OutMessage(string Topic, int Partition, string? Key, string Text)
{
    private readonly JsonElement _root = JsonDocument.Parse(Text, new JsonDocumentOptions { AllowDuplicateProperties = false }).RootElement;

    internal string Id => _root.GetProperty("id").GetString()!;

    internal string Type => _root.GetProperty("type").GetString()!;

    internal JsonElement Root => _root;

    internal JsonElement Data => _root.GetProperty("data");
}

/// <summary>Reads what was written, and compares it with what stands in the journal.</summary>
internal static class OutTopics
{
    /// <summary>All messages of the topics that are written, partition by partition in their order.</summary>
    internal static List<OutMessage> Read(KafkaOptions options)
    {
        using var consumer = new ConsumerBuilder<byte[]?, byte[]>(new ConsumerConfig { BootstrapServers = options.Bootstrap, GroupId = "test", EnableAutoCommit = false, EnablePartitionEof = true }).Build();
        var found = new List<OutMessage>();
        foreach (var topic in options.Written)
        {
            var partitions = consumer.Metadata(options, topic);
            consumer.Assign(partitions.Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
            for (var ended = 0; ended < partitions.Count;)
            {
                var result = consumer.Consume(TimeSpan.FromSeconds(20)) ?? throw new InvalidOperationException($"{topic}: no answer.");
                if (result.IsPartitionEOF) ended++;
                else found.Add(new OutMessage(topic, result.Partition.Value, result.Message.Key is { } key ? Encoding.UTF8.GetString(key) : null, Encoding.UTF8.GetString(result.Message.Value)));
            }
        }

        return found;
    }

    private static void FollowsItsSchema(OutMessage message)
    {
        var schema = OutboxSchemas.Of(message.Type);
        var (members, data) = (schema["properties"]!.AsObject(), schema["properties"]!["data"]!["properties"]!.AsObject());
        Assert.All(message.Root.EnumerateObject(), m => Assert.True(members.ContainsKey(m.Name), $"{message.Type}: {m.Name}"));
        Assert.All(message.Data.EnumerateObject(), m => Assert.True(data.ContainsKey(m.Name), $"{message.Type}: data.{m.Name}"));
        Assert.All(schema["required"]!.AsArray(), r => Assert.True(message.Root.TryGetProperty(r!.GetValue<string>(), out _), $"{message.Type}: {r}"));
    }

    private static List<int> Metadata<TKey, TValue>(this IConsumer<TKey, TValue> consumer, KafkaOptions options, string topic)
    {
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        return [.. admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics.Single(t => t.Topic == topic).Partitions.Select(p => p.PartitionId)];
    }

    /// <summary>Everything that the journal says goes out, in the order of each partition.</summary>
    internal static async Task<List<OutboxRow>> ExpectedAsync(IJournalReader reader)
    {
        var rows = new List<OutboxRow>();
        foreach (var head in await reader.HeadsAsync(CancellationToken.None))
            await foreach (var row in new JournalOutbox(reader).ReadAsync(head.Partition, default, head.Seq, CancellationToken.None)) rows.Add(row);
        return rows;
    }

    /// <summary>
    /// Nothing is lost, nothing is invented, what came twice is the same, each stands under its customer, and the first
    /// coming of each customer's messages is in the order of the journal.
    /// </summary>
    internal static void AssertComplete(IReadOnlyList<OutboxRow> expected, IReadOnlyList<OutMessage> found)
    {
        Assert.Equal(expected.Select(r => r.Id).Order(StringComparer.Ordinal), found.Select(m => m.Id).Distinct().Order(StringComparer.Ordinal));
        Assert.All(found.GroupBy(m => m.Id), same => Assert.Single(same.Select(m => (m.Topic, m.Partition, m.Key, m.Text)).Distinct()));
        Assert.All(found.DistinctBy(m => m.Type), FollowsItsSchema);
        Assert.All(found, m => Assert.Equal(m.Root.TryGetProperty("subject", out var subject) ? subject.GetString() : null, m.Key));
        foreach (var customer in expected.Where(r => r.Customer.Length > 0).GroupBy(r => r.Customer))
        {
            foreach (var topic in found.Where(m => m.Key == customer.Key).GroupBy(m => m.Topic))
            {
                Assert.Single(topic.Select(m => m.Partition).Distinct());
                string[] ids = [.. topic.Select(m => m.Id).Distinct()];
                Assert.Equal(customer.Select(r => r.Id).Where(id => ids.Contains(id)), ids);
            }
        }
    }
}
