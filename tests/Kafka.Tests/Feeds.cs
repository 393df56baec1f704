using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using Xunit;

namespace ExposureMonitor.Kafka.Tests;

/// <summary>Topics in, exposure out: each record once, whatever happens in between.</summary>
[Collection(nameof(KafkaBroker))]
public sealed class Feeds(KafkaBroker broker)
{
    private static readonly Currency Eur = Currency.Parse("EUR");
    private static readonly int Today = DateOnly.FromDateTime(DateTime.UtcNow).DayNumber;

    [Fact]
    public async Task Three_topics_make_one_exposure_and_a_restart_reads_nothing_twice()
    {
        await using var here = await Installation.CreateAsync(broker);
        await here.StartAsync();
        foreach (var customer in Customers)
        {
            await here.TellAsync(here.Options.Reference, new CustomerOpened { Customer = customer, Currency = Eur });
            await here.TellAsync(here.Options.Orders, Order(customer, "O1", 1_000));
            await here.TellAsync(here.Options.Receivables, Invoice(customer, "I1", 700));
            await here.TellAsync(here.Options.Receivables, new PaymentReceived { Customer = customer, PaymentId = "P1", Amount = 200, Currency = Eur, ValueOn = Today, Cleared = true });
        }

        await here.DrainAsync();
        foreach (var customer in Customers) Assert.Equal((1_000, 700, 200), (here.Figures(customer).Held, here.Figures(customer).Receivables, here.Figures(customer).Unapplied));
        await here.StopAsync();

        await here.StartAsync();
        foreach (var customer in Customers) await here.TellAsync(here.Options.Receivables, Invoice(customer, "I2", 50));
        await here.DrainAsync();
        foreach (var customer in Customers) Assert.Equal((1_000, 750, 200), (here.Figures(customer).Held, here.Figures(customer).Receivables, here.Figures(customer).Unapplied));
        Assert.Empty(await here.DeadLettersAsync());
        await here.StopAsync();
        Assert.Null(await here.VerifyAsync());
    }

    [Fact]
    public async Task Poison_becomes_dead_letters_with_their_reasons_and_harms_no_neighbour()
    {
        await using var here = await Installation.CreateAsync(broker);
        await here.StartAsync();
        var home = Ids.PartitionOf("C1", Installation.Partitions);
        await here.TellAsync(here.Options.Receivables, Invoice("C1", "I1", 100));
        await here.WriteAsync(here.Options.Receivables, "C1", "{not json"u8.ToArray());
        await here.WriteAsync(here.Options.Receivables, "C1", null);
        await here.WriteAsync(here.Options.Receivables, "C2", CloudEventWriter.Write(Known(Invoice("C1", "I2", 100))), home);
        await here.WriteAsync(here.Options.Receivables, null, CloudEventWriter.Write(Known(Invoice("C1", "I3", 100))), home);
        await here.WriteAsync(here.Options.Receivables, "C1", CloudEventWriter.Write(Known(Invoice("C1", "I4", 100))), (home + 1) % Installation.Partitions);
        await here.WriteAsync(here.Options.Receivables, "C1", CloudEventWriter.Write(Known(Rate("0.9"))));
        await here.WriteAsync(here.Options.Global, "C1", CloudEventWriter.Write(Known(Invoice("C1", "I5", 100))));
        await here.TellAsync(here.Options.Receivables, Invoice("C1", "I6", 1));
        await here.DrainAsync();

        Assert.Equal(101, here.Figures("C1").Receivables);
        Assert.Equal(["KEY_MISMATCH", "KEY_MISMATCH", "KEY_MISMATCH", "NOT_JSON", "NULL_BODY", "WRONG_TOPIC", "WRONG_TOPIC"], (await here.DeadLettersAsync()).Select(d => d.Kind).Order(StringComparer.Ordinal));
        Assert.All(await here.DeadLettersAsync(), d => Assert.Contains("\"stream\":\"kafka:", Encoding.UTF8.GetString(d.Body.Span), StringComparison.Ordinal));
        await here.StopAsync();
        Assert.Null(await here.VerifyAsync());
    }

