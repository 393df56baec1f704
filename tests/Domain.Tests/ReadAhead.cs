using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>What is done for speed alone changes nothing: the window of event ids, and reading ahead.</summary>
public sealed class ReadAhead
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_window_knows_the_last_event_ids_and_no_others(int seed)
    {
        var (window, dice) = (new EventWindow(), new Random(seed));
        var (known, order) = (new Dictionary<string, ulong>(), new Queue<string>());
        for (var i = 0; i < 60_000; i++)
        {
            // New ids, near and far repetitions, some of them with other content.
            var id = "e" + (dice.Next(3) == 0 ? Math.Max(0, i - dice.Next(2 * EventWindow.Size)) : i);
            var content = (ulong)dice.Next(2);
            var entered = window.Enter(new OrderCancelled { EventId = id, Source = "s" }, content, out var graded);
            var was = known.TryGetValue(id, out var before);
            Assert.Equal(!was, entered);
            if (was)
            {
                Assert.Equal(before == content ? OutcomeKind.Duplicate : OutcomeKind.ConflictingDuplicate, graded.Kind);
                continue;
            }

            known[id] = content;
            order.Enqueue(id);
            if (order.Count > EventWindow.Size) known.Remove(order.Dequeue());
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Reading_ahead_changes_no_outcome_no_effect_and_no_state(int seed)
    {
        var (plain, ahead) = (Run(seed, foresees: false), Run(seed, foresees: true));
        Assert.Equal(plain.Trace, ahead.Trace);
        Assert.Equal(plain.State, ahead.State);
        Assert.Contains(plain.Trace, line => line.StartsWith(nameof(OutcomeKind.ConflictingDuplicate), StringComparison.Ordinal));
    }

    private static (List<string> Trace, byte[] State) Run(int seed, bool foresees)
    {
        var (dice, book, effects, foresight) = (new Random(seed), new Book(0, Desk.Eur, eventClock: false), new EffectBuffer(), new Foresight());
        var (today, trace) = (DateOnly.FromDateTime(new DateTime(2026, 3, 2)).DayNumber, new List<string>());
        var facts = new List<Fact> { new DayStarted { Day = today } };
        for (var i = 0; i < 6_000; i++)
        {
            var amount = 1 + dice.Next(900);
            Fact fact = dice.Next(6) switch
            {
                0 or 1 => new OrderPlaced { OrderId = $"O{dice.Next(2_000)}", Amount = amount, Currency = Desk.Eur, OrderedOn = today, ShipOn = today + dice.Next(90) },
                2 => new DeliveryPosted { DeliveryId = $"D{dice.Next(2_000)}", OrderId = $"O{dice.Next(2_000)}", Amount = amount, Currency = Desk.Eur, ShippedOn = today },
                3 => new InvoicePosted { InvoiceId = $"I{dice.Next(2_000)}", Amount = amount, Currency = Desk.Eur, IssuedOn = today, DueOn = today + dice.Next(40) - 20 },
                4 => new PaymentReceived { PaymentId = $"P{dice.Next(2_000)}", Amount = amount, Currency = Desk.Eur, ValueOn = today, Cleared = true },
                _ => new LimitSet { Version = i + 1, Currency = Desk.Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = dice.Next(20_000) }] },
            };
            (fact.Customer, fact.Source, fact.EventId) = ($"C{dice.Next(300)}", "s", dice.Next(20) == 0 ? $"e{dice.Next(i + 1)}" : $"e{i}");
            facts.Add(fact);
        }

        for (var i = 0; i < facts.Count; i++)
        {
            facts[i].Time = facts[i].Arrival = Instant.From(DateOnly.FromDayNumber(today)).Plus(i * Instant.Second);
            if (foresees && i % Foresight.Max == 0)
            {
                for (var k = i; k < Math.Min(facts.Count, i + Foresight.Max); k++) foresight.Add(book, facts[k]);
                foresight.Look();
            }

            effects.Clear();
            var outcome = PartitionMachine.Apply(book, facts[i], new EntryPosition(0, i + 1, 0), effects);
            trace.Add($"{outcome.Kind} {outcome.Reason} {book.Previous} {string.Join(' ', effects.Effects.Select(e => $"{e.Kind} {e.Customer} {e.Subject}"))}");
        }

        var state = new ByteBuffer();
        book.WriteState(state);
        for (var slot = 0; slot < book.AccountCount; slot++) book.WriteAccount(slot, state);
        return (trace, state.Written.ToArray());
    }
}
