using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>One decision per idempotency key, also for checks that waited for their group.</summary>
public sealed class LateDecisions
{
    [Fact]
    public async Task A_key_that_was_looked_up_before_its_waiting_check_was_decided_is_not_decided_again()
    {
        await using var bench = await Bench.StartAsync();
        await bench.Engine.SubmitBatchAsync([
            new CustomerOpened { Customer = "P", EventId = "kP", Source = "t", Currency = Bench.Eur }, Bench.Limit("P", 10_000),
            new CustomerOpened { Customer = "A", EventId = "kA", Source = "t", Currency = Bench.Eur, Profile = new CustomerProfile { ParentId = "P" } },
        ]);
        await QuietAsync(bench.Engine);
        // A caller whose first call was cut off asks again: he looks the key up while the check still waits for its slice.
        var again = Bench.Check("A", 4_000, "k");
        var seen = bench.Engine.Overtaken(again);
        Assert.Null(await bench.Engine.Deciding.DecisionByKeyAsync(IdempotencyKey.Hash("desk", "A", "k"), default));
        var first = (await bench.Engine.SubmitAsync(Bench.Check("A", 4_000, "k"))).Effects.OfType<CheckDecided>().Single();
        Assert.NotEqual(("", ""), (first.Asked, first.ReservationId));

        await Assert.ThrowsAsync<EngineUnavailableException>(() => bench.Engine.SubmitAsync(again, seen));
        Assert.NotNull(await bench.Engine.Deciding.DecisionByKeyAsync(IdempotencyKey.Hash("desk", "A", "k"), default));
        Assert.Equal(4_000, await bench.Engine.ReadAsync(bench.Engine.PartitionOf("A"), book => book.Figures(book.FindSlot("A")).Reserved));
        await bench.CloseAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    private static async Task QuietAsync(ExposureEngine engine)
    {
        for (var calm = 0; calm < 2;)
        {
            var open = 0L;
            for (var sender = Book.House; sender < engine.Database.Partitions; sender++)
            {
                var from = sender;
                foreach (var (receiver, last) in await engine.ReadAsync(sender, book => book.Sent.ToArray())) open += last - await engine.ReadAsync(receiver, book => book.TakenFrom(from));
            }

            calm = open == 0 ? calm + 1 : 0;
        }
    }
}
