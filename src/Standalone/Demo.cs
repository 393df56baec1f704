using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;

namespace ExposureMonitor.Standalone;

/// <summary>A generated trade history that streams in, ending today, and one held order to play with.</summary>
internal static class Demo
{
    internal static async Task RunAsync(bool quiet, string url, ExposureEngine engine, IEventDecoder decoder, CancellationToken cancel)
    {
        // The story is told last: where it is, the history before it is in as well.
        var isAgain = engine.TryGetRow("DEMO", out var row);
        if (!isAgain)
        {
            var today = DateOnly.FromDateTime(DateTime.UtcNow);
            var now = DateTimeOffset.UtcNow;
            var events = new Generator(new GeneratorOptions { Prefix = "D", Customers = 100, Days = 60, Start = today.AddDays(-59) }).Run().Where(e => e.At <= now).ToList();
            await Progress.RunAsync(quiet, "history of 100 customers", events.Count, async tell =>
            {
                var done = 0;
                foreach (var slice in events.Chunk(500))
                {
                    await engine.SubmitBatchAsync([.. slice.Select(e => decoder.Decode(Encoding.UTF8.GetBytes(e.Json), default))], cancel);
                    tell(done += slice.Length);
                }
            });
            await engine.SubmitBatchAsync([.. Story(today)], cancel);
            await new LivingBook(engine).NameAsync(cancel);
        }

        if (quiet) return;
        if (isAgain && row.Figures.HeldOrders == 0)
        {
            Console.WriteLine();
            Console.WriteLine("The order of the demo was released already, so its payment changes nothing more. For a new story: EXPOSURE_DB=data/again.db ./run");
        }

        var (day, time) = (DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), "'$(date -u +%FT%TZ)'");
        Console.WriteLine($$$"""

            Then try:

              # live exposures, largest first
              curl -sw '\n' -H "X-Api-Key: $ANALYST" "{{{url}}}/api/v1/portfolio?limit=5"
              # an order on hold, and why
              curl -sw '\n' -H "X-Api-Key: $ANALYST" {{{url}}}/api/v1/customers/DEMO/holds/DEMO-O1
              # a payment that cures it
              curl -sw '\n' -H "X-Api-Key: $SERVICE" -H "Content-Type: application/json" {{{url}}}/api/v1/events -d '{"specversion":"1.0","id":"pay-1","source":"bank","type":"credit.payment.received.v1","subject":"DEMO","time":"{{{time}}}","data":{"paymentId":"PAY1","amount":"4000000","currency":"EUR","valueOn":"{{{day}}}","cleared":true}}'
              # the release, with its cause
              curl -sw '\n' -H "X-Api-Key: $ANALYST" "{{{url}}}/api/v1/hold-records?customer=DEMO&limit=1"
              # the same, live: leave it open, and send another event
              curl -N -H "X-Api-Key: $ANALYST" "{{{url}}}/api/v1/live?subs=customer:DEMO,holds"

            """);
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
