using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>Closed documents and the window of event ids, over restarts.</summary>
public sealed class ThreeNets
{
    private static readonly int First = DateOnly.Parse("2025-01-06", System.Globalization.CultureInfo.InvariantCulture).DayNumber;

    [Fact]
    public async Task A_document_that_left_the_memory_is_known_until_its_400_days_are_over()
    {
        await using var bench = await Bench.StartAsync(partitions: 2, clock: "events");
        var customer = bench.CustomerIn(1);
        await TellAsync(bench, Credit(customer, "N1", 500, First), First);
        await TellAsync(bench, Invoice(customer, "I1", 500, First), First);
        await TellAsync(bench, new PaymentAllocated
        {
            Customer = customer, AllocationId = "A1", FromId = "N1", AllocatedOn = First, Items = [new AllocationItem { ItemId = "I1", Amount = 500 }],
        }, First);
        // Business goes on until the documents have been closed for as long as the policy keeps them.
        await bench.Engine.StartDaysAsync(First + 135);
        var closed = await AllAsync(bench, 1);
        Assert.Equal(3, closed.Count);
        Assert.Empty(await AllAsync(bench, 0));

        for (var restart = 0; restart < 2; restart++)
        {
            Assert.Equal(OutcomeKind.Duplicate, (await TellAsync(bench, Invoice(customer, "I1", 500, First), First + 135, $"again{restart}")).Outcome.Kind);
            Assert.Equal(OutcomeKind.ConflictingDuplicate, (await TellAsync(bench, Invoice(customer, "I1", 600, First), First + 135, $"other{restart}")).Outcome.Kind);
            Assert.Equal(OutcomeKind.Applied, (await TellAsync(bench, Invoice(customer, $"I2{restart}", 600, First + 135), First + 135, $"new{restart}")).Outcome.Kind);
            Assert.True(bench.Engine.TryGetRow(customer, out var row));
            Assert.Equal(600 * (restart + 1), row.Figures.Receivables);
            await bench.ReopenAsync();
        }

        // Whole histories are told on this clock, also a second time years later.
        await bench.Engine.StartDaysAsync(closed.Max(c => c.Day) + ClosedDocument.KeepDays + 1);
        Assert.Equal(3, (await AllAsync(bench, 1)).Count);
        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    [Fact]
    public async Task On_the_wall_clock_a_closed_document_is_forgotten_after_400_days()
    {
        await using var bench = await Bench.StartAsync(partitions: 1);
        var today = DateOnly.FromDateTime(bench.Clock.GetUtcNow().Date).DayNumber;
        Fact[] settled =
        [
            Credit("C", "N1", 500, today), Invoice("C", "I1", 500, today),
            new PaymentAllocated { Customer = "C", AllocationId = "A1", FromId = "N1", AllocatedOn = today, Items = [new AllocationItem { ItemId = "I1", Amount = 500 }] },
        ];
        foreach (var fact in settled) (fact.EventId, fact.Source) = (fact.Document, "t");
        Assert.All(await bench.Engine.SubmitBatchAsync(settled), a => Assert.Equal(OutcomeKind.Applied, a.Outcome.Kind));
        await SleepAsync(bench, 135);
        var closed = await AllAsync(bench, 0);
        Assert.Equal(3, closed.Count);
        await SleepAsync(bench, closed.Max(c => c.Day) + ClosedDocument.KeepDays + 1 - today - 135);
        Assert.Empty(await AllAsync(bench, 0));
        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    /// <summary>Days that nobody saw are begun one by one when the process wakes.</summary>
    private static async Task SleepAsync(Bench bench, int days)
    {
        bench.Clock.Advance(TimeSpan.FromDays(days));
        var today = DateOnly.FromDateTime(bench.Clock.GetUtcNow().Date).DayNumber;
        while (await bench.Engine.ReadAsync(0, book => book.Today < today || book.SweepPending)) await Task.Yield();
        // One more commit, so that what the last day closed is durable.
        await bench.Engine.SubmitAsync(Bench.Limit("OTHER" + days, 500));
    }

    [Fact]
    public async Task The_window_of_event_ids_is_the_same_after_a_restart()
    {
        await using var bench = await Bench.StartAsync(partitions: 1);
        // More ids than the window holds, in frames of very different sizes, with repetitions in between.
        const int Count = PartitionMachine.WindowSize + 3_000;
        for (var from = 0; from < Count;)
        {
            var size = Math.Min(Count - from, from % 3 == 0 ? 400 : 37);
            await bench.Engine.SubmitBatchAsync([.. Enumerable.Range(from, size).Select(Event), .. from > 500 ? [Event(from - 450)] : Array.Empty<Fact>()]);
            from += size;
        }

        await bench.ReopenAsync();
        // The payer of an order that does not exist: no document knows it, the window alone does.
        var oldest = Count - PartitionMachine.WindowSize;
        var answers = await bench.Engine.SubmitBatchAsync([Event(oldest), Event(Count - 1), Event(oldest - 1)]);
        Assert.Equal([OutcomeKind.Duplicate, OutcomeKind.Duplicate], answers.Take(2).Select(a => a.Outcome.Kind));
        Assert.NotEqual(OutcomeKind.Duplicate, answers[2].Outcome.Kind);
        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    private static Fact Event(int n) => new ReviewCompleted { Customer = "C", EventId = $"n{n}", Source = "t", Note = $"review {n}" };

    private static async Task<List<ClosedDocument>> AllAsync(Bench bench, int partition)
    {
        var all = new List<ClosedDocument>();
        await foreach (var document in bench.Journal.Inner.Reader.ClosedAsync(partition, default)) all.Add(document);
        return all;
    }

    private static async Task<Answer> TellAsync(Bench bench, Fact fact, int day, string id = "")
    {
        (fact.EventId, fact.Source) = ($"{fact.Document}{id}", "t");
        fact.Time = Instant.From(DateOnly.FromDayNumber(day));
        return (await bench.Engine.FeedAsync([fact]))[0];
    }

    private static CreditNoteIssued Credit(string customer, string id, long amount, int on) =>
        new() { Customer = customer, CreditNoteId = id, Amount = amount, Currency = Bench.Eur, IssuedOn = on };

    private static InvoicePosted Invoice(string customer, string id, long amount, int on) =>
        new() { Customer = customer, InvoiceId = id, Amount = amount, Currency = Bench.Eur, IssuedOn = on, DueOn = on + 30 };
}
