using System.Diagnostics;
using ExposureMonitor.Domain;

/// <summary>What is told: of today, or two days late of a customer who is behind with one of ten items, under the first rules and under the newest.</summary>
internal enum Arrival
{
    Today,
    LateFirstRules,
    Late,
}

/// <summary>The cost of one event on a customer with ever more open items: the machine alone, in memory.</summary>
internal static class FlatCost
{
    private const int Rounds = 11, Triples = 500;

    /// <summary>Nanoseconds an event, every round, by the number of open items.</summary>
    internal static SortedDictionary<int, List<double>> Measure(Arrival arrival, int[]? sizes = null)
    {
        var result = new SortedDictionary<int, List<double>>();
        // The code is compiled for good only after many calls and some time; what is measured before counts for nothing.
        for (var warm = Stopwatch.StartNew(); warm.Elapsed.TotalSeconds < 5;) Measure(1_000, arrival, Triples);
        // A late event costs more, and says so after fewer.
        foreach (var open in sizes ?? [10, 100, 1_000, 10_000, 100_000]) result[open] = Measure(open, arrival, arrival == Arrival.Today || open <= 1_000 ? Triples : 20);
        return result;
    }

    private static List<double> Measure(int open, Arrival arrival, int triples)
    {
        var book = new Book(0, RealisticBook.Eur, eventClock: true);
        var (effects, seq, day) = (new EffectBuffer(), 0L, RealisticBook.Day);
        var own = arrival == Arrival.Today ? day : day - 2;
        if (arrival == Arrival.LateFirstRules) book.GoBy(1);
        void Tell(Fact fact)
        {
            effects.Clear();
            if (PartitionMachine.Apply(book, fact, new EntryPosition(0, ++seq, 0), effects).Kind != OutcomeKind.Applied) throw new InvalidOperationException("A fact was not applied.");
        }

        var begins = arrival == Arrival.Today ? day : day - 40;
        Tell(new DayStarted { Day = begins });
        for (var i = 0; i < open; i++) Tell(Invoice("O" + i, arrival != Arrival.Today && i % 10 == 0 ? day - 20 : day + i % 200, begins));
        for (var next = begins + 1; next <= day; next++)
        {
            Tell(new DayStarted { Day = next, Time = Instant.From(DateOnly.FromDayNumber(next)) });
            while (book.SweepPending) Tell(new SweepDue { FromSlot = book.SweepFrom });
        }

        var rounds = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < triples; i++)
            {
                var id = $"{round}-{i}";
                Tell(Invoice("N" + id, day + i % 200, own));
                Tell(new PaymentReceived { Customer = "C", PaymentId = "P" + id, Amount = 100, Currency = RealisticBook.Eur, ValueOn = own, Cleared = true, EventId = "P" + id, Source = "bench" });
                Tell(new PaymentAllocated { Customer = "C", AllocationId = "A" + id, FromId = "P" + id, AllocatedOn = own, EventId = "A" + id, Source = "bench", Items = [new AllocationItem { ItemId = "N" + id, Amount = 100 }] });
            }

            rounds.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds / (3 * triples));
        }

        if (book.Figures(0).Gross != open * 100L) throw new InvalidOperationException("The exposure is wrong, no figure is printed.");
        return rounds;

        InvoicePosted Invoice(string id, int due, int issued) => new()
        {
            Customer = "C", InvoiceId = id, Amount = 100, Currency = RealisticBook.Eur, IssuedOn = issued, DueOn = due, EventId = id, Source = "bench",
            Time = Instant.From(DateOnly.FromDayNumber(issued)),
        };
    }
}