    [Theory]
    [InlineData(12, 0, null)]
    [InlineData(12, 4, null)]
    [InlineData(0, 4, null)]
    [InlineData(2, 12, "murmur2_random")]
    public async Task A_producer_with_another_partitioner_is_told_before_anything_is_read(int right, int wrong, string? why)
    {
        await using var here = await Installation.CreateAsync(broker);
        for (var n = 0; n < right + wrong; n++)
        {
            var home = Ids.PartitionOf(Customers[n], Installation.Partitions);
            await here.WriteAsync(here.Options.Orders, Customers[n], CloudEventWriter.Write(Known(Order(Customers[n], "O1", 100))), n < right ? home : (home + 1) % Installation.Partitions);
        }

        if (why is not null)
        {
            Assert.Contains(why, (await Assert.ThrowsAsync<KafkaRefusedException>(() => here.StartAsync())).Message, StringComparison.Ordinal);
        }

        // Somebody who cannot have them written again still gets his service.
        await here.StartAsync(why is null ? [] : [here.Options.Orders]);
        await here.DrainAsync();
        Assert.Equal(wrong, (await here.DeadLettersAsync()).Count(d => d.Kind == "KEY_MISMATCH"));
        await here.StopAsync();
    }

    [Fact]
    public async Task An_event_that_carries_authority_waits_for_two_people_unless_its_source_has_the_right()
    {
        await using var here = await Installation.CreateAsync(broker);
        await here.StartAsync();
        await here.TellAsync(here.Options.Reference, new CustomerOpened { Customer = "C1", Currency = Eur });
        await here.TellAsync(here.Options.Reference, Limit("C1", 1, 5_000));
        await here.DrainAsync();
        Assert.Equal(LimitKind.NotSet, here.Figures("C1").LimitKind);
        var waiting = await here.Engine.ReadAsync(Book.House, book => book.Desk.Proposals.Select(p => (p.Kind, p.About, p.ProposedBy)).ToList());
        Assert.Equal([(ProposalKind.Limit, "C1", "kafka")], waiting);

        await here.Engine.SubmitAsync(new MakeKey { Prefix = "em_12345678", Hash = new string('a', 64), Subject = "kafka", Roles = Roles.Service, MayCarryAuthority = true, AtConsole = true, Actor = "setup", ProposalId = "console" });
        await here.TellAsync(here.Options.Reference, Limit("C1", 2, 6_000));
        await here.TellAsync(here.Options.Global, Rate("0.9"));
        await here.DrainAsync();
        Assert.Equal((LimitKind.Amount, 6_000), (here.Figures("C1").LimitKind, here.Figures("C1").Limit));
        await here.StopAsync();
        Assert.Null(await here.VerifyAsync());
    }

    [Fact]
    public async Task What_stands_behind_an_event_that_carries_authority_waits_for_it_and_nothing_is_read_twice()
    {
        await using var here = await Installation.CreateAsync(broker);
        await here.StartAsync();
        await here.Engine.SubmitAsync(new MakeKey { Prefix = "em_12345678", Hash = new string('a', 64), Subject = "kafka", Roles = Roles.Service, MayCarryAuthority = true, AtConsole = true, Actor = "setup", ProposalId = "console" });
        await here.StopAsync();
        foreach (var customer in Customers)
        {
            await here.TellAsync(here.Options.Reference, new CustomerOpened { Customer = customer, Currency = Eur });
            await here.TellAsync(here.Options.Reference, Limit(customer, 1, 5_000));
        }

        await here.StartAsync();
        await here.DrainAsync();
        Assert.Equal(0, here.Feed.Breaks);
        foreach (var customer in Customers) Assert.Equal((LimitKind.Amount, 5_000), (here.Figures(customer).LimitKind, here.Figures(customer).Limit));
        await here.StopAsync();
        Assert.Null(await here.VerifyAsync());
    }

