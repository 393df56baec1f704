using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;

namespace ExposureMonitor.Standalone;

/// <summary>A generated trade history that streams in, ending today, and one held order to play with.</summary>
internal static class Demo
{
    internal static async Task RunAsync(bool quiet, ExposureEngine engine, IEventDecoder decoder, CancellationToken cancel)
    {
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var events = new Generator(new GeneratorOptions { Customers = 100, Days = 60, Start = today.AddDays(-59) }).Run().ToList();
        if (!quiet) Console.WriteLine($"A history of 100 customers over 60 days streams in: {events.Count} events.");
        var now = DateTimeOffset.UtcNow;
        foreach (var slice in events.Where(e => e.At <= now).Chunk(500))
            await engine.SubmitBatchAsync([.. slice.Select(e => decoder.Decode(Encoding.UTF8.GetBytes(e.Json), default))], cancel);
        await engine.SubmitBatchAsync([.. Story(today)], cancel);
        if (!quiet) Console.WriteLine("It is in. Customer DEMO has an order on hold; the README says how to release it by a payment.");
    }

    private static IEnumerable<Fact> Story(DateOnly today)
    {
        var (eur, day) = (Currency.Parse("EUR"), today.DayNumber);
        Fact[] facts =
        [
            new CustomerOpened { Currency = eur, Profile = new CustomerProfile { Name = "Demo Trading", Segment = "TRADE", Country = "DE" } },
            new LimitSet { Version = 1, Currency = eur, SetBy = "demo", Steps = [new LimitStep { From = day - 30, Kind = LimitKind.Amount, Amount = 10_000_000 }] },
            new InvoicePosted { InvoiceId = "DEMO-I1", Amount = 9_000_000, Currency = eur, IssuedOn = day - 10, DueOn = day + 20 },
            new OrderPlaced { OrderId = "DEMO-O1", Amount = 2_000_000, Currency = eur, OrderedOn = day, ShipOn = day + 5, Priority = 1 },
        ];
        for (var i = 0; i < facts.Length; i++)
        {
            (facts[i].Customer, facts[i].EventId, facts[i].Source) = ("DEMO", "demo-" + i, "demo");
            yield return facts[i];
        }
    }
}
