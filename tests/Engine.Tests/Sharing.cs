using ExposureMonitor.Domain;
using ExposureMonitor.Storage.Tests;
using Npgsql;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>Engines that share a database: partitions move between them, and one writes each, always.</summary>
public sealed class Sharing(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10), PatienceMax = TimeSpan.FromMinutes(2);

    private static readonly int Today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).DayNumber;

    [PostgreSqlFact]
    public Task A_partition_that_moves_under_load_loses_and_doubles_nothing() => WithAsync(2, async neighbours =>
    {
        var (a, b) = (neighbours.All[0], neighbours.All[1]);
        await neighbours.GiveAsync(a, -1, 0, 1, 2, 3);
        var customers = Enumerable.Range(0, 8).Select(i => $"C{i}").ToArray();
        foreach (var customer in customers) await AnsweredAsync(a, () => Bench.Limit(customer, 5_000));
        var orders = new long[customers.Length];
        using var stop = new CancellationTokenSource();
        // Half of the callers ask one engine, half the other, whoever owns the customer.
        var clients = customers.Select((customer, c) => Task.Run(async () =>
        {
            for (var n = 0; !stop.IsCancellationRequested; n++)
            {
                var id = n;
                await AnsweredAsync(neighbours.All[c % 2], () => Order(customer, $"O{c}-{id}"));
                orders[c]++;
            }
        })).ToArray();
        for (var round = 0; round < 6; round++)
        {
            var before = orders.Sum();
            await neighbours.GiveAsync(round % 2 == 0 ? b : a, 0, 1, 2);
            await ServedAsync(() => orders.Sum() > before + 40 || clients.Any(t => t.IsFaulted), $"traffic goes on after hand-over {round}");
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        for (var c = 0; c < customers.Length; c++)
        {
            await b.Engine.MirrorAsync(TimeSpan.Zero);
            Assert.True(b.Engine.TryGetRow(customers[c], out var row));
            Assert.Equal(orders[c] * 100, row.Figures.OrdersInside + row.Figures.Held);
            Assert.True(row.Figures.OrdersInside <= 5_000);
        }

        Assert.Empty(a.Gone);
        Assert.Empty(b.Gone);
    });

    [PostgreSqlFact]
    public Task Of_two_owners_of_one_partition_one_writes() => WithAsync(2, async neighbours =>
    {
        var (a, b) = (neighbours.All[0], neighbours.All[1]);
        await neighbours.GiveAsync(a, -1, 0, 1, 2, 3);
        var customer = CustomerIn(a, 1);
        await AnsweredAsync(a, () => Bench.Limit(customer, 1_000));
        var approved = 0;
        for (var round = 0; round < 20; round++)
        {
            // The second one takes it without asking, as after a directory that lied; the first believes on.
            var (stale, owner) = round % 2 == 0 ? (a, b) : (b, a);
            await owner.Engine.AcquireAsync(1);
            var asked = await Task.WhenAll(((Neighbour[])[stale, owner]).Select((n, i) => CheckAsync(n, customer, $"k{round}-{i}")));
            Assert.False(IsApproved(asked[0]));
            if (IsApproved(asked[1])) approved++;
            await ServedAsync(() => !stale.Engine.Owns(1), "the stale owner drops the partition");
            Assert.Equal(round + 1, a.Gone.Count + b.Gone.Count);
        }

        Assert.Equal(10, approved);
    });

    [PostgreSqlFact]
    public Task What_the_house_tells_reaches_partitions_of_other_owners() => WithAsync(2, async neighbours =>
    {
        var (a, b) = (neighbours.All[0], neighbours.All[1]);
        await neighbours.GiveAsync(a, -1, 0, 1);
        await neighbours.GiveAsync(b, 2, 3);
        var customer = CustomerIn(a, 2);
        await AnsweredAsync(b, () => Bench.Limit(customer, 1_000));
        // Asked of the one that does not own the house: it gets there, and the answer waits for all partitions.
        var answer = await b.Engine.SubmitAsync(new SwitchGlobalHold { On = true, Reason = "storm", Actor = "anna" });
        Assert.Equal(OutcomeKind.Applied, answer.Outcome.Kind);
        Assert.Empty(answer.NotYet);
        Assert.Equal(Verdict.Refused, await CheckAsync(b, customer, "k1"));
        Assert.True(await b.Engine.ReadAsync(Book.House, book => book.Context.GlobalHold));
        Assert.True(await a.Engine.AskAsync(2, BookQuestions.GlobalHold()));
        // A partition that comes later has it before it serves; and so has the house itself when it moves.
        await neighbours.GiveAsync(a, 3);
        Assert.True(await a.Engine.ReadAsync(3, book => book.Context.GlobalHold));
        await neighbours.GiveAsync(b, -1);
        answer = await a.Engine.SubmitAsync(new SwitchGlobalHold { On = false, Reason = "over", Actor = "anna", ApprovedBy = "berta" });
        Assert.Equal(OutcomeKind.Applied, answer.Outcome.Kind);
        Assert.Empty(answer.NotYet);
        Assert.True(IsApproved(await CheckAsync(b, customer, "k2")));
        Assert.False(await a.Engine.AskAsync(3, BookQuestions.GlobalHold()));
    });

    [PostgreSqlFact]
    public Task An_order_changes_its_payer_between_owners_once() => WithAsync(2, async neighbours =>
    {
        var (a, b) = (neighbours.All[0], neighbours.All[1]);
        await neighbours.GiveAsync(a, -1, 0, 1);
        await neighbours.GiveAsync(b, 2, 3);
        var pairs = Enumerable.Range(0, 20).Select(i => (From: CustomerIn(a, i % 4, i), To: CustomerIn(a, (i + 2) % 4, i + 100))).ToArray();
        foreach (var (from, to) in pairs)
        {
            await a.Engine.SubmitBatchAsync([Opened(from), Opened(to), Unlimited(from), Unlimited(to), Order(from, "O" + from)]);
            await a.Engine.SubmitBatchAsync([new OrderPayerChanged { Customer = from, EventId = "c" + from, Source = "t", OrderId = "O" + from, NewPayer = to, Version = 1 }]);
        }

        // Partitions move while messages are on their way.
        await neighbours.GiveAsync(b, 1);
        await neighbours.GiveAsync(a, 2);
        foreach (var (from, to) in pairs)
        {
            await ServedAsync(() => InsideAsync(a, to).GetAwaiter().GetResult() == 100, $"the order of {from} has come to {to}");
            // Counted twice until the receipt has come back, and never not at all.
            await ServedAsync(() => InsideAsync(b, from).GetAwaiter().GetResult() == 0, $"{from} has heard of it");
            Assert.Equal(100, await InsideAsync(b, to));
        }
    });

    [PostgreSqlFact]
    public Task Rows_and_documents_of_other_owners_are_shown_as_they_stand() => WithAsync(2, async neighbours =>
    {
        var (a, b) = (neighbours.All[0], neighbours.All[1]);
        await neighbours.GiveAsync(a, -1, 0, 1);
        await neighbours.GiveAsync(b, 2, 3);
        var customer = CustomerIn(a, 3);
        await a.Engine.SubmitBatchAsync([Opened(customer, "EAST"), Bench.Limit(customer, 150), Order(customer, "O1"), Order(customer, "O2")]);
        Assert.Throws<PartitionElsewhereException>(() => a.Engine.TryGetRow(customer, out _));
        await a.Engine.MirrorAsync(TimeSpan.Zero);
        Assert.True(a.Engine.TryGetRow(customer, out var shown));
        Assert.True(b.Engine.TryGetRow(customer, out var own));
        Assert.Equal(own, shown);
        Assert.Equal("EAST", shown.Segment);
        var (here, there) = (await b.Engine.AskAsync(3, BookQuestions.Detail(customer)), await a.Engine.AskAsync(3, BookQuestions.Detail(customer)));
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(here), System.Text.Json.JsonSerializer.Serialize(there));
        Assert.NotEmpty(there!.Holds[0].Reasons);
        await b.Engine.SubmitAsync(new FeedStale { Feed = "kafka:credit.orders:3", Since = new Instant(1_700_000_000_000_000), Home = 3 });
        Assert.Equal([new StaleFeed("kafka:credit.orders:3", new Instant(1_700_000_000_000_000))], await a.Engine.AskAsync(3, BookQuestions.StaleFeeds()));
        Assert.Empty(await a.Engine.AskAsync(2, BookQuestions.StaleFeeds()));
        var asked = new LimitGapsAsked(0, LimitGapKind.Unreviewed, ["EAST"], null);
        var (ours, theirs) = (await b.Engine.AskAsync(3, BookQuestions.LimitGaps(asked)), await a.Engine.AskAsync(3, BookQuestions.LimitGaps(asked)));
        Assert.Equal(customer, Assert.Single(theirs.Lines).Customer);
        Assert.Equal((ours.Count, ours.Lines[0], ours.Next, ours.Today), (theirs.Count, theirs.Lines[0], theirs.Next, theirs.Today));
        var behind = await a.Engine.AskAsync(3, BookQuestions.LimitGaps(asked with { Last = theirs.Lines[0] }));
        Assert.Equal((1, 0), (behind.Count, behind.Lines.Count));
        var steps = await a.Engine.AskAsync(3, BookQuestions.CheckSteps(new CheckStepsAsked(customer, "O2")));
        Assert.Equal(await b.Engine.AskAsync(3, BookQuestions.CheckSteps(new CheckStepsAsked(customer, "O2"))), steps);
        Assert.Contains(steps, s => s is { Rule: "030", State: CheckStepState.Failed });
        var effect = await a.Engine.AskAsync(3, BookQuestions.LimitEffect(new LimitTrial(customer, LimitKind.Amount, 10_000)));
        Assert.Equal((10_000L, "O2", 0), (effect!.Limit, Assert.Single(effect.Frees).OrderId, effect.Stays));
        Assert.Null(await a.Engine.AskAsync(3, BookQuestions.LimitEffect(new LimitTrial(CustomerIn(a, 3, 7), LimitKind.Amount, 1))));
        Assert.Equal([new DocumentHolder(customer, "O1", IsOrder: true)], (await a.Engine.AskAsync(3, BookQuestions.Holders(new HoldersAsked(0, "O1")))).Holders);
        // The facts behind them are read from the database by whoever asks, and end where the documents do.
        var facts = await CustomerFacts.OfAsync(a.Engine.Reader, 3, new Dictionary<string, (long, int)> { [customer] = (there.NewestSeq, there.NewestIndex) }, default);
        Assert.Equal(["O1", "O2"], facts[customer].OfType<OrderPlaced>().Select(o => o.OrderId));
        Assert.Null(await a.Engine.AskAsync(3, BookQuestions.Detail(CustomerIn(a, 3, 7))));
        Assert.Equal("Firm of " + customer, await a.Engine.Reader.PartyNameAsync(customer, default));
        // What it owns itself it goes on to show when the other is gone; the rest is old after three seconds, and then not shown.
        await neighbours.MoveAsync(3, a);
        Assert.True(a.Engine.TryGetRow(customer, out var mine));
        Assert.Equal(own.Figures.Gross, mine.Figures.Gross);
    });

    [PostgreSqlFact]
    public Task An_owner_that_stops_lets_everything_go_and_another_goes_on() => WithAsync(2, async neighbours =>
    {
        var (a, b) = (neighbours.All[0], neighbours.All[1]);
        await neighbours.GiveAsync(a, -1, 0, 1, 2, 3);
        var customer = CustomerIn(a, 0);
        await AnsweredAsync(b, () => Bench.Limit(customer, 1_000));
        Assert.True(IsApproved(await CheckAsync(a, customer, "k1", 700)));
        await a.Engine.StopAsync();
        await Assert.ThrowsAnyAsync<EngineUnavailableException>(() => a.Engine.AcquireAsync(0));
        foreach (var partition in (int[])[-1, 0, 1, 2, 3]) await b.Engine.AcquireAsync(partition);
        Assert.False(IsApproved(await CheckAsync(b, customer, "k2", 700)));
        Assert.True(b.Engine.IsReady);
    });

    private async Task WithAsync(int engines, Func<Neighbours, Task> act)
    {
        NpgsqlConnection.ClearAllPools();
        var connection = await server.NewDatabaseAsync();
        await using (var neighbours = await Neighbours.StartAsync(connection, engines))
        {
            await act(neighbours);
            await neighbours.DisposeAsync();
            Assert.Null(await neighbours.VerifyAsync());
        }

        NpgsqlConnection.ClearAllPools();
        await server.DropDatabaseAsync(connection);
    }

    private static bool IsApproved(Verdict? verdict) => verdict is Verdict.Approved or Verdict.ApprovedWithWarnings;

    private static async Task<Verdict?> CheckAsync(Neighbour at, string customer, string key, long amount = 100)
    {
        try
        {
            return (await at.Engine.SubmitHereAsync(at.Engine.PartitionOf(customer), [Bench.Check(customer, amount, key)]))[0].Effects.OfType<CheckDecided>().SingleOrDefault()?.Decision;
        }
        catch (EngineUnavailableException)
        {
            return null;
        }
    }

    private static async Task<long> InsideAsync(Neighbour at, string customer)
    {
        await at.Engine.MirrorAsync(TimeSpan.Zero);
        return at.Engine.TryGetRow(customer, out var row) ? row.Figures.OrdersInside + row.Figures.OrdersOutside : -1;
    }

    private static string CustomerIn(Neighbour at, int partition, int n = 0) =>
        Enumerable.Range(0, 100_000).Select(i => $"C{i}").Where(c => at.Engine.PartitionOf(c) == partition).ElementAt(n);

    private static OrderPlaced Order(string customer, string id) => new()
    {
        Customer = customer, EventId = "e" + id, Source = "t", OrderId = id, Amount = 100, Currency = Bench.Eur, OrderedOn = Today, ShipOn = Today,
    };

    private static CustomerOpened Opened(string customer, string segment = "") => new()
    {
        Customer = customer, EventId = "k" + customer, Source = "t", Currency = Bench.Eur, Profile = new CustomerProfile { Segment = segment, Name = "Firm of " + customer },
    };

    private static LimitSet Unlimited(string customer) => new()
    {
        Customer = customer, EventId = "l" + customer, Source = "t", Version = 1, Currency = Bench.Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Unlimited }],
    };

    /// <summary>Asks until there is an answer, as a client does while a partition moves.</summary>
    private static async Task AnsweredAsync(Neighbour at, Func<Fact> fact)
    {
        while (true)
        {
            try
            {
                var answer = await at.Engine.SubmitAsync(fact());
                Assert.False(answer.Outcome.IsDead, answer.Outcome.ToString());
                return;
            }
            catch (EngineUnavailableException away) when (away is not PartitionClosedException)
            {
                await Task.Delay(LookEvery);
            }
        }
    }

    /// <summary>Waits for real servers and engines that do it in their own time.</summary>
    private static async Task ServedAsync(Func<bool> reached, string what)
    {
        for (var begun = TimeProvider.System.GetTimestamp(); !reached() && TimeProvider.System.GetElapsedTime(begun) < PatienceMax;) await Task.Delay(LookEvery);
        Assert.True(reached(), what);
    }
}
