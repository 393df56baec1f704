using Confluent.Kafka.Admin;
using ExposureMonitor.Domain;
using ExposureMonitor.Ingest;
using Xunit;

namespace ExposureMonitor.Kafka.Tests;

/// <summary>A topic keyed by document becomes exposure: each record has its effect once, however often it was copied.</summary>
[Collection(nameof(KafkaBroker))]
public sealed class Rekeying(KafkaBroker broker)
{
    private const int OriginPartitions = 3, Invoices = 2_500;

    [RealKafkaFact]
    public async Task A_stage_that_is_killed_before_it_commits_copies_twice_and_the_effect_is_once()
    {
        await using var here = await Installation.CreateAsync(broker);
        var from = await LegacyAsync(here, Invoices);
        here.Options = here.Options with { Rekeyed = new HashSet<string> { here.Options.Receivables } };
        // Killed with copies that are confirmed and not committed: twice before the first commit, once before the second.
        foreach (var kill in (int[])[1, 1, 2]) Assert.Equal(137, await ChildProcess.RunAsync("rekey", here.Database, here.Options, from, $"{kill}"));
        Assert.Equal(0, await ChildProcess.RunAsync("rekey", here.Database, here.Options, from, "0"));
        var copies = broker.Ends(here.Options.Receivables, Installation.Partitions).Sum();
        Assert.True(copies > Invoices + 1, "nothing was copied twice");

        await here.StartAsync();
        await here.DrainAsync();
        foreach (var customer in Customers) Assert.Equal(Invoices / Customers.Length, here.Figures(customer).Receivables);
        // One record of no customer became one dead letter, however often it was copied; it names its origin.
        var dead = Assert.Single(await here.DeadLettersAsync());
        Assert.Contains($"\"stream\":\"kafka:{from}:", System.Text.Encoding.UTF8.GetString(dead.Body.Span), StringComparison.Ordinal);
        // Both places are kept: where the topic is read on, and up to where each origin was taken.
        for (var partition = 0; partition < Installation.Partitions; partition++)
        {
            var streams = await here.Engine.ReadAsync(partition, book => book.Positions.Keys.Select(k => SourcePosition.KafkaOf(k)!.Value.Topic).Distinct().Order(StringComparer.Ordinal).ToList());
            Assert.Equal(((string[])[from, here.Options.Receivables]).Order(StringComparer.Ordinal), streams);
        }

        await here.StopAsync();
        await here.StartAsync();
        await here.DrainAsync();
        foreach (var customer in Customers) Assert.Equal(Invoices / Customers.Length, here.Figures(customer).Receivables);
        await here.StopAsync();
        Assert.Null(await here.VerifyAsync());
    }

    [RealKafkaFact]
    public async Task Origins_that_a_topic_was_not_declared_to_have_are_not_believed()
    {
        await using var here = await Installation.CreateAsync(broker);
        var from = await LegacyAsync(here, 20);
        Assert.Equal(0, await ChildProcess.RunAsync("rekey", here.Database, here.Options, from, "0"));
        await here.StartAsync();
        await here.DrainAsync();
        for (var partition = 0; partition < Installation.Partitions; partition++)
            Assert.DoesNotContain(await here.Engine.ReadAsync(partition, book => book.Positions.Keys.ToList()), k => SourcePosition.KafkaOf(k)!.Value.Topic == from);
        await here.StopAsync();
    }

    [Theory]
    [InlineData("kafka:erp.invoices:AAAAAAAAAAAAAAAAAAAAAA:3:17", "kafka:erp.invoices:AAAAAAAAAAAAAAAAAAAAAA:3", 17)]
    [InlineData("kafka:erp.invoices:AAAAAAAAAAAAAAAAAAAAAA:3", null, 0)]
    [InlineData("kafka:erp.invoices:AAAAAAAAAAAAAAAAAAAAAA:3:-1", null, 0)]
    [InlineData("file:abc:3:17", null, 0)]
    [InlineData("", null, 0)]
    public void An_origin_is_read_whole_or_not_at_all(string header, string? stream, long offset)
    {
        var headers = new Confluent.Kafka.Headers { { Origin.Header, System.Text.Encoding.ASCII.GetBytes(header) } };
        Assert.Equal(stream is null ? null : new SourcePosition(stream, offset), Origin.Of(headers));
    }

    private static readonly string[] Customers = [.. Enumerable.Range(1, 20).Select(n => $"C{n}")];

    private async Task<string> LegacyAsync(Installation here, int invoices)
    {
        var from = here.Options.Orders + ".legacy";
        using (var admin = broker.Admin()) await admin.CreateTopicsAsync([new TopicSpecification { Name = from, NumPartitions = OriginPartitions, ReplicationFactor = 1 }]);
        await broker.KnownAsync(from);
        await Task.WhenAll(Enumerable.Range(0, invoices).Select(n =>
        {
            var invoice = Feeds.Invoice(Customers[n % Customers.Length], $"I{n}", 1);
            (invoice.EventId, invoice.Source, invoice.Time) = ($"l{n}", "erp", Instant.From(DateTimeOffset.UtcNow));
            return here.WriteAsync(from, $"I{n}", CloudEventWriter.Write(invoice));
        }));
        await here.WriteAsync(from, "nobody", "{not json"u8.ToArray());
        return from;
    }
}
