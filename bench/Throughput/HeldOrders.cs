using System.Globalization;
using ExposureMonitor.Bench;
using ExposureMonitor.Domain;

/// <summary>The cost of one event on a customer with ever more held orders: the machine alone, by CPU.</summary>
internal static class HeldOrders
{
    internal static void Print()
    {
        Console.WriteLine("\n| held orders of the customer | no limit: ns/event | a limit that is exceeded: ns/event |\n|---:|---:|---:|");
        Measure(100, null);
        foreach (var held in (int[])[10, 100, 1_000, 5_000])
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {held:N0} | {Measure(held, null):N0} | {Measure(held, 1):N0} |"));
    }

    /// <summary>Orders that join the held ones, invoices and payments, a third each.</summary>
    private static double Measure(int held, long? limit)
    {
        var book = new Book(0, Workload.Eur, eventClock: true);
        var (effects, seq, day, events) = (new EffectBuffer(), 0L, Workload.Day, 300);
        Tell(new DayStarted { Day = day });
        if (limit is { } amount) Tell(new LimitSet { Customer = "C", Version = 1, Currency = Workload.Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = amount }] });
        for (var i = 0; i < held; i++) Order($"H{i}");
        var begun = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < events / 3; i++)
        {
            Order($"N{i}");
            Tell(new InvoicePosted { Customer = "C", InvoiceId = $"I{i}", Amount = 100, Currency = Workload.Eur, IssuedOn = day, DueOn = day + 30 });
            Tell(new PaymentReceived { Customer = "C", PaymentId = $"P{i}", Amount = 50, Currency = Workload.Eur, ValueOn = day, Cleared = true });
        }

        var took = (Environment.CpuUsage.TotalTime - begun).TotalNanoseconds / events;
        if (book.Figures(0).HeldOrders != held + events / 3) throw new InvalidOperationException("An order is not held: no figure is printed.");
        return took;

        void Order(string id) => Tell(new OrderPlaced { Customer = "C", OrderId = id, Amount = 100, Currency = Workload.Eur, OrderedOn = day, ShipOn = day + 3 });

        void Tell(Fact fact)
        {
            effects.Clear();
            fact.Time = Instant.From(DateOnly.FromDayNumber(day));
            if (PartitionMachine.Apply(book, fact, new EntryPosition(0, ++seq, 0), effects).Kind != OutcomeKind.Applied) throw new InvalidOperationException("A fact was not applied.");
        }
    }
}
