using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using ExposureMonitor.Storage.Tests;
using Xunit;
using Xunit.Abstractions;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>Tests that share the PostgreSQL server of this project.</summary>
[CollectionDefinition(Name)]
public sealed class ServerCollection : ICollectionFixture<PostgreSqlServer>
{
    public const string Name = "PostgreSQL of the acceptance tests";
}

/// <summary>A test that needs PostgreSQL; skipped with the reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsPostgreSqlAttribute : FactAttribute
{
    public NeedsPostgreSqlAttribute() => Skip = PostgreSqlServer.Missing;
}

/// <summary>64 callers race for the last headroom of one customer. <c>EXPOSURE_RACES=1000</c> for the long form.</summary>
[Collection(ServerCollection.Name)]
public sealed class Races(PostgreSqlServer server, ITestOutputHelper output)
{
    private const int Callers = 64, Fit = 10;
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("EXPOSURE_RACES") ?? "60", CultureInfo.InvariantCulture);
    private static readonly Currency Eur = Currency.Parse("EUR");

    [Fact]
    public async Task Callers_never_share_the_last_headroom_on_sqlite()
    {
        using var work = new Workplace();
        await RaceAsync(work.Address);
    }

    [NeedsPostgreSql]
    public async Task Callers_never_share_the_last_headroom_on_postgresql()
    {
        var connection = await server.NewDatabaseAsync();
        await RaceAsync(connection);
        await server.DropDatabaseAsync(connection);
    }

    private async Task RaceAsync(string address)
    {
        await JournalFactory.CreateAsync(address, new DatabaseInfo("test", "EUR", 4, "wall", "UTC", false));
        var customers = new List<(string Customer, long Amount)>();
        await using (var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(address, offline: true)))
        {
            await engine.StartAsync();
            for (var round = 0; round < Rounds; round++)
            {
                var (customer, amount) = ("C" + round, 100 + round % 7);
                // Room for exactly ten, and a little that serves nobody. What is used already comes as a receivable.
                var used = round % 3 * 50L;
                var limit = used + amount * Fit + round % amount;
                await engine.SubmitBatchAsync(
                [
                    new CustomerOpened { Customer = customer, EventId = "k" + round, Source = "t", Currency = Eur },
                    new LimitSet { Customer = customer, EventId = "l" + round, Source = "t", Version = 1, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = limit }] },
                ]);
                if (used > 0) await engine.SubmitAsync(Invoice(customer, used));
                // All start at one moment, and none waits for another.
                var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                var answers = Enumerable.Range(0, Callers).Select(async n =>
                {
                    await start.Task.ConfigureAwait(false);
                    return await engine.SubmitAsync(new CheckCredit { Customer = customer, Amount = amount, Currency = Eur, Actor = "s", Key = $"{round}-{n}" });
                }).ToArray();
                start.SetResult();
                var told = (await Task.WhenAll(answers)).Select(a => a.Effects.OfType<CheckDecided>().Single()).ToList();
                Assert.Equal(Fit, told.Count(d => d.ReservationId.Length > 0));
                Assert.Equal(Fit, told.Select(d => d.ReservationId).Where(id => id.Length > 0).Distinct().Count());
                Assert.Equal(Callers - Fit, told.Count(d => d.Decision is Verdict.Held or Verdict.Refused));
                Assert.True(engine.TryGetRow(customer, out var row));
                Assert.Equal((amount * Fit, used + amount * Fit), (row.Figures.Reserved, row.Figures.Gross));
                customers.Add((customer, amount));
            }
        }

        await using var reader = await JournalFactory.OpenReaderAsync(address);
        var report = await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None);
        Assert.Null(report.Violation);
        Assert.Equal(Fit * Rounds, report.Approvals);
        // What was promised is what the journal holds, decision by decision.
        foreach (var (customer, amount) in customers.TakeLast(20))
        {
            var rows = await reader.RowsAsync(new RowQuery { Table = RowTable.Decision, Customer = customer, Limit = 1_000 }, CancellationToken.None);
            Assert.Equal(Callers, rows.Count);
            Assert.Equal(Callers, rows.Select(r => r.Key).Distinct().Count());
        }

        output.WriteLine($"{Rounds} rounds, {Rounds * Callers} checks, {report.Approvals} approvals, none too many: below {3.0 / Rounds:P2} of contests at 95 %");
    }

    private static InvoicePosted Invoice(string customer, long amount)
    {
        var today = DateOnly.FromDateTime(DateTime.UtcNow).DayNumber;
        return new InvoicePosted { Customer = customer, InvoiceId = "I" + customer, EventId = "i" + customer, Source = "t", Amount = amount, Currency = Eur, IssuedOn = today, DueOn = today + 30 };
    }
}
