using System.Diagnostics;
using ExposureMonitor.Domain;

/// <summary>The cost of one event on a customer with ever more open items: the machine alone, in memory.</summary>
internal static class FlatCost
{
    private const int Rounds = 11, Triples = 500;

    /// <summary>Nanoseconds an event, every round, by the number of open items.</summary>
    internal static SortedDictionary<int, List<double>> Measure()
    {
        var result = new SortedDictionary<int, List<double>>();
        // The code is compiled for good only after many calls and some time; what is measured before counts for nothing.
        for (var warm = Stopwatch.StartNew(); warm.Elapsed.TotalSeconds < 5;) Measure(1_000);
        foreach (var open in (int[])[10, 100, 1_000, 10_000, 100_000]) result[open] = Measure(open);
        return result;
    }

    private static List<double> Measure(int open)
    {
        var book = new Book(0, RealisticBook.Eur, eventClock: true);
        var (effects, seq, day) = (new EffectBuffer(), 0L, RealisticBook.Day);
        void Tell(Fact fact)
        {
            effects.Clear();
            if (PartitionMachine.Apply(book, fact, new EntryPosition(0, ++seq, 0), effects).Kind != OutcomeKind.Applied) throw new InvalidOperationException("A fact was not applied.");
        }

        Tell(new DayStarted { Day = day });
        for (var i = 0; i < open; i++) Tell(Invoice("O" + i, day + i % 200));
        var rounds = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < Triples; i++)
            {
                var id = $"{round}-{i}";
                Tell(Invoice("N" + id, day + i % 200));
                Tell(new PaymentReceived { Customer = "C", PaymentId = "P" + id, Amount = 100, Currency = RealisticBook.Eur, ValueOn = day, Cleared = true, EventId = "P" + id, Source = "bench" });
                Tell(new PaymentAllocated { Customer = "C", AllocationId = "A" + id, FromId = "P" + id, AllocatedOn = day, EventId = "A" + id, Source = "bench", Items = [new AllocationItem { ItemId = "N" + id, Amount = 100 }] });
            }

            rounds.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds / (3 * Triples));
        }

        if (book.Figures(0).Gross != open * 100L) throw new InvalidOperationException("The exposure is wrong, no figure is printed.");
        return rounds;

        InvoicePosted Invoice(string id, int due) => new()
        {
            Customer = "C", InvoiceId = id, Amount = 100, Currency = RealisticBook.Eur, IssuedOn = day, DueOn = due, EventId = id, Source = "bench",
            Time = Instant.From(DateOnly.FromDayNumber(day)),
        };
    }
}
