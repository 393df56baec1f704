using ExposureMonitor.Domain;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>The facts of a book in the order in which the house knew them.</summary>
public sealed class BookHistories
{
    [Fact]
    public async Task News_is_known_from_its_arrival_and_a_past_that_was_loaded_from_its_own_time()
    {
        await using var bench = await Bench.StartAsync();
        var (one, two) = (bench.CustomerIn(0), bench.CustomerIn(1));
        await SubmitAsync(Invoice(two, "NEWS", 7), Invoice(one, "OLD", 400), Invoice(two, "OLDER", 8), Invoice(one, "TODAY", 0));
        // The same again is no fact, and neither is another content under its id.
        var other = Invoice(one, "OLD", 300);
        (other.EventId, other.Amount) = ("other", 200);
        await SubmitAsync(Invoice(one, "OLD", 400), other);
        // Beside the service, which goes on owning the database.
        await using var reader = await JournalFactory.OpenMomentAsync(bench.Address);
        var history = await BookHistory.ReadAsync(reader, 2, fact => fact is InvoicePosted, default);
        Assert.Equal([("OLD", one, 400), ("OLDER", two, 8), ("TODAY", one, 0), ("NEWS", two, 0)], history.Facts.Select(f => (f.Fact.Document, f.Fact.Customer, bench.Today - f.KnownOn)));
        Assert.Equal(2, history.Loaded);
        Assert.Empty(history.Pruned);
        Assert.All(history.Facts, f => Assert.Equal(bench.Engine.PartitionOf(f.Fact.Customer), f.At.Partition));

        InvoicePosted Invoice(string customer, string id, int daysAgo) => new()
        {
            Customer = customer, EventId = "e" + id, Source = "t", InvoiceId = id, Amount = 100, Currency = Bench.Eur, IssuedOn = bench.Today - daysAgo, DueOn = bench.Today, Time = Instant.From(DateOnly.FromDayNumber(bench.Today - daysAgo)),
        };

        async Task SubmitAsync(params Fact[] facts) => await bench.Engine.SubmitBatchAsync(facts);
    }
}
