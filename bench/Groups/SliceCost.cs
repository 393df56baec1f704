using System.Diagnostics;
using ExposureMonitor.Domain;

/// <summary>What a check inside its slice costs, against that of a customer without a group: the machine alone, both in turns.</summary>
internal static class SliceCost
{
    private const int Rounds = 60, Checks = 2_000, Kept = 20;
    private static readonly Currency Eur = Currency.Parse("EUR");

    /// <summary>
    /// Nanoseconds a check with the end of its reservation: the least of many turns, since whatever else runs on the machine can only add to one.
    /// Both begin a pair of turns equally often.
    /// </summary>
    internal static (double Alone, double Member) Measure()
    {
        // A firm of one partition; its house answers as the other partition would.
        var (book, house, effects, seq) = (new Book(0, Eur, eventClock: false), new Book(Book.House, Eur, eventClock: false), new EffectBuffer(), 0L);
        var now = Instant.From(new DateOnly(2026, 3, 2));
        Tell(book, new DayStarted { Day = new DateOnly(2026, 3, 2).DayNumber });
        Tell(house, new DayStarted { Day = new DateOnly(2026, 3, 2).DayNumber });
        foreach (var customer in (string[])["P", "A"])
        {
            Tell(book, new CustomerOpened { Customer = customer, Currency = Eur });
            Tell(book, new LimitSet { Customer = customer, Version = 1, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = 10_000_000 }] });
        }

        Tell(book, new CustomerOpened { Customer = "M", Currency = Eur, Profile = new CustomerProfile { ParentId = "P" } });
        Tell(book, new LimitSet { Customer = "M", Version = 1, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = 9_000_000 }] });
        // A slice that nothing here outgrows.
        Tell(book, new OrderPlaced { Customer = "M", OrderId = "big", Amount = 5_000_000, Currency = Eur, OrderedOn = book.Today, ShipOn = book.Today });
        Tell(book, new OrderChanged { Customer = "M", OrderId = "big", Version = 1, Amount = 2_600_000, Currency = Eur, ShipOn = book.Today });
        Tell(book, new OrderPlaced { Customer = "A", OrderId = "big", Amount = 2_600_000, Currency = Eur, OrderedOn = book.Today, ShipOn = book.Today });
        var (alone, member) = (new List<double>(), new List<double>());
        for (var warm = Stopwatch.StartNew(); warm.Elapsed.TotalSeconds < 2;)
        {
            Turn("A");
            Turn("M");
        }

        for (var round = 0; round < Rounds; round++)
        {
            if (round % 2 == 0) alone.Add(Turn("A"));
            member.Add(Turn("M"));
            if (round % 2 == 1) alone.Add(Turn("A"));
        }

        return (alone.Min(), member.Min());

        double Turn(string customer)
        {
            var kept = new Queue<string>();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < Checks; i++)
            {
                var at = Apply(book, new CheckCredit { Customer = customer, Amount = 100, Currency = Eur, Actor = "bench" });
                if (effects.Effects[0] is not CheckDecided { ReservationId.Length: > 0 } decided) throw new InvalidOperationException($"A check at {at} was not approved; no figure is printed.");
                kept.Enqueue(decided.ReservationId);
                if (kept.Count > Kept) Apply(book, new EndReservation { Customer = customer, ReservationId = kept.Dequeue(), Actor = "bench" });
            }

            var took = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Checks;
            while (kept.TryDequeue(out var last)) Apply(book, new EndReservation { Customer = customer, ReservationId = last, Actor = "bench" });
            return took;
        }

        EntryPosition Apply(Book to, Fact fact)
        {
            effects.Clear();
            now = now.Plus(1);
            (fact.Arrival, fact.Time) = (now, now);
            var at = new EntryPosition(to.Partition, ++seq, 0);
            if (PartitionMachine.Apply(to, fact, at, effects).Kind != OutcomeKind.Applied) throw new InvalidOperationException($"{fact.GetType().Name} was not applied.");
            return at;
        }

        void Tell(Book to, Fact fact)
        {
            Apply(to, fact);
            foreach (var sent in effects.Effects.OfType<MessageSent>().ToList())
            {
                sent.Fact.Customer = sent.To;
                Tell(sent.Receiver == Book.House ? house : book, sent.Fact);
            }
        }
    }
}
