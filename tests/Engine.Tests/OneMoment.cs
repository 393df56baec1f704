using ExposureMonitor.Storage;
using ExposureMonitor.Storage.Tests;
using Npgsql;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>A command that reads beside a service sees one moment of it: what is committed while it reads is no contradiction.</summary>
public sealed class OneMoment(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    [Fact]
    public async Task In_SQLite()
    {
        var folder = Directory.CreateTempSubdirectory("exposure-moment-").FullName;
        await RunAsync($"sqlite:{folder}/book.db");
        Directory.Delete(folder, recursive: true);
    }

    [PostgreSqlFact]
    public async Task In_PostgreSQL()
    {
        await RunAsync(await server.NewDatabaseAsync());
        NpgsqlConnection.ClearAllPools();
    }

    private static async Task RunAsync(string address)
    {
        var clock = new ToldClock();
        var today = DateOnly.FromDateTime(clock.GetUtcNow().Date).DayNumber;
        await JournalFactory.CreateAsync(address, new DatabaseInfo("test", "EUR", 2, "wall", "UTC", false));
        await using var engine = new ExposureEngine(await JournalFactory.OpenServiceAsync(address), clock);
        await engine.StartAsync();
        await OrderAsync(0);
        await using var reader = await JournalFactory.OpenMomentAsync(address);
        var before = await reader.HeadsAsync(default);
        await OrderAsync(1);
        // What it reads now for the first time is of that moment as well.
        Assert.Equal(before.Select(h => h.Seq), (await reader.HeadsAsync(default)).Select(h => h.Seq));
        var more = OrderAsync(2);
        var report = await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None);
        await more;
        Assert.Equal((null, before.Sum(h => h.Seq)), (report.Violation, report.Frames));
        Assert.Equal(before.Select(h => h.Seq), (await reader.HeadsAsync(default)).Select(h => h.Seq));

        await using var later = await JournalFactory.OpenMomentAsync(address);
        Assert.Equal(before.Sum(h => h.Seq) + 8, (await later.HeadsAsync(default)).Sum(h => h.Seq));

        // Each order is a frame of its own.
        async Task OrderAsync(int round)
        {
            for (var c = 0; c < 4; c++)
                await engine.SubmitAsync(new Domain.OrderPlaced { Customer = $"C{c}", EventId = $"e{round}-{c}", Source = "t", OrderId = $"O{round}-{c}", Amount = 100, Currency = Bench.Eur, OrderedOn = today, ShipOn = today });
        }
    }
}
