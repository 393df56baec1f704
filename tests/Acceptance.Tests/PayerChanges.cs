using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>Orders change their payer across partitions of a real database, through restarts.</summary>
public sealed class PayerChanges
{
    private const int Count = 200;
    private static readonly int Today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).DayNumber;
    private static readonly Currency Eur = Currency.Parse("EUR");

    [Fact]
    public async Task Orders_reach_their_new_payers_once_through_restarts()
    {
        using var work = new Workplace();
        await JournalFactory.CreateAsync(work.Address, new DatabaseInfo("test", "EUR", 4, "wall", "UTC", false));
        await WithEngine(work, engine => engine.SubmitBatchAsync([.. Enumerable.Range(0, Count).SelectMany(Placed)]));
        // Each engine stops right behind the change: its messages are taken by the next one at the latest.
        await WithEngine(work, engine => engine.SubmitBatchAsync([.. Enumerable.Range(0, Count).Select(n => Changed(n, 1, To(n)))]));
        await WithEngine(work, engine => engine.SubmitBatchAsync([.. Enumerable.Range(0, Count).Select(n => new DeliveryPosted
        {
            Customer = From(n), EventId = $"d{n}", Source = "t", DeliveryId = $"D{n}", OrderId = $"O{n}", Amount = 40_00, Currency = Eur, ShippedOn = Today,
        })]));
        await WithEngine(work, async engine =>
        {
            await Quiet(engine);
            for (var n = 0; n < Count; n++)
            {
                Assert.True(engine.TryGetRow(From(n), out var old));
                Assert.Equal((0, 0), (old.Figures.OrdersInside + old.Figures.OrdersOutside, old.Figures.Delivered));
                Assert.True(engine.TryGetRow(To(n), out var now));
                Assert.Equal((60_00, 40_00), (now.Figures.OrdersInside + now.Figures.OrdersOutside, now.Figures.Delivered));
            }
        });

        await using var reader = await JournalFactory.OpenReaderAsync(work.Address);
        var report = await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None);
        Assert.Null(report.Violation);
    }

    private static string From(int n) => $"A{n}";

    private static string To(int n) => $"B{n}";

    private static IEnumerable<Fact> Placed(int n) =>
    [
        Opened(From(n)), Opened(To(n)), Unlimited(From(n)), Unlimited(To(n)),
        new OrderPlaced { Customer = From(n), EventId = $"o{n}", Source = "t", OrderId = $"O{n}", Amount = 100_00, Currency = Eur, OrderedOn = Today, ShipOn = Today + 1 },
    ];

    private static CustomerOpened Opened(string customer) => new() { Customer = customer, EventId = "k" + customer, Source = "t", Currency = Eur };

    private static LimitSet Unlimited(string customer) => new()
    {
        Customer = customer, EventId = "l" + customer, Source = "t", Version = 1, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Unlimited }],
    };

    private static OrderPayerChanged Changed(int n, long version, string payer) =>
        new() { Customer = From(n), EventId = $"p{n}", Source = "t", OrderId = $"O{n}", NewPayer = payer, Version = version };

    private static async Task WithEngine(Workplace work, Func<ExposureEngine, Task> act)
    {
        await using var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(work.Address, offline: true));
        await engine.StartAsync();
        await act(engine);
    }

    /// <summary>Waits until every message that was sent has been taken.</summary>
    private static async Task Quiet(ExposureEngine engine)
    {
        while (true)
        {
            var open = 0L;
            for (var sender = 0; sender < engine.Database.Partitions; sender++)
            {
                var from = sender;
                foreach (var (receiver, last) in await engine.ReadAsync(sender, book => book.Sent.ToArray()))
                    open += last - await engine.ReadAsync(receiver, book => book.TakenFrom(from));
            }

            if (open == 0) return;
        }
    }
}