    [Fact]
    public async Task A_topic_with_other_partitions_is_refused_with_the_remedy()
    {
        await using var here = await Installation.CreateAsync(broker, topicPartitions: 6);
        var refused = await Assert.ThrowsAsync<KafkaRefusedException>(() => here.StartAsync());
        Assert.Contains($"{here.Options.Orders} has 6 partitions; the database has 4", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topic_that_is_missing_is_named()
    {
        await using var here = await Installation.CreateAsync(broker);
        here.Options = here.Options with { Reference = "nobody.made.this" };
        var refused = await Assert.ThrowsAsync<KafkaRefusedException>(() => here.StartAsync());
        Assert.Contains("Topic nobody.made.this: it does not exist", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_clock_of_events_is_refused()
    {
        await using var here = await Installation.CreateAsync(broker, clock: "events");
        await Assert.ThrowsAsync<KafkaRefusedException>(() => here.StartAsync());
    }

    [RealKafkaFact]
    public async Task A_topic_made_again_is_another_stream_which_a_person_accepts()
    {
        await using var here = await Installation.CreateAsync(broker);
        await here.StartAsync();
        await here.TellAsync(here.Options.Receivables, Invoice("C1", "I1", 100));
        await here.DrainAsync();
        await here.StopAsync();

        await broker.DeleteAsync(here.Options.Receivables);
        await KafkaTopics.CreateAsync(here.Options, Installation.Partitions, replication: 1);
        await here.TellAsync(here.Options.Receivables, Invoice("C1", "I2", 10));
        var refused = await Assert.ThrowsAsync<KafkaRefusedException>(() => here.StartAsync());
        Assert.Contains("was deleted and made again", refused.Message, StringComparison.Ordinal);

        await here.StartAsync(here.Options.Receivables);
        await here.DrainAsync();
        Assert.Equal(110, here.Figures("C1").Receivables);
        await here.StopAsync();
        Assert.Null(await here.VerifyAsync());
    }

    [RealKafkaFact]
    public async Task Retention_that_overran_the_position_stops_the_start_and_names_what_is_missing()
    {
        await using var here = await Installation.CreateAsync(broker);
        await here.StartAsync();
        var home = Ids.PartitionOf("C1", Installation.Partitions);
        await here.TellAsync(here.Options.Receivables, Invoice("C1", "I1", 100));
        await here.DrainAsync();
        await here.StopAsync();

        await here.TellAsync(here.Options.Receivables, Invoice("C1", "I2", 10));
        var last = await here.TellAsync(here.Options.Receivables, Invoice("C1", "I3", 1));
        await broker.DeleteRecordsAsync(here.Options.Receivables, home, last);
        var refused = await Assert.ThrowsAsync<KafkaRefusedException>(() => here.StartAsync());
        Assert.Contains($"the journal stands at offset {last - 2}, the broker has records from {last} on", refused.Message, StringComparison.Ordinal);

        await here.StartAsync(here.Options.Receivables);
        await here.DrainAsync();
        Assert.Equal(101, here.Figures("C1").Receivables);
        Assert.Contains(here.Said, s => s.Contains("accepted as lost", StringComparison.Ordinal));
        await here.StopAsync();
    }

    [RealKafkaFact]
    public async Task A_topic_that_is_deleted_while_it_is_read_fails_the_feed_with_its_reason()
    {
        await using var here = await Installation.CreateAsync(broker);
        here.Options = here.Options with { TopicsEvery = TimeSpan.FromMilliseconds(1) };
        await here.StartAsync();
        await here.DrainAsync();
        Assert.Equal(ServiceHealth.Running, here.Feed.Look().Health);
        Assert.All(here.Feed.Look().Items, i => Assert.Equal((ServiceHealth.Running, ""), (i.Health, i.Reason)));
        await broker.DeleteAsync(here.Options.Receivables);
        await Until.TrueAsync(() => here.Feed.Look().Health == ServiceHealth.Failed);
        var state = here.Feed.Look();
        Assert.StartsWith($"{here.Options.Receivables} is not read any more: ", state.Reason, StringComparison.Ordinal);
        Assert.Equal([here.Options.Receivables], state.Items.Where(i => i.Health == ServiceHealth.Failed).Select(i => i.Name));
        await here.StopAsync();
    }

    private static readonly string[] Customers = [.. Enumerable.Range(1, 20).Select(n => $"C{n}")];

    internal static OrderPlaced Order(string customer, string id, long amount) =>
        new() { Customer = customer, OrderId = id, Amount = amount, Currency = Eur, OrderedOn = Today, ShipOn = Today + 5 };

    internal static InvoicePosted Invoice(string customer, string id, long amount) =>
        new() { Customer = customer, InvoiceId = id, Amount = amount, Currency = Eur, IssuedOn = Today, DueOn = Today + 30 };

    private static LimitSet Limit(string customer, long version, long amount) => new()
    {
        Customer = customer, Version = version, Currency = Eur, SetBy = "erp", Steps = [new LimitStep { From = Today, Kind = LimitKind.Amount, Amount = amount }],
    };

    private static FxRatePublished Rate(string rate)
    {
        FxRate.TryParse(rate, out var value);
        return new FxRatePublished { From = Currency.Parse("USD"), To = Eur, Rate = value, AsOf = Instant.From(DateTimeOffset.UtcNow), RateSet = "M" };
    }

    private int _known;

    private Fact Known(Fact fact)
    {
        (fact.EventId, fact.Source, fact.Time) = ($"k{++_known}", "erp", Instant.From(DateTimeOffset.UtcNow));
        return fact;
    }
}

/// <summary>A test of what the broker built into the client cannot do.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealKafkaFactAttribute : FactAttribute
{
    public RealKafkaFactAttribute()
    {
        if (!KafkaBroker.HasReal) Skip = "SKIPPED: needs a real Apache Kafka; set EXPOSURE_KAFKA or KAFKA_HOME.";
    }
}
