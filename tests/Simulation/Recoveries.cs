using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Xunit;

namespace ExposureMonitor.Simulation;

/// <summary>Restarts from snapshots that are complete, behind, or spoiled: the book is always that of the journal, or the partition stays closed.</summary>
public sealed class Recoveries
{
    private static readonly int Today = DateOnly.FromDateTime(StandingClock.Start.Date).DayNumber;
    private static readonly Currency Eur = Currency.Parse("EUR");

    [Fact]
    public async Task A_snapshot_after_a_crash_holds_what_the_tail_changed()
    {
        var journal = NewJournal();
        await using (var first = await StartAsync(journal)) await PlaceAsync(first, 1);
        var second = await StartAsync(journal);
        await PlaceAsync(second, 2);
        // No stop: the process dies behind the commit. The third recovers from the tail, changes another customer and stops.
        await using (var third = await StartAsync(journal)) await PlaceAsync(third, 3);
        await using var last = await StartAsync(journal);
        for (var n = 1; n <= 3; n++)
        {
            Assert.True(last.TryGetRow("C" + n, out var row));
            Assert.Equal(100, row.Figures.Held);
        }

        Assert.Null((await JournalVerifier.RunAsync(journal, journal.Database, CancellationToken.None)).Violation);
    }

    [Theory]
    [InlineData(Spoil.Lost)]
    [InlineData(Spoil.Stale)]
    [InlineData(Spoil.Corrupt)]
    [InlineData(Spoil.NeverEnded)]
    public async Task A_snapshot_that_is_not_whole_is_rebuilt_from_the_journal(Spoil spoil)
    {
        var journal = NewJournal();
        await using (var engine = await StartAsync(journal))
            for (var n = 1; n <= 5; n++) await PlaceAsync(engine, n);
        journal.KeepOldRows();
        await using (var engine = await StartAsync(journal))
            for (var n = 1; n <= 5; n++) await PlaceAsync(engine, n, "again");
        journal.Spoil(spoil, new Dice(3));
        // Rows that are newer than the partition state are in order: recovery leaves their accounts alone up to there.
        Assert.Equal(spoil == Spoil.NeverEnded, (await JournalVerifier.RunAsync(journal, journal.Database, CancellationToken.None)).Violation is null);
        await using (var engine = await StartAsync(journal))
        {
            for (var n = 1; n <= 5; n++)
            {
                Assert.True(engine.TryGetRow("C" + n, out var row));
                Assert.Equal(200, row.Figures.Held);
            }

            await PlaceAsync(engine, 6);
        }

        // The next snapshot is whole again.
        Assert.Null((await JournalVerifier.RunAsync(journal, journal.Database, CancellationToken.None)).Violation);
    }

    [Fact]
    public async Task A_row_ahead_of_the_journal_keeps_the_partition_closed()
    {
        var journal = NewJournal();
        await using (var engine = await StartAsync(journal)) await PlaceAsync(engine, 1);
        journal.Spoil(Spoil.Future, new Dice(3));
        Assert.NotNull((await JournalVerifier.RunAsync(journal, journal.Database, CancellationToken.None)).Violation);
        await using var again = await StartAsync(journal);
        Assert.False(again.IsReady);
        Assert.Contains("the journal ends at", again.Failure, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PartitionClosedException>(() => PlaceAsync(again, 2));
    }

    [Theory]
    [InlineData(Fate.UnknownDurable)]
    [InlineData(Fate.UnknownLost)]
    [InlineData(Fate.RollsBack)]
    public async Task A_check_whose_commit_is_unknown_reserves_once_and_is_answered(Fate fate)
    {
        var journal = NewJournal();
        await using var engine = await StartAsync(journal);
        await engine.SubmitAsync(new LimitSet { Customer = "C", EventId = "l", Source = "t", Version = 1, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Unlimited }] });
        journal.Script.Enqueue(fate);
        var answer = await engine.SubmitAsync(new CheckCredit { Customer = "C", Amount = 70, Currency = Eur, Actor = "a", Key = "k" });
        Assert.NotEmpty(answer.Effects.OfType<CheckDecided>().Single().ReservationId);
        Assert.True(engine.TryGetRow("C", out var row));
        Assert.Equal(70, row.Figures.Reserved);
        Assert.Equal(1, await journal.CountRowsAsync(RowTable.Decision, null, CancellationToken.None));
    }

    private static SimulatedJournal NewJournal() => new(new DatabaseInfo("sim", "EUR", 1, "wall", "UTC", true), new Dice(1), null, new Situations(), Defect.None);

    private static async Task<ExposureEngine> StartAsync(SimulatedJournal journal)
    {
        var engine = new ExposureEngine(journal, new StandingClock());
        await engine.StartAsync();
        return engine;
    }

    private static Task PlaceAsync(ExposureEngine engine, int n, string suffix = "") => engine.SubmitAsync(new OrderPlaced
    {
        Customer = "C" + n, EventId = $"o{n}{suffix}", Source = "t", OrderId = $"O{n}{suffix}", Amount = 100, Currency = Eur, OrderedOn = Today, ShipOn = Today + 1,
    });
}

/// <summary>A clock that stands; what waits on it goes on at once, and nothing ticks by itself.</summary>
internal sealed class StandingClock : TimeProvider
{
    internal static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Start;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period == Timeout.InfiniteTimeSpan) ThreadPool.UnsafeQueueUserWorkItem(_ => callback(state), null);
        return new Idle();
    }

    private sealed class Idle : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
