using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage.Tests;
using Orleans.TestingHost;
using Xunit;

namespace ExposureMonitor.Grains.Tests;

/// <summary>The grains in clusters of Orleans' own test host.</summary>
public sealed class GrainTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    private static readonly Currency Eur = Currency.Parse("EUR");

    [PostgreSqlFact]
    public async Task Calls_are_local_where_the_owner_is_asked_and_reach_it_from_anywhere() => await WithAsync(3, async cluster =>
    {
        // Seven tokens on three silos.
        Assert.Equal([2, 2, 3], cluster.Alive.Select(s => Enumerable.Range(-1, 7).Count(cluster.EngineOf(s).Engine.Owns)).Order());
        for (var partition = 0; partition < GrainCluster.Partitions; partition++)
        {
            var customer = CustomerIn(partition);
            foreach (var silo in cluster.Alive)
            {
                // By whichever silo it is asked, the grain of the customer is where the partition is: there it reads in place.
                Assert.Equal(Answered.Yes, (await cluster.GrainsOf(silo).GetGrain<ICustomerGrain>(customer).FiguresAsync(default)).Answered);
                await cluster.EngineOf(silo).Engine.SubmitAsync(Limit(customer, 1_000));
            }

            var figures = (await cluster.GrainsOf(cluster.Alive[0]).GetGrain<ICustomerGrain>(customer).FiguresAsync(default)).Figures!;
            Assert.Equal((customer, 1_000), (figures.Customer, figures.Limit));
        }
    });

    [PostgreSqlFact]
    public async Task A_silo_that_is_killed_loses_its_partitions_to_the_others() => await WithAsync(3, async cluster =>
    {
        var customers = Enumerable.Range(0, GrainCluster.Partitions).Select(CustomerIn).ToArray();
        foreach (var customer in customers) await cluster.EngineOf(cluster.Alive[0]).Engine.SubmitAsync(Limit(customer, 1_000));
        var victim = cluster.OwnerOf(0);
        var engine = cluster.EngineOf(victim).Engine;
        await cluster.Cluster.KillSiloAsync(victim);
        await cluster.SettledAsync();
        Assert.Equal(2, cluster.Alive.Count);
        // Its engine, which knows of nothing, is a zombie: what it sends is fenced, and what it would approve never leaves.
        var (zombie, owner) = (await CheckAsync(engine, 0, customers[0], 400), await CheckAsync(cluster.EngineOf(cluster.OwnerOf(0)).Engine, 0, customers[0], 400));
        Assert.False(IsApproved(zombie));
        Assert.True(IsApproved(owner));
        foreach (var customer in customers) Assert.Equal(OutcomeKind.Duplicate, (await cluster.EngineOf(cluster.Alive[0]).Engine.SubmitAsync(Limit(customer, 1_000))).Outcome.Kind);
    });

    [PostgreSqlFact]
    public async Task A_partition_moves_to_a_silo_that_joins_and_callers_wait_for_it() => await WithAsync(1, async cluster =>
    {
        var customers = Enumerable.Range(0, GrainCluster.Partitions).Select(CustomerIn).ToArray();
        using var stop = new CancellationTokenSource();
        var asked = new long[customers.Length];
        var callers = customers.Select((customer, c) => Task.Run(async () =>
        {
            await cluster.EngineOf(cluster.Alive[0]).Engine.SubmitAsync(Limit(customer, 1_000_000));
            for (var n = 0; !stop.IsCancellationRequested; n++)
            {
                var order = Order(customer, $"{customer}-{n}");
                for (var done = false; !done;)
                {
                    try
                    {
                        done = (await cluster.EngineOf(cluster.Alive[n % cluster.Alive.Count]).Engine.SubmitAsync(order)).Outcome.Kind is OutcomeKind.Applied or OutcomeKind.Duplicate;
                    }
                    catch (EngineUnavailableException)
                    {
                        // On its way: the same order is sent again, under its id.
                        order = Order(customer, $"{customer}-{n}");
                    }
                }

                asked[c]++;
            }
        })).ToArray();
        await MoreAsync();
        for (var i = 0; i < 2; i++)
        {
            await cluster.AddAsync();
            await cluster.SettledAsync();
            await MoreAsync();
        }

        await cluster.Cluster.StopSiloAsync(cluster.Alive[1]);
        await cluster.SettledAsync();
        await MoreAsync();
        await stop.CancelAsync();
        await Task.WhenAll(callers);
        for (var c = 0; c < customers.Length; c++)
            Assert.Equal(asked[c] * 10, (await cluster.EngineOf(cluster.Alive[0]).Engine.AskAsync(c, BookQuestions.Detail(customers[c])))!.Orders.Sum(o => o.Undelivered));

        async Task MoreAsync()
        {
            var before = asked.Sum();
            await GrainCluster.UntilAsync(() => asked.Sum() > before + 50 || callers.Any(t => t.IsFaulted), "callers are answered");
            foreach (var broken in callers.Where(t => t.IsFaulted)) await broken;
        }
    });

    [PostgreSqlFact]
    public async Task Of_two_activations_of_one_partition_one_writes() => await WithAsync(1, async cluster =>
    {
        // A second cluster on the same database activates the same partitions: as if the directory had lied.
        await using var other = await GrainCluster.StartAsync(cluster.Connection, 1, creates: false);
        var customer = CustomerIn(2);
        var (one, two) = (cluster.EngineOf(cluster.Alive[0]).Engine, other.EngineOf(other.Alive[0]).Engine);
        await AgainAsync(() => one.SubmitAsync(Limit(customer, 1_050)));
        var approved = new int[2];
        for (var round = 0; round < 200 && approved.Sum() < 10; round++)
        {
            var verdicts = await Task.WhenAll(((ExposureEngine[])[one, two]).Select((engine, i) => CheckAsync(engine, 2, customer, 100, $"k{round}-{i}")));
            for (var i = 0; i < 2; i++) approved[i] += IsApproved(verdicts[i]) ? 1 : 0;
            await Task.Delay(20);
        }

        Assert.Equal(10, approved.Sum());
        for (var i = 0; i < 20; i++) Assert.False(IsApproved(await CheckAsync(i % 2 == 0 ? one : two, 2, customer, 100, $"l{i}")));
        // Both have been owners; whoever was not the last has let go, or is fenced with its next commit.
        await AgainAsync(() => two.SubmitAsync(Limit(customer, 1_050)));
    });

    [PostgreSqlFact]
    public async Task A_channel_has_one_owner_and_is_taken_over() => await WithAsync(2, async cluster =>
    {
        await GrainCluster.UntilAsync(() => cluster.Started.ContainsKey("test"), "the channel runs");
        var status = await cluster.GrainsOf(cluster.Alive[0]).GetGrain<IChannelGrain>("test").StatusAsync();
        Assert.Equal((1, ""), (status.Starts, status.Trouble));
        var owner = cluster.Alive.Single(s => s.Name == status.Owner);
        Assert.Equal(1, cluster.Started["test"]);
        await cluster.Cluster.StopSiloAsync(owner);
        await GrainCluster.UntilAsync(() => cluster.Started["test"] == 2, "another silo takes the channel over");
    });

    private async Task WithAsync(short silos, Func<GrainCluster, Task> act)
    {
        var connection = await server.NewDatabaseAsync();
        await using (var cluster = await GrainCluster.StartAsync(connection, silos))
        {
            await act(cluster);
            Assert.Null(await cluster.VerifyAsync());
        }

        await server.DropDatabaseAsync(connection);
    }

    private static async Task<Verdict?> CheckAsync(ExposureEngine engine, int partition, string customer, long amount, string key = "k")
    {
        try
        {
            return (await engine.SubmitHereAsync(partition, [new CheckCredit { Customer = customer, Amount = amount, Currency = Eur, Actor = "desk", Key = key }]))[0].Effects.OfType<CheckDecided>().Single().Decision;
        }
        catch (EngineUnavailableException)
        {
            return null;
        }
    }

    private static async Task AgainAsync(Func<Task> act)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await act();
                return;
            }
            catch (EngineUnavailableException) when (tries < 50)
            {
                await Task.Delay(100);
            }
        }
    }

    private static bool IsApproved(Verdict? verdict) => verdict is Verdict.Approved or Verdict.ApprovedWithWarnings;

    private static string CustomerIn(int partition) => Enumerable.Range(0, 100_000).Select(i => $"C{i}").First(c => Ids.PartitionOf(c, GrainCluster.Partitions) == partition);

    private static LimitSet Limit(string customer, long amount) => new()
    {
        Customer = customer, EventId = "l" + customer, Source = "t", Version = 1, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = amount }],
    };

    private static OrderPlaced Order(string customer, string id)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).DayNumber;
        return new OrderPlaced { Customer = customer, EventId = "e" + id, Source = "t", OrderId = id, Amount = 10, Currency = Eur, OrderedOn = today, ShipOn = today };
    }
}
