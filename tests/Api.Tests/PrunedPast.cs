using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>A service on a journal whose older months are gone: it says since when it knows, and never makes something up.</summary>
public sealed class PrunedPast
{
    [Fact]
    public async Task The_past_before_a_base_is_gone_with_the_moment_from_which_it_is_known()
    {
        var service = new Service();
        var address = "sqlite:" + Path.Combine(service.Folder, "book.db");
        await JournalFactory.CreateAsync(address, new DatabaseInfo("test", "EUR", 4, "wall", "UTC", false));
        var (old, newer) = (DateTimeOffset.UtcNow.AddDays(-100), DateTimeOffset.UtcNow.AddDays(-40));
        var first = await TellAsync(address, old, "O1");
        var second = await TellAsync(address, newer, "O2");
        await PruneAsync(address, DateOnly.FromDateTime(newer.UtcDateTime));
        await service.InitializeAsync();
        try
        {
            await AssertGoneAsync(service, $"/customers/C/as-of?at={Uri.EscapeDataString(old.AddMinutes(-1).ToString("O"))}");
            await AssertGoneAsync(service, $"/customers/C/as-of?seq={first.Seq - 1}");
            await AssertGoneAsync(service, $"/customers/C/history/{first}");
            await AssertGoneAsync(service, $"/dead-letters/{first}");
            Assert.Equal(200, (await service.SendAsync("Viewer", "GET", $"/customers/C/history/{second}", null, null)).Code);
            var past = await service.SendAsync("Viewer", "GET", $"/customers/C/as-of?seq={second.Seq}", null, null);
            Assert.Equal((200, true), (past.Code, past.Body.Contains("\"held\":\"20000\"", StringComparison.Ordinal)));
            using var history = JsonDocument.Parse((await service.SendAsync("Viewer", "GET", "/customers/C/history", null, null)).Body);
            Assert.True(history.RootElement.GetProperty("prunedUpTo").GetDateTimeOffset() < newer);
            Assert.Equal(second.ToString(), Assert.Single(history.RootElement.GetProperty("entries").EnumerateArray()).GetProperty("entry").GetString());
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    private static async Task AssertGoneAsync(Service service, string path)
    {
        var answer = await service.SendAsync(path.StartsWith("/dead", StringComparison.Ordinal) ? "Approver" : "Viewer", "GET", path, null, null);
        Assert.Equal(410, answer.Code);
        Assert.Contains("PRUNED", answer.Body, StringComparison.Ordinal);
        Assert.Contains("was pruned up to sequence", answer.Body, StringComparison.Ordinal);
    }

    private static async Task<EntryPosition> TellAsync(string address, DateTimeOffset when, string order)
    {
        await using var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(address, offline: true), new StoppedClock(when));
        await engine.StartAsync();
        var day = DateOnly.FromDateTime(when.UtcDateTime).DayNumber;
        return (await engine.SubmitAsync(new OrderPlaced { Customer = "C", EventId = order, Source = "t", OrderId = order, Amount = 100_00, Currency = Currency.Parse("EUR"), OrderedOn = day, ShipOn = day })).At;
    }

    private static async Task PruneAsync(string address, DateOnly before)
    {
        await using var journal = await JournalFactory.OpenWriterAsync(address, offline: true);
        var plan = await PruningPlan.MakeAsync(journal.Reader, await journal.RangesAsync(default), before, default);
        var pruner = new Pruner(journal.Reader, journal, journal.Database, TimeProvider.System);
        var (seal, _) = await pruner.WriteAsync(plan, null, _ => { }, default);
        await pruner.SealAsync(seal, default);
        await pruner.DropAsync(plan, _ => { }, default);
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
