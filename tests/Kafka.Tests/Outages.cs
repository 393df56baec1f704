using ExposureMonitor.Domain;
using ExposureMonitor.Storage.Tests;
using Xunit;

namespace ExposureMonitor.Kafka.Tests;

/// <summary>The database dies while the feed runs: it waits, goes on by itself, and every record has its effect once.</summary>
[Collection(nameof(KafkaBroker))]
public sealed class Outages(KafkaBroker broker, PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    [NeedsPostgreSqlFact]
    public async Task A_server_that_is_killed_in_the_middle_loses_nothing_and_doubles_nothing()
    {
        var database = await server.NewDatabaseAsync();
        await using var here = await Installation.CreateAsync(broker, database);
        await here.StartAsync();
        const int customers = 40, invoices = 150;
        var written = Task.Run(async () =>
        {
            for (var n = 0; n < invoices; n++)
            {
                await Task.WhenAll(Enumerable.Range(0, customers).Select(c => here.TellAsync(here.Options.Receivables, Feeds.Invoice($"C{c}", $"I{c}-{n}", 1 + n))));
                if (n is 30 or 60 or 90) server.RestartImmediately();
            }
        });
        await written;
        await here.DrainAsync();
        for (var c = 0; c < customers; c++) Assert.Equal(invoices * (invoices + 1) / 2, here.Figures($"C{c}").Receivables);
        await here.StopAsync();
        Assert.Null(await here.VerifyAsync());
    }
}

/// <summary>A test that needs a PostgreSQL server of our own.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsPostgreSqlFactAttribute : FactAttribute
{
    public NeedsPostgreSqlFactAttribute()
    {
        if (PostgreSqlServer.Missing is { } why) Skip = $"SKIPPED: {why}";
        else if (Environment.GetEnvironmentVariable("EXPOSURE_POSTGRES") is { Length: > 0 }) Skip = "SKIPPED: only a server of our own is killed.";
    }
}
