using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>Under a drain partitions are applied side by side; what becomes of each fact is what becomes of it alone.</summary>
public sealed class SideBySide
{
    private const int Partitions = 4, Customers = 24, Facts = 1_200;

    [Fact]
    public async Task A_batch_over_many_partitions_ends_as_the_same_facts_one_by_one()
    {
        await using var together = await Bench.StartAsync(Partitions);
        await using var alone = await Bench.StartAsync(Partitions);
        var answers = await together.Engine.SubmitBatchAsync([.. Trade(together)]);
        var expected = new List<Answer>();
        foreach (var fact in Trade(alone)) expected.Add(await alone.Engine.SubmitAsync(fact));

        Assert.Equal(expected.Select(Told), answers.Select(Told));
        Assert.True(together.Journal.Sent.Count < 20, "the batch went in few groups");
        Assert.Equal(Partitions, together.Journal.Sent.SelectMany(f => f).Where(f => f.Rows.Count > 50).Select(f => f.Partition).Distinct().Count());
        for (var customer = 0; customer < Customers; customer++)
        {
            Assert.True(together.Engine.TryGetRow($"C{customer}", out var row) & alone.Engine.TryGetRow($"C{customer}", out var other));
            Assert.Equal((other.Figures.Gross, other.Figures.HeldOrders, other.Figures.OrdersInside), (row.Figures.Gross, row.Figures.HeldOrders, row.Figures.OrdersInside));
        }

        await together.Engine.StopAsync();
        Assert.Null(await together.VerifyAsync());
    }

    [Fact]
    public async Task Of_many_streams_the_one_that_is_out_of_turn_is_refused_and_holds_up_no_other()
    {
        await using var bench = await Bench.StartAsync(Partitions);
        // What is gated collects: all streams come in one slice.
        bench.Journal.IsGated = true;
        var first = bench.Engine.SubmitAsync(bench.Order(bench.CustomerIn(0), "first"));
        await Bench.UntilAsync(() => bench.Journal.Sent.Count > 0, "the first group is sent");
        var streams = Enumerable.Range(0, Partitions).Select(p => SendAsync(bench, p, after: p == 2 ? 7 : -1)).ToList();
        bench.Journal.IsGated = false;
        bench.Journal.Pass();
        await first;
        await Assert.ThrowsAsync<OutOfTurnException>(() => streams[2]);
        foreach (var partition in (int[])[0, 1, 3])
        {
            Assert.All(await streams[partition], answer => Assert.Equal((OutcomeKind.Applied, partition), (answer.Outcome.Kind, answer.At.Partition)));
            Assert.Equal(Records - 1, await bench.Engine.ReadAsync(partition, book => book.Positions[NameOf(partition)]));
        }

        Assert.False(await bench.Engine.ReadAsync(2, book => book.Positions.ContainsKey(NameOf(2))));
        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    [Fact]
    public async Task What_the_database_refuses_is_isolated_out_of_a_group_that_was_applied_side_by_side()
    {
        await using var bench = await Bench.StartAsync(Partitions);
        var facts = Trade(bench).ToList();
        var poison = facts.FindIndex(600, f => f is OrderPlaced);
        facts[poison].Note = "poison";
        bench.Journal.Refuses = frame => frame.Payload.Span.IndexOf("poison"u8) >= 0 && !frame.Rows.Any(r => r.Table == RowTable.DeadLetter);
        var answers = await bench.Engine.SubmitBatchAsync(facts);
        Assert.Equal("COMMIT_REJECTED", answers[poison].Outcome.Reason);
        Assert.Equal(Facts - 1, answers.Where((_, i) => i != poison).Count(a => a.Outcome.Reason != "COMMIT_REJECTED"));
        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    private const int Records = 300;

    private static string NameOf(int partition) => SourcePosition.OfKafka("orders", "AAAAAAAAAAAAAAAAAAAAAA", partition);

    private static Task<IReadOnlyList<Answer>> SendAsync(Bench bench, int partition, long after)
    {
        var customer = bench.CustomerIn(partition);
        var facts = new List<Fact>();
        for (var i = 0; i < Records; i++)
        {
            var order = bench.Order(customer, $"S{partition}-{i}");
            order.Position = new SourcePosition(NameOf(partition), i);
            facts.Add(order);
        }

        return bench.Engine.SubmitStreamAsync(partition, NameOf(partition), after, facts);
    }

    private static (OutcomeKind, string, string, int) Told(Answer answer) => (answer.Outcome.Kind, answer.Outcome.Reason,
        string.Join(' ', answer.Effects.Select(e => e is CheckDecided decided ? $"{decided.Decision} {string.Join(',', decided.Reasons.Select(r => r.Rule))}" : e.Kind)), answer.At.Partition);

    /// <summary>Limits, orders up to and above them, deliveries, payments, and each tenth fact twice.</summary>
    private static IEnumerable<Fact> Trade(Bench bench)
    {
        for (var i = 0; i < Facts; i++)
        {
            var (customer, n) = ($"C{i % Customers}", i / Customers);
            yield return n switch
            {
                0 => Bench.Limit(customer, 1_500),
                _ when n % 10 == 9 => bench.Order(customer, $"{customer}-{n - 1}"),
                _ when n % 3 == 0 => new DeliveryPosted { Customer = customer, EventId = $"d{i}", Source = "t", DeliveryId = $"{customer}-D{n}", OrderId = $"{customer}-{n - 1}", Amount = 100, Currency = Bench.Eur, ShippedOn = bench.Today },
                _ when n % 5 == 0 => new PaymentReceived { Customer = customer, EventId = $"p{i}", Source = "t", PaymentId = $"{customer}-P{n}", Amount = 150, Currency = Bench.Eur, ValueOn = bench.Today, Cleared = true },
                _ => bench.Order(customer, $"{customer}-{n}"),
            };
        }
    }
}
