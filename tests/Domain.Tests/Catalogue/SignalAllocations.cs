using System.Globalization;
using ExposureMonitor.Domain;
using Xunit;
using Xunit.Abstractions;

namespace ExposureMonitor.Domain.Tests.Catalogue;

/// <summary>What the indicators of habit ask of the memory for one event, counted to the byte: nothing, once the habits of a customer are made.</summary>
public sealed class SignalAllocations(ITestOutputHelper output)
{
    private const int Warm = 420, Measured = 60;

    [Fact]
    public void An_event_of_a_steady_customer_allocates_nothing_for_its_signals()
    {
        // What a run asks for by itself is the same each time; what the process asks for once (code that is compiled anew meanwhile) is in one of them alone.
        var (with, without) = (Least(judges: true), Least(judges: false));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"bytes an event: {with.PerEvent:0.0} with all indicators, {without.PerEvent:0.0} without those of habit; habits of the customer {with.Habits}"));
        Assert.Equal(0, with.Signals);
        // No object is smaller than 24 bytes: what is left is a ring or two that grew into their last size within the months that are measured.
        Assert.InRange(with.PerEvent - without.PerEvent, -8, 8);
    }

    private static (double PerEvent, int Habits, int Signals) Least(bool judges) => Enumerable.Range(0, 4).Select(_ => Bytes(judges)).MinBy(r => r.PerEvent);

    private static (double PerEvent, int Habits, int Signals) Bytes(bool judges)
    {
        var desk = new Desk(limit: 1_000_000_000, riskFollows: false);
        if (!judges) desk.Rules([.. Enumerable.Range(1, 42).Where(n => n is > 13 or 8 or 9).Select(n => ($"signal.{n:00}.on", 0L))]);
        var (book, effects, seq, spent, events) = (desk.Book, new EffectBuffer(), 100_000L, 0L, 0);
        for (var day = 1; day <= Warm + Measured; day++)
        {
            desk.Day(Tale.Text(book.Today + 1));
            var on = book.Today;
            Fact[] facts =
            [
                new OrderPlaced { OrderId = "O" + day, Amount = 10_000 + day % 7, Currency = Desk.Eur, OrderedOn = on, ShipOn = on + 5 },
                new OrderCancelled { OrderId = "O" + day, Version = 1 },
                new InvoicePosted { InvoiceId = "I" + day, Amount = 20_000, Currency = Desk.Eur, IssuedOn = on - 10, DueOn = on + day % 3 },
                new PaymentReceived { PaymentId = "P" + day, Amount = 20_000, Currency = Desk.Eur, ValueOn = on, Cleared = true },
                new PaymentAllocated { AllocationId = "A" + day, FromId = "P" + day, AllocatedOn = on, Items = [new AllocationItem { ItemId = "I" + day, Amount = 20_000 }] },
            ];
            foreach (var fact in facts)
            {
                (fact.Customer, fact.EventId, fact.Time) = (Desk.Customer, fact.GetType().Name + day, desk.Now.Plus(seq++));
                effects.Clear();
                var before = GC.GetAllocatedBytesForCurrentThread();
                PartitionMachine.Apply(book, fact, new EntryPosition(0, seq, 0), effects);
                if (day <= Warm) continue;
                spent += GC.GetAllocatedBytesForCurrentThread() - before;
                events++;
            }
        }

        return ((double)spent / events, book.HabitsOf(0)?.Bytes ?? 0, book.Detail(0).Signals.Count);
    }
}
