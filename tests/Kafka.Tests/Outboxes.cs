using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Kafka.Tests;

/// <summary>Decisions, signals and dead letters on their topics: nothing lost, in order, under ids that never change.</summary>
[Collection(nameof(KafkaBroker))]
public sealed class Outboxes(KafkaBroker broker)
{
    [Fact]
    public async Task What_was_committed_stands_in_its_topics_once_and_in_order()
    {
        await using var here = await Installation.CreateAsync(broker);
        await here.StartAsync();
        await using var pump = await here.PumpAsync();
        await TellAsync(here, customers: 20, orders: 5);
        await here.WriteAsync(here.Options.Orders, "C1", "{not json"u8.ToArray());
        await here.WriteAsync(here.Options.Orders, "C2", [0xff, 0x00, 0x12]);
        var future = Feeds.Invoice("C1", "I1", 1_234);
        future.Time = Instant.From(DateTimeOffset.UtcNow.AddYears(10));
        await here.TellAsync(here.Options.Receivables, future);
        await here.DrainAsync();
        await here.SentAsync(pump);

        var (expected, found) = (await OutTopics.ExpectedAsync(here.Engine.Reader), OutTopics.Read(here.Options));
        OutTopics.AssertComplete(expected, found);
        Assert.Equal(expected.Count, found.Count);
        Assert.Equal(100, found.Count(m => m.Topic == here.Options.Decisions && m.Type == "credit.check.decided.v1"));
        Assert.Equal(100, found.Count(m => m.Topic == here.Options.Decisions && m.Type == HoldChanged.Held));
        var dead = found.Where(m => m.Topic == here.Options.DeadLetters).ToList();
        Assert.Equal(["FUTURE_DATED", "NOT_JSON", "NOT_JSON"], dead.Select(d => d.Data.GetProperty("reason").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal("1234", Assert.Single(dead, d => d.Data.TryGetProperty("event", out _)).Data.GetProperty("event").GetProperty("amount").GetString());
        Assert.Equal(["{not json"], dead.Where(d => d.Data.TryGetProperty("record", out _)).Select(d => d.Data.GetProperty("record").GetString()));
        Assert.Equal(["/wAS"], dead.Where(d => d.Data.TryGetProperty("recordBase64", out _)).Select(d => d.Data.GetProperty("recordBase64").GetString()));
        Assert.All(dead.Where(d => d.Data.GetProperty("reason").GetString() != "FUTURE_DATED"), d => Assert.Equal(here.Options.Orders, d.Data.GetProperty("position").GetProperty("topic").GetString()));
        Assert.All(pump.Status.Targets, t => Assert.Null(t.OldestWaiting));
        Assert.Equal((0, 0, ""), (pump.Status.Behind, pump.Status.Failures, pump.Status.Trouble));
        await here.StopAsync();
    }

    [Fact]
    public async Task A_restart_sends_on_from_the_cursor()
    {
        await using var here = await Installation.CreateAsync(broker);
        await here.StartAsync();
        await using (var pump = await here.PumpAsync())
        {
            await TellAsync(here, customers: 5, orders: 3);
            await here.DrainAsync();
            await here.SentAsync(pump);
        }

        var before = OutTopics.Read(here.Options).Count;
        await TellAsync(here, customers: 5, orders: 2, first: 100);
        await here.DrainAsync();
        await using (var pump = await here.PumpAsync())
        {
            await here.SentAsync(pump);
            var (expected, found) = (await OutTopics.ExpectedAsync(here.Engine.Reader), OutTopics.Read(here.Options));
            OutTopics.AssertComplete(expected, found);
            Assert.Equal(expected.Count, found.Count);
            Assert.Equal(found.Count - before, pump.Status.Targets.Sum(t => t.Sent));
        }

        await here.StopAsync();
    }

    [RealKafkaFact]
    public async Task A_process_that_is_killed_between_confirmation_and_cursor_sends_again_under_the_same_ids()
    {
        await using var here = await Installation.CreateAsync(broker);
        await here.StartAsync();
        await TellAsync(here, customers: 20, orders: 15);
        await here.DrainAsync();
        await here.StopAsync();

        // Each of them confirms more and dies before its first, second, … cursor; the last one may end.
        for (var kill = 1; kill <= 3; kill++) Assert.Equal(137, await ChildProcess.RunAsync("pump", here.Database, here.Options, $"{kill}"));
        Assert.Equal(0, await ChildProcess.RunAsync("pump", here.Database, here.Options, "0"));
        await using var reader = await JournalFactory.OpenReaderAsync(here.Database);
        var (expected, found) = (await OutTopics.ExpectedAsync(reader), OutTopics.Read(here.Options));
        OutTopics.AssertComplete(expected, found);
        Assert.True(found.Count > expected.Count, "no kill fell between confirmation and cursor");
    }

    [RealKafkaFact]
    public async Task A_broker_that_is_killed_costs_lag_and_nothing_else()
    {
        if (!broker.IsOurs) return;
        await using var here = await Installation.CreateAsync(broker);
        await here.OpenAsync();
        await using var pump = await here.PumpAsync();
        await here.SubmitAsync(customers: 10, orders: 3, first: 0);
        await here.SentAsync(pump);
        await broker.KillAsync();
        try
        {
            // Decisions are taken and committed as if nothing were wrong; the backlog and its reason are told.
            await here.SubmitAsync(customers: 10, orders: 30, first: 100);
            await Until.TrueAsync(() => pump.Status is { Behind: > 0, Trouble.Length: > 0 } && pump.Status.Targets.Any(t => t.OldestWaiting is not null));
            Assert.Equal(ServiceHealth.Waiting, pump.Look().Health);
        }
        finally
        {
            await broker.StartAgainAsync();
        }

        await here.SentAsync(pump);
        var (expected, found) = (await OutTopics.ExpectedAsync(here.Engine.Reader), OutTopics.Read(here.Options));
        OutTopics.AssertComplete(expected, found);
        Assert.Equal((0, "", ServiceHealth.Running), (pump.Status.Behind, pump.Status.Trouble, pump.Look().Health));
        await here.Engine.DisposeAsync();
    }

    [Fact]
    public async Task Topics_that_are_missing_are_named_before_anything_is_sent()
    {
        await using var here = await Installation.CreateAsync(broker);
        here.Options = here.Options with { Signals = "nobody.made.this" };
        var refused = await Assert.ThrowsAsync<KafkaRefusedException>(() => KafkaOutbox.OpenAsync(here.Options, "env"));
        Assert.Contains("Topic nobody.made.this: it does not exist; `exposure kafka topics --create`", refused.Message, StringComparison.Ordinal);
    }

    private static async Task TellAsync(Installation here, int customers, int orders, int first = 0)
    {
        for (var n = first; n < first + orders; n++)
            await Task.WhenAll(Enumerable.Range(1, customers).Select(c => here.TellAsync(here.Options.Orders, Feeds.Order($"C{c}", $"O{n}", 100 + n))));
    }
}

/// <summary>Waits for a state that comes by itself.</summary>
internal static class Until
{
    internal static async Task TrueAsync(Func<bool> isTrue)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!isTrue()) await often.WaitForNextTickAsync(limit.Token);
    }
}
