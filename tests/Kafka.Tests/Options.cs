using ExposureMonitor.Ingest;
using Xunit;

namespace ExposureMonitor.Kafka.Tests;

/// <summary>A properties file, and which topic an event goes to.</summary>
public sealed class Options
{
    [Fact]
    public void A_file_names_topics_and_properties_of_the_client()
    {
        var options = KafkaOptions.Parse("b:9092", ["# ours", "", "topic.orders = sales.orders", "lag.budget.seconds=5", "authority.subject=erp", "security.protocol=SASL_SSL", "sasl.password=a=b"]);
        Assert.Equal(("sales.orders", "credit.receivables", TimeSpan.FromSeconds(5), "erp"), (options.Orders, options.Receivables, options.LagBudget, options.Subject));
        Assert.Equal(("SASL_SSL", "a=b"), (options.Client["security.protocol"], options.Client["sasl.password"]));
        Assert.Equal("a=b", options.Consumer("env").Get("sasl.password"));
    }

    [Theory]
    [InlineData("topic.orders", "line 2: 'topic.orders': expected name=value.")]
    [InlineData("lag.budget.seconds=0", "line 2: lag.budget.seconds: '0': expected a whole number of seconds from 1.")]
    [InlineData("auto.offset.reset=latest", "line 2: auto.offset.reset: the feed sets this itself")]
    [InlineData("isolation.level=read_uncommitted", "line 2: isolation.level: the feed sets this itself")]
    public void A_line_that_is_wrong_or_would_break_the_promise_is_refused(string line, string message) =>
        Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => KafkaOptions.Parse("b:9092", ["# ours", line])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("credit.order.placed.v1", "credit.orders")]
    [InlineData("credit.delivery.posted.v1", "credit.orders")]
    [InlineData("credit.return.received.v1", "credit.orders")]
    [InlineData("credit.invoice.posted.v1", "credit.receivables")]
    [InlineData("credit.plan.agreed.v1", "credit.receivables")]
    [InlineData("credit.limit.set.v1", "credit.reference")]
    [InlineData("credit.cover.granted.v1", "credit.reference")]
    [InlineData("credit.fx-rate.published.v1", "credit.reference.global")]
    [InlineData("credit.nobody.knows.v1", "credit.receivables")]
    [InlineData("", "credit.receivables")]
    public void An_event_goes_to_the_topic_of_its_type(string type, string topic)
    {
        using var writer = new KafkaWriter(new KafkaOptions { Bootstrap = "127.0.0.1:1" });
        Assert.Equal(topic, writer.TopicOf(type));
    }
}
