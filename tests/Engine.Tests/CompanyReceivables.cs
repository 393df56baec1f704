using ExposureMonitor.Domain;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>Receivables by company, read from a journal as of one moment.</summary>
public sealed class CompanyReceivables
{
    private static readonly int First = new DateOnly(2025, 1, 6).DayNumber;

    [Fact]
    public async Task The_balances_of_all_partitions_are_read_beside_a_service_now_and_as_of_the_past()
    {
        await using var bench = await Bench.StartAsync();
        var (one, two) = (bench.CustomerIn(0), bench.CustomerIn(1));
        await bench.Engine.SubmitBatchAsync([Invoice(one, "I-1", "DE01", bench.Today), Invoice(two, "I-2", "FR02", bench.Today), Invoice(one, "I-3", "FR02", bench.Today)]);
        var then = Instant.From(bench.Clock.GetUtcNow());
        bench.Clock.Advance(TimeSpan.FromMinutes(1));
        var payment = new PaymentReceived { Customer = one, EventId = "p", Source = "t", PaymentId = "P-1", Amount = 130, Currency = Bench.Eur, ValueOn = bench.Today, Cleared = true, Company = "DE01", Time = then };
        var matched = new PaymentAllocated { Customer = one, EventId = "a", Source = "t", AllocationId = "A-1", FromId = "P-1", AllocatedOn = bench.Today, Items = [new AllocationItem { ItemId = "I-1", Amount = 100 }], Time = then };
        await bench.Engine.SubmitBatchAsync([payment, matched]);

        await using var reader = await JournalFactory.OpenMomentAsync(bench.Address);
        Assert.Equal(Sorted((one, "DE01", 0, 30), (one, "FR02", 100, 0), (two, "FR02", 100, 0)), await ReadAsync(reader, AsOf.Now));
        Assert.Equal(Sorted((one, "DE01", 100, 0), (one, "FR02", 100, 0), (two, "FR02", 100, 0)), await ReadAsync(reader, new PastBound(then, long.MaxValue)));
        Assert.Equal(Sorted((two, "FR02", 100, 0)), await ReadAsync(reader, AsOf.Now, only: 1));
        await Assert.ThrowsAsync<TooManyBalancesException>(() => ReceivablesByCompany.ReadAsync(reader, reader.Database, AsOf.Now, default, most: 2));
    }

    [Fact]
    public async Task An_invoice_from_before_a_pruning_is_owed_at_no_company_and_it_is_said()
    {
        await using var bench = await Bench.StartAsync(partitions: 2, clock: "events");
        var customer = bench.CustomerIn(0);
        await FeedAsync(First, Invoice(customer, "I-1", "DE01", First));
        await FeedAsync(First + 40, Invoice(customer, "I-2", "DE01", First + 40));
        await bench.CloseAsync();
        await PruningAround.PruneAsync(bench.Address, new DateOnly(2025, 2, 1));

        await using var reader = await JournalFactory.OpenMomentAsync(bench.Address);
        var read = await ReceivablesByCompany.ReadAsync(reader, reader.Database, AsOf.Now, default);
        Assert.Equal([("", 100L), ("DE01", 100)], read.Balances.Select(b => (b.Company, b.Open)).Order());
        Assert.Equal((1, null), (read.Untold, read.Unbalanced));
        Assert.Equal(new DateOnly(2025, 1, 31), read.PrunedUpTo?.UtcDate);

        async Task FeedAsync(int day, Fact fact)
        {
            fact.Time = Instant.From(DateOnly.FromDayNumber(day));
            await bench.Engine.StartDaysAsync(day);
            await bench.Engine.FeedAsync([fact]);
        }
    }

    private static async Task<List<(string, string, long, long)>> ReadAsync(IStoredReader reader, PastBound until, int? only = null) =>
        Sorted([.. (await ReceivablesByCompany.ReadAsync(reader, reader.Database, until, default, only)).Balances.Select(b => (b.Customer, b.Company, b.Open, b.Unapplied))]);

    private static List<(string, string, long, long)> Sorted(params (string, string, long, long)[] balances) => [.. balances.Order()];

    private static InvoicePosted Invoice(string customer, string id, string company, int day) => new()
    {
        Customer = customer, EventId = "e" + id, Source = "t", InvoiceId = id, Amount = 100, Currency = Bench.Eur, IssuedOn = day, DueOn = day + 30, Company = company, Time = Instant.From(DateOnly.FromDayNumber(day)),
    };
}
