using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>A sweep at once, late, or never before the next touch leaves the same accounts and tells the same signals.</summary>
public sealed class Sweeps
{
    private static readonly int First = DateOnly.Parse("2026-03-02", System.Globalization.CultureInfo.InvariantCulture).DayNumber;

    private enum When
    {
        AtOnce, Late, BeforeTheNextDayOnly,
    }

    [Fact]
    public void It_does_not_matter_when_the_sweep_comes()
    {
        var signals = 0;
        for (var seed = 1; seed <= 60; seed++)
        {
            var atOnce = Live(seed, When.AtOnce);
            foreach (var when in (When[])[When.Late, When.BeforeTheNextDayOnly])
            {
                var other = Live(seed, when);
                Assert.Equal(atOnce.Signals, other.Signals);
                for (var slot = 0; slot < atOnce.Accounts.Count; slot++) Assert.True(atOnce.Accounts[slot].AsSpan().SequenceEqual(other.Accounts[slot]), $"seed {seed}, {when}, slot {slot}");
            }

            signals += atOnce.Signals.Count;
        }

        Assert.True(signals > 60, "A run without signals would prove nothing.");
    }

    [Fact]
    public async Task Commands_come_between_the_slices_of_a_sweep()
    {
        await using var bench = await Bench.StartAsync(partitions: 1);
        var facts = Enumerable.Range(0, 6_000).Select(n => (Fact)bench.Order($"S{n}", $"O{n}")).ToList();
        await bench.Engine.SubmitBatchAsync(facts);
        await bench.Engine.SubmitAsync(Bench.Limit("S1", 500));
        var before = (await bench.Journal.Inner.Reader.HeadsAsync(default)).Single(h => h.Partition == 0).Seq;
        // Told inside the loop: the day and the command wait for it together.
        Task<Answer>? check = null;
        await bench.Engine.ReadAsync(0, book =>
        {
            bench.Clock.Advance(TimeSpan.FromDays(1));
            check = bench.Engine.SubmitAsync(Bench.Check("S1", 10, "k"));
            return 0;
        });
        await check!;
        while (await bench.Engine.ReadAsync(0, book => book.SweepPending)) await Task.Yield();
        var order = new List<string>();
        await foreach (var stored in bench.Journal.Inner.Reader.FramesAsync(0, before, long.MaxValue, default))
            foreach (var entry in FrameCodec.Read(stored.Payload).Entries) order.Add(entry.Fact.GetType().Name);
        order.RemoveAll(o => o == "TimerDue");
        Assert.Equal("DayStarted", order[0]);
        Assert.Equal(24, order.Count(o => o == "SweepDue"));
        Assert.InRange(order.IndexOf("CheckCredit"), 1, order.LastIndexOf("SweepDue") - 1);
        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    private static (List<byte[]> Accounts, List<string> Signals) Live(int seed, When when)
    {
        var random = new Random(seed);
        var book = new Book(0, Bench.Eur, eventClock: false);
        var effects = new EffectBuffer();
        var signals = new List<string>();
        long seq = 0;
        for (var day = 0; day < 40; day++)
        {
            // The same places in the journal for the same facts, whatever stands between them.
            var time = Instant.From(DateOnly.FromDayNumber(First + day)).Plus(Instant.Second);
            if (when == When.BeforeTheNextDayOnly) SweepAll(time);
            Apply(new DayStarted { Day = First + day, Arrival = time }, seq = day * 10_000 + 1);
            if (when == When.AtOnce) SweepAll(time);
            if (day == 20) Apply(new FxRatePublished { From = Currency.Parse("USD"), To = Bench.Eur, Rate = new FxRate(2 * FxRate.Scale), AsOf = time, Arrival = time }, ++seq);
            if (when == When.AtOnce) SweepAll(time);
            for (var n = random.Next(6); n > 0; n--)
            {
                var fact = Fact(random, $"{day}-{n}", First + day);
                fact.Arrival = fact.Time = time.Plus((10 - n) * Instant.Second);
                Apply(fact, ++seq);
            }

            if (when == When.Late && random.Next(2) == 0) SweepAll(time.Plus(3_600 * Instant.Second));
            else if (when != When.Late) random.Next(2);
        }

        SweepAll(Instant.From(DateOnly.FromDayNumber(First + 41)));
        var accounts = new List<byte[]>();
        for (var slot = 0; slot < book.AccountCount; slot++)
        {
            var buffer = new ByteBuffer();
            book.WriteAccount(slot, buffer);
            accounts.Add(buffer.Written.ToArray());
        }

        // One account's signals in their order; between accounts there is none.
        return (accounts, [.. signals.Order(StringComparer.Ordinal)]);

        void Apply(Fact fact, long at)
        {
            effects.Clear();
            PartitionMachine.Apply(book, fact, new EntryPosition(0, at, 0), effects);
            foreach (var effect in effects.Effects)
                if (effect is SignalChanged s) signals.Add($"{s.Customer} {s.Indicator} {s.About} {s.Step} {s.State} {s.Value}");
        }

        void SweepAll(Instant arrival)
        {
            while (book.SweepPending) Apply(new SweepDue { FromSlot = book.SweepFrom, Arrival = arrival }, seq + 5_000);
        }
    }

    private static Fact Fact(Random random, string id, int today)
    {
        var customer = $"C{random.Next(5)}";
        var (currency, amount) = (random.Next(4) == 0 ? Currency.Parse("USD") : Bench.Eur, 50L + random.Next(400));
        Fact fact = random.Next(5) switch
        {
            0 => new LimitSet { Version = today, Currency = Bench.Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = 200 + random.Next(900) }] },
            1 => new OrderPlaced { OrderId = "O" + id, Amount = amount, Currency = currency, OrderedOn = today, ShipOn = today + random.Next(60) },
            2 or 3 => new InvoicePosted { InvoiceId = "I" + id, Amount = amount, Currency = currency, IssuedOn = today, DueOn = today + random.Next(12) },
            _ => new PaymentReceived { PaymentId = "P" + id, Amount = amount, Currency = currency, ValueOn = today, Cleared = random.Next(2) == 0 },
        };
        (fact.Customer, fact.EventId, fact.Source) = (customer, "e" + id, "t");
        return fact;
    }
}
