using ExposureMonitor.Domain;
using ExposureMonitor.Storage;
using ExposureMonitor.Storage.Tests;
using Npgsql;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>A real server that is killed and whose sessions are ended in the middle of traffic (D1).</summary>
public sealed class RealPostgreSql(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    private const int Customers = 8;

    [PostgreSqlFact]
    public Task Sessions_that_are_ended_cost_nothing() => RunAsync(async _ =>
        await server.AdministrateAsync("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"), times: 15);

    [PostgreSqlFact]
    public Task A_server_that_is_killed_and_restarted_is_used_again() => RunAsync(async _ =>
    {
        await Task.Yield();
        server.RestartImmediately();
    }, times: 3);

    /// <summary>
    /// Orders and checks under keys by clients that ask again until they hear an answer, with disturbances in between;
    /// afterwards every order counts once, no limit is exceeded and the journal proves itself.
    /// </summary>
    private async Task RunAsync(Func<int, Task> disturb, int times)
    {
        // Connections that an earlier disturbance broke are not to be met again.
        NpgsqlConnection.ClearAllPools();
        var connection = await server.NewDatabaseAsync();
        await JournalFactory.CreateAsync(connection, new DatabaseInfo("test", "EUR", 4, "wall", "UTC", false));
        var orders = new long[Customers];
        long outages = 0;
        await using (var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(connection, offline: true)))
        {
            await engine.StartAsync();
            for (var c = 0; c < Customers; c++) await UntilAnsweredAsync(engine, () => Bench.Limit($"C{c}", 5_000), () => Interlocked.Increment(ref outages));
            using var stop = new CancellationTokenSource();
            var clients = Enumerable.Range(0, Customers).Select(c => Task.Run(async () =>
            {
                for (var n = 0; !stop.IsCancellationRequested; n++)
                {
                    var id = n;
                    await UntilAnsweredAsync(engine, () => Order($"C{c}", $"O{c}-{id}"), () => Interlocked.Increment(ref outages));
                    orders[c]++;
                }
            })).ToArray();
            for (var i = 0; i < times; i++)
            {
                var before = orders.Sum();
                await disturb(i);
                await ServedAsync(() => orders.Sum() > before + 20 || clients.Any(t => t.IsFaulted), $"traffic goes on after disturbance {i}: {engine.Failure}");
            }

            await stop.CancelAsync();
            await Task.WhenAll(clients);
            await ServedAsync(() => engine.IsReady, "the engine is ready again");
            for (var c = 0; c < Customers; c++)
            {
                Assert.True(engine.TryGetRow($"C{c}", out var row));
                Assert.Equal(orders[c] * 100, row.Figures.OrdersInside + row.Figures.Held);
                Assert.True(row.Figures.OrdersInside <= 5_000);
            }
        }

        await using (var reader = await JournalFactory.OpenReaderAsync(connection))
            Assert.Null((await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None)).Violation);
        NpgsqlConnection.ClearAllPools();
        await server.DropDatabaseAsync(connection);
    }

    /// <summary>Waits for a real server that comes back in its own time: clients that ask without a pause would take its processor away.</summary>
    private static async Task ServedAsync(Func<bool> reached, string what)
    {
        for (var begun = TimeProvider.System.GetTimestamp(); !reached() && TimeProvider.System.GetElapsedTime(begun) < PatienceMax;) await Task.Delay(LookEvery);
        Assert.True(reached(), what);
    }

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10), PatienceMax = TimeSpan.FromMinutes(2);

    private static async Task UntilAnsweredAsync(ExposureEngine engine, Func<Fact> fact, Action failed)
    {
        while (true)
        {
            try
            {
                var answer = await engine.SubmitAsync(fact());
                Assert.False(answer.Outcome.IsDead, answer.Outcome.ToString());
                return;
            }
            catch (EngineUnavailableException away) when (away is not PartitionClosedException)
            {
                failed();
                await Task.Delay(LookEvery);
            }
        }
    }

    private static OrderPlaced Order(string customer, string id)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).DayNumber;
        return new() { Customer = customer, EventId = "e" + id, Source = "t", OrderId = id, Amount = 100, Currency = Bench.Eur, OrderedOn = today, ShipOn = today };
    }
}
