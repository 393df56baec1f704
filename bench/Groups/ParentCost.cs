using System.Diagnostics;
using System.Globalization;
using ExposureMonitor.Domain;

/// <summary>What a parent pays for the messages of one member, by how many members it has: the machine alone.</summary>
internal static class ParentCost
{
    private const int Rounds = 15, Turns = 400;
    private static readonly Currency Eur = Currency.Parse("EUR");

    /// <param name="Report">Nanoseconds for the word of a member that its use has changed.</param>
    /// <param name="Grant">Nanoseconds for a want that is granted and the slice's way back: two messages of the member.</param>
    /// <param name="Refused">Nanoseconds for the word of a member while a quarter of all wait for headroom that is not there.</param>
    internal readonly record struct Cost(double Report, double Grant, double Refused)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"a report {Report:0} ns, a slice asked for, granted and given back {Grant:0} ns; a report while a quarter of the members wait in vain {Refused:0} ns");
    }

    /// <summary>Measured once all code is compiled as it stays.</summary>
    internal static Cost Measure(int members)
    {
        if (!_isWarm)
        {
            for (var warm = Stopwatch.StartNew(); warm.Elapsed.TotalSeconds < 3;) Take(100);
            _isWarm = true;
        }

        return Take(members);
    }

    private static bool _isWarm;

    private static Cost Take(int members)
    {
        var (book, effects, seq) = (new Book(0, Eur, eventClock: false), new EffectBuffer(), 0L);
        var now = Instant.From(new DateOnly(2026, 3, 2));
        var said = new (long Version, long Returned, long Granted, long Want, long WantNumber, long Least)[members];
        Apply(new DayStarted { Day = new DateOnly(2026, 3, 2).DayNumber });
        Apply(new CustomerOpened { Customer = "P", Currency = Eur });
        Apply(new LimitSet { Customer = "P", Version = 1, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = 1_000L * members }] });
        for (var m = 0; m < members; m++)
        {
            Say(new LeaseAsked(), m, 0);
            Say(new LeaseAsked(), m, 0, want: 100);
        }

        var (reports, grants, refused) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            reports.Add(Timed(m => Say(new LeaseReported(), m, 100 + round % 2)));
            grants.Add(Timed(m =>
            {
                Say(new LeaseAsked(), m, 100, want: said[m].Granted - said[m].Returned + 10);
                var back = said[m].Granted - said[m].Returned - 100;
                Say(new LeaseReturned(), m, 100, returns: back);
            }));
        }

        // More than the limit allows is asked for by every fourth; all others have nothing to give back.
        for (var m = 0; m < members; m += 4) Say(new LeaseAsked(), m, 100, want: 2_000L * members);
        for (var m = 0; m < members; m++) Say(new LeaseReported(), m, 100, want: said[m].Want, least: said[m].Want, answers: long.MaxValue / 2);
        for (var round = 0; round < Rounds; round++) refused.Add(Timed(m => Say(new LeaseReported(), m, 100 + round % 2, want: said[m].Want, least: said[m].Least, answers: long.MaxValue / 2)));
        return new Cost(reports.Min(), grants.Min(), refused.Min());

        double Timed(Action<int> turn)
        {
            var begun = Stopwatch.GetTimestamp();
            for (var i = 0; i < Turns; i++) turn((int)((long)i * 7_919 % members));
            return Stopwatch.GetElapsedTime(begun).TotalNanoseconds / Turns;
        }

        void Say(LeaseReport report, int member, long use, long want = 0, long returns = 0, long least = 0, long answers = 0)
        {
            ref var s = ref said[member];
            if (want != s.Want) s.WantNumber++;
            (s.Want, s.Least, s.Returned) = (want, least, s.Returned + returns);
            (report.Customer, report.Child, report.Version, report.Returned, report.Use, report.Want) = ("P", "M" + member, ++s.Version, s.Returned, use, want);
            (report.WantNumber, report.KeyAt, report.KeyId, report.ShareBp) = (s.WantNumber, Instant.From(new DateOnly(2026, 3, 2)), "O" + member, 10_000);
            (report.Least, report.Answered) = (least, answers);
            Apply(report);
            foreach (var effect in effects.Effects)
                if (effect is MessageSent { Fact: LeaseStatement told } sent) said[int.Parse(sent.To.AsSpan(1), CultureInfo.InvariantCulture)].Granted = told.Granted;
        }

        void Apply(Fact fact)
        {
            effects.Clear();
            now = now.Plus(1);
            (fact.Arrival, fact.Time) = (now, now);
            if (PartitionMachine.Apply(book, fact, new EntryPosition(0, ++seq, 0), effects).Kind != OutcomeKind.Applied) throw new InvalidOperationException($"{fact.GetType().Name} was not applied.");
        }
    }
}
