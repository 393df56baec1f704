using ExposureMonitor.Domain;
using ExposureMonitor.Ingest;
using Xunit;

namespace ExposureMonitor.Kafka.Tests;

/// <summary>A topic may hold both encodings: each record tells which it is.</summary>
[Collection(nameof(KafkaBroker))]
public sealed class Encodings(KafkaBroker broker)
{
    private static readonly int Today = DateOnly.FromDateTime(DateTime.UtcNow).DayNumber;

    [Fact]
    public async Task Protobuf_and_JSON_of_one_event_count_once_and_poison_of_both_is_kept()
    {
        await using var here = await Installation.CreateAsync(broker);
        await here.StartAsync();
        var writer = new ProtobufEventWriter();
        for (var i = 0; i < 3; i++)
        {
            var invoice = new InvoicePosted
            {
                Customer = "C1", InvoiceId = $"I{i}", Amount = 100, Currency = Currency.Parse("EUR"), IssuedOn = Today, DueOn = Today + 30, EventId = $"twin{i}", Source = "erp", Time = Instant.From(DateTimeOffset.UtcNow),
            };
            await here.WriteAsync(here.Options.Receivables, "C1", writer.Write(invoice).ToArray());
            await here.WriteAsync(here.Options.Receivables, "C1", CloudEventWriter.Write(invoice));
        }

        await here.WriteAsync(here.Options.Receivables, "C1", [8, 1, 0x12, 99]);
        await here.WriteAsync(here.Options.Receivables, "C1", "{"u8.ToArray());
        var limit = new LimitSet
        {
            Customer = "C1", Version = 1, Currency = Currency.Parse("EUR"), Steps = [new LimitStep { From = 1 + Today, Kind = LimitKind.Amount, Amount = 5 }], EventId = "limit", Source = "erp", Time = Instant.From(DateTimeOffset.UtcNow),
        };
        await here.WriteAsync(here.Options.Reference, "C1", writer.Write(limit).ToArray());
        await here.DrainAsync();
        Assert.Equal(300, here.Figures("C1").Receivables);
        Assert.Equal(["NOT_JSON", "NOT_PROTOBUF"], (await here.DeadLettersAsync()).Select(d => d.Kind).Order(StringComparer.Ordinal));
        // What waits for a second person is JSON, which a person can read and which decodes to the same limit.
        var proposed = await here.Engine.ReadAsync(Book.House, book => book.Desk.Find(ExposureMonitor.Engine.AuthorityGate.ProposalOf(limit))?.Event ?? "");
        Assert.Equal(limit.ContentHash(new ByteBuffer()), new EventDecoder().Decode(System.Text.Encoding.UTF8.GetBytes(proposed), default).ContentHash(new ByteBuffer()));
        await here.StopAsync();
        Assert.Null(await here.VerifyAsync());
    }
}
